package io.weft.layer3;

import io.weft.frame.EtherType;
import io.weft.frame.Ethernet;
import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.frame.Icmpv6;
import io.weft.frame.IpAddress;
import io.weft.frame.Ipv4;
import io.weft.frame.Ipv6;
import io.weft.frame.MpscFrameRing;
import io.weft.frame.NeighbourDiscovery;
import io.weft.offload.WireFrames;
import io.weft.port.DropReason;
import io.weft.port.Port;
import io.weft.port.PortCapabilities;
import io.weft.port.PortContext;
import io.weft.port.PortCounters;
import io.weft.port.ReceivingPort;

/**
 * The port that the switch sees in place of a layer-3 one. Packets that know their way are rewritten where they are, by whatever
 * worker has them: only MAC addresses change, so that lengths, super-frames and checksums stay as they are. What needs thought
 * goes to the adapter's own worker, where {@link Resolver} takes it: ARP and neighbour discovery, and packets to stations that
 * are not known.
 *
 * <p>Threads: as {@link Port} and {@link ReceivingPort}; the rings are emptied by the owning worker.
 */
final class L3Port implements ReceivingPort {
    /** Frames that may wait for the owner in each ring. */
    static final int QUEUE_CAPACITY = 256;

    private static final long IPV4_BROADCAST = IpAddress.lowOfIpv4(-1);

    final MpscFrameRing heard = new MpscFrameRing(QUEUE_CAPACITY); // ARP and neighbour discovery, from stations
    final MpscFrameRing unresolved = new MpscFrameRing(QUEUE_CAPACITY); // packets from the layer-3 side
    final Port port;

    private final long mac;
    private final boolean groups;
    private final OwnAddresses own;
    private final StationTable stations;
    private final PortContext context;
    private final Runnable detach;

    /**
     * A port in place of another.
     *
     * @param groups whether multicast and broadcast packets of stations are taken
     * @param detach called when it has left
     */
    L3Port(
            Port port,
            long mac,
            boolean groups,
            OwnAddresses own,
            StationTable stations,
            PortContext context,
            Runnable detach) {
        this.port = port;
        this.mac = mac;
        this.groups = groups;
        this.own = own;
        this.stations = stations;
        this.context = context;
        this.detach = detach;
    }

    @Override
    public String name() {
        return port.name();
    }

    @Override
    public PortCapabilities capabilities() {
        return port.capabilities();
    }

    @Override
    public void detached() {
        detach.run();
        port.detached();
    }

    // ---- from stations to the layer-3 side ----

    @Override
    public void transmit(FrameBatch frames, PortCounters counters) {
        long nowNs = context.nanoTime();
        int left = 0;
        boolean wake = false;
        for (int i = 0; i < frames.size(); i++) {
            Frame frame = frames.get(i);
            int type = frame.length() < Ethernet.HEADER_LENGTH ? 0 : Ethernet.type(frame);
            if (type == EtherType.ARP || (type == EtherType.IPV6 && isNeighbourDiscovery(frame))) {
                if (heard.offer(frame)) {
                    wake = true;
                } else {
                    drop(frame, DropReason.TX_QUEUE_FULL, counters);
                }
            } else if (type != EtherType.IPV4 && type != EtherType.IPV6) {
                drop(frame, DropReason.NOT_IP, counters);
            } else if (isTaken(Ethernet.destination(frame))) {
                learn(frame, type, nowNs);
                putAddresses(frame, 0, 0);
                frame.endpoint(0); // where the packet goes is for the port to find out by its address
                frames.replace(left++, frame);
            } else {
                drop(frame, DropReason.OTHER_STATION, counters);
            }
        }
        frames.truncate(left);
        if (wake) {
            context.wakeup();
        }
        if (left > 0) {
            port.transmit(frames, counters);
        }
    }

    private boolean isTaken(long destination) {
        return destination == mac || (groups && Ethernet.isGroup(destination));
    }

    private static boolean isNeighbourDiscovery(Frame frame) {
        int at = Ethernet.HEADER_LENGTH + Ipv6.HEADER_LENGTH;
        if (!Ipv6.isPresent(frame, Ethernet.HEADER_LENGTH)
                || Ipv6.nextHeader(frame, Ethernet.HEADER_LENGTH) != Ipv6.ICMPV6
                || !Icmpv6.isPresent(frame, at)) {
            return false;
        }
        int type = Icmpv6.type(frame, at);
        return type == NeighbourDiscovery.SOLICITATION || type == NeighbourDiscovery.ADVERTISEMENT;
    }

