package io.weft.srv6;

import io.weft.frame.IpPrefix;
import io.weft.route.PrefixHash;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.BiConsumer;

/**
 * The SIDs of a {@link LocalSidTable} whose prefixes have one length: a hash table with open addressing, one array of keys and one
 * of values, so that a processor fetches the two places of a slot at once.
 *
 * <p>What a look-up costs in a large table is the memory that it misses the caches for, so the keys are small. A prefix of up to 64
 * bits is a key by itself. The 128 bits of a longer one are <em>folded</em>: the SIDs of an endpoint agree in most bits, those of
 * the block, and of all that is zero; the others, of the node, the function, the argument, are rotated beside each other in one
 * {@code long}. That loses nothing, since an address that has other bits where the SIDs agree is refused before the memory is
 * asked: which is also how an address that belongs to a shorter prefix mostly passes by the longer ones. Only SIDs that do not
 * fold, because more than 64 bits differ or no rotation keeps them apart (random interface identifiers behind several locators),
 * have keys of two {@code long}s; their slots are packed more densely instead.
 *
 * <p>A slot that was given to a SID stays its own, also when the SID is removed, so a reader that sees a value sees the key that
 * belongs to it. What does not fit, for want of room or because it has another bit where all agree, is put into a {@linkplain
 * #rebuilt rebuilt} one; the latter happens at most once for each bit while SIDs are only added.
 *
 * <p>Threads: any for {@link #find}; all else under the table's lock. Prefixes are given with zeros behind their bits.
 */
final class SidSlots {
    private static final int SMALLEST = 16;
    private static final Object REMOVED = new Object(); // in place of a value: the key stays, the SID is gone
    private static final VarHandle VALUE = MethodHandles.arrayElementVarHandle(Object[].class);

    private final long seed;
    private final int bits;
    private final long highMask;
    private final long lowMask;
    private final boolean isLong; // prefixes beyond 64 bits: what follows is for them
    private final boolean isPaired; // not folded: the key is two longs
    private final long commonHigh; // of each SID
    private final long commonLow;
    private final long sameHigh; // where the SIDs agree, of the prefix
    private final long sameLow;
    private final long differingHigh; // where they do not
    private final long differingLow;
    private final int rotation; // of the high half, to beside what differs in the low one

    private final long[] keys; // one for each slot, or high and low half
    private final Object[] values; // null: free
    private final int mask;
    private int size;
    private int used; // slots that are not free

    /** Empty ones of a length, made for a first SID. */
    SidSlots(int bits, long high, long low, long seed) {
        this(bits, high, low, 0, 0, 1, seed);
    }

    private SidSlots(int bits, long high, long low, long differingHigh, long differingLow, int expected, long seed) {
        this.bits = bits;
        this.seed = seed;
        this.differingHigh = differingHigh;
        this.differingLow = differingLow;
        highMask = IpPrefix.highMask(bits);
        lowMask = IpPrefix.lowMask(bits);
        isLong = bits > 64;
        sameHigh = highMask & ~differingHigh;
        sameLow = lowMask & ~differingLow;
        commonHigh = high & sameHigh;
        commonLow = low & sameLow;
        int apart = rotationApart(differingHigh, differingLow);
        isPaired = isLong && apart < 0;
        rotation = Math.max(apart, 0);
        int count = SMALLEST;
        while (count < (isPaired ? expected + expected / 2 : 3 * expected)) {
            count *= 2;
        }
        keys = new long[isPaired ? 2 * count : count];
        values = new Object[count];
        mask = count - 1;
    }

    /** How far the bits of one half are rotated to be none of the other's, or -1. */
    private static int rotationApart(long high, long low) {
        for (int i = 0; i < Long.SIZE; i++) {
            if ((Long.rotateLeft(high, i) & low) == 0) {
                return i;
            }
        }
        return -1;
    }

    // ---- look-ups, on the path of packets ----

    /** The value of the SID that has this address, or {@code null}. */
    Object find(long high, long low) {
        if (!isLong) {
            return findKey(high & highMask);
        }
        if (((high ^ commonHigh) & sameHigh | (low ^ commonLow) & sameLow) != 0) {
            return null;
        }
        return isPaired ? findPair(high, low & lowMask) : findKey(fold(high, low));
    }

