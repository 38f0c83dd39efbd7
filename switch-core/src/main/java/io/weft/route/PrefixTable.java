package io.weft.route;

import io.weft.frame.EtherType;
import io.weft.frame.Ethernet;
import io.weft.frame.Frame;
import io.weft.frame.IpAddress;
import io.weft.frame.IpPrefix;
import io.weft.frame.Ipv4;
import io.weft.frame.Ipv6;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiConsumer;

/**
 * What is known for IP prefixes, found by the longest prefix that an address begins with: routes, remote ends, local SIDs.
 *
 * <p>Addresses are two {@code long}s ({@link IpAddress}), prefix lengths those of the family. IPv4 and IPv6 are kept apart, so
 * that neither {@code ::/0} nor any other IPv6 prefix is found for an IPv4 address.
 *
 * <p><b>How.</b> One hash table for each prefix length in use, asked from the longest to the shortest. What these tables hold
 * here has few lengths: SIDs one or two, a tunnel's or a VPN's routes a handful. With one length a look-up is one hash and one
 * or two cache misses however many prefixes there are, where a trie walks one node after the other (a 64-bit SID is eight to
 * eleven of them). A change touches one slot, where a trie that is compressed for look-ups is rebuilt in part. The price: the
 * look-up takes longer with each further length. Measured with 100,000 prefixes that are asked for at random, on a busy
 * machine: IPv6 prefixes of 64 bits 27 to 45 ns, of 128 bits 70 to 100 ns, IPv4 routes of 17 lengths 90 to 180 ns.
 *
 * <p>The tables are hashed with a seed of their own; at most half of the slots are taken. A slot lies in one array of longs:
 * the key, of one long where that is enough (IPv4, and IPv6 up to 64 bits), and behind it the number of the value. A slot that
 * was given to a prefix stays its own, also when the prefix is removed, until another array is filled and published; so a reader
 * that sees a number sees the key that belongs to it.
 *
 * <p>A look-up that a change falls into is done again, so that its answer is always one that was right at some moment while it
 * ran: when the prefix that covered an address gives way to a longer or a shorter one, put first and removed then, no look-up
 * falls through between the two.
 *
 * <p>Threads: any for all methods. Look-ups take no lock and allocate nothing; changes are made one after the other.
 *
 * @param <V> what is known for a prefix; not {@code null}
 */
public final class PrefixTable<V> {
    /** Prefixes a table may hold unless told otherwise. */
    public static final int DEFAULT_CAPACITY = 131_072;

    /** Prefixes a table may be made for at most. */
    public static final int MAX_CAPACITY = 1 << 22;

    private static final int SMALLEST = 16;
    private static final int NONE = -1;
    private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle VALUE = MethodHandles.arrayElementVarHandle(Object[].class);

    /** The prefixes of one length. Written under the table's lock. */
    private static final class Length {
        /** In place of a value's number: nothing was ever put here, and a search ends. */
        static final long FREE = 0;

        /** In place of a value's number: the prefix was removed. */
        static final long REMOVED = -1;

        final int bits; // of two longs: 96 more than the length for IPv4
        final long highMask;
        final long lowMask;
        final boolean isIpv4;
        final boolean isWide; // the key is two longs
        final int stride; // longs of a slot: the key, then the number of the value and 1 more
        volatile long[] slots;
        int size;
        int used; // slots that are not free

        Length(int bits, boolean isIpv4) {
            this.bits = bits;
            this.highMask = IpPrefix.highMask(bits);
            this.lowMask = IpPrefix.lowMask(bits);
            this.isIpv4 = isIpv4;
            this.isWide = !isIpv4 && bits > 64;
            this.stride = isWide ? 3 : 2;
            this.slots = new long[SMALLEST * stride];
        }
    }

    private final int capacity;
    private final long seed = ThreadLocalRandom.current().nextLong();
    private volatile Length[] ipv4 = {}; // the longest first; only lengths in use
    private volatile Length[] ipv6 = {};
    private volatile Object[] values = new Object[SMALLEST]; // by number
    private int[] freeNumbers = new int[SMALLEST]; // below the highest that was ever taken
    private int freeCount;
    private int numbers; // ever taken
    private volatile int changes; // counted when they are done; written under the lock
    private volatile int size;

    /** A table for {@link #DEFAULT_CAPACITY} prefixes. */
    public PrefixTable() {
        this(DEFAULT_CAPACITY);
    }

