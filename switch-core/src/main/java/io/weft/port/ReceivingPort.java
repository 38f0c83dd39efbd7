package io.weft.port;

import io.weft.frame.Frame;

/**
 * A port that has to see what comes in by it before the switch does, whoever received it: its driver, a queue, a driver that
 * several share, or a thread with an inbox. It may change the frame, or keep it.
 *
 * <p>Threads: {@link #receive} is called by the worker that received the frame, and so by several at once where the driver has
 * queues or shares another driver.
 */
public interface ReceivingPort extends Port {
    /**
     * Called for every frame that is stamped with this port, before it is counted, captured or forwarded; while the port is down,
     * too. Allocates nothing, takes no lock and does not throw for what a frame holds.
     *
     * @param frame borrowed for the call when this returns {@code true}; otherwise this takes ownership
     * @param counters the calling worker's account of this port; for the call only
     * @return whether the switch is to have the frame now. If not, it has either been released, {@link PortCounters#received} and
     *     {@link PortCounters#dropped}; or it is kept, and comes in again by {@link PortDriver#poll} later, and is counted then
     */
    boolean receive(Frame frame, PortCounters counters);
}
