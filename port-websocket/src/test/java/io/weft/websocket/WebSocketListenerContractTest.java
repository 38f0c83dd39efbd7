package io.weft.websocket;

import io.weft.port.PortContractTest;
import io.weft.port.PortDriver;
import java.io.IOException;

/** A client's port, against a plain socket. */
class WebSocketListenerContractTest extends PortContractTest {
    @Override
    protected Peer newPeer() {
        WebSocketListener listener = WebSocketListener.builder("127.0.0.1", 0).build();
        return new Peer() {
            private RawPeer peer;

            @Override
            public PortDriver driver() {
                return listener;
            }

            @Override
            public void connect() throws IOException {
                peer = RawPeer.connect(listener.localAddress().getPort());
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
            }
        };
    }
}
