package io.weft.port;

import io.weft.frame.FrameBatch;

/**
 * The bridge's view of a port: something that frames can be sent out of.
 *
 * <p>Threads: {@link #transmit} is called by the worker that owns the port, unless {@link PortCapabilities} says
 * {@code concurrentTransmit}; then by every worker, concurrently.
 */
public interface Port {
    /** The port's name, unique in its switch: what counters, events and messages call it. */
    String name();

    /** The port's limits. Constant while it is attached. */
    PortCapabilities capabilities();

    /**
     * Sends frames. Takes ownership of every frame in {@code frames} and leaves the batch empty; never blocks, and never
     * throws for a frame. Each frame is accounted for exactly once: {@link PortCounters#transmitted} when the transport
     * has taken it, or {@link PortCounters#dropped} with the reason.
     *
     * @param frames one or more frames, none longer than {@link PortCapabilities#maxFrameLength()}
     * @param counters the calling worker's account of this port; for the call only, since other workers have their own
     */
    void transmit(FrameBatch frames, PortCounters counters);

    /**
     * Called once when the port has left the switch and no worker will call {@link #transmit} any more: a port with a
     * queue of its own releases the frames in it and counts them as {@link DropReason#PORT_DOWN}. Called by the owning
     * worker.
     */
    default void detached() {}
}