    private long fold(long high, long low) {
        return Long.rotateLeft(high & differingHigh, rotation) | low & differingLow;
    }

    private Object findKey(long key) {
        for (int i = PrefixHash.of(key, seed) & mask; ; i = i + 1 & mask) {
            Object value = VALUE.getAcquire(values, i); // partner: setRelease in put() and remove()
            if (value == null || keys[i] == key) {
                return value == REMOVED ? null : value;
            }
        }
    }

    private Object findPair(long high, long low) {
        for (int i = PrefixHash.of(high, low, seed) & mask; ; i = i + 1 & mask) {
            Object value = VALUE.getAcquire(values, i); // partner: setRelease in put() and remove()
            if (value == null || (keys[2 * i + 1] == low && keys[2 * i] == high)) {
                return value == REMOVED ? null : value;
            }
        }
    }

    // ---- changes ----

    /** Bits of the prefixes. */
    int bits() {
        return bits;
    }

    /** How many SIDs there are. */
    int size() {
        return size;
    }

    /** Whether a SID fits: it agrees with the others, and leaves half of the slots free, or a fifth of those with two halves. */
    boolean fits(long high, long low) {
        int slots = values.length;
        return used < (isPaired ? slots - slots / 5 : slots / 2)
                && (!isLong || ((high ^ commonHigh) & sameHigh | (low ^ commonLow) & sameLow) == 0);
    }

    /** Adds a SID that fits and is not there. */
    void put(long high, long low, Object value) {
        int slot = slotOf(high, low);
        if (values[slot] == null) {
            if (isPaired) {
                keys[2 * slot] = high;
                keys[2 * slot + 1] = low;
            } else {
                keys[slot] = isLong ? fold(high, low) : high;
            }
            used++;
        }
        size++;
        VALUE.setRelease(values, slot, value); // publishes the key; partner: getAcquire in findKey(), findPair()
    }

    /** Removes a SID that is there. */
    void remove(long high, long low) {
        VALUE.setRelease(values, slotOf(high, low), REMOVED); // partner: getAcquire in findKey(), findPair()
        size--;
    }

    /** The slot of a SID that fits, or the first free one where it would go. */
    private int slotOf(long high, long low) {
        int i;
        if (isPaired) {
            i = PrefixHash.of(high, low, seed) & mask;
            while (values[i] != null && (keys[2 * i + 1] != low || keys[2 * i] != high)) {
                i = i + 1 & mask;
            }
        } else {
            long key = isLong ? fold(high, low) : high;
            i = PrefixHash.of(key, seed) & mask;
            while (values[i] != null && keys[i] != key) {
                i = i + 1 & mask;
            }
        }
        return i;
    }

    /** The same SIDs in other slots, of which none is a removed SID's, and into which one more fits. */
    SidSlots rebuilt(long high, long low) {
        long[] differing = new long[2];
        if (isLong) {
            forEach((sid, value) -> {
                differing[0] |= sid.high() ^ high;
                differing[1] |= sid.low() ^ low;
            });
        }
        SidSlots rebuilt = new SidSlots(bits, high, low, differing[0], differing[1], size + 1, seed);
        forEach((sid, value) -> rebuilt.put(sid.high(), sid.low(), value));
        return rebuilt;
    }

    /** Shows all SIDs with their values. */
    void forEach(BiConsumer<IpPrefix, Object> visitor) {
        for (int i = 0; i < values.length; i++) {
            if (values[i] != null && values[i] != REMOVED) {
                visitor.accept(prefix(i), values[i]);
            }
        }
    }

    private IpPrefix prefix(int slot) {
        if (!isLong) {
            return new IpPrefix(keys[slot], 0, bits);
        }
        if (isPaired) {
            return new IpPrefix(keys[2 * slot], keys[2 * slot + 1], bits);
        }
        long key = keys[slot];
        return new IpPrefix(
                commonHigh | Long.rotateRight(key, rotation) & differingHigh, commonLow | key & differingLow, bits);
    }
}
