package io.weft.websocket;

import io.weft.port.PortContractTest;
import io.weft.port.PortDriver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;

/** The client's port, with a limit, against a plain socket. */
class WebSocketClientPortContractTest extends PortContractTest {
    @Override
    protected Peer newPeer() throws IOException {
        ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        URI uri = URI.create("ws://127.0.0.1:" + server.getLocalPort() + "/lan");
        PortDriver driver = WebSocketClientPort.builder(uri).maxFrame(9_018).build();
        return new Peer() {
            private RawPeer peer;

            @Override
            public PortDriver driver() {
                return driver;
            }

            @Override
            public void connect() throws IOException {
                peer = RawPeer.accept(server);
            }

            @Override
            public void send(byte[] frame) throws IOException {
                peer.send(RawPeer.BINARY, frame);
            }

            @Override
            public byte[] receive(long timeoutMs) throws IOException {
                RawPeer.Message message = peer.read((int) timeoutMs);
                return message == null ? null : message.payload();
            }

            @Override
            public int maxFrameLength() {
                return 65_535;
            }

            @Override
            public void close() throws IOException {
                peer.close();
                server.close();
            }
        };
    }
}
