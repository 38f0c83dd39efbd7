package io.weft.neighbour;

import io.weft.frame.Ethernet;
import io.weft.frame.MacAddress;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The known bindings (VLAN, IP address) to MAC address, which a control plane owns: nothing is learned, nothing ages.
 *
 * <p>Open addressing with linear probing. A slot holds an immutable entry, so that a reader sees a binding whole or not at
 * all; a changed binding is another entry in the same slot, a removed one leaves a marker that readers step over. When
 * entries and markers fill half of the slots, a new array is filled and published, and readers of the old one see what
 * was true a moment ago. Control planes change bindings rarely, so these allocate; look-ups do not.
 *
 * <p>Threads: any for all methods; look-ups take no lock. A look-up that happens after a change has
 * returned sees it.
 */
public final class NeighbourTable implements NeighbourBindings {
    /** Bindings a table may hold unless told otherwise. */
    public static final int DEFAULT_CAPACITY = 65_536;

    /** Bindings a table may be made for at most. */
    public static final int MAX_CAPACITY = 1 << 20;

    private static final int IPV6_BIT = 1 << 12; // above the VLAN: ::ffff:10.0.0.1 is not 10.0.0.1
    private static final int MAX_VLAN = 4_094;
    private static final int SMALLEST = 64;

    private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(Entry[].class);
    private static final Entry REMOVED = new Entry(-1, 0, 0, 0);

    /** IPv4 addresses are the low 32 bits of {@code low}. */
    private record Entry(int space, long high, long low, long value) {
        boolean isRemoved() {
            return space < 0;
        }

        boolean isFor(int wantedSpace, long wantedHigh, long wantedLow) {
            return low == wantedLow && high == wantedHigh && space == wantedSpace;
        }
    }

    private final int capacity;
    private final long seed = ThreadLocalRandom.current().nextLong();
    private volatile Entry[] slots = new Entry[SMALLEST]; // a power of two; at least half of them are null
    private volatile int size;
    private int used; // slots that are not null; guarded by this

    /** A table for {@link #DEFAULT_CAPACITY} bindings. */
    public NeighbourTable() {
        this(DEFAULT_CAPACITY);
    }

    /**
     * An empty table.
     *
     * @param capacity most bindings, 1..{@link #MAX_CAPACITY}
     */
    public NeighbourTable(int capacity) {
        if (capacity < 1 || capacity > MAX_CAPACITY) {
            throw new IllegalArgumentException(
                    "neighbour table capacity " + capacity + " is not within 1.." + MAX_CAPACITY);
        }
        this.capacity = capacity;
    }

    // ---- look-ups, on the path of frames ----

    @Override
    public long lookupIpv4(int vlan, int address) {
        return lookup(vlan, 0, address & 0xffff_ffffL);
    }

    @Override
    public long lookupIpv6(int vlan, long high, long low) {
        return lookup(vlan | IPV6_BIT, high, low);
    }

    private long lookup(int space, long high, long low) {
        Entry[] array = slots; // volatile; partner: the write in rebuild() and clear()
        int mask = array.length - 1;
        for (int i = hash(space, high, low) & mask; ; i = i + 1 & mask) {
            Entry entry = (Entry) SLOT.getAcquire(array, i); // partner: setRelease in bind() and unbind()
            if (entry == null) {
                return MISS;
            } else if (entry.isFor(space, high, low)) {
                return entry.value;
            }
        }
    }

    private int hash(int space, long high, long low) {
        long h = seed ^ space * 0x9E37_79B9_7F4A_7C15L ^ high;
        h = (h ^ h >>> 32) * 0xFF51_AFD7_ED55_8CCDL;
        h = (h ^ h >>> 29 ^ low) * 0xC4CE_B9FE_1A85_EC53L;
        return (int) (h ^ h >>> 32);
    }

    // ---- changes, by the control plane ----

    /** Binds an address that is not a router's; see {@link #bind(NeighbourBinding)}. */
    public void bind(int vlan, InetAddress address, long mac) {
        bind(new NeighbourBinding(vlan, address, mac, false));
    }

