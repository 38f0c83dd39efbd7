package io.weft.fdb;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The memory of an {@link Fdb}: buckets of four slots, a slot being two neighbouring longs, a key and its value, and the
 * atomic steps in the life of a slot.
 *
 * <pre>
 *   empty        key (0, g)        value ended, generation g
 *     claim      key (K, g+1)      value ended, generation g        a miss; whoever learns K may go on
 *     begin      key (K, g+1)      value alive, generation g+1      the entry exists
 *     replace    key (K, g+1)      value alive, generation g+1      refreshed or moved
 *     end        key (K, g+1)      value ended, generation g+1      the entry is gone; whoever learns K may go on
 *     clear      key (0, g+1)      value ended, generation g+1      empty again
 * </pre>
 *
 * <p>A slot is named by the index of its key in the array. "Slot key" is the key with the generation in its four spare bits,
 * as it stands in the table.
 *
 * <p>Threads: any.
 */
final class FdbSlots {
    /** No slot. */
    static final int NONE = -1;

    private static final int SLOTS_PER_BUCKET = 4;
    private static final int SLOTS_PER_ENTRY = 4;
    private static final int LONGS_PER_BUCKET = 2 * SLOTS_PER_BUCKET;
    private static final int GENERATION_SHIFT = 60;
    private static final long KEY_MASK = (1L << GENERATION_SHIFT) - 1;

