package io.weft.fdb;

import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * One table of an {@link Fdb}, of a size that never changes: learning, making room, removing, and how many entries there
 * are for each port. What happens is told to the {@link FdbTally}, which outlives the table.
 *
 * <p>Threads: any, for every method; {@link Fdb} has the argument why no locks are needed.
 */
final class FdbTable {
    /** Entries among which a victim is chosen; slots looked at to find them. */
    private static final int EVICTION_SAMPLE = 16;

    private static final int EVICTION_SLOTS = 256;

    final FdbSlots slots;
    final int capacity;

    private final FdbTally tally;
    private final AtomicInteger entries = new AtomicInteger();
    private final AtomicIntegerArray learnedOfPort = new AtomicIntegerArray(FdbValue.MAX_PORT + 1); // sticky ones, too
    private final AtomicIntegerArray setOfPort = new AtomicIntegerArray(FdbValue.MAX_PORT + 1); // static and control
    private final AtomicInteger hand = new AtomicInteger();

    FdbTable(int capacity, long seed, FdbTally tally) {
        this.slots = new FdbSlots(capacity, seed);
        this.capacity = capacity;
        this.tally = tally;
    }

    int entries() {
        return entries.get();
    }

    /** All entries behind a port. */
    int entriesOfPort(int port) {
        return learnedOfPort.get(port) + setOfPort.get(port);
    }

    private int learnedOfPort(long value) {
        return learnedOfPort.get(FdbValue.port(value));
    }

    private void count(long value, int difference) {
        (FdbValue.isSet(value) ? setOfPort : learnedOfPort).addAndGet(FdbValue.port(value), difference);
    }

    boolean isFull() {
        return entries.get() >= capacity;
    }

    // ---- learning ----

    /**
     * Anything but "nothing new": refreshes, moves, inserts.
     *
     * @param seen the value to store, of generation 0
     * @param maxEntries learned entries that the port may hold; those that were set do not count
     */
    Learning learn(long key, long hash, long seen, int maxEntries, int nowSeconds) {
        // Every round either ends or follows another thread's progress; the bound only limits what one frame can cost.
        for (int round = 0; round < 8; round++) {
            int slot = slots.find(key, hash);
            Learning done = slot == FdbSlots.NONE
                    ? insert(key, hash, seen, maxEntries, nowSeconds)
                    : update(key, slot, seen, maxEntries, nowSeconds);
            if (done != null) {
                return done;
            }
        }
        tally.refused(1);
        return Learning.FULL;
    }

    /** Refreshes or moves the entry at {@code slot}; {@code null} when the slot changed under us. */
    private Learning update(long key, int slot, long seen, int maxEntries, int nowSeconds) {
        long slotKey = slots.key(slot);
        long value = slots.value(slot);
        if (FdbSlots.station(slotKey) != key) {
            return null;
        }
        if (FdbSlots.isBeginning(slotKey, value)) {
            return begin(key, slot, slotKey, seen) ? Learning.LEARNED : null; // being inserted this moment: finish that
        }
        if (!FdbSlots.isEntry(slotKey, value)) {
            slots.clear(slot, slotKey); // somebody is removing it this moment: finish that, then insert anew
            return null;
        }
        boolean samePlace = FdbValue.samePlace(value, seen);
        if (FdbValue.isPinned(value)) {
            return samePlace ? Learning.KNOWN : Learning.PINNED;
        }
        if (FdbValue.kind(value) == FdbValue.KIND_HELD && tally.flaps().isHeld(value, nowSeconds)) {
            return samePlace ? Learning.KNOWN : Learning.FLAPPING;
        }
        if (samePlace) {
            return slots.replace(slot, slotKey, value, seen) ? Learning.KNOWN : null;
        }
        return move(key, slot, slotKey, value, seen, maxEntries, nowSeconds);
    }

    private Learning move(long key, int slot, long slotKey, long from, long to, int maxEntries, int nowSeconds) {
        boolean expired = tally.isExpired(from, nowSeconds);
        if (FdbValue.port(from) != FdbValue.port(to)
                && maxEntries != Fdb.NO_NEWCOMERS
                && learnedOfPort(to) >= maxEntries) {
            return Learning.LIMITED;
        }
        if (!expired && tally.flaps().moves(key, nowSeconds)) {
            long held = FdbValue.of(FdbValue.port(from), FdbValue.endpoint(from), FdbValue.KIND_HELD, nowSeconds);
            if (!slots.replace(slot, slotKey, from, held)) {
                return null;
            }
            tally.flapping(key, to);
            return Learning.FLAPPING;
        }
        if (!slots.replace(slot, slotKey, from, to)) {
            return null;
        }
        countMove(from, to);
        tally.moved(key, from, to, expired);
        return Learning.MOVED;
    }

    private void countMove(long from, long to) {
        count(from, -1);
        count(to, 1);
    }

