package io.weft.benchmarks;

import io.weft.TrafficRecord;
import io.weft.VirtualSwitch;
import io.weft.bridge.PortSecurity;
import io.weft.bridge.PortSettings;
import io.weft.bridge.RateLimit;
import io.weft.bridge.StormControl;
import io.weft.bridge.VlanSettings;
import io.weft.fdb.Fdb;
import io.weft.frame.FrameBatch;
import io.weft.mirror.Mirror;
import io.weft.port.PortException;
import io.weft.port.PortStatistics;
import io.weft.worker.NanoClock;
import java.io.IOException;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
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
 * What features cost: the traffic of {@link ForwardBenchmark#worker} (64 bytes, 1,024 stations, two ports, one worker) through
 * switches that differ in one feature. An operation is one received frame.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class FeatureBenchmark {
    private static final long SEED = 20_240_917;
    private static final int MACS = 1_024;
    private static final int SIZE = 64;
    private static final int BATCH = FrameBatch.DEFAULT_CAPACITY;
    private static final int VLAN = 10;

    /** Half of the stations behind each of two ports. */
    static final class Stations {
        final SplittableRandom random = new SplittableRandom(SEED);
        final long[] left;
        final long[] right;
        final FrameHeaders toRight;
        final FrameHeaders toLeft;

        Stations() {
            long[] all = FrameHeaders.randomMacs(MACS, random);
            left = Arrays.copyOfRange(all, 0, MACS / 2);
            right = Arrays.copyOfRange(all, MACS / 2, MACS);
            toRight = FrameHeaders.between(left, right, random);
            toLeft = FrameHeaders.between(right, left, random);
        }
    }

    /** A switch with one feature. */
    @State(Scope.Thread)
    public static class Featured {
        /**
         * plain: nothing. retag: a trunk of tagged frames and an access port, a tag pushed or popped for each frame. limits:
         * storm control and policing in both directions, never reached. security: sticky learning with a limit. mirror: all
         * that comes in or goes out copied to a third port, once.
         */
        @Param({"plain", "retag", "limits", "security", "mirror"})
        String feature;

        VirtualSwitch lan;
        private TrafficRecord mirror;

        /** A switch that has seen every station. */
        @Setup
        public void start() throws PortException, IOException {
            Stations stations = new Stations();
            lan = VirtualSwitch.builder().invoker(NanoClock.SYSTEM).workers(1).build();
            boolean retag = feature.equals("retag");
            SyntheticPort left =
                    new SyntheticPort("left", retag ? stations.toRight.tagged(VLAN) : stations.toRight, SIZE);
            SyntheticPort right = new SyntheticPort("right", stations.toLeft, SIZE);
            lan.add(left, settings(false));
            lan.add(right, settings(true));
            if (feature.equals("mirror")) {
                lan.add(new SyntheticPort("probe", null, SIZE));
                mirror = lan.mirror(Mirror.of("all").allPorts().toPort("probe"));
            }
            for (int i = 0; i < stations.toRight.length(); i += BATCH) {
                lan.step();
            }
        }

        private PortSettings settings(boolean right) {
            PortSettings.Builder settings = PortSettings.builder();
            switch (feature) {
                case "retag" -> settings.vlans(right ? VlanSettings.access(VLAN) : VlanSettings.TRUNK_ALL);
                case "limits" -> {
                    RateLimit never = RateLimit.bits(1_000_000_000_000L);
                    settings.stormControl(StormControl.each(RateLimit.frames(1_000_000_000)))
                            .ingressPolicing(never)
                            .egressPolicing(never);
                }
                case "security" -> settings.security(PortSecurity.sticky(MACS, PortSecurity.Violation.DROP));
                default -> {}
            }
            return settings.build();
        }

        /** Checks that every frame went where it belongs. */
        @TearDown
        public void check() {
            if (mirror != null) {
                mirror.close();
            }
            PortStatistics sum = lan.statistics();
            lan.close();
            long expected = feature.equals("mirror") ? 2 * sum.rxFrames() : sum.rxFrames();
            // The switch did not know all stations when the first frames came: those were flooded, also to the third
            // port.
            if (sum.unaccounted() != 0 || sum.dropped() != 0 || sum.txFrames() < expected) {
                throw new IllegalStateException("lost frames: " + sum);
            }
        }
    }

    /** A round of a worker: a batch from each of two ports. */
    @Benchmark
    @OperationsPerInvocation(2 * BATCH)
    public boolean worker(Featured state) {
        return state.lan.step();
    }

    /** Two ports with traffic between them, and a third whose sources are all new, or all known. */
    @State(Scope.Thread)
    public static class Flooded {
        /** Whether the third port floods with new addresses, which fill the FDB. */
        @Param({"false", "true"})
        boolean macFlood;

        VirtualSwitch lan;
        private Stations stations;

        /** A switch that has seen every station, and whose FDB is full where it is flooded. */
        @Setup
        public void start() throws PortException {
            stations = new Stations();
            lan = VirtualSwitch.builder().invoker(NanoClock.SYSTEM).workers(1).build();
            lan.add(new SyntheticPort("left", stations.toRight, SIZE));
            lan.add(new SyntheticPort("right", stations.toLeft, SIZE));
            long[] sources = FrameHeaders.randomMacs(macFlood ? 1 << 20 : MACS / 2, stations.random.split());
            lan.add(new SyntheticPort(
                    "third", FrameHeaders.between(sources, stations.right, stations.random.split()), SIZE));
            for (int i = 0; i < 16 * Fdb.DEFAULT_CAPACITY; i += BATCH) {
                lan.step();
            }
        }

        /** Checks that the flood has pushed none of the others' stations out. */
        @TearDown
        public void check() {
            long others = lan.fdb().stations().stream()
                    .filter(station -> !station.port().equals("third"))
                    .count();
            lan.close();
            if (others != MACS) {
                throw new IllegalStateException("of " + MACS + " stations " + others + " are left");
            }
        }
    }

    /** A round: a batch from each of three ports; an operation is one frame of the first two. */
    @Benchmark
    @OperationsPerInvocation(2 * BATCH)
    public boolean besideThirdPort(Flooded state) {
        return state.lan.step();
    }

    /** Two ports, whose frames all cross, with threads. */
    @State(Scope.Benchmark)
    public static class Crossing {
        /** Threads; with two, each port has its own, and every frame crosses from one to the other. */
        @Param({"1", "2"})
        int workers;

        /**
         * direct: ports that every worker may send by, as TAP, datagram and raw-socket ports are. ring: ports that only their
         * own worker sends by, as QEMU's byte stream.
         */
        @Param({"direct", "ring"})
        String transmit;

        VirtualSwitch lan;

        /** Starts the workers, which then run as fast as they can. */
        @Setup
        public void start() throws PortException {
            Stations stations = new Stations();
            lan = VirtualSwitch.builder().workers(workers).build();
            boolean direct = transmit.equals("direct");
            lan.add(new SyntheticPort("left", stations.toRight, SIZE, direct));
            lan.add(new SyntheticPort("right", stations.toLeft, SIZE, direct));
        }

        /** Ends the workers. */
        @TearDown
        public void close() {
            lan.close();
        }
    }

    /** What the workers did while the benchmark's thread slept. */
    @State(Scope.Thread)
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    public static class Rates {
        /** Frames that left the switch; {@link ResultTable} knows it by this name. */
        public long passed;

        /** Frames that did not fit the ring to the other worker. */
        public long dropped;
    }

    /** Frames a second through workers with threads: see "passed". */
    @Benchmark
    public void crossing(Crossing state, Rates rates) throws InterruptedException {
        PortStatistics before = state.lan.statistics();
        Thread.sleep(100); // the measured interval itself, not a wait for an outcome
        PortStatistics after = state.lan.statistics();
        rates.passed += after.txFrames() - before.txFrames();
        rates.dropped += after.dropped() - before.dropped();
    }
}
