package io.weft.tap;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import io.weft.port.DescriptorWatch;
import io.weft.port.DropReason;
import io.weft.port.FrameInbox;
import io.weft.port.Port;
import io.weft.port.PortContext;
import io.weft.port.PortCounters;
import io.weft.port.PortDriver;
import io.weft.port.PortHandle;
import io.weft.port.PortStatistics;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a TAP or TUN port does with frames when the pool has no memory for them: one driver, polled by the test. */
@Timeout(60)
class DryPoolIT {
    private static final int INDEX = 3;

    private final PortCounters counters = new PortCounters();
    private final FrameBatch polled = new FrameBatch();
    private TapKind kind = TapKind.TAP;
    private NetworkNamespace host;
    private TapPort port;
    private PacketSocket socket;

    @BeforeAll
    static void probe() {
        NetworkNamespace.assumeAvailable();
    }

    @BeforeEach
    void start() {
        host = NetworkNamespace.create("dry");
        host.run("sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1"); // only our frames, please
    }

    @AfterEach
    void end() {
        if (socket != null) {
            socket.close();
        }
        host.close();
    }

    private void open(FramePool pool) throws Exception {
        open(TapKind.TAP, pool);
    }

    private void open(TapKind newKind, FramePool pool) throws Exception {
        kind = newKind;
        port = new TapBuilder(kind, "eth0").mtu(9_000).netns(host.name()).build();
        port.open(new OneDriver(pool));
        socket = PacketSocket.open(host, "eth0");
    }

    private void send(byte[] frame) throws Exception {
        socket.send(Arrays.copyOfRange(frame, kind.missing(), frame.length));
    }

    private byte[] frame(int length) {
        byte[] frame = new byte[length];
        if (kind == TapKind.TUN) {
            for (int i = 0; i < length; i++) {
                frame[i] = (byte) (i < 12 ? 0 : i * 7);
            }
            frame[12] = 8;
            frame[13] = 0;
            frame[14] = 0x45;
            return frame;
        }
        for (int i = 0; i < length; i++) {
            frame[i] = (byte) (i < 12 ? 2 : i * 7);
        }
        frame[12] = (byte) 0x88;
        frame[13] = (byte) 0xb5;
        return frame;
    }

    private PortStatistics statistics() {
        return PortStatistics.sum(List.of(counters));
    }

    @ParameterizedTest
    @EnumSource(TapKind.class)
    void shouldReadOnAndCountWhenThereIsNoFrameLeft(TapKind of) throws Exception {
        FramePool pool = new FramePool(2, 0);
        open(of, pool);
        for (int i = 0; i < 10; i++) {
            send(frame(60 + i));
        }
        assertThat(port.poll(polled, 64)).isEqualTo(2);
        assertThat(statistics().rxFrames()).isEqualTo(8); // the core counts those that poll returns
        assertThat(statistics().dropped(DropReason.POOL_EMPTY)).isEqualTo(8);
        assertThat(polled.get(0).toByteArray()).isEqualTo(frame(60));
        assertThat(polled.get(1).toByteArray()).isEqualTo(frame(61));
        assertThat(polled.get(1).ingress()).isEqualTo(INDEX);
        polled.release();

        send(frame(1_514)); // the kernel's queue did not stall
        assertThat(port.poll(polled, 64)).isEqualTo(1);
        assertThat(polled.get(0).toByteArray()).isEqualTo(frame(1_514));
        polled.release();
        port.close();
        assertThat(pool.inUse()).isZero();
    }