    /**
     * An empty table.
     *
     * @param capacity most prefixes, 1..{@link #MAX_CAPACITY}
     */
    public PrefixTable(int capacity) {
        if (capacity < 1 || capacity > MAX_CAPACITY) {
            throw new IllegalArgumentException(
                    "prefix table capacity " + capacity + " is not within 1.." + MAX_CAPACITY);
        }
        this.capacity = capacity;
    }

    // ---- look-ups, on the path of frames ----

    /** The value of the longest prefix that an address, IPv4 or IPv6, begins with, or {@code null}. */
    public V lookup(long high, long low) {
        return lookup(IpAddress.isIpv4(high, low), high, low);
    }

    /** The same for an IPv4 address, first octet highest. */
    public V lookupIpv4(int address) {
        return lookup(true, 0, IpAddress.lowOfIpv4(address));
    }

    /** The same for an IPv6 address; one that maps an IPv4 address (RFC 4291, 2.5.5.2) has none of the IPv4 prefixes. */
    public V lookupIpv6(long high, long low) {
        return lookup(false, high, low);
    }

    /**
     * The same for a packet's destination, which for IPv6 has IPv6 prefixes only; {@code null} also when the frame holds no IP packet.
     *
     * @param packet as layer-3 ports have it, with an Ethernet header of 14 bytes
     */
    public V lookup(Frame packet) {
        if (packet.length() < Ethernet.HEADER_LENGTH) {
            return null;
        }
        int ip = Ethernet.HEADER_LENGTH;
        return switch (Ethernet.type(packet)) {
            case EtherType.IPV4 -> Ipv4.isPresent(packet, ip) ? lookupIpv4(Ipv4.destination(packet, ip)) : null;
            case EtherType.IPV6 ->
                Ipv6.isPresent(packet, ip)
                        ? lookupIpv6(Ipv6.destinationHigh(packet, ip), Ipv6.destinationLow(packet, ip))
                        : null;
            default -> null;
        };
    }

    private V lookup(boolean isIpv4, long high, long low) {
        while (true) {
            int before = changes; // volatile; partner: the write in changed()
            V value = find(isIpv4, high, low);
            // A change that we saw a part of has not been counted, or was counted since: the loads of find() are
            // acquiring.
            if (changes == before) {
                return value;
            }
        }
    }

    private V find(boolean isIpv4, long high, long low) {
        for (Length length : isIpv4 ? ipv4 : ipv6) {
            int number = length.isWide
                    ? findWide(length.slots, high & length.highMask, low & length.lowMask)
                    : findNarrow(length.slots, isIpv4 ? low & length.lowMask : high & length.highMask);
            if (number != NONE) {
                V value = value(number);
                if (value != null) { // else it is being removed
                    return value;
                }
            }
        }
        return null;
    }

    private int findNarrow(long[] slots, long key) {
        int last = slots.length - 1; // of 2 longs each, a power of two in all
        for (int i = 2 * PrefixHash.of(key, seed) & last; ; i = i + 2 & last) {
            long number = (long) WORD.getAcquire(slots, i + 1); // partner: setRelease in put() and remove()
            if (number == Length.FREE) {
                return NONE;
            }
            if (slots[i] == key) {
                return number == Length.REMOVED ? NONE : (int) number - 1;
            }
        }
    }

    private int findWide(long[] slots, long high, long low) {
        int mask = slots.length / 3 - 1;
        for (int i = PrefixHash.of(high, low, seed) & mask; ; i = i + 1 & mask) {
            long number = (long) WORD.getAcquire(slots, 3 * i + 2); // partner: setRelease in put() and remove()
            if (number == Length.FREE) {
                return NONE;
            }
            if (slots[3 * i + 1] == low && slots[3 * i] == high) {
                return number == Length.REMOVED ? NONE : (int) number - 1;
            }
        }
    }

    @SuppressWarnings("unchecked") // nothing else is ever put there
    private V value(int number) {
        return (V) VALUE.getAcquire(values, number); // partner: setRelease in put()
    }

    // ---- single prefixes ----

    /**
     * The value of exactly this prefix, or {@code null}.
     *
     * @param length 0..32 for an IPv4 address, 0..128 for others; bits behind it are ignored
     */
    public V get(long high, long low, int length) {
        return get(new IpPrefix(high, low, length));
    }

