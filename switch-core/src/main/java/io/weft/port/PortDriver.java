package io.weft.port;

import io.weft.frame.FrameBatch;
import java.util.List;

/**
 * A worker's view of a port type: one descriptor, socket or ring that is polled, with one or more ports behind it. A driver
 * with several of them adds each further one as a queue ({@link PortContext#addQueue}).
 *
 * <p>Life: {@code open} once, then {@code poll} for as long as the driver is attached, then {@code close} once. A driver
 * whose {@code open} failed is closed too.
 *
 * <p>Threads: {@code open} is called by the thread that adds the driver, before its worker knows it; {@code poll} and
 * {@code close} by the worker.
 */
public interface PortDriver extends AutoCloseable {
    /**
     * Acquires what the driver needs and adds its ports to {@code context}; a driver may also add ports later.
     *
     * @throws PortException when that cannot be had, saying what would help
     */
    void open(PortContext context) throws PortException;

    /**
     * Adds received frames to {@code into}, each stamped with the index of its port ({@link PortHandle#index()}) and
     * owned by the batch; never blocks. A return value below {@code limit} says that nothing more was waiting: the
     * driver is then polled again when a watched descriptor is ready, {@link PortContext#wakeup()} was called, or
     * frames were sent in through an inbox.
     *
     * @param into has room for {@code limit} frames
     * @param limit at least 1
     * @return frames added, 0..limit
     */
    int poll(FrameBatch into, int limit);

    /**
     * What there is to know of this driver beyond its ports' statistics, for those who collect metrics: a tunnel's remote ends,
     * a listener's clients. A driver that others share tells it once for all of them; a queue is not asked.
     *
     * <p>Threads: any, while the driver is polled and now and then as it begins to be closed. Cheap, and does not block: reads
     * what the worker writes opaquely.
     */
    default List<Reading> readings() {
        return List.of();
    }

    /** Releases everything {@code open} acquired and removes what it created. Does not throw. */
    @Override
    void close();
}
