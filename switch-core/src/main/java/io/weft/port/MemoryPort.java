package io.weft.port;

import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * A port whose other side is the program itself: for in-process hosts and tests.
 *
 * <p>Frames sent by the program go in with {@link #send}; frames that the switch sends are given to a receiver on the worker
 * that forwards them, or, without a receiver, wait for {@link #receive}.
 *
 * <p>Threads: {@code send} by one thread at a time, {@code receive} by any; the receiver is called by workers, one at a time.
 */
public final class MemoryPort implements Port, PortDriver {
    /** Frames that may wait in either direction. */
    public static final int QUEUE_CAPACITY = 1_024;

    private final String name;
    private final PortCapabilities capabilities;
    private final FramePool pool = new FramePool(2 * QUEUE_CAPACITY, 64);
    private final Queue<byte[]> received = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private volatile Consumer<ByteBuffer> receiver;
    private volatile PortHandle handle;
    private FrameInbox inbox;

    /** A port for frames of any length. */
    public MemoryPort(String name) {
        this(name, Frame.MAX_LENGTH);
    }

    /** A port for frames of up to {@code maxFrameLength} bytes, from the destination address on, without FCS. */
    public MemoryPort(String name, int maxFrameLength) {
        this.name = Objects.requireNonNull(name, "name");
        this.capabilities = PortCapabilities.ofMaxFrameLength(maxFrameLength);
    }

    /**
     * Gives frames that the switch sends to {@code newReceiver} instead of queueing them. It borrows the buffer for the
     * call, must not block, and may call {@link #send}. What it throws takes the port out of the switch.
     */
    public MemoryPort onFrame(Consumer<ByteBuffer> newReceiver) {
        receiver = newReceiver;
        return this;
    }

    // ---- the program's side ----

    /** Sends a frame into the switch, from the destination address on, without FCS. */
    public boolean send(byte[] frame) {
        return send(ByteBuffer.wrap(frame));
    }

    /**
     * Sends a frame, the buffer's remaining bytes, into the switch; the buffer is not changed.
     *
     * @return whether the switch took it; otherwise it was dropped and counted
     * @throws IllegalArgumentException when it is longer than a frame can be
     * @throws IllegalStateException when the port is not in a switch
     */
    public boolean send(ByteBuffer bytes) {
        if (handle == null) {
            throw new IllegalStateException("port " + name + " is not in a switch");
        }
        int length = bytes.remaining();
        if (length > Frame.MAX_LENGTH) {
            throw new IllegalArgumentException("a frame of " + length + " bytes; accepted: up to " + Frame.MAX_LENGTH);
        }
        pool.own();
        boolean taken = offer(bytes, length);
        pool.disown(); // the next sender may be another thread, as this one goes on releasing: a receiver that answers
        inbox.flush();
        return taken;
    }

    private boolean offer(ByteBuffer bytes, int length) {
        Frame frame = inbox.allocate(length);
        if (frame == null) {
            return false;
        }
        frame.putBytes(0, bytes, bytes.position(), length);
        return inbox.offer(frame);
    }

    /** The next frame that the switch sent, or {@code null}. */
    public byte[] receive() {
        byte[] frame = received.poll();
        if (frame != null) {
            waiting.decrementAndGet();
        }
        return frame;
    }

    /** Says that the link works again. */
    public void up() {
        handle.up();
    }

    /** Says that the link is broken. */
    public void down(String reason) {
        handle.down(reason);
    }

    // ---- the switch's side ----

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
        PortHandle opened = context.addPort(this);
        inbox = opened.openInbox(QUEUE_CAPACITY, pool);
        handle = opened;
    }

    @Override
    public int poll(FrameBatch into, int limit) {
        return 0; // everything comes in through the inbox
    }

    @Override
    public void transmit(FrameBatch frames, PortCounters counters) {
        Consumer<ByteBuffer> consumer = receiver;
        int given = 0;
        try {
            while (given < frames.size()) {
                Frame frame = frames.get(given++);
                if (consumer != null) {
                    counters.transmitted(frame.length());
                    consumer.accept(frame.bytes());
                } else {
                    queue(frame, counters);
                }
            }
        } finally {
            counters.dropped(DropReason.TX_ERROR, frames.size() - given); // those behind the one the receiver choked on
            frames.release();
        }
    }

    private void queue(Frame frame, PortCounters counters) {
        if (waiting.get() < QUEUE_CAPACITY) {
            counters.transmitted(frame.length());
            waiting.incrementAndGet();
            received.add(frame.toByteArray());
        } else {
            counters.dropped(DropReason.TX_QUEUE_FULL);
        }
    }

    @Override
    public void close() {
        handle = null;
    }

    @Override
    public String toString() {
        return "memory:" + name;
    }
}