    @ParameterizedTest
    @EnumSource(TapKind.class)
    void shouldDropLongFramesOnlyWhenThereIsNoLargeSlot(TapKind of) throws Exception {
        FramePool pool = new FramePool(16, 1);
        open(of, pool);
        for (int length : new int[] {9_014, 100, 5_000, 200}) {
            send(frame(length));
        }
        assertThat(port.poll(polled, 64)).isEqualTo(3);
        assertThat(polled.get(0).toByteArray()).isEqualTo(frame(9_014));
        assertThat(polled.get(1).toByteArray()).isEqualTo(frame(100));
        assertThat(polled.get(2).toByteArray()).isEqualTo(frame(200));
        assertThat(statistics().dropped(DropReason.POOL_EMPTY)).isEqualTo(1);
        polled.release();

        send(frame(FramePool.SMALL_LENGTH));
        send(frame(FramePool.SMALL_LENGTH + 1)); // one byte more than a small slot holds
        assertThat(port.poll(polled, 64)).isEqualTo(2);
        assertThat(polled.get(0).toByteArray()).isEqualTo(frame(FramePool.SMALL_LENGTH));
        assertThat(polled.get(1).toByteArray()).isEqualTo(frame(FramePool.SMALL_LENGTH + 1));
        polled.release();
        port.close();
        assertThat(pool.inUse()).isZero();
    }

    @Test
    void shouldReturnNoMoreThanTheLimit() throws Exception {
        open(new FramePool());
        for (int i = 0; i < 10; i++) {
            send(frame(60 + i));
        }
        assertThat(port.poll(polled, 4)).isEqualTo(4);
        assertThat(port.poll(polled, 60)).isEqualTo(6);
        assertThat(polled.get(9).toByteArray()).isEqualTo(frame(69));
        assertThat(port.poll(polled, 1)).isZero();
        polled.release();
        port.close();
    }

    @Test
    void shouldCountWhatTheKernelRefuses() throws Exception {
        FramePool pool = new FramePool();
        open(pool);
        FrameBatch batch = new FrameBatch();
        batch.add(pool.allocate(60));
        batch.add(pool.allocate(13)); // less than an Ethernet header
        batch.add(pool.allocate(9_014));
        port.transmit(batch, counters);
        assertThat(batch.isEmpty()).isTrue();
        assertThat(statistics().txFrames()).isEqualTo(2);
        assertThat(statistics().txBytes()).isEqualTo(9_074);
        assertThat(statistics().dropped(DropReason.TX_ERROR)).isEqualTo(1);

        host.run("ip", "link", "delete", "eth0");
        batch.add(pool.allocate(60));
        port.transmit(batch, counters);
        assertThat(statistics().dropped(DropReason.PORT_DOWN)).isEqualTo(1);
        port.close();
        assertThat(pool.inUse()).isZero();
    }

    /** A switch for one driver that is polled by hand. */
    private final class OneDriver implements PortContext {
        private final FramePool pool;

        OneDriver(FramePool pool) {
            this.pool = pool;
        }

        @Override
        public FramePool pool() {
            return pool;
        }

        @Override
        public long nanoTime() {
            return 0;
        }

        @Override
        public PortHandle addPort(Port added) {
            return new Handle(added, counters);
        }

        @Override
        public void addQueue(PortDriver queue) {
            throw new AssertionError("a TAP has one queue unless told otherwise");
        }

        @Override
        public <D extends PortDriver> D share(Object key, Supplier<D> maker) {
            throw new AssertionError("a TAP shares nothing");
        }

        @Override
        public DescriptorWatch watch(int descriptor) {
            return new DescriptorWatch() {
                @Override
                public void writable(boolean interested) {}

                @Override
                public void readable(boolean interested) {}

                @Override
                public void close() {}
            };
        }

        @Override
        public void wakeup() {}

        @Override
        public void execute(Runnable task) {
            task.run();
        }

        @Override
        public void schedule(long delayNs, Runnable task) {}

        @Override
        public void report(String message) {}
    }

    private record Handle(Port port, PortCounters counters) implements PortHandle {
        @Override
        public int index() {
            return INDEX;
        }

        @Override
        public PortCounters openCounters() {
            return new PortCounters();
        }

        @Override
        public FrameInbox openInbox(int capacity, FramePool pool) {
            throw new AssertionError("a TAP is read by its worker");
        }

        @Override
        public void up() {}

        @Override
        public void down(String reason) {}

        @Override
        public void remove() {}

        @Override
        public boolean station(int vlan, long mac, int endpoint) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean forget(int vlan, long mac) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void flush(int endpoint) {
            throw new UnsupportedOperationException();
        }
    }
}
