package io.weft.port;

import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import io.weft.frame.SpscFrameRing;
import io.weft.offload.WireFrames;
import java.lang.invoke.VarHandle;

/**
 * The way in for frames that a thread other than the worker receives (a Netty event loop, an application): the thread
 * allocates, fills and offers frames, the worker takes them as if a poll had returned them.
 *
 * <p>Threads: one producer, which also owns the pool; the worker is the only consumer.
 */
public final class FrameInbox {
    private final int portIndex;
    private final FramePool pool;
    private final SpscFrameRing ring;
    private final PortCounters counters;
    private final Runnable wakeup;
    private volatile boolean closed;

    /**
     * Made by {@link PortHandle#openInbox}.
     *
     * @param counters the producer's account of the port
     * @param wakeup wakes the worker; a full fence
     */
    public FrameInbox(int portIndex, int capacity, FramePool pool, PortCounters counters, Runnable wakeup) {
        this.portIndex = portIndex;
        this.pool = pool;
        this.ring = new SpscFrameRing(capacity);
        this.counters = counters;
        this.wakeup = wakeup;
    }

    /** A frame to fill, or {@code null} when the pool is dry, which has then been counted as received and dropped. */
    public Frame allocate(int length) {
        Frame frame = pool.allocate(length);
        if (frame == null) {
            drop(length, DropReason.POOL_EMPTY);
        }
        return frame;
    }

    /**
     * Hands a frame in; takes ownership. When the worker does not keep up, the frame is dropped and counted as
     * {@link DropReason#RX_QUEUE_FULL}. Call {@link #flush} after the last one of a burst.
     *
     * @return whether it was taken
     */
    public boolean offer(Frame frame) {
        frame.ingress(portIndex);
        if (ring.offer(frame)) {
            return true;
        }
        drop(frame.length(), DropReason.RX_QUEUE_FULL);
        counters.receivedSegments(WireFrames.count(frame));
        frame.release();
        return false;
    }

    /** Counts a frame that the producer received and could not hand in. */
    public void drop(int length, DropReason reason) {
        counters.received(length);
        counters.dropped(reason);
    }

    /** Wakes the worker if it sleeps. When the port has left the switch, drops and counts what was offered since. */
    public void flush() {
        wakeup.run();
        if (closed) { // partner: the fence in close()
            discard(counters);
        }
    }

    /**
     * Ends the way in, since the port leaves: drops and counts what waits as {@link DropReason#RX_PORT_DOWN}. What the
     * producer still offers is dropped when it flushes. Worker only, which drains no more.
     *
     * @param account the calling worker's
     */
    public void close(PortCounters account) {
        closed = true;
        VarHandle.fullFence(); // partner: the fence in wakeup. Either we see its last frame, or it sees that we closed
        discard(account);
    }

    private synchronized void discard(PortCounters account) {
        FrameBatch rest = new FrameBatch();
        while (drain(rest, rest.remaining()) > 0) {
            for (int i = 0; i < rest.size(); i++) {
                account.received(rest.get(i).length());
                account.receivedSegments(WireFrames.count(rest.get(i)));
            }
            account.dropped(DropReason.RX_PORT_DOWN, rest.size());
            rest.release();
        }
    }

    /** Moves waiting frames into {@code into}; returns how many. Worker only. */
    public int drain(FrameBatch into, int limit) {
        return ring.drain(into, limit);
    }

    /** Frames waiting: a producer that can stop its peer (TCP) does so before the queue is full. */
    public int size() {
        return ring.size();
    }

    /** Whether no frame is waiting. */
    public boolean isEmpty() {
        return ring.isEmpty();
    }
}
