package io.weft.srv6;

import io.weft.frame.EtherType;
import io.weft.frame.Ethernet;
import io.weft.frame.Frame;
import io.weft.frame.IpFrame;
import io.weft.frame.IpPrefix;
import io.weft.frame.Ipv6;
import io.weft.port.DropReason;
import io.weft.port.PortContext;
import io.weft.port.PortException;
import io.weft.port.PortHandle;
import io.weft.port.Reading;
import io.weft.route.NextHop;
import io.weft.route.RouteTable;
import io.weft.route.RouteTables;
import io.weft.srv6.Srv6Settings.FlowLabel;
import io.weft.srv6.Srv6Settings.Mode;
import io.weft.tunnel.Lane;
import io.weft.tunnel.RemoteEnd;
import io.weft.tunnel.RemoteRoutes;
import io.weft.tunnel.RemoteSpec;
import io.weft.tunnel.SendingSockets;
import io.weft.tunnel.TunnelPort;
import io.weft.underlay.Underlay;
import io.weft.underlay.UnderlayException;
import io.weft.underlay.UnderlayPeer;
import io.weft.underlay.UnderlaySender;
import io.weft.underlay.UnderlaySocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Segment routing over IPv6 as a port of a switch (RFC 8754, 8986): Ethernet frames between two ends or many, or IP packets.
 *
 * <p>Frames go to a remote end by the segments that are said of it; what comes to the port's SIDs from the remote ends, and from the
 * rest of its SR domain, is taken out of its headers. In {@code mode=bridge} the address that a packet comes from says behind
 * which remote end its station is.
 *
 * <p>All ports of a switch that receive in one network namespace by the same rules ({@code dev}, {@code hmac_key},
 * {@code hmac_required}) share a socket for it, and are told apart by their SIDs; what they send goes through sockets of their own
 * {@code local_ip}.
 *
 * <p>Threads: as {@link io.weft.port.PortDriver} says; {@link #transmit} and the control plane's methods are safe from any
 * thread.
 */
public final class Srv6Port extends TunnelPort {
    private static final int FLOW_LABEL = 0xf_ffff;
    private static final int MAX_TABLE_NAME = 63;
    private static final long LOCALLY_ADMINISTERED = 0x0200_0000_0000L;
    private static final long MAC_MASK = 0xff_ffff_ffffL;
    private static final int LONGEST_PACKET = Ipv6Header.LENGTH + Ipv6Header.MAX_PAYLOAD_LENGTH;

    private final Srv6Settings settings;
    private final Underlay underlay;
    private final Encapsulation encapsulation;
    private final boolean ethernet;
    private final long localHigh;
    private final long localLow;
    private final RouteTable ownTable;
    private final SidOwner owner;
    private final RemoteRoutes routes; // null for Ethernet
    private final Map<UnderlayPeer, RemoteSegments> segments = new ConcurrentHashMap<>(); // of remote ends that come
    private final ThreadLocal<SrHmac> signer;
    private SegmentFailures failures;
    private SendingSockets sockets;
    private Srv6Listener listener;
    private volatile Srv6Binding binding;
    private RemoteEnd others; // senders that are in the domain, and no remote ends
    private volatile boolean spreads; // whether there is, or was, a remote end with several lists

    Srv6Port(Srv6Settings settings, RouteTables tables, Underlay underlay) {
        super(settings.tunnel(), SegmentList.MAX_HEADER_LENGTH, settings.mode().isEthernet());
        this.settings = settings;
        this.underlay = underlay;
        this.encapsulation = settings.encapsulation();
        this.ethernet = settings.mode().isEthernet();
        UnderlayPeer local = UnderlayPeer.of(settings.tunnel().local(), 0);
        this.localHigh = local.high();
        this.localLow = local.low();
        this.ownTable = new RouteTable(tableName(settings.tunnel().name()));
        SidDomain domain = new SidDomain(settings.domain());
        this.owner = new SidOwner(
                toString(),
                settings.sids(),
                (high, low) -> domain.contains(high, low) || remoteTable().find(high, low) != null,
                new SrSource(localHigh, localLow, settings.tunnel().ttl()),
                settings.sidRoute(),
                ownTable,
                tables);
        this.routes = ethernet ? null : new RemoteRoutes(this);
        this.signer = ThreadLocal.withInitial(() -> new SrHmac(settings.hmacKeys()));
        settings.remotes().forEach(remote -> segments.put(peer(remote), remote));
        if (!ethernet) {
            ownTable.put(IpPrefix.parse("0.0.0.0/0"), new NextHop.ByPort(this));
            ownTable.put(IpPrefix.parse("::/0"), new NextHop.ByPort(this));
        }
    }

    private static UnderlayPeer peer(RemoteSegments remote) {
        return UnderlayPeer.of(remote.remote(), 0);
    }

    /** A port's name may have characters that a table's has not, and one more. */
    static String tableName(String port) {
        String name = port.replaceAll("[^A-Za-z0-9._-]", "_");
        return name.substring(0, Math.min(MAX_TABLE_NAME, name.length()));
    }

    /** Begins a port of IP packets: to be joined to a TUN or to another layer-3 port, or to a switch by an adapter. */
    public static Srv6Builder l3(String name) {
        return new Srv6Builder(Mode.L3, name);
    }

    /** Begins a port of Ethernet frames to one remote end, a pseudowire. */
    public static Srv6Builder l2(String name) {
        return new Srv6Builder(Mode.L2, name);
    }

    /** Begins a port of Ethernet frames with any number of remote ends. */
    public static Srv6Builder bridge(String name) {
        return new Srv6Builder(Mode.BRIDGE, name);
    }

    /** What it is to be. */
    public Srv6Settings settings() {
        return settings;
    }

    // ---- sockets ----

    @Override
    protected UnderlaySocket connect(PortContext context) throws PortException {
        failures = new SegmentFailures(context);
        sockets = context.share(Srv6Sockets.SendingKey.of(tunnel()), () -> Srv6Sockets.sending(tunnel(), underlay));
        Srv6Listener.Key key = Srv6Listener.Key.of(settings);
        listener = context.share(key, () -> new Srv6Listener(key, tunnel(), underlay));
        return sockets.anySocket();
    }

    @Override
    protected void bind(PortHandle handle) throws PortException {
        if (!ethernet) {
            routes.putAll(settings.routes());
        }
        others = RemoteEnd.unnumbered();
        Srv6Binding bound = new Srv6Binding(this, handle, owner.domain());
        binding = bound; // which packets may find before all SIDs are there
        listener.add(owner, bound);
        sockets.add(this);
    }

    @Override
    protected void unbind() {
        if (binding != null) {
            listener.remove(owner);
            binding = null;
        }
        if (sockets != null) {
            sockets.remove(this);
        }
    }

    /** Its place in the switch whose packets this receives; {@code null} when it is in none, or in another one. */
    Srv6Binding binding(Srv6Listener receiving) {
        Srv6Binding bound = binding;
        return listener == receiving ? bound : null;
    }

    @Override
    protected Lane[] lanes() {
        return sockets.lanes();
    }

    @Override
    protected int destinationPort(int given) {
        return 0;
    }

    @Override
    protected long outKey() {
        return -1;
    }

    @Override
    protected void checkRemote(String option, Object value, RemoteSpec remote) {
        Srv6SettingsCheck.checkRemote(tunnel().refusal(), option, value, remote);
    }

    /** The source address of frames that a route sends to a station behind this port: a locally administered one. */
    long routerMac() {
        return LOCALLY_ADMINISTERED | (localHigh * 31 + localLow) & MAC_MASK;
    }

    // ---- what is received ----

    /**
     * Where packets go that SIDs of this port lay bare ({@code table NAME} with the port's name): into the switch by this port, unless a
     * longer prefix leads elsewhere. Empty for a port that carries Ethernet.
     */
    public RouteTable table() {
        return ownTable;
    }

    /**
     * Whom a packet from an address is from; {@code null} when it is a station's frame and behind whom stations are is learned, and
     * it is from no remote end.
     */
    RemoteEnd sender(long high, long low, boolean isOfStation) {
        RemoteEnd remote = remoteTable().find(high, low);
        if (remote != null) {
            heardFrom(remote);
            return ethernet && !isOfStation ? others : remote;
        }
        return settings.mode() == Mode.BRIDGE && isOfStation ? null : others;
    }

    // ---- remote ends ----

    /**
     * Adds a remote end and says how packets get there, as {@link #addRemote(RemoteSpec)} does for one that is its own only segment.
     *
     * @throws PortException as there
     */
    public RemoteEnd addRemote(RemoteSegments remote) throws PortException {
        Srv6SettingsCheck.checkSegments(tunnel().refusal(), settings.mode(), remote);
        UnderlayPeer peer = peer(remote);
        if (remoteTable().find(peer.high(), peer.low()) != null) {
            return addRemote(new RemoteSpec(peer.address())); // which says what is wrong
        }
        segments.put(peer, remote);
        boolean added = false;
        try {
            RemoteEnd end = addRemote(new RemoteSpec(peer.address()));
            added = true;
            return end;
        } finally {
            if (!added) {
                segments.remove(peer, remote);
            }
        }
    }

    /**
     * Says how packets get to a remote end from now on.
     *
     * @throws IllegalArgumentException when the segments are another one's
     */
    public void setSegments(RemoteEnd remote, RemoteSegments path) {
        Srv6SettingsCheck.checkSegments(tunnel().refusal(), settings.mode(), path);
        UnderlayPeer peer = peer(path);
        if (!peer.equals(remote.peer())) {
            throw new IllegalArgumentException("segments are '" + path + "'; accepted: those to "
                    + remote.peer().address());
        }
        if (remoteTable().get(remote.endpoint()) != remote) {
            throw new IllegalArgumentException("remote end " + remote + " is none of port " + name() + " (any more)");
        }
        segments.put(peer, path);
        prepare(remote);
        wayChanged(remote);
    }

    @Override
    protected void prepare(RemoteEnd remote) {
        RemotePaths paths = new RemotePaths(segmentsTo(remote.peer()), encapsulation);
        if (paths.spreads()) {
            spreads = true; // before anything is sent by them
        }
        remote.attach(paths);
    }

    private RemoteSegments segmentsTo(UnderlayPeer peer) {
        RemoteSegments known = segments.get(peer);
        return settings.sent(known != null ? known : RemoteSegments.parse(peer.address()));
    }

    @Override
    protected void departed(RemoteEnd remote) {
        segments.remove(remote.peer());
        if (!ethernet) {
            routes.departed(remote);
        }
    }

    static RemotePaths paths(RemoteEnd remote) {
        return (RemotePaths) remote.attachment();
    }

    /**
     * The shortest of the ways to the segments, as far as this machine knows them; that to a later one, from where a router said so. One
     * list that leads somewhere is enough.
     */
    @Override
    protected int pathMtu(UnderlaySocket socket, UnderlayPeer peer) throws UnderlayException {
        int shortest = LONGEST_PACKET;
        boolean isKnown = false;
        boolean isWay = false;
        UnderlayException noWay = null;
        for (SegmentList list : segmentsTo(peer).all()) {
            for (int i = 0; i < list.size(); i++) {
                try {
                    int mtu = socket.pathMtu(new UnderlayPeer(list.segmentHigh(i), list.segmentLow(i), 0, 0));
                    isWay |= i == 0;
                    isKnown |= mtu > 0;
                    shortest = mtu > 0 ? Math.min(shortest, mtu) : shortest;
                } catch (UnderlayException e) {
                    noWay = i == 0 ? e : noWay; // later ones need not be known here
                }
            }
        }
        if (!isWay && noWay != null) {
            throw noWay;
        }
        int mtu = mtuWithArgument(socket, peer);
        return mtu > 0 ? Math.min(shortest, mtu) : isKnown ? shortest : 0;
    }

    /** The machine has what a router said of a last segment under the address that it had with the argument. */
    private int mtuWithArgument(UnderlaySocket socket, UnderlayPeer peer) {
        RemoteEnd known = isOpened() ? remoteTable().find(peer.high(), peer.low()) : null;
        UnderlayPeer segment = known == null ? null : paths(known).heardOf();
        try {
            return segment == null ? 0 : socket.pathMtu(segment);
        } catch (UnderlayException e) {
            return 0; // that there is no way has been found out without it
        }
    }

    @Override
    protected int overhead() {
        return settings.remotes().stream()
                .mapToInt(remote -> settings.sent(remote).longestHeader(encapsulation) - Ipv6Header.LENGTH)
                .max()
                .orElse(0);
    }

    @Override
    protected int overhead(RemoteEnd remote) {
        return paths(remote).overhead();
    }

    @Override
    protected List<RemoteEnd> behind(long high, long low) {
        return failures.behind(remoteTable(), high, low);
    }

    @Override
    protected boolean isWayAround(RemoteEnd remote, long high, long low) {
        return failures.isWayAround(remote, high, low);
    }

    @Override
    protected void refusedAsTooLong(RemoteEnd remote) {
        askForMtu(remote);
    }

    @Override
    protected void unreached(RemoteEnd remote, Frame encapsulated) {
        failures.unreached(remote, encapsulated);
    }

    // ---- what is carried ----

    /**
     * Layer 3: has packets to these addresses sent to a remote end, see {@link RemoteRoutes}.
     *
     * @throws IllegalArgumentException when the remote end is not one of {@link #remotes} (any more)
     * @throws IllegalStateException for a port that carries Ethernet, and when there are 131,072 routes already
     */
    public void route(IpPrefix network, RemoteEnd remote) {
        if (ethernet) {
            throw new IllegalStateException(name() + " carries Ethernet frames; routes are for mode=l3");
        }
        routes.put(network, remote);
    }

    /** Takes a route away; {@code false} when there was none for exactly these addresses. */
    public boolean removeRoute(IpPrefix network) {
        return !ethernet && routes.remove(network);
    }

    @Override
    protected long admit(Frame frame) {
        if (ethernet
                && !tunnel().carryTags()
                && frame.length() >= Ethernet.VLAN_HEADER_LENGTH
                && Ethernet.isTag(Ethernet.type(frame))) {
            return refused(DropReason.NO_VNI);
        }
        if (isOwnPacket(frame)) {
            return refused(DropReason.RECURSION);
        }
        DropReason reason = ethernet ? null : routes.steer(frame);
        return reason == null ? KEY_OF_REMOTE : refused(reason);
    }

    /** A packet of ours, come back: the way to a segment leads into the tunnel, and each would go round for ever, growing. */
    private boolean isOwnPacket(Frame frame) {
        int etherType = EtherType.offset(frame);
        if (etherType == EtherType.NONE || EtherType.at(frame, etherType) != EtherType.IPV6) {
            return false;
        }
        int ip = etherType + 2;
        if (!Ipv6.isPresent(frame, ip)
                || Ipv6.sourceLow(frame, ip) != localLow
                || Ipv6.sourceHigh(frame, ip) != localHigh) {
            return false;
        }
        return switch (Ipv6.nextHeader(frame, ip)) {
            case Ipv6.ROUTING, Ipv6Header.ETHERNET, Ipv6Header.IPV4, Ipv6Header.IPV6 -> true;
            default -> false;
        };
    }

    @Override
    protected boolean needsFlow() {
        return settings.flowLabel() == FlowLabel.COMPUTE || spreads;
    }

    @Override
    protected void prepend(Frame frame, RemoteEnd remote, long key, int flow) {
        int label = label(frame, flow);
        int next = Ipv6Header.ETHERNET;
        if (!ethernet) {
            next = Ethernet.type(frame) == EtherType.IPV4 ? Ipv6Header.IPV4 : Ipv6Header.IPV6;
            frame.consume(Ethernet.HEADER_LENGTH);
        }
        RemotePaths paths = paths(remote);
        boolean isFlooded = frame.endpoint() <= 0;
        SegmentList list = paths.choose(!isFlooded, flow);
        list.prepend(frame, encapsulation, next, localHigh, localLow, 0, label, tunnel().ttl());
        if (isFlooded && frame.splitHorizonGroup() != 0) {
            FloodArguments arguments = paths.arguments();
            long argument = arguments.of(frame.splitHorizonGroup());
            list.putArgument(frame, encapsulation, arguments.high(argument), arguments.low(argument));
        }
    }

    private int label(Frame frame, int flow) {
        return switch (settings.flowLabel()) {
            case ZERO -> 0;
            case COMPUTE -> Math.max(1, (flow ^ flow >>> 12) & FLOW_LABEL);
            case COPY -> innerLabel(frame);
        };
    }

    private static int innerLabel(Frame frame) {
        int etherType = EtherType.offset(frame);
        boolean ipv6 = etherType != EtherType.NONE
                && EtherType.at(frame, etherType) == EtherType.IPV6
                && Ipv6.isPresent(frame, etherType + 2);
        return ipv6 ? Ipv6Header.flowLabel(Ipv6Header.word(frame, etherType + 2)) : 0;
    }

    @Override
    protected int headerLength(Frame encapsulated) {
        return Ipv6.nextHeader(encapsulated, 0) == Ipv6.ROUTING
                ? Ipv6Header.LENGTH + SrHeader.length(encapsulated, Ipv6Header.LENGTH)
                : Ipv6Header.LENGTH;
    }

    @Override
    protected void enqueue(UnderlaySender sender, Frame encapsulated, RemoteEnd remote, int trafficClass, int flow) {
        int label = Ipv6Header.flowLabel(Ipv6Header.word(encapsulated, 0));
        Ipv6Header.putWord(encapsulated, 0, Ipv6Header.word(trafficClass, label));
        if (paths(remote).isSigned()) {
            signer.get().sign(encapsulated);
        }
        sender.addPacket(encapsulated);
    }

    @Override
    protected void strip(Frame frame) {
        frame.consume(headerLength(frame));
        if (!ethernet) {
            frame.prepend(Ethernet.HEADER_LENGTH);
            IpFrame.putHeader(frame);
        }
    }

    /** Each has segments of its own. */
    @Override
    protected boolean sharesHeader(RemoteEnd one, RemoteEnd other, long key) {
        return false;
    }

    // ---- figures ----

    @Override
    public List<Reading> readings() {
        List<Reading> all = new ArrayList<>(super.readings());
        if (binding != null) {
            all.addAll(listener.readings(owner, name()));
        }
        return all;
    }
}
