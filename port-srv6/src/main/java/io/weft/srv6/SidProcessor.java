package io.weft.srv6;

import io.weft.frame.Frame;
import io.weft.frame.Ipv6;
import io.weft.route.NextHop;
import io.weft.underlay.UnderlayPeer;

/**
 * Does to packets what the SIDs say that they come to (RFC 8986, 4; RFC 8754, 4.3.1; RFC 9800, 4.1).
 *
 * <p>A packet begins at its frame's first byte with the IPv6 header whose destination is a SID. Where the next destination is a
 * SID of this node, too, that one's turn is at once; the hop limit, which each of them takes one off, and the headroom bound
 * that. Of one packet the getters tell until the next one.
 *
 * <p><b>Who is let in.</b> The source is looked at at each SID, for each may have a domain of its own, unless the header is one that
 * was made here. The HMAC, where there is one or where one is required, is looked at when a packet comes to its first SID, and once more
 * when a SID has laid another packet bare which goes to a SID.
 *
 * <p><b>Hop limits.</b> What goes to the next SID has one less. So has a packet that was laid bare and is looked up in a table
 * (End.DT4 and the like) or sent on (USD), since this node is a router for it. End.DX4 and End.DX6 are cross-connects and leave
 * it, as those of layer 2 leave the frame.
 *
 * <p><b>Offload metadata</b> counts from the first byte of the frame before and after.
 *
 * <p>Threads: confined to one worker; each has its own. Allocates nothing and throws nothing for what a peer can send.
 */
public final class SidProcessor extends PacketOutcome {
    /** What became of a packet. */
    public enum Verdict {
        /** It is to be sent to where its destination leads, or to {@link SidProcessor#gateway}. */
        FORWARD,
        /** The headers are off: the frame or packet in it goes to a port. */
        DELIVER,
        /** It is to be dropped, after it was answered perhaps. */
        DROP
    }

    private final LocalSidTable<LocalSid> sids;
    private final Headend headend;
    private final SrHmac hmac;
    private final boolean hmacRequired;

    private boolean isNew; // whether its HMAC has not been looked at yet

    /**
     * For the SIDs of a node.
     *
     * @param hmac what makes and verifies HMACs, {@code null}: nothing does
     * @param hmacRequired whether packets without one are refused; else only those with a wrong one are
     * @throws IllegalArgumentException when an HMAC is required that cannot be verified
     */
    public SidProcessor(LocalSidTable<LocalSid> sids, SrHmac hmac, boolean hmacRequired) {
        if (hmacRequired && hmac == null) {
            throw new IllegalArgumentException("an HMAC is required; accepted: only with keys");
        }
        this.sids = sids;
        headend = new Headend(hmac);
        this.hmac = hmac;
        this.hmacRequired = hmacRequired;
    }

    /**
     * Does what the SID says.
     *
     * @param packet borrowed for the call: an IPv6 packet, perhaps with padding behind it, which is cut off
     */
    public Verdict process(Frame packet) {
        begin();
        isNew = true;
        int end = Ipv6Header.check(packet, 0, packet.length());
        if (end < 0) {
            drop(Srv6Counter.of(SrRefusal.of(end)));
            return verdict;
        }
        packet.length(end);
        LocalSid next = sids.lookup(Ipv6.destinationHigh(packet, 0), Ipv6.destinationLow(packet, 0));
        if (next == null) {
            drop(Srv6Counter.UNKNOWN_SID);
        }
        while (next != null) {
            sid = next;
            int length = packet.length();
            next = visit(packet);
            if (verdict == Verdict.DROP) {
                sid.failed();
            } else {
                sid.processed(length);
            }
        }
        return verdict;
    }

    private LocalSid drop(Srv6Counter reason, int type, int code, int pointer) {
        answer = isOurs ? IcmpError.NONE : IcmpError.of(type, code, pointer); // nobody tells himself
        return drop(reason);
    }

    // ---- at a SID ----

