package io.weft.gre;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The sequence numbers of what is sent to a remote end (RFC 2890, 2.2): 0 is the first, 0 follows 2<sup>32</sup>-1.
 *
 * <p>Threads: any. Every number is given out once. In which order the packets of several threads reach the wire is not said by
 * that: one that took its number first and is sent after is late for the receiver, which then drops it. Whoever sends by
 * several threads keeps a remote end's packets to one of them, or bears that.
 */
final class GreSequenceCounter {
    private static final VarHandle NEXT;

    static {
        try {
            NEXT = MethodHandles.lookup().findVarHandle(GreSequenceCounter.class, "next", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    @SuppressWarnings("UnusedVariable") // written and read by NEXT only
    private volatile int next;

    GreSequenceCounter() {
        this(0);
    }

    GreSequenceCounter(int first) {
        next = first;
    }

    /** The next number, 0..2<sup>32</sup>-1, as {@link GreHeader#prepend} takes it. */
    long take() {
        return (int) NEXT.getAndAdd(this, 1) & 0xffff_ffffL;
    }
}
