package io.weft.vxlan;

import java.util.ArrayList;
import java.util.List;

/**
 * Which ports take the frames of a VNI: an immutable table of open addressing, made anew when a port comes or goes.
 *
 * <p>Threads: immutable.
 */
final class VniTable {
    static final VniTable EMPTY = new VniTable(List.of());

    private static final Binding[] NONE = {};

    private final List<Binding> bindings;
    private final int mask;
    private final int[] vnis;
    private final Binding[][] ports; // null where there is no VNI

    private VniTable(List<Binding> bindings) {
        this.bindings = bindings;
        int count = 0;
        for (Binding binding : bindings) {
            count += binding.vnis().length;
        }
        int length = Integer.highestOneBit(Math.max(4, count)) * 4;
        mask = length - 1;
        vnis = new int[length];
        ports = new Binding[length][];
        for (Binding binding : bindings) {
            for (int vni : binding.vnis()) {
                insert(vni, binding);
            }
        }
    }

    private void insert(int vni, Binding binding) {
        int i = hash(vni) & mask;
        while (ports[i] != null && vnis[i] != vni) {
            i = i + 1 & mask;
        }
        vnis[i] = vni;
        List<Binding> sharing = new ArrayList<>(ports[i] == null ? List.of() : List.of(ports[i]));
        sharing.add(binding);
        ports[i] = sharing.toArray(NONE);
    }

    private static int hash(int vni) {
        int h = vni * 0x9E37_79B9;
        return h ^ h >>> 15;
    }

    /** The ports of a VNI, told apart by their remote ends; empty when it has none. */
    Binding[] find(int vni) {
        for (int i = hash(vni) & mask; ports[i] != null; i = i + 1 & mask) {
            if (vnis[i] == vni) {
                return ports[i];
            }
        }
        return NONE;
    }

    List<Binding> bindings() {
        return bindings;
    }

    VniTable with(Binding binding) {
        List<Binding> more = new ArrayList<>(bindings);
        more.add(binding);
        return new VniTable(List.copyOf(more));
    }

    VniTable without(Binding binding) {
        List<Binding> fewer = new ArrayList<>(bindings);
        fewer.remove(binding);
        return new VniTable(List.copyOf(fewer));
    }
}