    /** Does what {@link #sid} says; returns the SID whose turn is next, {@code null} when there is a verdict. */
    private LocalSid visit(Frame packet) {
        sourceHigh = Ipv6.sourceHigh(packet, 0);
        sourceLow = Ipv6.sourceLow(packet, 0);
        if (!isOurs && !sid.domain().contains(sourceHigh, sourceLow)) {
            return drop(Srv6Counter.OUTSIDE_DOMAIN);
        }
        long found = ExtensionHeaders.find(packet, 0, packet.length());
        if (found < 0) {
            SrRefusal refusal = SrRefusal.of(found);
            answer = isOurs ? IcmpError.NONE : IcmpError.about(packet, refusal);
            return drop(Srv6Counter.of(refusal));
        }
        if (isNew) {
            SrRefusal refusal = authenticate(packet, found);
            if (refusal != null) {
                return drop(Srv6Counter.of(refusal));
            }
            isNew = false;
        }
        long high = Ipv6.destinationHigh(packet, 0);
        long low = Ipv6.destinationLow(packet, 0);
        if (sid.holdsNext(high, low)) {
            return goOn(packet, found, false, sid.nextHigh(high, low), sid.nextLow(low));
        }
        int srh = ExtensionHeaders.srHeader(found);
        int left = srh == ExtensionHeaders.NONE ? 0 : SrHeader.segmentsLeft(packet, srh);
        if (left == 0) {
            return arrive(packet, found);
        }
        if (sid.behaviour().isDecapsulating()) {
            return drop(
                    Srv6Counter.MORE_SEGMENTS,
                    IcmpError.PARAMETER_PROBLEM,
                    IcmpError.HEADER_FIELD,
                    srh + SrHeader.SEGMENTS_LEFT_OFFSET);
        }
        return goOn(
                packet,
                found,
                true,
                SrHeader.segmentHigh(packet, srh, left - 1),
                SrHeader.segmentLow(packet, srh, left - 1));
    }

    private SrRefusal authenticate(Frame packet, long found) {
        int srh = ExtensionHeaders.srHeader(found);
        if (hmac == null || srh == ExtensionHeaders.NONE) {
            return hmacRequired ? SrRefusal.HMAC_MISSING : null;
        }
        SrRefusal refusal = hmac.verify(packet, 0, srh, !sid.isCompressed());
        return refusal == SrRefusal.HMAC_MISSING && !hmacRequired ? null : refusal;
    }

    // ---- to the next segment ----

    /** Goes on to a destination: the SRH's next segment, or another compressed SID. Nothing is changed until all is clear. */
    private LocalSid goOn(Frame packet, long found, boolean isSegment, long high, long low) {
        if (Ipv6.hopLimit(packet, 0) <= 1) {
            return drop(Srv6Counter.HOP_LIMIT, IcmpError.TIME_EXCEEDED, 0, 0);
        }
        if (!SegmentList.isUnicast(high, low)) {
            return drop(Srv6Counter.SEGMENT_ADDRESS);
        }
        return switch (sid.behaviour()) {
            case END_X -> {
                advance(packet, found, isSegment, high, low);
                gateway = sid.gateway();
                yield null;
            }
            case END_T -> goOnByTable(packet, found, isSegment, high, low);
            case END_B6_ENCAPS -> goOnWithin(packet, found, isSegment, high, low, sid.segments(), Encapsulation.ENCAPS);
            case END_B6_ENCAPS_RED ->
                goOnWithin(packet, found, isSegment, high, low, sid.segments(), Encapsulation.ENCAPS_RED);
            default -> {
                LocalSid next = sids.lookup(high, low);
                advance(packet, found, isSegment, high, low);
                yield next;
            }
        };
    }

    private void advance(Frame packet, long found, boolean isSegment, long high, long low) {
        Ipv6Header.putHopLimit(packet, 0, Ipv6.hopLimit(packet, 0) - 1);
        if (!isSegment) {
            Ipv6Header.putDestination(packet, 0, high, low);
            return;
        }
        int srh = ExtensionHeaders.srHeader(found);
        SrHeader.advance(packet, 0, srh);
        if (sid.flavours().psp() && SrHeader.segmentsLeft(packet, srh) == 0) {
            int length = SrHeader.length(packet, srh);
            ExtensionHeaders.removeSrHeader(packet, 0, found);
            Headend.shiftOffload(packet, -length);
        }
    }

