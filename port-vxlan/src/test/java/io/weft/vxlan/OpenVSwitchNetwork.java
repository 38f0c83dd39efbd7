package io.weft.vxlan;

import io.weft.OpenVSwitch;
import io.weft.bridge.PortSettings;
import io.weft.bridge.VlanSettings;
import io.weft.port.PortException;
import io.weft.port.PortProviders;
import io.weft.tap.HostPair;
import io.weft.tap.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * Two hosts on one segment, one at Weft, one at Open vSwitch: host 1 has the TAP {@code eth1} of a switch whose VXLAN sockets
 * are in namespace {@code u1}; a cable leads from there to {@code u2}, where an Open vSwitch of the test's own has the other
 * end, the VTEP's address and a bridge with host 2's {@code eth2}.
 *
 * <p>Threads: confined.
 */
final class OpenVSwitchNetwork extends HostPair {
    /** Bytes of an inner packet that fits over IPv4 and IPv6. */
    static final int MTU = 1_430;

    private final NetworkNamespace u1 = namespace("u1");
    private final NetworkNamespace u2 = namespace("u2");
    private final int ipVersion;
    private OpenVSwitch other;
    private Path directory;

    /** A network without tunnels, with an underlay of IPv4 or IPv6. */
    OpenVSwitchNetwork(int ipVersion) throws PortException {
        this.ipVersion = ipVersion;
        orClose(this::layCables);
    }

    /** Skips the calling test where something is missing. */
    static void assumeAvailable() {
        NetworkNamespace.assumeAvailable();
        for (String program : new String[] {"ethtool", "ping", "iperf3", "python3"}) {
            NetworkNamespace.assumeProgram(program);
        }
        String missing = OpenVSwitch.missing();
        Assumptions.assumeTrue(missing == null, "skipped: " + missing);
    }

    private void layCables() throws PortException {
        // There is nobody else, so that addresses are used at once (RFC 4862, 5.4).
        for (NetworkNamespace each : List.of(u1, u2, host1, host2)) {
            each.run("sh", "-c", "echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad");
        }
        u1.run("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", u2.name());
        offloadsOff(u1, "eth0");
        u1.run("ip", "address", "add", weftAddress() + prefix(), "dev", "eth0");
        u1.run("ip", "link", "set", "eth0", "up");
        u2.run("ip", "link", "set", "eth0", "up");
        plugIn("eth2", MAC_2, MTU, "10.9.0.2/24", "fd09::2/64");
        lan.add("tap:eth1?address=10.9.0.1/24&address=fd09::1/64&hwaddr=" + MAC_1 + "&mtu=" + MTU + "&netns="
                + host1.name());
    }

    /** Gives host 2 an interface, whose other end Open vSwitch can have as {@code to-DEVICE}. */
    private void plugIn(String device, String mac, int mtu, String... addresses) {
        String far = "to-" + device;
        host2.run(
                "ip", "link", "add", device, "mtu", "" + mtu, "type", "veth", "peer", "name", far, "netns", u2.name());
        host2.run("ip", "link", "set", device, "address", mac);
        offloadsOff(host2, device);
        for (String address : addresses) {
            host2.run("ip", "address", "add", address, "dev", device);
        }
        host2.run("ip", "link", "set", device, "up");
        u2.run("ip", "link", "set", far, "up");
    }

    /** Open vSwitch reads the wire, where a checksum, a cut or a tag that is left to an offload is a wrong one. */
    private static void offloadsOff(NetworkNamespace where, String device) {
        where.run("ethtool", "-K", device, "tx", "off", "txvlan", "off");
    }

    private String prefix() {
        return ipVersion == 4 ? "/24" : "/64";
    }

    /** The address of the switch's VTEP. */
    String weftAddress() {
        return ipVersion == 4 ? "10.0.0.1" : "fd00::1";
    }

    /** The address of Open vSwitch's VTEP. */
    String otherAddress() {
        return ipVersion == 4 ? "10.0.0.2" : "fd00::2";
    }

    /** Adds a VXLAN port to the switch, with more options. */
    VxlanPort tunnel(String name, String options, PortSettings settings) throws PortException {
        VxlanPort port = (VxlanPort) PortProviders.create("vxlan:" + name + "?netns=" + u1.name() + "&local_ip="
                + weftAddress() + "&remote_ip=" + otherAddress() + "&" + options);
        lan.add(port, settings);
        return port;
    }

