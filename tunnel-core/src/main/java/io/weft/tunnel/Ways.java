package io.weft.tunnel;

import io.weft.port.PortException;
import io.weft.tunnel.RemoteEnd.Origin;
import io.weft.underlay.UnderlayException;
import io.weft.underlay.UnderlayPeer;
import io.weft.underlay.UnderlaySocket;
import java.net.InetAddress;

/**
 * What the underlay says of the ways to remote ends, and of who may be one.
 *
 * <p>Threads: any.
 */
final class Ways {
    private final TunnelPort port;
    private final TunnelSettings settings;
    private final UnderlaySocket socket;

    /** As a socket of the tunnel's has them. */
    Ways(TunnelPort port, UnderlaySocket socket) {
        this.port = port;
        this.settings = port.tunnel();
        this.socket = socket;
    }

    /**
     * Checks that an address may be a remote end's.
     *
     * @throws PortException when it is a multicast group, of the other family, or this machine's own
     */
    void require(UnderlayPeer peer, Origin origin) throws PortException {
        if (peer.isIpv4() == settings.ipv6()) {
            throw new PortException("remote end " + peer.address() + " of " + settings.name() + " is an "
                    + (settings.ipv6() ? "IPv4" : "IPv6") + " address; accepted: an "
                    + (settings.ipv6() ? "IPv6" : "IPv4") + " one, as the underlay is");
        }
        if (peer.isMulticast() && origin != Origin.GROUP) {
            throw new PortException("remote end " + peer.address() + " of " + settings.name()
                    + " is a multicast group; accepted: a unicast address, or option group");
        }
        if (origin != Origin.GROUP && isOwn(peer)) {
            throw new PortException("remote end " + peer.address() + " of " + settings.name()
                    + " is the port's own address; accepted: that of another one");
        }
    }

    /** Whether it is our own address: the local one, or where that is any, any of this machine's. */
    boolean isOwn(UnderlayPeer peer) {
        if (settings.local() != null) {
            return settings.local().equals(peer.toSocketAddress().getAddress());
        }
        InetAddress source = socket.sourceFor(peer);
        return source != null && source.equals(peer.toSocketAddress().getAddress());
    }

    /**
     * The MTU of the way to a remote end that comes, its IP header counted; 0 when it is not known.
     *
     * @throws PortException when there is no way
     */
    int mtu(UnderlayPeer peer) throws PortException {
        try {
            return port.pathMtu(socket, peer);
        } catch (UnderlayException e) {
            throw TunnelAdvice.notReached(settings, new RemoteSpec(peer.address()), e);
        }
    }

    /** Asks for the MTU of the way to a remote end again; whether it has changed. */
    boolean look(RemoteEnd remote) {
        int mtu;
        try {
            mtu = port.pathMtu(socket, remote.peer());
        } catch (UnderlayException e) {
            return false; // told when something is to be sent there
        }
        boolean changed = mtu > 0 && mtu != remote.pathMtu();
        if (changed) {
            remote.pathMtu(mtu);
        }
        return changed;
    }
}
