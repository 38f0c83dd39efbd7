package io.weft.packet;

import io.weft.port.PortException;
import io.weft.tap.NetworkNamespace;
import io.weft.tap.PacketSocket;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A namespace with a veth pair, {@code near} and {@code far}, on which nobody sends but the test.
 *
 * <p>Threads: confined.
 */
final class VethPair implements AutoCloseable {
    final NetworkNamespace namespace = NetworkNamespace.create("veth");
    private final List<AutoCloseable> open = new ArrayList<>();

    VethPair() {
        this(1_500);
    }

    VethPair(int mtu) {
        namespace.run("sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1");
        namespace.run(
                "ip", "link", "add", "near", "mtu", "" + mtu, "type", "veth", "peer", "name", "far", "mtu", "" + mtu);
        namespace.run("ip", "link", "set", "far", "up");
        namespace.run("ip", "link", "set", "near", "up");
    }

    /** A port on one of the two. */
    PolledPort port(PacketBuilder builder) throws PortException {
        return port(builder, Set.of());
    }

    /** A port as on an older kernel. */
    PolledPort port(PacketBuilder builder, Set<Integer> missing) throws PortException {
        PacketSettings settings = builder.netns(namespace.name()).build().settings();
        PolledPort port = new PolledPort(new PacketPort(settings, missing));
        open.add(port);
        return port;
    }

    /** A host's raw socket on one of the two. */
    PacketSocket socket(String device) throws IOException {
        PacketSocket socket = PacketSocket.open(namespace, device);
        open.add(socket);
        return socket;
    }

    @Override
    public void close() throws Exception {
        for (AutoCloseable closeable : open) {
            closeable.close();
        }
        namespace.close();
    }
}
