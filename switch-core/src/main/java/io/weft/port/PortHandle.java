package io.weft.port;

import io.weft.frame.FramePool;

/**
 * A driver's grip on one of its ports in the switch.
 *
 * <p>Threads: any, where a method does not say otherwise.
 */
public interface PortHandle {
    /** What received frames are stamped with. */
    int index();

    /** The port. */
    Port port();

    /**
     * The owning worker's account of this port: for frames that {@code poll} or an owner's {@code transmit} drops. The
     * core counts frames that {@code poll} returns as received. Worker only; a queue ({@link PortContext#addQueue}) opens
     * an account of its own.
     */
    PortCounters counters();

    /** A new account for frames that another thread counts; that thread is its only writer. */
    PortCounters openCounters();

    /**
     * A way in for frames received by a thread that is not a worker.
     *
     * @param capacity frames that may wait, rounded up to a power of two
     * @param pool owned by the receiving thread
     */
    FrameInbox openInbox(int capacity, FramePool pool);

    /** Says that the port works (again): it may be forwarded and flooded to. */
    void up();

    /** Says that the port does not work for the time being: nothing is sent to it and its FDB entries are flushed. */
    void down(String reason);

    /** Takes the port out of the switch; frames still on their way to it are dropped and counted. */
    void remove();
}
