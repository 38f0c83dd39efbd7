package io.weft.srv6;

import io.weft.port.PortException;
import io.weft.underlay.SidRoute;
import java.util.List;

/**
 * Whose SIDs a {@link Srv6Listener} receives for: a port, or a node that only passes packets on.
 *
 * <p>Threads: immutable, as far as this goes.
 */
interface SidOwner {
    /** What it is, for messages: {@code srv6 port 's0'}. */
    @Override
    String toString();

    /** Its SIDs. */
    List<SidSpec> sids();

    /** Who may send to them. */
    SrDomain domain();

    /** As whom it sends what it makes of packets to them. */
    SrSource source();

    /** What is made for each SID; {@code null} for nothing. */
    SidRoute.Kind sidRoute();

    /**
     * What a SID's parameters mean here, as {@link LocalSid} takes it; with {@link Behaviour#END_DX2V} the binding.
     *
     * @param binding the owner's place in the switch; {@code null} when it is no port
     * @throws PortException naming the SID, and what is accepted
     */
    Object target(SidSpec sid, Srv6Binding binding) throws PortException;
}
