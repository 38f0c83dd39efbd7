package io.weft.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.TestSeed;
import java.util.ArrayDeque;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Both kinds of ring, used by one thread. */
class FrameRingTest {
    private final FramePool pool = new FramePool(512, 0);
    private int made;

    static Stream<FrameRing> ringsOfEight() {
        return Stream.of(new SpscFrameRing(8), new MpscFrameRing(8));
    }

    /** A frame that knows its number. */
    private Frame next() {
        Frame frame = pool.allocate(14);
        frame.endpoint(made++);
        return frame;
    }

    private FrameBatch batchOf(int count) {
        FrameBatch batch = new FrameBatch(Math.max(1, count));
        for (int i = 0; i < count; i++) {
            batch.add(next());
        }
        return batch;
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "2, 2", "3, 4", "4, 4", "5, 8", "63, 64", "64, 64", "65, 128", "4096, 4096"})
    void shouldRoundItsCapacityUpToAPowerOfTwo(int wanted, int capacity) {
        for (FrameRing ring : new FrameRing[] {new SpscFrameRing(wanted), new MpscFrameRing(wanted)}) {
            assertThat(ring.capacity()).isEqualTo(capacity);
            int taken = 0;
            Frame frame = next();
            while (ring.offer(frame)) {
                taken++;
            }
            assertThat(taken).isEqualTo(capacity);
        }
    }

    @Test
    void shouldRefuseCapacitiesOutOfRange() {
        assertThatThrownBy(() -> new SpscFrameRing(0)).hasMessageContaining("0 is not within");
        assertThatThrownBy(() -> new MpscFrameRing(-1)).hasMessageContaining("-1 is not within");
        assertThatThrownBy(() -> new MpscFrameRing((1 << 28) + 1)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @MethodSource("ringsOfEight")
    void shouldBeEmptyAtFirstAndAfterTheLastFrame(FrameRing ring) {
        assertThat(ring.isEmpty()).isTrue();
        assertThat(ring.poll()).isNull();
        assertThat(ring.drain(new FrameBatch(), 8)).isZero();
        Frame frame = next();
        assertThat(ring.offer(frame)).isTrue();
        assertThat(ring.isEmpty()).isFalse();
        assertThat(ring.poll()).isSameAs(frame);
        assertThat(ring.isEmpty()).isTrue();
        assertThat(ring.poll()).isNull();
    }

    @ParameterizedTest
    @MethodSource("ringsOfEight")
    void shouldRefuseWhatDoesNotFitAndLeaveItToTheCaller(FrameRing ring) {
        assertThat(ring.offer(batchOf(8), 0)).isEqualTo(8);
        Frame ninth = next();
        assertThat(ring.offer(ninth)).isFalse();
        assertThat(ring.offer(batchOf(3), 0)).isZero();
        assertThat(ring.poll().endpoint()).isZero();
        assertThat(ring.offer(ninth)).isTrue();
        assertThat(ring.offer(ninth)).isFalse();
    }

    @ParameterizedTest
    @MethodSource("ringsOfEight")
    void shouldTakeAsMuchOfABatchAsFits(FrameRing ring) {
        ring.offer(batchOf(5), 0);
        FrameBatch batch = batchOf(10);
        assertThat(ring.offer(batch, 0)).as("of 10 with room for 3").isEqualTo(3);
        assertThat(batch.size()).as("the batch is not changed").isEqualTo(10);
        assertThat(ring.offer(batch, 3)).isZero();
        for (int i = 0; i < 8; i++) {
            assertThat(ring.poll().endpoint()).isEqualTo(i);
        }
        assertThat(ring.offer(batch, 3)).as("the rest").isEqualTo(7);
        assertThat(ring.offer(batch, 10)).as("nothing").isZero();
        assertThat(ring.poll().endpoint()).isEqualTo(8);
    }

    @ParameterizedTest
    @MethodSource("ringsOfEight")
    void shouldTakeNoMoreThanItHoldsOfABatchLongerThanItself(FrameRing ring) {
        FrameBatch batch = batchOf(100);
        assertThat(ring.offer(batch, 0)).isEqualTo(8);
        FrameBatch into = new FrameBatch(100);
        assertThat(ring.drain(into, 100)).isEqualTo(8);
        assertThat(ring.offer(batch, 95)).isEqualTo(5);
    }

    @ParameterizedTest
    @MethodSource("ringsOfEight")
    void shouldDrainNoMoreThanTheLimitAndThanFits(FrameRing ring) {
        ring.offer(batchOf(8), 0);
        FrameBatch into = new FrameBatch(5);
        assertThat(ring.drain(into, 2)).isEqualTo(2);
        assertThat(ring.drain(into, 0)).isZero();
        assertThat(ring.drain(into, 100)).as("what fits").isEqualTo(3);
        assertThat(into.size()).isEqualTo(5);
        assertThat(ring.drain(into, 100)).as("into a full batch").isZero();
        for (int i = 0; i < 5; i++) {
            assertThat(into.get(i).endpoint()).isEqualTo(i);
        }
        into.clear();
        assertThat(ring.drain(into, 100)).isEqualTo(3);
        assertThat(into.get(2).endpoint()).isEqualTo(7);
    }

    @Test
    void shouldKeepOrderThroughManyWrapAroundsWhateverTheSizes() {
        long seed = TestSeed.next("FrameRingTest");
        for (int capacity : new int[] {1, 2, 8, 64}) {
            model(new SpscFrameRing(capacity), new SplittableRandom(seed));
            model(new MpscFrameRing(capacity), new SplittableRandom(seed));
        }
    }

    private static void model(FrameRing ring, SplittableRandom random) {
        FramePool pool = new FramePool(256, 0);
        ArrayDeque<Frame> model = new ArrayDeque<>();
        FrameBatch batch = new FrameBatch(96);
        for (int i = 0; i < 50_000; i++) {
            switch (random.nextInt(4)) {
                case 0 -> {
                    Frame frame = pool.allocate(14);
                    boolean taken = ring.offer(frame);
                    assertThat(taken).isEqualTo(model.size() < ring.capacity());
                    if (taken) {
                        model.add(frame);
                    } else {
                        frame.release();
                    }
                }
                case 1 -> {
                    int count = random.nextInt(97);
                    for (int j = 0; j < count; j++) {
                        batch.add(pool.allocate(14));
                    }
                    int from = random.nextInt(count + 1);
                    int taken = ring.offer(batch, from);
                    assertThat(taken).isEqualTo(Math.min(count - from, ring.capacity() - model.size()));
                    for (int j = 0; j < count; j++) {
                        if (j >= from && j < from + taken) {
                            model.add(batch.get(j));
                        } else {
                            batch.get(j).release();
                        }
                    }
                    batch.clear();
                }
                case 2 -> {
                    Frame frame = ring.poll();
                    assertThat(frame).isSameAs(model.poll());
                    if (frame != null) {
                        frame.release();
                    }
                }
                default -> {
                    int limit = random.nextInt(97);
                    int drained = ring.drain(batch, limit);
                    assertThat(drained).isEqualTo(batch.size()).isEqualTo(Math.min(limit, model.size()));
                    for (int j = 0; j < drained; j++) {
                        assertThat(batch.get(j)).isSameAs(model.poll());
                    }
                    batch.release();
                }
            }
            assertThat(ring.isEmpty()).isEqualTo(model.isEmpty());
        }
        for (Frame frame = ring.poll(); frame != null; frame = ring.poll()) {
            frame.release();
        }
        assertThat(pool.inUse()).isZero();
    }
}
