package io.weft.neighbour;

import io.weft.frame.Ethernet;

/**
 * Who has which IP address, as {@link NeighbourResponder} asks.
 *
 * <p>Threads: any; look-ups take no lock and allocate nothing.
 */
public interface NeighbourBindings {
    /** {@link #lookupIpv4} and {@link #lookupIpv6}: there is no such binding. */
    long MISS = -1;

    /** In a binding's value, above the MAC address: it is a router's. */
    long ROUTER_BIT = 1L << 48;

    /** Whether there is no binding at all. */
    boolean isEmpty();

    /** The binding's value, for {@link #mac} and {@link #isRouter}, or {@link #MISS}; first octet of the address highest. */
    long lookupIpv4(int vlan, int address);

    /** The binding's value, for {@link #mac} and {@link #isRouter}, or {@link #MISS}; {@code high} has the first octets. */
    long lookupIpv6(int vlan, long high, long low);

    /** The MAC address of a value that a look-up returned, which was not {@link #MISS}. */
    static long mac(long value) {
        return value & Ethernet.BROADCAST;
    }

    /** Whether the value that a look-up returned, which was not {@link #MISS}, is a router's. */
    static boolean isRouter(long value) {
        return (value & ROUTER_BIT) != 0;
    }
}
