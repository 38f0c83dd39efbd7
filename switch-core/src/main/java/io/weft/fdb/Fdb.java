package io.weft.fdb;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntPredicate;

/**
 * The forwarding database: (VLAN, MAC) to (port, endpoint), bounded, shared by all workers.
 *
 * <h2>Shape</h2>
 *
 * <p>Buckets of four slots, a slot being two neighbouring longs: a key ({@link FdbKey}) and a value ({@link FdbValue}). A
 * station lives in one of two buckets chosen by a hash that is seeded per table, so that nobody outside can aim at a
 * bucket. There are at least four times as many slots as entries: nearly every entry is in its first bucket, so that
 * finding it costs one cache miss, and both buckets are full for one insertion in 20,000 into a table at its capacity. No
 * slot is ever a tombstone; a miss looks at eight keys.
 *
 * <h2>Why no locks are needed</h2>
 *
 * <p>Each life of a slot has a generation (4 bits, in the spare bits of the key and in the value), and a value counts only
 * while both generations agree. <em>The value is where an entry begins and ends</em>:
 *
 * <ul>
 *   <li>learning compares-and-sets the key from empty to (key, next generation), then the value; between the two the slot
 *       is a miss, and any other worker that learns the same station finishes the job;
 *   <li>refreshing and moving compare-and-set the value;
 *   <li>removing compares-and-sets the value to "ended", which decides who removed it and keeps the counts exact, then the
 *       key to empty; any other worker that learns the same station finishes that, too.
 * </ul>
 *
 * <p>{@link FdbSlots} has these steps; {@link FdbTable} decides when to take them. A reader loads the key, then the
 * value; agreeing generations prove that they belong together, unless the slot was
 * reused sixteen times, and for the same station again, between these two loads. Two workers that learn one new station at
 * once may write it twice; each looks again afterwards and the copy in the later position is removed.
 *
 * <h2>When it is full</h2>
 *
 * <p>A few dozen entries are looked at from a moving hand on, and the one that goes is an expired one, else the one whose
 * port holds the most entries, the longest unseen first: a port that floods with new addresses evicts its own. Where it
 * finds only entries of ports that hold fewer, its new station is refused.
 *
 * <h2>Kinds of entries</h2>
 *
 * <p>Learned (dynamic) entries age, move and may be evicted. Those that somebody set (static, sticky, a control plane's) do
 * none of that: only whoever sets entries changes them ({@link FdbEntry.Kind}).
 *
 * <h2>A new size</h2>
 *
 * <p>{@link #resize} fills a second table beside the first while workers go on using the first, publishes it, and then takes
 * over what was learned meanwhile. A station that is learned in the very instant of the change may have to be learned again.
 *
 * <p>Threads: any, for every method. What sets entries is serialized by a lock that learning and looking up never take.
 */
public final class Fdb {
    /** Entries unless told otherwise, as in Open vSwitch. */
    public static final int DEFAULT_CAPACITY = 8_192;

    /** Most entries a table can be made for. */
    public static final int MAX_CAPACITY = 1 << 20;

    /** Seconds until an unseen station is forgotten unless told otherwise (802.1Q 8.8.3). */
    public static final int DEFAULT_AGEING_SECONDS = 300;

    /** Longest ageing time, in seconds. */
    public static final int MAX_AGEING_SECONDS = 1_000_000;

    /** For {@link #learn}, in place of a number of entries: known stations may move to the port, new ones are not learned. */
    public static final int NO_NEWCOMERS = -1;

    /** What {@link #lookup} returns for an unknown station; no value is 0. */
    public static final long MISS = 0;

    private final FdbTally tally;
    private final long seed;
    private final Object setting = new Object(); // held by whoever sets or deletes entries or changes the size
    private volatile FdbTable table;

    /** A table with the defaults, seeded at random, that tells nobody. */
    public Fdb() {
        this(DEFAULT_CAPACITY, DEFAULT_AGEING_SECONDS, new SplittableRandom().nextLong(), FdbObserver.NONE);
    }

    /**
     * A table.
     *
     * @param capacity entries it may hold, 1..{@link #MAX_CAPACITY}
     * @param ageingSeconds 1..{@link #MAX_AGEING_SECONDS}
     * @param seed of the hash; keep it secret from whoever can send frames
     * @param observer told about every change but refreshes
     */
    public Fdb(int capacity, int ageingSeconds, long seed, FdbObserver observer) {
        requireCapacity(capacity);
        requireAgeingSeconds(ageingSeconds);
        this.seed = seed;
        this.tally = new FdbTally(ageingSeconds, observer);
        this.table = new FdbTable(capacity, seed, tally);
    }

    private static void requireCapacity(int capacity) {
        if (capacity < 1 || capacity > MAX_CAPACITY) {
            throw new IllegalArgumentException("FDB capacity is " + capacity + "; accepted: 1.." + MAX_CAPACITY);
        }
    }

    private static void requireAgeingSeconds(int seconds) {
        if (seconds < 1 || seconds > MAX_AGEING_SECONDS) {
            throw new IllegalArgumentException(
                    "FDB ageing time is " + seconds + " s; accepted: 1.." + MAX_AGEING_SECONDS + " s");
        }
    }

