package io.weft.srv6;

import io.weft.frame.Ethernet;
import io.weft.frame.Frame;
import io.weft.frame.IpFrame;
import io.weft.frame.Ipv4;
import io.weft.frame.Ipv6;
import io.weft.offload.InternetChecksum;
import io.weft.route.NextHop;
import io.weft.route.RouteTable;
import io.weft.tunnel.Ecn;

/**
 * What comes to light when a SID takes the outer headers off: checked while they are still there, then handled as a router does.
 *
 * <p>Threads: stateless; the caller owns the frame.
 */
final class ExposedPacket {
    private static final int TTL = 8; // with the protocol behind it one word of the checksum
    private static final int IPV4_CHECKSUM = 10;

    private ExposedPacket() {}

    /**
     * Whether there is a whole packet or frame.
     *
     * @param at where it begins
     * @param protocol what it is said to be
     * @return {@code null}, or why not
     */
    static Srv6Counter check(Frame frame, int at, int protocol) {
        int length = frame.length() - at;
        if (protocol == Ipv6Header.ETHERNET) {
            return length < Ethernet.HEADER_LENGTH ? Srv6Counter.TOO_SHORT : null;
        }
        if (protocol == Ipv6Header.IPV4) {
            return checkIpv4(frame, at, length);
        }
        int end = Ipv6Header.check(frame, at, frame.length());
        return end < 0 ? Srv6Counter.of(SrRefusal.of(end)) : null;
    }

    private static Srv6Counter checkIpv4(Frame frame, int at, int length) {
        if (length < Ipv4.HEADER_LENGTH) {
            return Srv6Counter.TOO_SHORT;
        }
        if (Ipv4.version(frame, at) != 4) {
            return Srv6Counter.VERSION;
        }
        int headerLength = Ipv4.headerLength(frame, at);
        int totalLength = Ipv4.totalLength(frame, at);
        return headerLength < Ipv4.HEADER_LENGTH || headerLength > totalLength || totalLength > length
                ? Srv6Counter.PAYLOAD_LENGTH
                : null;
    }

    /** Where an IP packet ends that was checked: the frame may have padding behind it. */
    static int end(Frame frame, int at, int protocol) {
        return at
                + (protocol == Ipv6Header.IPV4
                        ? Ipv4.totalLength(frame, at)
                        : Ipv6Header.LENGTH + Ipv6.payloadLength(frame, at));
    }

    /** The VLAN of the outermost tag of a frame that begins at {@code at}, 0 without one; -1 when the tag is cut. */
    static int vlan(Frame frame, int at) {
        if (!Ethernet.isTag(frame.getShort(at + 12))) {
            return 0;
        }
        return frame.length() - at < Ethernet.HEADER_LENGTH + Ethernet.TAG_LENGTH
                ? -1
                : frame.getShort(at + 14) & 0xfff;
    }

    // ---- an IP packet that begins at the frame's first byte ----

    static int trafficClass(Frame packet, int protocol) {
        return protocol == Ipv6Header.IPV4 ? packet.getByte(1) : Ipv6.trafficClass(packet, 0);
    }

    /** Where the route for its destination leads, {@code null}: nowhere. */
    static NextHop route(Frame packet, int protocol, RouteTable table) {
        if (protocol == Ipv6Header.IPV4) {
            return table.lookupIpv4(Ipv4.destination(packet, 0));
        }
        return table.lookupIpv6(Ipv6.destinationHigh(packet, 0), Ipv6.destinationLow(packet, 0));
    }

    /** Takes one off the hop limit, as every router does; returns whether it lives on. */
    static boolean hop(Frame packet, int protocol) {
        if (protocol == Ipv6Header.IPV4) {
            int before = packet.getShort(TTL);
            if (before >>> 8 <= 1) {
                return false;
            }
            packet.putShort(TTL, before - 0x100);
            int checksum = packet.getShort(IPV4_CHECKSUM);
            packet.putShort(IPV4_CHECKSUM, InternetChecksum.update(checksum, before, before - 0x100));
            return true;
        }
        int hopLimit = Ipv6.hopLimit(packet, 0);
        if (hopLimit <= 1) {
            return false;
        }
        Ipv6Header.putHopLimit(packet, 0, hopLimit - 1);
        return true;
    }

    /**
     * Takes over a mark of the outer header that is gone (RFC 6040, 4.2), which lay in the headroom.
     *
     * @return whether the packet may go on
     */
    static boolean takeMark(Frame packet, int outerTrafficClass) {
        packet.prepend(Ethernet.HEADER_LENGTH);
        IpFrame.putHeader(packet);
        int mark = Ecn.decapsulate(packet, outerTrafficClass);
        packet.consume(Ethernet.HEADER_LENGTH);
        return mark != Ecn.DISCARD;
    }
}
