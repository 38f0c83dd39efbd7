package io.weft.srv6;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.frame.IpAddress;
import io.weft.offload.VirtioFrame;
import io.weft.offload.WireFrame;
import io.weft.port.StubContext;
import io.weft.underlay.MemoryNetwork;
import io.weft.underlay.SendOutcome;
import io.weft.underlay.UnderlayPeer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of packets that a waypoint cannot send on, who is told, and where the memory goes. */
class TransitSenderTest {
    private static final String TO_2 = "[fd00::1] [fc00:2::d]";
    private static final String PACKET = "60000000 0008 113f" + TO_2 + "0001000200080000";
    private static final SrSource SOURCE = source();
    private static final int ANSWERS = 64;
    private static final long ANSWER_INTERVAL_NS = 1_000_000;

    private final ScriptedSocket socket = new ScriptedSocket();
    private FramePool pool;
    private Srv6Listener listener;
    private TransitSender transit;
    private long nowNs = 1_000_000_000L;

    @BeforeEach
    void open() throws Exception {
        open(new FramePool(200, 4));
    }

    private void open(FramePool newPool) throws Exception {
        if (listener != null) {
            listener.close();
        }
        pool = newPool;
        Srv6NodeBuilder node =
                Srv6Node.builder("n").local("fc00:3::1").domain("fd00::/16").sid("fc00:3::e End");
        listener = new Srv6Listener(
                new Srv6Listener.Key(null, null, List.of(), false),
                node.tunnelSettings(),
                new MemoryNetwork().host(Srv6Lab.address("fc00:3::1")));
        listener.open(new Context());
        transit = new TransitSender(listener, socket, pool);
    }

    @AfterEach
    void assertThePoolIsWhole() {
        assertThat(pool.inUse()).isZero();
        listener.close();
    }

    private static SrSource source() {
        long[] halves = IpAddress.parseIpv6("fc00:3::1");
        return new SrSource(halves[0], halves[1], 64);
    }

    private static UnderlayPeer peer(String address) {
        long[] halves = IpAddress.parseIpv6(address);
        return new UnderlayPeer(halves[0], halves[1], 0, 0);
    }

    private Frame frame(String packet) {
        return SidNode.frame(pool, SidNode.bytes(packet));
    }

    private void send(SendOutcome fate, String packet, UnderlayPeer gateway) {
        socket.fate = bytes -> fate;
        transit.add(frame(packet), gateway, SOURCE);
        transit.flush();
    }

    /** Type and code of the errors that were sent, and what they say behind these. */
    private List<String> errors() {
        List<String> errors = new ArrayList<>();
        for (byte[] packet : socket.sent) {
            if (packet[6] == 58) {
                assertThat(Arrays.copyOfRange(packet, 8, 24)).isEqualTo(SidNode.bytes("[fc00:3::1]"));
                errors.add(packet[40] + " " + packet[41] + " "
                        + ((packet[44] & 0xff) << 24
                                | (packet[45] & 0xff) << 16
                                | (packet[46] & 0xff) << 8
                                | packet[47] & 0xff));
            }
        }
        return errors;
    }

    // ---- who is told what ----

    @ParameterizedTest
    @CsvSource({
        "SENT, , ",
        "TOO_LONG, NEXT_TOO_LONG, 2 0 1400",
        "UNREACHABLE, NEXT_UNREACHABLE, 1 0 0",
        "QUEUE_FULL, NEXT_QUEUE_FULL, ",
        "FAILED, NEXT_ERROR, "
    })
    void shouldTellOnlyOfWhatIsTheWaysFault(SendOutcome fate, Srv6Counter counter, String error) {
        send(fate, PACKET, null);
        assertThat(errors()).isEqualTo(error == null ? List.of() : List.of(error));
        if (error != null) {
            byte[] answer = socket.sent.get(1);
            assertThat(Arrays.copyOfRange(answer, 24, 40)).isEqualTo(SidNode.bytes("[fd00::1]"));
            assertThat(Arrays.copyOfRange(answer, 48, answer.length)).isEqualTo(SidNode.bytes(PACKET));
        }
        for (Srv6Counter each : Srv6Counter.values()) {
            assertThat(listener.counted(each)).as("%s", each).isEqualTo(each == counter ? 1 : 0);
        }
        assertThat(listener.readings().stream()
                        .filter(reading -> reading.name().equals("srv6_sent_on_packets"))
                        .mapToLong(reading -> reading.value()))
                .containsExactly(fate == SendOutcome.SENT ? 1L : 0L);
    }

