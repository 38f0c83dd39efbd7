package io.weft.srv6;

import io.weft.VirtualSwitch;
import io.weft.Wire;
import io.weft.port.PortException;
import io.weft.tap.HostPair;
import io.weft.tap.NetworkNamespace;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/**
 * Two hosts, each behind a site of an IPv6 underlay, with the router {@code core} between the sites. Site N has the address
 * {@code fc00:N::1} and the locator {@code fc00:N::/32}, the router {@code fc00:9::/32}. At a site is a port of ours, which gets its
 * packets from a TAP or TUN of the host, or the kernel with a cable to the host; so is the router the kernel, or a node of ours with
 * {@code fc00:8::/32} besides.
 *
 * <p>The kernel's L2 headend takes frames that are routed by it, so the end of the cable at a site has the MAC address of the other
 * host, and hosts know each other's without asking.
 *
 * <p>Threads: confined.
 */
final class KernelSites extends HostPair {
    private static final int MOST_HEADERS = 200; // of two encapsulations, or one with eight segments

    /** Of {@link #vrf}. */
    static final int VRF_TABLE = 100;

    final NetworkNamespace core = namespace("core");
    final NetworkNamespace site1 = namespace("u1");
    final NetworkNamespace site2 = namespace("u2");

    /** Bytes of the hosts' packets, which leave room for the headers. */
    final int mtu;

    private final int underlayMtu;
    private String headendTable = "";
    private Wire wire;
    private VirtualSwitch node;

    KernelSites(int underlayMtu) throws PortException {
        this.underlayMtu = underlayMtu;
        mtu = underlayMtu - MOST_HEADERS;
        orClose(() -> {
            for (NetworkNamespace each : List.of(core, site1, site2, host1, host2)) {
                sh(
                        each,
                        "sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.router_solicitations=0"
                                + " net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0");
            }
            for (NetworkNamespace each : List.of(core, site1, site2)) {
                sh(
                        each,
                        "sysctl -qw net.ipv6.conf.all.forwarding=1 net.ipv4.ip_forward=1 net.ipv6.conf.all.seg6_enabled=1"
                                + " net.ipv6.conf.default.seg6_enabled=1");
            }
            join(1);
            join(2);
        });
    }

    /** Skips the calling test where there are no namespaces, or a program is not installed, or the kernel has no segment routing. */
    static void assumeAvailable() {
        NetworkNamespace.assumeAvailable();
        for (String program : new String[] {"ping", "iperf3", "python3", "ethtool"}) {
            NetworkNamespace.assumeProgram(program);
        }
        try (NetworkNamespace probe = NetworkNamespace.create("probe")) {
            Assumptions.assumeTrue(
                    probe.succeeds("ip", "sr", "tunsrc", "show"), "skipped: this kernel has no segment routing (seg6)");
        }
    }

    /** Runs lines of a shell in a namespace; the first that fails ends it. */
    static String sh(NetworkNamespace where, String... lines) {
        return where.run("sh", "-ec", String.join("\n", lines));
    }

    private void join(int number) {
        String joint = "site" + number;
        sh(
                site(number),
                "ip link add eth0 mtu " + underlayMtu + " type veth peer name " + joint + " mtu " + underlayMtu
                        + " netns " + core.name(),
                "ip address add " + address(number) + "/64 dev eth0",
                "ip link set eth0 up");
        sh(
                core,
                "ip address add fc00:" + number + "::fe/64 dev " + joint,
                "ip link set " + joint + " up",
                "ip -6 route add fc00:" + number + "::/32 via " + address(number));
        sh(site(number), "ip -6 route add default via fc00:" + number + "::fe");
    }

    NetworkNamespace site(int number) {
        return number == 1 ? site1 : site2;
    }

    NetworkNamespace host(int number) {
        return number == 1 ? host1 : host2;
    }

    static String address(int site) {
        return "fc00:" + site + "::1";
    }

    private static String mac(int number) {
        return number == 1 ? MAC_1 : MAC_2;
    }

    // ---- ends of ours ----

    /** The URI of a port at a site with a remote end at the other one; options have an ampersand between them. */
    String uri(int site, String options) {
        return "srv6:s" + site + "?netns=" + site(site).name() + "&local_ip=" + address(site) + "&sid_route=auto&"
                + options;
    }

    /** A host with a TAP at the switch, and a port of Ethernet frames. */
    void ethernet(int site, String options) throws PortException {
        lan.add("tap:eth" + site + "?address=10.9.0." + site + "/24&address=fd09::" + site + "/64&mtu=" + mtu
                + "&hwaddr=" + mac(site) + "&netns=" + host(site).name());
        introduce(site);
        lan.add(uri(site, options));
    }

    /** A host with a TUN, joined to a port of IP packets. */
    Wire packets(int site, String options) throws PortException {
        wire = Wire.between(
                "tun:tun" + site + "?address=10.9.0." + site + "/24&address=fd09::" + site + "/64&mtu=" + mtu
                        + "&netns=" + host(site).name(),
                uri(site, "mode=l3&" + options));
        return wire;
    }

