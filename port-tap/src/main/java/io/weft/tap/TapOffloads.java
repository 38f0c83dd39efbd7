package io.weft.tap;

import io.weft.port.Offload;
import io.weft.port.OffloadMode;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * Finds out what of {@code TUNSETOFFLOAD} the kernel has, by asking for less and less. It says what the host may send; what
 * the host gets it takes in any case, but a kernel that does not know a kind of super-frame refuses to take it too.
 *
 * <p>Threads: stateless.
 */
final class TapOffloads {
    private static final int CSUM = 1;
    private static final int TSO4 = 2;
    private static final int TSO6 = 4;
    private static final int TSO_ECN = 8;
    private static final int USO4 = 0x20;
    private static final int USO6 = 0x40;

    /** From the best on. UDP segmentation came with Linux 6.2. */
    private static final int[] STEPS = {
        CSUM | TSO4 | TSO6 | TSO_ECN | USO4 | USO6, CSUM | TSO4 | TSO6 | TSO_ECN, CSUM | TSO4 | TSO6, CSUM, 0
    };

    private TapOffloads() {}

    /**
     * Has the kernel set as much as it knows of what is wanted, and be it nothing: a persistent device remembers what an
     * earlier user let the host send.
     *
     * @param set sets these bits, if the kernel knows them all
     */
    static Set<Offload> negotiate(IntPredicate set, OffloadMode wanted) {
        int most =
                switch (wanted) {
                    case ON -> STEPS[0];
                    case CSUM -> CSUM;
                    case OFF -> 0;
                };
        for (int bits : STEPS) {
            if (bits <= most && set.test(bits)) {
                return named(bits);
            }
        }
        return Set.of();
    }

    private static Set<Offload> named(int bits) {
        Set<Offload> names = EnumSet.noneOf(Offload.class);
        add(names, bits, CSUM, Offload.CHECKSUM);
        add(names, bits, TSO4, Offload.TSO4);
        add(names, bits, TSO6, Offload.TSO6);
        add(names, bits, TSO_ECN, Offload.TSO_ECN);
        add(names, bits, USO4 | USO6, Offload.USO);
        return names;
    }

    private static void add(Set<Offload> names, int bits, int wanted, Offload name) {
        if ((bits & wanted) == wanted) {
            names.add(name);
        }
    }
}
