package io.weft.srv6;

import io.weft.port.Port;
import io.weft.port.PortException;
import io.weft.route.NextHop;
import io.weft.route.RouteTable;
import io.weft.route.RouteTables;
import io.weft.tunnel.AddressLiteral;
import io.weft.tunnel.TunnelBinding;
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
     * @param owner whose SID it is, for messages and as {@code oif}
     * @param own the owner's own table; its routes say what is behind {@code nh4} and {@code nh6}, too
     * @param tables the others
     * @param binding the owner's place in the switch; {@code null} when it is no port
     * @throws PortException naming the SID, what is wrong with it and what is accepted
     */
    static Object of(SidSpec sid, Object owner, RouteTable own, RouteTables tables, TunnelBinding binding)
            throws PortException {
        SidTarget target = sid.target();
        return switch (sid.behaviour()) {
            case END -> null;
            case END_X -> UnderlayPeer.of(target.nextHop(), 0);
            case END_T, END_DT4, END_DT6, END_DT46 -> table(owner, sid, own, tables);
            case END_DX4, END_DX6 -> nextHop(owner, sid, own);
            case END_B6_ENCAPS, END_B6_ENCAPS_RED -> target.segments();
            case END_DX2, END_DX2V, END_DT2U, END_DT2M -> {
                String port = binding == null ? "" : binding.port().name();
                if (target.port() != null && !target.port().equals(port)) {
                    throw refused(owner, sid, "oif " + port + ", or none, as frames go into the switch by this port");
                }
                yield binding;
            }
        };
    }

    private static RouteTable table(Object owner, SidSpec sid, RouteTable own, RouteTables tables)
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
    private static NextHop nextHop(Object owner, SidSpec sid, RouteTable own) throws PortException {
        InetAddress address = sid.target().nextHop();
        UnderlayPeer peer = address == null ? null : UnderlayPeer.of(address, 0);
        NextHop found = peer == null ? null : own.lookup(peer.high(), peer.low());
        String port = sid.target().port();
        if (found == null && owner instanceof Srv6Port itself) {
            found = new NextHop.ByPort(itself);
        }
        if (found == null || found instanceof NextHop.ByTunnel) {
            throw refused(
                    owner,
                    sid,
                    "a next hop that a route of table " + own.name() + " leads to, by a port or a station"
                            + (address == null ? "" : ", as " + AddressLiteral.format(address) + " does not"));
        }
        Port by = found instanceof NextHop.ByStation station ? station.port() : ((NextHop.ByPort) found).port();
        if (port != null && !by.name().equals(port)) {
            throw refused(owner, sid, "oif " + by.name() + ", or none");
        }
        return found;
    }

    private static PortException refused(Object owner, SidSpec sid, String accepted) {
        return new PortException(owner + ": option sid is '" + sid + "'; accepted: " + accepted);
    }
}
