package io.weft.tunnel;

import io.weft.port.PortException;

/** What two ports that share a {@link TunnelListener} cannot both have. Threads: stateless. */
public final class TunnelConflicts {
    private TunnelConflicts() {}

    /**
     * Checks an option that the socket was opened with.
     *
     * @throws PortException naming the option, its value and what is accepted
     */
    public static void same(TunnelSettings wanted, TunnelSettings opened, String option, Object value, Object there)
            throws PortException {
        if (!value.equals(there)) {
            throw new PortException(
                    wanted.scheme() + " port '" + wanted.name() + "': option " + option + " is '" + value
                            + "'; accepted: '" + there + "', as port '" + opened.name()
                            + "' has it, which receives at the same address");
        }
    }

    /**
     * Checks that the sender of a packet tells which of two ports with one key is meant.
     *
     * @param key the key for people
     * @throws PortException saying what both have
     */
    public static void differ(TunnelPort port, TunnelPort other, String key) throws PortException {
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
            throw new PortException(port.tunnel().scheme() + " port '" + port.name() + "': key " + key + " is port '"
                    + other.name() + "''s too, and " + conflict
                    + "; accepted: another key, local_ip, or where there is one dst_port, or other remote ends");
        }
    }
}
