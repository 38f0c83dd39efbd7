package io.weft.frame;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * The rings between threads: a frame that comes out is whole, comes out once, and in order. A frame is told by its endpoint
 * number, which its producer writes just before it offers the frame; 0 stands for "no frame" and for a number that the
 * consumer did not see.
 */
public final class RingStress {
    /** All frames' memory: nobody writes to it. */
    private static final FrameArena ARENA = new FrameArena(FramePool.SMALL_SLOT);

    private RingStress() {}

    private static Frame frame() {
        return new Frame(null, ARENA, 0, FramePool.SMALL_SLOT, false);
    }

    private static Frame frame(int number) {
        Frame frame = frame();
        frame.endpoint(number);
        return frame;
    }

    /** The frame's number, -1 for one without, 0 when there is none. */
    private static int number(Frame frame) {
        return frame == null ? 0 : frame.endpoint() == 0 ? -1 : frame.endpoint();
    }

    /** One frame after the other through an SPSC ring. */
    @JCStressTest
    @Outcome(
            id = {"0, 0", "0, 1", "1, 0", "1, 2"},
            expect = ACCEPTABLE,
            desc = "As much as there was, in order.")
    @Outcome(expect = FORBIDDEN, desc = "Out of order, twice, or without what was written.")
    @State
    public static class SpscPublication {
        private final FrameRing ring = new SpscFrameRing(2);
        private final Frame first = frame();
        private final Frame second = frame();

        @Actor
        public void producer() {
            first.endpoint(1);
            ring.offer(first);
            second.endpoint(2);
            ring.offer(second);
        }

        @Actor
        public void consumer(II_Result result) {
            result.r1 = number(ring.poll());
            result.r2 = number(ring.poll());
        }
    }

    /** A full SPSC ring whose one slot is emptied and filled again at once. */
    @JCStressTest
    @Outcome(id = "1, 0, 2", expect = ACCEPTABLE, desc = "Taken up once there was room; it waits.")
    @Outcome(id = "1, 2, 0", expect = ACCEPTABLE, desc = "Taken up once there was room, and taken out.")
    @Outcome(id = "1, 0, 0", expect = ACCEPTABLE, desc = "Refused: there was no room yet.")
    @Outcome(expect = FORBIDDEN, desc = "Lost, twice, or without what was written.")
    @State
    public static class SpscFull {
        private final FrameRing ring = new SpscFrameRing(1);
        private final Frame second = frame();

        public SpscFull() {
            ring.offer(frame(1));
        }

        @Actor
        public void producer() {
            second.endpoint(2);
            ring.offer(second);
        }

        @Actor
        public void consumer(III_Result result) {
            result.r1 = number(ring.poll());
            result.r2 = number(ring.poll());
        }

        @Arbiter
        public void after(III_Result result) {
            result.r3 = number(ring.poll());
        }
    }

    /** One frame after the other through an MPSC ring. */
    @JCStressTest
    @Outcome(
            id = {"0, 0", "0, 1", "1, 0", "1, 2"},
            expect = ACCEPTABLE,
            desc = "As much as there was, in order.")
    @Outcome(expect = FORBIDDEN, desc = "Out of order, twice, or without what was written.")
    @State
    public static class MpscPublication {
        private final FrameRing ring = new MpscFrameRing(2);
        private final Frame first = frame();
        private final Frame second = frame();

        @Actor
        public void producer() {
            first.endpoint(1);
            ring.offer(first);
            second.endpoint(2);
            ring.offer(second);
        }

        @Actor
        public void consumer(II_Result result) {
            result.r1 = number(ring.poll());
            result.r2 = number(ring.poll());
        }
    }

    /** Two producers, and room for both. */
    @JCStressTest
    @Outcome(
            id = {"1, 2, 0", "2, 1, 0"},
            expect = ACCEPTABLE,
            desc = "Both frames, one after the other.")
    @Outcome(expect = FORBIDDEN, desc = "One lost, or twice.")
    @State
    public static class MpscProducers {
        private final FrameRing ring = new MpscFrameRing(2);
        private final Frame one = frame();
        private final Frame other = frame();

        @Actor
        public void producer() {
            one.endpoint(1);
            ring.offer(one);
        }

        @Actor
        public void otherProducer() {
            other.endpoint(2);
            ring.offer(other);
        }

        @Arbiter
        public void after(III_Result result) {
            result.r1 = number(ring.poll());
            result.r2 = number(ring.poll());
            result.r3 = number(ring.poll());
        }
    }

    /** Two producers, and room for one: the other is told so. */
    @JCStressTest
    @Outcome(
            id = {"1, 0, 1", "0, 1, 2"},
            expect = ACCEPTABLE,
            desc = "The frame that was accepted is there.")
    @Outcome(expect = FORBIDDEN, desc = "Both accepted, none, or the wrong one there.")
    @State
    public static class MpscFull {
        private final FrameRing ring = new MpscFrameRing(1);
        private final Frame one = frame();
        private final Frame other = frame();

        @Actor
        public void producer(III_Result result) {
            one.endpoint(1);
            result.r1 = ring.offer(one) ? 1 : 0;
        }

        @Actor
        public void otherProducer(III_Result result) {
            other.endpoint(2);
            result.r2 = ring.offer(other) ? 1 : 0;
        }

        @Arbiter
        public void after(III_Result result) {
            result.r3 = number(ring.poll());
        }
    }
}