    /** Adds a new entry; {@code null} when somebody else added it, or took the slot, meanwhile. */
    private Learning insert(long key, long hash, long seen, int maxEntries, int nowSeconds) {
        if (learnedOfPort(seen) >= maxEntries) {
            return Learning.LIMITED;
        }
        if (!reserve(seen, nowSeconds)) {
            tally.refused(1);
            return Learning.FULL;
        }
        int slot = slots.findEmpty(hash);
        if (slot == FdbSlots.NONE) {
            entries.decrementAndGet();
            // Both buckets are full, which hardly ever happens: make room right there.
            int victim = victimAmong(hash, nowSeconds);
            if (victim == FdbSlots.NONE || (isNearlyFull() && !isFair(victim, seen, nowSeconds))) {
                tally.refused(1);
                return Learning.FULL;
            }
            evict(victim, nowSeconds);
            return null;
        }
        long claimed = slots.claim(slot, key);
        if (claimed == 0) {
            entries.decrementAndGet();
            return null;
        }
        boolean begun = begin(key, slot, claimed, seen);
        removeLaterCopy(key, hash);
        return begun ? Learning.LEARNED : null;
    }

    /** Begins the entry of a claimed slot; whoever succeeds counts it. */
    private boolean begin(long key, int slot, long slotKey, long seen) {
        if (!slots.begin(slot, slotKey, seen)) {
            return false;
        }
        count(seen, 1);
        tally.learned(key, seen);
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
                tally.learnedTwice(); // one station, which both inserters had counted
            }
        }
    }

    /** What {@link #learn} would do; changes nothing. A full table is taken to have an entry that may go. */
    Learning foresee(long key, long seen, int maxEntries, int nowSeconds) {
        int slot = slots.find(key, slots.hash(key));
        boolean limited = learnedOfPort(seen) >= maxEntries;
        if (slot == FdbSlots.NONE || !FdbSlots.isEntry(slots.key(slot), slots.value(slot))) {
            return limited ? Learning.LIMITED : Learning.LEARNED;
        }
        long value = slots.value(slot);
        if (FdbValue.samePlace(value, seen)) {
            return Learning.KNOWN;
        }
        if (FdbValue.isPinned(value)) {
            return Learning.PINNED;
        }
        if (FdbValue.kind(value) == FdbValue.KIND_HELD && tally.flaps().isHeld(value, nowSeconds)) {
            return Learning.FLAPPING;
        }
        if (limited && FdbValue.port(value) != FdbValue.port(seen)) {
            return Learning.LIMITED;
        }
        if (tally.isExpired(value, nowSeconds)) {
            return Learning.LEARNED;
        }
        return tally.flaps().wouldFlap(key, nowSeconds) ? Learning.FLAPPING : Learning.MOVED;
    }

    // ---- entries that somebody sets ----

    /**
     * Adds or replaces an entry, whatever its kind; {@code false} when the table is full of entries that may not go. One
     * thread at a time; workers may learn meanwhile.
     *
     * @param value of generation 0
     */
    boolean put(long key, long value, int nowSeconds) {
        long hash = slots.hash(key);
        while (true) {
            int slot = slots.find(key, hash);
            if (slot == FdbSlots.NONE) {
                Learning done = insert(key, hash, value, Integer.MAX_VALUE, nowSeconds);
                if (done != null) {
                    return done == Learning.LEARNED;
                }
                continue;
            }
            long slotKey = slots.key(slot);
            long old = slots.value(slot);
            if (FdbSlots.station(slotKey) == key && FdbSlots.isEntry(slotKey, old)) {
                if (slots.replace(slot, slotKey, old, value)) {
                    countMove(old, value);
                    if (!FdbValue.samePlace(old, value)) {
                        tally.moved(key, old, value, tally.isExpired(old, nowSeconds));
                    }
                    return true;
                }
            } else if (FdbSlots.isBeginning(slotKey, old)) {
                begin(key, slot, slotKey, value);
            } else {
                slots.clear(slot, slotKey);
            }
        }
    }

    /** Removes an entry; {@code false} when there is none. */
    boolean delete(long key, EntryFilter filter) {
        int slot;
        while ((slot = slots.find(key, slots.hash(key))) != FdbSlots.NONE) {
            long slotKey = slots.key(slot);
            long value = slots.value(slot);
            if (FdbSlots.station(slotKey) == key && !FdbSlots.isEntry(slotKey, value)) {
                return false; // about to begin, or already ended
            }
            if (FdbSlots.station(slotKey) == key && !filter.matches(slotKey, value)) {
                return false;
            }
            if (FdbSlots.station(slotKey) == key && remove(slot, slotKey, value)) {
                tally.flushed(key, value);
                return true;
            }
        }
        return false;
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
     * Whether an entry may go for a new one: it has expired, or its port holds no fewer than the newcomer's, or the newcomer
     * is not learned but set. (While the table has room, two buckets that happen to be full are nobody's attack, and the
     * station that speaks now is worth more than one that spoke before.)
     */
    private boolean isFair(int victim, long newcomer, int nowSeconds) {
        long value = slots.value(victim);
        return FdbValue.isPinned(newcomer)
                || tally.isExpired(value, nowSeconds)
                || learnedOfPort(value) >= learnedOfPort(newcomer);
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
            if (!FdbSlots.isEntry(slotKey, value) || FdbValue.isPinned(value)) {
                return;
            }
            considered++;
            int age = Math.max(0, FdbValue.ageSeconds(value, nowSeconds));
            // Expired before all others, then by how many entries the port holds, then by age.
            long holds = tally.isExpired(value, nowSeconds) ? Fdb.MAX_CAPACITY + 1L : learnedOfPort(value);
            if ((holds << 32 | age) > merit) {
                merit = holds << 32 | age;
                slot = candidate;
            }
        }
    }

    private void evict(int slot, int nowSeconds) {
        long slotKey = slots.key(slot);
        long value = slots.value(slot);
        if (remove(slot, slotKey, value)) {
            tally.evicted(FdbSlots.station(slotKey), value, tally.isExpired(value, nowSeconds));
        }
    }

    /** Ends the entry whose key and value were read; {@code false} when it changed meanwhile or there was none. */
    private boolean remove(int slot, long slotKey, long value) {
        if (!FdbSlots.isEntry(slotKey, value) || !slots.end(slot, slotKey, value)) {
            return false;
        }
        entries.decrementAndGet();
        count(value, -1);
        return true;
    }

    // ---- walking ----

    /** Which entries are meant. */
    interface EntryFilter {
        boolean matches(long slotKey, long value);
    }

    /** What is done with an entry; its value is as it was read, with the slot's generation. */
    interface EntryVisitor {
        void visit(long key, long value);
    }

    /** Visits the entries there are, in no order; not a snapshot while workers learn. */
    void forEach(EntryVisitor visitor) {
        for (int slot = 0; slot < 2 * slots.count(); slot += 2) {
            long slotKey = slots.key(slot);
            long value = slots.value(slot);
            if (FdbSlots.isEntry(slotKey, value)) {
                visitor.visit(FdbSlots.station(slotKey), value);
            }
        }
    }

    /** See {@link Fdb#sweep}. */
    int sweep(int fromSlot, int count, int nowSeconds) {
        int from = fromSlot < slots.count() ? fromSlot : 0; // the table may have become smaller since
        int end = Math.min(slots.count(), from + count);
        for (int slot = 2 * from; slot < 2 * end; slot += 2) {
            long slotKey = slots.key(slot);
            long value = slots.value(slot);
            if (FdbSlots.station(slotKey) != 0 && tally.isExpired(value, nowSeconds) && remove(slot, slotKey, value)) {
                tally.expired(FdbSlots.station(slotKey), value);
            }
        }
        return end == slots.count() ? 0 : end;
    }

    /** Removes the entries that match; returns how many. */
    int flush(EntryFilter filter) {
        int count = 0;
        for (int slot = 0; slot < 2 * slots.count(); slot += 2) {
            long slotKey = slots.key(slot);
            long value = slots.value(slot);
            if (FdbSlots.station(slotKey) != 0 && filter.matches(slotKey, value) && remove(slot, slotKey, value)) {
                tally.flushed(FdbSlots.station(slotKey), value);
                count++;
            }
        }
        return count;
    }

    // ---- a table that takes another's place ----

    /**
     * Takes over an entry of the table that this one replaces, unless it knows better; {@code false} when there is no room.
     *
     * @param value with the other table's generation
     */
    boolean adopt(long key, long value, int nowSeconds) {
        long adopted = value & ~FdbValue.GENERATION_MASK;
        long hash = slots.hash(key);
        int slot = slots.find(key, hash);
        if (slot != FdbSlots.NONE) {
            long slotKey = slots.key(slot);
            long own = slots.value(slot);
            if (FdbSlots.isEntry(slotKey, own)
                    && !FdbValue.isPinned(own)
                    && FdbValue.ageSeconds(own, nowSeconds) > FdbValue.ageSeconds(value, nowSeconds)
                    && slots.replace(slot, slotKey, own, adopted)
                    && !FdbValue.samePlace(own, adopted)) {
                countMove(own, adopted);
            }
            return true;
        }
        int free = slots.findEmpty(hash);
        if (free == FdbSlots.NONE || entries.incrementAndGet() > capacity) {
            if (free != FdbSlots.NONE) {
                entries.decrementAndGet();
            }
            return false;
        }
        long claimed = slots.claim(free, key);
        if (claimed != 0 && slots.begin(free, claimed, adopted)) {
            count(adopted, 1);
            removeLaterCopy(key, hash);
        } else {
            entries.decrementAndGet(); // a worker was quicker: its place is newer anyway
        }
        return true;
    }
}