    // ---- on the forwarding path ----

    /**
     * Where a station is: a {@link FdbValue}, or {@link #MISS} when it is unknown or has expired.
     *
     * @param nowSeconds coarse monotonic time, the same clock that {@link #learn} is given
     */
    public long lookup(long key, int nowSeconds) {
        FdbSlots slots = table.slots;
        long value = slots.get(key, slots.hash(key));
        return value == 0 || tally.isExpired(value, nowSeconds) ? MISS : value;
    }

    /** Learns a dynamic entry on a port without a limit; see {@link #learn(long, int, int, boolean, int, int)}. */
    public Learning learn(long key, int port, int endpoint, int nowSeconds) {
        return learn(key, port, endpoint, false, Integer.MAX_VALUE, nowSeconds);
    }

    /**
     * Notes that a station was seen behind a port. The usual case, a known station at its known place in the same second,
     * only reads, whichever bucket it is in.
     *
     * @param key the station; its MAC is learnable ({@link io.weft.frame.Ethernet#isLearnable})
     * @param sticky whether a new entry shall neither age nor move
     * @param maxEntries entries that the port may hold, a station beyond them is not learned; or {@link #NO_NEWCOMERS}
     */
    public Learning learn(long key, int port, int endpoint, boolean sticky, int maxEntries, int nowSeconds) {
        FdbTable current = table;
        FdbSlots slots = current.slots;
        long hash = slots.hash(key);
        long seen = FdbValue.of(port, endpoint, sticky ? FdbValue.KIND_STICKY : FdbValue.KIND_DYNAMIC, nowSeconds);
        long value = slots.get(key, hash);
        if (((value ^ seen) & ~FdbValue.GENERATION_MASK) == 0) {
            return Learning.KNOWN;
        }
        if (value == 0 && maxEntries == NO_NEWCOMERS) {
            return Learning.LIMITED;
        }
        return current.learn(key, hash, seen, maxEntries, nowSeconds);
    }

    /** What {@link #learn} would do; changes nothing. A full table is taken to have an entry that may go. */
    public Learning foresee(long key, int port, int endpoint, int maxEntries, int nowSeconds) {
        long seen = FdbValue.of(port, endpoint, FdbValue.KIND_DYNAMIC, nowSeconds);
        return table.foresee(key, seen, maxEntries, nowSeconds);
    }

    /** Whether look-ups will mostly miss the cache, so that {@link #touch} pays. */
    public boolean outgrowsCache() {
        return table.slots.outgrowCache();
    }

    /** Where looking for a station begins, for {@link #touch}. */
    public int bucketOf(long key) {
        return table.slots.bucketOf(key);
    }

    /** Where looking for a station goes on that is not in its first bucket, for {@link #touch}. */
    public int secondBucketOf(long key) {
        return table.slots.secondBucketOf(key);
    }

    /**
     * Loads what the next look-ups need, all at once: cache misses overlap here, and would follow each other there. Only a
     * hint; what other workers do meanwhile does not matter.
     *
     * @param buckets from {@link #bucketOf}
     * @return what was loaded, of no meaning; a caller that uses it keeps the compiler from leaving the loads out
     */
    public long touch(int[] buckets, int count) {
        return table.slots.touch(buckets, count);
    }

    /** Counts stations that were not learned for {@link #NO_NEWCOMERS}: once a batch, for a flood of them costs enough. */
    public void refused(int stations) {
        tally.refused(stations);
    }

    /** Whether a new station would have to take another's place. */
    public boolean isFull() {
        return table.isFull();
    }

    // ---- setting entries ----

    /**
     * Adds or replaces an entry that learning does not change.
     *
     * @param kind any but {@link FdbEntry.Kind#HELD}
     * @return {@code false} when the table is full of entries that may not go
     */
    public boolean put(long key, int port, int endpoint, FdbEntry.Kind kind, int nowSeconds) {
        synchronized (setting) {
            return table.put(key, FdbValue.of(port, endpoint, FdbValue.code(kind), nowSeconds), nowSeconds);
        }
    }

    /** Removes the entry of a station, whatever its kind; {@code false} when there is none. */
    public boolean delete(long key) {
        synchronized (setting) {
            return table.delete(key, (slotKey, value) -> true);
        }
    }

    /** The same for a station behind a port only. */
    public boolean delete(long key, int port) {
        synchronized (setting) {
            return table.delete(key, (slotKey, value) -> FdbValue.port(value) == port);
        }
    }

    // ---- ageing, flushing, listing ----

    /**
     * Removes expired entries among {@code count} slots from {@code fromSlot} on; lookups ignore them anyway, this makes
     * room and tells the observer.
     *
     * @return the slot to go on with next time
     */
    public int sweep(int fromSlot, int count, int nowSeconds) {
        return table.sweep(fromSlot, count, nowSeconds);
    }

    /** Slots in the table, for {@link #sweep}. */
    public int slots() {
        return table.slots.count();
    }

