package io.weft.underlay;

import io.weft.frame.Frame;
import java.util.ArrayDeque;

/**
 * What waits at a {@link MemorySocket}, and receives it.
 *
 * <p>Threads: as {@link UnderlayReceiver}; the rest with the network's lock.
 */
final class MemoryReceiver implements UnderlayReceiver {
    private static final int CAPACITY = 64;
    private static final int MAX_SEGMENTS = 64; // as Linux has it
    private static final int MAX_MESSAGE = 65_507;
    private static final int CLOSED = 9; // EBADF

    /** A datagram that waits, and what it may be received together with; or a message with a segment size of its own. */
    private record Waiting(MemoryDatagram datagram, long run, int segmentSize) {}

    private final MemoryNetwork network;
    private final MemorySocketSettings settings;

    // all with the network's lock
    private final ArrayDeque<Waiting> queue = new ArrayDeque<>();
    private long queuedBytes;
    private long overflow;
    private int nextFailure;
    private boolean awaiting = true;
    private boolean closed;

    // what the last call has received
    private final MemoryDatagram[] messages = new MemoryDatagram[CAPACITY];
    private final int[] lengths = new int[CAPACITY];
    private final int[] segmentSizes = new int[CAPACITY];
    private final boolean[] cut = new boolean[CAPACITY];
    private int failure;

    MemoryReceiver(MemoryNetwork network, MemorySocketSettings settings) {
        this.network = network;
        this.settings = settings;
    }

    // ---- for the socket; with the network's lock ----

    /** Queues a datagram, or counts that there is no room and returns false. */
    boolean enqueue(MemoryDatagram datagram, long run, int segmentSize) {
        int length = datagram.bytes().length;
        if (closed || queue.size() >= network.queueLimit() || queuedBytes + length > settings.receiveBuffer()) {
            overflow++;
            return false;
        }
        queue.add(new Waiting(datagram, run, segmentSize));
        queuedBytes += length;
        return true;
    }

    /** Whether a receive has left nothing since this was asked before. */
    boolean takeAwaiting() {
        boolean taken = awaiting;
        awaiting = false;
        return taken;
    }

    void failNext(int errno) {
        nextFailure = errno;
    }

    void close() {
        closed = true;
        queue.clear();
        queuedBytes = 0;
    }

    boolean isClosed() {
        return closed;
    }

    // ---- UnderlayReceiver ----

    @Override
    public int capacity() {
        return CAPACITY;
    }

    @Override
    public int receive(Frame[] landings, int count) {
        if (count < 1 || count > CAPACITY) {
            throw new IllegalArgumentException("count is " + count + "; accepted: 1.." + CAPACITY);
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
            awaiting = queue.isEmpty();
            return received;
        }
    }

    private void receive(Frame landing, int message) {
        if (settings.isRaw() && !settings.ipv6()) {
            // Linux gives a raw socket of IPv4 the IP header too, which lands in the headroom.
            landing.prepend(settings.ipHeaderLength());
            for (int i = 0; i < settings.ipHeaderLength(); i++) {
                landing.putByte(i, 0xa5);
            }
            landing.consume(settings.ipHeaderLength());
        }
        if (settings.isPackets()) {
            receivePacket(landing, message);
            return;
        }
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

    private void receivePacket(Frame landing, int message) {
        // Linux writes what lies in front of a packet into the headroom.
        landing.prepend(Ipv6PacketSettings.LANDING_HEADROOM);
        for (int i = 0; i < Ipv6PacketSettings.LANDING_HEADROOM; i++) {
            landing.putByte(i, 0xa5);
        }
        landing.consume(Ipv6PacketSettings.LANDING_HEADROOM);
        landing.offload(0, 0, 0, 0, 0, 0);
        MemoryDatagram datagram = queue.remove().datagram;
        byte[] packet = MemoryPacket.of(datagram);
        queuedBytes -= datagram.bytes().length;
        int fits = Math.min(packet.length, Frame.MAX_LENGTH);
        landing.putBytes(0, packet, 0, fits);
        messages[message] = datagram;
        lengths[message] = fits;
        cut[message] = fits < packet.length;
        segmentSizes[message] = 0;
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
    public boolean isReassembled(int message) {
        return messages[message].fragmented();
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