    /** The value of exactly this prefix, or {@code null}; bits behind it are ignored. */
    public V get(IpPrefix prefix) {
        IpPrefix network = prefix.network();
        Length length = length(network);
        if (length == null) {
            return null;
        }
        int number = number(length, network);
        return number == NONE ? null : value(number);
    }

    /** The number of a prefix's value, or {@link #NONE}. */
    private int number(Length length, IpPrefix network) {
        return length.isWide
                ? findWide(length.slots, network.high(), network.low())
                : findNarrow(length.slots, network.isIpv4() ? network.low() : network.high());
    }

    /**
     * Adds a prefix, or replaces its value.
     *
     * @param length 0..32 for an IPv4 address, 0..128 for others; bits behind it are ignored
     * @return the value it had, or {@code null}
     * @throws IllegalArgumentException when the length is not within its range
     * @throws IllegalStateException when the table is full and the prefix is a new one
     */
    public V put(long high, long low, int length, V value) {
        return put(new IpPrefix(high, low, length), value);
    }

    /** The same; bits behind the prefix are ignored. */
    public synchronized V put(IpPrefix prefix, V value) {
        Objects.requireNonNull(value, "value");
        IpPrefix network = prefix.network();
        Length length = length(network);
        int number = length == null ? NONE : number(length, network);
        if (number != NONE) {
            V old = value(number);
            VALUE.setRelease(values, number, value); // partner: getAcquire in value()
            changed();
            return old;
        }
        if (size == capacity) {
            throw new IllegalStateException("the prefix table is full: it holds " + capacity
                    + " prefixes; remove some or make a larger one (up to " + MAX_CAPACITY + ")");
        }
        if (length == null) {
            length = addLength(network.isIpv4(), IpPrefix.bits(network.isIpv4(), network.length()));
        } else if (2 * (length.used + 1) * length.stride > length.slots.length) {
            rebuild(length);
        }
        number = takeNumber();
        VALUE.setRelease(values, number, value); // partner: getAcquire in value()
        if (putNumber(length, length.slots, network.high(), network.low(), number)) {
            length.used++;
        }
        length.size++;
        size++;
        changed();
        return null;
    }

    /**
     * Removes exactly this prefix.
     *
     * @param length 0..32 for an IPv4 address, 0..128 for others; bits behind it are ignored
     * @return the value it had, or {@code null} when it was not there
     */
    public V remove(long high, long low, int length) {
        return remove(new IpPrefix(high, low, length));
    }

    /** The same; bits behind the prefix are ignored. */
    public synchronized V remove(IpPrefix prefix) {
        IpPrefix network = prefix.network();
        Length length = length(network);
        int number = length == null ? NONE : number(length, network);
        if (number == NONE) {
            return null;
        }
        V old = value(number);
        int slot = slotOf(length, length.slots, network.high(), network.low());
        WORD.setRelease(length.slots, slot + length.stride - 1, Length.REMOVED);
        length.size--;
        if (length.size == 0) {
            removeLength(network.isIpv4(), length);
        }
        giveNumber(number);
        size--;
        changed();
        return old;
    }

