package io.weft.layer3;

import io.weft.frame.Arp;
import io.weft.frame.EtherType;
import io.weft.frame.Ethernet;
import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.frame.Icmpv6;
import io.weft.frame.IpAddress;
import io.weft.frame.IpPrefix;
import io.weft.frame.Ipv6;
import io.weft.frame.NeighbourDiscovery;
import io.weft.neighbour.NeighbourResponder;
import io.weft.port.DropReason;
import io.weft.port.PortContext;
import io.weft.port.PortHandle;
import java.util.ArrayDeque;

/**
 * What an adapter does as a host on the switch: answers for its addresses, asks for those of stations, and has packets wait
 * meanwhile. All that it sends goes into the switch by the adapter's port, through {@link #outgoing}.
 *
 * <p>Threads: confined to the worker that owns the adapter, but for the counters, which any may read.
 */
final class Resolver implements StationTable.Questioner, WaitingPackets.Due {
    /** Requests that are sent in a second at most, and at once after silence. */
    static final int REQUESTS_PER_SECOND = 1_000;

    static final int REQUEST_BURST = 100;

    private static final long REQUEST_NS = 1_000_000_000L / REQUESTS_PER_SECOND;
    private static final long SOLICITED_NODE_HIGH = 0xff02_0000_0000_0000L; // ff02::1:ff00:0/104
    private static final long SOLICITED_NODE_LOW = 0x0000_0001_ff00_0000L;
    private static final long SOLICITED_NODE_MAC = 0x3333_ff00_0000L;

    private final L3Port port;
    private final PortHandle handle;
    private final PortContext context;
    private final long mac;
    private final OwnAddresses own;
    private final StationTable stations;
    private final NeighbourResponder responder;
    private final WaitingPackets waiting = new WaitingPackets();
    private final ArrayDeque<Frame> outgoing = new ArrayDeque<>(2 * FrameBatch.DEFAULT_CAPACITY);
    private long requestsFullAtNs = Long.MIN_VALUE; // when there may be a whole burst again
    private boolean hearsNext;
    private long nowNs;
    private volatile long answers; // written by the owner only
    private volatile long requests;
    private volatile int waitingCount;

    Resolver(L3Port port, PortHandle handle, PortContext context, long mac, OwnAddresses own, StationTable stations) {
        this.port = port;
        this.handle = handle;
        this.context = context;
        this.mac = mac;
        this.own = own;
        this.stations = stations;
        this.responder = new NeighbourResponder(own, true);
    }

    long answers() {
        return answers;
    }

    long requests() {
        return requests;
    }

    int waitingCount() {
        return waitingCount;
    }

    // ---- its rounds ----

    /** Adds frames that go into the switch, at most {@code room}; fewer when there is no more to do. */
    void poll(FrameBatch into, int room, long newNowNs) {
        nowNs = newNowNs;
        int most = into.size() + room;
        waiting.run(nowNs, this);
        // An ARP request may be answered and release a packet: two frames. What does not fit waits for the next round.
        while (into.size() < most) {
            if (outgoing.isEmpty() && !work()) {
                break;
            }
            while (!outgoing.isEmpty() && into.size() < most) {
                into.add(outgoing.poll());
            }
        }
        waitingCount = waiting.size();
    }

    /** Does one thing, of the two kinds in turn: neither is to wait for the end of a flood of the other. */
    private boolean work() {
        hearsNext = !hearsNext;
        return hearsNext ? hearNext() || resolveNext() : resolveNext() || hearNext();
    }

    private boolean hearNext() {
        Frame heard = port.heard.poll();
        if (heard != null) {
            hear(heard);
        }
        return heard != null;
    }

    private boolean resolveNext() {
        Frame packet = port.unresolved.poll();
        if (packet != null) {
            resolve(packet);
        }
        return packet != null;
    }

    /** Whether packets wait for an answer, and when the next of them is due. */
    boolean hasWaiting() {
        return waiting.size() > 0;
    }

