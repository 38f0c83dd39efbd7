package io.weft.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.ssl.OpenSsl;
import io.weft.port.PortException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** wss against wss-listen, with certificates that are good, bad, missing or nobody's. */
class TlsTest {
    @TempDir
    static Path directory;

    private static Certificates certificates;
    private static Certificates.Pair authority;
    private static Certificates.Pair stranger;
    private static Certificates.Pair server;
    private static Certificates.Pair client;

    private TestLan hub;
    private TestLan spoke;
    private int port;

    @BeforeEach
    void open() throws Exception {
        if (certificates == null) {
            certificates = new Certificates(directory);
            authority = certificates.authority("authority");
            stranger = certificates.authority("stranger");
            server = certificates.signed(authority, "server", "subjectAltName=IP:127.0.0.1,DNS:hub.example");
            client = certificates.signed(authority, "client", "extendedKeyUsage=clientAuth");
        }
        hub = new TestLan();
        spoke = new TestLan();
    }

    @AfterEach
    void close() {
        spoke.close();
        hub.close();
    }

    private WebSocketListenerBuilder listener() {
        return WebSocketListener.builder("127.0.0.1", 0).name("peer").tls(server.certificate(), server.key());
    }

    private void listen(WebSocketListenerBuilder builder) throws Exception {
        port = hub.listen(builder).localAddress().getPort();
    }

    private WebSocketClientPortBuilder client(String host) {
        return WebSocketClientPort.builder(URI.create("wss://" + host + ":" + port + "/"))
                .name("up")
                .reconnect(Duration.ofSeconds(1), Duration.ofSeconds(1));
    }

    private void awaitUp() {
        spoke.await("the tunnel", () -> {
            hub.step();
            return spoke.port("up").up();
        });
        hub.await("the client", () -> hub.messages.stream().anyMatch(text -> text.endsWith(" joined")));
    }

    private void exchange() {
        for (int length : new int[] {60, 1_514, 9_018, 65_535}) {
            spoke.send(TestLan.frame(0, 1, length, length));
            assertThat(hub.receive()).isEqualTo(TestLan.frame(0, 1, length, length));
            hub.send(TestLan.frame(1, 2, length, length));
            assertThat(spoke.receive()).isEqualTo(TestLan.frame(1, 2, length, length));
        }
    }

    @Test
    void shouldUseBoringSslWhereItIs() {
        // Without it TLS works too, at a fraction of the speed; here it is on the class path.
        assertThat(OpenSsl.isAvailable())
                .as("%s", OpenSsl.unavailabilityCause())
                .isTrue();
    }

    @Test
    void shouldConnectToAServerWhoseAuthorityItTrusts() throws Exception {
        listen(listener());
        spoke.add(client("127.0.0.1").ca(authority.certificate()).build());
        awaitUp();
        exchange();
        assertThat(spoke.messages).noneMatch(text -> text.contains("WARNING"));
    }

    @Test
    void shouldConnectToACertificateThatSignsItself() throws Exception {
        Certificates.Pair own = certificates.selfSigned("own", "subjectAltName=IP:127.0.0.1");
        listen(WebSocketListener.builder("127.0.0.1", 0).tls(own.certificate(), own.key()));
        spoke.add(client("127.0.0.1").ca(own.certificate()).build());
        awaitUp();
        exchange();
    }

    @Test
    void shouldRefuseACertificateOfAnotherAuthority() throws Exception {
        listen(listener());
        spoke.add(client("127.0.0.1").ca(stranger.certificate()).build());
        spoke.awaitMessage("the peer's certificate is not accepted");
        hub.awaitMessage("refused");
        assertThat(spoke.port("up").up()).isFalse();
        assertThat(hub.portNames()).isEmpty();
    }

    @Test
    void shouldRefuseACertificateForAnotherName() throws Exception {
        listen(listener());
        spoke.add(client("localhost").ca(authority.certificate()).build());
        spoke.awaitMessage("the peer's certificate is not accepted");
        assertThat(spoke.port("up").up()).isFalse();
    }

    @Test
    void shouldExpectTheNameItIsTold() throws Exception {
        listen(listener());
        spoke.add(client("localhost")
                .ca(authority.certificate())
                .serverName("hub.example")
                .build());
        awaitUp();
        exchange();
    }

    @Test
    void shouldConnectToAnyoneWhenInsecureAndSaySoLoudly() throws Exception {
        listen(listener());
        spoke.add(client("localhost").insecure().build());
        awaitUp();
        exchange();
        spoke.awaitMessage("WARNING: option insecure is on");
    }

    @Test
    void shouldLetClientsWithACertificateIn() throws Exception {
        listen(listener().clientCa(authority.certificate()));
        spoke.add(client("127.0.0.1")
                .ca(authority.certificate())
                .clientCertificate(client.certificate(), client.key())
                .build());
        awaitUp();
        exchange();
    }

    @Test
    void shouldRefuseClientsWithoutACertificateOrWithAStrangers() throws Exception {
        listen(listener().clientCa(authority.certificate()));
        spoke.add(client("127.0.0.1").ca(authority.certificate()).build());
        hub.awaitMessage("refused");
        spoke.awaitMessage("cannot connect");
        spoke.add(client("127.0.0.1")
                .name("up2")
                .ca(authority.certificate())
                .clientCertificate(stranger.certificate(), stranger.key())
                .build());
        spoke.passUntil(
                "both to be refused again",
                Duration.ofMillis(100),
                () -> spoke.messages.stream()
                                .filter(text -> text.contains("cannot connect"))
                                .count()
                        >= 2);
        assertThat(hub.portNames()).isEmpty();
    }

    @Test
    void shouldSurviveAPeerWithoutTls() throws Exception {
        listen(listener());
        try (RawPeer plain = RawPeer.open(port)) {
            plain.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(plain.ends()).isTrue();
        }
        hub.awaitMessage("the peer does not speak TLS");
        spoke.add(client("127.0.0.1").ca(authority.certificate()).build());
        awaitUp();
    }

    @Test
    void shouldSayWhatIsWrongWithFiles() throws Exception {
        Path missing = directory.resolve("missing.pem");
        assertThatThrownBy(
                        () -> listen(WebSocketListener.builder("127.0.0.1", 0).tls(missing, server.key())))
                .isInstanceOf(PortException.class)
                .hasMessageContainingAll("option cert", missing.toString());
        Path garbage = directory.resolve("garbage.pem");
        Files.writeString(garbage, "garbage");
        assertThatThrownBy(
                        () -> listen(WebSocketListener.builder("127.0.0.1", 0).tls(server.certificate(), garbage)))
                .isInstanceOf(PortException.class)
                .hasMessageContainingAll("option key", garbage.toString(), "openssl pkcs8 -topk8");
        assertThatThrownBy(
                        () -> listen(WebSocketListener.builder("127.0.0.1", 0).tls(server.certificate(), client.key())))
                .isInstanceOf(PortException.class)
                .hasMessageContainingAll("option key", client.key().toString());
        port = 1;
        assertThatThrownBy(() -> spoke.add(client("127.0.0.1").ca(garbage).build()))
                .isInstanceOf(PortException.class)
                .hasMessageContainingAll("option ca", garbage.toString());
    }
}
