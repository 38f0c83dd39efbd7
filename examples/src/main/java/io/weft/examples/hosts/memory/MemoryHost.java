package io.weft.examples.hosts.memory;

import io.weft.examples.hosts.Host;
import io.weft.examples.hosts.HostAddress;
import io.weft.examples.hosts.HostEvent;
import io.weft.examples.hosts.HostListener;
import io.weft.examples.hosts.HostReport;
import io.weft.examples.hosts.IpVersion;
import io.weft.examples.hosts.PingPlan;
import io.weft.examples.hosts.PingResult;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * A host in this process. It answers ARP, neighbour solicitations and echo requests, and pings if it has a plan. It is
 * driven from outside: {@link #receive} for each frame from the network, {@link #tick} every few milliseconds.
 *
 * <p>It answers a frame to the MAC address that the frame came from, and knows one neighbour only, the one it pings; so
 * no flood of strange addresses can fill any table. What it does not understand, or is not for it, it counts and drops.
 *
 * <p>Threads: any thread may call any method. Frames go out and events are told one at a time, outside the lock, on a
 * thread that called {@link #receive}, {@link #tick} or {@link #start}; so two hosts may be joined back to back.
 */
public final class MemoryHost implements Host {
    private final HostAddress address;
    private final Optional<PingPlan> plan;
    private final Consumer<ByteBuffer> network;
    private final HostReport report;
    private final long mac;
    private final Map<IpVersion, byte[]> ips = new EnumMap<>(IpVersion.class);
    private final long solicitedNodeMac;

    /** Frames to send and events to tell, in the order in which they came about. */
    private final Queue<Runnable> outbox = new ConcurrentLinkedQueue<>();

    /** Calls of {@link #emptyOutbox} that are not over; the first of them delivers for all. */
    private final AtomicInteger deliveries = new AtomicInteger();

    // All guarded by this.
    private final Map<IpVersion, Long> peerMacs = new EnumMap<>(IpVersion.class);
    private final Deque<EchoRun> runs = new ArrayDeque<>();
    private boolean started;
    private boolean planned;
    private boolean closed;
    private long ignoredFrames;

    /**
     * @param plan whom it pings; empty: it only answers
     * @param network takes each frame that the host sends, from destination address to payload, without FCS; the buffer
     *     is the network's to keep
     */
    public MemoryHost(HostAddress address, Optional<PingPlan> plan, Consumer<ByteBuffer> network) {
        this.address = address;
        this.plan = plan;
        this.network = network;
        report = new HostReport(this, plan);
        mac = address.macBits();
        for (IpVersion version : IpVersion.values()) {
            ips.put(version, address.inetAddress(version).getAddress());
        }
        solicitedNodeMac = NeighborDiscovery.groupMac(NeighborDiscovery.solicitedNodeGroup(ips.get(IpVersion.IPV6)));
    }

    @Override
    public HostAddress address() {
        return address;
    }

    @Override
    public void start(HostListener listener) {
        synchronized (this) {
            if (started || closed) {
                throw new IllegalStateException(address.name() + " was started already");
            }
            started = true;
            report.tell(listener);
        }
        put(() -> report.report(new HostEvent.Starting("in this process")));
        put(() -> report.report(new HostEvent.Up(address)));
        emptyOutbox();
    }

    /**
     * Takes a frame from the network; borrows the buffer for the call, and leaves its position alone.
     *
     * @param nowNs the time on the clock that {@link #tick} uses
     */
    public void receive(ByteBuffer received, long nowNs) {
        ByteBuffer frame = received.slice();
        synchronized (this) {
            if (!started || closed) {
                return;
            }
            if (!handle(frame, nowNs)) {
                ignoredFrames++;
            }
            advance(nowNs);
        }
        emptyOutbox();
    }

    /**
     * Lets time pass.
     *
     * @param nowNs such as {@link System#nanoTime}
     */
    public void tick(long nowNs) {
        synchronized (this) {
            if (!started || closed) {
                return;
            }
            advance(nowNs);
        }
        emptyOutbox();
    }

    /** How many frames it dropped, because they were not for it, or malformed, or of no protocol that it knows. */
    public synchronized long ignoredFrames() {
        return ignoredFrames;
    }

    private void advance(long nowNs) {
        if (!planned) {
            planned = true;
            plan.ifPresent(pings -> {
                for (IpVersion version : IpVersion.values()) {
                    runs.add(new EchoRun(version, pings, new RunActions(pings)));
                }
            });
        }
        while (!runs.isEmpty()) {
            runs.peek().advance(nowNs);
            if (!runs.peek().done()) {
                return;
            }
            runs.remove();
        }
    }

    /** Returns false if there is nothing to do for this frame. */
    private boolean handle(ByteBuffer frame, long nowNs) {
        if (frame.limit() < EthernetHeader.LENGTH
                || !EthernetHeader.isStation(EthernetHeader.source(frame))
                || !isForUs(EthernetHeader.destination(frame))) {
            return false;
        }
        return switch (EthernetHeader.type(frame)) {
            case EthernetHeader.TYPE_ARP -> ArpPacket.isReadable(frame) && handleArp(frame);
            case EthernetHeader.TYPE_IPV4 -> handlePacket(frame, IpPacket.readIpv4(frame), nowNs);
            case EthernetHeader.TYPE_IPV6 -> handlePacket(frame, IpPacket.readIpv6(frame), nowNs);
            default -> false;
        };
    }

    private boolean isForUs(long destination) {
        return destination == mac
                || destination == EthernetHeader.BROADCAST
                || destination == solicitedNodeMac
                || destination == NeighborDiscovery.allNodesMac();
    }

    private boolean handleArp(ByteBuffer frame) {
        byte[] sender = ArpPacket.senderIp(frame);
        boolean learned = learnPeer(IpVersion.IPV4, sender, ArpPacket.senderMac(frame));
        if (ArpPacket.operation(frame) == ArpPacket.REQUEST && isOurs(IpVersion.IPV4, ArpPacket.targetIp(frame))) {
            send(ArpPacket.reply(mac, ips.get(IpVersion.IPV4), ArpPacket.senderMac(frame), sender));
            return true;
        }
        return learned;
    }

    /** @param packet null if the frame has none that is whole and correct */
    private boolean handlePacket(ByteBuffer frame, IpPacket packet, long nowNs) {
        if (packet == null) {
            return false;
        }
        return NeighborDiscovery.isReadable(frame, packet)
                ? handleDiscovery(frame, packet)
                : handleEcho(frame, packet, nowNs);
    }

    private boolean handleDiscovery(ByteBuffer frame, IpPacket packet) {
        byte[] target = NeighborDiscovery.target(frame, packet);
        long linkLayerAddress = NeighborDiscovery.linkLayerAddress(frame, packet);
        if (packet.icmpType(frame) == NeighborDiscovery.ADVERTISEMENT) {
            return learnPeer(IpVersion.IPV6, target, linkLayerAddress);
        }
        boolean learned = learnPeer(IpVersion.IPV6, packet.source(frame), linkLayerAddress);
        if (isOurs(IpVersion.IPV6, target)) {
            send(NeighborDiscovery.advertisement(frame, packet, mac, target));
            return true;
        }
        return learned;
    }

    private boolean handleEcho(ByteBuffer frame, IpPacket packet, long nowNs) {
        if (EthernetHeader.destination(frame) != mac || !isOurs(packet.version(), packet.destination(frame))) {
            return false;
        }
        if (IcmpEcho.isRequest(frame, packet)) {
            byte[] asker = packet.source(frame);
            if (ArpPacket.isUnspecified(asker) || isOurs(packet.version(), asker)) {
                return false;
            }
            send(IcmpEcho.reply(frame, packet, mac));
            return true;
        }
        EchoRun run = runs.peek();
        return run != null
                && run.version() == packet.version()
                && IcmpEcho.isReply(frame, packet)
                && isPeer(packet.version(), packet.source(frame))
                && IcmpEcho.identifier(frame, packet) == identifier()
                && run.reply(IcmpEcho.sequence(frame, packet), nowNs);
    }

    private boolean learnPeer(IpVersion version, byte[] ip, long itsMac) {
        boolean peer = itsMac != NeighborDiscovery.NO_MAC && isPeer(version, ip);
        if (peer) {
            peerMacs.put(version, itsMac);
        }
        return peer;
    }

    private boolean isOurs(IpVersion version, byte[] ip) {
        return Arrays.equals(ip, ips.get(version));
    }

    private boolean isPeer(IpVersion version, byte[] ip) {
        return plan.isPresent()
                && Arrays.equals(ip, plan.get().peer().inetAddress(version).getAddress());
    }

    /** Tells our requests' replies from others'; any number does, as long as two hosts do not have the same. */
    private int identifier() {
        return (int) mac & 0xffff;
    }

    private final class RunActions implements EchoRun.Actions {
        private final HostAddress peer;

        RunActions(PingPlan pings) {
            peer = pings.peer();
        }

        @Override
        public boolean isResolved(IpVersion version) {
            return peerMacs.containsKey(version);
        }

        @Override
        public void askForPeer(IpVersion version) {
            byte[] peerIp = peer.inetAddress(version).getAddress();
            byte[] ownIp = ips.get(version);
            send(
                    version == IpVersion.IPV4
                            ? ArpPacket.request(mac, ownIp, peerIp)
                            : NeighborDiscovery.solicitation(mac, ownIp, peerIp));
        }

        @Override
        public void sendRequest(IpVersion version, int sequence) {
            byte[] peerIp = peer.inetAddress(version).getAddress();
            send(IcmpEcho.request(
                    version, peerMacs.get(version), mac, peerIp, ips.get(version), identifier(), sequence));
        }

        @Override
        public void report(HostEvent event) {
            put(() -> report.report(event));
        }
    }

    private void send(ByteBuffer frame) {
        put(() -> network.accept(frame));
    }

    private void put(Runnable delivery) {
        outbox.add(delivery);
    }

    /** Called without the lock. Someone who calls while another delivers, or from a delivery, leaves it to the other. */
    private void emptyOutbox() {
        if (deliveries.getAndIncrement() != 0) {
            return;
        }
        int seen = 1;
        do {
            for (Runnable delivery = outbox.poll(); delivery != null; delivery = outbox.poll()) {
                deliver(delivery);
            }
            seen = deliveries.addAndGet(-seen);
        } while (seen != 0);
    }

    private void deliver(Runnable delivery) {
        try {
            delivery.run();
        } catch (RuntimeException e) {
            // The network's or the listener's mistake; later frames must still go out.
            System.getLogger(MemoryHost.class.getName())
                    .log(System.Logger.Level.WARNING, "a frame or event of " + address.name() + " got lost", e);
        }
    }

    @Override
    public CompletableFuture<Void> up() {
        return report.up();
    }

    @Override
    public CompletableFuture<PingResult> pingResult(IpVersion version) {
        return report.pingResult(version);
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        report.closed();
    }
}
