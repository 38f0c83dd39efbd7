package io.weft;

import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.port.Port;
import io.weft.port.PortCapabilities;
import io.weft.port.PortContext;
import io.weft.port.PortCounters;
import io.weft.port.PortDriver;
import io.weft.port.PortException;
import io.weft.port.PortHandle;
import io.weft.port.Reading;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * A socket that tunnels share, as {@link Tunnel} does. It can be bound to an address once at a time, like a socket of the
 * system, and the host notes what is opened and closed.
 */
final class SharedSocket implements PortDriver {
    /** What {@code open} does when the socket is bound. */
    interface OnOpen {
        void open(SharedSocket socket) throws PortException;
    }

    /** A host with addresses. */
    static final class Host {
        /** What happened, in its order: "open 1", "close a". */
        final Queue<String> events = new ConcurrentLinkedQueue<>();

        final Set<String> bound = ConcurrentHashMap.newKeySet();
        final AtomicInteger made = new AtomicInteger();

        SharedSocket socket(String address) {
            made.incrementAndGet();
            return new SharedSocket(this, address);
        }
    }

    private record Received(int port, byte[] bytes) {}

    final String address;
    final AtomicInteger polled = new AtomicInteger();
    volatile Runnable onPoll = () -> {};
    volatile Runnable onClose = () -> {};
    volatile PortContext context;
    volatile String polledBy;
    volatile String closedBy;
    volatile OnOpen onOpen = socket -> {};

    volatile Supplier<List<Reading>> readings = List::of;

    private final Host host;
    private final Queue<Received> ring = new ConcurrentLinkedQueue<>();
    private boolean isBound;

    private SharedSocket(Host host, String address) {
        this.host = host;
        this.address = address;
    }

    SharedSocket onOpen(OnOpen script) {
        onOpen = script;
        return this;
    }

    /** Receives a frame for a port. */
    void receive(int port, byte[] bytes) {
        ring.add(new Received(port, bytes));
        context.wakeup();
    }

    /** Frames that no poll has taken. */
    int left() {
        return ring.size();
    }

    @Override
    public void open(PortContext newContext) throws PortException {
        context = newContext;
        if (!host.bound.add(address)) {
            throw new PortException(address + " is in use");
        }
        isBound = true;
        host.events.add("open " + address);
        onOpen.open(this);
    }

    @Override
    public int poll(FrameBatch into, int limit) {
        polled.incrementAndGet();
        polledBy = Thread.currentThread().getName();
        onPoll.run();
        int count = 0;
        while (count < limit && !ring.isEmpty()) {
            Frame frame = context.pool().allocate(ring.peek().bytes.length);
            if (frame == null) {
                context.wakeup();
                break;
            }
            Received received = ring.remove();
            frame.putBytes(0, received.bytes, 0, received.bytes.length);
            frame.ingress(received.port);
            into.add(frame);
            count++;
        }
        return count;
    }

    @Override
    public List<Reading> readings() {
        return readings.get();
    }

    @Override
    public void close() {
        closedBy = Thread.currentThread().getName();
        onClose.run();
        if (isBound) {
            host.bound.remove(address);
        }
        host.events.add("close " + address);
    }

    @Override
    public String toString() {
        return "socket:" + address;
    }

    /** A port whose driver shares the socket of an address. */
    static final class Tunnel implements Port, PortDriver {
        /** What {@code open} does when it has the socket. */
        interface OnTunnelOpen {
            void open(Tunnel tunnel) throws PortException;
        }

        final AtomicInteger transmitted = new AtomicInteger();
        volatile SharedSocket socket;
        volatile PortContext context;
        volatile PortHandle handle;
        volatile OnTunnelOpen onOpen = tunnel -> {};
        volatile Supplier<List<Reading>> readings = List::of;

        private final Host host;
        private final String name;
        private final String address;
        private SharedSocket.OnOpen onSocketOpen = made -> {};

        Tunnel(Host host, String name, String address) {
            this.host = host;
            this.name = name;
            this.address = address;
        }

        Tunnel onOpen(OnTunnelOpen script) {
            onOpen = script;
            return this;
        }

        Tunnel onSocketOpen(SharedSocket.OnOpen script) {
            onSocketOpen = script;
            return this;
        }

        /** Has its socket receive a frame for it. */
        void receive(byte[] bytes) {
            socket.receive(handle.index(), bytes);
        }

        /** Shares the socket; the key is equal to other tunnels' and not the same object. */
        SharedSocket share() throws PortException {
            return context.share(
                    List.of("socket", address), () -> host.socket(address).onOpen(onSocketOpen));
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public PortCapabilities capabilities() {
            return PortCapabilities.ofMaxFrameLength(1_514).withConcurrentTransmit();
        }

        @Override
        public void open(PortContext newContext) throws PortException {
            context = newContext;
            handle = context.addPort(this);
            socket = share();
            onOpen.open(this);
        }

        @Override
        public int poll(FrameBatch into, int limit) {
            return 0;
        }

        @Override
        public void transmit(FrameBatch frames, PortCounters counters) {
            for (int i = 0; i < frames.size(); i++) {
                counters.transmitted(frames.get(i).length());
                transmitted.incrementAndGet();
            }
            frames.release();
        }

        @Override
        public List<Reading> readings() {
            return readings.get();
        }

        @Override
        public void close() {
            host.events.add("close " + name);
        }

        @Override
        public String toString() {
            return "tunnel:" + name;
        }
    }
}
