package io.weft.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.port.DropReason;
import io.weft.port.PortException;
import io.weft.port.PortStatistics;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A listener's clients after the upgrade, byte by byte, in virtual time. */
class WebSocketListenerTest {
    private static final int FIN = 0x80;

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

    private static WebSocketListenerBuilder listener() {
        return WebSocketListener.builder("127.0.0.1", 0).name("peer");
    }

    private void listen(WebSocketListenerBuilder builder) throws IOException {
        port = lan.listen(builder).localAddress().getPort();
    }

    /** The client {@code peer-NUMBER}, in the switch. */
    private RawPeer join(int number) throws IOException {
        RawPeer peer = RawPeer.connect(port);
        lan.awaitJoined("peer-" + number);
        return peer;
    }

    private PortStatistics statistics(String name) {
        return lan.port(name).statistics();
    }

    // ---- coming and going ----

    @Test
    void shouldMakeEachClientAPortAndTakeItOutWhenItLeaves() throws Exception {
        listen(listener());
        try (RawPeer first = join(1);
                RawPeer second = join(2)) {
            first.send(RawPeer.BINARY, TestLan.frame(0, 1, 60, 1));
            assertThat(lan.receive()).isEqualTo(TestLan.frame(0, 1, 60, 1));
            lan.await("the flood", () -> statistics("peer-2").txFrames() == 1);
            assertThat(second.read().payload()).isEqualTo(TestLan.frame(0, 1, 60, 1));
            // Known unicast goes to one of them only.
            second.send(RawPeer.BINARY, TestLan.frame(1, 2, 60, 2));
            lan.await("the answer", () -> statistics("peer-1").txFrames() == 1);
            assertThat(first.read().payload()).isEqualTo(TestLan.frame(1, 2, 60, 2));
            assertThat(lan.host.receive()).isNull();
        }
        lan.await("both to leave", () -> lan.portNames().isEmpty());
        lan.awaitMessage("peer-1: /127.0.0.1");
        try (RawPeer third = join(3)) {
            assertThat(lan.portNames()).containsExactly("peer-3");
        }
    }

    @Test
    void shouldAnswerAClosingHandshakeWithItsCode() throws Exception {
        listen(listener());
        try (RawPeer peer = join(1)) {
            peer.send(RawPeer.CLOSE, RawPeer.hex("0bb8 62796521"));
            RawPeer.Message answer = peer.read();
            assertThat(answer.opcode()).isEqualTo(RawPeer.CLOSE);
            assertThat(answer.closeCode()).isEqualTo(3_000);
            assertThat(peer.ends()).isTrue();
            lan.awaitMessage("left: closed by the peer: 3000 bye!");
        }
    }

    @Test
    void shouldSayGoodByeWhenItCloses() throws Exception {
        listen(listener());
        try (RawPeer peer = join(1)) {
            lan.lan.close();
            RawPeer.Message message = peer.read();
            assertThat(message.opcode()).isEqualTo(RawPeer.CLOSE);
            assertThat(message.closeCode()).isEqualTo(1001);
            assertThat(peer.ends()).isTrue();
        }
        assertThatThrownBy(() -> RawPeer.open(port)).isInstanceOf(IOException.class);
    }

    @Test
    void shouldCloseOneClientTooManyWith1013() throws Exception {
        listen(listener().maxClients(1));
        RawPeer first = join(1);
        try (RawPeer second = RawPeer.connect(port)) {
            RawPeer.Message message = second.read();
            assertThat(message.opcode()).isEqualTo(RawPeer.CLOSE);
            assertThat(message.closeCode()).isEqualTo(1013);
            assertThat(second.ends()).isTrue();
        }
        lan.awaitMessage("there are 1 clients already");
        first.close();
        lan.await("the first to leave", () -> lan.portNames().isEmpty());
        join(2).close();
    }

    @Test
    void shouldSayWhoHasThePortWhenItCannotListen() throws Exception {
        listen(listener());
        assertThatThrownBy(() ->
                        lan.add(WebSocketListener.builder("127.0.0.1", port).build()))
                .isInstanceOf(PortException.class)
                .hasMessageContainingAll("cannot listen on 127.0.0.1 port " + port, "ss -ltnp 'sport = :" + port + "'");
    }

    // ---- what breaks the protocol ----

    @ParameterizedTest
    @CsvSource({
        "unmasked, 1002, 82 0e 0000000000000000000000000000",
        "reserved bits, 1002, f2 80 00000000",
        "long ping, 1002, 89 fe 0100 00000000",
        "fragmented close, 1002, 08 80 00000000",
        "close code 1006, 1002, 88 82 00000000 03ee",
        "close reason not UTF-8, 1007, 88 84 00000000 03e8 c328",
        "endless length, 1009, 82 ff 7fffffffffffffff 00000000",
    })
    void shouldCloseWithTheCodeForIt(String what, int code, String hex) throws Exception {
        listen(listener());
        try (RawPeer peer = join(1)) {
            peer.send(RawPeer.hex(hex.replace(" ", "")));
            peer.send(RawPeer.BINARY, TestLan.frame(0, 1, 60, 1)); // ignored, and no reason for a reset
            RawPeer.Message message = peer.read();
            assertThat(message.opcode()).isEqualTo(RawPeer.CLOSE);
            assertThat(message.closeCode()).as(what).isEqualTo(code);
            assertThat(peer.ends()).isTrue();
        }
        lan.await("the client to leave", () -> lan.portNames().isEmpty());
        assertThat(lan.host.receive()).isNull();
    }

