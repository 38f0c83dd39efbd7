package io.weft.benchmarks;

import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import io.weft.frame.FrameRing;
import io.weft.frame.MpscFrameRing;
import io.weft.frame.SpscFrameRing;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jctools.queues.MpscArrayQueue;
import org.jctools.queues.SpscArrayQueue;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Group;
import org.openjdk.jmh.annotations.GroupThreads;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A hop between two threads: one offers, one takes. {@code passed} is the result, the frames that came through in a microsecond;
 * the scores themselves count attempts, of which many find the queue full or empty.
 *
 * <p>Weft's rings take and give batches, their rivals single frames, as their users would. A side that finds the queue full
 * or empty gives up its time slice: on a machine where the two threads now and then share a core, one would else spin until
 * the other's turn comes, and the result would be the scheduler's.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@State(Scope.Group)
public class RingBenchmark {
    private static final int CAPACITY = 4_096;

    /** Which queue. */
    @Param({"SpscFrameRing", "MpscFrameRing", "SpscArrayQueue", "MpscArrayQueue", "ArrayBlockingQueue"})
    public String queue;

    /** Frames in a batch; the rivals ignore it. */
    @Param({"1", "32", "256"})
    public int batch;

    private FrameRing ring;
    private Queue<Frame> rival;
    private Frame frame;
    private FrameBatch offered;
    private FrameBatch taken;

    /** Frames that came through. */
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    @State(Scope.Thread)
    public static class Passed {
        /** Frames the consumer took. */
        public long passed;
    }

    /** Makes the queue and one frame that passes through it again and again. */
    @Setup(Level.Iteration)
    public void open() {
        ring = null;
        rival = null;
        switch (queue) {
            case "SpscFrameRing" -> ring = new SpscFrameRing(CAPACITY);
            case "MpscFrameRing" -> ring = new MpscFrameRing(CAPACITY);
            case "SpscArrayQueue" -> rival = new SpscArrayQueue<>(CAPACITY);
            case "MpscArrayQueue" -> rival = new MpscArrayQueue<>(CAPACITY);
            case "ArrayBlockingQueue" -> rival = new ArrayBlockingQueue<>(CAPACITY);
            default -> throw new IllegalArgumentException("queue is '" + queue + "'");
        }
        frame = new FramePool(1, 0).allocate(64);
        offered = new FrameBatch(batch);
        for (int i = 0; i < batch; i++) {
            offered.add(frame);
        }
        taken = new FrameBatch(batch);
    }

    /** Forgets them. */
    @TearDown(Level.Iteration)
    public void close() {
        taken.clear();
        offered.clear();
    }

    /** The producer. */
    @Benchmark
    @Group("hop")
    @GroupThreads(1)
    public int offer() {
        return yieldIfNone(ring != null ? ring.offer(offered, 0) : rival.offer(frame) ? 1 : 0);
    }

    /** The consumer. */
    @Benchmark
    @Group("hop")
    @GroupThreads(1)
    public int take(Passed counter) {
        int count;
        if (ring != null) {
            count = ring.drain(taken, batch);
            taken.clear();
        } else {
            count = rival.poll() == null ? 0 : 1;
        }
        counter.passed += count;
        return yieldIfNone(count);
    }

    private static int yieldIfNone(int count) {
        if (count == 0) {
            Thread.yield();
        }
        return count;
    }
}
