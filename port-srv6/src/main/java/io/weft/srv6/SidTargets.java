package io.weft.srv6;

import io.weft.port.Port;
import io.weft.port.PortException;
import io.weft.route.NextHop;
import io.weft.route.RouteTable;
import io.weft.route.RouteTables;
import io.weft.tunnel.AddressLiteral;
import io.weft.underlay.UnderlayPeer;
import java.net.InetAddress;

/**
 * What the parameters of a SID mean to its owner: names become tables and ports, addresses next hops.
 *
 * <p>Threads: stateless.
 */
final class SidTargets {
    private SidTargets() {}

    /**
     * What {@link LocalSid} takes.
     *
     * @param owner whose SID it is, for messages
     * @param own the owner's own table; its routes say what is behind {@code nh4} and {@code nh6}, too
     * @param tables the others
     * @param binding the port's place in the switch; {@code null} when the owner is a node, which has no SIDs that take packets out of
     *     their headers
     * @throws PortException naming the SID, what is wrong with it and what is accepted
     */
    static Object of(SidSpec sid, String owner, RouteTable own, RouteTables tables, Srv6Binding binding)
            throws PortException {
        SidTarget target = sid.target();
        return switch (sid.behaviour()) {
            case END -> null;
            case END_X -> UnderlayPeer.of(target.nextHop(), 0);
            case END_T, END_DT4, END_DT6, END_DT46 -> table(owner, sid, own, tables);
            case END_DX4, END_DX6 -> {
                NextHop nextHop = target.nextHop() == null
                        ? new NextHop.ByPort(binding.port())
                        : nextHop(owner, sid, own, binding.port());
                requirePort(owner, sid, portOf(nextHop), "");
                yield nextHop;
            }
            case END_B6_ENCAPS, END_B6_ENCAPS_RED -> target.segments();
            case END_DX2, END_DX2V, END_DT2U, END_DT2M -> {
                requirePort(owner, sid, binding.port(), ", as frames go into the switch by this port");
                yield binding;
            }
        };
    }

    private static RouteTable table(String owner, SidSpec sid, RouteTable own, RouteTables tables)
            throws PortException {
        String name = sid.target().table();
        if (name.equals(own.name())) {
            return own;
        }
        try {
            return tables.get(name);
        } catch (IllegalArgumentException e) {
            throw new PortException(
                    owner + ": option sid is '" + sid + "': " + e.getMessage() + "; or " + own.name() + ", its own", e);
        }
    }

    /** A packet goes into the switch by the port; what is to be known of the next hop besides, the port's table says. */
    private static NextHop nextHop(String owner, SidSpec sid, RouteTable own, Srv6Port port) throws PortException {
        InetAddress address = sid.target().nextHop();
        UnderlayPeer peer = UnderlayPeer.of(address, 0);
        NextHop found = own.lookup(peer.high(), peer.low());
        if (found instanceof NextHop.ByTunnel) {
            throw refused(
                    owner,
                    sid,
                    "a next hop that a route of table " + own.name() + " leads to, by a port or a station, as "
                            + AddressLiteral.format(address) + " does not");
        }
        return found == null ? new NextHop.ByPort(port) : found;
    }

    private static Port portOf(NextHop nextHop) {
        return nextHop instanceof NextHop.ByStation station ? station.port() : ((NextHop.ByPort) nextHop).port();
    }

    /** {@code oif} says nothing new; it may be there for those who know it from the kernel. */
    private static void requirePort(String owner, SidSpec sid, Port port, String because) throws PortException {
        String given = sid.target().port();
        if (given != null && !given.equals(port.name())) {
            throw refused(owner, sid, "oif " + port.name() + ", or none" + because);
        }
    }

    private static PortException refused(String owner, SidSpec sid, String accepted) {
        return new PortException(owner + ": option sid is '" + sid + "'; accepted: " + accepted);
    }
}
