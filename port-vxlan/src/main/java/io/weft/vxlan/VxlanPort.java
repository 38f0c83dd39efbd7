package io.weft.vxlan;

import io.weft.frame.Ethernet;
import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.frame.MpscFrameRing;
import io.weft.port.Port;
import io.weft.port.PortCapabilities;
import io.weft.port.PortContext;
import io.weft.port.PortCounters;
import io.weft.port.PortDriver;
import io.weft.port.PortException;
import io.weft.port.PortHandle;
import io.weft.port.Reading;
import io.weft.tunnel.AnswerLimit;
import io.weft.tunnel.PacketTooBig;
import io.weft.underlay.Underlay;
import io.weft.underlay.UnderlayException;
import io.weft.underlay.UnderlayPeer;
import io.weft.vxlan.VxlanRemote.Origin;
import io.weft.vxlan.VxlanRemote.State;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A segment of VXLAN (RFC 7348) as a port of a switch, which so becomes a VTEP: frames that leave by it go, encapsulated in
 * UDP, to the VTEP that their station was learned behind, or to all of them.
 *
 * <p>The port has remote ends, numbered as the endpoints that the FDB knows. They are configured, learned when the options say
 * so, or owned by a control plane ({@link #addRemote}, {@link #removeRemote}, {@link #floodTo}, {@link #setStation}). Frames
 * are accepted from them only. What comes from one of them is not sent to another one (split horizon).
 *
 * <p>All ports of a switch with the same local address and UDP port share a socket, and are told apart by their VNI, or by
 * their remote ends. With {@code vlan_vni_map} one port carries many VNIs, each of which is a VLAN in the switch.
 *
 * <p>Threads: as {@link PortDriver} says; {@link #transmit} and the control plane's methods are safe from any thread.
 */
public final class VxlanPort implements PortDriver, Port {
    /** In place of a VNI: that of the remote end. */
    static final int VNI_OF_REMOTE = -1;

    /** In place of a VNI: the frame's VLAN has none. */
    static final int NO_VNI = -2;

    private static final long LOOK_INTERVAL_NS = TimeUnit.SECONDS.toNanos(1);
    private static final int ANSWERS = 64;
    private static final int ANSWERS_PER_SECOND = 1_000;

    private final Underlay underlay;
    private final MpscFrameRing answers = new MpscFrameRing(ANSWERS);
    private final AnswerLimit answerLimit = new AnswerLimit(ANSWERS_PER_SECOND, ANSWERS);
    private final AtomicLong answered = new AtomicLong();
    private final AtomicLong clamped = new AtomicLong();
    private final List<Vtep> vteps = new ArrayList<>();
    private final List<Binding> bindings = new ArrayList<>();
    private final Runnable look = this::look;
    private volatile VxlanSettings settings;
    private PortContext context;
    private volatile PortHandle handle; // workers may send before open() has it
    private SourcePorts sourcePorts;
    private Probes probes; // null when nobody is probed
    private NameResolver names; // null when all remote ends were given as addresses
    private volatile RemoteEnds ends; // null before it is opened
    private volatile boolean closed;

    /** One for each account; only ever replaced by a longer one. */
    private volatile VxlanSender[] senders = {};

    VxlanPort(VxlanSettings settings) {
        this(settings, Underlay.SYSTEM);
    }

    /** Over sockets of another kind. */
    VxlanPort(VxlanSettings settings, Underlay underlay) {
        this.settings = settings;
        this.underlay = underlay;
    }

    /** Begins a port with this name. */
    public static VxlanBuilder builder(String name) {
        return new VxlanBuilder(name);
    }

    /** What it is to be. */
    public VxlanSettings settings() {
        return settings;
    }

    @Override
    public String name() {
        return settings.name();
    }

    /** Any length: how much fits is different from one remote end to the other, and may change. */
    @Override
    public PortCapabilities capabilities() {
        return PortCapabilities.ofMaxFrameLength(Frame.MAX_LENGTH)
                .withHeadroom(VxlanHeader.LENGTH)
                .withConcurrentTransmit();
    }

    // ---- opening and closing ----

    @Override
    public void open(PortContext newContext) throws PortException {
        context = newContext;
        if (settings.remotes().stream().anyMatch(RemoteSpec::isName)) {
            names = new NameResolver(this, context);
            settings = names.resolveFirst(settings);
        }
        sourcePorts = context.share(SourcePorts.Key.of(settings), () -> new SourcePorts(settings, underlay));
        for (int port : settings.listenPorts()) {
            Vtep.Key key = new Vtep.Key(
                    settings.ipv6(), listeningAddress(), port, settings.networkInterface(), settings.netns());
            vteps.add(context.share(key, () -> new Vtep(key, settings, underlay)));
        }
        RemoteEnds opened = new RemoteEnds(settings, context, sourcePorts.anySocket());
        configure(opened);
        ends = opened;
        handle = context.addPort(this);
        if (settings.bfd() != null) {
            int lowestVni = Arrays.stream(incomingVnis()).min().orElseThrow(); // both ends have it if their maps agree
            probes = new Probes(context, settings.bfd(), sourcePorts.anySocket().newSender(), lowestVni);
        }
        opened.attach(handle, probes);
        for (Vtep vtep : vteps) {
            bindings.add(vtep.bind(this, handle));
        }
        sourcePorts.add(this);
        for (StationSpec station : settings.stations()) {
            setStation(station);
        }
        context.schedule(LOOK_INTERVAL_NS, look);
    }

    /** What is sent to a group does not come in at a socket that is bound to an address. */
    private InetAddress listeningAddress() {
        return settings.group() == null ? settings.local() : null;
    }

    private void configure(RemoteEnds opened) throws PortException {
        if (settings.group() != null) {
            for (Vtep vtep : vteps) {
                try {
                    vtep.join(settings.group(), settings.networkInterface());
                } catch (UnderlayException e) {
                    throw VxlanAdvice.notJoined(settings, e);
                }
            }
            opened.add(
                    UnderlayPeer.of(settings.group(), destinationPort(0)), settings.outKey(), Origin.GROUP, true, null);
        }
        for (RemoteSpec spec : settings.remotes()) {
            if (!spec.isName()) {
                opened.add(peer(spec), vni(spec), Origin.CONFIGURED, true, null);
            }
        }
        if (names != null) {
            names.addResolved(opened);
        }
        for (StationSpec station : settings.stations()) {
            if (find(opened, station.remote()) == null) {
                opened.add(peer(station.remote()), vni(station.remote()), Origin.CONFIGURED, false, null);
            }
        }
    }

    private UnderlayPeer peer(RemoteSpec spec) {
        return UnderlayPeer.of(spec.address(), destinationPort(spec.port()));
    }

    int destinationPort(int given) {
        return given == 0 ? settings.listenPorts().get(0) : given;
    }

    int vni(RemoteSpec spec) {
        return spec.vni() < 0 ? settings.outKey() : spec.vni();
    }

    private VxlanRemote find(RemoteEnds among, RemoteSpec spec) {
        UnderlayPeer peer = peer(spec);
        int vni = vni(spec);
        VxlanRemote first = among.table().find(peer.high(), peer.low()); // nearly always the one, or none
        if (first == null || first.peer().equals(peer) && first.vni() == vni) {
            return first;
        }
        return among.table().all().stream()
                .filter(remote -> remote.peer().equals(peer) && remote.vni() == vni)
                .findFirst()
                .orElse(null);
    }

    @Override
    public int poll(FrameBatch into, int limit) {
        int added = answers.drain(into, limit);
        if (added == limit) {
            context.wakeup();
        }
        return added;
    }

    private void look() {
        if (!closed) {
            ends.look();
            if (names != null && ends.missesNamed()) {
                names.resolveAgain();
            }
            context.schedule(LOOK_INTERVAL_NS, look);
        }
    }

    /** Nobody sends by it any more; what comes for it is no longer its. */
    @Override
    public void detached() {
        unbind();
        for (Frame answer = answers.poll(); answer != null; answer = answers.poll()) {
            answer.release(); // not received yet, and so nobody's
        }
    }

    private void unbind() {
        for (int i = 0; i < bindings.size(); i++) {
            vteps.get(i).unbind(bindings.get(i));
        }
        bindings.clear();
        if (sourcePorts != null) {
            sourcePorts.remove(this);
        }
    }

    @Override
    public void close() {
        closed = true;
        unbind();
        if (names != null) {
            names.close();
        }
        if (probes != null) {
            probes.close();
        }
    }

    // ---- the workers' side ----

    @Override
    public void transmit(FrameBatch frames, PortCounters counters) {
        for (VxlanSender sender : senders) {
            if (sender.counters() == counters) {
                sender.send(frames);
                return;
            }
        }
        newSender(counters).send(frames);
    }

    /** Once for each worker that ever sends here. */
    private synchronized VxlanSender newSender(PortCounters counters) {
        VxlanSender sender = new VxlanSender(this, counters, sourcePorts.lanes());
        VxlanSender[] more = Arrays.copyOf(senders, senders.length + 1);
        more[senders.length] = sender;
        senders = more;
        return sender;
    }

    RemoteTable remoteTable() {
        return ends.table();
    }

    VxlanRemote[] floodList() {
        return ends.floodList();
    }

    /** Inner MTU for whoever clamps or recognises: bytes of an IP packet, its header counted. */
    int innerMtu() {
        return ends.innerMtu();
    }

    boolean learnsRemotes() {
        return settings.learnRemotes();
    }

    boolean isStrict() {
        return settings.strict();
    }

    boolean carriesTags() {
        return settings.carryTags();
    }

    boolean clampsMss() {
        return settings.clampMss();
    }

    void countClamped() {
        clamped.getAndIncrement();
    }

    VxlanRemote learn(long high, long low) {
        return ends.learn(high, low);
    }

    /** Something came from a remote end. */
    void heardFrom(VxlanRemote remote) {
        if (remote.origin() == Origin.LEARNED) {
            remote.seen(context.nanoTime());
        }
        if (remote.state() == State.UNREACHABLE) {
            ends.reached(remote);
        }
    }

    void unreachable(long high, long low, boolean refused) {
        ends.unreachable(high, low, refused);
        if (names != null) {
            names.resolveAgain();
        }
    }

    void tooBig(long high, long low, int mtu) {
        ends.tooBig(high, low, mtu);
    }

    /** The VNIs whose frames are for this port. */
    int[] incomingVnis() {
        VlanVniMap map = settings.vlanVniMap();
        return map == null
                ? new int[] {settings.inKey()}
                : Arrays.stream(map.vlans()).map(map::vni).toArray();
    }

    /** Takes the tag off that says which VNI a frame is for, if tags do; returns the VNI, or in place of it one of ours. */
    int popVni(Frame frame) {
        VlanVniMap map = settings.vlanVniMap();
        boolean tagged = frame.length() >= Ethernet.VLAN_HEADER_LENGTH && Ethernet.isTag(Ethernet.type(frame));
        if (map == null) {
            return tagged && !settings.carryTags() ? NO_VNI : VNI_OF_REMOTE;
        }
        if (!tagged) {
            return NO_VNI;
        }
        int vni = map.vni(Ethernet.vid(frame));
        if (vni < 0) {
            return NO_VNI;
        }
        Ethernet.popTag(frame);
        return vni;
    }

    /** Puts the tag on that says which VNI a frame came with, if tags do; returns by how many bytes it is longer. */
    int pushTag(Frame frame, int vni) {
        VlanVniMap map = settings.vlanVniMap();
        if (map == null) {
            return 0;
        }
        Ethernet.pushTag(frame, Ethernet.TPID_CUSTOMER, map.vlan(vni));
        return Ethernet.TAG_LENGTH;
    }

    /** Bytes of the longest frame that fits on the way to a remote end, for a frame behind its new header. */
    int longestFrame(VxlanRemote remote, Frame encapsulated) {
        int longest = ends.longestFrame(remote);
        if (settings.mtu() > 0) {
            int tags = Ethernet.isTag(encapsulated.getShort(VxlanHeader.LENGTH + 12)) ? Ethernet.TAG_LENGTH : 0;
            longest = Math.min(longest, settings.mtu() + Ethernet.HEADER_LENGTH + tags);
        }
        return longest;
    }

    /**
     * Answers to the sender of a frame that is too long, where that is wanted, by making the answer of the frame; takes
     * ownership if it does.
     *
     * @param encapsulated the frame behind its new header
     */
    boolean answerTooLong(Frame encapsulated) {
        PortHandle here = handle;
        if (!settings.tooBigAnswers() || here == null) {
            return false;
        }
        int vni = VxlanHeader.vni(encapsulated.getLong(0));
        encapsulated.consume(VxlanHeader.LENGTH);
        int endpoint = Math.max(0, encapsulated.endpoint()); // of a hub's flood it says where the frame is not to go
        encapsulated.endpoint(endpoint);
        VxlanRemote remote = ends.table().get(endpoint);
        int tags = Ethernet.isTag(Ethernet.type(encapsulated)) ? Ethernet.TAG_LENGTH : 0;
        int longest = remote == null ? Integer.MAX_VALUE : ends.longestFrame(remote) - Ethernet.HEADER_LENGTH - tags;
        if (!PacketTooBig.answer(encapsulated, Math.min(innerMtu(), longest))
                || !answerLimit.take(context.nanoTime())) {
            return false;
        }
        pushTag(encapsulated, vni);
        encapsulated.ingress(here.index()); // as if the one it was for had answered
        if (!answers.offer(encapsulated)) {
            return false;
        }
        answered.getAndIncrement();
        context.wakeup();
        return true;
    }

    // ---- the control plane's side ----

    /** The remote ends now, in the order of their numbers. */
    public List<VxlanRemote> remotes() {
        return opened().table().all();
    }

    /**
     * Adds a remote end: frames are accepted from it, and flooded to it unless {@link #floodTo} says to whom.
     *
     * @param spec with an address, not a name
     * @throws PortException when it is one already, a multicast group, of the other family, this VTEP itself, or there is no way
     *     to it
     * @throws IllegalArgumentException for a name
     */
    public VxlanRemote addRemote(RemoteSpec spec) throws PortException {
        if (spec.isName()) {
            throw new IllegalArgumentException("remote is '" + spec.host() + "'; accepted: an IPv4 or IPv6 address");
        }
        UnderlayPeer peer = peer(spec);
        VxlanRemote known = opened().table().find(peer.high(), peer.low());
        if (known != null && known.isFlooded()) {
            throw new PortException("remote end " + peer.address() + " of " + name() + " is endpoint "
                    + known.endpoint() + " already; accepted: another address");
        }
        return opened().add(peer, vni(spec), Origin.CONTROL, true, null);
    }

    /** Removes a remote end, and what was learned behind it; {@code false} when it is none (any more). */
    public boolean removeRemote(VxlanRemote remote) {
        return opened().remove(remote);
    }

    /** Says to whom broadcast, unknown unicast and multicast frames go, in place of all remote ends. Empty for nobody. */
    public void floodTo(Collection<VxlanRemote> remotes) {
        opened().floodTo(remotes);
    }

    /** Has frames flooded to all remote ends again. */
    public void floodToAll() {
        opened().floodTo(null);
    }

    /**
     * Says behind which remote end a station is, as {@code bridge fdb add MAC dst IP port N vni N} says it to the kernel. A
     * remote end that there is not yet is added; frames are not flooded to it.
     *
     * @throws PortException when the remote end cannot be added
     */
    public void setStation(StationSpec station) throws PortException {
        RemoteEnds opened = opened();
        VxlanRemote remote = find(opened, station.remote());
        if (remote == null) {
            remote = opened.add(peer(station.remote()), vni(station.remote()), Origin.CONTROL, false, null);
        }
        if (!handle.station(station.vlan(), station.mac(), remote.endpoint())) {
            throw new PortException("vxlan port '" + name() + "': station " + station
                    + " cannot be set: the switch has no FDB, or it is full of stations that were set");
        }
    }

    /**
     * The longest IP packet that fits through the tunnel to every remote end, its header counted; as the option {@code mtu}
     * says, or the underlay's routes.
     */
    public int effectiveMtu() {
        return opened().innerMtu();
    }

    private RemoteEnds opened() {
        RemoteEnds now = ends;
        if (now == null) {
            throw new IllegalStateException("port " + name() + " has not been added to a switch");
        }
        return now;
    }

    @Override
    public List<Reading> readings() {
        RemoteEnds now = ends;
        return now == null ? List.of() : VxlanReadings.of(name(), now, answered.get(), clamped.get());
    }

    @Override
    public String toString() {
        return "vxlan:" + settings.name();
    }
}
