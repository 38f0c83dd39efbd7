package io.weft.srv6;

import io.weft.frame.IpPrefix;
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
 * prefixes that come and go all the time, the tables are arrays of small keys without objects, and most lengths that an address is
 * not in are passed by without a look at them: {@link SidSlots} says how. The price is that a value cannot be replaced under a key
 * that stays: a SID is removed and put again.
 *
 * <p>The tables are hashed with a seed of their own. A look-up that a change falls into is done again, so that its answer is
 * always one that was right at some moment while it ran.
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

    private final int capacity;
    private final long seed = ThreadLocalRandom.current().nextLong();
    private volatile SidSlots[] lengths = {}; // the longest first; only those in use
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
        for (SidSlots slots : lengths) {
            Object value = slots.find(high, low);
            if (value != null) {
                return value;
            }
        }
        return null;
    }

    @SuppressWarnings("unchecked") // nothing else is ever put
    private V cast(Object value) {
        return (V) value;
    }

    // ---- single SIDs ----

    /** The value of the SID with exactly this prefix, or {@code null}; bits behind it are ignored. */
    public V get(IpPrefix sid) {
        IpPrefix network = sid.network();
        SidSlots slots = network.isIpv4() ? null : slots(network.length());
        return slots == null ? null : cast(slots.find(network.high(), network.low()));
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
        long high = network.high();
        long low = network.low();
        SidSlots slots = slots(network.length());
        if (slots == null) {
            slots = new SidSlots(network.length(), high, low, seed);
            addLength(slots);
        } else if (!slots.fits(high, low)) {
            SidSlots rebuilt = slots.rebuilt(high, low);
            replace(slots, rebuilt);
            slots = rebuilt;
        }
        slots.put(high, low, value);
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
        SidSlots slots = slots(network.length());
        slots.remove(network.high(), network.low());
        if (slots.size() == 0) {
            lengths = Arrays.stream(lengths) // volatile; partner: the read in find()
                    .filter(other -> other != slots)
                    .toArray(SidSlots[]::new);
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
        for (SidSlots slots : lengths) {
            slots.forEach((sid, value) -> all.add(Map.entry(sid, cast(value))));
        }
        return all;
    }

    // ---- lengths ----

    private SidSlots slots(int bits) {
        for (SidSlots slots : lengths) {
            if (slots.bits() == bits) {
                return slots;
            }
        }
        return null;
    }

    private void addLength(SidSlots added) {
        SidSlots[] old = lengths;
        SidSlots[] more = Arrays.copyOf(old, old.length + 1);
        int at = old.length;
        for (; at > 0 && more[at - 1].bits() < added.bits(); at--) {
            more[at] = more[at - 1];
        }
        more[at] = added;
        lengths = more; // volatile; partner: the read in find()
    }

    private void replace(SidSlots old, SidSlots rebuilt) {
        lengths = Arrays.stream(lengths) // volatile; partner: the read in find()
                .map(slots -> slots == old ? rebuilt : slots)
                .toArray(SidSlots[]::new);
    }
}
