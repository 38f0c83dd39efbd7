package io.weft.bridge;

import io.weft.frame.FrameBatch;

/** The way to another worker, for frames that leave by a port only that worker may transmit on. Threads: any. */
public interface Handoff {
    /**
     * Offers the frames of a batch, stamped with their egress port, in order.
     *
     * @return how many were taken; the caller still owns the rest
     */
    int offer(FrameBatch batch);
}
