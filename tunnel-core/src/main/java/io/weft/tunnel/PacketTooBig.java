package io.weft.tunnel;

import io.weft.frame.EtherType;
import io.weft.frame.Ethernet;
import io.weft.frame.Frame;
import io.weft.frame.Icmpv6;
import io.weft.frame.Ipv4;
import io.weft.frame.Ipv6;
import io.weft.offload.InternetChecksum;

/**
 * Tells the sender of a packet that is too long for a tunnel how long it may be: ICMP "fragmentation needed" (RFC 1191, 4) and
 * ICMPv6 "packet too big" (RFC 4443, 3.2), made in place of the packet.
 *
 * <pre>
 *   | MAC addresses, tags, type | IP header | payload ...                                   |      the frame
 *   | exchanged, same, same     | IP header | ICMP header (8) | IP header | payload ... |          the answer
 *                                                             |&lt;- as it was, cut ----&gt;|
 *   ICMP header:  | 3 | 4 | checksum(2) | 0(2) | MTU(2) |  or  | 2 | 0 | checksum(2) | MTU(4) |
 * </pre>
 *
 * <p>The answer comes from the packet's destination, MAC and IP address: a switch has no addresses of its own, and the sender
 * believes it, since it knows that station. (Linux' vxlan device does the same when it is the port of a bridge.) It has
 * TTL or hop limit 64, traffic class 0 and, with IPv4, DF and identification 0 (RFC 6864, 4.1). It quotes as much as makes a
 * packet of 576 bytes (IPv4, RFC 1812, 4.3.2.3; Linux' vxlan does so, too) or 1,280 (IPv6, RFC 4443, 2.4(c)), so that it needs
 * no discovery itself and the sender finds its socket behind options and extension headers.
 *
 * <p>No answer is given (RFC 1122, 3.2.2; RFC 4443, 2.4(e)):
 * <ul>
 *   <li>to what is no IP packet, to IPv4 without DF, and to a fragment other than the first;
 *   <li>to ICMP errors and ICMPv6 redirects, and where a cut or too long chain of headers hides whether it is one;
 *   <li>to and about what is not one station's address: group and zero MAC addresses; of IP the unspecified, loopback and
 *       multicast ones, and all from 224.0.0.0 on. RFC 4443 would allow one about an IPv6 multicast packet, and Linux gives it
 *       from the multicast address, from which every host refuses it;
 *   <li>to a packet whose header is not honest, and to one that is not longer than the MTU: what is behind it is padding;
 *   <li>about an MTU that no host believes: below 68 bytes (IPv4, RFC 791, 3.2) and 1,280 (IPv6, RFC 8201, 4).
 * </ul>
 *
 * <p>How many answers there may be is the caller's: {@link AnswerLimit}.
 *
 * <p>Threads: stateless; the caller owns the frame.
 */
public final class PacketTooBig {
    private static final int ICMP_HEADER_LENGTH = 8;
    private static final int ICMPV4_LENGTH = 576;
    private static final int ICMPV6_LENGTH = 1_280;
    private static final int IPV4_LOWEST_MTU = 68;
    private static final int IPV6_LOWEST_MTU = 1_280;

    private static final int DESTINATION_UNREACHABLE = 3;
    private static final int FRAGMENTATION_NEEDED = 4;
    private static final int ICMPV6_PACKET_TOO_BIG = 2;

    private static final int SOURCE_QUENCH = 4;
    private static final int REDIRECT = 5;
    private static final int TIME_EXCEEDED = 11;
    private static final int PARAMETER_PROBLEM = 12;
    private static final int ICMPV6_LOWEST_INFORMATION = 128;
    private static final int ICMPV6_REDIRECT = 137;

    private static final int DONT_FRAGMENT = 0x4000;
    private static final int HOP_LIMIT = 64;

    private PacketTooBig() {}

    /**
     * Whether what is behind the Ethernet header and its tags, normally an IP packet, is longer than {@code mtu}; of a
     * super-frame, which passed {@link io.weft.offload.OffloadCheck#isSound}, that of its longest segment. A tunnel that
     * carries tags asks with an MTU that is 4 bytes lower for each.
     */
    public static boolean exceeds(Frame frame, int mtu) {
        int etherType = EtherType.offset(frame);
        if (etherType == EtherType.NONE) {
            return false;
        }
        int longest = frame.length();
        if (frame.gsoType() != 0) {
            longest = Math.min(longest, frame.headerLength() + frame.gsoSize());
        }
        return longest - (etherType + 2) > mtu;
    }

    /**
     * Turns a frame into the answer to its sender: tags, ingress and endpoint stay, offload metadata is cleared. A super-frame
     * becomes one answer. What is quoted of a frame with a partial checksum has that, too; nobody verifies it.
     *
     * @param frame borrowed for the call, with a packet that is too long for the tunnel
     * @param mtu the longest packet that fits, in bytes with its IP header
     * @return whether the frame is an answer now; if not, it is untouched
     */
    public static boolean answer(Frame frame, int mtu) {
        return frame.length() >= Ethernet.HEADER_LENGTH
                && Ethernet.isLearnable(Ethernet.source(frame))
                && Ethernet.isLearnable(Ethernet.destination(frame))
                && answerPacket(frame, mtu);
    }

    /** The same for a frame of a layer-3 port ({@link io.weft.frame.IpFrame}), whose MAC addresses mean nothing. */
    static boolean answerPacket(Frame frame, int mtu) {
        int ip = InnerPacket.offset(frame);
        if (ip == InnerPacket.NONE) {
            return false;
        }
        int length = InnerPacket.length(frame, ip);
        if (length <= mtu || length > frame.length() - ip) {
            return false;
        }
        return InnerPacket.isIpv6(frame, ip) ? answerIpv6(frame, ip, length, mtu) : answerIpv4(frame, ip, length, mtu);
    }