    /** A node of ours at the router, with these SIDs and one of End.DT2U; its source address is {@code fc00:8::1}. */
    VirtualSwitch node(String... sids) throws PortException {
        sh(core, "ip address add fc00:8::1/128 dev lo");
        StringBuilder uri = new StringBuilder("srv6:node?mode=bridge&netns=" + core.name()
                + "&local_ip=fc00:8::1&sr_domain=fc00::/16&sid_route=auto&sid=fc00:8:0:d2:: End.DT2U");
        for (String sid : sids) {
            uri.append("&sid=").append(sid);
        }
        node = VirtualSwitch.builder().name("node-" + core.name()).build();
        node.add(uri.toString());
        return node;
    }

    // ---- the kernel's ----

    /** A host with a cable to its site, whose end there is {@code p0}. */
    void kernelHost(int site) {
        sh(
                site(site),
                "ip link add p0 address " + mac(3 - site) + " mtu " + mtu + " type veth peer name eth" + site
                        + " address " + mac(site) + " mtu " + mtu + " netns "
                        + host(site).name(),
                "ip address add 10.9.0.25" + site + "/24 dev p0",
                "ip address add fd09::25" + site + "/64 dev p0",
                "ip link set p0 up",
                "ip neighbour replace 10.9.0." + site + " lladdr " + mac(site) + " dev p0 nud permanent",
                "ip neighbour replace fd09::" + site + " lladdr " + mac(site) + " dev p0 nud permanent",
                "ip sr tunsrc set " + address(site));
        sh(
                host(site),
                "ip address add 10.9.0." + site + "/24 dev eth" + site,
                "ip address add fd09::" + site + "/64 dev eth" + site,
                "ip link set eth" + site + " up");
        introduce(site);
    }

    /** Puts the end of a host's cable into a routing table of its own, which the kernel's End.DT4 and End.DT46 need. */
    void vrf(int site) {
        change(site(site), "ip link add vrf0 type vrf table " + VRF_TABLE);
        sh(site(site), "sysctl -qw net.vrf.strict_mode=1", "ip link set vrf0 up", "ip link set p0 master vrf0");
        headendTable = " table " + VRF_TABLE;
    }

    /** The other host's address is known. */
    private void introduce(int site) {
        int other = 3 - site;
        sh(
                host(site),
                "ip neighbour replace 10.9.0." + other + " lladdr " + mac(other) + " dev eth" + site + " nud permanent",
                "ip neighbour replace fd09::" + other + " lladdr " + mac(other) + " dev eth" + site + " nud permanent");
    }

    /** The kernel sends what its host has for the other one by these segments. */
    void kernelSends(int site, String mode, String segments) {
        kernelSends(site, mode, segments, segments);
    }

    /** The same with others for IPv6. */
    void kernelSends(int site, String mode, String segments4, String segments6) {
        int other = 3 - site;
        change(
                site(site),
                "ip route replace 10.9.0." + other + "/32 encap seg6 mode " + mode + " segs " + segments4 + " dev eth0"
                        + headendTable);
        change(
                site(site),
                "ip -6 route replace fd09::" + other + "/128 encap seg6 mode " + mode + " segs " + segments6
                        + " via fc00:" + site + "::fe dev eth0");
    }

    /** A SID of the kernel's at a site. */
    void kernelTakes(int site, String sid, String action) {
        kernelTakes(site(site), sid, action);
    }

    /** A SID of the kernel's at the router. */
    void kernelPasses(String sid, String action) {
        kernelTakes(core, sid, action);
    }

    private static void kernelTakes(NetworkNamespace where, String sid, String action) {
        String dev = where.succeeds("ip", "link", "show", "eth0") ? "eth0" : "site2";
        change(where, "ip -6 route replace " + sid + " encap seg6local action " + action + " dev " + dev);
    }

    /** Changes something, for which not every kernel is made. */
    private static void change(NetworkNamespace where, String command) {
        String[] words = command.split(" ");
        try {
            where.run(words);
        } catch (IllegalStateException e) {
            Assumptions.abort("skipped: this kernel cannot `" + command + "`: " + e.getMessage());
        }
    }

    // ---- at rest ----

    /** Waits until every packet is accounted for, of the switch and of the wires. */
    void allSettled() throws InterruptedException {
        settled();
        if (node != null) {
            NetworkNamespace.await(
                    "no frame unaccounted for", () -> node.statistics().unaccounted() == 0);
        }
        if (wire != null) {
            NetworkNamespace.await(
                    "no packet unaccounted for", () -> wire.statistics().unaccounted() == 0);
        }
    }

    @Override
    public void close() {
        if (wire != null) {
            wire.close();
        }
        if (node != null) {
            node.close();
        }
        super.close();
    }
}
