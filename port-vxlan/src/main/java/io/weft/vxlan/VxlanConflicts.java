package io.weft.vxlan;

import io.weft.port.PortException;
import io.weft.tunnel.RemoteEnd;
import java.util.List;

/** What two ports that share a {@link Vtep} cannot both have. Threads: stateless. */
final class VxlanConflicts {
    private VxlanConflicts() {}

    /**
     * Checks a port that joins others.
     *
     * @param opened the settings that the socket was opened with
     * @throws PortException naming the option, its value and what is accepted
     */
    static void check(VxlanPort port, VxlanSettings opened, List<Binding> others) throws PortException {
        VxlanSettings wanted = port.settings();
        same(wanted, opened, "gro", wanted.coalescing(), opened.coalescing());
        same(wanted, opened, "udp6zerocsumrx", wanted.zeroChecksumReceive(), opened.zeroChecksumReceive());
        same(
                wanted,
                opened,
                "rcvbuf",
                wanted.tunnel().receiveBuffer(),
                opened.tunnel().receiveBuffer());
        for (Binding other : others) {
            for (int vni : port.incomingVnis()) {
                if (takes(other, vni)) {
                    checkRemotes(port, other.port(), vni);
                }
            }
        }
    }

    private static void same(VxlanSettings wanted, VxlanSettings opened, String option, Object value, Object there)
            throws PortException {
        if (!value.equals(there)) {
            throw new PortException("vxlan port '" + wanted.tunnel().name() + "': option " + option + " is '" + value
                    + "'; accepted: '" + there + "', as port '"
                    + opened.tunnel().name()
                    + "' has it, which listens at the same address and dst_port");
        }
    }

    private static boolean takes(Binding binding, int vni) {
        for (int taken : binding.vnis()) {
            if (taken == vni) {
                return true;
            }
        }
        return false;
    }

    /** Two ports may have one VNI if the sender tells which is meant. */
    private static void checkRemotes(VxlanPort port, VxlanPort other, int vni) throws PortException {
        String conflict = null;
        if (port.learnsRemotes() && other.learnsRemotes()) {
            conflict = "both learn remote ends";
        }
        for (RemoteEnd remote : port.remoteTable().all()) {
            if (other.remoteTable().find(remote.peer().high(), remote.peer().low()) != null) {
                conflict = "both have the remote end " + remote.peer().address();
            }
        }
        if (conflict != null) {
            throw new PortException("vxlan port '" + port.name() + "': key " + vni + " is port '" + other.name()
                    + "''s too, and " + conflict
                    + "; accepted: another key, another dst_port or local_ip, or other remote ends");
        }
    }
}
