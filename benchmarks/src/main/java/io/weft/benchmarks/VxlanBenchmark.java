package io.weft.benchmarks;

import io.weft.frame.Frame;
import io.weft.port.PortException;
import io.weft.vxlan.VxlanBuilder;
import io.weft.vxlan.VxlanPort;
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
 * What VXLAN costs a frame of 64 bytes, without system calls: {@link VxlanPort} over a {@link NullUnderlay}, with {@link
 * TunnelTraffic} of 100,000 remote stations.
 *
 * <p>What is inside the measured loop:
 *
 * <ul>
 *   <li>{@link #encapsulate}: a frame taken from the pool and written, the number of its remote end set as the FDB would; the
 *       port's {@code transmit}, which gives it to a socket that forgets it. {@link #frames} is the same without the port;
 *   <li>{@link #decapsulate}: a datagram written into a large slot, as a socket's receiver does; the shared driver's
 *       {@code poll}; the frame released. {@link #datagrams} is the same without the driver;
 *   <li>{@link #worker}: one of each through a switch, which has every (VLAN, MAC) in its FDB: from host to datagram, and
 *       from datagram to host. An operation is two frames there.
 * </ul>
 *
 * <p>Encapsulation and decapsulation together is {@code encapsulate - frames + decapsulate - datagrams}.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class VxlanBenchmark {
    private static final long SEED = 20_240_917;
    private static final int STATIONS = 100_000;

    /** The VNI of VLAN 1, or of all when there are no VLANs; the others follow. */
    private static final int FIRST_VNI = 5_000;

    private static final class Header implements TunnelHeader {
        private static final long VNI_PRESENT = 0x0800_0000_0000_0000L;

        @Override
        public int length() {
            return 8;
        }

        @Override
        public void write(Frame landing, int at, int vlan, int remoteEnd, int sum) {
            int vni = FIRST_VNI + Math.max(0, vlan - 1);
            landing.putLong(at, VNI_PRESENT | (long) vni << 8);
        }
    }

    /** A port and its traffic, not yet in a switch. */
    @State(Scope.Thread)
    public abstract static class Tunnel {
        /** Remote ends, each as likely as the others. */
        @Param({"1", "10000"})
        int remotes;

        /** VNIs; with several the port is a trunk whose VLANs they are. */
        @Param({"1", "100"})
        int vnis;

        /** Frames that follow each other to or from one remote end; what comes is received as one message (UDP_GRO). */
        @Param({"1", "16"})
        int run;

        TunnelTraffic traffic;
        NullUnderlay underlay;

        VxlanPort make() {
            traffic = new TunnelTraffic(
                    new Header(), TunnelTraffic.SHORTEST, STATIONS, remotes, vnis, run, new SplittableRandom(SEED));
            underlay = NullUnderlay.ofUdp(traffic, VxlanBuilder.DEFAULT_PORT, run);
            VxlanBuilder builder = VxlanPort.builder("vx0").underlay(underlay);
            if (vnis == 1) {
                builder.vni(FIRST_VNI);
            } else {
                builder.vlanVniMap("1-" + vnis + ":" + FIRST_VNI);
            }
            for (int i = 0; i < remotes; i++) {
                builder.remote(TunnelTraffic.addressOf(i));
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
            VxlanPort port = make();
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
            VxlanPort port = make();
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

    /** Receiving datagrams. */
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
}
