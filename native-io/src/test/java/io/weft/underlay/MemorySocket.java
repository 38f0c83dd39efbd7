package io.weft.underlay;

import io.weft.frame.Frame;
import io.weft.underlay.UnderlayException.Kind;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A socket of a {@link MemoryHost}. Its {@link #onReadable} task runs when a datagram or an error comes after a receive, or
 * a {@link #readErrors}, that left none; and for the first one.
 *
 * <p>Threads: as {@link UnderlaySocket}; the rest any.
 */
public final class MemorySocket implements UnderlaySocket {
    private static final int RECEIVER_CAPACITY = 64;
    private static final int MAX_SEGMENTS = 64; // as Linux has it
    private static final int MAX_MESSAGE = 65_507;
    private static final int MAX_ERRORS = 1024;
    private static final int CLOSED = 9; // EBADF

    /** A datagram that waits, and what it may be received together with; or a message with a segment size of its own. */
    private record Waiting(MemoryDatagram datagram, long run, int segmentSize) {}

    private record PeerError(UnderlayPeer peer, int mtu, boolean refused) {}

    private final MemoryNetwork network;
    private final MemoryHost host;
    private final UdpSettings settings;
    private final InetAddress boundTo; // null for any
    private final int port;
    private final Receiver receiver = new Receiver();

    // all with the network's lock
    private final Set<InetAddress> groups = new HashSet<>();
    private final ArrayDeque<Waiting> queue = new ArrayDeque<>();
    private final ArrayDeque<PeerError> errors = new ArrayDeque<>();
    private long queuedBytes;
    private long overflow;
    private int nextFailure;
    private boolean datagramsAwaited = true;
    private boolean errorsAwaited = true;
    private boolean closed;
    private Runnable readable = () -> {};

    MemorySocket(MemoryNetwork network, MemoryHost host, UdpSettings settings, InetAddress boundTo, int port) {
        this.network = network;
        this.host = host;
        this.settings = settings;
        this.boundTo = boundTo;
        this.port = port;
    }

    /** How it was opened. */
    public UdpSettings settings() {
        return settings;
    }

    /** Lets one call of {@link UnderlayReceiver#receive} end with this error number before anything else. */
    public void failNextReceive(int errno) {
        synchronized (network) {
            nextFailure = errno;
        }
    }

    /** Whether it was closed. */
    public boolean isClosed() {
        synchronized (network) {
            return closed;
        }
    }

    // ---- UnderlaySocket ----

    @Override
    public InetSocketAddress local() {
        try {
            InetAddress any = InetAddress.getByAddress(new byte[settings.ipv6() ? 16 : 4]);
            return new InetSocketAddress(boundTo == null ? any : boundTo, port);
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
            return source();
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

    @Override
    public void close() {
        synchronized (network) {
            closed = true;
            queue.clear();
            queuedBytes = 0;
            host.remove(this);
        }
    }

    // ---- for the network; with its lock ----

    MemoryHost host() {
        return host;
    }

    InetAddress boundTo() {
        return boundTo;
    }

    int port() {
        return port;
    }

    boolean closed() {
        return closed;
    }

    /** What it sends from, or {@code null} when its host has no address of its family. */
    InetAddress source() {
        return boundTo == null || boundTo.isMulticastAddress() ? host.first(settings.ipv6()) : boundTo;
    }

    boolean isMemberOf(InetAddress group) {
        return groups.contains(group);
    }

    /** Queues a datagram, or counts that there is no room and returns false. */
    boolean enqueue(MemoryDatagram datagram, long run, int segmentSize, List<Runnable> tasks) {
        int room = settings.receiveBuffer() == 0 ? UdpSettings.DEFAULT_RECEIVE_BUFFER : settings.receiveBuffer();
        int length = datagram.bytes().length;
        if (closed || queue.size() >= network.queueLimit() || queuedBytes + length > room) {
            overflow++;
            return false;
        }
        queue.add(new Waiting(datagram, run, segmentSize));
        queuedBytes += length;
        if (datagramsAwaited) {
            datagramsAwaited = false;
            tasks.add(readable);
        }
        return true;
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
        return "MemorySocket[" + local() + "]";
    }

    private final class Receiver implements UnderlayReceiver {
        private final MemoryDatagram[] messages = new MemoryDatagram[RECEIVER_CAPACITY];
        private final int[] lengths = new int[RECEIVER_CAPACITY];
        private final int[] segmentSizes = new int[RECEIVER_CAPACITY];
        private final boolean[] cut = new boolean[RECEIVER_CAPACITY];
        private int failure;

        @Override
        public int capacity() {
            return RECEIVER_CAPACITY;
        }

        @Override
        public int receive(Frame[] landings, int count) {
            if (count < 1 || count > RECEIVER_CAPACITY) {
                throw new IllegalArgumentException("count is " + count + "; accepted: 1.." + RECEIVER_CAPACITY);
            }
            synchronized (network) {
                failure = closed ? CLOSED : nextFailure;
                nextFailure = 0;
                if (failure != 0) {
                    return 0;
                }
                int received = 0;
                while (received < count && !queue.isEmpty()) {
                    receive(landings[received], received);
                    received++;
                }
                datagramsAwaited = queue.isEmpty();
                return received;
            }
        }

        private void receive(Frame landing, int message) {
            Waiting first = queue.peek();
            int size = first.datagram.bytes().length;
            int length = 0;
            int segments = 0;
            cut[message] = false;
            do {
                byte[] bytes = queue.remove().datagram.bytes();
                queuedBytes -= bytes.length;
                int fits = Math.min(bytes.length, landing.capacity() - length);
                cut[message] |= fits < bytes.length;
                landing.putBytes(length, bytes, 0, fits);
                length += fits;
                segments++;
                if (bytes.length < size) {
                    break; // a shorter one is the last
                }
            } while (segments < MAX_SEGMENTS && continues(first, length));
            messages[message] = first.datagram;
            lengths[message] = length;
            segmentSizes[message] = first.segmentSize >= 0 ? first.segmentSize : segments > 1 ? size : 0;
        }

        private boolean continues(Waiting first, int length) {
            Waiting next = queue.peek();
            return next != null
                    && settings.coalescing()
                    && first.datagram.checksum()
                    && next.run == first.run
                    && next.segmentSize < 0
                    && next.datagram.bytes().length > 0
                    && next.datagram.bytes().length <= first.datagram.bytes().length
                    && length + next.datagram.bytes().length <= MAX_MESSAGE;
        }

        @Override
        public int failure() {
            return failure;
        }

        @Override
        public int length(int message) {
            return lengths[message];
        }

        @Override
        public boolean isCut(int message) {
            return cut[message];
        }

        @Override
        public int segmentSize(int message) {
            return segmentSizes[message];
        }

        @Override
        public long sourceHigh(int message) {
            return messages[message].from().high();
        }

        @Override
        public long sourceLow(int message) {
            return messages[message].from().low();
        }

        @Override
        public int sourcePort(int message) {
            return messages[message].from().port();
        }

        @Override
        public long destinationHigh(int message) {
            return messages[message].to().high();
        }

        @Override
        public long destinationLow(int message) {
            return messages[message].to().low();
        }

        @Override
        public int trafficClass(int message) {
            return messages[message].trafficClass();
        }

        @Override
        public long takeOverflow() {
            synchronized (network) {
                long taken = overflow;
                overflow = 0;
                return taken;
            }
        }
    }
}
