package io.weft.vxlan;

import io.weft.frame.FramePool;
import io.weft.port.PortException;
import io.weft.port.PortHandle;
import io.weft.tunnel.BindingTable;
import io.weft.tunnel.RemoteEnd;
import io.weft.tunnel.TunnelBinding;
import io.weft.tunnel.TunnelConflicts;
import io.weft.tunnel.TunnelListener;
import io.weft.tunnel.TunnelReceiver;
import io.weft.underlay.Underlay;
import io.weft.underlay.UnderlayException;
import io.weft.underlay.UnderlayReceiver;
import io.weft.underlay.UnderlaySocket;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.Set;

/**
 * A listening socket of VXLAN (RFC 7348), shared by all ports of a switch that have the same address and UDP port: what comes
 * in is told apart by its VNI and by who sent it.
 *
 * <p>Threads: as {@link io.weft.port.PortDriver} says; {@link #bind}, {@link #unbind}, {@link #claim} and {@link #join} by any.
 */
final class Vtep extends TunnelListener<VtepCounter> {
    /**
     * What ports have in common that share one.
     *
     * @param local {@code null} for any address
     * @param networkInterface {@code null} for any
     * @param netns {@code null} for the program's own
     */
    record Key(boolean ipv6, InetAddress local, int port, String networkInterface, String netns) {}

    private final Key key;
    private final VxlanSettings settings; // of the port that came first
    private final Underlay underlay;
    private final Set<InetAddress> groups = new HashSet<>();
    private volatile BindingTable<Binding> table = new BindingTable<>();

    Vtep(Key key, VxlanSettings settings, Underlay underlay) {
        super("vtep", VtepCounter.class, VtepCounter.QUEUE_FULL);
        this.key = key;
        this.settings = settings;
        this.underlay = underlay;
    }

    @Override
    protected UnderlaySocket openSocket() throws PortException {
        try {
            return underlay.open(VxlanSockets.listening(settings, key));
        } catch (UnderlayException e) {
            throw VxlanAdvice.notListening(settings, key.port(), e);
        }
    }

    @Override
    protected TunnelReceiver newReceiver(UnderlayReceiver datagrams, FramePool pool) {
        return new VxlanReceiver(this, datagrams, pool);
    }

    // ---- ports ----

    /**
     * Has a port receive what comes for its VNIs.
     *
     * @throws PortException when another port takes the same frames, or wants the socket to be another one
     */
    synchronized Binding bind(VxlanPort port, PortHandle handle) throws PortException {
        VxlanConflicts.check(port, settings, table);
        Binding binding = new Binding(port, handle);
        table = table.with(binding);
        return binding;
    }

    /**
     * Has a remote end be that of no other port with one of the same VNIs.
     *
     * @throws PortException when it is, not by learning only
     */
    synchronized void claim(VxlanPort port, RemoteEnd remote) throws PortException {
        for (int vni : port.incomingVnis()) {
            TunnelConflicts.claim(port, remote, table.find(vni), String.valueOf(vni));
        }
    }

    synchronized void unbind(Binding binding) {
        table = table.without(binding);
    }

    /** Receives what is sent to a multicast group. */
    synchronized void join(InetAddress group, String networkInterface) throws UnderlayException {
        if (!groups.contains(group)) {
            socket().join(group, networkInterface);
            groups.add(group);
        }
    }

    TunnelBinding[] ports(int vni) {
        return table.find(vni);
    }

    @Override
    public String toString() {
        String address = key.local() == null ? "*" : key.local().getHostAddress();
        return "vtep " + (key.ipv6() && key.local() != null ? "[" + address + "]" : address) + ":" + key.port();
    }
}
