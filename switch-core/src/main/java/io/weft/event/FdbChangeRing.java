package io.weft.event;

import io.weft.fdb.FdbObserver;
import io.weft.fdb.FdbObserver.Change;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A bounded queue of FDB changes that workers write without allocating. A change is two longs: the key with the kind of
 * change in its four spare bits, written last, and the value.
 *
 * <p>Threads: any number of producers, one consumer.
 */
final class FdbChangeRing implements FdbObserver {
    private static final int CAPACITY = 4_096;
    private static final int CHANGE_SHIFT = 60;
    private static final Change[] CHANGES = Change.values();
    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);

    private final long[] cells = new long[2 * CAPACITY]; // 0 in an even cell: not written yet
    private final AtomicLong tail = new AtomicLong();
    private final AtomicLong head = new AtomicLong();
    private final AtomicLong lost = new AtomicLong();

    @Override
    @SuppressWarnings("EnumOrdinal") // lives in this ring only
    public void changed(Change change, long key, long value) {
        long t = tail.get();
        do {
            if (t - head.getAcquire() >= CAPACITY) {
                lost.incrementAndGet();
                return;
            }
        } while (!tail.compareAndSet(t, t + 1) && (t = tail.get()) >= 0);
        int cell = 2 * ((int) t & (CAPACITY - 1));
        cells[cell + 1] = value;
        CELL.setRelease(cells, cell, key | (long) change.ordinal() << CHANGE_SHIFT); // partner: getAcquire in poll()
    }

    /** Gives the oldest change to {@code consumer}; {@code false} when there is none. Consumer only. */
    boolean poll(FdbObserver consumer) {
        long h = head.get();
        int cell = 2 * ((int) h & (CAPACITY - 1));
        long key = (long) CELL.getAcquire(cells, cell); // partner: setRelease in changed()
        if (key == 0) {
            return false;
        }
        long value = cells[cell + 1];
        cells[cell] = 0;
        head.setRelease(h + 1); // gives the cleared cell back; partner: getAcquire in changed()
        consumer.changed(CHANGES[(int) (key >>> CHANGE_SHIFT)], key & ((1L << CHANGE_SHIFT) - 1), value);
        return true;
    }

    /** Changes lost so far, for want of room. */
    long lost() {
        return lost.get();
    }

    boolean isEmpty() {
        return tail.get() == head.get();
    }
}
