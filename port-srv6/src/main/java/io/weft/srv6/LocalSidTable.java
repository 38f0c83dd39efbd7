package io.weft.srv6;

import io.weft.frame.IpPrefix;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The SIDs of an endpoint (RFC 8986, 3.3, "My Local SID Table"), found by the longest prefix that a packet's destination begins
 * with. The prefix of a SID is its locator and function; the argument behind it is whatever the packet has.
 *
 * <p><b>How.</b> One hash table for each prefix length in use, asked from the longest to the shortest. Endpoints have few
 * lengths: that of their SIDs, that of a locator. Unlike {@link io.weft.route.PrefixTable}, which is for both families and for
 * prefixes that come and go all the time, a slot is one place in an array of keys and the same place in an array of values,
 * so that a processor fetches both at once; in a length that an address is not in, it mostly sees a free slot in the small
 * array of values alone. The price is that a value cannot be replaced under a key that stays: a SID is removed and put again.
 *
 * <p>The tables are hashed with a seed of their own; at most half of the slots are taken. A slot that was given to a SID stays
 * its own, also when the SID is removed, until other arrays are filled and published; so a reader that sees a value sees the key
 * that belongs to it. A look-up that a change falls into is done again, so that its answer is always one that was right at some
 * moment while it ran.
 *
 * <p>Threads: any for all methods. Look-ups take no lock and allocate nothing; changes are made one after the other.
 *
 * @param <V> what an endpoint does for a SID; not {@code null}
 */
public final class LocalSidTable<V> {
    /** SIDs a table may hold unless told otherwise. */
    public static final int DEFAULT_CAPACITY = 131_072;

    /** SIDs a table may be made for at most. */
    public static final int MAX_CAPACITY = 1 << 22;

    private static final int SMALLEST = 16;
    private static final Object REMOVED = new Object(); // in place of a value: the key stays, the SID is gone
    private static final VarHandle VALUE = MethodHandles.arrayElementVarHandle(Object[].class);

    /** What is found in one length: arrays that belong together. */
    private static final class Slots {
        final long[] keys; // one for each slot, or high and low half
        final Object[] values; // null: free
        final int mask;

        Slots(int count, boolean isWide) {
            keys = new long[isWide ? 2 * count : count];
            values = new Object[count];
            mask = count - 1;
        }
    }

    /** The SIDs whose prefixes have one length. Written under the table's lock. */
    private static final class Length {
        final int bits;
        final long highMask;
        final long lowMask;
        final boolean isWide; // the key is two longs
        volatile Slots slots;
        int size;
        int used; // slots that are not free

        Length(int bits) {
            this.bits = bits;
            this.highMask = IpPrefix.highMask(bits);
            this.lowMask = IpPrefix.lowMask(bits);
            this.isWide = bits > 64;
            this.slots = new Slots(SMALLEST, isWide);
        }
    }

    private final int capacity;
    private final long seed = ThreadLocalRandom.current().nextLong();
    private volatile Length[] lengths = {}; // the longest first; only those in use
    private volatile int changes; // counted when they are done; written under the lock
    private volatile int size;

    /** A table for {@link #DEFAULT_CAPACITY} SIDs. */
    public LocalSidTable() {
        this(DEFAULT_CAPACITY);
    }

    /**
     * An empty table.
     *
     * @param capacity most SIDs, 1..{@link #MAX_CAPACITY}
     */
    public LocalSidTable(int capacity) {
        if (capacity < 1 || capacity > MAX_CAPACITY) {
            throw new IllegalArgumentException(
                    "local SID table capacity is " + capacity + "; accepted: 1.." + MAX_CAPACITY);
        }
        this.capacity = capacity;
    }

    // ---- look-ups, on the path of packets ----

    /** The value of the SID with the longest prefix that an IPv6 address begins with, or {@code null}. */
    public V lookup(long high, long low) {
        while (true) {
            int before = changes; // volatile; partner: the write in changed()
            Object value = find(high, low);
            // A change that we saw a part of has not been counted, or was counted since: the loads of find() are
            // acquiring.
            if (changes == before) {
                return cast(value);
            }
        }
    }

