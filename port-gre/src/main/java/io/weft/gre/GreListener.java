package io.weft.gre;

import io.weft.frame.FramePool;
import io.weft.port.PortException;
import io.weft.port.PortHandle;
import io.weft.tunnel.AddressLiteral;
import io.weft.tunnel.BindingTable;
import io.weft.tunnel.RemoteEnd;
import io.weft.tunnel.TunnelBinding;
import io.weft.tunnel.TunnelConflicts;
import io.weft.tunnel.TunnelListener;
import io.weft.tunnel.TunnelReceiver;
import io.weft.underlay.Underlay;
import io.weft.underlay.UnderlayPeer;
import io.weft.underlay.UnderlayReceiver;
import io.weft.underlay.UnderlaySocket;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * A socket that GRE is received by, shared by all ports of a switch that have the same address: a raw one, or of UDP (RFC 8086).
 * What comes in is told apart by what is inside, its key, and who sent it. A raw socket gets a copy of all GRE packets of
 * its address, those for other programs too; so it asks the kernel for those of the ports' remote ends only, as long as none of
 * the ports learns any.
 *
 * <p>Threads: as {@link io.weft.port.PortDriver} says; {@link #bind}, {@link #unbind}, {@link #claim} and {@link #refilter} by any.
 */
final class GreListener extends TunnelListener<GreCounter> {
    /**
     * What ports have in common that share one.
     *
     * @param local {@code null} for any address
     * @param networkInterface {@code null} for any
     * @param netns {@code null} for the program's own
     * @param udpPort 0 for a raw socket
     */
    record Key(boolean ipv6, InetAddress local, String networkInterface, String netns, int udpPort) {
        static Key of(GreSettings settings) {
            return new Key(
                    settings.tunnel().ipv6(),
                    settings.tunnel().local(),
                    settings.tunnel().networkInterface(),
                    settings.tunnel().netns(),
                    settings.udp() == null ? 0 : settings.udp().port());
        }
    }

    private final Key key;
    private final GreSettings settings; // of the port that came first
    private final Underlay underlay;
    private volatile BindingTable<GreBinding> table = new BindingTable<>();
    private boolean receivesAll; // as the socket was told

    GreListener(Key key, GreSettings settings, Underlay underlay) {
        super("gre", GreCounter.class, GreCounter.QUEUE_FULL);
        this.key = key;
        this.settings = settings;
        this.underlay = underlay;
    }

    @Override
    protected UnderlaySocket openSocket() throws PortException {
        return GreSockets.listening(settings, underlay);
    }

    @Override
    protected TunnelReceiver newReceiver(UnderlayReceiver datagrams, FramePool pool) {
        return new GreReceiver(this, datagrams, pool, key.udpPort() == 0);
    }

    /**
     * Has a port receive what comes for it.
     *
     * @throws PortException when another port takes the same packets, or wants the socket to be another one
     */
    synchronized GreBinding bind(GrePort port, PortHandle handle) throws PortException {
        GreBinding binding = new GreBinding(port, handle);
        check(binding);
        table = table.with(binding);
        refilter();
        return binding;
    }

    private void check(GreBinding binding) throws PortException {
        GreSettings wanted = binding.port().settings();
        TunnelConflicts.same(
                wanted.tunnel(),
                settings.tunnel(),
                "rcvbuf",
                wanted.tunnel().receiveBuffer(),
                settings.tunnel().receiveBuffer());
        if (wanted.udp() != null) {
            TunnelConflicts.same(
                    wanted.tunnel(),
                    settings.tunnel(),
                    "gro",
                    wanted.udp().coalescing(),
                    settings.udp().coalescing());
            TunnelConflicts.same(
                    wanted.tunnel(),
                    settings.tunnel(),
                    "udp6zerocsumrx",
                    wanted.udp().zeroChecksumReceive(),
                    settings.udp().zeroChecksumReceive());
        }
        for (long place : GrePlace.of(wanted)) {
            for (TunnelBinding other : table.find(place)) {
                TunnelConflicts.differ(binding.port(), other.port(), key(wanted));
            }
        }
    }

    private static String key(GreSettings settings) {
        return settings.inKey() < 0 ? "none" : String.valueOf(settings.inKey());
    }

    /**
     * Has a remote end be that of no other port that takes the same packets.
     *
     * @throws PortException when it is, not by learning only
     */
    synchronized void claim(GrePort port, RemoteEnd remote) throws PortException {
        GreSettings wanted = port.settings();
        for (long place : GrePlace.of(wanted)) {
            TunnelConflicts.claim(port, remote, table.find(place), key(wanted));
        }
    }

    synchronized void unbind(GreBinding binding) {
        table = table.without(binding);
        refilter();
    }

    /** Remote ends of a port have come or gone. */
    synchronized void refilter() {
        boolean all =
                table.bindings().stream().anyMatch(binding -> binding.port().learnsRemotes());
        if (all && receivesAll) {
            return; // each remote end that is learned comes by here
        }
        receivesAll = all;
        socket().receiveFrom(all ? null : sources());
    }

    private List<UnderlayPeer> sources() {
        List<UnderlayPeer> sources = new ArrayList<>();
        for (GreBinding binding : table.bindings()) {
            binding.port().remoteTable().all().stream().map(RemoteEnd::peer).forEach(sources::add);
        }
        return sources;
    }

    TunnelBinding[] ports(long place) {
        return table.find(place);
    }

    @Override
    public String toString() {
        String address = key.local() == null ? "*" : AddressLiteral.format(key.local());
        if (key.udpPort() == 0) {
            return "gre " + address;
        }
        return "gre udp " + (address.indexOf(':') < 0 ? address : "[" + address + "]") + ":" + key.udpPort();
    }
}
