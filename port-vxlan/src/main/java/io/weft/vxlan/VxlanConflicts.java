package io.weft.vxlan;

import io.weft.port.PortException;
import io.weft.tunnel.BindingTable;
import io.weft.tunnel.TunnelBinding;
import io.weft.tunnel.TunnelConflicts;

/** What two ports that share a {@link Vtep} cannot both have. Threads: stateless. */
final class VxlanConflicts {
    private VxlanConflicts() {}

    /**
     * Checks a port that joins others.
     *
     * @param opened the settings that the socket was opened with
     * @throws PortException naming the option, its value and what is accepted
     */
    static void check(VxlanPort port, VxlanSettings opened, BindingTable<Binding> others) throws PortException {
        VxlanSettings wanted = port.settings();
        TunnelConflicts.same(wanted.tunnel(), opened.tunnel(), "gro", wanted.coalescing(), opened.coalescing());
        TunnelConflicts.same(
                wanted.tunnel(),
                opened.tunnel(),
                "udp6zerocsumrx",
                wanted.zeroChecksumReceive(),
                opened.zeroChecksumReceive());
        TunnelConflicts.same(
                wanted.tunnel(),
                opened.tunnel(),
                "rcvbuf",
                wanted.tunnel().receiveBuffer(),
                opened.tunnel().receiveBuffer());
        for (int vni : port.incomingVnis()) {
            for (TunnelBinding other : others.find(vni)) {
                TunnelConflicts.differ(port, other.port(), String.valueOf(vni)); // then the sender tells
            }
        }
    }
}
