package io.weft.tap;

import io.weft.port.PortContractTest;
import io.weft.port.PortDriver;
import io.weft.port.PortProviders;
import java.io.IOException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;

/**
 * The port contract for a port on an interface in a namespace of its own, with a raw socket at the far end. The interface goes
 * with its namespace, while the port is open.
 */
@Timeout(120)
public abstract class NamespaceContractTest extends PortContractTest {
    @BeforeAll
    static void probe() {
        NetworkNamespace.assumeAvailable();
    }

    /** The port, to which {@code &netns=} is added; its MTU is 9,000. */
    protected abstract String uri();

    /** The interface in the namespace by which the far end sends and receives. */
    protected abstract String farInterface();

    /** Makes the interfaces, if the port does not do so itself. */
    protected void prepare(NetworkNamespace namespace) {}

    @Override
    protected final Peer newPeer() {
        return new FarEnd();
    }

    private final class FarEnd implements Peer {
        private final NetworkNamespace namespace = NetworkNamespace.create("far");
        private final PortDriver driver = PortProviders.create(uri() + "&netns=" + namespace.name());
        private PacketSocket socket;

        FarEnd() {
            boolean prepared = false;
            try {
                namespace.run("sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1"); // only our frames, please
                prepare(namespace);
                prepared = true;
            } finally {
                if (!prepared) {
                    namespace.close();
                }
            }
        }

        @Override
        public PortDriver driver() {
            return driver;
        }

        @Override
        public void connect() throws IOException {
            socket = PacketSocket.open(namespace, farInterface());
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

        @Override
        public void close() {
            if (socket != null) {
                socket.close();
            }
            namespace.close();
        }
    }
}
