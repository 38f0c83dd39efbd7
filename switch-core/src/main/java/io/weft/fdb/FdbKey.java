package io.weft.fdb;

import io.weft.frame.Ethernet;
import io.weft.frame.MacAddress;

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
    /** Highest VLAN that a station can be in. */
    public static final int MAX_VLAN = 4_094;

    private static final long MAC_MASK = 0xFFFF_FFFF_FFFFL;

    private FdbKey() {}

    /** The key of a station. */
    public static long of(int vlan, long mac) {
        return (long) vlan << 48 | mac;
    }

    /**
     * The key of a station that somebody sets.
     *
     * @throws IllegalArgumentException for a VLAN or an address that no station has, naming what is accepted
     */
    public static long ofStation(int vlan, long mac) {
        if (vlan < 0 || vlan > MAX_VLAN) {
            throw new IllegalArgumentException("VLAN is " + vlan + "; accepted: 0.." + MAX_VLAN);
        }
        if (mac >>> 48 != 0 || !Ethernet.isLearnable(mac)) {
            throw new IllegalArgumentException("MAC address is "
                    + (mac >>> 48 != 0 ? "0x" + Long.toHexString(mac) : MacAddress.format(mac))
                    + "; accepted: a station's, neither zero nor a group's");
        }
        return of(vlan, mac);
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
