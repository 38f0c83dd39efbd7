package io.weft.neighbour;

import io.weft.frame.Arp;
import io.weft.frame.EtherType;
import io.weft.frame.Ethernet;
import io.weft.frame.Frame;
import io.weft.frame.Icmpv6;
import io.weft.frame.Ipv6;
import io.weft.frame.NeighbourDiscovery;

/**
 * Answers ARP requests (RFC 826) and neighbour solicitations (RFC 4861, 7.2) for stations in a {@link NeighbourTable}, or in
 * whatever else knows {@link NeighbourBindings}, on their behalf: the request becomes the answer in place, and the bridge sends it back to where it came from.
 *
 * <p>Answered is a well-formed request for an address that is bound in the frame's VLAN, by another station than the one
 * that asks. Left alone, and thereby forwarded as ever, are
 * <ul>
 *   <li>requests for addresses that are not bound;
 *   <li>requests by the owner itself: its duplicate address detection must hear nobody;
 *   <li>announcements (gratuitous ARP, where sender and target are one address), replies and advertisements;
 *   <li>malformed ones: lengths, a hop limit other than 255, a wrong checksum, options of length 0, anything that RFC 4861,
 *       7.1.1 has a receiver discard, senders that cannot be stations;
 *   <li>requests to one station's MAC address, unless the responder was told to answer them: hosts send these to find out
 *       whether a neighbour still lives (RFC 4861, 7.3), and only the neighbour knows;
 *   <li>frames with more than one VLAN tag, or with one that is not the frame's VLAN: they belong to a network inside the
 *       bridge's VLAN, whose addresses mean something else.
 * </ul>
 * Probes are answered: an ARP request from 0.0.0.0 (RFC 5227, 1.1) and a solicitation from :: (RFC 4862, 5.4) by another
 * station than the owner ask for an address that is taken, and hear so.
 *
 * <p>Where Linux' {@code neigh_suppress} differs: it neither checks the checksum nor answers probes, which it also keeps
 * from other suppressing ports.
 *
 * <p>Threads: any; the table is all it has. {@link #answer} allocates nothing and never throws.
 */
public final class NeighbourResponder {
    private static final int NONE = -1;

    private static final long ALL_NODES_HIGH = 0xff02_0000_0000_0000L; // ff02::1
    private static final long ALL_NODES_LOW = 1;
    private static final long ALL_NODES_MAC = 0x3333_0000_0001L;

    private static final long SOLICITED_NODE_HIGH = 0xff02_0000_0000_0000L; // ff02::1:ff00:0/104
    private static final long SOLICITED_NODE_LOW = 0x0000_0001_ff00_0000L;

    private final NeighbourBindings table;
    private final boolean answersUnicast;

    /**
     * A responder for the stations in a table.
     *
     * @param answersUnicast whether requests that are sent to one station's MAC address are answered, too; Linux does not
     */
    public NeighbourResponder(NeighbourBindings table, boolean answersUnicast) {
        this.table = table;
        this.answersUnicast = answersUnicast;
    }

    /**
     * Turns a request for a bound address into the answer, addressed to the asker: tags, ingress and endpoint stay, the
     * length becomes the answer's, offload metadata is cleared. Borrows the frame for the call.
     *
     * @param vlan the VLAN that the bridge put the frame in, 0..4094
     * @return whether the frame is an answer now; if not, it is untouched
     */
    public boolean answer(Frame frame, int vlan) {
        if (frame.length() < Ethernet.HEADER_LENGTH || table.isEmpty() || frame.hasPendingOffload()) {
            return false;
        }
        int typeOffset = typeOffset(frame, vlan);
        if (typeOffset == NONE) {
            return false;
        }
        int type = EtherType.at(frame, typeOffset);
        if (type != EtherType.ARP && type != EtherType.IPV6) {
            return false;
        }
        if (!answersUnicast && !Ethernet.isGroup(Ethernet.destination(frame))) {
            return false;
        }
        int payload = typeOffset + 2;
        return type == EtherType.ARP ? answerArp(frame, payload, vlan) : answerSolicitation(frame, payload, vlan);
    }

    /** Where the EtherType stands in a frame with no tag or with that of its own VLAN (or of none). */
    private static int typeOffset(Frame frame, int vlan) {
        if (!EtherType.isTag(Ethernet.type(frame))) {
            return 12;
        }
        if (frame.length() < Ethernet.VLAN_HEADER_LENGTH) {
            return NONE;
        }
        int vid = Ethernet.vid(frame);
        return vid == vlan || vid == 0 ? 16 : NONE;
    }

    // ---- ARP ----

