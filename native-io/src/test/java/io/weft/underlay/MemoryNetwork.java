package io.weft.underlay;

import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * An IP network in memory, for tests: {@link #host hosts} with addresses of both families, all of which reach each other
 * with one hop unless a knob says otherwise. What is sent is in the receiver's queue when {@link UnderlaySender#flush} returns;
 * nothing is left to chance but what {@link #impair} asks for, by a seed.
 *
 * <p>As on Linux: a datagram goes to the socket bound to its address, or else to the one bound to any; one to a group goes
 * to every socket that has joined it and is bound to any address, or to the group, but not to the host that sends it
 * (IP_MULTICAST_LOOP off). A datagram to an address that no host has, or whose host or link is down, is UNREACHABLE; one to
 * a port at which nobody listens is SENT, and the sender is told by {@link UnderlaySocket#readErrors}. A run of equal datagrams
 * of one flush to one peer, the last of which may be shorter, is received as one message where the receiver coalesces and
 * the sender has checksums.
 *
 * <p>Whole IPv6 packets ({@link Ipv6PacketSettings}) also go where a host's {@link MemoryHost#locators} say, to each socket that receives
 * what goes there; the way is that to the peer, from the socket's own address, whatever the packet says. Such a socket can neither
 * send UDP nor receive it, which has no headers here.
 *
 * <p>A datagram of another protocol goes to every raw socket that is bound to its address or to any, each of which gets a copy
 * and is impaired for itself; what a socket does not want ({@link UnderlaySocket#receiveFrom}) is counted nowhere. When
 * there is no socket for the protocol, the sender is told as of a port at which nobody listens; what other hosts say is told
 * to all raw sockets that may have sent the datagram. Datagrams longer than the MTU, which may be cut, arrive whole.
 *
 * <p>Threads: any; one lock for the whole network. {@link UnderlaySocket#onReadable} tasks run on the thread that sends, without
 * the lock; observers with it.
 */
public final class MemoryNetwork {
    /** The way's MTU unless a knob says otherwise, IP header counted. */
    public static final int DEFAULT_MTU = 1500;

    /** Two addresses, in the order given: a way in one direction. */
    private record Way(InetAddress from, InetAddress to) {}

    /** A datagram that reordering keeps back until another one has overtaken it. */
    private record Held(MemorySocket socket, MemoryDatagram datagram, long run) {}

    private final List<MemoryHost> hosts = new ArrayList<>();
    private final List<Consumer<MemoryDatagram>> observers = new ArrayList<>();
    private final Map<Way, Integer> mtus = new HashMap<>();
    private final Map<Way, Integer> hiddenMtus = new HashMap<>(); // of routers, not yet known to the sender
    private final Map<Way, Boolean> cut = new HashMap<>(); // true: the sender is told; false: silently
    private final ArrayDeque<Held> held = new ArrayDeque<>();
    private int defaultMtu = DEFAULT_MTU;
    private int queueLimit = Integer.MAX_VALUE;
    private long runs;

    private SplittableRandom random = new SplittableRandom(0);
    private double loss;
    private double duplication;
    private double reordering;

    private long lost;
    private long duplicated;
    private long reordered;
    private long discarded;
    private long overflowed;

    // ---- hosts, and who watches ----

    /** A host with addresses of either family; it opens sockets. */
    public synchronized MemoryHost host(InetAddress... addresses) {
        MemoryHost host = new MemoryHost(this);
        hosts.add(host);
        host.addresses(addresses);
        return host;
    }

    /** Adds somebody who sees every datagram when it leaves its host, whatever becomes of it, and all that is injected. */
    public synchronized void observe(Consumer<MemoryDatagram> observer) {
        observers.add(observer);
    }

    // ---- knobs ----

    /** Loses, duplicates and reorders datagrams with these probabilities, 0..1. */
    public synchronized void impair(long seed, double newLoss, double newDuplication, double newReordering) {
        random = new SplittableRandom(seed);
        loss = newLoss;
        duplication = newDuplication;
        reordering = newReordering;
    }

    /** Delivers what reordering still keeps back. */
    public void deliverHeld() {
        List<Runnable> tasks = new ArrayList<>();
        synchronized (this) {
            for (Held next = held.poll(); next != null; next = held.poll()) {
                enqueue(next.socket, next.datagram, next.run, tasks);
            }
        }
        tasks.forEach(Runnable::run);
    }

    /** The MTU of every way that has none of its own, IP header counted. */
    public synchronized void mtu(int mtu) {
        defaultMtu = mtu;
    }

    /** The MTU of the ways between two addresses, known to both ends: longer datagrams with DF are TOO_LONG. */
    public synchronized void pathMtu(InetAddress one, InetAddress other, int mtu) {
        mtus.put(new Way(one, other), mtu);
        mtus.put(new Way(other, one), mtu);
    }

    /**
     * The MTU of a router between two addresses, of which the ends learn only from its answer ("too big") to the first longer
     * datagram with DF in their direction, which is SENT and lost.
     */
    public synchronized void routerMtu(InetAddress one, InetAddress other, int mtu) {
        hiddenMtus.put(new Way(one, other), mtu);
        hiddenMtus.put(new Way(other, one), mtu);
    }

    /** Takes the link between two addresses down, so that what is sent is UNREACHABLE, or up again. */
    public synchronized void linkDown(InetAddress one, InetAddress other, boolean down) {
        cut(one, other, down, true);
    }

    /** Has everything between two addresses lost without a word, or not any longer. */
    public synchronized void silence(InetAddress one, InetAddress other, boolean silent) {
        cut(one, other, silent, false);
    }

    private void cut(InetAddress one, InetAddress other, boolean isCut, boolean told) {
        if (isCut) {
            cut.put(new Way(one, other), told);
            cut.put(new Way(other, one), told);
        } else {
            cut.remove(new Way(one, other));
            cut.remove(new Way(other, one));
        }
    }

    /** Datagrams that may wait at each socket, besides the limit of {@link UdpSettings#receiveBuffer} in payload bytes. */
    public synchronized void queueLimit(int datagrams) {
        queueLimit = datagrams;
    }

    int queueLimit() {
        return queueLimit;
    }

    // ---- injection: what no socket has sent ----

    /** Delivers arbitrary bytes from any address. Neither impaired nor answered with errors. */
    public void inject(byte[] bytes, UnderlayPeer from, UnderlayPeer to) {
        inject(MemoryDatagram.of(bytes, from, to), -1);
    }

    /** The same by another protocol than UDP; ports are 0. */
    public void inject(int protocol, byte[] bytes, UnderlayPeer from, UnderlayPeer to) {
        inject(MemoryDatagram.of(protocol, bytes, from, to), -1);
    }

    /** The same with a header of one's own. */
    public void inject(MemoryDatagram datagram) {
        inject(datagram, -1);
    }

    /**
     * Delivers one UDP message with this {@link UnderlayReceiver#segmentSize}, true or not, as kernels do that pass on what an
     * encapsulating device has made.
     */
    public void injectMessage(byte[] bytes, int segmentSize, UnderlayPeer from, UnderlayPeer to) {
        inject(MemoryDatagram.of(bytes, from, to), segmentSize);
    }

    private void inject(MemoryDatagram datagram, int segmentSize) {
        List<Runnable> tasks = new ArrayList<>();
        synchronized (this) {
            observers.forEach(observer -> observer.accept(datagram));
            List<MemorySocket> receivers = receivers(datagram, datagram.to(), null);
            discarded += receivers.isEmpty() ? 1 : 0;
            receivers.removeIf(receiver -> !receiver.wants(datagram.from()));
            for (MemorySocket receiver : receivers) {
                if (segmentSize < 0) {
                    enqueue(receiver, datagram, ++runs, tasks);
                } else {
                    overflowed += receiver.enqueue(datagram, ++runs, segmentSize, tasks) ? 0 : 1;
                }
            }
        }
        tasks.forEach(Runnable::run);
    }

    // ---- counters ----

    /** Datagrams lost by {@link #impair}, {@link #silence} or {@link #routerMtu}. */
    public synchronized long lost() {
        return lost;
    }

    /** Datagrams delivered twice. */
    public synchronized long duplicated() {
        return duplicated;
    }

    /** Datagrams that another one has overtaken, or will. */
    public synchronized long reordered() {
        return reordered;
    }

    /** Datagrams that no socket took: nobody listens, or none of those who do accepts the missing checksum. */
    public synchronized long discarded() {
        return discarded;
    }

    /** Datagrams for which a socket had no room; those that go to several sockets count at each. */
    public synchronized long overflowed() {
        return overflowed;
    }

    // ---- the way of a datagram; all below is called with the lock ----

    long nextRun() {
        return ++runs;
    }

    MemoryHost owner(InetAddress address) {
        for (MemoryHost host : hosts) {
            if (host.has(address)) {
                return host;
            }
        }
        return null;
    }

    /** The host with an address, or with the longest locator that it begins with; {@code null} if there is none. */
    MemoryHost owner(UnderlayPeer to) {
        MemoryHost found = owner(to.toSocketAddress().getAddress());
        int longest = -1;
        if (found == null) {
            for (MemoryHost host : hosts) {
                int length = host.locator(to);
                found = length > longest ? host : found;
                longest = Math.max(longest, length);
            }
        }
        return found;
    }

    /** The MTU that the sender knows of, or -1 when there is no way. */
    int knownMtu(MemoryHost sender, InetAddress source, UnderlayPeer to) {
        InetAddress destination = to.toSocketAddress().getAddress();
        if (source == null || sender.isDown() || !sender.has(source)) {
            return -1;
        }
        if (!to.isMulticast()) {
            MemoryHost owner = owner(to);
            if (owner == null || owner.isDown() || Boolean.TRUE.equals(cut.get(new Way(source, destination)))) {
                return -1;
            }
        }
        return mtus.getOrDefault(new Way(source, destination), defaultMtu);
    }

    /** Sends a datagram where the way to an address leads, which is that of its destination unless it is a whole packet. */
    SendOutcome send(MemorySocket sender, MemoryDatagram datagram, UnderlayPeer to, long run, List<Runnable> tasks) {
        int length = datagram.bytes().length;
        if (sender.settings().exceedsPackets(length)) {
            return SendOutcome.TOO_LONG;
        }
        InetAddress source = sender.settings().isPackets()
                ? sender.source() // whatever the packet says
                : datagram.from().toSocketAddress().getAddress();
        int mtu = knownMtu(sender.host(), source, to);
        if (mtu < 0) {
            return SendOutcome.UNREACHABLE;
        }
        int packetLength = sender.settings().packetLength(length);
        if (datagram.dontFragment() && packetLength > mtu) {
            if (!sender.settings().isPackets()) { // whose sockets tell what routers say, and not what is refused here
                sender.error(to, mtu, false, tasks);
            }
            return SendOutcome.TOO_LONG;
        }
        if (!sender.host().takeSendRoom()) {
            return SendOutcome.QUEUE_FULL;
        }
        Way way = new Way(source, to.toSocketAddress().getAddress());
        int hidden = hiddenMtus.getOrDefault(way, Integer.MAX_VALUE);
        boolean fits = packetLength <= Math.min(mtu, hidden);
        MemoryDatagram sent = fits || datagram.dontFragment() ? datagram : datagram.inFragments();
        observers.forEach(observer -> observer.accept(sent));
        if (!fits && sent.dontFragment()) {
            mtus.put(way, hidden);
            lost++;
            sender.host().answered(sender, sent, hidden, false, tasks);
        } else if (cut.containsKey(way)) {
            lost++;
        } else {
            deliver(sender, sent, to, run, tasks);
        }
        return SendOutcome.SENT;
    }

    private void deliver(
            MemorySocket sender, MemoryDatagram datagram, UnderlayPeer to, long run, List<Runnable> tasks) {
        List<MemorySocket> receivers = receivers(datagram, to, sender.host());
        if (receivers.isEmpty()) {
            discarded++;
            boolean answers = owner(datagram.to().toSocketAddress().getAddress()) != null; // a black hole does not
            if (answers && !datagram.to().isMulticast()) {
                sender.host().answered(sender, datagram, 0, true, tasks);
            }
        }
        receivers.removeIf(receiver -> !receiver.wants(datagram.from()));
        for (MemorySocket receiver : receivers) {
            if (happens(loss)) {
                lost++;
                continue;
            }
            if (happens(reordering)) {
                reordered++;
                held.add(new Held(receiver, datagram, run));
                continue;
            }
            enqueue(receiver, datagram, run, tasks);
            if (happens(duplication)) {
                duplicated++;
                enqueue(receiver, datagram, run, tasks);
            }
            held.removeIf(waiting -> {
                boolean overtaken = waiting.socket == receiver;
                if (overtaken) {
                    enqueue(receiver, waiting.datagram, waiting.run, tasks);
                }
                return overtaken;
            });
        }
    }

    /** Not asked of the generator when it cannot happen, so that one impairment does not change another's course. */
    private boolean happens(double probability) {
        return probability > 0 && random.nextDouble() < probability;
    }

    private void enqueue(MemorySocket receiver, MemoryDatagram datagram, long run, List<Runnable> tasks) {
        if (!datagram.checksum()
                && receiver.settings().ipv6()
                && !receiver.settings().acceptZeroChecksum()) {
            discarded++;
        } else if (!receiver.enqueue(datagram, run, -1, tasks)) {
            overflowed++;
        }
    }

    /** The sockets that a datagram is for, those too that want nothing of its sender. */
    private List<MemorySocket> receivers(MemoryDatagram datagram, UnderlayPeer to, MemoryHost sender) {
        List<MemorySocket> found = new ArrayList<>();
        if (to.isMulticast()) {
            for (MemoryHost host : hosts) {
                if (host != sender && !host.isDown()) {
                    host.members(to, datagram.protocol(), found);
                }
            }
        } else {
            MemoryHost owner = owner(to);
            if (owner != null && !owner.isDown()) {
                owner.listeners(datagram.to(), datagram.protocol(), found);
            }
        }
        return found;
    }

    @Override
    public synchronized String toString() {
        return "MemoryNetwork" + Arrays.toString(hosts.toArray());
    }
}
