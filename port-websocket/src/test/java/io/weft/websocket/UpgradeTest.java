package io.weft.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a listener answers before a connection is a WebSocket, byte by byte. */
class UpgradeTest {
    @TempDir
    Path directory;

    private TestLan lan;
    private int port;

    @BeforeEach
    void open() throws IOException {
        lan = new TestLan();
    }

    @AfterEach
    void close() {
        lan.close();
    }

    private void listen(WebSocketListenerBuilder builder) throws IOException {
        port = lan.listen(builder.name("peer")).localAddress().getPort();
    }

    private static WebSocketListenerBuilder listener() {
        return WebSocketListener.builder("127.0.0.1", 0);
    }

    /** The head of the answer to these bytes; unless it is 101 the connection ends. */
    private String answer(byte[] request) throws IOException {
        try (RawPeer peer = RawPeer.open(port)) {
            peer.send(request);
            String head = peer.readHead();
            if (!head.startsWith("HTTP/1.1 101 ")) {
                assertThat(head).contains("connection: close");
                assertThat(peer.ends()).isTrue();
            }
            return head;
        }
    }

    private String answerTo(String path, String... headers) throws IOException {
        return answer(RawPeer.request(port, path, headers));
    }

    private static String basic(String login) {
        return "Authorization: Basic " + Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.UTF_8))
                + "\r\n";
    }

    // ---- is it an upgrade ----

    @Test
    void shouldAcceptWithTheAnswerOfTheRfcAndDeclineExtensions() throws Exception {
        listen(listener());
        String head =
                answerTo("/", "Sec-WebSocket-Extensions: permessage-deflate\r\n", "Sec-WebSocket-Protocol: chat\r\n");
        assertThat(head).startsWith("HTTP/1.1 101 ");
        assertThat(RawPeer.header(head, "sec-websocket-accept")).isEqualTo(RawPeer.ACCEPT);
        assertThat(RawPeer.header(head, "sec-websocket-extensions")).isNull();
        assertThat(RawPeer.header(head, "sec-websocket-protocol")).isNull();
    }

    @Test
    void shouldServeItsPathOnly() throws Exception {
        listen(listener().path("/lan"));
        assertThat(answerTo("/")).startsWith("HTTP/1.1 404 ");
        assertThat(answerTo("/lan/")).startsWith("HTTP/1.1 404 ");
        assertThat(answerTo("/lan")).startsWith("HTTP/1.1 101 ");
        assertThat(answerTo("/lan?token=x")).startsWith("HTTP/1.1 101 ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "405 | POST / HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 3\\r\\n\\r\\nabc",
                "400 | GET / HTTP/1.0\\r\\nHost: a\\r\\n\\r\\n",
                "400 | GET / HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 3\\r\\n\\r\\nabc",
                "400 | GET / HTTP/1.1\\r\\nHost: a\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n0\\r\\n\\r\\n",
                "426 | GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n",
                "426 | GET / HTTP/1.1\\r\\nHost: a\\r\\nUpgrade: websocket\\r\\n\\r\\n",
                "426 | GET / HTTP/1.1\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Version: 8\\r\\n\\r\\n",
                "400 | GET / HTTP/1.1\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Version: 13\\r\\n\\r\\n",
                "400 | GET / HTTP/1.1\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Version: 13\\r\\n"
                        + "Sec-WebSocket-Key: c2hvcnQ=\\r\\n\\r\\n",
                "400 | nonsense\\r\\n\\r\\n",
                "405 | PRI * HTTP/2.0\\r\\n\\r\\nSM\\r\\n\\r\\n",
                "400 | GET / HTTP/1.1\\r\\nHost : a\\r\\n\\r\\n",
            })
    void shouldRefuseWhatIsNoUpgrade(int status, String request) throws Exception {
        listen(listener());
        byte[] bytes = request.strip().replace("\\r\\n", "\r\n").getBytes(StandardCharsets.US_ASCII);
        assertThat(answer(bytes)).startsWith("HTTP/1.1 " + status + " ");
    }

    @Test
    void shouldBoundTheRequest() throws Exception {
        listen(listener());
        assertThat(answerTo("/" + "a".repeat(5_000))).startsWith("HTTP/1.1 414 ");
        assertThat(answerTo("/", "X-Long: " + "a".repeat(9_000) + "\r\n")).startsWith("HTTP/1.1 431 ");
        assertThat(answerTo("/", "X-Many: a\r\n".repeat(2_000))).startsWith("HTTP/1.1 431 ");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4})
    void shouldSurviveGarbageBeforeTheUpgrade(int seed) throws Exception {
        listen(listener());
        byte[] garbage = new byte[100_000];
        new java.util.Random(seed).nextBytes(garbage);
        garbage[garbage.length - 1] = '\n';
        try (RawPeer peer = RawPeer.open(port)) {
            try {
                peer.send(garbage);
            } catch (IOException closedEarly) {
                // just as well
            }
            assertThat(peer.ends()).isTrue();
        }
        assertThat(answerTo("/")).startsWith("HTTP/1.1 101 ");
    }

    @Test
    void shouldEndAHandshakeThatDoesNotComeToAnEnd() throws Exception {
        listen(listener().handshakeTimeout(Duration.ofSeconds(5)));
        try (RawPeer silent = RawPeer.open(port);
                RawPeer dribbling = RawPeer.open(port)) {
            dribbling.send("GET / HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII));
            // Both were accepted before this one, by the one thread that accepts.
            assertThat(answerTo("/")).startsWith("HTTP/1.1 101 ");
            lan.pass(Duration.ofSeconds(6));
            assertThat(silent.ends()).isTrue();
            assertThat(dribbling.ends()).isTrue();
        }
    }

    @Test
    void shouldLetOthersInWhenSomebodyOpensManyConnectionsAndSaysNothing() throws Exception {
        listen(listener());
        List<RawPeer> silent = new ArrayList<>();
        try {
            for (int i = 0; i < 200; i++) {
                silent.add(RawPeer.open(port));
            }
            assertThat(answerTo("/")).startsWith("HTTP/1.1 101 ");
            assertThat(silent.get(0).ends()).isTrue();
            lan.awaitMessage("closed the oldest");
        } finally {
            for (RawPeer peer : silent) {
                peer.close();
            }
        }
    }

    @Test
    void shouldReadFramesSentTogetherWithTheRequest() throws Exception {
        listen(listener());
        try (RawPeer peer = RawPeer.open(port)) {
            byte[] request = RawPeer.request(port, "/");
            byte[] frame = RawPeer.message(0x80 | RawPeer.BINARY, TestLan.frame(0, 1, 60, 1), true);
            byte[] both = java.util.Arrays.copyOf(request, request.length + frame.length);
            System.arraycopy(frame, 0, both, request.length, frame.length);
            peer.send(both);
            assertThat(peer.readHead()).startsWith("HTTP/1.1 101 ");
            assertThat(lan.receive()).isEqualTo(TestLan.frame(0, 1, 60, 1));
        }
    }

    // ---- Origin ----

    @Test
    void shouldLetPagesOfItsOwnInUnlessToldOtherwise() throws Exception {
        listen(listener());
        assertThat(answerTo("/")).startsWith("HTTP/1.1 101 ");
        assertThat(answerTo("/", "Origin: http://127.0.0.1:" + port + "\r\n")).startsWith("HTTP/1.1 101 ");
        assertThat(answerTo("/", "Origin: http://evil.example\r\n")).startsWith("HTTP/1.1 403 ");
        lan.awaitMessage("403 Forbidden");
    }

    @Test
    void shouldLetPagesOfConfiguredOriginsIn() throws Exception {
        listen(listener().origin("https://lab.example"));
        assertThat(answerTo("/", "Origin: https://lab.example\r\n")).startsWith("HTTP/1.1 101 ");
        assertThat(answerTo("/", "Origin: http://127.0.0.1:" + port + "\r\n")).startsWith("HTTP/1.1 403 ");
        assertThat(answerTo("/")).as("no browser").startsWith("HTTP/1.1 101 ");
    }

    // ---- who ----

    @Test
    void shouldLetUsersInAndNobodyElse() throws Exception {
        Path users = directory.resolve("users");
        HtpasswdTest.copyTo(users);
        listen(listener().htpasswd(users));
        assertThat(answerTo("/", basic("alice:correct horse"))).startsWith("HTTP/1.1 101 ");
        assertThat(answerTo("/", basic("bob:hunter2"))).startsWith("HTTP/1.1 101 ");
        assertThat(answerTo("/", basic("carol:tr0ub4dor&3"))).startsWith("HTTP/1.1 101 ");
        assertThat(answerTo("/", basic("müller:pässwörd:mit:Doppelpunkt"))).startsWith("HTTP/1.1 101 ");
        lan.awaitMessage("alice from /127.0.0.1");
        String head = answerTo("/", basic("alice:wrong"));
        assertThat(head).startsWith("HTTP/1.1 401 ");
        assertThat(RawPeer.header(head, "www-authenticate")).startsWith("Basic realm=");
        assertThat(answerTo("/")).startsWith("HTTP/1.1 401 ");
        assertThat(answerTo("/", basic("None:None"))).startsWith("HTTP/1.1 401 ");
        assertThat(answerTo("/", basic("nocolon"))).startsWith("HTTP/1.1 401 ");
        assertThat(answerTo("/", "Authorization: Basic ***\r\n")).startsWith("HTTP/1.1 401 ");
        assertThat(answerTo("/", "Authorization: Bearer abc\r\n")).startsWith("HTTP/1.1 401 ");
    }

    @Test
    void shouldTellAStrangerNothingAboutWhatIsHere() throws Exception {
        Path users = directory.resolve("users");
        HtpasswdTest.copyTo(users);
        listen(listener().htpasswd(users));
        String plainHttp = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        assertThat(answer(plainHttp.getBytes(StandardCharsets.US_ASCII))).startsWith("HTTP/1.1 401 ");
    }

    @Test
    void shouldIgnoreEtherwsPasswordWhereThereAreNoUsers() throws Exception {
        listen(listener());
        assertThat(answerTo("/", basic("None:None"))).startsWith("HTTP/1.1 101 ");
    }
}
