package io.weft.layer3;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Which station has which IP address, as heard: bounded, with ageing. Addresses are two longs of one kind for both families.
 *
 * <p>Sets of four slots, chosen by a hash with a seed, so that nobody can aim at one; a newcomer to a full set takes the place
 * of the one that was silent for the longest. What a station said by ARP or neighbour discovery counts for more than the
 * source address of a packet, which may come from further away: that is learned for an address of which nothing better is
 * known, and takes nobody's place that is.
 *
 * <p>Every set has a version, which is odd while it is written. A reader that finds it odd or changed looks again, and after a
 * few times says that it knows nothing: it never waits. A writer that finds it odd gives up what it wanted to note down; the
 * station will be heard again.
 *
 * <p>Threads: any for {@link #lookup} and {@link #learn}, without locks or allocation; {@link #age} by one at a time.
 */
final class StationTable {
    /** Result of {@link #lookup}: no such station. */
    static final long MISS = 0;

    private static final int WAYS = 4;
    private static final int WORDS = 4; // of a slot: high, low, value, when last heard in ns
    private static final int VALUE = 2;
    private static final int HEARD = 3;
    private static final int ATTEMPTS = 4;
    private static final long MAC_MASK = 0xffff_ffff_ffffL;

    /** In a value, above the MAC address: by ARP or neighbour discovery. */
    private static final long SAID = 1L << 48;

    private static final VarHandle VERSION = MethodHandles.arrayElementVarHandle(int[].class);
    private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);

    private final long seed = ThreadLocalRandom.current().nextLong();
    private final long ageingNs;
    private final int setMask;
    private final int[] versions;
    private final long[] words;
    private final boolean[] wanted; // by slot: looked up since it was asked about; written by any

    /** Whom {@link #age} tells about stations that are looked up and were not heard for long. */
    interface Questioner {
        /** Asks a station whether it is still there. */
        void ask(long high, long low, long mac);
    }

    /** A table for {@code capacity} stations, rounded up to a power of two, each kept for a time after it was heard. */
    StationTable(int capacity, long ageingNs) {
        int sets = Math.max(1, Integer.highestOneBit(2 * Math.max(1, capacity / WAYS) - 1));
        this.ageingNs = ageingNs;
        setMask = sets - 1;
        versions = new int[sets];
        words = new long[sets * WAYS * WORDS];
        wanted = new boolean[sets * WAYS];
    }

    int capacity() {
        return wanted.length;
    }

    /** The MAC address of the station with this address, or {@link #MISS}. */
    long lookup(long high, long low) {
        int set = setOf(high, low);
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int version = (int) VERSION.getAcquire(versions, set); // partner: setRelease in unlock()
            if ((version & 1) == 0) {
                int slot = find(set, high, low);
                long value = slot < 0 ? MISS : word(slot, VALUE);
                VarHandle.acquireFence(); // the words before the version; partner: the fence in lock()
                if ((int) VERSION.getOpaque(versions, set) == version) {
                    if (value != MISS && !wanted[slot]) {
                        wanted[slot] = true;
                    }
                    return value & MAC_MASK;
                }
            }
        }
        return MISS;
    }

    /**
     * Notes a station down, or that it was heard again, which is written once in an eighth of the ageing time.
     *
     * @param bySelf whether it said so itself by ARP or neighbour discovery
     */
    void learn(long high, long low, long mac, boolean bySelf, long nowNs) {
        int set = setOf(high, low);
        int known =
                find(set, high, low); // what is read in the middle of a change at worst is written again, or not yet
        if (known >= 0) {
            long value = word(known, VALUE);
            boolean same = (value & MAC_MASK) == mac;
            boolean better = (value & SAID) != 0;
            boolean fresh = nowNs - word(known, HEARD) < ageingNs / 8;
            if (same ? fresh && (better || !bySelf) : better && !bySelf) {
                return; // nothing new
            }
        }
        if (lock(set)) {
            write(set, high, low, mac, bySelf, nowNs);
            unlock(set);
        }
    }

    private void write(int set, long high, long low, long mac, boolean bySelf, long nowNs) {
        int slot = find(set, high, low);
        long said = bySelf ? SAID : 0;
        if (slot < 0) {
            slot = place(set, bySelf, nowNs);
            if (slot < 0) {
                return;
            }
            wanted[slot] = false;
        } else if ((word(slot, VALUE) & SAID) != 0 && !bySelf) {
            if ((word(slot, VALUE) & MAC_MASK) != mac) {
                return;
            }
            said = SAID; // still true
        }
        put(slot, 0, high);
        put(slot, 1, low);
        put(slot, VALUE, mac | said);
        put(slot, HEARD, nowNs);
    }

    /** A free slot, or that of the station which may go first; negative when all are better than the newcomer. */
    private int place(int set, boolean bySelf, long nowNs) {
        int best = -1;
        long bestAge = -1;
        for (int slot = set * WAYS; slot < (set + 1) * WAYS; slot++) {
            long value = word(slot, VALUE);
            if (value == MISS) {
                return slot;
            }
            boolean better = (value & SAID) != 0;
            if (better && !bySelf) {
                continue;
            }
            long age = nowNs - word(slot, HEARD) + (better ? 0 : Long.MAX_VALUE / 2);
            if (age > bestAge) {
                bestAge = age;
                best = slot;
            }
        }
        return best;
    }

    /** Forgets stations that were not heard for the ageing time, and asks those that are wanted when three quarters are over. */
    void age(long nowNs, Questioner questioner) {
        for (int slot = 0; slot < wanted.length; slot++) {
            long value = word(slot, VALUE);
            long silentNs = nowNs - word(slot, HEARD);
            if (value == MISS || silentNs < ageingNs / 4 * 3) {
                continue;
            }
            if (silentNs >= ageingNs) {
                if (lock(slot / WAYS)) {
                    if (nowNs - word(slot, HEARD) >= ageingNs) {
                        put(slot, VALUE, MISS);
                    }
                    unlock(slot / WAYS);
                }
            } else if (wanted[slot]) {
                wanted[slot] = false;
                questioner.ask(word(slot, 0), word(slot, 1), value & MAC_MASK);
            }
        }
    }

    /** How many stations are known; by counting. */
    int size() {
        int size = 0;
        for (int slot = 0; slot < wanted.length; slot++) {
            size += word(slot, VALUE) == MISS ? 0 : 1;
        }
        return size;
    }

    // ---- sets and slots ----

    private int setOf(long high, long low) {
        long h = (high ^ seed) * 0x9E37_79B9_7F4A_7C15L;
        h = (h ^ h >>> 32 ^ low) * 0xC4CE_B9FE_1A85_EC53L;
        return (int) (h ^ h >>> 32) & setMask;
    }

    private int find(int set, long high, long low) {
        for (int slot = set * WAYS; slot < (set + 1) * WAYS; slot++) {
            if (word(slot, 1) == low && word(slot, 0) == high && word(slot, VALUE) != MISS) {
                return slot;
            }
        }
        return -1;
    }

    private long word(int slot, int index) {
        return (long) WORD.getOpaque(words, slot * WORDS + index);
    }

    private void put(int slot, int index, long value) {
        WORD.setOpaque(words, slot * WORDS + index, value);
    }

    /** Begins to write a set, unless another thread does. */
    private boolean lock(int set) {
        int version = (int) VERSION.getOpaque(versions, set);
        if ((version & 1) != 0 || !VERSION.compareAndSet(versions, set, version, version + 1)) {
            return false;
        }
        VarHandle.releaseFence(); // the version before the words; partner: the fence in lookup()
        return true;
    }

    private void unlock(int set) {
        VERSION.setRelease(versions, set, versions[set] + 1); // partner: getAcquire in lookup()
    }
}
