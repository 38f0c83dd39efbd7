package io.weft.benchmarks;

import io.weft.bridge.Bridge;
import io.weft.bridge.BridgePort;
import io.weft.bridge.EgressBatches;
import io.weft.bridge.PortState;
import io.weft.fdb.Fdb;
import io.weft.fdb.FdbKey;
import io.weft.fdb.FdbObserver;
import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import io.weft.port.PortCounters;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A million stations: how fast they are learned (the address learning rate of RFC 2889, 5.8), and whether walks through them
 * stop the traffic.
 */
@Fork(1)
public class LearningBenchmark {
    private static final int STATIONS = 15_625 * FrameBatch.DEFAULT_CAPACITY; // a million
    private static final int BATCH = FrameBatch.DEFAULT_CAPACITY;
    private static final int NOW_SECONDS = 1_000;
    private static final long NOW_NS = NOW_SECONDS * 1_000_000_000L;

    /** A bridge with two ports and room for a million stations. */
    @State(Scope.Thread)
    public static class LargeBridge {
        final FramePool pool = new FramePool();
        final FrameBatch received = new FrameBatch();
        final EgressBatches egress = new EgressBatches(pool, new PortCounters());
        SyntheticPort left;
        SyntheticPort right;
        Fdb fdb;
        Bridge bridge;

        /** Attaches the ports. */
        @Setup
        public void attach() {
            SplittableRandom random = new SplittableRandom(1);
            long[] sources = FrameHeaders.randomMacs(STATIONS, random);
            left = new SyntheticPort("left", FrameHeaders.between(sources, new long[] {0x0200_0000_0001L}, random), 64);
            right = new SyntheticPort(
                    "right", FrameHeaders.between(new long[] {0x0200_0000_0001L}, sources, random), 64);
            pool.own();
            fdb = new Fdb(STATIONS + 1, 300, 42, FdbObserver.NONE);
            bridge = new Bridge(fdb);
            left.open(pool, 0);
            right.open(pool, 1);
            egress.attach(new BridgePort(0, left, new PortState(), new PortCounters(), null));
            egress.attach(new BridgePort(1, right, new PortState(), new PortCounters(), null));
        }

        void batchFrom(SyntheticPort port) {
            port.poll(received, BATCH);
            bridge.forward(received, egress, NOW_NS);
            egress.flush();
        }

        void learnAll() {
            for (int i = 0; i < STATIONS; i += BATCH) {
                batchFrom(left);
            }
        }
    }

    /** A bridge that knows nobody but the one whom all send to. */
    @State(Scope.Thread)
    public static class Empty extends LargeBridge {
        /** Forgets everybody. */
        @Setup(Level.Invocation)
        public void forget() {
            fdb.flushAll();
            fdb.learn(FdbKey.of(0, 0x0200_0000_0001L), 1, 0, NOW_SECONDS);
        }

        /** Checks that they were learned: all but the few whose two buckets are full of others. */
        @TearDown(Level.Invocation)
        public void check() {
            if (fdb.statistics().entries() < STATIONS - STATIONS / 10_000) {
                throw new IllegalStateException("not all learned: " + fdb.statistics());
            }
        }
    }

    /** Frames from a million new stations; an operation is one of them. */
    @Benchmark
    @BenchmarkMode(Mode.AverageTime)
    @OutputTimeUnit(TimeUnit.NANOSECONDS)
    @OperationsPerInvocation(STATIONS)
    @Warmup(iterations = 3, batchSize = 1, time = 1)
    @Measurement(iterations = 10, batchSize = 1, time = 1)
    public void newStations(Empty state) {
        state.learnAll();
    }

    /** A bridge that knows a million stations, while another thread walks through its table. */
    @State(Scope.Thread)
    public static class Walked extends LargeBridge {
        /** What the other thread does all the time. */
        @Param({"nothing", "sweep", "flushVlan", "list", "resize"})
        String meanwhile;

        private Thread walker;
        private volatile boolean stop;

        /** Learns them and starts the walks. */
        @Setup
        public void startWalking() {
            learnAll();
            fdb.learn(FdbKey.of(0, 0x0200_0000_0001L), 1, 0, NOW_SECONDS);
            walker = new Thread(this::walk, "walker");
            walker.start();
        }

        private void walk() {
            boolean smaller = false;
            while (!stop) {
                switch (meanwhile) {
                    case "sweep" -> fdb.sweep(0, fdb.slots(), NOW_SECONDS);
                    case "flushVlan" -> fdb.flushVlan(7); // walks through all, and finds none of them in this VLAN
                    case "list" -> fdb.list(NOW_SECONDS);
                    case "resize" -> {
                        fdb.resize(smaller ? STATIONS + 1 : STATIONS + 2, NOW_SECONDS);
                        smaller = !smaller;
                    }
                    default -> LockSupport.parkNanos(1_000_000);
                }
            }
        }

        /** Ends the walks. */
        @TearDown
        public void stopWalking() throws InterruptedException {
            stop = true;
            walker.join();
        }
    }

    /** A batch of 64 frames to known stations: the longest of them is what matters. */
    @Benchmark
    @BenchmarkMode(Mode.SampleTime)
    @OutputTimeUnit(TimeUnit.MICROSECONDS)
    @Warmup(iterations = 3, time = 1)
    @Measurement(iterations = 5, time = 1)
    public void batchWhileWalking(Walked state) {
        state.batchFrom(state.right);
    }
}
