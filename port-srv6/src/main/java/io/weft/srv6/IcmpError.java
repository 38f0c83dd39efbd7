package io.weft.srv6;

import io.weft.frame.Frame;
import io.weft.frame.Icmpv6;
import io.weft.frame.Ipv6;

/**
 * An ICMPv6 error (RFC 4443, 2.4) about a packet that a SID refused, made in front of the packet, which it quotes.
 *
 * <pre>
 *   before:                                       | IPv6 header | SRH, ... | payload ...
 *   after:   | IPv6 header | ICMPv6 header, 8     | IPv6 header | SRH, ... | payload ... cut to 1,280 bytes in all
 *            |             | type code checksum   |
 *            |             | pointer, or 0        |
 * </pre>
 *
 * <p>What is to be said comes in one number, so that nothing is allocated; 0 is nothing. How many there may be is the caller's.
 *
 * <p>Threads: stateless; the caller owns the frame.
 */
final class IcmpError {
    /** Nothing is to be said. */
    static final long NONE = 0;

    /** Type: there is no way to the destination (RFC 4443, 3.1). */
    static final int DESTINATION_UNREACHABLE = 1;

    /** Type: longer than the MTU of the next link, which is said in place of a pointer (RFC 4443, 3.2). */
    static final int PACKET_TOO_BIG = 2;

    /** Type: the hop limit is used up (RFC 4443, 3.3). */
    static final int TIME_EXCEEDED = 3;

    /** Type: a field is wrong, the one that the pointer says (RFC 4443, 3.4). */
    static final int PARAMETER_PROBLEM = 4;

    /** Code of {@link #PARAMETER_PROBLEM}: an erroneous header field. */
    static final int HEADER_FIELD = 0;

    /** Code of {@link #PARAMETER_PROBLEM}: not the upper-layer header that the SID takes (RFC 8986, 10.3). */
    static final int UPPER_LAYER_HEADER = 4;

    /** The longest error, IPv6 header counted (RFC 4443, 2.4(c)). */
    static final int MAX_LENGTH = 1_280;

    /** What is put in front of the packet: bytes of the headroom that it must have. */
    static final int HEADERS_LENGTH = Ipv6Header.LENGTH + 8;

    private static final int LOWEST_INFORMATION = 128;
    private static final int REDIRECT = 137;

    private IcmpError() {}

    /**
     * An error in one number, not 0.
     *
     * @param pointer the wrong field, in bytes from the packet's first; the MTU; or 0
     */
    static long of(int type, int code, int pointer) {
        return (long) type << 40 | (long) code << 32 | pointer;
    }

    /** The type of an error. */
    static int type(long error) {
        return (int) (error >>> 40);
    }

    /** The code of an error. */
    static int code(long error) {
        return (int) (error >>> 32) & 0xff;
    }

    /** The pointer of an error. */
    static int pointer(long error) {
        return (int) error;
    }

    /**
     * What the source of a packet is told when its headers are refused: which field of a routing header with segments left is
     * wrong (RFC 8754, 4.3.1.1; RFC 8200, 4.4); {@link #NONE} for what no RFC has an error for.
     *
     * @param refusal what {@link ExtensionHeaders#find} said of the packet
     */
    static long about(Frame packet, SrRefusal refusal) {
        boolean isType = refusal == SrRefusal.ROUTING_TYPE;
        if (!isType && refusal != SrRefusal.LAST_ENTRY && refusal != SrRefusal.SEGMENTS_LEFT) {
            return NONE;
        }
        int next = Ipv6.nextHeader(packet, 0);
        int at = Ipv6Header.LENGTH;
        while (Ipv6.isExtensionHeader(next) && at + SrHeader.FIXED_LENGTH <= packet.length()) {
            boolean isSrh = packet.getByte(at + SrHeader.ROUTING_TYPE_OFFSET) == SrHeader.ROUTING_TYPE;
            if (next == Ipv6.ROUTING && isSrh != isType && SrHeader.segmentsLeft(packet, at) > 0) {
                int field = isType ? SrHeader.ROUTING_TYPE_OFFSET : SrHeader.SEGMENTS_LEFT_OFFSET;
                return of(PARAMETER_PROBLEM, HEADER_FIELD, at + field);
            }
            next = packet.getByte(at);
            at += SrHeader.length(packet, at);
        }
        return NONE; // no segment is left: that is no error to the RFC
    }

    /**
     * Turns a packet into the error about it, to its source. It has traffic class 0 and flow label 0; its offload
     * metadata is cleared.
     *
     * <p>None is made (RFC 4443, 2.4(e)) about ICMPv6 errors and redirects; where a cut or too long chain of headers, or a
     * fragment, hides whether it is one; to the unspecified address, loopback and groups, and about what went to a group. Nor does anybody tell
     * himself.
     *
     * @param packet begins with its IPv6 header, which is whole, and has {@value #HEADERS_LENGTH} bytes of headroom
     * @param error what is said, see {@link #of}
     * @param source who says it
     * @return whether the packet is the error now; if not, it is as it was
     */
    static boolean make(Frame packet, long error, SrSource source) {
        long toHigh = Ipv6.sourceHigh(packet, 0);
        long toLow = Ipv6.sourceLow(packet, 0);
        boolean isStation = !Ipv6.isMulticast(toHigh) && (toHigh != 0 || toLow >>> 1 != 0);
        boolean isOwn = toHigh == source.high() && toLow == source.low();
        if (error == NONE
                || !isStation
                || isOwn
                || Ipv6.isMulticast(Ipv6.destinationHigh(packet, 0))
                || packet.headroom() < HEADERS_LENGTH
                || mayBeError(packet)) {
            return false;
        }
        int quoted = Math.min(packet.length(), MAX_LENGTH - HEADERS_LENGTH);
        packet.length(quoted);
        packet.prepend(HEADERS_LENGTH);
        packet.offload(0, 0, 0, 0, 0, 0);
        int length = 8 + quoted;
        Ipv6.put(packet, 0, 0, length, Ipv6.ICMPV6, source.hopLimit(), source.high(), source.low(), toHigh, toLow);
        int icmp = Ipv6Header.LENGTH;
        packet.putInt(icmp, type(error) << 24 | code(error) << 16);
        packet.putInt(icmp + 4, pointer(error));
        Icmpv6.putChecksum(packet, icmp, 0, length);
        return true;
    }

    private static boolean mayBeError(Frame packet) {
        int payload = Ipv6.payload(packet, 0);
        int at = Ipv6.payloadOffset(payload);
        if (at == 0) {
            return true;
        }
        if (Ipv6.payloadProtocol(payload) != Ipv6.ICMPV6) {
            return false;
        }
        int type = at < packet.length() ? packet.getByte(at) : 0;
        return type < LOWEST_INFORMATION || type == REDIRECT;
    }
}
