package io.weft.fdb;

import java.util.concurrent.atomic.AtomicLongArray;

/** An observer that counts what it is told. */
final class ChangeCount implements FdbObserver {
    private final AtomicLongArray counts = new AtomicLongArray(Change.values().length);

    @Override
    public void changed(Change change, long key, long value) {
        counts.incrementAndGet(change.ordinal());
    }

    long of(Change change) {
        return counts.get(change.ordinal());
    }

    /** Entries there must be, if every change was told once. */
    long entries() {
        return of(Change.LEARNED) - of(Change.AGED) - of(Change.EVICTED) - of(Change.FLUSHED);
    }
}
