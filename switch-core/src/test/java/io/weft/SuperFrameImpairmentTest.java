package io.weft;

import static io.weft.OffloadLan.EVERYTHING;
import static io.weft.OffloadLan.NOTHING;
import static io.weft.SteppedLan.A;
import static io.weft.SteppedLan.B;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.Conversation.Kind;
import io.weft.impairment.ImpairedDriver;
import io.weft.impairment.Impairment;
import io.weft.port.DropReason;
import io.weft.port.PortCapabilities;
import io.weft.port.PortStatistics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Impaired ports work on frames of the wire, one by one, whatever the driver behind them has. */
class SuperFrameImpairmentTest {
    private static final int MSS = 1_448;

    private final OffloadLan lan = new OffloadLan();
    private final OffloadPort far = new OffloadPort("far", EVERYTHING);

    @AfterEach
    void close() {
        lan.close();
        assertThat(far.framesInUse()).isZero();
    }

    private void impair(Impairment rx, Impairment tx) throws Exception {
        impair(rx, tx, NOTHING);
    }

    private void impair(Impairment rx, Impairment tx, PortCapabilities near) throws Exception {
        lan.port("near", near);
        lan.lan.add(new ImpairedDriver(far, rx, tx));
    }

    private PortStatistics statistics() {
        return lan.lan.port("far").status().statistics();
    }

    private static OffloadedFrame[] frames(Kind kind, int count) {
        Conversation talk = new Conversation(kind, A, B);
        OffloadedFrame[] frames = new OffloadedFrame[count];
        Arrays.setAll(frames, i -> i % 3 == 2 ? talk.partial(1_000) : talk.superFrame(20_000, MSS));
        return frames;
    }

    private static List<byte[]> wire(OffloadedFrame... frames) {
        return Arrays.stream(frames)
                .flatMap(frame -> frame.onTheWire().stream())
                .toList();
    }

    private void receive(OffloadedFrame... frames) {
        for (OffloadedFrame frame : frames) {
            far.send(frame);
        }
        lan.settle();
    }

