package io.weft.fdb;

/**
 * What the FDB is keyed by: a VLAN and a MAC address in one {@code long}.
 *
 * <pre>
 *   63        60 59            48 47                         0
 *   | 0        | VLAN id 0..4095 | MAC, first octet highest  |
 * </pre>
 *
 * <p>VLAN 0 stands for untagged (and priority-tagged) frames.
 */
public final class FdbKey {
    private static final long MAC_MASK = 0xFFFF_FFFF_FFFFL;

    private FdbKey() {}

    /** The key of a station. */
    public static long of(int vlan, long mac) {
        return (long) vlan << 48 | mac;
    }

    /** The key's VLAN id, 0..4095. */
    public static int vlan(long key) {
        return (int) (key >>> 48) & 0xfff;
    }

    /** The key's MAC address. */
    public static long mac(long key) {
        return key & MAC_MASK;
    }
}
