package io.weft.gre;

import io.weft.OpenVSwitch;
import io.weft.port.PortException;
import io.weft.tap.HostPair;
import io.weft.tap.NetworkNamespace;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/**
 * Two hosts at two sites, between which GRE is the only way: namespaces {@code u1} and {@code u2} are joined by a cable, which
 * they call {@code eth0}. At {@code u2} an {@link OpenVSwitchSite} has host 2's {@code eth2}. At {@code u1} there is the switch
 * {@link #lan} with its ports' sockets, and host 1's TAP {@code eth1}; or another Open vSwitch with host 1's {@code eth1}, to see
 * what they say to each other.
 *
 * <p>Threads: confined.
 */
final class OpenVSwitchGre extends HostPair {
    /** Bytes of an inner packet that fits, with every option, over IPv4 and IPv6. */
    static final int MTU = 1_430;

    private static final String[][] HOST_ADDRESSES = {{"10.9.0.1", "fd09::1"}, {"10.9.0.2", "fd09::2"}};

    private final NetworkNamespace u1 = namespace("u1");
    private final NetworkNamespace u2 = namespace("u2");
    private final int ipVersion;
    private OpenVSwitchSite here;
    private OpenVSwitchSite there;

    /** A network without switches, with an underlay of IPv4 or IPv6. */
    OpenVSwitchGre(int ipVersion) throws PortException {
        this.ipVersion = ipVersion;
        orClose(this::layCable);
    }

    /** Skips the calling test where something is missing. */
    static void assumeAvailable() {
        NetworkNamespace.assumeAvailable();
        for (String program : new String[] {"ethtool", "ping", "tcpdump", "tshark"}) {
            NetworkNamespace.assumeProgram(program);
        }
        String missing = OpenVSwitch.missing();
        Assumptions.assumeTrue(missing == null, "skipped: " + missing);
    }

    private void layCable() {
        // There is nobody else, so that addresses are used at once (RFC 4862, 5.4).
        for (NetworkNamespace each : List.of(u1, u2, host1, host2)) {
            each.run("sh", "-c", "echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad");
        }
        u1.run("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", u2.name());
        for (NetworkNamespace each : List.of(u1, u2)) {
            offloadsOff(each, "eth0");
            each.run("ip", "link", "set", "eth0", "up");
        }
    }

    /** Open vSwitch reads the wire, where a checksum, a cut or a tag that is left to an offload is a wrong one. */
    private static void offloadsOff(NetworkNamespace where, String device) {
        where.run("ethtool", "-K", device, "tx", "off", "txvlan", "off");
    }

    // ---- addresses ----

    private String end(int number) {
        return (ipVersion == 4 ? "10.0.0." : "fd00::") + number;
    }

    private String endWithPrefix(int number) {
        return end(number) + (ipVersion == 4 ? "/24" : "/64");
    }

    /** The tunnels' address at {@code u1}. */
    String weftAddress() {
        return end(1);
    }

    /** The tunnels' address at Open vSwitch. */
    String otherAddress() {
        return end(2);
    }

    /** What a tunnel's URI says of its ends. */
    String ends() {
        return "netns=" + u1.name() + "&local_ip=" + end(1) + "&remote_ip=" + end(2);
    }

    /** A host's address of the inner network. */
    static String hostAddress(int host, int version) {
        return HOST_ADDRESSES[host - 1][version == 4 ? 0 : 1];
    }

    /** Both addresses of a host. */
    static String[] hostAddresses(int host) {
        return HOST_ADDRESSES[host - 1].clone();
    }

    private NetworkNamespace host(int number) {
        return number == 1 ? host1 : host2;
    }

    // ---- sites ----

    /** Gives {@code u1} its address, so that the switch's tunnels can begin there; host 1 gets no interface. */
    void addressHere() {
        u1.run("ip", "address", "add", endWithPrefix(1), "dev", "eth0");
    }

    /** The same, and has host 1 at the switch by a TAP port {@code eth1}. */
    void switchHere() throws PortException {
        addressHere();
        lan.add("tap:eth1?address=10.9.0.1/24&address=fd09::1/64&hwaddr=" + MAC_1 + "&mtu=" + MTU + "&netns="
                + host1.name());
    }

    /** Starts an Open vSwitch with host 2. */
    OpenVSwitchSite openVSwitchThere() throws Exception {
        plugIn(2);
        there = new OpenVSwitchSite(u2, endWithPrefix(2), end(1), host2, "eth2");
        return there;
    }

    /** Starts another in its place, once it has been closed. */
    OpenVSwitchSite openVSwitchAgain() throws Exception {
        there = new OpenVSwitchSite(u2, endWithPrefix(2), end(1), host2, "eth2");
        return there;
    }

    /** Starts an Open vSwitch with host 1, in the switch's place. */
    OpenVSwitchSite openVSwitchHere() throws Exception {
        plugIn(1);
        here = new OpenVSwitchSite(u1, endWithPrefix(1), end(2), host1, "eth1");
        return here;
    }

    /** Gives a host an interface {@code ethN}, whose other end its site's Open vSwitch can have as {@code to-ethN}. */
    private void plugIn(int number) {
        NetworkNamespace host = host(number);
        NetworkNamespace site = number == 1 ? u1 : u2;
        String device = "eth" + number;
        String far = "to-" + device;
        host.run(
                "ip",
                "link",
                "add",
                device,
                "mtu",
                "" + MTU,
                "type",
                "veth",
                "peer",
                "name",
                far,
                "netns",
                site.name());
        host.run("ip", "link", "set", device, "address", number == 1 ? MAC_1 : MAC_2);
        offloadsOff(host, device);
        host.run("ip", "address", "add", hostAddress(number, 4) + "/24", "dev", device);
        host.run("ip", "address", "add", hostAddress(number, 6) + "/64", "dev", device);
        host.run("ip", "link", "set", device, "up");
        site.run("ip", "link", "set", far, "up");
    }

    /** Sees what passes between the sites. */
    GreCapture capture(Path file) throws InterruptedException {
        return new GreCapture(u1, "eth0", file);
    }

    // ---- conversations ----

    /** Waits until a host answers the other one. */
    void awaitAnswer(int from, int version) throws InterruptedException {
        String to = hostAddress(3 - from, version);
        NetworkNamespace.await(to + " answers", () -> answers(from, version));
    }

    /** Whether a ping from a host is answered by the other. */
    boolean answers(int from, int version) {
        return host(from).succeeds("ping", "-c", "1", "-W", "1", hostAddress(3 - from, version));
    }

    /** Pings from a host to the other, short ones and one as long as fits, each of which is to be answered, and once. */
    void ping(int from, int version) {
        String to = hostAddress(3 - from, version);
        ping(from, 5, to);
        ping(from, 1, to, "-M", "do", "-s", "" + (MTU - (version == 4 ? 28 : 48)));
    }

    private void ping(int from, int count, String to, String... options) {
        List<String> command = new ArrayList<>(List.of("ping", "-c", "" + count, "-i", "0.05", "-w", "10"));
        command.addAll(List.of(options));
        command.add(to);
        String report = host(from).run(command.toArray(String[]::new));
        if (!report.contains(" " + count + " received") || report.contains("DUP!")) {
            throw new AssertionError(report);
        }
    }

    @Override
    public void close() {
        try (OpenVSwitchSite first = here;
                OpenVSwitchSite second = there) {
            here = null;
            there = null;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        } finally {
            super.close();
        }
    }
}
