package io.weft.route;

import io.weft.frame.Frame;
import io.weft.frame.IpPrefix;
import io.weft.port.Port;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Where packets go, IPv4 and IPv6, by the longest prefix that their destination begins with. What one tenant or one VPN knows is
 * one table, so the same prefix may lead elsewhere in another.
 *
 * <p>Threads: any for all methods. Look-ups take no lock and allocate nothing.
 */
public final class RouteTable {
    /** What names of tables are made of. */
    public static final String NAME_ACCEPTED = "1..63 letters, digits and . _ -";

    private final String name;
    private final PrefixTable<NextHop> routes;

    /** A table for {@link PrefixTable#DEFAULT_CAPACITY} routes. */
    public RouteTable(String name) {
        this(name, PrefixTable.DEFAULT_CAPACITY);
    }

    /**
     * An empty table.
     *
     * @param name a name or a number, 1..63 letters, digits and {@code . _ -}
     * @param capacity most routes, 1..{@link PrefixTable#MAX_CAPACITY}
     */
    public RouteTable(String name, int capacity) {
        if (!name.matches("[A-Za-z0-9._-]{1,63}")) {
            throw new IllegalArgumentException("table is '" + name + "'; accepted: " + NAME_ACCEPTED);
        }
        this.name = name;
        this.routes = new PrefixTable<>(capacity);
    }

    /** What it is called. */
    public String name() {
        return name;
    }

    // ---- look-ups, on the path of packets ----

    /** Where the route for an address, IPv4 or IPv6, leads, or {@code null}: there is none. */
    public NextHop lookup(long high, long low) {
        return routes.lookup(high, low);
    }

    /** The same for an IPv4 address, first octet highest. */
    public NextHop lookupIpv4(int address) {
        return routes.lookupIpv4(address);
    }

    /** The same for an IPv6 address, for one that maps an IPv4 address, too: no way leads from IPv6 to IPv4 routes. */
    public NextHop lookupIpv6(long high, long low) {
        return routes.lookupIpv6(high, low);
    }

    /**
     * Where the route for a packet's destination leads, or {@code null}: there is none, or the frame holds no IP packet.
     *
     * @param packet as layer-3 ports have it, with an Ethernet header of 14 bytes
     */
    public NextHop lookup(Frame packet) {
        return routes.lookup(packet);
    }

    // ---- routes ----

    /**
     * Adds a route, or has it lead elsewhere.
     *
     * @param network the bits behind the prefix 0
     * @return where it led, or {@code null}: it is new
     * @throws IllegalArgumentException when bits behind the prefix are set
     * @throws IllegalStateException when the table is full and the route is a new one
     */
    public NextHop put(IpPrefix network, NextHop nextHop) {
        if (!network.isNetwork()) {
            throw new IllegalArgumentException("route is " + network + "; accepted: " + network.network());
        }
        try {
            return routes.put(network, nextHop);
        } catch (IllegalStateException e) {
            throw new IllegalStateException("table '" + name + "': " + e.getMessage(), e);
        }
    }

    /** Where the route for exactly this network leads, or {@code null}: there is none. */
    public NextHop get(IpPrefix network) {
        return routes.get(network);
    }

    /** Removes a route; returns where it led, or {@code null}: there was none. */
    public NextHop remove(IpPrefix network) {
        return routes.remove(network);
    }

    /** Removes the routes by a port that goes; returns how many. */
    public int removeBy(Port port) {
        return removeIf(nextHop -> nextHop.isBy(port));
    }

    /** Removes the routes that lead somewhere; returns how many. Those put meanwhile may be left. */
    public int removeIf(Predicate<NextHop> condition) {
        int removed = 0;
        for (Map.Entry<IpPrefix, NextHop> route : routes.list()) {
            if (condition.test(route.getValue()) && routes.remove(route.getKey()) != null) {
                removed++;
            }
        }
        return removed;
    }

    /** How many routes there are. */
    public int size() {
        return routes.size();
    }

    /** A copy of all routes, of one moment, IPv4 first, long prefixes before short ones. */
    public List<Map.Entry<IpPrefix, NextHop>> list() {
        return routes.list();
    }

    /** The table's name and how many routes it has. */
    @Override
    public String toString() {
        return "table " + name + ", " + size() + " routes";
    }
}
