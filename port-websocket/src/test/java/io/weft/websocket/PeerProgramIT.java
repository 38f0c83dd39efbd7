package io.weft.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.websocket.PeerProgram.Language;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Against WebSockets that nobody here wrote: Python's websockets and Node's ws, as clients and as servers. */
class PeerProgramIT {
    @TempDir
    Path directory;

    private TestLan lan;
    private int port;

    @BeforeEach
    void open() throws Exception {
        lan = new TestLan();
    }

    @AfterEach
    void close() {
        lan.close();
    }

    private void listen(WebSocketListenerBuilder builder) throws Exception {
        port = lan.listen(builder.name("peer")).localAddress().getPort();
    }

    private static WebSocketListenerBuilder listener() {
        return WebSocketListener.builder("127.0.0.1", 0);
    }

    private void connect(int serverPort) throws Exception {
        lan.add(WebSocketClientPort.builder(URI.create("ws://127.0.0.1:" + serverPort + "/"))
                .name("up")
                .reconnect(Duration.ofMillis(100), Duration.ofSeconds(1))
                .build());
        lan.await("the tunnel", () -> lan.port("up").up());
    }

    /** Frames of many lengths, each of which comes back with its addresses swapped. */
    private void exchange(String portName) {
        long before = lan.port(portName).statistics().rxFrames();
        int count = 0;
        for (int length : new int[] {14, 60, 125, 126, 127, 590, 1_514, 9_018, 65_535}) {
            for (int i = 0; i < 20; i++) {
                byte[] frame = TestLan.frame(1, 2, length, i);
                lan.send(frame);
                count++;
                byte[] answer = frame.clone();
                System.arraycopy(frame, 0, answer, 6, 6);
                System.arraycopy(frame, 6, answer, 0, 6);
                byte[] received = lan.receive();
                assertThat(Arrays.equals(received, answer))
                        .as("%d bytes, number %d", length, i)
                        .isTrue();
            }
        }
        assertThat(lan.port(portName).statistics().rxFrames() - before).isEqualTo(count);
        assertThat(lan.port(portName).statistics().dropped()).isZero();
        lan.awaitConservation();
    }

    @ParameterizedTest
    @EnumSource(Language.class)
    void shouldExchangeFramesWithAClient(Language language) throws Exception {
        listen(listener());
        try (PeerProgram peer = PeerProgram.start(language, directory, "connect", "ws://127.0.0.1:" + port + "/")) {
            assertThat(peer.line()).isEqualTo("ready");
            lan.awaitJoined("peer-1");
            exchange("peer-1");
            lan.lan.close();
            assertThat(peer.line()).as("no text came before").isEqualTo("closed 1001");
        }
    }

    @ParameterizedTest
    @EnumSource(Language.class)
    void shouldExchangeFramesWithAServerThatIsKilledAndComesBack(Language language) throws Exception {
        int serverPort;
        try (PeerProgram peer = PeerProgram.start(language, directory, "serve", "0")) {
            serverPort = peer.servedPort();
            connect(serverPort);
            exchange("up");
        }
        lan.await("the port to be down", () -> !lan.port("up").up());
        for (int life = 0; life < 2; life++) {
            try (PeerProgram peer = PeerProgram.start(language, directory, "serve", Integer.toString(serverPort))) {
                peer.servedPort();
                lan.passUntil("the tunnel", Duration.ofMillis(100), () -> lan.port("up")
                        .up());
                exchange("up");
            }
            lan.await("the port to be down", () -> !lan.port("up").up());
        }
    }

    @ParameterizedTest
    @EnumSource(Language.class)
    void shouldSayGoodByeToAServer(Language language) throws Exception {
        try (PeerProgram peer = PeerProgram.start(language, directory, "serve", "0")) {
            connect(peer.servedPort());
            exchange("up");
            lan.lan.close();
            assertThat(peer.line()).isEqualTo("closed 1001");
        }
    }

    @ParameterizedTest
    @EnumSource(Language.class)
    void shouldLetInWhoKnowsThePassword(Language language) throws Exception {
        Path users = directory.resolve("users");
        HtpasswdTest.copyTo(users);
        listen(listener().htpasswd(users));
        String at = "@127.0.0.1:" + port + "/";
        try (PeerProgram peer = PeerProgram.start(language, directory, "connect", "ws://bob:hunter2" + at)) {
            assertThat(peer.line()).isEqualTo("ready");
            lan.awaitJoined("peer-1");
            exchange("peer-1");
        }
        try (PeerProgram peer = PeerProgram.start(language, directory, "connect", "ws://bob:hunter3" + at)) {
            assertThat(peer.line()).isEqualTo("refused 401");
        }
    }

    @ParameterizedTest
    @EnumSource(Language.class)
    void shouldExchangeFramesOverTls(Language language) throws Exception {
        Certificates certificates = new Certificates(directory);
        Certificates.Pair authority = certificates.authority("authority");
        Certificates.Pair server = certificates.signed(authority, "server", "subjectAltName=IP:127.0.0.1");
        listen(listener().tls(server.certificate(), server.key()));
        String url = "wss://127.0.0.1:" + port + "/";
        try (PeerProgram peer = PeerProgram.start(
                language, directory, "connect", url, authority.certificate().toString())) {
            assertThat(peer.line()).isEqualTo("ready");
            lan.awaitJoined("peer-1");
            exchange("peer-1");
            lan.lan.close();
            assertThat(peer.line()).isEqualTo("closed 1001");
        }
    }
}
