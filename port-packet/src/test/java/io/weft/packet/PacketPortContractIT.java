package io.weft.packet;

import io.weft.port.PortContractTest;
import io.weft.port.PortDriver;
import io.weft.port.PortProviders;
import io.weft.tap.NetworkNamespace;
import io.weft.tap.PacketSocket;
import java.io.IOException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;

/** The port contract over a veth pair, with a raw socket at the far end. */
@Timeout(120)
class PacketPortContractIT extends PortContractTest {
    @BeforeAll
    static void probe() {
        NetworkNamespace.assumeAvailable();
    }

    @Override
    protected Peer newPeer() {
        return new Host();
    }

    private static final class Host implements Peer {
        private final NetworkNamespace namespace = NetworkNamespace.create("far");
        private final PortDriver driver;
        private PacketSocket socket;

        Host() {
            namespace.run("sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1"); // only our frames, please
            namespace.run("ip", "link", "add", "near", "mtu", "9000", "type", "veth", "peer", "name", "far");
            namespace.run("ip", "link", "set", "far", "mtu", "9000", "up");
            namespace.run("ip", "link", "set", "near", "up");
            driver = PortProviders.create("packet:near?netns=" + namespace.name());
        }

        @Override
        public PortDriver driver() {
            return driver;
        }

        @Override
        public void connect() throws IOException {
            socket = PacketSocket.open(namespace, "far");
        }

        @Override
        public void send(byte[] frame) throws IOException {
            socket.send(frame);
        }

        @Override
        public byte[] receive(long timeoutMs) throws IOException {
            return socket.receive(timeoutMs);
        }

        @Override
        public int maxFrameLength() {
            return 9_014;
        }

        /** The interfaces go with their namespace, while the port is open. */
        @Override
        public void close() {
            if (socket != null) {
                socket.close();
            }
            namespace.close();
        }
    }
}