    /**
     * Adds a binding, or replaces the one for the same VLAN and address.
     *
     * @throws IllegalArgumentException if the VLAN is not within 0..4094 or one of the addresses cannot be a station's
     * @throws IllegalStateException if the table is full and the binding is a new one
     */
    public synchronized void bind(NeighbourBinding binding) {
        requireVlan(binding.vlan());
        requireUnicast(binding.address());
        if ((binding.mac() & ~Ethernet.BROADCAST) != 0 || !Ethernet.isLearnable(binding.mac())) {
            throw new IllegalArgumentException("'" + MacAddress.format(binding.mac())
                    + "' is not the MAC address of a station; accepted: a unicast address that is not zero");
        }
        long value = binding.mac() | (binding.router() ? NeighbourBindings.ROUTER_BIT : 0);
        Entry entry = entry(binding.vlan(), binding.address(), value);
        Entry[] array = slots;
        int slot = find(array, entry);
        if (array[slot] == null) {
            if (size == capacity) {
                throw new IllegalStateException("the neighbour table is full: it holds " + capacity
                        + " bindings; remove some or make a larger one (up to " + MAX_CAPACITY + ")");
            }
            if (2 * (used + 1) > array.length) {
                array = rebuild(array);
                slot = find(array, entry);
            }
            used++;
            size++;
        }
        SLOT.setRelease(array, slot, entry); // partner: getAcquire in lookup()
    }

    /**
     * Removes a binding.
     *
     * @return whether there was one
     */
    public synchronized boolean unbind(int vlan, InetAddress address) {
        requireVlan(vlan);
        Entry[] array = slots;
        int slot = find(array, entry(vlan, address, 0));
        if (array[slot] == null) {
            return false;
        }
        SLOT.setRelease(array, slot, REMOVED); // partner: getAcquire in lookup()
        size--;
        return true;
    }

    /** Removes all bindings. */
    public synchronized void clear() {
        slots = new Entry[SMALLEST]; // volatile; partner: the read in lookup()
        size = 0;
        used = 0;
    }

    /** A copy of all bindings, in no particular order. */
    public synchronized List<NeighbourBinding> list() {
        List<NeighbourBinding> bindings = new ArrayList<>(size);
        for (Entry entry : slots) {
            if (entry != null && !entry.isRemoved()) {
                bindings.add(binding(entry));
            }
        }
        return bindings;
    }

    @Override
    public boolean isEmpty() {
        return size == 0;
    }

    /** How many bindings there are. */
    public int size() {
        return size;
    }

    /** How many bindings there may be. */
    public int capacity() {
        return capacity;
    }

    /** The slot of the entry with the same key, or the first free one where it would go. */
    private int find(Entry[] array, Entry key) {
        int mask = array.length - 1;
        int i = hash(key.space, key.high, key.low) & mask;
        while (array[i] != null && !array[i].isFor(key.space, key.high, key.low)) {
            i = i + 1 & mask;
        }
        return i;
    }

    /** Publishes an array without markers in which at most a quarter of the slots are taken. */
    private Entry[] rebuild(Entry[] old) {
        int length = SMALLEST;
        while (length < 4 * (size + 1)) {
            length *= 2;
        }
        Entry[] array = new Entry[length];
        for (Entry entry : old) {
            if (entry != null && !entry.isRemoved()) {
                array[find(array, entry)] = entry;
            }
        }
        used = size;
        slots = array; // volatile; partner: the read in lookup()
        return array;
    }

    private static Entry entry(int vlan, InetAddress address, long value) {
        ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
        return address instanceof Inet4Address
                ? new Entry(vlan, 0, bytes.getInt() & 0xffff_ffffL, value)
                : new Entry(vlan | IPV6_BIT, bytes.getLong(0), bytes.getLong(8), value);
    }

    private static NeighbourBinding binding(Entry entry) {
        byte[] bytes = (entry.space & IPV6_BIT) == 0
                ? ByteBuffer.allocate(4).putInt((int) entry.low).array()
                : ByteBuffer.allocate(16).putLong(entry.high).putLong(entry.low).array();
        try {
            InetAddress address = InetAddress.getByAddress(bytes);
            return new NeighbourBinding(
                    entry.space & ~IPV6_BIT,
                    address,
                    NeighbourBindings.mac(entry.value),
                    NeighbourBindings.isRouter(entry.value));
        } catch (UnknownHostException e) {
            throw new AssertionError("4 and 16 bytes are addresses", e);
        }
    }

    private static void requireVlan(int vlan) {
        if (vlan < 0 || vlan > MAX_VLAN) {
            throw new IllegalArgumentException("VLAN " + vlan + " is not within 0.." + MAX_VLAN);
        }
    }

    private static void requireUnicast(InetAddress address) {
        boolean zeroNet = address instanceof Inet4Address && address.getAddress()[0] == 0;
        boolean reserved = address instanceof Inet4Address && (address.getAddress()[0] & 0xf0) == 0xf0;
        if (address.isAnyLocalAddress()
                || address.isMulticastAddress()
                || address.isLoopbackAddress()
                || zeroNet
                || reserved) {
            throw new IllegalArgumentException("'" + address.getHostAddress()
                    + "' is not the address of a station on a link; accepted: an IPv4 or IPv6 unicast address");
        }
    }
}