    /** Longs in a table of 1 MiB, which is what a core's own cache holds. */
    private static final int CACHED_LONGS = 1 << 17;

    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);

    private final long[] table; // key at an even index, its value behind it
    private final int bucketMask;
    private final long seed;

    /** Empty slots, four for each of {@code entries}. */
    FdbSlots(int entries, long seed) {
        int buckets = Math.max(8, Integer.highestOneBit(SLOTS_PER_ENTRY * entries / SLOTS_PER_BUCKET - 1) << 1);
        this.table = new long[buckets * LONGS_PER_BUCKET];
        this.bucketMask = buckets - 1;
        this.seed = seed;
    }

    /** How many there are; a power of two. Slot n of them is at index 2n. */
    int count() {
        return table.length / 2;
    }

    // ---- where a station may be ----

    long hash(long key) {
        long h = (key ^ seed) * 0x9E37_79B9_7F4A_7C15L;
        h ^= h >>> 32;
        h *= 0xD6E8_FEB8_6659_FD93L;
        return h ^ h >>> 32;
    }

    private int firstBucket(long hash) {
        return ((int) hash & bucketMask) * LONGS_PER_BUCKET;
    }

    private int secondBucket(long hash) {
        return ((int) (hash >>> 40) & bucketMask) * LONGS_PER_BUCKET;
    }

    /** The i-th of the eight slots that a station may be in, 0..7, in the order in which they are searched. */
    int candidate(long hash, int i) {
        int bucket = i < SLOTS_PER_BUCKET ? firstBucket(hash) : secondBucket(hash);
        return bucket + 2 * (i % SLOTS_PER_BUCKET);
    }

    /** Slots that a station may be in. */
    static int candidates() {
        return 2 * SLOTS_PER_BUCKET;
    }

    /** The first slot that has this key, or {@link #NONE}. */
    int find(long key, long hash) {
        int slot = findIn(firstBucket(hash), key);
        return slot >= 0 ? slot : findIn(secondBucket(hash), key);
    }

    /** The value of a station's entry, with its generation, or 0 when there is none. */
    long get(long key, long hash) {
        long value = getFrom(firstBucket(hash), key);
        return value != 0 ? value : getFrom(secondBucket(hash), key);
    }

    private long getFrom(int bucket, long key) {
        for (int slot = bucket; slot < bucket + LONGS_PER_BUCKET; slot += 2) {
            long slotKey = key(slot);
            if ((slotKey & KEY_MASK) == key) {
                long value = value(slot);
                return isEntry(slotKey, value) ? value : 0;
            }
        }
        return 0;
    }

    /** The first empty slot for a station, or {@link #NONE}. */
    int findEmpty(long hash) {
        return find(0, hash);
    }

    private int findIn(int bucket, long key) {
        for (int slot = bucket; slot < bucket + LONGS_PER_BUCKET; slot += 2) {
            if ((key(slot) & KEY_MASK) == key) {
                return slot;
            }
        }
        return NONE;
    }

    // ---- reading ----

    /** The slot's key with its generation. Read before the value. */
    long key(int slot) {
        return (long) CELL.getAcquire(table, slot); // partner: compareAndSet in claim() and clear()
    }

    long value(int slot) {
        return (long) CELL.getAcquire(table, slot + 1); // partner: compareAndSet in begin(), replace() and end()
    }

    /** The key without its generation; 0 when the slot is empty. */
    static long station(long slotKey) {
        return slotKey & KEY_MASK;
    }

    /** Whether this key and this value, read in this order, are an entry. */
    static boolean isEntry(long slotKey, long value) {
        return station(slotKey) != 0
                && (value & FdbValue.GENERATION_MASK) == generation(slotKey)
                && FdbValue.kind(value) != FdbValue.KIND_NONE;
    }

    /** Whether the slot was claimed and its entry has not begun. */
    static boolean isBeginning(long slotKey, long value) {
        return value == ended(previous(generation(slotKey)));
    }

    // ---- the life of a slot ----

    /** Puts a key into an empty slot; returns the slot key, or 0 when the slot is not empty (any more). */
    long claim(int slot, long key) {
        long empty = key(slot);
        long claimed = key | next(generation(empty)) << GENERATION_SHIFT;
        return station(empty) == 0 && CELL.compareAndSet(table, slot, empty, claimed) ? claimed : 0;
    }

    /**
     * Writes the first value of a claimed slot. Only the value that the slot's previous life left behind is replaced, so that
     * one of those who try succeeds, and nobody who comes a life too late does.
     */
    boolean begin(int slot, long slotKey, long seen) {
        long generation = generation(slotKey);
        return CELL.compareAndSet(table, slot + 1, ended(previous(generation)), seen | generation);
    }

    /** Replaces the value of an entry; {@code false} when it has changed or ended. */
    boolean replace(int slot, long slotKey, long value, long seen) {
        return CELL.compareAndSet(table, slot + 1, value, seen | generation(slotKey));
    }

    /** Ends the entry with this key and value and empties the slot; {@code false} when it has changed or ended. */
    boolean end(int slot, long slotKey, long value) {
        if (!CELL.compareAndSet(table, slot + 1, value, ended(generation(slotKey)))) {
            return false;
        }
        clear(slot, slotKey);
        return true;
    }

    /** Empties the slot of an entry that has ended; whoever comes second finds it done. */
    void clear(int slot, long slotKey) {
        CELL.compareAndSet(table, slot, slotKey, slotKey & ~KEY_MASK);
    }

    /** The value that an entry's end leaves behind. */
    private static long ended(long generation) {
        return generation; // kind none
    }

    private static long generation(long slotKey) {
        return slotKey >>> GENERATION_SHIFT;
    }

    private static long next(long generation) {
        return (generation + 1) & FdbValue.GENERATION_MASK;
    }

    private static long previous(long generation) {
        return (generation - 1) & FdbValue.GENERATION_MASK;
    }

    // ---- the cache ----

    /** Whether look-ups will mostly miss the cache. */
    boolean outgrowCache() {
        return table.length > CACHED_LONGS;
    }

    /** Where looking for a station begins, for {@link #touch}. */
    int bucketOf(long key) {
        return firstBucket(hash(key));
    }

    /** Where looking for a station goes on, for {@link #touch}. */
    int secondBucketOf(long key) {
        return secondBucket(hash(key));
    }

    /** See {@link Fdb#touch}. */
    long touch(int[] buckets, int count) {
        long loaded = 0;
        for (int i = 0; i < count; i++) {
            // Nothing aligns an array to cache lines: the bucket's first and last long may lie in two.
            loaded += table[buckets[i]] + table[buckets[i] + LONGS_PER_BUCKET - 1];
        }
        return loaded;
    }
}
