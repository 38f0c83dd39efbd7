package io.weft.tunnel;

import io.weft.port.PortException;
import io.weft.tunnel.RemoteEnd.Origin;
import java.util.ArrayList;
import java.util.List;

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
     * Checks that the sender of a packet tells which of two ports with one key is meant. Remote ends that the other one has
     * only learned become those of the port that was given them.
     *
     * @param key the key for people
     * @throws PortException saying what both have
     */
    public static void differ(TunnelPort port, TunnelPort other, String key) throws PortException {
        if (port.learnsRemotes() && other.learnsRemotes()) {
            throw conflict(port, other, key, "both learn remote ends");
        }
        List<RemoteEnd> theirs = new ArrayList<>();
        for (RemoteEnd remote : port.remoteTable().all()) {
            RemoteEnd there = requireLearned(port, other, remote, key);
            if (there != null) {
                theirs.add(there);
            }
        }
        theirs.forEach(remote -> other.giveWay(remote, port));
    }

    /**
     * Checks that a remote end that comes is that of no other port with one key. Others that have only learned it forget it.
     *
     * @param sharing the ports with the key, and {@code port} perhaps
     * @param key the key for people
     * @throws PortException saying what both have
     */
    public static void claim(TunnelPort port, RemoteEnd remote, TunnelBinding[] sharing, String key)
            throws PortException {
        for (TunnelBinding other : sharing) {
            if (other.port() != port) {
                RemoteEnd there = requireLearned(port, other.port(), remote, key);
                if (there != null) {
                    other.port().giveWay(there, port);
                }
            }
        }
    }

    /** The other port's remote end with the same address, which is a learned one; {@code null} when there is none. */
    private static RemoteEnd requireLearned(TunnelPort port, TunnelPort other, RemoteEnd remote, String key)
            throws PortException {
        RemoteEnd there =
                other.remoteTable().find(remote.peer().high(), remote.peer().low());
        if (there != null && there.origin() != Origin.LEARNED) {
            throw conflict(
                    port,
                    other,
                    key,
                    "both have the remote end " + remote.peer().address());
        }
        return there;
    }

    private static PortException conflict(TunnelPort port, TunnelPort other, String key, String conflict) {
        return new PortException(port.tunnel().scheme() + " port '" + port.name() + "': key " + key + " is port '"
                + other.name() + "''s too, and " + conflict
                + "; accepted: another key, local_ip, or where there is one dst_port, or other remote ends");
    }
}
