package io.weft.underlay;

import io.weft.frame.Frame;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * Sends for a {@link MemorySocket}.
 *
 * <p>Threads: confined; several of one socket may be used at once.
 */
final class MemorySender implements UnderlaySender {
    private static final int CAPACITY = 1024;

    private final MemoryNetwork network;
    private final MemorySocket socket;
    private final Frame[] frames = new Frame[CAPACITY];
    private final UnderlayPeer[] peers = new UnderlayPeer[CAPACITY];
    private final int[] trafficClasses = new int[CAPACITY];
    private final int[] flowLabels = new int[CAPACITY];
    private final SendOutcome[] outcomes = new SendOutcome[CAPACITY];
    private int size;
    private int flushed;

    MemorySender(MemoryNetwork network, MemorySocket socket) {
        this.network = network;
        this.socket = socket;
    }

    @Override
    public int capacity() {
        return CAPACITY;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public void add(Frame frame, UnderlayPeer to, int trafficClass, int flowLabel) {
        if (to.isIpv4() == socket.settings().ipv6()) {
            throw new IllegalArgumentException("peer is " + to + "; accepted: an address of the socket's family, "
                    + (to.isIpv4() ? "IPv6" : "IPv4"));
        }
        if (socket.settings().isRaw() && to.port() != 0) {
            throw new IllegalArgumentException("peer is " + to + "; accepted: port 0, as this socket is a raw one");
        }
        append(
                frame,
                to,
                trafficClass < 0 ? socket.settings().trafficClass() : trafficClass,
                to.isIpv4() ? 0 : flowLabel);
    }

    @Override
    public void addPacket(Frame packet) {
        if (!socket.settings().isPackets()) {
            UnderlaySender.super.addPacket(packet);
        }
        boolean hasHeader = packet.length() >= MemoryPacket.HEADER_LENGTH;
        int first = hasHeader ? packet.getInt(0) : 0;
        UnderlayPeer to = hasHeader
                ? new UnderlayPeer(packet.getLong(24), packet.getLong(32), 0, 0)
                : new UnderlayPeer(0, 0, 0, 0);
        append(packet, to, first >>> 20 & 0xff, first & 0xf_ffff);
    }

    private void append(Frame frame, UnderlayPeer to, int trafficClass, int flowLabel) {
        frames[size] = frame;
        peers[size] = to;
        trafficClasses[size] = trafficClass;
        flowLabels[size] = flowLabel;
        size++;
    }

    @Override
    public void flush() {
        List<Runnable> tasks = new ArrayList<>();
        synchronized (network) {
            long run = network.nextRun();
            for (int i = flushed; i < size; i++) {
                boolean sameRun =
                        i > flushed && peers[i].equals(peers[i - 1]) && trafficClasses[i] == trafficClasses[i - 1];
                run = sameRun ? run : network.nextRun();
                outcomes[i] = send(i, run, tasks);
            }
            flushed = size;
        }
        tasks.forEach(Runnable::run);
    }

    private SendOutcome send(int index, long run, List<Runnable> tasks) {
        MemorySocketSettings settings = socket.settings();
        boolean hasPort = peers[index].port() != 0;
        if (socket.closed() || !hasPort && !settings.isRaw()) {
            return SendOutcome.FAILED;
        }
        if (settings.isPackets()) {
            MemoryDatagram packet = MemoryPacket.read(frames[index].toByteArray());
            return packet == null ? SendOutcome.FAILED : network.send(socket, packet, peers[index], run, tasks);
        }
        InetAddress source = socket.source();
        if (source == null) {
            return SendOutcome.UNREACHABLE;
        }
        MemoryDatagram datagram = new MemoryDatagram(
                settings.protocol(),
                frames[index].toByteArray(),
                UnderlayPeer.of(source, socket.port()),
                peers[index],
                trafficClasses[index],
                settings.ttl(),
                flowLabels[index],
                settings.dontFragment(),
                false,
                settings.checksum());
        return network.send(socket, datagram, peers[index], run, tasks);
    }

    @Override
    public SendOutcome outcome(int index) {
        if (index >= flushed) {
            throw new IndexOutOfBoundsException("datagram " + index + " of " + flushed + " that were flushed");
        }
        return outcomes[index];
    }

    @Override
    public void clear() {
        for (int i = 0; i < size; i++) {
            frames[i] = null;
            peers[i] = null;
        }
        size = 0;
        flushed = 0;
    }
}
