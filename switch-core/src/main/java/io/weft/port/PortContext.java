package io.weft.port;

import io.weft.frame.FramePool;
import java.util.function.Supplier;

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
     * Adds a receive queue to this driver: a further poller for its ports, on a worker of its own as far as there are enough
     * (the one that polls the least, or a new one while more are allowed). So a port whose transport spreads flows over
     * several descriptors is received from by several cores. Everything the queue receives is stamped with the index of
     * one of the driver's ports, as the driver's own {@code poll} does, and is forwarded by the queue's worker.
     *
     * <p>{@code open} of the queue is called here, with a context of its own: {@link #pool()}, {@link #watch},
     * {@link #wakeup}, {@link #execute} and {@link #schedule} of the queue's worker. It takes no ports and no queues. What
     * the queue itself drops in {@code poll} it counts on an account of its own ({@link PortHandle#openCounters}), since
     * {@link PortHandle#counters} is the driver's.
     *
     * <p>Life: called inside the driver's {@code open} only; polled when that is done. When the driver leaves, its queues
     * are polled no more, its ports are taken out, then {@code close} of each queue is called on its worker, and then that
     * of the driver. A queue that throws takes the whole driver out. One whose {@code open} failed is not polled, and
     * closed with the others.
     *
     * <p>Threads: the queue's {@code poll} runs beside the driver's and beside other queues'. They share what is set before
     * {@code open} ends and not changed while they poll (descriptors, a {@link PortHandle}); buffers, counts and the rest
     * are each queue's own. The driver's ports must be safe to send to from any worker
     * ({@link PortCapabilities#concurrentTransmit}).
     *
     * @throws PortException from the queue's {@code open}, or because the driver is being closed
     * @throws IllegalArgumentException when a port of the driver has no concurrent transmit
     * @throws IllegalStateException when the driver has been opened, or is a queue itself
     */
    void addQueue(PortDriver queue) throws PortException;

    /**
     * The driver that the switch has under {@code key}, shared by all drivers that asked for it: the socket that the tunnels
     * of one local address have in common. If the switch has none, {@code maker} makes it, and it is opened here, with a
     * context of its own, on a worker of its own choice, and polled as any driver, from before this returns to the caller's
     * {@code open} on. Each frame that it returns is stamped with the index of a port of any driver that shares it.
     *
     * <p>It has no ports of its own and shares nothing itself; it may add queues. What it drops for a port it counts on an
     * account of its own ({@link PortHandle#openCounters}), since {@link PortHandle#counters} is for the worker of the
     * port's driver. It polls beside the workers of the drivers that share it: what they tell it about their ports goes by
     * its {@link #execute}, which also comes after those ports are known to its worker (a frame for a port that is not is
     * dropped and counted).
     *
     * <p>Life: called inside the driver's {@code open} only. A driver that asks again for the same key gets the same one and
     * still counts once. A driver that asks while another thread opens it waits for that. When the last driver that shares
     * it leaves, its ports taken out and its {@code close} called, the shared one is polled no more and closed on its worker
     * (its queues before it), and only then is that last driver gone: one that needs the same address can be added at once.
     * If it throws where a driver must not, all drivers that share it are taken out.
     *
     * @param key by {@code equals}; of a class of the caller's own, since all port types have their keys in one place
     * @param maker makes the driver, which is of the same class under every equal key; called without any lock
     * @throws PortException from the shared driver's {@code open}, after which it has been closed and forgotten; or because
     *     this driver is being closed; or, for a driver added by a worker's callback, because the shared one is just being
     *     opened or closed, which a worker cannot wait for
     * @throws IllegalStateException when the driver has been opened, is a queue, or is shared itself
     */
    <D extends PortDriver> D share(Object key, Supplier<D> maker) throws PortException;

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
