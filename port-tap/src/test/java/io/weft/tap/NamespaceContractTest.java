package io.weft.tap;

import io.weft.frame.EtherType;
import io.weft.frame.Ethernet;
import io.weft.port.PortContractTest;
import io.weft.port.PortDriver;
import io.weft.port.PortProviders;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
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

    /** Whether it is a layer-3 port, and the interface one without Ethernet headers. */
    protected boolean layer3() {
        return false;
    }

    /** Makes the interfaces, if the port does not do so itself. */
    protected void prepare(NetworkNamespace namespace) {}

    @Override
    protected final Peer newPeer() {
        return new FarEnd();
    }

    /** The frame that a packet is in a switch. */
    private static byte[] withHeader(byte[] packet) {
        ByteBuffer frame = ByteBuffer.allocate(Ethernet.HEADER_LENGTH + packet.length);
        frame.putShort(12, (short) (packet[0] >> 4 == 6 ? EtherType.IPV6 : EtherType.IPV4));
        return frame.put(Ethernet.HEADER_LENGTH, packet).array();
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
            socket.send(layer3() ? Arrays.copyOfRange(frame, Ethernet.HEADER_LENGTH, frame.length) : frame);
        }

        @Override
        public byte[] receive(long timeoutMs) throws IOException {
            byte[] received = socket.receive(timeoutMs);
            return received == null || !layer3() ? received : withHeader(received);
        }

        @Override
        public boolean layer3() {
            return NamespaceContractTest.this.layer3();
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
