package io.weft.vxlan;

import io.weft.bridge.PortSettings;
import io.weft.port.PortException;
import io.weft.port.PortProviders;
import io.weft.tap.HostPair;
import io.weft.tap.NetworkNamespace;
import io.weft.tunnel.RemoteEnd;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Hosts on one segment over an underlay: host 1 has a TAP of a switch whose VXLAN port has its sockets at site 1; the others
 * are behind the kernel's own VXLAN devices at sites of their own. Sites have addresses 10.0.0.N and fd00::N where a bridge
 * joins them, 10.0.N.1 and fd00:N::1 where a router does.
 *
 * <p>Threads: confined.
 */
final class KernelNetwork extends HostPair {
    /** VNI of the segment where nothing else is said. */
    static final int VNI = 100;

    /** What lies in the middle of the underlay. */
    final NetworkNamespace core = namespace("core");

    private final boolean routed;
    private final int ipVersion;
    private final Map<Integer, NetworkNamespace> sites = new LinkedHashMap<>();
    private final Map<Integer, NetworkNamespace> hosts = new LinkedHashMap<>(Map.of(1, host1, 2, host2));
    private VxlanPort port;

    /** With a bridge in the middle. */
    static KernelNetwork bridged(int ipVersion) throws PortException {
        return new KernelNetwork(ipVersion, false);
    }

    /** With a router in the middle. */
    static KernelNetwork routed(int ipVersion) throws PortException {
        return new KernelNetwork(ipVersion, true);
    }

    private KernelNetwork(int ipVersion, boolean routed) throws PortException {
        this.ipVersion = ipVersion;
        this.routed = routed;
        orClose(() -> {
            if (routed) {
                sh(
                        core,
                        "sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1"
                                + " net.ipv6.conf.default.accept_dad=0");
            } else {
                sh(
                        core,
                        "sysctl -qw net.ipv6.conf.default.disable_ipv6=1",
                        "ip link add br0 up type bridge mcast_snooping 0");
            }
        });
    }

    /** Runs lines of a shell in a namespace; the first that fails ends it. */
    static String sh(NetworkNamespace where, String... lines) {
        return where.run("sh", "-ec", String.join("\n", lines));
    }

    /** A site of the underlay, which its interface {@code eth0} joins to the core's {@code siteN}. */
    NetworkNamespace site(int number) {
        return sites.computeIfAbsent(number, this::newSite);
    }

    private NetworkNamespace newSite(int number) {
        NetworkNamespace site = namespace("u" + number);
        String joint = "site" + number;
        sh(
                site,
                // There is nobody else, so that addresses are used at once (RFC 4862, 5.4), and nobody asks for
                // routers.
                "sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.router_solicitations=0"
                        + " net.ipv6.conf.default.accept_ra=0",
                "ip link add eth0 type veth peer name " + joint + " netns " + core.name(),
                "ip address add " + address(number, 4) + "/24 dev eth0",
                "ip address add " + address(number, 6) + "/64 dev eth0",
                "ip link set eth0 up");
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
        return site;
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

    /** Bytes of an IP packet that fits inside. */
    int innerMtu() {
        return ipVersion == 4 ? 1_450 : 1_430;
    }

    // ---- Weft ----

    /** Plugs host 1 into the switch, and adds the VXLAN port {@code vx0} with more options. */
    void weft(String options) throws PortException {
        weft("key=" + VNI, options, PortSettings.DEFAULT);
    }

    /** As {@link #weft(String)}, with what is to be there in place of a VNI, and settings of host 1's port. */
    void weft(String key, String options, PortSettings near) throws PortException {
        lan.add("tap:eth1?" + station(1) + "&netns=" + host1.name() + "&mtu=" + innerMtu(), near);
        port = (VxlanPort) PortProviders.create("vxlan:vx0?" + key + "&netns=" + site(1).name() + "&" + options);
        lan.add(port);
    }

    private static String station(int host) {
        return "address=" + hostAddress(host, 4) + "/24&address=" + hostAddress(host, 6) + "/64&hwaddr=" + mac(host);
    }

    /** The VXLAN port. */
    VxlanPort vxlan() {
        return port;
    }

    /** Its only remote end. */
    RemoteEnd remote() {
        return port.remotes().get(0);
    }

    // ---- hosts ----

    static String mac(int host) {
        return "02:00:00:00:09:0" + host;
    }

    static String hostAddress(int host, int version) {
        return version == 4 ? "10.9.0." + host : "fd09::" + host;
    }

    NetworkNamespace host(int number) {
        return hosts.computeIfAbsent(number, made -> namespace("h" + made));
    }

    /** Puts host N behind a kernel's VXLAN device at site N. */
    void kernel(int number, String vxlan) {
        kernel(number, VNI, vxlan);
    }

    /** As {@link #kernel(int, String)}, in a segment with another VNI. */
    void kernel(int number, int vni, String vxlan) {
        sh(
                site(number),
                "ip link add br0 type bridge mcast_snooping 0",
                "ip link add port type veth peer name eth" + number + " address " + mac(number) + " netns "
                        + host(number).name(),
                "ip link set port master br0 up");
        kernelDevice(number, vni, vxlan);
        sh(
                host(number),
                "ip link set eth" + number + " mtu " + innerMtu() + " up",
                "ip address add " + hostAddress(number, 4) + "/24 dev eth" + number,
                "ip address add " + hostAddress(number, 6) + "/64 dev eth" + number);
    }

    /** Makes the kernel's VXLAN device {@code vx0} of a site, in its bridge. */
    void kernelDevice(int site, int vni, String vxlan) {
        sh(
                site(site),
                "ip link add vx0 type vxlan id " + vni + " local " + address(site) + " " + vxlan,
                "ip link set vx0 master br0 up",
                "ip link set br0 up");
    }
}