    private LocalSid goOnByTable(Frame packet, long found, boolean isSegment, long high, long low) {
        LocalSid next = sids.lookup(high, low);
        if (next != null) {
            advance(packet, found, isSegment, high, low);
            return next;
        }
        NextHop route = sid.table().lookup(high, low);
        if (route instanceof NextHop.ByTunnel byTunnel) {
            if (byTunnel.tunnel() instanceof SegmentChoice choice) {
                return goOnWithin(packet, found, isSegment, high, low, choice, Encapsulation.ENCAPS);
            }
            gateway = byTunnel.tunnel() instanceof UnderlayPeer peer && isNeighbour(peer) ? peer : null;
            route = gateway == null ? null : route;
        }
        if (route == null) {
            return drop(Srv6Counter.NO_ROUTE, IcmpError.DESTINATION_UNREACHABLE, 0, 0);
        }
        advance(packet, found, isSegment, high, low);
        return gateway != null ? null : deliver(route, Ipv6Header.IPV6, -1);
    }

    private LocalSid goOnWithin(
            Frame packet,
            long found,
            boolean isSegment,
            long high,
            long low,
            SegmentChoice choice,
            Encapsulation encapsulation) {
        int flow = InnerFlow.of(packet, found);
        SegmentList list = choice.choose(flow);
        if (!canPush(packet, list, encapsulation)) {
            return null;
        }
        advance(packet, found, isSegment, high, low);
        return push(packet, list, encapsulation, Ipv6Header.IPV6, Ipv6.trafficClass(packet, 0), flow);
    }

    // ---- at the last segment ----

    private LocalSid arrive(Frame packet, long found) {
        Behaviour behaviour = sid.behaviour();
        int protocol = ExtensionHeaders.upperLayerProtocol(found);
        int upper = ExtensionHeaders.upperLayer(found);
        if (!behaviour.decapsulates(protocol, sid.flavours())) {
            if (protocol == Ipv6.FRAGMENT) {
                return drop(Srv6Counter.FRAGMENT);
            }
            boolean isEnd = behaviour.isDecapsulating()
                    || sid.flavours().usp()
                    || sid.flavours().usd();
            return drop(
                    isEnd ? Srv6Counter.UPPER_LAYER : Srv6Counter.NO_SEGMENT,
                    IcmpError.PARAMETER_PROBLEM,
                    IcmpError.UPPER_LAYER_HEADER,
                    upper);
        }
        Srv6Counter reason = ExposedPacket.check(packet, upper, protocol);
        if (reason != null) {
            return drop(reason);
        }
        return behaviour.isLayer2() ? deliverFrame(packet, upper) : deliverPacket(packet, upper, protocol);
    }

    private LocalSid deliverFrame(Frame packet, int upper) {
        if (sid.behaviour() == Behaviour.END_DX2V) {
            int vlan = ExposedPacket.vlan(packet, upper);
            binding = vlan < 0 ? null : sid.binding(vlan);
            if (binding == null) {
                return drop(vlan < 0 ? Srv6Counter.TOO_SHORT : Srv6Counter.NO_VLAN);
            }
        } else {
            binding = sid.binding();
        }
        argument = sid.argument(packet);
        return deliver(null, Ipv6Header.ETHERNET, strip(packet, upper));
    }

    private LocalSid deliverPacket(Frame packet, int upper, int protocol) {
        argument = sid.argument(packet);
        packet.length(ExposedPacket.end(packet, upper, protocol));
        return switch (sid.behaviour()) {
            case END_DX4, END_DX6 -> deliver(sid.nextHop(), protocol, strip(packet, upper));
            case END_DT4, END_DT6, END_DT46 -> {
                int outer = strip(packet, upper);
                NextHop route = ExposedPacket.route(packet, protocol, sid.table());
                yield route(packet, protocol, outer, route);
            }
            default -> sendBare(packet, protocol, strip(packet, upper));
        };
    }

