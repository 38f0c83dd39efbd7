package io.weft.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.port.DropReason;
import io.weft.port.PortException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The client against a plain socket, in virtual time. */
class WebSocketClientPortTest {
    @TempDir
    Path directory;

    private TestLan lan;
    private ServerSocket server;

    @BeforeEach
    void open() throws IOException {
        lan = new TestLan();
        server = listen(0);
    }

    @AfterEach
    void close() throws IOException {
        lan.close();
        server.close();
    }

    private static ServerSocket listen(int port) throws IOException {
        ServerSocket socket = new ServerSocket();
        socket.setReuseAddress(true);
        socket.setSoTimeout(20_000);
        socket.bind(new java.net.InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return socket;
    }

    private WebSocketClientPortBuilder client() {
        return WebSocketClientPort.builder(URI.create("ws://127.0.0.1:" + server.getLocalPort() + "/lan"))
                .name("up");
    }

    private RawPeer accept() throws IOException {
        RawPeer peer = RawPeer.accept(server);
        lan.await("the port to be up", () -> lan.port("up").up());
        return peer;
    }

    // ---- the request ----

    @Test
    void shouldAskForTheUpgradeAsTheRfcSays() throws Exception {
        lan.add(client().user("alice", "p:w").header("X-Token", "t").build());
        try (RawPeer peer = new RawPeer(server.accept(), false)) {
            String head = peer.readHead();
            assertThat(head).startsWith("GET /lan HTTP/1.1\r\n");
            assertThat(RawPeer.header(head, "host")).isEqualTo("127.0.0.1:" + server.getLocalPort());
            assertThat(RawPeer.header(head, "upgrade")).isEqualTo("websocket");
            assertThat(RawPeer.header(head, "connection")).isEqualTo("Upgrade");
            assertThat(RawPeer.header(head, "sec-websocket-version")).isEqualTo("13");
            assertThat(Base64.getDecoder().decode(RawPeer.header(head, "sec-websocket-key")))
                    .hasSize(16);
            assertThat(RawPeer.header(head, "sec-websocket-extensions")).isNull();
            assertThat(RawPeer.header(head, "sec-websocket-protocol")).isNull();
            assertThat(RawPeer.header(head, "origin")).isNull();
            assertThat(RawPeer.header(head, "x-token")).isEqualTo("t");
            assertThat(RawPeer.header(head, "authorization"))
                    .isEqualTo("Basic " + Base64.getEncoder().encodeToString("alice:p:w".getBytes()));
            assertThat(lan.port("up").up()).isFalse();
            peer.send(RawPeer.response(head));
            lan.await("the port to be up", () -> lan.port("up").up());
        }
    }

    @Test
    void shouldReadAFrameSentTogetherWithTheResponse() throws Exception {
        lan.add(client().build());
        try (RawPeer peer = new RawPeer(server.accept(), false)) {
            byte[] response = RawPeer.response(peer.readHead());
            byte[] frame = RawPeer.message(0x82, TestLan.frame(0, 1, 60, 1), false);
            byte[] both = java.util.Arrays.copyOf(response, response.length + frame.length);
            System.arraycopy(frame, 0, both, response.length, frame.length);
            peer.send(both);
            assertThat(lan.receive()).isEqualTo(TestLan.frame(0, 1, 60, 1));
        }
    }

    @Test
    void shouldTakeThePasswordFromAFile() throws Exception {
        Path file = directory.resolve("password");
        Files.writeString(file, "from the file\nnot this\n");
        lan.add(client().user("alice", file).build());
        try (RawPeer peer = new RawPeer(server.accept(), false)) {
            assertThat(RawPeer.header(peer.readHead(), "authorization"))
                    .isEqualTo("Basic " + Base64.getEncoder().encodeToString("alice:from the file".getBytes()));
        }
        Path missing = directory.resolve("missing");
        assertThatThrownBy(
                        () -> lan.add(client().name("other").user("a", missing).build()))
                .isInstanceOf(PortException.class)
                .hasMessageContainingAll("option password_file", missing.toString());
    }

    // ---- answers that are not the right one ----

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SSH-2.0-OpenSSH_9.2 | does not speak HTTP",
                "HTTP/1.1 200 OK\\r\\nContent-Length: 0 | answered 200 OK to the upgrade",
                "HTTP/1.1 302 Found\\r\\nLocation: /x\\r\\nContent-Length: 0 | answered 302 Found",
                "HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\n"
                        + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo= | is not that of a WebSocket server",
                "HTTP/1.1 401 Unauthorized\\r\\nContent-Length: 0 | 401: the server wants a user and a password",
            })
    void shouldSayWhyItIsNotConnected(String response, String reason) throws Exception {
        lan.add(client().build());
        try (RawPeer peer = new RawPeer(server.accept(), false)) {
            peer.readHead();
            peer.send((response.strip().replace("\\r\\n", "\r\n") + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            lan.awaitMessage(reason.strip());
            assertThat(peer.ends()).isTrue();
        }
        assertThat(lan.port("up").up()).isFalse();
    }

    @Test
    void shouldRefuseAnExtensionItDidNotOffer() throws Exception {
        lan.add(client().build());
        try (RawPeer peer = new RawPeer(server.accept(), false)) {
            String response = new String(RawPeer.response(peer.readHead()), StandardCharsets.US_ASCII);
            peer.send(response.replace("\r\n\r\n", "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            lan.awaitMessage("an extension or subprotocol that was not offered");
            assertThat(peer.ends()).isTrue();
        }
    }

    @Test
    void shouldBoundTheResponse() throws Exception {
        lan.add(client().build());
        try (RawPeer peer = new RawPeer(server.accept(), false)) {
            peer.readHead();
            peer.send(("HTTP/1.1 101 OK\r\nX: " + "a".repeat(20_000) + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            lan.awaitMessage("cannot connect");
            assertThat(peer.ends()).isTrue();
        }
    }

    @Test
    void shouldGiveUpOnAServerThatNeverAnswers() throws Exception {
        lan.add(client().handshakeTimeout(Duration.ofSeconds(5)).build());
        try (RawPeer peer = new RawPeer(server.accept(), false)) {
            peer.readHead();
            lan.pass(Duration.ofSeconds(6));
            lan.awaitMessage("no connection within 5000 ms");
            assertThat(peer.ends()).isTrue();
        }
    }

    // ---- again and again ----

    @Test
    void shouldNotStormAServerThatRefusesThePassword() throws Exception {
        lan.add(client().user("alice", "wrong")
                .reconnect(Duration.ofSeconds(1), Duration.ofSeconds(60))
                .build());
        long virtualSeconds = 0;
        for (int attempt = 0; attempt < 6; attempt++) {
            CompletableFuture<RawPeer> next = CompletableFuture.supplyAsync(() -> {
                try {
                    return new RawPeer(server.accept(), false);
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            while (!next.isDone()) {
                lan.pass(Duration.ofMillis(100));
                virtualSeconds += 100;
                // The network has a millisecond for every tenth of a virtual second: many attempts would show.
                java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
            }
            try (RawPeer peer = next.join()) {
                peer.readHead();
                peer.send("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                assertThat(peer.ends()).isTrue();
            }
        }
        // Five pauses of at least 0.5, 1, 2, 4 and 8 s.
        assertThat(virtualSeconds).isGreaterThanOrEqualTo(15_000);
        lan.awaitMessage("401: the server does not accept user 'alice' with this password");
        assertThat(lan.messages.stream().filter(text -> text.contains("401")).count())
                .as("the same news is told once")
                .isEqualTo(1);
    }

    @Test
    void shouldComeBackWhenTheServerDoes() throws Exception {
        int port = server.getLocalPort();
        lan.add(client().reconnect(Duration.ofMillis(500), Duration.ofSeconds(2))
                .build());
        try (RawPeer peer = accept()) {
            peer.send(RawPeer.BINARY, TestLan.frame(0, 1, 60, 1));
            assertThat(lan.receive()).isEqualTo(TestLan.frame(0, 1, 60, 1));
        }
        lan.await("the port to be down", () -> !lan.port("up").up());
        server.close();
        lan.send(TestLan.frame(0, 9, 60, 1));
        lan.passUntil("a refused attempt", Duration.ofSeconds(1), () -> lan.messages.stream()
                .anyMatch(text -> text.contains("connection refused")));
        server = listen(port);
        CompletableFuture<RawPeer> next = CompletableFuture.supplyAsync(() -> {
            try {
                return RawPeer.accept(server);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        lan.passUntil("the port to be up", Duration.ofMillis(500), () -> lan.port("up")
                .up());
        try (RawPeer peer = next.get()) {
            lan.send(TestLan.frame(0, 9, 60, 2));
            assertThat(peer.read().payload()).isEqualTo(TestLan.frame(0, 9, 60, 2));
        }
        assertThat(lan.dropped(DropReason.NO_EGRESS) + lan.dropped(DropReason.PORT_DOWN))
                .isEqualTo(1);
        lan.awaitConservation();
    }

    @Test
    void shouldPingASilentServerAndGiveUpADeadOne() throws Exception {
        lan.add(client().ping(Duration.ofSeconds(10))
                .idle(Duration.ofSeconds(30))
                .build());
        try (RawPeer peer = accept()) {
            RawPeer.Message[] ping = new RawPeer.Message[1];
            for (int i = 0; i < 12 && ping[0] == null; i++) {
                lan.pass(Duration.ofSeconds(1));
                ping[0] = peer.read(20);
            }
            if (ping[0] == null) {
                ping[0] = peer.read();
            }
            assertThat(ping[0].opcode()).isEqualTo(RawPeer.PING);
            lan.passUntil("the port to be down", Duration.ofSeconds(1), () -> !lan.port("up")
                    .up());
            lan.awaitMessage("nothing received for 30 s");
        }
    }

    // ---- the closing handshake, and a server that breaks the protocol ----

    @Test
    void shouldAnswerTheServersClose() throws Exception {
        lan.add(client().build());
        try (RawPeer peer = accept()) {
            peer.send(RawPeer.CLOSE, RawPeer.hex("03f5")); // 1013
            RawPeer.Message answer = peer.read();
            assertThat(answer.opcode()).isEqualTo(RawPeer.CLOSE);
            assertThat(answer.closeCode()).isEqualTo(1013);
            lan.await("the port to be down", () -> {
                try {
                    peer.close();
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
                return !lan.port("up").up();
            });
            lan.awaitMessage("closed by the peer: 1013");
        }
    }

    @Test
    void shouldSayGoodByeWhenItCloses() throws Exception {
        lan.add(client().build());
        try (RawPeer peer = accept()) {
            lan.lan.close();
            RawPeer.Message message = peer.read();
            assertThat(message.opcode()).isEqualTo(RawPeer.CLOSE);
            assertThat(message.closeCode()).isEqualTo(1001);
            assertThat(peer.ends()).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({"masked, 1002, 82 80 00000000", "too long, 1009, 82 7e 05eb"})
    void shouldCloseWithTheCodeForIt(String what, int code, String hex) throws Exception {
        lan.add(client().maxFrame(1_514).build());
        try (RawPeer peer = accept()) {
            peer.send(RawPeer.hex(hex));
            assertThat(peer.read().closeCode()).as(what).isEqualTo(code);
            assertThat(peer.ends()).isTrue();
        }
        lan.await("the port to be down", () -> !lan.port("up").up());
    }

    @Test
    void shouldNotJoinUnderANameThatIsTaken() throws Exception {
        lan.add(client().build());
        assertThatThrownBy(() -> lan.add(client().build()))
                .isInstanceOf(PortException.class)
                .hasMessageContaining("'up'");
        accept().close();
    }

    // ---- proxies ----

    @Test
    void shouldAskTheProxyToConnect() throws Exception {
        lan.add(WebSocketClientPort.builder(URI.create("ws://hub.example:8080/lan"))
                .name("up")
                .proxy("http://u:p@127.0.0.1:" + server.getLocalPort())
                .build());
        try (RawPeer peer = new RawPeer(server.accept(), false)) {
            String connect = peer.readHead();
            assertThat(connect).startsWith("CONNECT hub.example:8080 HTTP/1.1\r\n");
            assertThat(RawPeer.header(connect, "proxy-authorization"))
                    .isEqualTo("Basic " + Base64.getEncoder().encodeToString("u:p".getBytes()));
            peer.send("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            String head = peer.readHead();
            assertThat(head).startsWith("GET /lan HTTP/1.1\r\n");
            assertThat(RawPeer.header(head, "host")).isEqualTo("hub.example:8080");
            assertThat(RawPeer.header(head, "proxy-authorization")).isNull();
            peer.send(RawPeer.response(head));
            lan.await("the port to be up", () -> lan.port("up").up());
            peer.send(RawPeer.BINARY, TestLan.frame(0, 1, 60, 1));
            assertThat(lan.receive()).isEqualTo(TestLan.frame(0, 1, 60, 1));
        }
    }

    @Test
    void shouldSayThatTheProxyRefused() throws Exception {
        lan.add(WebSocketClientPort.builder(URI.create("ws://hub.example:8080/lan"))
                .name("up")
                .proxy("http://127.0.0.1:" + server.getLocalPort())
                .build());
        try (RawPeer peer = new RawPeer(server.accept(), false)) {
            peer.readHead();
            peer.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            lan.awaitMessage("cannot connect to ws://hub.example:8080/lan");
            lan.awaitMessage("403");
        }
    }
}
