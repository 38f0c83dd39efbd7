package io.weft.tunnel;

import io.weft.frame.Ethernet;
import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.port.DropReason;
import io.weft.port.Port;
import io.weft.port.PortCapabilities;
import io.weft.port.PortContext;
import io.weft.port.PortCounters;
import io.weft.port.PortDriver;
import io.weft.port.PortException;
import io.weft.port.PortHandle;
import io.weft.port.Reading;
import io.weft.tunnel.RemoteEnd.Origin;
import io.weft.tunnel.RemoteEnd.State;
import io.weft.underlay.UnderlayException;
import io.weft.underlay.UnderlayPeer;
import io.weft.underlay.UnderlaySender;
import io.weft.underlay.UnderlaySocket;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A tunnel as a port of a switch: frames that leave by it go, encapsulated, to the remote end that their station was learned
 * behind, or to all of them. What kind of header that is, and which sockets, each kind of tunnel adds.
 *
 * <p>The port has remote ends, numbered as the endpoints that the FDB knows. They are configured, learned when the options say
 * so, or owned by a control plane ({@link #addRemote}, {@link #removeRemote}, {@link #floodTo}, {@link #setStation}). Frames
 * are accepted from them only. What comes from one of them is not sent to another one (split horizon).
 *
 * <p>Threads: as {@link PortDriver} says; {@link #transmit} and the control plane's methods are safe from any thread.
 */
public abstract class TunnelPort implements PortDriver, Port {
    /** In place of a key: that of the remote end. */
    protected static final long KEY_OF_REMOTE = -1;

    private static final DropReason[] REASONS = DropReason.values();
    private static final long LOOK_INTERVAL_NS = TimeUnit.SECONDS.toNanos(1);

    private final TooLongAnswers answers = new TooLongAnswers();
    private final AtomicLong clamped = new AtomicLong();
    private final Runnable look = this::look;
    private final int headerLength;
    private final boolean ethernet;
    private volatile TunnelSettings tunnel;
    private PortContext context;
    private volatile PortHandle handle; // workers may send before open() has it
    private Probes probes; // null when nobody is probed
    private NameResolver names; // null when all remote ends were given as addresses
    private volatile RemoteEnds ends; // null before it is opened
    private volatile boolean closed;

    /** One for each account; only ever replaced by a longer one. */
    private volatile TunnelSender[] senders = {};

    /**
     * A port.
     *
     * @param headerLength bytes that each frame gets in front at most, behind the headers that the underlay writes
     * @param ethernet whether Ethernet frames are carried; otherwise IP packets, without the Ethernet header that they have in the
     *     switch
     */
    protected TunnelPort(TunnelSettings tunnel, int headerLength, boolean ethernet) {
        this.tunnel = tunnel;
        this.headerLength = headerLength;
        this.ethernet = ethernet;
    }

    // ---- what each kind of tunnel knows ----

    /** Opens the sockets ({@link PortContext#share}); returns one to ask about the underlay. */
    protected abstract UnderlaySocket connect(PortContext newContext) throws PortException;

    /** Begins to receive from the sockets; the port is in the switch. */
    protected abstract void bind(PortHandle newHandle) throws PortException;

    /** Receives no longer. May be called more than once, and when nothing was opened. */
    protected abstract void unbind();

    /** Ways by which the calling worker sends. */
    protected abstract Lane[] lanes();

    /** Bytes that the underlay's headers and the tunnel's have behind the IP header. */
    protected abstract int overhead();

    /** The same with this key, where it decides on the header's length. */
    protected int overhead(long key) {
        return overhead();
    }

    /** The same to this remote end. */
    protected int overhead(RemoteEnd remote) {
        return overhead(remote.key());
    }

    /** Bytes of the header that {@link #prepend} has written, where it has not always the same length. */
    protected int headerLength(Frame encapsulated) {
        return headerLength;
    }

    /** The UDP port to send to, when another one was {@code given}, or 0 for none; 0 where tunnels have no ports. */
    protected abstract int destinationPort(int given);

    /** The key that is sent to a remote end that has none of its own; -1 for none. */
    protected abstract long outKey();

    /**
     * Whether, and with which key, a frame can be sent; a tag that says so is taken off.
     *
     * @return the key; or {@link #KEY_OF_REMOTE}; or what {@link #refused} returns
     */
    protected abstract long admit(Frame frame);

    /**
     * Takes the Ethernet header off a frame, where none is carried, and puts the tunnel's in front.
     *
     * @param key as {@link #admit} said
     * @param flow the number of the frame's flow, if {@link #needsFlow}, or if there is a choice of sockets
     */
    protected abstract void prepend(Frame frame, RemoteEnd remote, long key, int flow);

    /** Undoes {@link #prepend}. */
    protected abstract void strip(Frame frame);

    /** Whether the header that a frame has for one remote end is that for another one too. */
    protected abstract boolean sharesHeader(RemoteEnd one, RemoteEnd other, long key);

    /** Whether {@link #prepend} makes anything of a flow's number, or {@link #flowLabel}; asked for each batch. */
    protected boolean needsFlow() {
        return false;
    }

    /** The flow label of the outer header for a flow (RFC 6438); 0 for none. */
    protected int flowLabel(int flow) {
        return 0;
    }

    /**
     * Adds a frame behind its new header to what is sent next.
     *
     * @param trafficClass TOS, or traffic class, of the outer header
     * @param flow as {@link #prepend} got it
     */
    protected void enqueue(UnderlaySender sender, Frame encapsulated, RemoteEnd remote, int trafficClass, int flow) {
        sender.add(encapsulated, remote.peer(), trafficClass, flowLabel(flow));
    }

    /**
     * The MTU of the way to a remote end, its IP header counted, as far as is known; 0 when it is not.
     *
     * @param socket that {@link #connect} returned
     * @throws UnderlayException when there is no way
     */
    protected int pathMtu(UnderlaySocket socket, UnderlayPeer peer) throws UnderlayException {
        return socket.pathMtu(peer);
    }

    /** The remote ends that packets are on their way to with this destination, which one has met with an error at; none or more. */
    protected List<RemoteEnd> behind(long destinationHigh, long destinationLow) {
        RemoteEnd remote = ends.table().find(destinationHigh, destinationLow);
        return remote == null ? List.of() : List.of(remote);
    }

    /** Whether a remote end is reached by another way from now on, since this destination on the way to it is not. */
    protected boolean isWayAround(RemoteEnd remote, long destinationHigh, long destinationLow) {
        return false;
    }

    /** A frame could not be sent, since there is no way to where it goes. */
    protected void unreached(RemoteEnd remote, Frame encapsulated) {}

    /** The kernel refused a frame as too long for the way, where sockets do not tell that as an error besides. */
    protected void refusedAsTooLong(RemoteEnd remote) {}

    /** Has the machine asked for the MTU of the way to a remote end; now and then only, however often this is called. */
    protected final void askForMtu(RemoteEnd remote) {
        ends.tooBig(remote);
    }

    /** Whether what is about to be sent to a remote end is a packet that has been sent to it before, come back in a circle. */
    protected boolean isOwnPacket(Frame encapsulated, RemoteEnd remote) {
        return false;
    }

    /** A remote end comes, and nobody knows it yet. */
    protected void prepare(RemoteEnd remote) {}

    /** A remote end has gone, and another may get its number. Any thread, with a lock that their changes have. */
    protected void departed(RemoteEnd remote) {}

    /**
     * Checks what the tunnel wants of a remote end that is added later, as the settings' are checked.
     *
     * @param option by which the settings would have it, for people
     * @param value what that has
     * @throws io.weft.port.InvalidPortException naming the option, its value and what is accepted
     */
    protected abstract void checkRemote(String option, Object value, RemoteSpec remote);

    /**
     * Has a remote end be this port's and no other one's whose packets look the same ({@link TunnelConflicts#claim}). Any thread, with
     * a lock that changes of remote ends have.
     *
     * @throws PortException when it is another one's, not by learning only
     */
    protected void claim(RemoteEnd remote) throws PortException {}

    /** Remote ends have come, gone, or moved. Any thread, with a lock that their changes have. */
    protected void remotesChanged() {}

    /** Adds remote ends that are none of the options' {@code remote_ip}. */
    protected void configure(RemoteEnds into) throws PortException {}

    /** Whether remote ends that were learned get what is flooded. */
    protected boolean floodsToLearned() {
        return true;
    }

    /** The key in which a remote end is probed. */
    protected long probeKey(RemoteEnd remote) {
        return KEY_OF_REMOTE;
    }

    /** Whether anything says which family the underlay is of, so that names do not. */
    protected boolean isFamilyDecided() {
        return tunnel.isFamilyDecided();
    }

    /** The settings are these now: a name says which family the underlay is of. */
    protected void settled(TunnelSettings newSettings) {}

    // ---- for them ----

    /** Packets get to a remote end by another way from now on: how much fits is found anew. */
    protected final void wayChanged(RemoteEnd remote) {
        opened().wayChanged(remote);
    }

    /** What {@link #admit} returns for a frame that is not to be sent. */
    @SuppressWarnings("EnumOrdinal") // and back, at once
    protected static long refused(DropReason reason) {
        return KEY_OF_REMOTE - 1 - reason.ordinal();
    }

    static DropReason refusal(long refused) {
        return REASONS[(int) (KEY_OF_REMOTE - 1 - refused)];
    }

    /** What it is to be, as far as all tunnels are alike. */
    public final TunnelSettings tunnel() {
        return tunnel;
    }

    @Override
    public final String name() {
        return tunnel.name();
    }

    /** Any length: how much fits is different from one remote end to the other, and may change. */
    @Override
    public PortCapabilities capabilities() {
        return PortCapabilities.ofMaxFrameLength(Frame.MAX_LENGTH)
                .withHeadroom(headerLength)
                .withConcurrentTransmit();
    }

    // ---- opening and closing ----

    @Override
    public final void open(PortContext newContext) throws PortException {
        context = newContext;
        if (tunnel.remotes().stream().anyMatch(RemoteSpec::isName)) {
            names = new NameResolver(this, context);
            tunnel = names.resolveFirst(tunnel);
            settled(tunnel);
        }
        UnderlaySocket socket = connect(context);
        RemoteEnds opened = new RemoteEnds(this, context, socket);
        configure(opened);
        addConfigured(opened);
        ends = opened;
        handle = context.addPort(this);
        if (tunnel.bfd() != null) {
            probes = new Probes(this, context, tunnel.bfd(), socket.newSender());
        }
        opened.attach(handle, probes);
        bind(handle);
        for (StationSpec station : tunnel.stations()) {
            setStation(station);
        }
        context.schedule(LOOK_INTERVAL_NS, look);
    }

    private void addConfigured(RemoteEnds opened) throws PortException {
        for (RemoteSpec spec : tunnel.remotes()) {
            if (!spec.isName()) {
                opened.add(peer(spec), key(spec), Origin.CONFIGURED, true, null);
            }
        }
        if (names != null) {
            names.addResolved(opened);
        }
        for (StationSpec station : tunnel.stations()) {
            opened.findOrAdd(peer(station.remote()), key(station.remote()), Origin.CONFIGURED);
        }
    }

    private UnderlayPeer peer(RemoteSpec spec) {
        return UnderlayPeer.of(spec.address(), destinationPort(spec.port()));
    }

    final long key(RemoteSpec spec) {
        return spec.key() < 0 ? outKey() : spec.key();
    }

    @Override
    public final int poll(FrameBatch into, int limit) {
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
    public final void detached() {
        unbind();
        answers.release();
    }

    @Override
    public final void close() {
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
    public final void transmit(FrameBatch frames, PortCounters counters) {
        for (TunnelSender sender : senders) {
            if (sender.counters() == counters) {
                sender.send(frames);
                return;
            }
        }
        newSender(counters).send(frames);
    }

    /** Once for each worker that ever sends here. */
    private synchronized TunnelSender newSender(PortCounters counters) {
        TunnelSender sender = new TunnelSender(this, counters, lanes());
        TunnelSender[] more = Arrays.copyOf(senders, senders.length + 1);
        more[senders.length] = sender;
        senders = more;
        return sender;
    }

    final boolean carriesEthernet() {
        return ethernet;
    }

    /** Bytes that a frame had before it got its header. */
    final int lengthWithoutHeader(Frame encapsulated) {
        int carried = encapsulated.length() - headerLength(encapsulated);
        return ethernet ? carried : carried + Ethernet.HEADER_LENGTH;
    }

    /** The remote ends, for whoever looks for the sender of a datagram. */
    public final RemoteTable remoteTable() {
        return ends.table();
    }

    /** Whether there are remote ends yet. */
    protected final boolean isOpened() {
        return ends != null;
    }

    /** Whom flooded frames go to. */
    final FloodList floodList() {
        return ends.floodList();
    }

    /** How many remote ends flooded frames go to. */
    protected final int floodedRemotes() {
        return ends.floodList().size();
    }

    /** Inner MTU for whoever clamps or recognises: bytes of an IP packet, its header counted. */
    final int innerMtu() {
        return ends.innerMtu();
    }

    /** Whether whoever sends becomes a remote end. */
    public final boolean learnsRemotes() {
        return tunnel.learnRemotes();
    }

    /** The worker's clock, in nanoseconds. Any thread. */
    protected final long nanoTime() {
        return context.nanoTime();
    }

    final void countClamped() {
        clamped.getAndIncrement();
    }

    /**
     * Makes a remote end of somebody who has sent something.
     *
     * @return {@code null} when there is no room; or {@link RemoteEnds#OURSELVES}
     */
    public final RemoteEnd learn(long high, long low) {
        return ends.learn(high, low);
    }

    /** Forgets a remote end that was learned, and is another port's now. Any thread, with any lock. */
    final void giveWay(RemoteEnd remote, TunnelPort other) {
        context.execute(() -> {
            ends.forget(remote.peer());
            context.report("forgot remote end " + remote + ": it is port '" + other.name() + "'s now");
        });
    }

    /** Something came from a remote end. */
    public final void heardFrom(RemoteEnd remote) {
        if (remote.origin() == Origin.LEARNED) {
            remote.seen(context.nanoTime());
        }
        if (remote.state() == State.UNREACHABLE) {
            ends.reached(remote);
        }
    }

    final void unreachable(long high, long low, boolean refused) {
        for (RemoteEnd remote : behind(high, low)) {
            if (!isWayAround(remote, high, low)) {
                ends.unreachable(remote, refused);
            }
        }
        if (names != null) {
            names.resolveAgain();
        }
    }

    final void tooBig(long high, long low) {
        behind(high, low).forEach(ends::tooBig);
    }

    /** Bytes of what is carried that fit on the way to a remote end, for a frame behind its new header. */
    final int longestPayload(RemoteEnd remote, Frame encapsulated) {
        int longest = ends.longestPayload(remote);
        if (tunnel.mtu() > 0) {
            longest = Math.min(longest, tunnel.mtu() + linkHeader(encapsulated, headerLength(encapsulated)));
        }
        return longest;
    }

    /** Bytes of the Ethernet header and its first tag, where they are carried. */
    private int linkHeader(Frame frame, int offset) {
        if (!ethernet) {
            return 0;
        }
        return Ethernet.isTag(frame.getShort(offset + 12)) ? Ethernet.VLAN_HEADER_LENGTH : Ethernet.HEADER_LENGTH;
    }

    /**
     * Answers to the sender of a frame that is too long, where that is wanted, by making the answer of the frame; takes
     * ownership if it does.
     *
     * @param encapsulated the frame behind its new header
     */
    final boolean answerTooLong(Frame encapsulated) {
        PortHandle here = handle;
        if (!tunnel.tooBigAnswers() || here == null) {
            return false;
        }
        long key = keyOf(encapsulated);
        strip(encapsulated);
        int endpoint = Math.max(0, encapsulated.endpoint()); // of a hub's flood it says where the frame is not to go
        encapsulated.endpoint(endpoint);
        encapsulated.splitHorizonGroup(0); // a flood's is where the answer is to go
        RemoteEnd remote = ends.table().get(endpoint);
        int longest = remote == null ? Integer.MAX_VALUE : ends.longestPayload(remote) - linkHeader(encapsulated, 0);
        if (!answers.make(encapsulated, Math.min(innerMtu(), longest), ethernet, context.nanoTime())) {
            return false;
        }
        restoreTag(encapsulated, key);
        encapsulated.ingress(here.index()); // as if the one it was for had answered
        if (!answers.offer(encapsulated)) {
            return false;
        }
        context.wakeup();
        return true;
    }

    /** The key in a header, if {@link #restoreTag} needs it. */
    protected long keyOf(Frame encapsulated) {
        return KEY_OF_REMOTE;
    }

    /** Puts the tag back that {@link #admit} took off. */
    protected void restoreTag(Frame frame, long key) {}

    // ---- the control plane's side ----

    /** The remote ends now, in the order of their numbers. */
    public final List<RemoteEnd> remotes() {
        return opened().table().all();
    }

    /**
     * Adds a remote end: frames are accepted from it, and flooded to it unless {@link #floodTo} says to whom. If it was learned, by
     * this port or another one whose packets look the same, it is so no longer.
     *
     * @param spec with an address, not a name
     * @throws PortException when it is one already, of this port or of another one whose packets look the same; when it is a
     *     multicast group, of the other family, this machine itself, or there is no way to it
     * @throws IllegalArgumentException for a name, and for a port or a key that the tunnel cannot have
     */
    public final RemoteEnd addRemote(RemoteSpec spec) throws PortException {
        if (spec.isName()) {
            throw new IllegalArgumentException("remote is '" + spec.host() + "'; accepted: an IPv4 or IPv6 address");
        }
        checkRemote("remote_ip", spec, spec);
        return opened().add(peer(spec), key(spec), Origin.CONTROL, true, null);
    }

    /** Removes a remote end, and what was learned behind it; {@code false} when it is none (any more). */
    public final boolean removeRemote(RemoteEnd remote) {
        return opened().remove(remote);
    }

    /** Says to whom broadcast, unknown unicast and multicast frames go, in place of all remote ends. Empty for nobody. */
    public final void floodTo(Collection<RemoteEnd> remotes) {
        opened().floodTo(remotes);
    }

    /** Has frames flooded to all remote ends again. */
    public final void floodToAll() {
        opened().floodTo(null);
    }

    /**
     * Says behind which remote end a station is, as {@code bridge fdb add MAC dst IP port N vni N} says it to the kernel. A
     * remote end that there is not yet is added; frames are not flooded to it.
     *
     * @throws PortException when the remote end cannot be added
     * @throws IllegalArgumentException for a port or a key that the tunnel cannot have
     */
    public final void setStation(StationSpec station) throws PortException {
        checkRemote("fdb", station, station.remote());
        RemoteEnd remote = opened().findOrAdd(peer(station.remote()), key(station.remote()), Origin.CONTROL);
        if (!handle.station(station.vlan(), station.mac(), remote.endpoint())) {
            throw new PortException(tunnel.scheme() + " port '" + name() + "': station " + station
                    + " cannot be set: the switch has no FDB, or it is full of stations that were set");
        }
    }

    /**
     * The longest IP packet that fits through the tunnel to every remote end, its header counted; as the option {@code mtu}
     * says, or the underlay's routes.
     */
    public final int effectiveMtu() {
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
        return now == null
                ? List.of()
                : TunnelReadings.of(tunnel.scheme(), name(), now, answers.given(), clamped.get());
    }

    @Override
    public final String toString() {
        return tunnel.scheme() + ":" + tunnel.name();
    }
}
