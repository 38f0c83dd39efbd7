package io.weft.gre;

import io.weft.VirtualSwitch;
import io.weft.port.PortException;
import io.weft.port.PortProviders;
import io.weft.tap.HostPair;
import io.weft.tap.NetworkNamespace;
import io.weft.tunnel.RemoteEnd;
import io.weft.worker.AttachedDriver;
import java.util.List;

/**
 * Two hosts, each with a TAP of a switch of its own, whose tunnels have their sockets at sites 1 and 2 of an underlay; a bridge
 * or a router, namespace {@code core}, joins the sites' {@code eth0}. Addresses are 10.0.0.N and fd00::N, or 10.0.N.1 and
 * fd00:N::1.
 *
 * <p>Threads: confined.
 */
final class TwoSites extends HostPair {
    /** Bytes of an inner packet that fits, with every option, over IPv4 and IPv6. */
    static final int MTU = 1_420;

    /** What lies in the middle. */
    final NetworkNamespace core = namespace("core");

    final NetworkNamespace site1 = namespace("u1");
    final NetworkNamespace site2 = namespace("u2");

    /** Host 2's switch. */
    final VirtualSwitch farLan =
            VirtualSwitch.builder().name("far-" + host2.name()).build();

    private final int ipVersion;
    private final boolean routed;
    private GrePort near;
    private AttachedDriver far;
    private AttachedDriver farTap;

    /** With a bridge in the middle. */
    static TwoSites bridged(int ipVersion) throws PortException {
        return new TwoSites(ipVersion, false);
    }

    /** With a router in the middle. */
    static TwoSites routed(int ipVersion) throws PortException {
        return new TwoSites(ipVersion, true);
    }

    private TwoSites(int ipVersion, boolean routed) throws PortException {
        this.ipVersion = ipVersion;
        this.routed = routed;
        orClose(() -> {
            // There is nobody else, so that addresses are used at once (RFC 4862, 5.4).
            String quick = "sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.router_solicitations=0";
            for (NetworkNamespace each : List.of(core, site1, site2, host1, host2)) {
                sh(each, quick);
            }
            if (routed) {
                sh(core, "sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1");
            } else {
                sh(core, "ip link add br0 up type bridge mcast_snooping 0");
            }
            join(1);
            join(2);
            lan.add("tap:eth1?address=10.9.0.1/24&address=fd09::1/64&mtu=" + MTU + "&hwaddr=" + MAC_1 + "&netns="
                    + host1.name());
            farTap = farLan.add("tap:eth2?address=10.9.0.2/24&address=fd09::2/64&mtu=" + MTU + "&hwaddr=" + MAC_2
                    + "&netns=" + host2.name());
        });
    }

    /** Runs lines of a shell in a namespace; the first that fails ends it. */
    static String sh(NetworkNamespace where, String... lines) {
        return where.run("sh", "-ec", String.join("\n", lines));
    }

    private void join(int number) {
        NetworkNamespace site = site(number);
        String joint = "site" + number;
        sh(
                site,
                "ip link add eth0 type veth peer name " + joint + " netns " + core.name(),
                "ip address add " + address(number, 4) + "/24 dev eth0",
                "ip address add " + address(number, 6) + "/64 dev eth0",
                "ip link set eth0 up",
                "ethtool -K eth0 tx off");
        if (routed) {
            sh(
                    core,
                    "ip address add 10.0." + number + ".254/24 dev " + joint,
                    "ip address add fd00:" + number + "::fe/64 dev " + joint,
                    "ip link set " + joint + " up");
            sh(
                    site,
                    "ip route add default via 10.0." + number + ".254",
                    "ip route add default via fd00:" + number + "::fe");
        } else {
            sh(core, "ip link set " + joint + " master br0 up");
        }
        sh(core, "ethtool -K " + joint + " tx off"); // else the kernel merges nothing at its other end
    }

    NetworkNamespace site(int number) {
        return number == 1 ? site1 : site2;
    }

    /** A site's address. */
    String address(int site) {
        return address(site, ipVersion);
    }

    private String address(int site, int version) {
        if (routed) {
            return version == 4 ? "10.0." + site + ".1" : "fd00:" + site + "::1";
        }
        return version == 4 ? "10.0.0." + site : "fd00::" + site;
    }

    /** A tunnel's URI at a site, to the other one; options are separated by spaces. */
    String uri(String scheme, String name, int site, String options) {
        return scheme + ":" + name + "?netns=" + site(site).name() + "&local_ip=" + address(site) + "&remote_ip="
                + address(3 - site) + (options.isEmpty() ? "" : "&" + options.replace(' ', '&'));
    }

    /** Gives the near switch the tunnel {@code gre0}. */
    GrePort near(String options) throws PortException {
        near = (GrePort) PortProviders.create(uri("gretap", "gre0", 1, options));
        lan.add(near);
        return near;
    }

    /** Gives the far switch its end, {@code gre1}. */
    GrePort far(String options) throws PortException {
        GrePort port = (GrePort) PortProviders.create(uri("gretap", "gre1", 2, options));
        far = farLan.add(port);
        return port;
    }

    /** Removes host 2's TAP, so that somebody else's device can have its place. */
    void removeFarHost() {
        farTap.close();
    }

    /** Removes the far end. */
    void removeFar() {
        far.close();
    }

    /** The near tunnel. */
    GrePort near() {
        return near;
    }

    /** The near tunnel's remote end. */
    RemoteEnd remote() {
        return near.remotes().get(0);
    }

    /** Whether host 2 answers host 1. */
    boolean answers() {
        return host1.succeeds("ping", "-c", "1", "-W", "1", "10.9.0.2");
    }

    /** Waits until it does, and both hosts know their addresses. */
    void awaitAnswer() throws InterruptedException {
        awaitIpv6();
        NetworkNamespace.await("host 2 answers", this::answers);
    }

    @Override
    public void close() {
        farLan.close();
        super.close();
    }
}
