package io.weft.offload;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.TestSeed;
import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import io.weft.offload.CoalescerTest.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a burst becomes. Cut again, the frames are those that were received, in their order; what exactly may be merged is
 * {@link CoalescerTest}'s matter.
 */
class RunAssemblerTest {
    private final FramePool pool = new FramePool(256, 8);
    private final FramePool buffers = new FramePool(64, 4);
    private final FrameBatch batch = new FrameBatch(256);
    private final RunAssembler assembler = new RunAssembler(pool, Frame.MAX_LENGTH);

    @AfterEach
    void shouldLoseNoFrame() {
        assertThat(pool.inUse()).isEqualTo(batch.size());
        batch.release();
        assertThat(pool.inUse()).isZero();
        assertThat(buffers.inUse()).isZero();
    }

    /** Receives them, and looks whether the frames of the batch stand for them. */
    private void receive(List<byte[]> frames) {
        assertThat(ReceivedBurst.add(frames, assembler, buffers, batch)).isZero();
        assembler.finish(batch);
        ReceivedBurst.assertSame(wire(), frames);
    }

    private void receive(SegmentBytes... segments) {
        receive(bytes(List.of(segments)));
    }

    private static List<byte[]> bytes(List<SegmentBytes> segments) {
        return segments.stream().map(SegmentBytes::build).toList();
    }

