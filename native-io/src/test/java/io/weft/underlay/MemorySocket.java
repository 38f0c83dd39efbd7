package io.weft.underlay;

import io.weft.frame.IpPrefix;
import io.weft.underlay.UnderlayException.Kind;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A socket of a {@link MemoryHost}. Its {@link #onReadable} task runs when a datagram or an error comes after a receive, or
 * a {@link #readErrors}, that left none; and for the first one.
 *
 * <p>Threads: as {@link UnderlaySocket}; the rest any.
 */
public final class MemorySocket implements UnderlaySocket {
    private static final int MAX_ERRORS = 1024;

    private record Address(long high, long low) {}

    private record PeerError(UnderlayPeer peer, int mtu, boolean refused) {}

    private final MemoryNetwork network;
    private final MemoryHost host;
    private final MemorySocketSettings settings;
    private final int port; // 0 when it is raw
    private final MemoryReceiver receiver;

    // all with the network's lock
    private final Set<InetAddress> groups = new HashSet<>();
    private final ArrayDeque<PeerError> errors = new ArrayDeque<>();
    private Set<Address> sources; // null for everybody
    private List<IpPrefix> destinations; // of whole packets; null when there are to be none
    private boolean errorsAwaited = true;
    private Runnable readable = () -> {};

    MemorySocket(MemoryNetwork network, MemoryHost host, MemorySocketSettings settings, int port) {
        this.network = network;
        this.host = host;
        this.settings = settings;
        this.port = port;
        receiver = new MemoryReceiver(network, settings);
    }

    /** Lets one call of {@link UnderlayReceiver#receive} end with this error number before anything else. */
    public void failNextReceive(int errno) {
        synchronized (network) {
            receiver.failNext(errno);
        }
    }

    /** Whether it was closed. */
    public boolean isClosed() {
        synchronized (network) {
            return receiver.isClosed();
        }
    }

    // ---- UnderlaySocket ----

    @Override
    public InetSocketAddress local() {
        try {
            InetAddress any = InetAddress.getByAddress(new byte[settings.ipv6() ? 16 : 4]);
            return new InetSocketAddress(boundTo() == null ? any : boundTo(), port);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e); // only for octets of another number
        }
    }

    @Override
    public List<String> notes() {
        return List.of();
    }

    @Override
    public int descriptor() {
        return -1;
    }

    @Override
    public void onReadable(Runnable task) {
        synchronized (network) {
            readable = task;
        }
    }

    @Override
    public UnderlayReceiver receiver() {
        return receiver;
    }

    @Override
    public UnderlaySender newSender() {
        return new MemorySender(network, this);
    }

    @Override
    public void join(InetAddress group, String networkInterface) throws UnderlayException {
        synchronized (network) {
            if (!group.isMulticastAddress() || group.getAddress().length != (settings.ipv6() ? 16 : 4)) {
                throw new UnderlayException(
                        Kind.OTHER,
                        group.getHostAddress()
                                + " cannot be joined; accepted: a multicast group of the socket's family",
                        null);
            }
            host.requireInterface(networkInterface);
            groups.add(group);
        }
    }

    @Override
    public int pathMtu(UnderlayPeer peer) throws UnderlayException {
        synchronized (network) {
            int mtu = network.knownMtu(host, source(), peer);
            if (mtu < 0) {
                throw new UnderlayException(Kind.NO_ROUTE, "there is no route to " + peer.address(), null);
            }
            return mtu;
        }
    }

    @Override
    public InetAddress sourceFor(UnderlayPeer peer) {
        synchronized (network) {
            return settings.isPackets() && settings.local() != null ? settings.local() : source();
        }
    }

    @Override
    public void readErrors(UnderlayErrorListener listener) {
        synchronized (network) {
            for (PeerError error = errors.poll(); error != null; error = errors.poll()) {
                UnderlayPeer peer = error.peer;
                if (error.mtu > 0) {
                    listener.tooBig(peer.high(), peer.low(), peer.port(), error.mtu);
                } else {
                    listener.unreachable(peer.high(), peer.low(), peer.port(), error.refused);
                }
            }
            errorsAwaited = true;
        }
    }

    /** Of use to raw sockets only, as natively. What waits already stays. */
    @Override
    public void receiveFrom(Collection<UnderlayPeer> newSources) {
        if (settings.isRaw() && !settings.isPackets()) {
            synchronized (network) {
                sources = newSources == null
                        ? null
                        : newSources.stream()
                                .map(peer -> new Address(peer.high(), peer.low()))
                                .collect(Collectors.toSet());
            }
        }
    }

    @Override
    public void receiveTo(Collection<IpPrefix> newDestinations) {
        List<IpPrefix> prefixes = Ipv6PacketSettings.checked(newDestinations);
        synchronized (network) {
            if (destinations == null) {
                throw new UnsupportedOperationException("this socket receives nothing, or what goes to its address");
            }
            destinations = prefixes;
        }
    }

    @Override
    public void close() {
        synchronized (network) {
            receiver.close();
            host.remove(this);
        }
    }

    // ---- for the network; with its lock ----

    MemoryHost host() {
        return host;
    }

    MemorySocketSettings settings() {
        return settings;
    }

    /** {@code null} for any. */
    InetAddress boundTo() {
        return settings.local();
    }

    int port() {
        return port;
    }

    boolean closed() {
        return receiver.isClosed();
    }

    /** What it sends from, or {@code null} when its host has no address of its family. Whole packets have sources that lead nowhere. */
    InetAddress source() {
        InetAddress boundTo = settings.local();
        return boundTo == null || boundTo.isMulticastAddress() || settings.isPackets()
                ? host.first(settings.ipv6())
                : boundTo;
    }

    /** Says what it receives, if it is one for whole packets; {@code null} for one that only sends. */
    void receiveOnlyTo(List<IpPrefix> prefixes) {
        destinations = prefixes;
    }

    /** Whether it is one for whole packets, and those to an address are for it. */
    boolean receivesTo(UnderlayPeer to) {
        return destinations != null && destinations.stream().anyMatch(prefix -> prefix.contains(to.high(), to.low()));
    }

    boolean isMemberOf(InetAddress group) {
        return groups.contains(group);
    }

    /** Whether what is sent to one of its host's addresses is for it, ports left aside. */
    boolean isAt(InetAddress address, int protocol) {
        boolean sameFamily = address instanceof Inet6Address == settings.ipv6();
        return settings.protocol() == protocol
                && sameFamily
                && (boundTo() == null || boundTo().equals(address));
    }

    /** Whether it has not said that it wants nothing of this sender. */
    boolean wants(UnderlayPeer from) {
        return sources == null || sources.contains(new Address(from.high(), from.low()));
    }

    /** Queues a datagram, or counts that there is no room and returns false. */
    boolean enqueue(MemoryDatagram datagram, long run, int segmentSize, List<Runnable> tasks) {
        boolean queued = receiver.enqueue(datagram, run, segmentSize);
        if (queued && receiver.takeAwaiting()) {
            tasks.add(readable);
        }
        return queued;
    }

    /**
     * Queues what {@link #readErrors} tells.
     *
     * @param mtu of the way for "too big", else 0
     */
    void error(UnderlayPeer peer, int mtu, boolean refused, List<Runnable> tasks) {
        if (errors.size() < MAX_ERRORS) {
            errors.add(new PeerError(peer, mtu, refused));
        }
        if (errorsAwaited) {
            errorsAwaited = false;
            tasks.add(readable);
        }
    }

    @Override
    public String toString() {
        if (settings.isPackets()) {
            return "MemorySocket[packets to " + destinations + "]";
        }
        return "MemorySocket[" + local() + (settings.isRaw() ? " protocol " + settings.protocol() : "") + "]";
    }
}