    // ---- IPv4 ----

    private static boolean answerIpv4(Frame frame, int ip, int length, int mtu) {
        int headers = Ipv4.HEADER_LENGTH + ICMP_HEADER_LENGTH;
        int answer = Math.min(headers + length, ICMPV4_LENGTH);
        if (mtu < IPV4_LOWEST_MTU || ip + answer > frame.capacity() || !mayBeAnsweredIpv4(frame, ip)) {
            return false;
        }
        int source = Ipv4.source(frame, ip);
        int destination = Ipv4.destination(frame, ip);
        beginAnswer(frame, ip, headers, answer);

        frame.putInt(ip, 0x4500_0000 | answer);
        frame.putInt(ip + 4, DONT_FRAGMENT);
        frame.putInt(ip + 8, HOP_LIMIT << 24 | Ipv4.ICMP << 16);
        frame.putInt(ip + 12, destination);
        frame.putInt(ip + 16, source);
        frame.putShort(ip + 10, InternetChecksum.checksum(InternetChecksum.sum(frame, ip, Ipv4.HEADER_LENGTH)));

        int icmp = ip + Ipv4.HEADER_LENGTH;
        frame.putInt(icmp, DESTINATION_UNREACHABLE << 24 | FRAGMENTATION_NEEDED << 16);
        frame.putInt(icmp + 4, mtu); // below 65,535: the packet is longer
        int sum = InternetChecksum.sum(frame, icmp, answer - Ipv4.HEADER_LENGTH);
        frame.putShort(icmp + 2, InternetChecksum.checksum(sum));
        return true;
    }

    /** The packet is longer than the lowest MTU, and thus than its header. */
    private static boolean mayBeAnsweredIpv4(Frame frame, int ip) {
        if ((frame.getShort(ip + 6) & DONT_FRAGMENT) == 0
                || Ipv4.fragmentOffset(frame, ip) != 0
                || !isHost(Ipv4.source(frame, ip))
                || !isHost(Ipv4.destination(frame, ip))) {
            return false;
        }
        return Ipv4.protocol(frame, ip) != Ipv4.ICMP || !isIcmpError(frame.getByte(ip + Ipv4.headerLength(frame, ip)));
    }

    /** Whether an address can be a station's: not in 0.0.0.0/8 or 127.0.0.0/8, and below 224.0.0.0. */
    private static boolean isHost(int address) {
        int first = address >>> 24;
        return first != 0 && first != 127 && first < 224;
    }

    private static boolean isIcmpError(int type) {
        return switch (type) {
            case DESTINATION_UNREACHABLE, SOURCE_QUENCH, REDIRECT, TIME_EXCEEDED, PARAMETER_PROBLEM -> true;
            default -> false;
        };
    }

    // ---- IPv6 ----

    private static boolean answerIpv6(Frame frame, int ip, int length, int mtu) {
        int headers = Ipv6.HEADER_LENGTH + ICMP_HEADER_LENGTH;
        int answer = Math.min(headers + length, ICMPV6_LENGTH);
        if (mtu < IPV6_LOWEST_MTU || ip + answer > frame.capacity() || !mayBeAnsweredIpv6(frame, ip, length)) {
            return false;
        }
        long sourceHigh = Ipv6.sourceHigh(frame, ip);
        long sourceLow = Ipv6.sourceLow(frame, ip);
        long destinationHigh = Ipv6.destinationHigh(frame, ip);
        long destinationLow = Ipv6.destinationLow(frame, ip);
        beginAnswer(frame, ip, headers, answer);

        int payload = answer - Ipv6.HEADER_LENGTH;
        Ipv6.put(frame, ip, 0, payload, Ipv6.ICMPV6, HOP_LIMIT, destinationHigh, destinationLow, sourceHigh, sourceLow);
        int icmp = ip + Ipv6.HEADER_LENGTH;
        frame.putInt(icmp, ICMPV6_PACKET_TOO_BIG << 24);
        frame.putInt(icmp + 4, mtu);
        Icmpv6.putChecksum(frame, icmp, ip, payload);
        return true;
    }

    private static boolean mayBeAnsweredIpv6(Frame frame, int ip, int length) {
        if (!isHost(Ipv6.sourceHigh(frame, ip), Ipv6.sourceLow(frame, ip))
                || !isHost(Ipv6.destinationHigh(frame, ip), Ipv6.destinationLow(frame, ip))) {
            return false;
        }
        int payload = Ipv6.payload(frame, ip);
        int at = Ipv6.payloadOffset(payload);
        if (at == 0 || at >= ip + length) {
            return false;
        }
        return Ipv6.payloadProtocol(payload) != Ipv6.ICMPV6 || !isIcmpv6Error(frame.getByte(at));
    }

    /** Whether an address can be a station's: not ::, not ::1, not multicast. */
    private static boolean isHost(long high, long low) {
        return !Ipv6.isMulticast(high) && (high != 0 || low >>> 1 != 0);
    }

    private static boolean isIcmpv6Error(int type) {
        return type < ICMPV6_LOWEST_INFORMATION || type == ICMPV6_REDIRECT;
    }

    // ---- both ----

    /** Moves what is quoted behind the new headers, and has the frame go back to where it came from. */
    private static void beginAnswer(Frame frame, int ip, int headers, int answer) {
        frame.putBytes(
                ip + headers, frame.bytes(), frame.headroom() + ip, answer - headers); // overlaps: as if copied aside
        long destination = Ethernet.destination(frame);
        Ethernet.putMac(frame, 0, Ethernet.source(frame));
        Ethernet.putMac(frame, 6, destination);
        frame.length(ip + answer);
        frame.offload(0, 0, 0, 0, 0, 0);
    }
}