    @Test
    void shouldTellTheMtuOfTheWayThatWasTaken() {
        UnderlayPeer gateway = peer("fe80::5");
        send(SendOutcome.TOO_LONG, PACKET, gateway);
        send(SendOutcome.TOO_LONG, PACKET, null);
        assertThat(socket.asked).containsExactly(gateway, peer("fc00:2::d"));
        assertThat(socket.gateways).containsExactly(gateway, null, null, null);
        assertThat(errors()).containsExactly("2 0 1400", "2 0 1400");
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0})
    void shouldNotTellAnMtuThatNobodyKnows(int mtu) {
        socket.mtu = mtu;
        send(SendOutcome.TOO_LONG, PACKET, peer("fe80::5"));
        assertThat(errors()).isEmpty();
        assertThat(listener.counted(Srv6Counter.NEXT_TOO_LONG)).isEqualTo(1);
    }

    /** RFC 4443, 2.4 (e): to whom, and about what, no error is ever sent; nor to itself, whose own headers they may be. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "60000000 0008 113f [::] [fc00:2::d] 0001000200080000",
                "60000000 0008 113f [ff0e::1] [fc00:2::d] 0001000200080000",
                "60000000 0008 113f [fd00::1] [ff0e::1] 0001000200080000",
                "60000000 0008 3a3f" + TO_2 + "0100000000000000",
                "60000000 0008 3a3f" + TO_2 + "8900000000000000",
                "60000000 0030 2b3f" + TO_2 + "3a04 0400 0100 0000 [fc00:2::d] [fc00:3::e] 0300000000000000",
                "60000000 0010 2c3f" + TO_2 + "1100000900000001 0100000000000000",
                "60000000 0008 113f [fc00:3::1] [fc00:2::d] 0001000200080000"
            })
    void shouldNotTellOfErrorsNorTellNobody(String packet) {
        send(SendOutcome.UNREACHABLE, packet, null);
        send(SendOutcome.TOO_LONG, packet, null);
        assertThat(socket.sent).hasSize(2);
        assertThat(listener.counted(Srv6Counter.NEXT_UNREACHABLE)).isEqualTo(1);
        assertThat(listener.counted(Srv6Counter.NEXT_TOO_LONG)).isEqualTo(1);
    }

    /** Who makes headers of his own is told by nobody that they go no further. */
    @Test
    void shouldNotTellOfWhatWasMadeHere() {
        socket.fate = bytes -> SendOutcome.UNREACHABLE;
        transit.add(frame(PACKET), null, null);
        transit.flush();
        assertThat(socket.sent).hasSize(1);
        assertThat(listener.counted(Srv6Counter.NEXT_UNREACHABLE)).isEqualTo(1);
    }

    // ---- how often ----

    @ParameterizedTest
    @EnumSource(
            value = SendOutcome.class,
            names = {"UNREACHABLE", "TOO_LONG"})
    void shouldLimitAnswers(SendOutcome fate) {
        for (int i = 0; i < ANSWERS + 10; i++) {
            send(fate, PACKET, null);
        }
        assertThat(errors()).hasSize(ANSWERS);
        nowNs += ANSWER_INTERVAL_NS - 1;
        send(fate, PACKET, null);
        assertThat(errors()).hasSize(ANSWERS);
        nowNs += 1;
        send(fate, PACKET, null);
        send(fate, PACKET, null);
        assertThat(errors()).hasSize(ANSWERS + 1);
        nowNs += 1_000 * ANSWER_INTERVAL_NS;
        for (int i = 0; i < ANSWERS + 10; i++) {
            send(fate, PACKET, null);
        }
        assertThat(errors()).hasSize(2 * ANSWERS + 1);
    }

    /** One limit for what SIDs say and for what the way says; of one poll no more than are kept at once. */
    @Test
    void shouldLimitWhatSidsAnswerToo() {
        int taken = 0;
        for (int i = 0; i < ANSWERS + 10; i++) {
            Frame frame = frame(PACKET);
            if (transit.answer(frame, IcmpError.of(IcmpError.TIME_EXCEEDED, 0, 0), SOURCE)) {
                taken++;
            } else {
                frame.release();
            }
        }
        assertThat(taken).isEqualTo(ANSWERS);
        Frame later = frame(PACKET);
        nowNs += 1_000 * ANSWER_INTERVAL_NS;
        assertThat(transit.answer(later, IcmpError.of(IcmpError.TIME_EXCEEDED, 0, 0), SOURCE))
                .as("there is no room")
                .isFalse();
        later.release();
        assertThat(socket.sent).isEmpty();
        transit.flush();
        assertThat(errors()).hasSize(ANSWERS).containsOnly("3 0 0");
        for (int i = 0; i < ANSWERS; i++) { // one was taken for what there was no room for
            send(SendOutcome.UNREACHABLE, PACKET, null);
        }
        assertThat(errors()).hasSize(2 * ANSWERS);
    }

    @Test
    void shouldSendMoreThanTheSocketTakesAtOnce() {
        for (int i = 0; i < 150; i++) {
            transit.add(
                    frame("60000000 0008 113f" + TO_2 + "%016x".formatted(i)),
                    i % 2 == 0 ? null : peer("fe80::5"),
                    SOURCE);
        }
        transit.flush();
        assertThat(socket.sent).hasSize(150);
        for (int i = 0; i < 150; i++) {
            assertThat(socket.sent.get(i)[47]).isEqualTo((byte) i);
            assertThat(socket.gateways.get(i)).isEqualTo(i % 2 == 0 ? null : peer("fe80::5"));
        }
    }

    // ---- memory ----

    private static VirtioFrame superFrame() {
        WireFrame inside = new WireFrame();
        inside.ipv6 = true;
        inside.from = new byte[16];
        inside.to = new byte[16];
        Arrays.fill(inside.from, (byte) 0x3a);
        Arrays.fill(inside.to, (byte) 0x3b);
        inside.payload = new byte[20_000];
        return Encapsulated.of(inside.partial(1_000), Ipv6Header.ETHERNET, Encapsulated.TWO_LEFT);
    }

    /** What waits to be sent has all the memory: it goes first. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 8, 9, 20, 100})
    void shouldCutSuperFramesWithLittleMemory(int segments) throws Exception {
        open(new FramePool(segments, 1));
        UnderlayPeer gateway = peer("fe80::5");
        for (int round = 1; round <= 3; round++) {
            transit.add(superFrame().in(pool), gateway, SOURCE);
            transit.flush();
            assertThat(socket.sent).hasSize(20 * round);
            assertThat(pool.inUse()).isZero();
        }
        assertThat(socket.gateways).containsOnly(gateway);
        assertThat(socket.sent).allMatch(packet -> packet.length == 40 + 56 + 14 + 40 + 20 + 1_000);
        assertThat(listener.counted(Srv6Counter.NEXT_POOL_EMPTY)).isZero();
    }

    /** Others have all the memory: the rest of the packet is lost, and counted once; it is whole again when they are gone. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 5})
    void shouldCountWhatThereIsNoMemoryFor(int free) throws Exception {
        open(new FramePool(8, 1));
        socket.fate = packet -> SendOutcome.SENT;
        Frame whole = superFrame().in(pool);
        List<Frame> others = new ArrayList<>();
        for (int i = free; i < 8; i++) {
            others.add(pool.allocate(100));
        }
        if (free == 0) {
            transit.add(whole, null, SOURCE);
            transit.flush();
            assertThat(socket.sent).isEmpty();
            assertThat(listener.counted(Srv6Counter.NEXT_POOL_EMPTY)).isEqualTo(1);
        } else {
            transit.add(whole, null, SOURCE);
            transit.flush();
            assertThat(socket.sent).hasSize(20);
            assertThat(listener.counted(Srv6Counter.NEXT_POOL_EMPTY)).isZero();
        }
        assertThat(pool.inUse()).isEqualTo(others.size());
        others.forEach(Frame::release);
        transit.add(superFrame().in(pool), null, SOURCE);
        transit.flush();
        assertThat(socket.sent).hasSize(free == 0 ? 20 : 40);
    }

    /** Answers that wait keep their packets, and errors about segments that do not fit are made of those. */
    @Test
    void shouldLoseNoMemoryToAnswers() throws Exception {
        open(new FramePool(8, 1));
        for (SendOutcome fate : SendOutcome.values()) {
            socket.fate = packet -> packet[6] == 58 ? SendOutcome.FAILED : fate;
            transit.add(superFrame().in(pool), null, SOURCE);
            transit.flush();
            assertThat(pool.inUse()).as("%s", fate).isZero();
        }
        assertThat(listener.counted(Srv6Counter.NEXT_UNREACHABLE)).isPositive();
        assertThat(errors()).isNotEmpty();
    }

    @Test
    void shouldDropWhatIsNotAsTheKernelSays() {
        Frame frame = frame(PACKET);
        frame.offload(Frame.OFFLOAD_CHECKSUM_PARTIAL, Frame.GSO_TCPV6, 100, 2_000, 1_000, 16);
        transit.add(frame, null, SOURCE);
        transit.flush();
        assertThat(socket.sent).isEmpty();
        assertThat(listener.counted(Srv6Counter.OFFLOAD)).isEqualTo(1);
    }

    /** What a listener needs: a clock. */
    private final class Context extends StubContext {
        Context() {
            super(pool);
        }

        @Override
        public long nanoTime() {
            return nowNs;
        }
    }
}
