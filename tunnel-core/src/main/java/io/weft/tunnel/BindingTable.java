package io.weft.tunnel;

import java.util.ArrayList;
import java.util.List;

/**
 * Which ports take the datagrams with a key: an immutable table of open addressing, made anew when a port comes or goes.
 *
 * <p>Threads: immutable.
 *
 * @param <B> a port at the listener
 */
public final class BindingTable<B extends TunnelBinding> {
    private static final TunnelBinding[] NONE = {};

    private final List<B> bindings;
    private final int mask;
    private final long[] keys;
    private final TunnelBinding[][] ports; // null where there is no key

    /** Without ports. */
    public BindingTable() {
        this(List.of());
    }

    private BindingTable(List<B> bindings) {
        this.bindings = bindings;
        int count = 0;
        for (B binding : bindings) {
            count += binding.keys().length;
        }
        int length = Integer.highestOneBit(Math.max(4, count)) * 4;
        mask = length - 1;
        keys = new long[length];
        ports = new TunnelBinding[length][];
        for (B binding : bindings) {
            for (long key : binding.keys()) {
                insert(key, binding);
            }
        }
    }

    private void insert(long key, TunnelBinding binding) {
        int i = hash(key) & mask;
        while (ports[i] != null && keys[i] != key) {
            i = i + 1 & mask;
        }
        keys[i] = key;
        List<TunnelBinding> sharing = new ArrayList<>(ports[i] == null ? List.of() : List.of(ports[i]));
        sharing.add(binding);
        ports[i] = sharing.toArray(NONE);
    }

    private static int hash(long key) {
        return (int) (key * 0x9E37_79B9_7F4A_7C15L >>> 32);
    }

    /** The ports with a key, told apart by their remote ends; empty when there is none. Not to be changed. */
    public TunnelBinding[] find(long key) {
        for (int i = hash(key) & mask; ports[i] != null; i = i + 1 & mask) {
            if (keys[i] == key) {
                return ports[i];
            }
        }
        return NONE;
    }

    /** All ports, in the order they came. */
    public List<B> bindings() {
        return bindings;
    }

    /** The same with one more. */
    public BindingTable<B> with(B binding) {
        List<B> more = new ArrayList<>(bindings);
        more.add(binding);
        return new BindingTable<>(List.copyOf(more));
    }

    /** The same without one. */
    public BindingTable<B> without(B binding) {
        List<B> fewer = new ArrayList<>(bindings);
        fewer.remove(binding);
        return new BindingTable<>(List.copyOf(fewer));
    }
}