    @Test
    void shouldSurviveGarbageAfterTheUpgrade() throws Exception {
        listen(listener());
        long seed = System.nanoTime();
        System.out.println("WebSocketListenerTest seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 1; i <= 50; i++) {
            byte[] garbage = new byte[1 + random.nextInt(300)];
            random.nextBytes(garbage);
            try (RawPeer peer = join(i)) {
                peer.send(garbage);
            }
            lan.await("the client to leave", () -> lan.portNames().isEmpty());
        }
        lan.awaitConservation();
        try (RawPeer peer = join(51)) {
            peer.send(RawPeer.BINARY, TestLan.frame(0, 1, 60, 1));
            lan.await("the frame", () -> {
                byte[] frame = lan.host.receive();
                return frame != null && Arrays.equals(frame, TestLan.frame(0, 1, 60, 1));
            });
        }
    }

    @Test
    void shouldRefuseFramesThatAreTooLong() throws Exception {
        listen(listener().maxFrame(1_514));
        try (RawPeer peer = join(1)) {
            peer.send(RawPeer.BINARY, TestLan.frame(0, 1, 1_514, 1));
            assertThat(lan.receive()).hasSize(1_514);
            peer.send(RawPeer.BINARY, TestLan.frame(0, 1, 1_515, 1));
            assertThat(peer.read().closeCode()).isEqualTo(1009);
            lan.await("the count", () -> lan.dropped(DropReason.RX_TOO_LONG) == 1);
        }
    }

    @Test
    void shouldEndEndlessFragments() throws Exception {
        listen(listener().maxFrame(1_514));
        try (RawPeer peer = join(1)) {
            peer.send(RawPeer.message(RawPeer.BINARY, TestLan.frame(0, 1, 60, 1), true));
            for (int i = 0; i < 20; i++) {
                peer.send(RawPeer.message(0, new byte[0], true));
            }
            assertThat(peer.read().closeCode()).isEqualTo(1008);
        }
    }

    @Test
    void shouldCountWhatIsNoFrameAndCarryOn() throws Exception {
        listen(listener());
        try (RawPeer peer = join(1)) {
            peer.send(RawPeer.BINARY, new byte[13]);
            peer.send(RawPeer.BINARY, "\0\0\0\0\0\0AUTH key".getBytes(StandardCharsets.US_ASCII));
            peer.send(RawPeer.TEXT, "hello".getBytes(StandardCharsets.US_ASCII));
            peer.send(RawPeer.BINARY, TestLan.frame(0, 1, 60, 1));
            assertThat(lan.receive()).isEqualTo(TestLan.frame(0, 1, 60, 1));
            assertThat(statistics("peer-1").dropped(DropReason.RUNT)).isEqualTo(1);
            assertThat(statistics("peer-1").dropped(DropReason.MALFORMED)).isEqualTo(2);
            assertThat(statistics("peer-1").rxFrames()).isEqualTo(4);
            assertThat(peer.read(1)).as("nobody asked for text").isNull();
        }
    }

    @Test
    void shouldRefuseAnAuthenticationFrameWhenToldTo() throws Exception {
        listen(listener().refuseAuthFrame());
        try (RawPeer peer = join(1)) {
            peer.send(RawPeer.BINARY, "\0\0\0\0\0\0AUTH key".getBytes(StandardCharsets.US_ASCII));
            assertThat(peer.read().closeCode()).isEqualTo(1008);
        }
    }

    // ---- pings ----

    @Test
    void shouldAnswerPings() throws Exception {
        listen(listener());
        try (RawPeer peer = join(1)) {
            peer.send(RawPeer.PING, new byte[] {1, 2, 3});
            RawPeer.Message pong = peer.read();
            assertThat(pong.opcode()).isEqualTo(RawPeer.PONG);
            assertThat(pong.payload()).isEqualTo(new byte[] {1, 2, 3});
            peer.send(RawPeer.TEXT, "ping:1234".getBytes(StandardCharsets.US_ASCII));
            RawPeer.Message text = peer.read();
            assertThat(text.opcode()).isEqualTo(RawPeer.TEXT);
            assertThat(text.text()).isEqualTo("pong:1234");
            assertThat(statistics("peer-1").rxFrames()).as("neither is a frame").isZero();
        }
    }

    @Test
    void shouldAnswerAFloodOfPingsWithFewPongsAndTheLastOne() throws Exception {
        listen(listener());
        try (RawPeer peer = join(1)) {
            int pings = 100_000;
            ByteArrayOutputStream flood = new ByteArrayOutputStream();
            for (int i = 0; i < pings; i++) {
                flood.writeBytes(RawPeer.message(FIN | RawPeer.PING, RawPeer.hex(String.format("%08x", i)), true));
            }
            peer.send(flood.toByteArray());
            int pongs = 0;
            byte[] last = RawPeer.hex(String.format("%08x", pings - 1));
            RawPeer.Message pong;
            do {
                pong = peer.read();
                assertThat(pong.opcode()).isEqualTo(RawPeer.PONG);
                pongs++;
            } while (!Arrays.equals(pong.payload(), last));
            assertThat(pongs).isLessThan(pings / 10);
        }
    }

