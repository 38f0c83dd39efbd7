package io.weft.frame;

/**
 * A {@link FrameRing} for many producers and one consumer.
 *
 * <p>A producer claims slots by moving the tail with a compare-and-set, then fills them; a slot is published by its own
 * release store, so that producers do not wait for each other. The consumer stops at a slot that was claimed and not yet
 * filled: frames behind it wait for that producer's next instruction, which is why a producer must publish before it
 * wakes the consumer.
 *
 * <p>Threads: any number of producers ({@code offer}), one consumer ({@code poll}, {@code drain}).
 */
public final class MpscFrameRing extends RingCursors implements FrameRing {
    /** A ring for at least {@code minimumCapacity} frames, rounded up to a power of two. */
    public MpscFrameRing(int minimumCapacity) {
        super(minimumCapacity);
    }

    @Override
    public boolean offer(Frame frame) {
        long t = claim(1);
        if (t < 0) {
            return false;
        }
        SLOT.setRelease(slots, (int) t & mask, frame); // publishes the frame; partner: getAcquire in poll()
        return true;
    }

    @Override
    public int offer(FrameBatch batch, int from) {
        int wanted = batch.size() - from;
        while (wanted > 0) {
            long t = claim(wanted);
            if (t >= 0) {
                for (int i = 0; i < wanted; i++) {
                    SLOT.setRelease(slots, (int) (t + i) & mask, batch.get(from + i)); // partner: getAcquire in poll()
                }
                return wanted;
            }
            // Not all of them fit: try with what was free a moment ago.
            wanted = Math.min(wanted - 1, room((long) TAIL.getAcquire(this)));
        }
        return 0;
    }

    /** Claims {@code count} slots and returns the first's index, or -1 when they do not fit. */
    private long claim(int count) {
        long t = (long) TAIL.getAcquire(this);
        while (true) {
            if (mask + 1 - (t - (long) KNOWN_HEAD.getAcquire(this)) < count && room(t) < count) {
                return -1;
            }
            long witness = (long) TAIL.compareAndExchange(this, t, t + count);
            if (witness == t) {
                return t;
            }
            t = witness;
        }
    }

    private int room(long t) {
        // Partner: setRelease of the head after the consumer nulled the slots. Any producer may renew the copy; an
        // older
        // value stored by a slower one only makes somebody look again. Release and acquire here, too: whoever takes our
        // word for it fills slots that must have been nulled before.
        long h = (long) HEAD.getAcquire(this);
        KNOWN_HEAD.setRelease(this, h);
        return (int) Math.max(0, mask + 1 - (t - h));
    }

    @Override
    public Frame poll() {
        long h = head;
        int slot = (int) h & mask;
        Frame frame = (Frame) SLOT.getAcquire(slots, slot); // partner: setRelease in offer()
        if (frame != null) {
            slots[slot] = null;
            HEAD.setRelease(this, h + 1); // gives the nulled slot back; partner: getAcquire in room()
        }
        return frame;
    }

    @Override
    public int drain(FrameBatch into, int limit) {
        long h = head;
        int wanted = Math.min(limit, into.remaining());
        int count = 0;
        while (count < wanted) {
            int slot = (int) (h + count) & mask;
            Frame frame = (Frame) SLOT.getAcquire(slots, slot); // partner: setRelease in offer()
            if (frame == null) {
                break;
            }
            slots[slot] = null;
            into.add(frame);
            count++;
        }
        if (count > 0) {
            HEAD.setRelease(this, h + count); // gives the nulled slots back; partner: getAcquire in room()
        }
        return count;
    }

    @Override
    public boolean isEmpty() {
        return (long) TAIL.getAcquire(this) == (long) HEAD.getAcquire(this);
    }

    @Override
    public int size() {
        long h = (long) HEAD.getAcquire(this); // first: the tail, read later, is never behind it
        return (int) Math.min(mask + 1, (long) TAIL.getAcquire(this) - h);
    }

    @Override
    public int capacity() {
        return mask + 1;
    }
}
