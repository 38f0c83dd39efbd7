package io.weft.port;

import io.weft.frame.FramePool;

/**
 * What the switch gives a driver.
 *
 * <p>Threads: each method says who may call it; "worker" means inside {@code poll}, a {@code transmit} called by the owner,
 * or a task run by {@link #execute}/{@link #schedule}.
 */
public interface PortContext {
    /** The owning worker's pool, to allocate received frames from. Worker only. */
    FramePool pool();

    /** Monotonic time in nanoseconds, the same clock the worker uses; virtual in tests. Any thread. */
    long nanoTime();

    /**
     * Attaches a port to the switch, administratively and operationally up. Its name must be free.
     *
     * @throws PortException when the name is taken or the switch has no room for another port. Any thread.
     */
    PortHandle addPort(Port port) throws PortException;

    /**
     * Polls this driver whenever {@code descriptor} becomes readable (or writable, or fails). The watch ends with
     * {@link DescriptorWatch#close()}, which must come before the descriptor is closed.
     *
     * @param descriptor a non-blocking file descriptor. Any thread.
     */
    DescriptorWatch watch(int descriptor) throws PortException;

    /** Makes the worker poll this driver soon, also when it sleeps. Cheap when it is awake. Any thread. */
    void wakeup();

    /** Runs a task on the worker, between two polls. Any thread. */
    void execute(Runnable task);

    /** Runs a task on the worker after {@code delayNs}, unless the driver was closed by then. Any thread. */
    void schedule(long delayNs, Runnable task);

    /**
     * Tells the listeners what happened to this driver outside of any one port, as "reconnecting to …". Not for frames.
     * Any thread.
     */
    void report(String message);
}