    /** Takes the outer headers off; returns their traffic class. */
    private static int strip(Frame packet, int upper) {
        int outer = Ipv6.trafficClass(packet, 0);
        packet.consume(upper);
        Headend.shiftOffload(packet, -upper);
        return outer;
    }

    /** What USD lays bare goes to where its destination leads, by the adjacency of End.X, by the table of End.T. */
    private LocalSid sendBare(Frame packet, int protocol, int outer) {
        LocalSid next = null;
        if (protocol == Ipv6Header.IPV6 && sid.behaviour() != Behaviour.END_X) {
            next = sids.lookup(Ipv6.destinationHigh(packet, 0), Ipv6.destinationLow(packet, 0));
        }
        if (next == null && sid.behaviour() == Behaviour.END_T) {
            return route(packet, protocol, outer, ExposedPacket.route(packet, protocol, sid.table()));
        }
        boolean isWay = protocol == Ipv6Header.IPV6
                && SegmentList.isUnicast(Ipv6.destinationHigh(packet, 0), Ipv6.destinationLow(packet, 0));
        if (!isWay) {
            return drop(Srv6Counter.NO_ROUTE); // the underlay is IPv6
        }
        if (!isSentOn(packet, protocol, outer)) {
            return null;
        }
        gateway = sid.behaviour() == Behaviour.END_X ? sid.gateway() : null;
        isNew = true;
        isOurs = false;
        return next;
    }

    /** What is done with every packet that does not go to a port here; returns whether it may go on, else it is dropped. */
    private boolean isSentOn(Frame packet, int protocol, int outer) {
        if (!ExposedPacket.takeMark(packet, outer)) {
            drop(Srv6Counter.CONGESTION);
            return false;
        }
        if (!ExposedPacket.hop(packet, protocol)) {
            drop(Srv6Counter.HOP_LIMIT);
            return false;
        }
        return true;
    }

    private LocalSid route(Frame packet, int protocol, int outer, NextHop route) {
        if (route == null) {
            return drop(Srv6Counter.NO_ROUTE);
        }
        if (!(route instanceof NextHop.ByTunnel byTunnel)) {
            return ExposedPacket.hop(packet, protocol) ? deliver(route, protocol, outer) : drop(Srv6Counter.HOP_LIMIT);
        }
        if (byTunnel.tunnel() instanceof SegmentChoice choice) {
            int flow = InnerFlow.ofIp(packet);
            SegmentList list = choice.choose(flow);
            if (!canPush(packet, list, Encapsulation.ENCAPS) || !isSentOn(packet, protocol, outer)) {
                return null;
            }
            int inner = ExposedPacket.trafficClass(packet, protocol);
            return push(packet, list, Encapsulation.ENCAPS, protocol, inner, flow);
        }
        boolean isWay =
                protocol == Ipv6Header.IPV6 && byTunnel.tunnel() instanceof UnderlayPeer peer && isNeighbour(peer);
        if (!isWay) {
            return drop(Srv6Counter.NO_ROUTE);
        }
        if (isSentOn(packet, protocol, outer)) {
            gateway = (UnderlayPeer) byTunnel.tunnel();
        }
        return null;
    }

    private static boolean isNeighbour(UnderlayPeer peer) {
        return !peer.isIpv4() && peer.port() == 0;
    }

    // ---- further headers ----

    private boolean canPush(Frame packet, SegmentList list, Encapsulation encapsulation) {
        Srv6Counter reason = headend.check(packet, list, encapsulation);
        if (reason != null) {
            drop(reason);
        }
        return reason == null;
    }

    private LocalSid push(
            Frame packet, SegmentList list, Encapsulation encapsulation, int protocol, int innerClass, int flow) {
        headend.push(packet, sid.source(), list, encapsulation, protocol, innerClass, flow);
        isOurs = true;
        return sids.lookup(list.segmentHigh(0), list.segmentLow(0));
    }
}
