package io.weft.websocket;

import io.weft.port.PortContractTest;
import io.weft.port.PortDriver;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.KeyStore;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.io.TempDir;

/** A client's port over TLS, against the JDK's TLS. */
class WebSocketTlsContractTest extends PortContractTest {
    @TempDir
    Path directory;

    private static SSLContext trusting(Path certificate) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        store.setCertificateEntry("server", PemFiles.certificates("cert", certificate)[0]);
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    @Override
    protected Peer newPeer() throws Exception {
        Certificates.Pair own = new Certificates(directory).selfSigned("own", "subjectAltName=IP:127.0.0.1");
        SSLContext trusting = trusting(own.certificate());
        WebSocketListener listener = WebSocketListener.builder("127.0.0.1", 0)
                .tls(own.certificate(), own.key())
                .build();
        return new Peer() {
            private RawPeer peer;

            @Override
            public PortDriver driver() {
                return listener;
            }

            @Override
            public void connect() throws IOException {
                int port = listener.localAddress().getPort();
                Socket socket = trusting.getSocketFactory().createSocket("127.0.0.1", port);
                peer = new RawPeer(socket, true);
                peer.send(RawPeer.request(port, "/"));
                peer.readHead();
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
