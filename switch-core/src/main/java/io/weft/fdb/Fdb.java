package io.weft.fdb;

import io.weft.fdb.FdbObserver.Change;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;

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
 * <p>{@link FdbSlots} has these steps; this class decides when to take them, and counts. A reader loads the key, then the
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
 * <p>Threads: any, for every method.
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

    /** What {@link #lookup} returns for an unknown station; no value is 0. */
    public static final long MISS = 0;

    /** Entries among which a victim is chosen; slots looked at to find them. */
    private static final int EVICTION_SAMPLE = 32;

    private static final int EVICTION_SLOTS = 512;

    private final FdbSlots slots;
    private final int capacity;
    private final int ageingSeconds;
    private final FdbObserver observer;

    private final AtomicInteger entries = new AtomicInteger();
    private final AtomicIntegerArray entriesOfPort = new AtomicIntegerArray(FdbValue.MAX_PORT + 1);
    private final AtomicInteger hand = new AtomicInteger();
    private final AtomicLong learned = new AtomicLong();
    private final AtomicLong moved = new AtomicLong();
    private final AtomicLong expired = new AtomicLong();
    private final AtomicLong evicted = new AtomicLong();
    private final AtomicLong flushed = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();

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
        if (capacity < 1 || capacity > MAX_CAPACITY) {
            throw new IllegalArgumentException("FDB capacity " + capacity + " is not within 1.." + MAX_CAPACITY);
        }
        if (ageingSeconds < 1 || ageingSeconds > MAX_AGEING_SECONDS) {
            throw new IllegalArgumentException(
                    "FDB ageing time " + ageingSeconds + " s is not within 1.." + MAX_AGEING_SECONDS);
        }
        this.slots = new FdbSlots(capacity, seed);
        this.capacity = capacity;
        this.ageingSeconds = ageingSeconds;
        this.observer = observer;
    }

    // ---- on the forwarding path ----

    /**
     * Where a station is: a {@link FdbValue}, or {@link #MISS} when it is unknown or has expired.
     *
     * @param nowSeconds coarse monotonic time, the same clock that {@link #learn} is given
     */
    public long lookup(long key, int nowSeconds) {
        int slot = slots.find(key, slots.hash(key));
        if (slot == FdbSlots.NONE) {
            return MISS;
        }
        long slotKey = slots.key(slot);
        long value = slots.value(slot);
        boolean current = FdbSlots.station(slotKey) == key
                && FdbSlots.isEntry(slotKey, value)
                && FdbValue.ageSeconds(value, nowSeconds) <= ageingSeconds;
        return current ? value : MISS;
    }

    /**
     * Notes that a station was seen behind a port. The usual case, a known station at its known place in the same second,
     * only reads, whichever bucket it is in.
     *
     * @param key the station; its MAC is learnable ({@link io.weft.frame.Ethernet#isLearnable})
     */
    public void learn(long key, int port, int endpoint, int nowSeconds) {
        long hash = slots.hash(key);
        long seen = FdbValue.of(port, endpoint, FdbValue.KIND_DYNAMIC, nowSeconds);
        int slot = slots.find(key, hash);
        if (slot != FdbSlots.NONE && slots.isUnchanged(slot, seen)) {
            return;
        }
        learnChanged(key, hash, seen, nowSeconds);
    }

    /** Whether look-ups will mostly miss the cache, so that {@link #touch} pays. */
    public boolean outgrowsCache() {
        return slots.outgrowCache();
    }

    /** Where looking for a station begins, for {@link #touch}. */
    public int bucketOf(long key) {
        return slots.bucketOf(key);
    }

    /**
     * Loads what the next look-ups need, all at once: cache misses overlap here, and would follow each other there. Only a
     * hint; what other workers do meanwhile does not matter.
     *
     * @param buckets from {@link #bucketOf}
     * @return what was loaded, of no meaning; a caller that uses it keeps the compiler from leaving the loads out
     */
    public long touch(int[] buckets, int count) {
        return slots.touch(buckets, count);
    }

    // ---- learning, the slow part ----

    /** Anything but "nothing new": refreshes, moves, inserts. Kept apart so that {@link #learn} stays small. */
    private void learnChanged(long key, long hash, long seen, int nowSeconds) {
        // Every round either ends or follows another thread's progress; the bound only limits what one frame can cost.
        for (int round = 0; round < 8; round++) {
            int slot = slots.find(key, hash);
            if (slot == FdbSlots.NONE) {
                if (insert(key, hash, seen, nowSeconds)) {
                    return;
                }
            } else if (update(key, slot, seen, nowSeconds)) {
                return;
            }
        }
        refused.incrementAndGet();
    }

    /** Refreshes or moves the entry at {@code slot}; {@code false} when the slot changed under us. */
    private boolean update(long key, int slot, long seen, int nowSeconds) {
        long slotKey = slots.key(slot);
        long value = slots.value(slot);
        if (FdbSlots.station(slotKey) != key) {
            return false;
        }
        if (FdbSlots.isBeginning(slotKey, value)) {
            return begin(key, slot, slotKey, seen); // somebody is inserting it this moment: finish that
        }
        if (!FdbSlots.isEntry(slotKey, value)) {
            slots.clear(slot, slotKey); // somebody is removing it this moment: finish that, then insert anew
            return false;
        }
        if (!slots.replace(slot, slotKey, value, seen)) {
            return false;
        }
        if (!FdbValue.samePlace(value, seen)) {
            entriesOfPort.decrementAndGet(FdbValue.port(value));
            entriesOfPort.incrementAndGet(FdbValue.port(seen));
            tellMoved(key, value, seen, nowSeconds);
        }
        return true;
    }

    private void tellMoved(long key, long from, long to, int nowSeconds) {
        if (FdbValue.ageSeconds(from, nowSeconds) > ageingSeconds) {
            // Nobody had swept it yet: for those who listen it ages and is learned anew.
            expired.incrementAndGet();
            observer.changed(Change.AGED, key, from);
            learned.incrementAndGet();
            observer.changed(Change.LEARNED, key, to);
        } else {
            moved.incrementAndGet();
            observer.changed(Change.MOVED, key, to);
        }
    }

    /** Adds a new entry; {@code false} when somebody else added it, or took the slot, meanwhile. */
    private boolean insert(long key, long hash, long seen, int nowSeconds) {
        if (!reserve(seen, nowSeconds)) {
            refused.incrementAndGet();
            return true;
        }
        int slot = slots.findEmpty(hash);
        if (slot == FdbSlots.NONE) {
            entries.decrementAndGet();
            // Both buckets are full, which hardly ever happens: make room right there.
            int victim = victimAmong(hash, nowSeconds);
            if (victim == FdbSlots.NONE || (isNearlyFull() && !isFair(victim, seen, nowSeconds))) {
                refused.incrementAndGet();
                return true;
            }
            evict(victim, nowSeconds);
            return false;
        }
        long claimed = slots.claim(slot, key);
        if (claimed == 0) {
            entries.decrementAndGet();
            return false;
        }
        boolean begun = begin(key, slot, claimed, seen);
        removeLaterCopy(key, hash);
        return begun;
    }

    /** Begins the entry of a claimed slot; whoever succeeds counts it. */
    private boolean begin(long key, int slot, long slotKey, long seen) {
        if (!slots.begin(slot, slotKey, seen)) {
            return false;
        }
        entriesOfPort.incrementAndGet(FdbValue.port(seen));
        learned.incrementAndGet();
        observer.changed(Change.LEARNED, key, seen);
        return true;
    }

    /** Two workers may have inserted the same station at once: the copy in the later position goes. */
    private void removeLaterCopy(long key, long hash) {
        VarHandle.fullFence(); // between our key's store and these loads: of two inserters, one sees the other
        int kept = FdbSlots.NONE;
        for (int i = 0; i < FdbSlots.candidates(); i++) {
            int slot = slots.candidate(hash, i);
            long slotKey = slots.key(slot);
            if (FdbSlots.station(slotKey) != key || slot == kept) {
                continue; // the two buckets may be one, and its slots come twice
            }
            if (kept == FdbSlots.NONE) {
                kept = slot;
            } else if (remove(slot, slotKey, slots.value(slot))) {
                learned.decrementAndGet(); // one station, which both inserters had counted
            }
        }
    }

    // ---- making room ----

    /** Counts one entry in advance, evicting when the table is full, so that the bound holds whoever inserts. */
    private boolean reserve(long seen, int nowSeconds) {
        for (int round = 0; round < 8; round++) {
            int count = entries.get();
            if (count >= capacity) {
                int victim = victimFromHand(nowSeconds);
                if (victim != FdbSlots.NONE && isFair(victim, seen, nowSeconds)) {
                    evict(victim, nowSeconds);
                }
            } else if (entries.compareAndSet(count, count + 1)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether an entry may go for a new one: it has expired, or its port holds no fewer than the newcomer's. (While the
     * table has room, two buckets that happen to be full are nobody's attack, and the station that speaks now is worth
     * more than one that spoke before.)
     */
    private boolean isFair(int victim, long newcomer, int nowSeconds) {
        long value = slots.value(victim);
        return FdbValue.ageSeconds(value, nowSeconds) > ageingSeconds
                || entriesOfPort.get(FdbValue.port(value)) >= entriesOfPort.get(FdbValue.port(newcomer));
    }

    private boolean isNearlyFull() {
        return entries.get() >= capacity - capacity / 8 - 2;
    }

    private int victimFromHand(int nowSeconds) {
        int looked = Math.min(EVICTION_SLOTS, slots.count());
        int from = hand.getAndAdd(EVICTION_SAMPLE);
        Victim best = new Victim(nowSeconds);
        for (int i = 0; i < looked && best.considered < EVICTION_SAMPLE; i++) {
            best.consider(2 * ((from + i) & (slots.count() - 1)));
        }
        return best.slot;
    }

    private int victimAmong(long hash, int nowSeconds) {
        Victim best = new Victim(nowSeconds);
        for (int i = 0; i < FdbSlots.candidates(); i++) {
            best.consider(slots.candidate(hash, i));
        }
        return best.slot;
    }

    /** The best entry to give up among those considered; a short-lived object that escape analysis removes. */
    private final class Victim {
        private final int nowSeconds;
        private int slot = FdbSlots.NONE;
        private int considered;
        private long merit = -1;

        Victim(int nowSeconds) {
            this.nowSeconds = nowSeconds;
        }

        void consider(int candidate) {
            long slotKey = slots.key(candidate);
            long value = slots.value(candidate);
            if (!FdbSlots.isEntry(slotKey, value)) {
                return;
            }
            considered++;
            int age = Math.max(0, FdbValue.ageSeconds(value, nowSeconds));
            // Expired before all others, then by how many entries the port holds, then by age.
            long holds = age > ageingSeconds ? MAX_CAPACITY + 1L : entriesOfPort.get(FdbValue.port(value));
            if ((holds << 32 | age) > merit) {
                merit = holds << 32 | age;
                slot = candidate;
            }
        }
    }

    private boolean evict(int slot, int nowSeconds) {
        long slotKey = slots.key(slot);
        long value = slots.value(slot);
        if (!remove(slot, slotKey, value)) {
            return false;
        }
        boolean wasExpired = FdbValue.ageSeconds(value, nowSeconds) > ageingSeconds;
        (wasExpired ? expired : evicted).incrementAndGet();
        observer.changed(wasExpired ? Change.AGED : Change.EVICTED, FdbSlots.station(slotKey), value);
        return true;
    }

    /** Ends the entry whose key and value were read; {@code false} when it changed meanwhile or there was none. */
    private boolean remove(int slot, long slotKey, long value) {
        if (!FdbSlots.isEntry(slotKey, value) || !slots.end(slot, slotKey, value)) {
            return false;
        }
        entries.decrementAndGet();
        entriesOfPort.decrementAndGet(FdbValue.port(value));
        return true;
    }

    // ---- ageing, flushing, listing ----

    /**
     * Removes expired entries among {@code count} slots from {@code fromSlot} on; lookups ignore them anyway, this makes
     * room and tells the observer.
     *
     * @return the slot to go on with next time
     */
    public int sweep(int fromSlot, int count, int nowSeconds) {
        int end = Math.min(slots.count(), fromSlot + count);
        for (int slot = 2 * fromSlot; slot < 2 * end; slot += 2) {
            long slotKey = slots.key(slot);
            long value = slots.value(slot);
            if (FdbSlots.station(slotKey) != 0
                    && FdbValue.ageSeconds(value, nowSeconds) > ageingSeconds
                    && remove(slot, slotKey, value)) {
                expired.incrementAndGet();
                observer.changed(Change.AGED, FdbSlots.station(slotKey), value);
            }
        }
        return end == slots.count() ? 0 : end;
    }

    /** Slots in the table, for {@link #sweep}. */
    public int slots() {
        return slots.count();
    }

    /** Removes all entries behind a port; returns how many. */
    public int flushPort(int port) {
        return entriesOfPort.get(port) == 0 ? 0 : flush((slotKey, value) -> FdbValue.port(value) == port);
    }

    /** Removes all entries of a VLAN; returns how many. */
    public int flushVlan(int vlan) {
        return flush((slotKey, value) -> FdbKey.vlan(slotKey) == vlan);
    }

    /** Removes all entries; returns how many. */
    public int flushAll() {
        return flush((slotKey, value) -> true);
    }

    private interface EntryFilter {
        boolean matches(long slotKey, long value);
    }

    private int flush(EntryFilter filter) {
        int count = 0;
        for (int slot = 0; slot < 2 * slots.count(); slot += 2) {
            long slotKey = slots.key(slot);
            long value = slots.value(slot);
            if (FdbSlots.station(slotKey) != 0 && filter.matches(slotKey, value) && remove(slot, slotKey, value)) {
                observer.changed(Change.FLUSHED, FdbSlots.station(slotKey), value);
                count++;
            }
        }
        flushed.addAndGet(count);
        return count;
    }

    /** The entries that have not expired, in no order; not a snapshot while workers learn. */
    public List<FdbEntry> list(int nowSeconds) {
        List<FdbEntry> list = new ArrayList<>(entries.get());
        for (int slot = 0; slot < 2 * slots.count(); slot += 2) {
            long slotKey = slots.key(slot);
            long value = slots.value(slot);
            int age = FdbValue.ageSeconds(value, nowSeconds);
            if (FdbSlots.isEntry(slotKey, value) && age <= ageingSeconds) {
                list.add(new FdbEntry(
                        FdbKey.vlan(slotKey),
                        FdbKey.mac(slotKey),
                        FdbValue.port(value),
                        FdbValue.endpoint(value),
                        Math.max(0, age)));
            }
        }
        return list;
    }

    /** Entries behind a port, expired ones that were not swept yet included. */
    public int entriesOfPort(int port) {
        return entriesOfPort.get(port);
    }

    /** Counters so far. */
    public FdbStatistics statistics() {
        return new FdbStatistics(
                entries.get(),
                capacity,
                learned.get(),
                moved.get(),
                expired.get(),
                evicted.get(),
                flushed.get(),
                refused.get());
    }
}