    private boolean answerArp(Frame frame, int at, int vlan) {
        if (!Arp.isPresent(frame, at) || !Arp.isEthernetIpv4(frame, at) || Arp.operation(frame, at) != Arp.REQUEST) {
            return false;
        }
        int target = Arp.targetIp(frame, at);
        long found = table.lookupIpv4(vlan, target);
        if (found == NeighbourBindings.MISS) {
            return false;
        }
        long owner = NeighbourBindings.mac(found);
        long asker = Arp.senderMac(frame, at);
        int askerIp = Arp.senderIp(frame, at);
        if (asker == owner
                || Ethernet.source(frame) == owner
                || !Ethernet.isLearnable(asker)
                || askerIp == target
                || askerIp >>> 28 >= 14) { // multicast, reserved and broadcast addresses are nobody's
            return false;
        }
        putEthernet(frame, asker, owner);
        Arp.put(frame, at, Arp.REPLY, owner, target, asker, askerIp);
        finish(frame, at + Arp.LENGTH);
        return true;
    }

    // ---- neighbour discovery ----

    private boolean answerSolicitation(Frame frame, int ip, int vlan) {
        int at = ip + Ipv6.HEADER_LENGTH;
        if (!Ipv6.isPresent(frame, ip)
                || Ipv6.nextHeader(frame, ip) != Ipv6.ICMPV6
                || !NeighbourDiscovery.isPresent(frame, at)
                || Icmpv6.type(frame, at) != NeighbourDiscovery.SOLICITATION) {
            return false;
        }
        long targetHigh = NeighbourDiscovery.targetHigh(frame, at);
        long targetLow = NeighbourDiscovery.targetLow(frame, at);
        long found = table.lookupIpv6(vlan, targetHigh, targetLow);
        if (found == NeighbourBindings.MISS || !NeighbourDiscovery.isValid(frame, at, ip)) {
            return false;
        }
        long owner = NeighbourBindings.mac(found);
        long source = Ethernet.source(frame);
        long option = NeighbourDiscovery.sourceLinkLayerAddress(frame, at, Ipv6.payloadLength(frame, ip));
        long asker = option == NeighbourDiscovery.ABSENT ? source : option;
        if (source == owner || asker == owner || option == NeighbourDiscovery.MALFORMED) {
            return false;
        }
        long askerHigh = Ipv6.sourceHigh(frame, ip);
        long askerLow = Ipv6.sourceLow(frame, ip);
        boolean probe = (askerHigh | askerLow) == 0;
        if (probe) {
            if (option != NeighbourDiscovery.ABSENT || !isSolicitedNode(frame, ip)) {
                return false; // RFC 4861, 7.1.1
            }
        } else if (!Ethernet.isLearnable(asker)
                || Ipv6.isMulticast(askerHigh)
                || (askerHigh == targetHigh && askerLow == targetLow)
                || !isSentTo(frame, ip, targetHigh, targetLow)) {
            return false;
        }
        int length = at + NeighbourDiscovery.ADVERTISEMENT_LENGTH;
        if (frame.capacity() < length) {
            return false;
        }
        int trafficClass = Ipv6.trafficClass(frame, ip);
        int flags = NeighbourDiscovery.OVERRIDE
                | (probe ? 0 : NeighbourDiscovery.SOLICITED)
                | (NeighbourBindings.isRouter(found) ? NeighbourDiscovery.ROUTER : 0);
        // Who probes has no address yet, so the answer goes to everybody (RFC 4861, 7.2.4).
        putEthernet(frame, probe ? ALL_NODES_MAC : asker, owner);
        Ipv6.put(
                frame,
                ip,
                trafficClass,
                NeighbourDiscovery.ADVERTISEMENT_LENGTH,
                Ipv6.ICMPV6,
                NeighbourDiscovery.HOP_LIMIT,
                targetHigh,
                targetLow,
                probe ? ALL_NODES_HIGH : askerHigh,
                probe ? ALL_NODES_LOW : askerLow);
        NeighbourDiscovery.putAdvertisement(frame, at, ip, flags, targetHigh, targetLow, owner);
        finish(frame, length);
        return true;
    }

    private static boolean isSolicitedNode(Frame frame, int ip) {
        return Ipv6.destinationHigh(frame, ip) == SOLICITED_NODE_HIGH
                && (Ipv6.destinationLow(frame, ip) & ~0xff_ffffL) == SOLICITED_NODE_LOW;
    }

    /** Whether the packet's destination is the target itself or a group: to another station it is none of our business. */
    private static boolean isSentTo(Frame frame, int ip, long targetHigh, long targetLow) {
        long high = Ipv6.destinationHigh(frame, ip);
        return Ipv6.isMulticast(high) || (high == targetHigh && Ipv6.destinationLow(frame, ip) == targetLow);
    }

    private static void putEthernet(Frame frame, long destination, long source) {
        Ethernet.putMac(frame, 0, destination);
        Ethernet.putMac(frame, 6, source);
    }

    private static void finish(Frame frame, int length) {
        frame.length(length);
        frame.offload(0, 0, 0, 0, 0, 0); // "the checksums were verified" was said of another packet
    }
}
