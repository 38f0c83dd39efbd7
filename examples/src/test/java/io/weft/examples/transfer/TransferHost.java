package io.weft.examples.transfer;

import io.weft.VirtualSwitch;
import io.weft.bridge.PortSettings;
import io.weft.port.PortException;
import io.weft.tap.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A host: a namespace with the interface {@code eth0}, which is a TAP, or one end of a veth pair whose other end
 * the switch has as an interface.
 *
 * <p>Threads: confined.
 */
final class TransferHost implements AutoCloseable {
    /** The most that each kind of interface takes. */
    private static final int MAX_MTU = 65_000;

    final NetworkNamespace namespace;
    private final int number;
    private final PortKind kind;
    private NetworkNamespace site;
    private TransferPeer peer;
    private ChecksumWitness witness;

    /** How the host is connected: by a scheme of a port, and what the port's option {@code offload} says. */
    record PortKind(String scheme, String offload) {
        /** Reads {@code tap-on}, {@code packet-off} and the like. */
        static PortKind parse(String text) {
            String[] parts = text.split("-");
            return new PortKind(parts[0], parts[1]);
        }

        /** Whether the host gets frames as they would be on a wire. */
        boolean plain() {
            return offload.equals("off");
        }
    }

    TransferHost(int number, PortKind kind) {
        this.number = number;
        this.kind = kind;
        namespace = NetworkNamespace.create("host" + number);
        // Addresses are used at once: there is nobody else, so none is tentative (RFC 4862, 5.4).
        namespace.run("sysctl", "-qw", "net.ipv6.conf.default.accept_dad=0");
    }

    PortKind kind() {
        return kind;
    }

    /** Its address, of IPv4 or IPv6. */
    String address(int ipVersion) {
        return ipVersion == 4 ? "10.9.0." + number : "fd09::" + number;
    }

    /** Connects the host to a switch, by a port called {@code host1} or {@code host2}. */
    void plugInto(VirtualSwitch lan, PortSettings settings) throws PortException {
        String options = "?name=host" + number + "&offload=" + kind.offload;
        if (kind.scheme.equals("tap")) {
            lan.add(
                    "tap:eth0" + options + "&netns=" + namespace.name() + "&mtu=" + MAX_MTU + "&address=" + address(4)
                            + "/24&address=" + address(6) + "/64",
                    settings);
        } else {
            site = NetworkNamespace.create("site" + number);
            site.run("sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1"); // a wire says nothing itself
            String mtu = "" + MAX_MTU;
            site.run(("ip link add wire mtu " + mtu + " type veth peer name eth0 mtu " + mtu + " netns "
                            + namespace.name())
                    .split(" "));
            site.run("ip", "link", "set", "wire", "up");
            namespace.run("ip", "address", "add", address(4) + "/24", "dev", "eth0");
            namespace.run("ip", "address", "add", address(6) + "/64", "dev", "eth0");
            namespace.run("ip", "link", "set", "eth0", "up");
            lan.add("packet:wire" + options + "&netns=" + site.name(), settings);
        }
    }

    void mtu(int bytes) {
        namespace.run("ip", "link", "set", "eth0", "mtu", "" + bytes);
        if (site != null) {
            site.run("ip", "link", "set", "wire", "mtu", "" + bytes);
        }
    }

    /** Starts the program that transfers, and, if frames are as on a wire here, the one that looks at them. */
    void start(Path folder, Path content) throws IOException, InterruptedException {
        peer = new TransferPeer(namespace, folder.resolve("peer" + number + ".py"), content);
        if (kind.plain()) {
            witness = new ChecksumWitness(namespace, folder.resolve("host" + number + ".pcap"));
        }
    }

    TransferPeer peer() {
        return peer;
    }

    /** Checks that neither the kernel nor, where frames are as on a wire, tshark has seen a bad checksum. */
    void assertNoBadChecksum(int minFrames) throws Exception {
        String count = peer.tell("checksum_errors");
        if (!count.equals("0")) {
            throw new AssertionError("host " + number + " has counted " + count + " checksum errors");
        }
        if (witness != null) {
            witness.assertNoBadChecksum(minFrames);
        }
    }

    @Override
    public void close() throws IOException {
        if (peer != null) {
            peer.close();
        }
        if (witness != null) {
            witness.close();
        }
        namespace.close();
        if (site != null) {
            site.close();
        }
    }
}
