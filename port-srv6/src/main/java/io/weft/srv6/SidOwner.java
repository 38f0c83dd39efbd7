package io.weft.srv6;

import io.weft.port.PortException;
import io.weft.route.RouteTable;
import io.weft.route.RouteTables;
import io.weft.underlay.SidRoute;
import java.util.List;

/**
 * Whose SIDs a {@link Srv6Listener} receives for: what a port, or a node that only passes packets on, is to it.
 *
 * <p>Threads: immutable.
 */
final class SidOwner {
    private final String name;
    private final List<SidSpec> sids;
    private final SrDomain domain;
    private final SrSource source;
    private final SidRoute.Kind sidRoute;
    private final RouteTable ownTable;
    private final RouteTables tables;

    /**
     * An owner.
     *
     * @param name what it is, for messages: {@code srv6:s0}
     * @param domain who may send to its SIDs
     * @param source as whom it sends what it makes of packets to them
     * @param sidRoute what is made for each SID; {@code null} for nothing
     * @param ownTable the table that has its name
     * @param tables the others that its SIDs may name
     */
    SidOwner(
            String name,
            List<SidSpec> sids,
            SrDomain domain,
            SrSource source,
            SidRoute.Kind sidRoute,
            RouteTable ownTable,
            RouteTables tables) {
        this.name = name;
        this.sids = List.copyOf(sids);
        this.domain = domain;
        this.source = source;
        this.sidRoute = sidRoute;
        this.ownTable = ownTable;
        this.tables = tables;
    }

    List<SidSpec> sids() {
        return sids;
    }

    SrDomain domain() {
        return domain;
    }

    SrSource source() {
        return source;
    }

    SidRoute.Kind sidRoute() {
        return sidRoute;
    }

    /**
     * What a SID's parameters mean here, as {@link LocalSid} takes it; with {@link Behaviour#END_DX2V} the binding.
     *
     * @param binding the owner's place in the switch; {@code null} when it is no port
     * @throws PortException naming the SID, and what is accepted
     */
    Object target(SidSpec sid, Srv6Binding binding) throws PortException {
        return SidTargets.of(sid, name, ownTable, tables, binding);
    }

    /** What it is, for messages. */
    @Override
    public String toString() {
        return name;
    }
}