    long nextDueNs() {
        return waiting.nextDueNs();
    }

    /** Forgets stations, or asks whether they are still there. */
    void age(long newNowNs) {
        nowNs = newNowNs;
        stations.age(nowNs, this);
    }

    /** Drops and counts what it still has, since the port leaves. */
    void discard() {
        for (Frame frame = port.heard.poll(); frame != null; frame = port.heard.poll()) {
            handle.counters().dropped(DropReason.PORT_DOWN);
            frame.release();
        }
        for (Frame packet = port.unresolved.poll(); packet != null; packet = port.unresolved.poll()) {
            outgoing.add(packet);
        }
        while (waiting.size() > 0) {
            outgoing.add(waiting.take(0));
        }
        for (Frame frame = outgoing.poll(); frame != null; frame = outgoing.poll()) {
            L3Port.dropReceived(frame, DropReason.RX_PORT_DOWN, handle.counters());
        }
    }

    // ---- what stations say ----

    @SuppressWarnings("NonAtomicVolatileUpdate") // only the owner writes
    private void hear(Frame frame) {
        int length = frame.length();
        boolean toUs = Ethernet.destination(frame) == mac;
        boolean understood = Ethernet.type(frame) == EtherType.ARP ? hearArp(frame) : hearNeighbourDiscovery(frame);
        if (responder.answer(frame, 0)) {
            handle.counters().transmitted(length);
            answers++;
            send(frame);
        } else if (understood && toUs) {
            handle.counters().transmitted(length);
            frame.release();
        } else {
            handle.counters().dropped(understood ? DropReason.OTHER_STATION : DropReason.NOT_IP);
            frame.release();
        }
    }

    private boolean hearArp(Frame frame) {
        int at = Ethernet.HEADER_LENGTH;
        if (!Arp.isPresent(frame, at) || !Arp.isEthernetIpv4(frame, at)) {
            return false;
        }
        int operation = Arp.operation(frame, at);
        if (operation != Arp.REQUEST && operation != Arp.REPLY) {
            return false;
        }
        heard(0, IpAddress.lowOfIpv4(Arp.senderIp(frame, at)), Arp.senderMac(frame, at));
        return true;
    }

    private boolean hearNeighbourDiscovery(Frame frame) {
        int ip = Ethernet.HEADER_LENGTH;
        int at = ip + Ipv6.HEADER_LENGTH;
        if (!NeighbourDiscovery.isPresent(frame, at) || !NeighbourDiscovery.isValid(frame, at, ip)) {
            return false;
        }
        int length = Ipv6.payloadLength(frame, ip);
        boolean solicits = Icmpv6.type(frame, at) == NeighbourDiscovery.SOLICITATION;
        long option = solicits
                ? NeighbourDiscovery.sourceLinkLayerAddress(frame, at, length)
                : NeighbourDiscovery.targetLinkLayerAddress(frame, at, length);
        if (option == NeighbourDiscovery.MALFORMED) {
            return false;
        }
        long high = solicits ? Ipv6.sourceHigh(frame, ip) : NeighbourDiscovery.targetHigh(frame, at);
        long low = solicits ? Ipv6.sourceLow(frame, ip) : NeighbourDiscovery.targetLow(frame, at);
        if (!IpAddress.isIpv4(high, low)) { // a mapped address is on no link
            heard(high, low, option == NeighbourDiscovery.ABSENT ? Ethernet.source(frame) : option);
        }
        return true;
    }

    /** A station has said its address: what waits for it can go. */
    private void heard(long high, long low, long station) {
        if (port.learn(high, low, station, true, nowNs)) {
            int place = waiting.find(high, low);
            if (place >= 0) {
                release(waiting.take(place), station);
            }
        }
    }

    // ---- packets whose station is not known ----

