package io.weft.tunnel;

import io.weft.frame.EtherType;
import io.weft.frame.Ethernet;
import io.weft.frame.Frame;
import io.weft.frame.IpFrame;
import io.weft.frame.IpPrefix;
import io.weft.frame.Ipv4;
import io.weft.frame.Ipv6;
import io.weft.port.DropReason;
import io.weft.port.PortException;
import io.weft.route.PrefixTable;
import io.weft.underlay.UnderlayPeer;
import java.util.List;
import java.util.Objects;

/**
 * Behind which remote end of a port that carries IP packets which addresses are. The longest prefix decides. What no route is for
 * goes to the remote end if there is one only, and there never was a route; what is for multicast groups goes to all.
 *
 * <p>A remote end's routes leave with it, and stay when its name gets another address.
 *
 * <p>Threads: any.
 */
public final class RemoteRoutes {
    private final TunnelPort port;
    private final PrefixTable<RemoteEnd> table = new PrefixTable<>();
    private volatile boolean used; // whether there has been a route

    /** The routes of a port, which asks {@link #steer} in its {@link TunnelPort#admit}, and tells who {@link #departed}. */
    public RemoteRoutes(TunnelPort port) {
        this.port = port;
    }

    /**
     * Adds what the options say.
     *
     * @throws PortException naming the route that leads to nobody
     */
    public void putAll(List<RouteSpec> routes) throws PortException {
        for (RouteSpec route : routes) {
            UnderlayPeer via = UnderlayPeer.of(route.remote(), 0);
            RemoteEnd remote = port.remoteTable().find(via.high(), via.low());
            if (remote == null) {
                throw new PortException(port.tunnel().scheme() + " port '" + port.name() + "': option route is '"
                        + route + "'; accepted: a remote end of the port, which " + via.address() + " is not");
            }
            put(IpPrefix.of(route.network(), route.length()), remote);
        }
    }

    /**
     * Has packets to these addresses sent to a remote end.
     *
     * @throws IllegalArgumentException when it is not one of {@link TunnelPort#remotes} (any more)
     * @throws IllegalStateException when there are 131,072 routes already
     */
    public void put(IpPrefix network, RemoteEnd remote) {
        Objects.requireNonNull(remote, "remote");
        synchronized (table) { // whoever leaves between the check and the route takes the route away after that
            if (!port.isOpened() || port.remoteTable().get(remote.endpoint()) != remote) {
                throw new IllegalArgumentException("route is '" + network + " via " + remote
                        + "'; accepted: one of the remote ends that " + port + " has now");
            }
            table.put(network, remote);
        }
        used = true;
    }

    /** Takes a route away; {@code false} when there was none for exactly these addresses. */
    public boolean remove(IpPrefix network) {
        return table.remove(network) != null;
    }

    /** Takes the routes away that lead to a remote end, which is none any more. */
    public void departed(RemoteEnd gone) {
        synchronized (table) {
            if (table.size() > 0) {
                table.forEach((network, remote) -> {
                    if (remote.endpoint() == gone.endpoint()) {
                        table.remove(network);
                    }
                });
            }
        }
    }

    /**
     * Gives a frame the remote end that its packet is to go to ({@link Frame#endpoint}): none that it had before counts, except that
     * what is for all may say whom it is not to go back to.
     *
     * @return why it goes to nobody: {@link DropReason#NOT_IP}, {@link DropReason#NO_REMOTE}; {@code null} when it goes
     */
    public DropReason steer(Frame frame) {
        if (!IpFrame.isPacket(frame)) {
            return DropReason.NOT_IP;
        }
        RemoteEnd remote = table.lookup(frame);
        if (remote != null) {
            frame.endpoint(remote.endpoint());
            return null;
        }
        if (!mayGoToAll(frame)) {
            return DropReason.NO_REMOTE;
        }
        if (frame.endpoint() > 0) { // a negative one says where it is not to go back to
            frame.endpoint(0);
        }
        return null;
    }

    private boolean mayGoToAll(Frame packet) {
        return !used && port.floodedRemotes() <= 1 || isForGroup(packet);
    }

    /** Whether a packet is for a multicast group, or for all. */
    private static boolean isForGroup(Frame packet) {
        int ip = Ethernet.HEADER_LENGTH;
        if (Ethernet.type(packet) == EtherType.IPV6) {
            return Ipv6.isPresent(packet, ip) && Ipv6.isMulticast(Ipv6.destinationHigh(packet, ip));
        }
        int destination = Ipv4.isPresent(packet, ip) ? Ipv4.destination(packet, ip) : 0;
        return destination >>> 28 == 0xe || destination == -1;
    }
}
