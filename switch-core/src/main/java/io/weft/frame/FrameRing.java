package io.weft.frame;

/**
 * A bounded queue of frames between threads. A frame that was accepted is owned by the ring, then by whoever takes it out.
 *
 * <p>Neither side ever blocks or spins for the other: an offer to a full ring is refused, a poll of an empty one returns
 * {@code null}.
 */
public sealed interface FrameRing permits SpscFrameRing, MpscFrameRing {
    /** Adds a frame; {@code false} when full, and then the caller still owns it. */
    boolean offer(Frame frame);

    /**
     * Adds the frames of {@code batch} from {@code from} on, in order, for the price of one publication; returns how many
     * were taken. The caller still owns the rest; the batch itself is not changed.
     */
    int offer(FrameBatch batch, int from);

    /** Takes the oldest frame, or returns {@code null} when there is none. Consumer only. */
    Frame poll();

    /** Moves up to {@code limit} frames, and no more than fit, into {@code into}; returns how many. Consumer only. */
    int drain(FrameBatch into, int limit);

    /** Whether nothing is waiting; a moment's view for anyone but the consumer. */
    boolean isEmpty();

    /** Frames waiting; a moment's view, which may count a frame that is just being offered. */
    int size();

    /** Frames that fit; a power of two. */
    int capacity();
}