    @Test
    void shouldPingASilentPeerAndGiveUpADeadOne() throws Exception {
        listen(listener().ping(Duration.ofSeconds(10)).idle(Duration.ofSeconds(30)));
        try (RawPeer alive = join(1);
                RawPeer dead = join(2)) {
            for (int i = 0; i < 5; i++) {
                lan.pass(Duration.ofSeconds(9));
                RawPeer.Message ping;
                do {
                    lan.pass(Duration.ofSeconds(1));
                    ping = alive.read(100);
                } while (ping == null);
                assertThat(ping.opcode()).isEqualTo(RawPeer.PING);
                assertThat(ping.payload()).isEmpty();
                alive.send(RawPeer.PONG, new byte[0]);
                // Told apart from a pong that is still on its way: a frame behind it has arrived.
                alive.send(RawPeer.BINARY, TestLan.frame(0, 1, 60, i));
                assertThat(lan.receive()).isEqualTo(TestLan.frame(0, 1, 60, i));
            }
            lan.await("the dead one to leave", () -> lan.portNames().equals(java.util.List.of("peer-1")));
            lan.awaitMessage("nothing received for 30 s");
            assertThat(dead.ends()).isTrue();
        }
    }

    // ---- slow peers ----

    @Test
    void shouldDropForASlowPeerAndServeTheOthers() throws Exception {
        listen(listener().queue(64));
        try (RawPeer slow = join(1);
                RawPeer quick = join(2)) {
            byte[] sent = TestLan.frame(0, 9, 9_000, 1);
            int count = 0;
            // The kernel's buffers take some megabytes before anything has to wait.
            while (lan.dropped(DropReason.TX_QUEUE_FULL) < 100) {
                lan.send(sent);
                count++;
                RawPeer.Message message = quick.read();
                assertThat(message).as("frame %d; %s", count, lan.lan.ports()).isNotNull();
                assertThat(message.payload()).isEqualTo(sent);
                assertThat(count).as("frames until the queue is full").isLessThan(100_000);
            }
            assertThat(statistics("peer-1").dropped(DropReason.TX_QUEUE_FULL)).isGreaterThanOrEqualTo(100);
            assertThat(statistics("peer-2").dropped()).isZero();
            lan.await("the quick one's account", () -> statistics("peer-2").txFrames() > 0);
            slow.close();
            lan.await("the slow one to leave", () -> lan.portNames().equals(java.util.List.of("peer-2")));
            lan.awaitConservation();
        }
    }

    @Test
    void shouldHoldBackAPeerThatIsTooQuickForTheSwitch() throws Exception {
        listen(listener());
        try (RawPeer peer = join(1)) {
            int count = 20_000;
            AtomicInteger sent = new AtomicInteger();
            AtomicInteger received = new AtomicInteger();
            lan.host.onFrame(bytes -> {
                byte[] frame = new byte[bytes.remaining()];
                bytes.get(frame);
                assertThat(Arrays.equals(frame, TestLan.frame(0, 1, 1_500, received.getAndIncrement())))
                        .isTrue();
            });
            Thread sender = new Thread(() -> {
                try {
                    for (int i = 0; i < count; i++) {
                        peer.send(RawPeer.BINARY, TestLan.frame(0, 1, 1_500, i));
                        sent.set(i);
                    }
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            sender.start(); // 30 MB, and the switch stands still at first: TCP has to stop it
            while (sent.get() < 600) {
                Thread.onSpinWait();
            }
            lan.await("all frames", () -> received.get() == count);
            sender.join();
            assertThat(statistics("peer-1").dropped()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 1_000})
    void shouldReassembleHoweverTcpSplits(int piece) throws Exception {
        listen(listener());
        try (RawPeer peer = join(1)) {
            ByteArrayOutputStream stream = new ByteArrayOutputStream();
            byte[] whole = TestLan.frame(0, 1, 300, 3);
            stream.writeBytes(RawPeer.message(FIN | RawPeer.BINARY, whole, true));
            stream.writeBytes(RawPeer.message(RawPeer.BINARY, Arrays.copyOf(whole, 1), true));
            stream.writeBytes(RawPeer.message(FIN | RawPeer.PING, new byte[3], true));
            stream.writeBytes(RawPeer.message(FIN, Arrays.copyOfRange(whole, 1, 300), true));
            byte[] bytes = stream.toByteArray();
            for (int from = 0; from < bytes.length; from += piece) {
                peer.send(Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + piece)));
            }
            assertThat(lan.receive()).isEqualTo(whole);
            assertThat(lan.receive()).isEqualTo(whole);
            assertThat(peer.read().opcode()).isEqualTo(RawPeer.PONG);
        }
    }
}
