package io.weft.packet;

import io.weft.port.PortContractTest;
import io.weft.port.PortDriver;
import io.weft.port.PortProviders;
import io.weft.tap.PacketSocket;
import java.io.IOException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;

/** The port contract, with the port at one end of a veth pair and the test at the other. */
@Timeout(120)
class PcapPortContractIT extends PortContractTest {
    @BeforeAll
    static void probe() {
        PcapHosts.assumeAvailable();
    }

    @Override
    protected Peer newPeer() {
        return new FarEnd();
    }

    private static final class FarEnd implements Peer {
        private final PcapHosts hosts = new PcapHosts();
        private final PortDriver driver = PortProviders.create("pcap:" + hosts.near);
        private PacketSocket socket;

        @Override
        public PortDriver driver() {
            return driver;
        }

        @Override
        public void connect() throws IOException {
            socket = PacketSocket.open(hosts.far, "eth0");
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

        /** The veth pair goes with the namespace, while the port is open. */
        @Override
        public void close() {
            if (socket != null) {
                socket.close();
            }
            hosts.close();
        }
    }
}
