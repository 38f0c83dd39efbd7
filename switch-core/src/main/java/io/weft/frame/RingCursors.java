package io.weft.frame;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/*
 * The two cursors of a ring, each on a cache line of its own: the producer writes one, the consumer the other, and a
 * shared line would travel between the cores with every frame. HotSpot lays out the fields of a superclass before those
 * of its subclass, so the padding classes stay where they are written. 128 bytes because the hardware prefetches lines
 * in pairs.
 */
@SuppressWarnings("unused")
abstract sealed class RingPadBeforeTail permits RingTail {
    private long p00, p01, p02, p03, p04, p05, p06, p07, p08, p09, p10, p11, p12, p13, p14, p15;
}

abstract sealed class RingTail extends RingPadBeforeTail permits RingPadBeforeHead {
    /** Next index to be written; producers. */
    long tail;

    /** What the producer last knew of {@link RingCursors#head}: it looks again only when this says "full". */
    long knownHead;
}

@SuppressWarnings("unused")
abstract sealed class RingPadBeforeHead extends RingTail permits RingHead {
    private long p00, p01, p02, p03, p04, p05, p06, p07, p08, p09, p10, p11, p12, p13, p14, p15;
}

abstract sealed class RingHead extends RingPadBeforeHead permits RingCursors {
    /** Next index to be read; the consumer. */
    long head;

    /** What the consumer last knew of the tail: it looks again only when this says "empty". */
    long knownTail;
}

/** Cursors, slots and the handles to them, for both kinds of ring. */
@SuppressWarnings("unused")
abstract sealed class RingCursors extends RingHead permits SpscFrameRing, MpscFrameRing {
    private long p00, p01, p02, p03, p04, p05, p06, p07, p08, p09, p10, p11, p12, p13, p14, p15;

    static final VarHandle TAIL;
    static final VarHandle KNOWN_HEAD;
    static final VarHandle HEAD;
    static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(Frame[].class);

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            TAIL = lookup.findVarHandle(RingTail.class, "tail", long.class);
            KNOWN_HEAD = lookup.findVarHandle(RingTail.class, "knownHead", long.class);
            HEAD = lookup.findVarHandle(RingHead.class, "head", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final Frame[] slots;
    final int mask;

    RingCursors(int minimumCapacity) {
        if (minimumCapacity < 1 || minimumCapacity > 1 << 28) {
            throw new IllegalArgumentException("ring capacity " + minimumCapacity + " is not within 1..2^28");
        }
        int capacity = minimumCapacity == 1 ? 1 : Integer.highestOneBit(minimumCapacity - 1) << 1;
        slots = new Frame[capacity];
        mask = capacity - 1;
    }
}
