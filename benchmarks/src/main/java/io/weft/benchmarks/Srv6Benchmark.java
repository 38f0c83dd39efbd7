package io.weft.benchmarks;

import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.port.PortException;
import io.weft.srv6.Encapsulation;
import io.weft.srv6.Ipv6Header;
import io.weft.srv6.SegmentList;
import io.weft.srv6.Srv6Builder;
import io.weft.srv6.Srv6Port;
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
 * What Ethernet behind a segment list costs a frame, without system calls: {@link Srv6Port} over a {@link NullUnderlay} of whole
 * packets, with {@link TunnelTraffic} of 100,000 remote stations. {@code l2} has one remote end, {@code bridge} ten.
 *
 * <p>What is inside the measured loop is what {@link VxlanBenchmark} says: {@link #encapsulate} and {@link #decapsulate}; {@link
 * #frames} and {@link #datagrams}, which are the same without the port; {@link #worker}, a frame each way through a switch, so
 * that an operation is two frames. {@link #both} is a frame each way without one. What comes has its list whole, as from a headend
 * with {@code encap=full}, and is at its last segment.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class Srv6Benchmark {
    private static final long SEED = 20_261_123;
    private static final int STATIONS = 100_000;
    private static final int BRIDGED_REMOTES = 10;
    private static final int SIZE = 64;
    private static final int TTL = 64;
    private static final String WAYPOINT = "fc00:9::1,";
    private static final String LOCAL = "fc00:1::1";
    private static final String SID = "fc00:1:0:d2::";
    private static final long REMOTE_HIGH = 0xfc00_0002_0000_0000L;

    private static final class Header implements TunnelHeader {
        private static final int SEGMENTS_LEFT_AT = Ipv6Header.LENGTH + 3;
        private static final int PAYLOAD_LENGTH_AT = 4;
        private static final int DESTINATION_AT = 24;
        private static final int SOURCE_LOW_AT = 16;

        private final byte[] bytes;

        /** What a remote end's frames have in front when the list ends at the SID. */
        Header(int segments) {
            SegmentList list = SegmentList.parse(WAYPOINT.repeat(segments - 1) + SID);
            Frame frame = new FramePool(1, 0).allocate(SIZE);
            list.prepend(frame, Encapsulation.L2ENCAPS, Ipv6Header.ETHERNET, REMOTE_HIGH, 0, 0, 0, TTL);
            frame.putByte(SEGMENTS_LEFT_AT, 0);
            frame.putLong(DESTINATION_AT, list.segmentHigh(segments - 1));
            frame.putLong(DESTINATION_AT + 8, list.segmentLow(segments - 1));
            bytes = new byte[frame.length() - SIZE];
            frame.getBytes(0, bytes, 0, bytes.length);
            if (frame.getShort(PAYLOAD_LENGTH_AT) != frame.length() - Ipv6Header.LENGTH) {
                throw new IllegalStateException("the header has another length");
            }
        }

        @Override
        public int length() {
            return bytes.length;
        }

        @Override
        public void write(Frame landing, int at, int vlan, int remoteEnd, int frameSum) {
            landing.putBytes(at, bytes, 0, bytes.length);
            landing.putLong(at + SOURCE_LOW_AT, 1 + remoteEnd);
        }

        @Override
        public String remoteAddress(int remoteEnd) {
            return "fc00:2::" + Integer.toHexString(1 + remoteEnd);
        }
    }

    /** A port and its traffic, not yet in a switch. */
    @State(Scope.Thread)
    public abstract static class Tunnel {
        /** What the port is. */
        @Param({"l2", "bridge"})
        String mode;

        /** Of each list. */
        @Param({"1", "3"})
        int segments;

        TunnelTraffic traffic;
        NullUnderlay underlay;

        Srv6Port make() {
            boolean isBridge = mode.equals("bridge");
            int remotes = isBridge ? BRIDGED_REMOTES : 1;
            Header header = new Header(segments);
            traffic = new TunnelTraffic(header, SIZE, STATIONS, remotes, 1, 1, new SplittableRandom(SEED));
            underlay = NullUnderlay.ofPackets(traffic);
            Srv6Builder builder = isBridge ? Srv6Port.bridge("s0") : Srv6Port.l2("s0");
            builder.underlay(underlay).local(LOCAL).sid(SID + (isBridge ? " End.DT2U" : " End.DX2"));
            for (int i = 0; i < remotes; i++) {
                builder.remote(
                        header.remoteAddress(i) + " segs " + WAYPOINT.repeat(segments - 1) + "fc00:2:" + i + ":d2::");
            }
            return builder.build();
        }
    }

    /** The port without a switch. */
    @State(Scope.Thread)
    public static class Alone extends Tunnel {
        LoneTunnel tunnel;

        /** Opens it. */
        @Setup
        public void open() throws PortException {
            Srv6Port port = make();
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
    public static class Switch extends Tunnel {
        SwitchedTunnel tunnel;

        /** A switch that has seen every station. */
        @Setup
        public void start() throws PortException {
            Srv6Port port = make();
            tunnel = new SwitchedTunnel(traffic, underlay, port);
        }

        /** Checks that nothing was lost. */
        @TearDown
        public void check() {
            tunnel.close();
        }
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

    /** Sending a frame, and taking one out of a packet. */
    @Benchmark
    @OperationsPerInvocation(LoneTunnel.FRAMES)
    public long both(Alone state) {
        state.tunnel.decapsulate();
        return state.tunnel.encapsulate();
    }

    /** A frame each way through a switch. */
    @Benchmark
    @OperationsPerInvocation(LoneTunnel.FRAMES)
    public void worker(Switch state) {
        state.tunnel.pass(LoneTunnel.FRAMES, LoneTunnel.FRAMES);
    }
}
