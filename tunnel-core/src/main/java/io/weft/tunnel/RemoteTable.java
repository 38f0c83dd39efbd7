package io.weft.tunnel;

import io.weft.fdb.FdbValue;
import io.weft.port.PortException;
import io.weft.underlay.UnderlayPeer;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;

/**
 * The remote ends of a port: by their address, for each burst that comes in, and by their number, for each that goes out.
 *
 * <p>By address it is a table of open addressing with linear probing. Readers take no lock: a slot goes from empty to a
 * remote end and from there to {@link #REMOVED}, but never back to empty in the same array; when there are too many of
 * either kind, a new array is filled and published. The hash is seeded, since learned addresses are chosen by others.
 *
 * <p>Numbers of removed ends are given out again after many others have been: the FDB may know one for a moment longer. But the
 * table by numbers is walked, and so is not to grow for ever where remote ends come and go.
 *
 * <p>Threads: readers any; changes are serialized here.
 */
public final class RemoteTable {
    /** As many as the FDB has numbers for. */
    public static final int MAX_REMOTES = FdbValue.MAX_ENDPOINT;

    /** Numbers of removed ends, of which the one that was given back first is given out again when there are so many. */
    private static final int RESTING_NUMBERS = 4_096;

    private static final VarHandle ELEMENT = MethodHandles.arrayElementVarHandle(RemoteEnd[].class);
    private static final RemoteEnd REMOVED = new RemoteEnd(0, new UnderlayPeer(-1, -1, 0, 0), -1, null, false, null);
    private static final long SEED = new SecureRandom().nextLong();

    private volatile RemoteEnd[] slots = new RemoteEnd[16];
    private volatile RemoteEnd[] numbered = new RemoteEnd[16];
    private int used; // slots that are not empty
    private int size;
    private int findable; // by their address: one of each
    private int nextNumber = 1;
    private final ArrayDeque<Integer> freeNumbers = new ArrayDeque<>();

    /** The remote end with this address, as in {@link UnderlayPeer}; {@code null} when there is none. */
    public RemoteEnd find(long high, long low) {
        RemoteEnd[] table = slots;
        int mask = table.length - 1;
        for (int i = hash(high, low) & mask; ; i = i + 1 & mask) {
            RemoteEnd remote = (RemoteEnd) ELEMENT.getAcquire(table, i);
            if (remote == null) {
                return null;
            }
            if (remote.hasAddress(high, low)) {
                return remote == REMOVED ? null : remote;
            }
        }
    }

    /** The remote end with this number; {@code null} when there is none. */
    public RemoteEnd get(int endpoint) {
        RemoteEnd[] table = numbered;
        return endpoint < table.length ? (RemoteEnd) ELEMENT.getAcquire(table, endpoint) : null;
    }

    /** How many there are. */
    public synchronized int size() {
        return size;
    }

    /** All, in the order of their numbers. */
    public synchronized List<RemoteEnd> all() {
        List<RemoteEnd> all = new ArrayList<>(size);
        for (RemoteEnd remote : numbered) {
            if (remote != null) {
                all.add(remote);
            }
        }
        return all;
    }

    /** Those with this address, which nearly always is one at most. */
    synchronized List<RemoteEnd> all(long high, long low) {
        RemoteEnd first = find(high, low);
        if (first == null) {
            return List.of();
        }
        if (hidden() == 0) {
            return List.of(first);
        }
        return all().stream().filter(remote -> remote.hasAddress(high, low)).toList();
    }

    /** How many are not found by their address, since another one is. */
    private int hidden() {
        return size - findable;
    }

    /**
     * Adds one. Of several with one address the first is found by it.
     *
     * @param maker makes it, given its number
     * @throws PortException when all numbers are taken
     */
    synchronized RemoteEnd add(IntFunction<RemoteEnd> maker) throws PortException {
        boolean fresh = nextNumber <= MAX_REMOTES && freeNumbers.size() < RESTING_NUMBERS;
        int number = fresh ? nextNumber++ : takeFreeNumber();
        RemoteEnd remote = maker.apply(number);
        put(remote);
        return remote;
    }

    private int takeFreeNumber() throws PortException {
        Integer number = freeNumbers.poll();
        if (number == null) {
            throw new PortException("a port has " + MAX_REMOTES + " remote ends at most");
        }
        return number;
    }

    /** Puts another in the place of one, whose number it has: its name means another address now. */
    synchronized void replace(RemoteEnd old, RemoteEnd remote) {
        takeOut(old);
        put(remote);
    }

    /** Removes one; {@code false} when it has been removed before. */
    synchronized boolean remove(RemoteEnd remote) {
        if (get(remote.endpoint()) != remote) {
            return false;
        }
        takeOut(remote);
        freeNumbers.add(remote.endpoint());
        return true;
    }

    private void put(RemoteEnd remote) {
        int number = remote.endpoint();
        RemoteEnd[] table = numbered;
        if (number >= table.length) {
            table = Arrays.copyOf(table, Math.max(number + 1, 2 * table.length));
            table[number] = remote;
            numbered = table;
        } else {
            ELEMENT.setRelease(table, number, remote);
        }
        size++;
        if (find(remote.peer().high(), remote.peer().low()) == null) {
            if (2 * (used + 1) > slots.length) {
                rebuild();
            } else {
                used += insert(slots, remote);
                findable++;
            }
        }
    }

    private void takeOut(RemoteEnd remote) {
        ELEMENT.setRelease(numbered, remote.endpoint(), null);
        RemoteEnd[] table = slots;
        int mask = table.length - 1;
        for (int i = hash(remote.peer().high(), remote.peer().low()) & mask; table[i] != null; i = i + 1 & mask) {
            if (table[i] == remote) {
                RemoteEnd successor = hidden() == 0 ? REMOVED : successor(remote);
                ELEMENT.setRelease(table, i, successor);
                findable -= successor == REMOVED ? 1 : 0;
                break;
            }
        }
        size--;
    }

    /** Another one with the same address, to be found in its place. */
    private RemoteEnd successor(RemoteEnd removed) {
        for (RemoteEnd remote : numbered) {
            if (remote != null
                    && remote.hasAddress(removed.peer().high(), removed.peer().low())) {
                return remote;
            }
        }
        return REMOVED;
    }

    private void rebuild() {
        RemoteEnd[] table = new RemoteEnd[Integer.highestOneBit(Math.max(8, size)) * 4];
        int filled = 0;
        for (RemoteEnd remote : numbered) {
            if (remote != null) {
                filled += insert(table, remote);
            }
        }
        used = filled;
        findable = filled;
        slots = table;
    }

    /** Returns how many slots it took: none where one of the same address is. */
    private static int insert(RemoteEnd[] table, RemoteEnd remote) {
        int mask = table.length - 1;
        int i = hash(remote.peer().high(), remote.peer().low()) & mask;
        while (table[i] != null) {
            if (table[i].hasAddress(remote.peer().high(), remote.peer().low())) {
                return 0;
            }
            i = i + 1 & mask;
        }
        ELEMENT.setRelease(table, i, remote);
        return 1;
    }

    private static int hash(long high, long low) {
        long z = (high * 0x9E37_79B9_7F4A_7C15L ^ low ^ SEED) * 0xBF58_476D_1CE4_E5B9L;
        z = (z ^ z >>> 32) * 0x94D0_49BB_1331_11EBL;
        return (int) (z >>> 32);
    }
}