    // ---- Open vSwitch ----

    /** Starts Open vSwitch with host 2 at its bridge {@code over}, and no tunnel. */
    void startOther() throws Exception {
        directory = Files.createTempDirectory("weft-ovs");
        other = OpenVSwitch.startIn(directory, u2.name());
        other.vsctl("add-br", "under", "--", "set", "bridge", "under", "datapath_type=netdev", "fail-mode=standalone");
        other.vsctl("add-port", "under", "eth0");
        u2.run("ip", "address", "replace", otherAddress() + prefix(), "dev", "under");
        u2.run("ip", "link", "set", "under", "up");
        other.vsctl("add-br", "over", "--", "set", "bridge", "over", "datapath_type=netdev", "fail-mode=standalone");
        other.vsctl("add-port", "over", "to-eth2");
    }

    /** Adds a VXLAN port to Open vSwitch's bridge, with settings such as {@code options:key=100}; {@code tag} 0 for a trunk. */
    void otherTunnel(String name, int tag, String... settings) throws Exception {
        other.vsctl(Stream.of(
                        Stream.of("add-port", "over", name),
                        tag == 0 ? Stream.<String>of() : Stream.of("tag=" + tag),
                        Stream.of("--", "set", "interface", name, "type=vxlan"),
                        Stream.of(settings),
                        Stream.of(optionOf("remote_ip", weftAddress()), optionOf("local_ip", otherAddress())))
                .flatMap(part -> part)
                .toArray(String[]::new));
    }

    private static String optionOf(String name, String address) {
        return "options:" + name + "=\"" + address + "\""; // quoted, since IPv6's colons mean something there
    }

    /** Changes settings of an interface of Open vSwitch. */
    void otherSet(String name, String... settings) throws Exception {
        other.vsctl(Stream.concat(Stream.of("set", "interface", name), Stream.of(settings))
                .toArray(String[]::new));
    }

    /** A value of Open vSwitch's database, without quotes; empty where there is none. */
    String otherStatus(String column, String tunnel) {
        try {
            return other.vsctl("--if-exists", "get", "interface", tunnel, column)
                    .strip()
                    .replace("\"", "");
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Ends Open vSwitch; what it had made goes with it. */
    void stopOther() throws Exception {
        try (OpenVSwitch ending = other) {
            other = null;
        } finally {
            if (directory != null) {
                delete(directory);
                directory = null;
            }
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    // ---- VLANs ----

    /**
     * Gives each host an interface {@code vSUBNET}, with the addresses 10.SUBNET.0.N and fd10:SUBNET::N and a station address
     * that tells VLANs apart, which is in a VLAN of the switch and of Open vSwitch: hosts know nothing of tags.
     */
    void vlan(int vlanHere, int vlanThere, int subnet) throws Exception {
        String device = "v" + subnet;
        int mtu = MTU - 4; // with the tag it still fits
        lan.add(
                "tap:" + device + "?address=" + address4(subnet, 1) + "&address=" + address6(subnet, 1) + "&hwaddr="
                        + vlanMac(subnet, 1) + "&mtu=" + mtu + "&netns=" + host1.name(),
                access(vlanHere));
        plugIn(device, vlanMac(subnet, 2), mtu, address4(subnet, 2), address6(subnet, 2));
        other.vsctl("add-port", "over", "to-" + device, "tag=" + vlanThere);
    }

    /** A port that is in one VLAN, untagged. */
    static PortSettings access(int vlan) {
        return PortSettings.builder().vlans(VlanSettings.access(vlan)).build();
    }

    private static String address4(int subnet, int host) {
        return "10." + subnet + ".0." + host + "/24";
    }

    private static String address6(int subnet, int host) {
        return "fd10:" + subnet + "::" + host + "/64";
    }

    /** The station address of a host in a VLAN. */
    static String vlanMac(int subnet, int number) {
        return "02:00:00:00:%02x:%02x".formatted(subnet, number);
    }

    @Override
    public void close() {
        try {
            stopOther();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        } finally {
            super.close();
        }
    }
}