    /** Sends by one direction or the other; returns what comes out, which is finished. */
    private List<byte[]> through(boolean inbound, OffloadedFrame... frames) {
        List<OffloadedFrame> out;
        if (inbound) {
            receive(frames);
            out = lan.take("near");
        } else {
            lan.send("near", frames);
            out = far.take();
        }
        assertThat(out).noneMatch(OffloadedFrame::isPartial).noneMatch(OffloadedFrame::isSuperFrame);
        return out.stream().map(OffloadedFrame::bytes).toList();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldCutAndCompleteInOrder(boolean inbound) throws Exception {
        impair(Impairment.NONE, Impairment.NONE);
        for (Kind kind : Kind.values()) {
            assertThat(through(inbound, frames(kind, 9)))
                    .containsExactly(wire(frames(kind, 9)).toArray(byte[][]::new));
        }
        assertThat(inbound ? statistics().rxFrames() : statistics().txFrames()).isEqualTo(4 * 3 * (14 + 14 + 1));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldLoseFramesOfTheWire(boolean inbound) throws Exception {
        long seed = TestSeed.next("SuperFrameImpairmentTest");
        Impairment loss = Impairment.builder().loss(10).seed(seed).build();
        impair(loss, loss);
        int sent = 0;
        int arrived = 0;
        int whole = 0; // super-frames of which nothing was lost
        for (int i = 0; i < 300; i++) {
            OffloadedFrame superFrame = frames(Kind.TCP4, 1)[0];
            List<byte[]> passed = through(inbound, superFrame);
            int at = 0;
            for (byte[] frame : superFrame.onTheWire()) {
                if (at < passed.size() && Arrays.equals(passed.get(at), frame)) {
                    at++;
                }
            }
            assertThat(at).as("are all of its segments, in order").isEqualTo(passed.size());
            sent += 14;
            arrived += passed.size();
            whole += passed.size() == 14 ? 1 : 0;
        }
        // 4,200 with 10 % loss: 3,780, and a standard deviation of 19; whole ones 300 x 0.9^14 = 69, and 7.3.
        assertThat(arrived).isBetween(3_780 - 140, 3_780 + 140);
        assertThat(whole).isBetween(69 - 52, 69 + 52);
        DropReason reason = inbound ? DropReason.RX_IMPAIRMENT : DropReason.IMPAIRMENT;
        assertThat(statistics().dropped(reason)).isEqualTo(sent - arrived);
        assertThat(inbound ? statistics().rxFrames() : sent).isEqualTo(sent);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldLoseTheSameWithTheSameSeed(boolean inbound) throws Exception {
        Impairment loss = Impairment.builder().loss(30).seed(4_711).build();
        impair(loss, loss);
        List<byte[]> first = through(inbound, frames(Kind.UDP4, 30));
        try (OffloadLan again = new OffloadLan()) {
            OffloadPort port = new OffloadPort("far", EVERYTHING);
            again.port("near", NOTHING).lan.add(new ImpairedDriver(port, loss, loss));
            if (inbound) {
                Arrays.stream(frames(Kind.UDP4, 30)).forEach(port::send);
                again.settle();
                assertThat(again.port("near").takeFromWire()).containsExactlyElementsOf(first);
            } else {
                again.send("near", frames(Kind.UDP4, 30));
                assertThat(port.takeFromWire()).containsExactlyElementsOf(first);
            }
        }
        assertThat(first.size()).isBetween(1, wire(frames(Kind.UDP4, 30)).size() - 1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldLeaveAWrongChecksumWhereItFlipsABit(boolean inbound) throws Exception {
        long seed = TestSeed.next("SuperFrameImpairmentTest");
        Impairment corrupt = Impairment.builder().corrupt(100).seed(seed).build();
        impair(corrupt, corrupt);
        int found = 0;
        long missing = 0;
        for (Kind kind : Kind.values()) {
            OffloadedFrame[] frames = frames(kind, 6);
            for (OffloadedFrame frame : frames) {
                List<byte[]> expected = frame.onTheWire();
                List<byte[]> got = through(inbound, frame);
                int next = 0;
                for (byte[] whole : expected) {
                    if (next == got.size() || !isFlipped(got.get(next), whole)) {
                        missing++; // with the sender's own address, or one that no bridge forwards to
                        continue;
                    }
                    byte[] flipped = got.get(next++);
                    int payload = frame.checksumStart() + 32; // nothing that tells where a checksum is
                    if (Arrays.mismatch(flipped, whole) >= payload) {
                        found++;
                        assertThat(OffloadedFrame.isRight(flipped)).isFalse();
                    }
                }
                assertThat(next).isEqualTo(got.size());
            }
        }
        // A flipped address bit may make it somebody else's frame, which comes out all the same, or nobody's.
        assertThat(missing)
                .isEqualTo(statistics().dropped(DropReason.SAME_PORT)
                        + statistics().dropped(DropReason.RESERVED_MULTICAST));
        assertThat(found).isGreaterThan(100);
    }

    /** Whether two frames differ by one bit. */
    private static boolean isFlipped(byte[] one, byte[] other) {
        int at = Arrays.mismatch(one, other);
        return one.length == other.length
                && at >= 0
                && Integer.bitCount((one[at] ^ other[at]) & 0xff) == 1
                && Arrays.equals(one, at + 1, one.length, other, at + 1, other.length);
    }

    /** A frame that was verified before its bits were flipped must not be merged as if it still were. */
    @Test
    void shouldNotMergeWhatWasCorrupted() throws Exception {
        Impairment corrupt = Impairment.builder()
                .corrupt(30)
                .seed(TestSeed.next("SuperFrameImpairmentTest"))
                .build();
        impair(corrupt, Impairment.NONE, EVERYTHING.withCoalescing());
        lan.port("witness", NOTHING);
        int merged = 0;
        for (int i = 0; i < 50; i++) {
            receive(frames(Kind.UDP4, 1));
            List<OffloadedFrame> near = lan.take("near");
            merged += near.stream().anyMatch(OffloadedFrame::isSuperFrame) ? 1 : 0;
            List<byte[]> onTheWire = new ArrayList<>();
            near.forEach(frame -> onTheWire.addAll(frame.onTheWire()));
            assertThat(onTheWire)
                    .containsExactlyInAnyOrderElementsOf(lan.port("witness").takeFromWire());
        }
        assertThat(merged).isPositive();
    }

    @Test
    void shouldDelayAndDuplicateFramesOfTheWire() throws Exception {
        Impairment rx = Impairment.builder()
                .delay(Duration.ofMillis(10))
                .duplicate(100)
                .seed(1)
                .build();
        impair(rx, Impairment.NONE);
        OffloadedFrame superFrame = frames(Kind.TCP6, 1)[0];
        receive(superFrame);
        assertThat(lan.take("near")).isEmpty();
        lan.pass(Duration.ofMillis(10));
        List<byte[]> twice = new ArrayList<>();
        for (byte[] frame : superFrame.onTheWire()) {
            twice.add(frame);
            twice.add(frame);
        }
        assertThat(lan.port("near").takeFromWire()).containsExactlyElementsOf(twice);
    }

    /** A poll of a driver with offloads may bring in 64 super-frames: thousands of frames, more than any line keeps waiting. */
    @Test
    void shouldLoseNothingOfABurstThatIsNotImpaired() throws Exception {
        impair(Impairment.NONE, Impairment.NONE);
        Conversation talk = new Conversation(Kind.TCP4, A, B);
        OffloadedFrame[] burst = new OffloadedFrame[64];
        Arrays.setAll(burst, i -> talk.superFrame(60_000, MSS));
        receive(burst);
        assertThat(statistics().drops()).isEmpty();
        assertThat(lan.port("near").takeFromWire()).containsExactly(wire(burst).toArray(byte[][]::new));
    }

    @Test
    void shouldCountWhatWaitsToBeCutWhenThePortLeaves() throws Exception {
        lan.port("near", NOTHING);
        OffloadPort port = new OffloadPort("leaving", EVERYTHING);
        var attached = lan.lan.add(new ImpairedDriver(port, Impairment.NONE, Impairment.NONE));
        Conversation talk = new Conversation(Kind.TCP4, A, B);
        lan.lan.add(new ImpairedDriver(far, Impairment.NONE, Impairment.NONE));
        for (int i = 0; i < 10; i++) {
            port.send(talk.superFrame(60_000, MSS));
        }
        lan.lan.step(); // one poll: a batch, and part of the second super-frame
        assertThat(lan.take("near")).hasSize(64);
        attached.close();
        lan.settle();
        assertThat(lan.take("near")).isEmpty();
        PortStatistics all = lan.lan.statistics();
        assertThat(all.dropped(DropReason.RX_PORT_DOWN)).isEqualTo(9);
        assertThat(all.rxSegments()).isEqualTo(10 * 42);
        assertThat(port.framesInUse()).isZero();
    }
}
