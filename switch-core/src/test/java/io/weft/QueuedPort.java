package io.weft;

import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.port.DropReason;
import io.weft.port.Port;
import io.weft.port.PortCapabilities;
import io.weft.port.PortContext;
import io.weft.port.PortCounters;
import io.weft.port.PortDriver;
import io.weft.port.PortException;
import io.weft.port.PortHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * A port with several receive queues that the test fills; the driver is the first of them. What is sent by the port goes to
 * a receiver. Notes who polled and in which order things were closed.
 */
final class QueuedPort implements Port, PortDriver {
    final List<RxQueue> queues = new ArrayList<>();
    final AtomicInteger transmitted = new AtomicInteger();

    /** What happened at the end, in its order: "close 2", "detached", "close 0". */
    final Queue<String> ends = new ConcurrentLinkedQueue<>();

    private final String name;
    private PortCapabilities capabilities =
            PortCapabilities.ofMaxFrameLength(1_514).withConcurrentTransmit();
    private Consumer<byte[]> receiver = bytes -> {};
    private boolean portFirst = true;
    private volatile PortHandle handle;

    QueuedPort(String name, int queueCount) {
        this.name = name;
        for (int i = 0; i < queueCount; i++) {
            queues.add(new RxQueue(i));
        }
    }

    QueuedPort onFrame(Consumer<byte[]> newReceiver) {
        receiver = newReceiver;
        return this;
    }

    QueuedPort withoutConcurrentTransmit() {
        capabilities = PortCapabilities.ofMaxFrameLength(1_514);
        return this;
    }

    /** Adds its queues first and its port then. */
    QueuedPort queuesFirst() {
        portFirst = false;
        return this;
    }

    /** Puts a frame into a queue. */
    void send(int queue, byte[] frame) {
        queues.get(queue).send(frame);
    }

    /** Frames that no poll has taken. */
    int left() {
        return queues.stream().mapToInt(queue -> queue.ring.size()).sum();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public PortCapabilities capabilities() {
        return capabilities;
    }

    @Override
    public void open(PortContext context) throws PortException {
        if (portFirst) {
            handle = context.addPort(this);
        }
        queues.get(0).open(context);
        for (RxQueue queue : queues.subList(1, queues.size())) {
            context.addQueue(queue);
        }
        if (!portFirst) {
            handle = context.addPort(this);
        }
    }

    @Override
    public int poll(FrameBatch into, int limit) {
        return queues.get(0).poll(into, limit);
    }

    @Override
    public void transmit(FrameBatch frames, PortCounters counters) {
        for (int i = 0; i < frames.size(); i++) {
            counters.transmitted(frames.get(i).length());
            transmitted.incrementAndGet();
            receiver.accept(frames.get(i).toByteArray());
        }
        frames.release();
    }

    @Override
    public void detached() {
        ends.add("detached");
    }

    @Override
    public void close() {
        queues.get(0).close();
    }

    @Override
    public String toString() {
        return "queued:" + name;
    }

    /** One of its queues. */
    final class RxQueue implements PortDriver {
        /** Names of the threads that polled it. */
        final Set<String> polledBy = ConcurrentHashMap.newKeySet();

        volatile Runnable onPoll = () -> {};
        volatile PortException refusal;
        volatile PortContext context;
        volatile String closedBy;

        private final int number;
        private final Queue<byte[]> ring = new ConcurrentLinkedQueue<>();
        private PortCounters account;

        RxQueue(int number) {
            this.number = number;
        }

        void send(byte[] frame) {
            ring.add(frame);
            PortContext opened = context;
            if (opened != null) {
                opened.wakeup();
            }
        }

        @Override
        public void open(PortContext newContext) throws PortException {
            context = newContext;
            if (refusal != null) {
                throw refusal;
            }
        }

        @Override
        public int poll(FrameBatch into, int limit) {
            polledBy.add(Thread.currentThread().getName());
            onPoll.run();
            int count = 0;
            for (int i = 0; i < limit; i++) {
                byte[] bytes = ring.poll();
                if (bytes == null) {
                    break;
                }
                Frame frame = context.pool().allocate(bytes.length);
                if (frame == null) {
                    account().received(bytes.length);
                    account().dropped(DropReason.POOL_EMPTY);
                } else {
                    frame.putBytes(0, bytes, 0, bytes.length);
                    frame.ingress(handle.index());
                    into.add(frame);
                    count++;
                }
            }
            if (!ring.isEmpty()) {
                context.wakeup();
            }
            return count;
        }

        private PortCounters account() {
            if (account == null) {
                account = number == 0 ? handle.counters() : handle.openCounters();
            }
            return account;
        }

        @Override
        public void close() {
            closedBy = Thread.currentThread().getName();
            ends.add("close " + number);
        }

        @Override
        public String toString() {
            return "queue " + number + " of " + name;
        }
    }
}