    /** Removes the learned entries behind a port; returns how many. */
    public int flushPort(int port) {
        return flush((slotKey, value) -> FdbValue.port(value) == port && !FdbValue.isPinned(value), port);
    }

    /** Removes the learned entries behind one remote end of a port; returns how many. */
    public int flushEndpoint(int port, int endpoint) {
        return flush(
                (slotKey, value) -> FdbValue.port(value) == port
                        && FdbValue.endpoint(value) == endpoint
                        && !FdbValue.isPinned(value),
                port);
    }

    /** Removes all entries behind a port that leaves, whatever their kind; returns how many. */
    public int forgetPort(int port) {
        return flush((slotKey, value) -> FdbValue.port(value) == port, port);
    }

    private int flush(FdbTable.EntryFilter filter, int port) {
        synchronized (setting) {
            return table.entriesOfPort(port) == 0 ? 0 : table.flush(filter);
        }
    }

    /** Removes the learned entries of a VLAN; returns how many. */
    public int flushVlan(int vlan) {
        return flush((slotKey, value) -> FdbKey.vlan(slotKey) == vlan && !FdbValue.isPinned(value));
    }

    /** Removes the learned entries of some VLANs, in one walk; returns how many. */
    public int flushVlans(IntPredicate vlans) {
        return flush((slotKey, value) -> vlans.test(FdbKey.vlan(slotKey)) && !FdbValue.isPinned(value));
    }

    /** Removes all learned entries; returns how many. */
    public int flushAll() {
        return flush((slotKey, value) -> !FdbValue.isPinned(value));
    }

    /** Removes all entries of one kind; returns how many. */
    public int flushKind(FdbEntry.Kind kind) {
        return flush((slotKey, value) -> FdbValue.kind(value) == FdbValue.code(kind));
    }

    private int flush(FdbTable.EntryFilter filter) {
        synchronized (setting) {
            return table.flush(filter);
        }
    }

    /** The entries that have not expired, in no order; not a snapshot while workers learn. */
    public List<FdbEntry> list(int nowSeconds) {
        List<FdbEntry> list = new ArrayList<>(table.entries());
        table.forEach((key, value) -> {
            if (!tally.isExpired(value, nowSeconds)) {
                list.add(FdbEntry.of(key, value, nowSeconds));
            }
        });
        return list;
    }

    /** Entries behind a port, expired ones that were not swept yet included. */
    public int entriesOfPort(int port) {
        return table.entriesOfPort(port);
    }

    /** Counters so far. */
    public FdbStatistics statistics() {
        FdbTable current = table;
        return tally.statistics(current.entries(), current.capacity);
    }

    // ---- limits, changed at run time ----

    /** Entries it may hold. */
    public int capacity() {
        return table.capacity;
    }

    /**
     * Changes how many entries it may hold, while workers go on. When it becomes too small for what it holds, entries that
     * were set stay and learned ones go.
     *
     * @throws IllegalArgumentException outside of 1..{@link #MAX_CAPACITY}, or below the number of entries that were set
     */
    public void resize(int capacity, int nowSeconds) {
        requireCapacity(capacity);
        synchronized (setting) {
            FdbTable old = table;
            if (old.capacity == capacity) {
                return;
            }
            FdbTable replacement = new FdbTable(capacity, seed, tally);
            adopt(old, replacement, true, nowSeconds);
            adopt(old, replacement, false, nowSeconds);
            table = replacement;
            // What was learned, or seen again, between the walk and the change.
            old.forEach((key, value) -> {
                if (!FdbValue.isPinned(value) && !replacement.adopt(key, value, nowSeconds)) {
                    tally.evicted(key, value, tally.isExpired(value, nowSeconds));
                }
            });
        }
    }

    private static void adopt(FdbTable old, FdbTable replacement, boolean pinned, int nowSeconds) {
        old.forEach((key, value) -> {
            if (FdbValue.isPinned(value) == pinned && !replacement.adopt(key, value, nowSeconds) && pinned) {
                throw new IllegalArgumentException("FDB capacity is " + replacement.capacity
                        + ", too small for the static, sticky and control-plane entries there are");
            }
        });
    }

    /** Seconds until an unseen station is forgotten. */
    public int ageingSeconds() {
        return tally.ageingSeconds();
    }

    /**
     * Changes the ageing time, also for the entries there are.
     *
     * @throws IllegalArgumentException outside of 1..{@link #MAX_AGEING_SECONDS}
     */
    public void ageingSeconds(int seconds) {
        requireAgeingSeconds(seconds);
        tally.ageingSeconds(seconds);
    }

    /**
     * Says when a station flaps: after more than {@code maxMoves} moves within the window its entry stays where it is for the
     * hold-down time, and {@link #learn} says {@link Learning#FLAPPING} when it is seen elsewhere.
     *
     * @param maxMoves 0 to switch the detector off
     */
    public void flapDetection(int maxMoves, int windowSeconds, int holdDownSeconds) {
        tally.flaps().configure(maxMoves, windowSeconds, holdDownSeconds);
    }
}