    /** Removes all prefixes. */
    public synchronized void clear() {
        ipv4 = new Length[0];
        ipv6 = new Length[0];
        for (int i = 0; i < numbers; i++) { // the array stays: a look-up may still have a number
            VALUE.setRelease(values, i, null);
        }
        numbers = 0;
        freeCount = 0;
        size = 0;
        changed();
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer at a time: all are synchronized
    private void changed() {
        changes++; // volatile; partner: the reads in lookup()
    }

    // ---- all of them ----

    /** How many prefixes there are. */
    public int size() {
        return size;
    }

    /** How many prefixes there may be. */
    public int capacity() {
        return capacity;
    }

    /** Hands every prefix with its value to a visitor, IPv4 first, long ones before short ones; of one moment. */
    public void forEach(BiConsumer<IpPrefix, V> visitor) {
        list().forEach(entry -> visitor.accept(entry.getKey(), entry.getValue()));
    }

    /** A copy of all prefixes with their values, in the order of {@link #forEach}. */
    public synchronized List<Map.Entry<IpPrefix, V>> list() {
        List<Map.Entry<IpPrefix, V>> all = new ArrayList<>(size);
        for (boolean isIpv4 : new boolean[] {true, false}) {
            for (Length length : isIpv4 ? ipv4 : ipv6) {
                list(length, all);
            }
        }
        return all;
    }

    private void list(Length length, List<Map.Entry<IpPrefix, V>> all) {
        long[] slots = length.slots;
        for (int i = 0; i < slots.length; i += length.stride) {
            long number = slots[i + length.stride - 1];
            if (number > 0) {
                IpPrefix prefix = length.isIpv4
                        ? new IpPrefix(0, slots[i], length.bits - IpPrefix.bits(true, 0))
                        : new IpPrefix(slots[i], length.isWide ? slots[i + 1] : 0, length.bits);
                all.add(Map.entry(prefix, value((int) number - 1)));
            }
        }
    }

    // ---- lengths ----

    private Length length(IpPrefix network) {
        int bits = IpPrefix.bits(network.isIpv4(), network.length());
        for (Length length : network.isIpv4() ? ipv4 : ipv6) {
            if (length.bits == bits) {
                return length;
            }
        }
        return null;
    }

    private Length addLength(boolean isIpv4, int bits) {
        Length[] old = isIpv4 ? ipv4 : ipv6;
        Length[] more = Arrays.copyOf(old, old.length + 1);
        Length added = new Length(bits, isIpv4);
        int at = old.length;
        for (; at > 0 && more[at - 1].bits < bits; at--) {
            more[at] = more[at - 1];
        }
        more[at] = added;
        publish(isIpv4, more);
        return added;
    }

    private void removeLength(boolean isIpv4, Length empty) {
        publish(
                isIpv4,
                Arrays.stream(isIpv4 ? ipv4 : ipv6)
                        .filter(length -> length != empty)
                        .toArray(Length[]::new));
    }

    private void publish(boolean isIpv4, Length[] lengths) {
        if (isIpv4) {
            ipv4 = lengths; // volatile; partner: the read in find()
        } else {
            ipv6 = lengths;
        }
    }

    // ---- slots ----

    /** Where the slot begins that has this key, or the first free one where it would go. */
    private int slotOf(Length length, long[] slots, long high, long low) {
        int stride = length.stride;
        int mask = slots.length / stride - 1;
        long first = length.isIpv4 ? low : high;
        int i = (length.isWide ? PrefixHash.of(high, low, seed) : PrefixHash.of(first, seed)) & mask;
        while (slots[i * stride + stride - 1] != Length.FREE
                && (slots[i * stride] != first || (length.isWide && slots[i * stride + 1] != low))) {
            i = i + 1 & mask;
        }
        return i * stride;
    }

    /** Has a prefix lead to a value; returns whether that took a free slot. */
    private boolean putNumber(Length length, long[] slots, long high, long low, int number) {
        int slot = slotOf(length, slots, high, low);
        int last = slot + length.stride - 1;
        boolean wasFree = slots[last] == Length.FREE;
        if (wasFree) {
            slots[slot] = length.isIpv4 ? low : high;
            if (length.isWide) {
                slots[slot + 1] = low;
            }
        }
        WORD.setRelease(slots, last, number + 1L); // publishes the key; partner: getAcquire in findNarrow(), findWide()
        return wasFree;
    }

    /** Publishes slots of which none is a removed prefix's and at most a quarter are taken. */
    private void rebuild(Length length) {
        int count = SMALLEST;
        while (count < 4 * (length.size + 1)) {
            count *= 2;
        }
        long[] old = length.slots;
        long[] slots = new long[count * length.stride];
        int stride = length.stride;
        for (int i = 0; i < old.length; i += stride) {
            long number = old[i + stride - 1];
            if (number > 0) {
                long high = length.isIpv4 ? 0 : old[i];
                long low = length.isIpv4 ? old[i] : length.isWide ? old[i + 1] : 0;
                putNumber(length, slots, high, low, (int) number - 1);
            }
        }
        length.used = length.size;
        length.slots = slots; // volatile; partner: the read in find()
    }

    // ---- numbers of values ----

    private int takeNumber() {
        if (freeCount > 0) {
            return freeNumbers[--freeCount];
        }
        if (numbers == values.length) {
            values = Arrays.copyOf(values, 2 * numbers); // volatile; partner: the read in value()
        }
        return numbers++;
    }

    private void giveNumber(int number) {
        if (freeCount == freeNumbers.length) {
            freeNumbers = Arrays.copyOf(freeNumbers, 2 * freeCount);
        }
        freeNumbers[freeCount++] = number;
        VALUE.setRelease(values, number, null);
    }
}
