package io.weft.tap;

import io.weft.port.PortContractTest;
import io.weft.port.PortDriver;
import io.weft.port.PortProviders;
import java.io.IOException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;

/** The port contract, with the kernel at the far end. */
@Timeout(120)
class TapPortContractIT extends PortContractTest {
    @BeforeAll
    static void probe() {
        NetworkNamespace.assumeAvailable();
    }

    @Override
    protected Peer newPeer() {
        return new Host(offload());
    }

    /** The option of the port. */
    String offload() {
        return "on";
    }

    private static final class Host implements Peer {
        private final NetworkNamespace namespace = NetworkNamespace.create("far");
        private final PortDriver driver;
        private PacketSocket socket;

        Host(String offload) {
            driver = PortProviders.create("tap:eth0?mtu=9000&offload=" + offload + "&netns=" + namespace.name());
            namespace.run("sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1"); // only our frames, please
        }

        @Override
        public PortDriver driver() {
            return driver;
        }

        @Override
        public void connect() throws IOException {
            socket = PacketSocket.open(namespace, "eth0");
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

        /** The device goes with its namespace, while the port is open. */
        @Override
        public void close() {
            if (socket != null) {
                socket.close();
            }
            namespace.close();
        }
    }
}
