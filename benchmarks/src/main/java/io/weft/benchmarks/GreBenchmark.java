package io.weft.benchmarks;

import io.weft.frame.Frame;
import io.weft.gre.GreBuilder;
import io.weft.gre.GrePort;
import io.weft.offload.InternetChecksum;
import io.weft.port.PortException;
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
 * What Ethernet in GRE costs a frame, without system calls: {@link GrePort} over a {@link NullUnderlay} of raw sockets, with
 * {@link TunnelTraffic} of 100,000 remote stations. One remote end is {@code gretap}, several are {@code mgretap}.
 *
 * <p>What is inside the measured loop is what {@link VxlanBenchmark} says: {@link #encapsulate} and {@link #decapsulate}; {@link
 * #frames} and {@link #datagrams}, which are the same without the port; {@link #worker}, a frame each way through a switch, so
 * that an operation is two frames. What comes has been written whole, and its checksum is right; of what is sent the caches
 * have all that is summed. Beside those:
 *
 * <ul>
 *   <li>{@link #flood}: a frame taken from the pool and sent to all remote ends; {@code copies} is the time of each of them.
 * </ul>
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class GreBenchmark {
    private static final long SEED = 20_261_122;
    private static final int STATIONS = 100_000;
    private static final int KEY = 5_000;

    private static final class Header implements TunnelHeader {
        private static final int CHECKSUM = 0x8000_0000;
        private static final int KEY_PRESENT = 0x2000_0000;
        private static final int SEQUENCE = 0x1000_0000;
        private static final int TRANSPARENT_ETHERNET = 0x6558;

        private final boolean checksum;
        private final int first;
        private final int keyAt;
        private final int length;
        private final int sum; // of what is the same in all headers
        private final int[] next; // sequence numbers, of each remote end; null for none

        Header(boolean checksum, boolean sequence, int remotes) {
            this.checksum = checksum;
            first = (checksum ? CHECKSUM : 0) | KEY_PRESENT | (sequence ? SEQUENCE : 0) | TRANSPARENT_ETHERNET;
            keyAt = checksum ? 8 : 4;
            length = keyAt + 4 + (sequence ? 4 : 0);
            sum = (first >>> 16) + (first & 0xffff) + KEY;
            next = sequence ? new int[remotes] : null;
        }

        @Override
        public int length() {
            return length;
        }

        @Override
        public void write(Frame landing, int at, int vlan, int remoteEnd, int frameSum) {
            landing.putInt(at, first);
            landing.putInt(at + keyAt, KEY);
            int number = 0;
            if (next != null) {
                number = next[remoteEnd]++;
                landing.putInt(at + keyAt + 4, number);
            }
            if (checksum) {
                long all = (long) sum + frameSum + (number >>> 16) + (number & 0xffff);
                landing.putInt(at + 4, InternetChecksum.checksum(all) << 16);
            }
        }
    }

    /** A port and its traffic, not yet in a switch. */
    @State(Scope.Thread)
    public abstract static class Tunnel {
        /** Whether packets have a checksum. */
        @Param({"false", "true"})
        boolean csum;

        /** Whether they have sequence numbers. */
        @Param({"false", "true"})
        boolean seq;

        /** Bytes of each frame. */
        @Param({"64", "1500"})
        int size;

        TunnelTraffic traffic;
        NullUnderlay underlay;

        GrePort make(int remotes, int run) {
            Header header = new Header(csum, seq, remotes);
            traffic = new TunnelTraffic(header, size, STATIONS, remotes, 1, run, new SplittableRandom(SEED));
            underlay = NullUnderlay.ofRaw(traffic);
            GreBuilder builder = remotes == 1 ? GrePort.gretap("gre0") : GrePort.mgretap("gre0");
            builder.underlay(underlay).key(KEY).csum(csum).seq(seq).learnRemotes(false);
            for (int i = 0; i < remotes; i++) {
                builder.remote(TunnelTraffic.addressOf(i));
            }
            return builder.build();
        }
    }

    /** With stations behind remote ends. */
    @State(Scope.Thread)
    public abstract static class Multipoint extends Tunnel {
        /** Remote ends, each as likely as the others. */
        @Param({"1", "1000"})
        int remotes;

        /** Frames that follow each other to or from one remote end. */
        @Param({"1", "16"})
        int run;
    }

    /** The port without a switch. */
    @State(Scope.Thread)
    public static class Alone extends Multipoint {
        LoneTunnel tunnel;

        /** Opens it. */
        @Setup
        public void open() throws PortException {
            GrePort port = make(remotes, run);
            tunnel = new LoneTunnel(traffic, underlay, port);
        }

        /** Checks that nothing was lost. */
        @TearDown
        public void check() {
            tunnel.close();
        }
    }

    /** A switch with the port, and another one with hosts. */
    @State(Scope.Thread)
    public static class Switch extends Multipoint {
        SwitchedTunnel tunnel;

        /** A switch that has seen every station. */
        @Setup
        public void start() throws PortException {
            GrePort port = make(remotes, run);
            tunnel = new SwitchedTunnel(traffic, underlay, port);
        }

        /** Checks that nothing was lost. */
        @TearDown
        public void check() {
            tunnel.close();
        }
    }

    /** The port without a switch, for frames that are flooded. */
    @State(Scope.Thread)
    public static class Spokes extends Tunnel {
        /** Remote ends. */
        @Param({"1", "10", "100", "1000"})
        int spokes;

        LoneTunnel tunnel;

        /** Opens it. */
        @Setup
        public void open() throws PortException {
            GrePort port = make(spokes, 1);
            tunnel = new LoneTunnel(traffic, underlay, port);
        }

        /** Checks that nothing was lost. */
        @TearDown
        public void check() {
            tunnel.close();
        }
    }

    /** Packets that a frame became. */
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    @State(Scope.Thread)
    public static class Copies {
        /** Of all calls. */
        public long copies;
    }

    /** Taking and giving back frames. */
    @Benchmark
    @OperationsPerInvocation(LoneTunnel.FRAMES)
    public void frames(Alone state) {
        state.tunnel.frames();
    }

    /** The same, and sending them. */
    @Benchmark
    @OperationsPerInvocation(LoneTunnel.FRAMES)
    public long encapsulate(Alone state) {
        return state.tunnel.encapsulate();
    }

    /** Receiving packets. */
    @Benchmark
    @OperationsPerInvocation(LoneTunnel.FRAMES)
    public void datagrams(Alone state) {
        state.tunnel.datagrams();
    }

    /** The same, and taking frames out of them. */
    @Benchmark
    @OperationsPerInvocation(LoneTunnel.FRAMES)
    public void decapsulate(Alone state) {
        state.tunnel.decapsulate();
    }

    /** A frame each way through a switch. */
    @Benchmark
    @OperationsPerInvocation(LoneTunnel.FRAMES)
    public void worker(Switch state) {
        state.tunnel.pass(LoneTunnel.FRAMES, LoneTunnel.FRAMES);
    }

    /** A frame to everybody. */
    @Benchmark
    public long flood(Spokes state, Copies counted) {
        counted.copies += state.spokes;
        return state.tunnel.flood();
    }
}
