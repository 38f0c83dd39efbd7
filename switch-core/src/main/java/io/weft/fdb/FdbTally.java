package io.weft.fdb;

import io.weft.fdb.FdbObserver.Change;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What has happened in an {@link Fdb}: counts it, tells the observer, and knows the times by which entries end. Outlives the
 * tables, one of which replaces the other when the FDB changes its size.
 *
 * <p>Threads: any.
 */
final class FdbTally {
    private final FdbObserver observer;
    private final FlapDetector flaps = new FlapDetector();
    private final AtomicLong learned = new AtomicLong();
    private final AtomicLong moved = new AtomicLong();
    private final AtomicLong expired = new AtomicLong();
    private final AtomicLong evicted = new AtomicLong();
    private final AtomicLong flushed = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong flapping = new AtomicLong();
    private volatile int ageingSeconds;

    FdbTally(int ageingSeconds, FdbObserver observer) {
        this.ageingSeconds = ageingSeconds;
        this.observer = observer;
    }

    int ageingSeconds() {
        return ageingSeconds;
    }

    void ageingSeconds(int seconds) {
        ageingSeconds = seconds;
    }

    FlapDetector flaps() {
        return flaps;
    }

    /** Whether an entry with this value was not seen for too long; set entries never are, held ones not while they are held. */
    boolean isExpired(long value, int nowSeconds) {
        return FdbValue.ageSeconds(value, nowSeconds) > ageingSeconds
                && !FdbValue.isPinned(value)
                && (FdbValue.kind(value) != FdbValue.KIND_HELD || !flaps.isHeld(value, nowSeconds));
    }

    void learned(long key, long value) {
        learned.incrementAndGet();
        observer.changed(Change.LEARNED, key, value);
    }

    /** A station was counted by two workers that learned it at once. */
    void learnedTwice() {
        learned.decrementAndGet();
    }

    void moved(long key, long from, long to, boolean wasExpired) {
        if (wasExpired) {
            // Nobody had swept it yet: for those who listen it ages and is learned anew.
            expired(key, from);
            learned(key, to);
        } else {
            moved.incrementAndGet();
            observer.changed(Change.MOVED, key, to);
        }
    }

    /** A station moved too often and is held where it was; {@code seenAt} is where it wanted to move to. */
    void flapping(long key, long seenAt) {
        flapping.incrementAndGet();
        observer.changed(Change.FLAPPING, key, seenAt);
    }

    void expired(long key, long value) {
        expired.incrementAndGet();
        observer.changed(Change.AGED, key, value);
    }

    void evicted(long key, long value, boolean wasExpired) {
        if (wasExpired) {
            expired(key, value);
        } else {
            evicted.incrementAndGet();
            observer.changed(Change.EVICTED, key, value);
        }
    }

    void flushed(long key, long value) {
        flushed.incrementAndGet();
        observer.changed(Change.FLUSHED, key, value);
    }

    void refused(int stations) {
        refused.addAndGet(stations);
    }

    FdbStatistics statistics(int entries, int capacity) {
        return new FdbStatistics(
                entries,
                capacity,
                learned.get(),
                moved.get(),
                expired.get(),
                evicted.get(),
                flushed.get(),
                refused.get(),
                flapping.get());
    }
}
