package io.weft.benchmarks;

import io.weft.VirtualSwitch;
import io.weft.bridge.Bridge;
import io.weft.bridge.BridgePort;
import io.weft.bridge.EgressBatches;
import io.weft.bridge.PortState;
import io.weft.fdb.Fdb;
import io.weft.fdb.FdbKey;
import io.weft.fdb.FdbObserver;
import io.weft.frame.Ethernet;
import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import io.weft.port.PortCounters;
import io.weft.port.PortException;
import io.weft.port.PortStatistics;
import io.weft.worker.NanoClock;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
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
 * Frames a second through one worker, in memory: everything but system calls. An operation is one received frame.
 *
 * <p>Two ports, half of the {@code macs} stations behind each; every station of one side sends to random stations of the
 * other, so that each frame costs one learning and one look-up at random places of the FDB, which has its default capacity
 * or, if there are more stations, just room for all. They are known before the measurement starts. The clock is the
 * machine's: the first frame of each station in each second refreshes its entry.
 *
 * <p>What is inside the measured loop, per frame:
 *
 * <ul>
 *   <li>all of them: take a frame from the pool, write its addresses (two 8-byte stores), stamp the ingress port; count it
 *       as sent, release it into the pool. The payload is neither written nor read, by the ports as by the switch, so that
 *       {@code size} only matters where frames are copied;
 *   <li>{@link #ports}: nothing else. Its time per frame subtracted from another's leaves what the switch costs;
 *   <li>{@link #bridge}: {@link Bridge#forward} and {@link EgressBatches#flush}: count, parse, learn, look up, collect per
 *       port;
 *   <li>{@link #worker}: the same by {@link VirtualSwitch#step()}, with the worker's round around it (commands, timers,
 *       hand-off, readiness, clock, FDB sweep each second). This is what the project's targets are about;
 *   <li>{@link #slotNumbers}: what {@link #bridge} does for known unicast, without {@link io.weft.frame.Frame} objects;
 *   <li>{@link #flood}: as {@link #worker}, but each frame is a broadcast from one port to eight others: seven copies, eight
 *       sent.
 * </ul>
 *
 * <p>Batches are the worker's, of 64; a round is one batch from each port.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class ForwardBenchmark {
    private static final long SEED = 20_240_917;
    private static final int BATCH = FrameBatch.DEFAULT_CAPACITY;
    private static final int ROUND = 2 * BATCH;

    /** Two ports with traffic between them, and nothing else yet. */
    @State(Scope.Thread)
    public abstract static class TwoPorts {
        /** Length of every frame in bytes, without FCS. */
        @Param({"64", "512", "1518"})
        int size;

        /** Stations in the FDB. */
        @Param({"64", "1024", "65536", "1048576"})
        int macs;

        FrameHeaders[] headers;
        SyntheticPort[] ports;
        Fdb fdb;

        /** Makes the stations and lets the table know them. */
        void makeStations() {
            SplittableRandom random = new SplittableRandom(SEED);
            long[] all = FrameHeaders.randomMacs(macs, random);
            long[] left = Arrays.copyOfRange(all, 0, macs / 2);
            long[] right = Arrays.copyOfRange(all, macs / 2, macs);
            headers = new FrameHeaders[] {
                FrameHeaders.between(left, right, random), FrameHeaders.between(right, left, random)
            };
            ports = new SyntheticPort[] {
                new SyntheticPort("left", headers[0], size), new SyntheticPort("right", headers[1], size)
            };
            fdb = new Fdb(fdbCapacity(), Fdb.DEFAULT_AGEING_SECONDS, random.nextLong(), FdbObserver.NONE);
            for (int i = 0; i < macs; i++) {
                fdb.learn(FdbKey.of(0, all[i]), i < macs / 2 ? 0 : 1, 0, nowSeconds());
            }
        }

        /** As a user has it: the default, or room for all stations. */
        int fdbCapacity() {
            return Math.max(Fdb.DEFAULT_CAPACITY, macs);
        }

        static int nowSeconds() {
            return (int) (NanoClock.SYSTEM.nanoTime() / 1_000_000_000L);
        }
    }

    /** The whole switch. */
    @State(Scope.Thread)
    public static class Switch extends TwoPorts {
        VirtualSwitch lan;

        /** A switch that has seen every station. */
        @Setup
        public void start() throws PortException {
            makeStations();
            lan = VirtualSwitch.builder()
                    .invoker(NanoClock.SYSTEM)
                    .workers(1)
                    .fdbCapacity(fdbCapacity())
                    .build();
            for (SyntheticPort port : ports) {
                lan.add(port);
            }
            for (int i = 0; i < headers[0].length(); i += BATCH) {
                lan.step();
            }
        }

        /** Checks that every frame went where it belongs. */
        @TearDown
        public void check() {
            PortStatistics sum = lan.statistics();
            lan.close();
            if (sum.unaccounted() != 0 || sum.dropped() != 0) {
                throw new IllegalStateException("lost frames: " + sum);
            }
        }
    }

    /** The bridge without a worker. */
    @State(Scope.Thread)
    public static class BridgeOnly extends TwoPorts {
        final FramePool pool = new FramePool();
        final FrameBatch received = new FrameBatch();
        final PortCounters counters = new PortCounters();
        final EgressBatches egress = new EgressBatches(pool, counters);
        Bridge bridge;

        /** Attaches the ports. */
        @Setup
        public void attach() {
            makeStations();
            pool.own();
            bridge = new Bridge(fdb);
            for (int i = 0; i < ports.length; i++) {
                ports[i].open(pool, i);
                egress.attach(new BridgePort(i, ports[i], new PortState(), new PortCounters(), null));
            }
        }
    }

    /** The rival without frame objects. */
    @State(Scope.Thread)
    public static class SlotNumbers extends TwoPorts {
        SlotNumberBridge bridge;

        /** Takes the same  */
        @Setup
        public void attach() {
            makeStations();
            bridge = new SlotNumberBridge(fdb, headers, size);
        }
    }

    /** Nine ports, one of which receives broadcasts. */
    @State(Scope.Thread)
    public static class Flooded {
        private static final int EGRESS_PORTS = 8;

        /** Length of every frame in bytes, without FCS. */
        @Param({"64", "512", "1518"})
        int size;

        VirtualSwitch lan;

        /** Attaches the ports. */
        @Setup
        public void start() throws PortException {
            SplittableRandom random = new SplittableRandom(SEED);
            long[] sources = FrameHeaders.randomMacs(64, random);
            FrameHeaders headers = FrameHeaders.between(sources, new long[] {Ethernet.BROADCAST}, random);
            lan = VirtualSwitch.builder().invoker(NanoClock.SYSTEM).workers(1).build();
            lan.add(new SyntheticPort("source", headers, size));
            for (int i = 0; i < EGRESS_PORTS; i++) {
                lan.add(new SyntheticPort("sink" + i, null, size));
            }
        }

        /** Checks that every copy was sent. */
        @TearDown
        public void check() {
            PortStatistics sum = lan.statistics();
            lan.close();
            if (sum.txFrames() != EGRESS_PORTS * sum.rxFrames() || sum.unaccounted() != 0) {
                throw new IllegalStateException("lost frames: " + sum);
            }
        }
    }

    /** The ports alone, back to back. */
    @Benchmark
    @OperationsPerInvocation(ROUND)
    public void ports(BridgeOnly state) {
        for (int i = 0; i < 2; i++) {
            state.ports[i].poll(state.received, BATCH);
            state.ports[1 - i].transmit(state.received, state.counters);
        }
    }

    /** The bridge, without a worker around it. */
    @Benchmark
    @OperationsPerInvocation(ROUND)
    public void bridge(BridgeOnly state) {
        long nowNs = NanoClock.SYSTEM.nanoTime();
        for (SyntheticPort port : state.ports) {
            port.poll(state.received, BATCH);
            state.bridge.forward(state.received, state.egress, nowNs);
        }
        state.egress.flush();
    }

    /** A whole round of a worker. */
    @Benchmark
    @OperationsPerInvocation(ROUND)
    public boolean worker(Switch state) {
        return state.lan.step();
    }

    /** The bridge's work on slot numbers. */
    @Benchmark
    @OperationsPerInvocation(ROUND)
    public void slotNumbers(SlotNumbers state) {
        state.bridge.round(TwoPorts.nowSeconds());
    }

    /** A whole round of a worker, each frame sent by eight ports. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public boolean flood(Flooded state) {
        return state.lan.step();
    }
}
