package io.weft.tunnel;

import io.weft.frame.Ethernet;
import io.weft.port.PortContext;
import io.weft.port.PortException;
import io.weft.port.PortHandle;
import io.weft.tunnel.RemoteEnd.Origin;
import io.weft.tunnel.RemoteEnd.State;
import io.weft.underlay.UnderlayPeer;
import io.weft.underlay.UnderlaySocket;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The remote ends of a port: who is one, to whom frames are flooded, and what is known of the ways to them.
 *
 * <p>Threads: any; changes are serialized here. Workers read {@link #table} and {@link #floodList} without a lock.
 */
public final class RemoteEnds {
    /** In place of a remote end: what came was sent by this machine. */
    public static final RemoteEnd OURSELVES = new RemoteEnd(0, new UnderlayPeer(-1, -1, 0, 0), -1, null, false, null);

    /** What IPv4 guarantees (RFC 791), and what is taken for the MTU of a way of which nothing is known. */
    private static final int LEAST_MTU = 68;

    private static final int USUAL_MTU = 1_500;

    /** Ways whose MTU is asked for again in one round of {@link #look}. */
    private static final int WAYS_PER_ROUND = 16;

    /** Between two times that a remote end is said not to be reached. */
    private static final long REPORT_INTERVAL_NS = TimeUnit.MINUTES.toNanos(1);

    /** Remote ends of a round that are named when they are forgotten. */
    private static final int TOLD_PER_ROUND = 16;

    /** Between two questions to the kernel for a way's MTU, when ICMP says something about it. */
    private static final long ASKING_INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(10);

    private final TunnelSettings settings;
    private final TunnelPort port;
    private final PortContext context;
    private final Ways ways;
    private final int ipHeader; // bytes of the underlay's
    private final int linkHeader; // bytes of what is carried in front of an IP packet
    private final RemoteTable table = new RemoteTable();
    private PortHandle handle;
    private Probes probes; // null when nobody is probed
    private Collection<RemoteEnd> chosen; // by a control plane; null: by the rules
    private int learned;
    private volatile boolean full; // of learned ones
    private int nextWay;
    private volatile FloodList floodList = FloodList.NOBODY;
    private volatile int innerMtu;

    RemoteEnds(TunnelPort port, PortContext context, UnderlaySocket socket) {
        this.port = port;
        this.settings = port.tunnel();
        this.context = context;
        this.ways = new Ways(port, socket);
        this.ipHeader = settings.ipv6() ? 40 : 20;
        this.linkHeader =
                port.carriesEthernet() ? Ethernet.HEADER_LENGTH + (settings.carryTags() ? Ethernet.TAG_LENGTH : 0) : 0;
        recount();
    }

    /** From now on the port is in the switch. */
    synchronized void attach(PortHandle newHandle, Probes newProbes) {
        handle = newHandle;
        probes = newProbes;
        table.all().forEach(this::probe);
        recount();
    }

    RemoteTable table() {
        return table;
    }

    /** Whom frames without a known remote end are sent to. */
    FloodList floodList() {
        return floodList;
    }

    /** The longest IP packet that fits through the tunnel to everybody, its header counted. */
    int innerMtu() {
        return innerMtu;
    }

    /** Bytes of what is carried, a frame or a packet, that fit on the way to a remote end. */
    int longestPayload(RemoteEnd remote) {
        int way = remote.pathMtu();
        return way > 0 && settings.dontFragment() ? way - underlayHeaders(remote) : Integer.MAX_VALUE;
    }

    /** Bytes in front of what is carried: IP, and the tunnel's. */
    private int underlayHeaders(RemoteEnd remote) {
        return ipHeader + port.overhead(remote);
    }

    // ---- coming and going ----

    /**
     * Adds one that was configured, or that a control plane wants.
     *
     * @param flooded whether it gets what is flooded, as one remote end of an address may; then one that was learned there gives way
     * @throws PortException when it is a multicast group, of the other family, this machine itself, or there is no way to it;
     *     when it is flooded to already, or another port's whose packets look the same
     */
    public synchronized RemoteEnd add(UnderlayPeer peer, long key, Origin origin, boolean flooded, String name)
            throws PortException {
        ways.require(peer, origin);
        if (flooded) {
            requireFree(peer, null);
        }
        int mtu = ways.mtu(peer);
        if (flooded) {
            forget(peer);
        }
        RemoteEnd remote = table.add(number -> prepared(new RemoteEnd(number, peer, key, origin, flooded, name)));
        try {
            claim(remote); // now that any other port that wants it finds it here
        } catch (PortException e) {
            table.remove(remote);
            throw e;
        }
        arrived(remote, mtu);
        return remote;
    }

    /** The remote end with this address, port and key; it is added, and nothing flooded to it, when there is none. */
    synchronized RemoteEnd findOrAdd(UnderlayPeer peer, long key, Origin origin) throws PortException {
        for (RemoteEnd remote : table.all(peer.high(), peer.low())) {
            if (remote.peer().equals(peer) && remote.key() == key) {
                return remote;
            }
        }
        return add(peer, key, origin, false, null);
    }

    /** Forgets a remote end that was only learned: it is somebody's who knows better. */
    synchronized void forget(UnderlayPeer peer) {
        RemoteEnd known = table.find(peer.high(), peer.low());
        if (known != null && known.origin() == Origin.LEARNED) {
            remove(known);
        }
    }

    /** That nothing is flooded to an address yet, but to a remote end that was learned, or this one. */
    private void requireFree(UnderlayPeer peer, RemoteEnd except) throws PortException {
        for (RemoteEnd known : table.all(peer.high(), peer.low())) {
            if (known != except && known.isFlooded() && known.origin() != Origin.LEARNED) {
                throw new PortException("remote end " + peer.address() + " of " + settings.name() + " is endpoint "
                        + known.endpoint() + " already; accepted: another address");
            }
        }
    }

    /** Before the port is opened, its conflicts are found when it begins to receive. */
    private void claim(RemoteEnd remote) throws PortException {
        if (port.isOpened()) {
            port.claim(remote);
        }
    }

    private RemoteEnd prepared(RemoteEnd remote) {
        port.prepare(remote);
        return remote;
    }

    private void arrived(RemoteEnd remote, int mtu) {
        remote.pathMtu(mtu);
        if (remote.origin() == Origin.LEARNED) {
            learned++;
            full = learned >= settings.maxLearnedRemotes();
        }
        port.remotesChanged();
        if (handle != null) {
            probe(remote);
        }
        if (chosen == null && remote.isFlooded() && remote.isUsable()) { // as recount() would find, without a walk
            floodList = floodList.with(remote);
        }
        if (settings.mtu() == 0 && mtu > 0) {
            int fitting = fitting(mtu - underlayHeaders(remote));
            innerMtu = table.size() == 1 ? fitting : Math.min(innerMtu, fitting);
        }
    }

    private void probe(RemoteEnd remote) {
        if (probes != null && remote.isProbed()) {
            probes.add(remote, this);
        }
    }

    /** Makes a remote end of somebody who has sent something; {@code null} when there is no room, or {@link #OURSELVES}. */
    RemoteEnd learn(long high, long low) {
        if (full) {
            return null; // whoever floods us with addresses does not get a lock for each
        }
        return tryToLearn(high, low);
    }

    private synchronized RemoteEnd tryToLearn(long high, long low) {
        RemoteEnd known = table.find(high, low);
        if (known != null) {
            return known;
        }
        if (learned >= settings.maxLearnedRemotes()) {
            return null;
        }
        UnderlayPeer peer = new UnderlayPeer(high, low, 0, port.destinationPort(0));
        if (peer.isMulticast() || peer.isIpv4() == settings.ipv6()) {
            return null;
        }
        if (ways.isOwn(peer)) {
            return OURSELVES;
        }
        try {
            int mtu = ways.mtu(peer);
            RemoteEnd remote = table.add(number ->
                    prepared(new RemoteEnd(number, peer, port.outKey(), Origin.LEARNED, port.floodsToLearned(), null)));
            remote.seen(context.nanoTime());
            arrived(remote, mtu);
            context.report("learned remote end " + remote);
            return remote;
        } catch (PortException noWay) {
            return null; // what it sent is counted
        }
    }

    /** Removes one and what was learned behind it; {@code false} when it was no longer there. */
    synchronized boolean remove(RemoteEnd remote) {
        if (!table.remove(remote)) {
            return false;
        }
        left(remote);
        port.remotesChanged();
        recount();
        return true;
    }

    private void left(RemoteEnd remote) {
        port.departed(remote);
        if (remote.origin() == Origin.LEARNED) {
            learned--;
            full = false;
        }
        if (probes != null) {
            probes.remove(remote);
        }
        if (handle != null) {
            handle.flush(remote.endpoint());
        }
    }

    /**
     * A name has another address now.
     *
     * @return what its remote end is from now on; {@code null} when it was removed
     * @throws PortException as {@link #add} does; the remote end stays where it is
     */
    synchronized RemoteEnd move(RemoteEnd old, UnderlayPeer peer) throws PortException {
        if (!isHere(old)) {
            return null;
        }
        ways.require(peer, old.origin());
        requireFree(peer, old);
        int mtu = ways.mtu(peer);
        forget(peer);
        RemoteEnd remote =
                prepared(new RemoteEnd(old.endpoint(), peer, old.key(), old.origin(), old.isFlooded(), old.name()));
        table.replace(old, remote);
        try {
            claim(remote);
        } catch (PortException e) {
            table.replace(remote, old);
            throw e;
        }
        if (probes != null) {
            probes.remove(old);
        }
        arrived(remote, mtu);
        recount();
        return remote;
    }

    /** Whether a remote end has neither been removed nor moved. */
    boolean isHere(RemoteEnd remote) {
        return table.get(remote.endpoint()) == remote;
    }

    /** Forgets learned ones that have been silent for too long: many in one go, perhaps, which are told one by one up to a bound. */
    private synchronized void age() {
        if (learned == 0) {
            return;
        }
        long before = context.nanoTime() - settings.remoteAgeing().toNanos();
        int forgotten = 0;
        for (RemoteEnd remote : table.all()) {
            if (remote.origin() == Origin.LEARNED && remote.seenNs() - before < 0 && table.remove(remote)) {
                left(remote);
                if (forgotten++ < TOLD_PER_ROUND) {
                    context.report("forgot remote end " + remote + silent());
                }
            }
        }
        if (forgotten > TOLD_PER_ROUND) {
            context.report("forgot " + (forgotten - TOLD_PER_ROUND) + " more remote ends" + silent());
        }
        if (forgotten > 0) {
            port.remotesChanged();
            recount();
        }
    }

    private String silent() {
        return ": silent for " + settings.remoteAgeing().toSeconds() + " s";
    }

    // ---- flooding ----

    /** Has frames flooded to these; {@code null}: to all that the rules say. */
    synchronized void floodTo(Collection<RemoteEnd> remotes) {
        chosen = remotes == null ? null : List.copyOf(remotes);
        recount();
    }

    /** What has been made of a remote end when its name moved. */
    private RemoteEnd current(RemoteEnd remote) {
        RemoteEnd there = table.get(remote.endpoint());
        boolean moved = there != null && remote.name() != null && remote.name().equals(there.name());
        return moved ? there : remote;
    }

    /** Makes anew what workers read. */
    private void recount() {
        RemoteEnd[] list = chosen != null
                ? chosen.stream()
                        .map(this::current)
                        .filter(RemoteEnd::isUsable)
                        .filter(this::isHere)
                        .distinct()
                        .toArray(RemoteEnd[]::new)
                : table.all().stream()
                        .filter(remote -> remote.isFlooded() && remote.isUsable())
                        .toArray(RemoteEnd[]::new);
        floodList = FloodList.of(list);
        innerMtu = settings.mtu() > 0 ? settings.mtu() : shortestWay();
    }

    private int shortestWay() {
        int shortest = USUAL_MTU - ipHeader - port.overhead();
        boolean known = false;
        for (RemoteEnd remote : table.all()) {
            int mtu = remote.pathMtu();
            int payload = mtu - underlayHeaders(remote);
            if (mtu > 0 && (!known || payload < shortest)) {
                shortest = payload;
                known = true;
            }
        }
        return fitting(shortest);
    }

    /** The longest IP packet in this many bytes of what is carried. */
    private int fitting(int payload) {
        return Math.max(LEAST_MTU, payload - linkHeader);
    }

    // ---- what is told about them ----

    /**
     * ICMP says that datagrams do not reach a remote end: told now and then only, since anybody may say so again and again of
     * somebody who is reached.
     */
    void unreachable(RemoteEnd remote, boolean refused) {
        remote.failed();
        if (remote.state() == State.UP) {
            remote.state(State.UNREACHABLE);
            if (!remote.tellsOutage(context.nanoTime(), REPORT_INTERVAL_NS)) {
                return;
            }
            context.report("remote end " + remote
                    + (refused
                            ? " refuses datagrams: nobody listens there, or it is filtered"
                            : " is not reached: no way to it"));
        }
    }

    /** Something came from one that was said not to be reached. */
    void reached(RemoteEnd remote) {
        remote.state(State.UP);
        if (remote.endsOutage()) {
            context.report("remote end " + remote + " is reached again");
        }
    }

    /**
     * ICMP says that a datagram was too long for the way to a remote end. Anybody can say so, with any MTU: what counts is what the
     * kernel makes of it, which knows that a way does not become shorter than it may. It is asked now and then only, however
     * much is said.
     */
    synchronized void tooBig(RemoteEnd remote) {
        remote.countTooBig();
        long waitNs = remote.mtuAskedNs + ASKING_INTERVAL_NS - context.nanoTime();
        if (remote.mtuAsked && waitNs > 0) {
            if (!remote.mtuAskedSoon) {
                remote.mtuAskedSoon = true;
                context.schedule(waitNs, () -> askForMtu(remote));
            }
            return;
        }
        askForMtu(remote);
    }

    synchronized void wayChanged(RemoteEnd remote) {
        if (isHere(remote)) {
            ways.look(remote);
            recount();
        }
    }

    private synchronized void askForMtu(RemoteEnd remote) {
        remote.mtuAsked = true;
        remote.mtuAskedSoon = false;
        remote.mtuAskedNs = context.nanoTime();
        if (isHere(remote) && ways.look(remote)) {
            recount();
            context.report("the way to remote end " + remote + " has an MTU of " + remote.pathMtu()
                    + " bytes, so that packets of " + innerMtu + " bytes fit inside");
        }
    }

    /** A probe answers (again), or no longer. */
    synchronized void probed(RemoteEnd remote, boolean up, String reason) {
        if (!isHere(remote)) {
            return;
        }
        remote.state(up ? State.UP : State.DOWN);
        recount();
        if (up) {
            context.report("remote end " + remote + " answers its probe");
        } else {
            handle.flush(remote.endpoint());
            context.report("remote end " + remote + " is down: " + reason);
        }
    }

    /** Now and then: ages learned ones, and asks for the MTU of some ways again, which may have grown. */
    void look() {
        age();
        List<RemoteEnd> all = table.all();
        boolean changed = false;
        for (int i = 0; i < Math.min(WAYS_PER_ROUND, all.size()); i++) {
            nextWay = nextWay + 1 < all.size() ? nextWay + 1 : 0;
            changed |= ways.look(all.get(nextWay));
        }
        if (changed) {
            synchronized (this) {
                recount();
            }
        }
    }

    /** Whether a remote end that was given as a name is not reached: the name may have another address by now. */
    boolean missesNamed() {
        return table.all().stream().anyMatch(remote -> remote.name() != null && remote.state() != State.UP);
    }
}