    private Object find(long high, long low) {
        for (Length length : lengths) {
            Object value = length.isWide
                    ? findWide(length.slots, high & length.highMask, low & length.lowMask)
                    : findNarrow(length.slots, high & length.highMask);
            if (value != null) {
                return value;
            }
        }
        return null;
    }

    private Object findNarrow(Slots slots, long key) {
        for (int i = narrowHash(key, seed) & slots.mask; ; i = i + 1 & slots.mask) {
            Object value = VALUE.getAcquire(slots.values, i); // partner: setRelease in put() and remove()
            if (value == null || slots.keys[i] == key) {
                return value == REMOVED ? null : value;
            }
        }
    }

    private Object findWide(Slots slots, long high, long low) {
        for (int i = wideHash(high, low, seed) & slots.mask; ; i = i + 1 & slots.mask) {
            Object value = VALUE.getAcquire(slots.values, i); // partner: setRelease in put() and remove()
            if (value == null || (slots.keys[2 * i + 1] == low && slots.keys[2 * i] == high)) {
                return value == REMOVED ? null : value;
            }
        }
    }

    @SuppressWarnings("unchecked") // REMOVED never gets here, and nothing else is ever put
    private V cast(Object value) {
        return (V) value;
    }

    // Every bit of the key bears on the low bits, which choose the slot: SIDs are alike but for some 16 bits.
    static int narrowHash(long key, long seed) {
        long h = (key ^ seed) * 0x9E37_79B9_7F4A_7C15L;
        h = (h ^ h >>> 32) * 0xC4CE_B9FE_1A85_EC53L;
        return (int) (h >>> 32);
    }

    static int wideHash(long high, long low, long seed) {
        long a = high ^ seed;
        long b = low ^ 0x9E37_79B9_7F4A_7C15L;
        return (int) ((Math.multiplyHigh(a, b) ^ a * b) * 0xC4CE_B9FE_1A85_EC53L >>> 32);
    }

    // ---- single SIDs ----

    /** The value of the SID with exactly this prefix, or {@code null}; bits behind it are ignored. */
    public V get(IpPrefix sid) {
        IpPrefix network = sid.network();
        Length length = network.isIpv4() ? null : length(network.length());
        return length == null
                ? null
                : cast(
                        length.isWide
                                ? findWide(length.slots, network.high(), network.low())
                                : findNarrow(length.slots, network.high()));
    }

    /**
     * Adds a SID. One with a shorter or longer prefix may cover it or be in it.
     *
     * @param sid locator and function; bits behind the prefix are ignored
     * @throws IllegalArgumentException when it is no IPv6 prefix of 1..128 bits, or when the SID is there
     * @throws IllegalStateException when the table is full
     */
    public synchronized void put(IpPrefix sid, V value) {
        Objects.requireNonNull(value, "value");
        if (sid.isIpv4() || sid.length() == 0) {
            throw new IllegalArgumentException("SID is " + sid + "; accepted: an IPv6 prefix of 1..128 bits");
        }
        IpPrefix network = sid.network();
        if (get(network) != null) {
            throw new IllegalArgumentException("SID " + network + " is there; remove it first, or choose another");
        }
        if (size == capacity) {
            throw new IllegalStateException("the local SID table is full: it holds " + capacity
                    + " SIDs; remove some or make a larger one (up to " + MAX_CAPACITY + ")");
        }
        Length length = length(network.length());
        if (length == null) {
            length = addLength(network.length());
        } else if (2 * (length.used + 1) > length.slots.values.length) {
            rebuild(length);
        }
        if (putValue(length, length.slots, network.high(), network.low(), value)) {
            length.used++;
        }
        length.size++;
        size++;
        changed();
    }

