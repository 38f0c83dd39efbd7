package io.weft.gre;

import io.weft.gre.GreSettings.Payload;
import java.util.ArrayList;
import java.util.List;

/**
 * Which ports take the packets with a key, or without one: an immutable table of open addressing, made anew when a port comes
 * or goes. A place in it stands for the kind of payload and the key, so that keyless is not key 0.
 *
 * <p>Threads: immutable.
 */
final class GreTable {
    static final GreTable EMPTY = new GreTable(List.of());

    private static final GreBinding[] NONE = {};

    private final List<GreBinding> bindings;
    private final int mask;
    private final long[] places;
    private final GreBinding[][] ports; // null where there is no place

    private GreTable(List<GreBinding> bindings) {
        this.bindings = bindings;
        int length = Integer.highestOneBit(Math.max(4, 2 * bindings.size())) * 4;
        mask = length - 1;
        places = new long[length];
        ports = new GreBinding[length][];
        for (GreBinding binding : bindings) {
            for (long place : binding.places()) {
                insert(place, binding);
            }
        }
    }

    /** The place of packets with a kind of payload and a key; of NVGRE, with a VSID. */
    @SuppressWarnings("EnumOrdinal") // in memory only
    static long place(Payload payload, long key) {
        return (long) payload.ordinal() << 33 | key + 1;
    }

    private void insert(long place, GreBinding binding) {
        int i = hash(place) & mask;
        while (ports[i] != null && places[i] != place) {
            i = i + 1 & mask;
        }
        places[i] = place;
        List<GreBinding> sharing = new ArrayList<>(ports[i] == null ? List.of() : List.of(ports[i]));
        sharing.add(binding);
        ports[i] = sharing.toArray(NONE);
    }

    private static int hash(long place) {
        long h = place * 0x9E37_79B9_7F4A_7C15L;
        return (int) (h >>> 32);
    }

    /** The ports at a place, told apart by their remote ends; empty when there is none. */
    GreBinding[] find(long place) {
        for (int i = hash(place) & mask; ports[i] != null; i = i + 1 & mask) {
            if (places[i] == place) {
                return ports[i];
            }
        }
        return NONE;
    }

    List<GreBinding> bindings() {
        return bindings;
    }

    GreTable with(GreBinding binding) {
        List<GreBinding> more = new ArrayList<>(bindings);
        more.add(binding);
        return new GreTable(List.copyOf(more));
    }

    GreTable without(GreBinding binding) {
        List<GreBinding> fewer = new ArrayList<>(bindings);
        fewer.remove(binding);
        return new GreTable(List.copyOf(fewer));
    }
}