    private void resolve(Frame packet) {
        long high = L3Port.destinationHigh(packet);
        long low = L3Port.destinationLow(packet);
        long station = stations.lookup(high, low); // it may have been heard since
        if (station != StationTable.MISS) {
            release(packet, station);
            return;
        }
        int place = waiting.find(high, low);
        if (place >= 0) {
            giveUp(waiting.replace(place, packet));
            return;
        }
        Frame pushedOut = waiting.add(high, low, packet, nowNs);
        if (pushedOut != null) {
            end(pushedOut);
        }
        askAgain(high, low);
    }

    private void release(Frame packet, long station) {
        L3Port.putAddresses(packet, station, mac);
        outgoing.add(packet);
    }

    private void giveUp(Frame packet) {
        L3Port.dropReceived(packet, DropReason.NO_NEIGHBOUR, handle.counters());
    }

    /** By a packet of its own, say, of which only the table is told. */
    @Override
    public boolean isKnown(long high, long low) {
        return stations.lookup(high, low) != StationTable.MISS;
    }

    @Override
    public void end(Frame packet) {
        long station = stations.lookup(L3Port.destinationHigh(packet), L3Port.destinationLow(packet));
        if (station == StationTable.MISS) {
            giveUp(packet);
        } else {
            release(packet, station);
        }
    }

    @Override
    public void askAgain(long high, long low) {
        request(high, low, 0);
    }

    @Override
    public void ask(long high, long low, long station) {
        request(high, low, station);
    }

    /** Asks for an address, all of them or the one that had it; no more often than is decent. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // only the owner writes
    private void request(long high, long low, long station) {
        long full = Math.max(requestsFullAtNs, nowNs);
        if (full - nowNs > (REQUEST_BURST - 1) * REQUEST_NS) {
            return;
        }
        Frame frame = IpAddress.isIpv4(high, low) ? arpRequest((int) low, station) : solicitation(high, low, station);
        if (frame != null) { // else the pool is dry: it is tried again
            requestsFullAtNs = full + REQUEST_NS;
            requests++;
            send(frame);
        }
    }

    private Frame arpRequest(int target, long station) {
        Frame frame = context.pool().allocate(Ethernet.HEADER_LENGTH + Arp.LENGTH);
        if (frame != null) {
            L3Port.putAddresses(frame, station == 0 ? Ethernet.BROADCAST : station, mac);
            frame.putShort(12, EtherType.ARP);
            Arp.put(frame, Ethernet.HEADER_LENGTH, Arp.REQUEST, mac, own.senderIpv4(target), 0, target);
        }
        return frame;
    }

    private Frame solicitation(long high, long low, long station) {
        int at = Ethernet.HEADER_LENGTH + Ipv6.HEADER_LENGTH;
        Frame frame = context.pool().allocate(at + NeighbourDiscovery.SOLICITATION_LENGTH);
        if (frame != null) {
            boolean toAll = station == 0;
            IpPrefix sender = own.senderIpv6(high, low);
            L3Port.putAddresses(frame, toAll ? SOLICITED_NODE_MAC | low & 0xff_ffffL : station, mac);
            frame.putShort(12, EtherType.IPV6);
            Ipv6.put(
                    frame,
                    Ethernet.HEADER_LENGTH,
                    0,
                    NeighbourDiscovery.SOLICITATION_LENGTH,
                    Ipv6.ICMPV6,
                    NeighbourDiscovery.HOP_LIMIT,
                    sender.high(),
                    sender.low(),
                    toAll ? SOLICITED_NODE_HIGH : high,
                    toAll ? SOLICITED_NODE_LOW | low & 0xff_ffffL : low);
            NeighbourDiscovery.putSolicitation(frame, at, Ethernet.HEADER_LENGTH, high, low, mac);
        }
        return frame;
    }

    private void send(Frame frame) {
        frame.ingress(handle.index());
        frame.endpoint(0);
        frame.splitHorizonGroup(0); // a flooded question's is where the answer is to go
        outgoing.add(frame);
    }
}