    /**
     * Removes the SID with exactly this prefix; bits behind it are ignored.
     *
     * @return the value it had, or {@code null} when it was not there
     */
    public synchronized V remove(IpPrefix sid) {
        V old = get(sid);
        if (old == null) {
            return null;
        }
        IpPrefix network = sid.network();
        Length length = length(network.length());
        int slot = slotOf(length, length.slots, network.high(), network.low());
        VALUE.setRelease(length.slots.values, slot, REMOVED); // partner: getAcquire in findNarrow(), findWide()
        length.size--;
        if (length.size == 0) {
            lengths = Arrays.stream(lengths) // volatile; partner: the read in find()
                    .filter(other -> other != length)
                    .toArray(Length[]::new);
        }
        size--;
        changed();
        return old;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer at a time: all are synchronized
    private void changed() {
        changes++; // volatile; partner: the reads in lookup()
    }

    // ---- all of them ----

    /** How many SIDs there are. */
    public int size() {
        return size;
    }

    /** How many SIDs there may be. */
    public int capacity() {
        return capacity;
    }

    /** A copy of all SIDs with their values, of one moment, long prefixes before short ones. */
    public synchronized List<Map.Entry<IpPrefix, V>> list() {
        List<Map.Entry<IpPrefix, V>> all = new ArrayList<>(size);
        for (Length length : lengths) {
            Slots slots = length.slots;
            for (int i = 0; i < slots.values.length; i++) {
                Object value = slots.values[i];
                if (value != null && value != REMOVED) {
                    all.add(Map.entry(prefix(length, slots, i), cast(value)));
                }
            }
        }
        return all;
    }

    private static IpPrefix prefix(Length length, Slots slots, int slot) {
        return length.isWide
                ? new IpPrefix(slots.keys[2 * slot], slots.keys[2 * slot + 1], length.bits)
                : new IpPrefix(slots.keys[slot], 0, length.bits);
    }

    // ---- lengths and slots ----

    private Length length(int bits) {
        for (Length length : lengths) {
            if (length.bits == bits) {
                return length;
            }
        }
        return null;
    }

    private Length addLength(int bits) {
        Length[] old = lengths;
        Length[] more = Arrays.copyOf(old, old.length + 1);
        Length added = new Length(bits);
        int at = old.length;
        for (; at > 0 && more[at - 1].bits < bits; at--) {
            more[at] = more[at - 1];
        }
        more[at] = added;
        lengths = more; // volatile; partner: the read in find()
        return added;
    }

    /** The slot that has this key, or the first free one where it would go. */
    private int slotOf(Length length, Slots slots, long high, long low) {
        int i = (length.isWide ? wideHash(high, low, seed) : narrowHash(high, seed)) & slots.mask;
        while (slots.values[i] != null
                && (length.isWide
                        ? slots.keys[2 * i + 1] != low || slots.keys[2 * i] != high
                        : slots.keys[i] != high)) {
            i = i + 1 & slots.mask;
        }
        return i;
    }

    /** Gives a SID a value; returns whether that took a free slot. */
    private boolean putValue(Length length, Slots slots, long high, long low, Object value) {
        int slot = slotOf(length, slots, high, low);
        boolean wasFree = slots.values[slot] == null;
        if (wasFree && length.isWide) {
            slots.keys[2 * slot] = high;
            slots.keys[2 * slot + 1] = low;
        } else if (wasFree) {
            slots.keys[slot] = high;
        }
        VALUE.setRelease(
                slots.values, slot, value); // publishes the key; partner: getAcquire in findNarrow(), findWide()
        return wasFree;
    }

    /** Publishes slots of which none is a removed SID's and at most a third are taken. */
    private void rebuild(Length length) {
        int count = SMALLEST;
        while (count < 3 * (length.size + 1)) {
            count *= 2;
        }
        Slots old = length.slots;
        Slots slots = new Slots(count, length.isWide);
        for (int i = 0; i < old.values.length; i++) {
            Object value = old.values[i];
            if (value != null && value != REMOVED) {
                IpPrefix sid = prefix(length, old, i);
                putValue(length, slots, sid.high(), sid.low(), value);
            }
        }
        length.used = length.size;
        length.slots = slots; // volatile; partner: the read in find()
    }
}
