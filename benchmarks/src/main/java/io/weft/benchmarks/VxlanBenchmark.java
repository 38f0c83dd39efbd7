package io.weft.benchmarks;

import io.weft.VirtualSwitch;
import io.weft.fdb.Fdb;
import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import io.weft.port.PortCounters;
import io.weft.port.PortException;
import io.weft.port.PortStatistics;
import io.weft.tunnel.RemoteEnd;
import io.weft.underlay.UdpSettings;
import io.weft.underlay.UnderlayReceiver;
import io.weft.vxlan.VxlanBuilder;
import io.weft.vxlan.VxlanPort;
import io.weft.worker.NanoClock;
import java.util.List;
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
 * VxlanTraffic} of 100,000 remote stations.
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
    private static final int BATCH = FrameBatch.DEFAULT_CAPACITY;
    private static final int FRAMES = 16 * BATCH;
    private static final int LANDINGS = 32;

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

        VxlanTraffic traffic;
        NullUnderlay underlay;
        VxlanPort port;

        void make() {
            traffic = new VxlanTraffic(STATIONS, remotes, vnis, run, new SplittableRandom(SEED));
            underlay = new NullUnderlay(traffic, VxlanBuilder.DEFAULT_PORT, run);
            VxlanBuilder builder = VxlanPort.builder("vx0").underlay(underlay);
            if (vnis == 1) {
                builder.vni(VxlanTraffic.FIRST_VNI);
            } else {
                builder.vlanVniMap(VxlanTraffic.vlanVniMap(vnis));
            }
            for (int i = 0; i < remotes; i++) {
                builder.remote(VxlanTraffic.addressOf(i));
            }
            port = builder.build();
        }
    }

    /** The port without a switch. */
    @State(Scope.Thread)
    public static class Alone extends Tunnel {
        final FrameBatch batch = new FrameBatch();
        final PortCounters counters = new PortCounters();
        final Frame[] landings = new Frame[LANDINGS];
        LonePort around;
        FramePool pool;
        UnderlayReceiver receiver;
        private int[] endpoints;

        /** Opens it. */
        @Setup
        public void open() throws PortException {
            make();
            around = new LonePort(port);
            pool = around.pool();
            receiver = underlay.open(UdpSettings.ipv4().bindTo(null, VxlanBuilder.DEFAULT_PORT))
                    .receiver();
            List<RemoteEnd> ends = port.remotes();
            endpoints = new int[ends.size()];
            for (int i = 0; i < endpoints.length; i++) {
                if (!ends.get(i).peer().address().equals(VxlanTraffic.addressOf(i))) {
                    throw new IllegalStateException(ends.get(i) + " is not the remote end " + i);
                }
                endpoints[i] = ends.get(i).endpoint();
            }
        }

        /** Checks that every frame was sent. */
        @TearDown
        public void check() {
            around.close();
            PortStatistics sum = PortStatistics.sum(List.of(counters));
            if (sum.dropped() > 0 || sum.txFrames() != underlay.sent()) {
                throw new IllegalStateException("lost frames: " + sum + ", sent " + underlay.sent());
            }
        }

        void fill() {
            for (int i = 0; i < BATCH; i++) {
                Frame frame = pool.allocate(traffic.localLength());
                frame.endpoint(endpoints[traffic.remoteEnd()]);
                traffic.writeLocal(frame);
                batch.add(frame);
            }
        }
    }

    /** A switch with the port, and another one with hosts. */
    @State(Scope.Thread)
    public static class Switch extends Tunnel {
        VxlanHosts hosts;
        VirtualSwitch lan;
        private PortStatistics before;

        /** A switch that has seen every station. */
        @Setup
        public void start() throws PortException {
            make();
            hosts = new VxlanHosts(traffic);
            int stations = STATIONS + vnis * VxlanTraffic.LOCAL_STATIONS;
            lan = VirtualSwitch.builder()
                    .invoker(NanoClock.SYSTEM)
                    .workers(1)
                    .fdbCapacity(Math.max(Fdb.DEFAULT_CAPACITY, stations))
                    .build();
            lan.add(hosts);
            lan.add(port);
            // First those behind the tunnel: a frame to nobody known would be sent to every remote end.
            for (int i = 0; i < traffic.length(); i += FRAMES) {
                pass(0, FRAMES);
            }
            for (int i = 0; i < traffic.length(); i += FRAMES) {
                pass(FRAMES, 0);
            }
            if (lan.fdb().statistics().entries() < STATIONS) {
                throw new IllegalStateException(
                        "of the stations are known " + lan.fdb().statistics());
            }
            before = lan.statistics();
        }

        void pass(int fromHosts, int fromRemotes) {
            hosts.offer(fromHosts);
            underlay.offer(fromRemotes);
            while (hosts.waiting() > 0 || underlay.waiting() > 0) {
                lan.step();
            }
        }

        /** Checks that every frame went where it belongs. */
        @TearDown
        public void check() {
            while (lan.step()) {
                // what the last datagrams held
            }
            PortStatistics sum = lan.statistics();
            lan.close();
            if (sum.unaccounted() != 0 || sum.dropped() != before.dropped()) {
                throw new IllegalStateException("lost frames: " + sum);
            }
        }
    }

    /** Taking and giving back frames. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public void frames(Alone state) {
        for (int i = 0; i < FRAMES; i += BATCH) {
            state.fill();
            state.batch.release();
        }
    }

    /** The same, and sending them. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public long encapsulate(Alone state) {
        for (int i = 0; i < FRAMES; i += BATCH) {
            state.fill();
            state.port.transmit(state.batch, state.counters);
        }
        return state.underlay.seen();
    }

    /** Receiving datagrams. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public void datagrams(Alone state) {
        state.underlay.offer(FRAMES);
        while (state.underlay.waiting() > 0) {
            for (int i = 0; i < LANDINGS; i++) {
                state.landings[i] = state.pool.allocate(Frame.MAX_LENGTH);
            }
            state.receiver.receive(state.landings, LANDINGS);
            for (int i = LANDINGS - 1; i >= 0; i--) {
                state.landings[i].release();
            }
        }
    }

    /** The same, and taking frames out of them. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public void decapsulate(Alone state) {
        state.underlay.offer(FRAMES);
        while (state.around.poll(state.batch) > 0 || state.underlay.waiting() > 0) {
            state.batch.release();
        }
    }

    /** A frame each way through a switch. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public void worker(Switch state) {
        state.pass(FRAMES, FRAMES);
    }
}