    private List<byte[]> wire() {
        List<byte[]> frames = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            assertThat(OffloadCheck.isSound(batch.get(i))).isTrue();
            frames.addAll(WireReference.frames(batch.get(i)));
        }
        return frames;
    }

    private List<Integer> segmentsInEach() {
        List<Integer> counts = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            counts.add(WireFrames.count(batch.get(i)));
        }
        return counts;
    }

    /** A run of so many segments of which all can be merged. */
    private static List<SegmentBytes> run(Kind kind, int length, int count) {
        List<SegmentBytes> run = new ArrayList<>();
        run.add(kind.segment(length));
        while (run.size() < count) {
            run.add(run.get(run.size() - 1).next());
        }
        return run;
    }

    // ---- what is merged ----

    /** Super-frames of every kind that can be told from their segments. */
    private static WireFrame randomSuperFrame(SplittableRandom random) {
        WireFrame whole = new WireFrame();
        whole.tags = new int[][] {{}, {0x8100_0064}, {0x88a8_2007, 0x8100_0064}}[random.nextInt(3)];
        whole.udp = random.nextInt(3) == 0;
        whole.ipv6 = random.nextBoolean();
        if (whole.ipv6) {
            whole.from = new byte[16];
            whole.to = new byte[16];
            random.nextBytes(whole.from);
            random.nextBytes(whole.to);
            whole.flowLabel = random.nextInt(1 << 20);
        } else {
            whole.fragment = random.nextBoolean() ? 0x4000 : 0;
        }
        whole.tos = random.nextInt(256);
        whole.id = random.nextInt(4) == 0 ? 0xfffe : random.nextInt(0x10000);
        whole.seq = random.nextInt(4) == 0 ? -3_000 : random.nextInt();
        whole.ack = random.nextInt();
        whole.flags = 0x10 | new int[] {0, 0, 1, 8, 9, 0x40}[random.nextInt(6)];
        whole.tcpOptions = new byte[4 * random.nextInt(11)];
        random.nextBytes(whole.tcpOptions);
        return whole;
    }

    @Test
    void shouldGiveBackTheSuperFrameThatWasCut() {
        SplittableRandom random = TestSeed.random("RunAssemblerTest");
        for (int i = 0; i < 2_000 * TestSeed.effort(); i++) {
            WireFrame whole = randomSuperFrame(random);
            int gsoSize = random.nextInt(4) == 0 ? 8 + random.nextInt(100) : 8 + random.nextInt(8_940);
            int most = Math.min(64 * gsoSize, 65_535 - 150);
            whole.payload = new byte[gsoSize + 1 + random.nextInt(most - gsoSize)];
            random.nextBytes(whole.payload);
            Frame original = whole.partial(gsoSize).in(buffers);
            assertThat(OffloadCheck.isSound(original)).isTrue();
            List<byte[]> segments = Segments.of(original, buffers);
            receive(segments);
            assertThat(batch.size()).isEqualTo(1);
            Frame merged = batch.get(0);
            assertThat(merged.toByteArray()).isEqualTo(original.toByteArray());
            assertThat(VirtioFrame.of(merged))
                    .hasToString(VirtioFrame.of(original).toString());
            assertThat(WireFrames.count(merged)).isEqualTo(segments.size());
            assertThat(merged.ingress()).isEqualTo(3);
            assertThat(merged.endpoint()).isEqualTo(77);
            original.release();
            batch.release();
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldBeginAgainWhenTheSuperFrameIsFull(Kind kind) {
        receive(bytes(run(kind, 20, 130)));
        assertThat(segmentsInEach()).containsExactly(64, 64, 2);
        batch.release();
        receive(bytes(run(kind, 1_448, 50)));
        assertThat(segmentsInEach()).containsExactly(45, 5);
    }

    @ParameterizedTest
    @EnumSource
    void shouldNotMakeFramesLongerThanAllowed(Kind kind) {
        List<SegmentBytes> run = run(kind, 1_000, 6);
        RunAssembler limited = new RunAssembler(pool, run.get(0).build().length + 2_000);
        assertThat(ReceivedBurst.add(bytes(run), limited, buffers, batch)).isZero();
        limited.finish(batch);
        assertThat(segmentsInEach()).containsExactly(3, 3);
        batch.release();
        RunAssembler none = new RunAssembler(pool, 10);
        assertThat(ReceivedBurst.add(bytes(run), none, buffers, batch)).isZero();
        none.finish(batch);
        assertThat(segmentsInEach()).containsExactly(1, 1, 1, 1, 1, 1);
    }

    @Test
    void shouldNotKeepARunOpenWhenFinished() {
        SegmentBytes first = SegmentBytes.tcp4(1_000);
        receive(first, first.next());
        batch.release();
        receive(first.next().next());
        assertThat(segmentsInEach()).containsExactly(1);
    }

    /** A run is begun by a frame that another one follows, and is continued by the last one, too. */
    @Test
    void shouldBeginRunsOnlyWithFramesThatAreFollowed() {
        SegmentBytes segment = SegmentBytes.tcp4(1_000);
        for (boolean moreFollow : new boolean[] {false, true, false, false, true}) {
            Frame frame = segment.frame(buffers);
            assertThat(assembler.add(frame, moreFollow, batch)).isTrue();
            frame.release();
            segment = segment.next();
        }
        assembler.finish(batch);
        assertThat(segmentsInEach()).containsExactly(1, 4);
    }

    // ---- what is not ----

    /** And a super-frame is not to be flooded into the group that its segments were not to be flooded into. */
    @ParameterizedTest
    @EnumSource
    void shouldNotMergeWhatIsToBeFloodedElsewhere(Kind kind) {
        int[] groups = {1, 1, 1, 2, 2, 0};
        List<SegmentBytes> run = run(kind, 1_000, groups.length);
        for (int i = 0; i < groups.length; i++) {
            Frame frame = run.get(i).frame(buffers);
            frame.splitHorizonGroup(groups[i]);
            assertThat(assembler.add(frame, true, batch)).isTrue();
            frame.release();
        }
        assembler.finish(batch);
        assertThat(segmentsInEach()).containsExactly(3, 2, 1);
        int at = 0;
        for (int i = 0; i < batch.size(); i++) {
            Frame merged = batch.get(i);
            assertThat(merged.splitHorizonGroup()).isEqualTo(groups[at]);
            if (merged.gsoType() != 0) {
                Segmenter segmenter = new Segmenter(buffers);
                segmenter.begin(merged);
                Frame segment = segmenter.next();
                assertThat(segment.splitHorizonGroup()).isEqualTo(groups[at]);
                segment.release();
            }
            at += WireFrames.count(merged);
        }
    }

    static List<Object[]> positionsOfDifferences() {
        List<Object[]> rows = new ArrayList<>();
        CoalescerTest.kindsAndDifferences().forEach(row -> {
            for (int position = 0; position <= 5; position++) {
                rows.add(new Object[] {row.get()[0], row.get()[1], position, row.get()[2]});
            }
        });
        return rows;
    }

    @ParameterizedTest(name = "{0}: {1} at {2}")
    @MethodSource("positionsOfDifferences")
    void shouldKeepTheOrderAroundAFrameThatDiffers(Kind kind, String name, int at, Consumer<SegmentBytes> change) {
        List<SegmentBytes> run = run(kind, 1_000, 6);
        SegmentBytes odd = run.get(at).copy();
        change.accept(odd);
        List<SegmentBytes> instead = new ArrayList<>(run);
        instead.set(at, odd);
        receive(bytes(instead));
        assertThat(batch.size()).isGreaterThan(1);
        batch.release();
        run.add(at, odd); // and the frame itself behind it
        receive(bytes(run));
        assertThat(batch.size()).isLessThanOrEqualTo(3);
    }

    @ParameterizedTest
    @EnumSource
    void shouldEndBehindAShorterSegment(Kind kind) {
        for (int at = 1; at < 5; at++) {
            List<SegmentBytes> run = run(kind, 1_000, at);
            run.add(run.get(at - 1).next(999));
            run.add(run.get(at).next(1_000));
            run.add(run.get(at + 1).next());
            receive(bytes(run));
            assertThat(segmentsInEach()).containsExactly(at + 1, 2);
            batch.release();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"TCP4", "TCP6"})
    void shouldEndWithAPush(Kind kind) {
        for (int at = 0; at < 6; at++) {
            List<SegmentBytes> run = run(kind, 1_000, 6);
            run.get(at).flags |= TransportSegment.PSH;
            receive(bytes(run));
            if (at == 0) {
                assertThat(segmentsInEach()).containsExactly(1, 5);
            } else {
                assertThat(segmentsInEach()).containsExactlyElementsOf(at == 5 ? List.of(6) : List.of(at + 1, 5 - at));
            }
            batch.release();
        }
    }

    /** One run at a time: frames of different flows do not change places either. */
    @Test
    void shouldKeepTheOrderOfAllFlows() {
        List<SegmentBytes> one = run(Kind.TCP4, 100, 4);
        List<SegmentBytes> other = run(Kind.TCP6, 100, 4);
        receive(one.get(0), one.get(1), other.get(0), one.get(2), other.get(1), other.get(2), one.get(3), other.get(3));
        assertThat(segmentsInEach()).containsExactly(2, 1, 1, 2, 1, 1);
    }

    @ParameterizedTest
    @EnumSource
    void shouldBeginBehindAWrongChecksum(Kind kind) {
        for (int at = 0; at < 4; at++) {
            List<SegmentBytes> run = run(kind, 1_000, 6);
            run.get(at).checksumError = 1;
            receive(bytes(run));
            assertThat(segmentsInEach()).containsExactlyElementsOf(at == 0 ? List.of(1, 5) : List.of(at, 1, 5 - at));
            batch.release();
        }
    }

    private boolean add(Frame frame) {
        boolean added = assembler.add(frame, true, batch);
        frame.release();
        return added;
    }

    @Test
    void shouldNotMergeAcrossPortsAndEndpoints() {
        SegmentBytes segment = SegmentBytes.tcp4(1_000);
        for (int i = 0; i < 8; i++) {
            Frame frame = segment.frame(buffers);
            frame.ingress(new int[] {1, 1, 2, 2, 2, 1, 1, 1}[i]);
            frame.endpoint(new int[] {5, 5, 5, 5, 6, 6, 6, 6}[i]);
            assertThat(add(frame)).isTrue();
            segment = segment.next();
        }
        assembler.finish(batch);
        assertThat(segmentsInEach()).containsExactly(2, 2, 1, 3);
        assertThat(batch.get(1).ingress()).isEqualTo(2);
        assertThat(batch.get(1).endpoint()).isEqualTo(5);
        assertThat(batch.get(3).ingress()).isEqualTo(1);
        assertThat(batch.get(3).endpoint()).isEqualTo(6);
    }

    @ParameterizedTest
    @EnumSource
    void shouldKeepPendingOffloadsAsTheyAre(Kind kind) {
        SegmentBytes first = kind.segment(1_000);
        SegmentBytes third = first.next().next();
        Frame partial = first.next().frame(buffers);
        partial.offload(Frame.OFFLOAD_CHECKSUM_PARTIAL, 0, 0, 0, first.transportOffset(), first.checksumOffset());
        VirtioFrame expected = VirtioFrame.of(partial);
        assertThat(add(first.frame(buffers))).isTrue();
        assertThat(add(partial)).isTrue();
        assertThat(add(third.frame(buffers))).isTrue();
        assertThat(add(third.next().frame(buffers))).isTrue();
        assembler.finish(batch);
        assertThat(segmentsInEach()).containsExactly(1, 1, 2);
        assertThat(VirtioFrame.of(batch.get(1))).hasToString(expected.toString());
        assertThat(batch.get(1).toByteArray()).isEqualTo(expected.bytes());
    }

    @Test
    void shouldTakeAnyBytes() {
        List<byte[]> frames = new ArrayList<>();
        for (byte[] whole : bytes(List.of(SegmentBytes.tcp4(9), SegmentBytes.tcp6(9), SegmentBytes.udp4(9)))) {
            for (int length = 0; length <= whole.length; length++) {
                frames.add(Arrays.copyOf(whole, length));
            }
        }
        receive(frames);
    }

    // ---- memory ----

    @Test
    void shouldKeepSmallRunsInSmallSlots() {
        FramePool small = new FramePool(8, 0);
        RunAssembler frugal = new RunAssembler(small, Frame.MAX_LENGTH);
        FrameBatch frames = new FrameBatch();
        assertThat(ReceivedBurst.add(bytes(run(Kind.UDP4, 22, 64)), frugal, buffers, frames))
                .isZero();
        frugal.finish(frames);
        assertThat(frames.size()).isEqualTo(1);
        assertThat(WireFrames.count(frames.get(0))).isEqualTo(64);
        frames.release();
        assertThat(small.inUse()).isZero();
    }

    /** So many frames come before the last large slot is gone; nothing is lost, and nothing waits. */
    @ParameterizedTest
    @EnumSource
    void shouldGiveFramesAsTheyAreWhenThereIsNoLargeSlot(Kind kind) {
        List<SegmentBytes> run = run(kind, 1_448, 9);
        List<Frame> hoarded = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            hoarded.add(pool.allocate(Frame.MAX_LENGTH));
        }
        List<byte[]> received = bytes(run);
        assertThat(ReceivedBurst.add(received, assembler, buffers, batch)).isZero();
        assembler.finish(batch);
        ReceivedBurst.assertSame(wire(), received);
        assertThat(batch.size()).isEqualTo(9);
        batch.release();
        hoarded.forEach(Frame::release);
        receive(received);
        assertThat(segmentsInEach()).containsExactly(9);
    }

    @Test
    void shouldSayWhenThereIsNoMemory() {
        FramePool tiny = new FramePool(2, 0);
        RunAssembler starved = new RunAssembler(tiny, Frame.MAX_LENGTH);
        FrameBatch frames = new FrameBatch();
        List<SegmentBytes> run = run(Kind.TCP4, 1_448, 3);
        assertThat(ReceivedBurst.add(bytes(run), starved, buffers, frames)).isEqualTo(1);
        assertThat(ReceivedBurst.add(bytes(run), starved, buffers, frames)).isEqualTo(3);
        starved.finish(frames);
        assertThat(frames.get(0).toByteArray()).isEqualTo(run.get(0).build());
        assertThat(frames.get(1).toByteArray()).isEqualTo(run.get(1).build());
        assertThat(frames.size()).isEqualTo(2);
        frames.release();
        assertThat(ReceivedBurst.add(bytes(run.subList(2, 3)), starved, buffers, frames))
                .isZero();
        starved.finish(frames);
        assertThat(frames.get(0).toByteArray()).isEqualTo(run.get(2).build());
        frames.release();
    }
}