    /** Where a packet came from its answers may go to, unless the one that has the address said something else. */
    private void learn(Frame frame, int type, long nowNs) {
        int ip = Ethernet.HEADER_LENGTH;
        if (type == EtherType.IPV4) {
            if (Ipv4.isPresent(frame, ip)
                    && Ipv4.version(frame, ip) == 4
                    && Ipv4.totalLength(frame, ip) <= frame.length() - ip) {
                learn(0, IpAddress.lowOfIpv4(Ipv4.source(frame, ip)), Ethernet.source(frame), false, nowNs);
            }
        } else if (Ipv6.isPresent(frame, ip)
                && Ipv6.version(frame, ip) == 6
                && Ipv6.payloadLength(frame, ip) <= frame.length() - ip - Ipv6.HEADER_LENGTH) {
            long high = Ipv6.sourceHigh(frame, ip);
            long low = Ipv6.sourceLow(frame, ip);
            if (!IpAddress.isIpv4(high, low)) { // a mapped address is on no link
                learn(high, low, Ethernet.source(frame), false, nowNs);
            }
        }
    }

    /** Notes a station down if it can be one; returns whether it can. */
    boolean learn(long high, long low, long station, boolean bySelf, long nowNs) {
        boolean possible = station != mac
                && Ethernet.isLearnable(station)
                && OwnAddresses.isStation(high, low)
                && !own.cover(high, low);
        if (possible) {
            stations.learn(high, low, station, bySelf, nowNs);
        }
        return possible;
    }

    private static void drop(Frame frame, DropReason reason, PortCounters counters) {
        counters.dropped(reason);
        frame.release();
    }

    // ---- from the layer-3 side to stations ----

    @Override
    public boolean receive(Frame frame, PortCounters counters) {
        if (frame.length() < Ethernet.HEADER_LENGTH || (frame.getLong(0) | frame.getInt(8)) != 0) {
            return true; // a runt, or a frame of the adapter's own
        }
        frame.endpoint(0); // the switch is to find one station here, whichever remote end a packet came from
        long high = destinationHigh(frame);
        long low = destinationLow(frame);
        if ((high | low) == 0) {
            dropReceived(frame, DropReason.MALFORMED, counters);
            return false;
        }
        long group = groupMac(high, low);
        if (group == 0 && own.cover(high, low)) {
            dropReceived(frame, DropReason.SAME_PORT, counters);
            return false;
        }
        long station = group == 0 ? stations.lookup(high, low) : group;
        if (station != StationTable.MISS) {
            putAddresses(frame, station, mac);
            return true;
        }
        if (!OwnAddresses.isStation(high, low) || !unresolved.offer(frame)) {
            dropReceived(frame, DropReason.NO_NEIGHBOUR, counters);
        } else {
            context.wakeup();
        }
        return false;
    }

    /** Counts and releases a packet that came from the layer-3 side. */
    static void dropReceived(Frame packet, DropReason reason, PortCounters counters) {
        counters.received(packet.length());
        counters.receivedSegments(WireFrames.count(packet));
        counters.dropped(reason);
        packet.release();
    }

    /** High half of the packet's destination; 0 with a low half of 0 for what is no packet with a destination. */
    static long destinationHigh(Frame frame) {
        return Ethernet.type(frame) == EtherType.IPV6 && Ipv6.isPresent(frame, Ethernet.HEADER_LENGTH)
                ? Ipv6.destinationHigh(frame, Ethernet.HEADER_LENGTH)
                : 0;
    }

    /** Low half of the packet's destination. */
    static long destinationLow(Frame frame) {
        int type = Ethernet.type(frame);
        if (type == EtherType.IPV4 && Ipv4.isPresent(frame, Ethernet.HEADER_LENGTH)) {
            return IpAddress.lowOfIpv4(Ipv4.destination(frame, Ethernet.HEADER_LENGTH));
        }
        if (type == EtherType.IPV6 && Ipv6.isPresent(frame, Ethernet.HEADER_LENGTH)) {
            long high = Ipv6.destinationHigh(frame, Ethernet.HEADER_LENGTH);
            long low = Ipv6.destinationLow(frame, Ethernet.HEADER_LENGTH);
            return IpAddress.isIpv4(high, low) ? 0 : low; // a mapped address is on no link
        }
        return 0;
    }

    /** The MAC address of a group (RFC 1112, 6.4; RFC 2464, 7) or of all; 0 for the address of one station. */
    private static long groupMac(long high, long low) {
        if (!IpAddress.isIpv4(high, low)) {
            return Ipv6.isMulticast(high) ? 0x3333_0000_0000L | low & 0xffff_ffffL : 0;
        }
        if (low == IPV4_BROADCAST) {
            return Ethernet.BROADCAST;
        }
        return (low >>> 28 & 0xf) == 0xe ? 0x0100_5e00_0000L | low & 0x7f_ffffL : 0;
    }

    static void putAddresses(Frame frame, long destination, long source) {
        frame.putLong(0, destination << 16 | source >>> 32);
        frame.putInt(8, (int) source);
    }
}
