package io.weft.packet;

import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import io.weft.port.DescriptorWatch;
import io.weft.port.DropReason;
import io.weft.port.FrameInbox;
import io.weft.port.Port;
import io.weft.port.PortContext;
import io.weft.port.PortCounters;
import io.weft.port.PortDriver;
import io.weft.port.PortException;
import io.weft.port.PortHandle;
import io.weft.port.PortStatistics;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * A packet port without a switch, polled by the test: what it receives, sends, counts and reports is seen as it is, offload
 * metadata included. Tasks that it schedules are run by {@link #look}.
 *
 * <p>Threads: confined.
 */
final class PolledPort implements AutoCloseable {
    static final int INDEX = 3;

    final FramePool pool;
    final PacketPort port;
    final List<String> events = new ArrayList<>();
    private final PortCounters counters = new PortCounters();
    private final PortCounters sent = new PortCounters();
    private final FrameBatch batch = new FrameBatch();
    private Runnable scheduled;
    private boolean watched;

    PolledPort(PacketPort port) throws PortException {
        this(port, new FramePool());
    }

    PolledPort(PacketPort port, FramePool pool) throws PortException {
        this.port = port;
        this.pool = pool;
        port.open(new Context());
    }

    /** What it has received; the caller releases the batch. */
    FrameBatch poll(int limit) {
        FrameBatch polled = new FrameBatch(limit);
        int added = port.poll(polled, limit);
        if (added != polled.size()) {
            throw new AssertionError("said " + added + " and added " + polled.size());
        }
        return polled;
    }

    /** Polls until a number of frames have come. */
    List<byte[]> receive(int count) {
        List<byte[]> received = new ArrayList<>();
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (received.size() < count && System.nanoTime() < deadline) {
            FrameBatch polled = poll(64);
            for (int i = 0; i < polled.size(); i++) {
                received.add(polled.get(i).toByteArray());
            }
            polled.release();
        }
        return received;
    }

    /** Sends frames with one call. */
    void transmit(byte[]... frames) {
        for (byte[] bytes : frames) {
            Frame frame = pool.allocate(bytes.length);
            frame.putBytes(0, bytes, 0, bytes.length);
            batch.add(frame);
        }
        port.transmit(batch, sent);
    }

    /** Sends a frame with its metadata; takes ownership. */
    void transmit(Frame frame) {
        batch.add(frame);
        port.transmit(batch, sent);
    }

    /** Lets it do what it does once a second. */
    void look() {
        Runnable task = scheduled;
        scheduled = null;
        task.run();
    }

    boolean isWatched() {
        return watched;
    }

    PortStatistics statistics() {
        return PortStatistics.sum(List.of(counters, sent));
    }

    long dropped(DropReason reason) {
        return statistics().dropped(reason);
    }

    @Override
    public void close() {
        port.close();
        if (pool.inUse() != 0) {
            throw new AssertionError(pool.inUse() + " frames are not back in the pool");
        }
    }

    private final class Context implements PortContext {
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
            return new Handle();
        }

        @Override
        public void addQueue(PortDriver queue) {
            throw new AssertionError("a packet port has one socket");
        }

        @Override
        public <D extends PortDriver> D share(Object key, Supplier<D> maker) {
            throw new AssertionError("a packet port shares nothing");
        }

        @Override
        public DescriptorWatch watch(int descriptor) {
            watched = true;
            return new DescriptorWatch() {
                @Override
                public void writable(boolean interested) {}

                @Override
                public void readable(boolean interested) {}

                @Override
                public void close() {
                    watched = false;
                }
            };
        }

        @Override
        public void wakeup() {}

        @Override
        public void execute(Runnable task) {
            task.run();
        }

        @Override
        public void schedule(long delayNs, Runnable task) {
            scheduled = task;
        }

        @Override
        public void report(String message) {
            events.add(message);
        }
    }

    private final class Handle implements PortHandle {
        @Override
        public int index() {
            return INDEX;
        }

        @Override
        public Port port() {
            return port;
        }

        @Override
        public PortCounters counters() {
            return counters;
        }

        @Override
        public PortCounters openCounters() {
            throw new AssertionError("all is counted by workers");
        }

        @Override
        public FrameInbox openInbox(int capacity, FramePool inboxPool) {
            throw new AssertionError("the socket is read by its worker");
        }

        @Override
        public void up() {
            events.add("up");
        }

        @Override
        public void down(String reason) {
            events.add("down: " + reason);
        }

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
