package io.weft.fdb;

/**
 * Told about changes by the thread that makes them, which may be a worker in the middle of a batch: must return at once
 * and not throw. Keys are {@link FdbKey}s, values {@link FdbValue}s.
 */
public interface FdbObserver {
    /** Nobody is told. */
    FdbObserver NONE = (change, key, value) -> {};

    /** What happened to an entry. */
    enum Change {
        /** A new station, learned or set. Told twice when two workers learned it in the same instant. */
        LEARNED,
        /** A known station behind another port or endpoint. */
        MOVED,
        /** Not seen within the ageing time. */
        AGED,
        /** Made room for another. */
        EVICTED,
        /** Removed by request, or because its port went down. */
        FLUSHED,
        /** Moved too often and is held where it was; the value names the place it was seen at instead. */
        FLAPPING
    }

    /**
     * An entry changed.
     *
     * @param value where the station is now, or was
     */
    void changed(Change change, long key, long value);
}
