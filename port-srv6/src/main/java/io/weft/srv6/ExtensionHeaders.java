package io.weft.srv6;

import io.weft.frame.Frame;
import io.weft.frame.Ipv6;

/**
 * The way from an IPv6 header past its extension headers (RFC 8200, 4) to an SRH and to the upper-layer header, which is what
 * behaviours look at: an IP packet, an Ethernet frame, ICMPv6, or a header that is not walked past.
 *
 * <p>Walked past are hop-by-hop options directly behind the IPv6 header, destination options, and routing headers. What is in
 * options is not looked at. A fragment header ends the way, as the upper-layer header {@link Ipv6#FRAGMENT}, since what is behind
 * it may be anything. So does an SRH with segments left: what is behind it is for the last node only.
 *
 * <p>Where everything is comes in one number, so that nothing is allocated; the getters take it apart. Indexes count from
 * the frame's first byte.
 *
 * <p>Threads: stateless; the caller owns the frame.
 */
public final class ExtensionHeaders {
    /** How many are walked past: more than any honest packet has. */
    public static final int MAX_HEADERS = Ipv6.MAX_EXTENSION_HEADERS;

    /** {@link #srHeader}: there is none. */
    public static final int NONE = 0;

    // bits of what find() returns, from the lowest: upper-layer protocol (8), its index (20), the SRH's index (20), and
    // the
    // index of the field that announces the SRH, counted from the IPv6 header (15)
    private static final int UPPER_SHIFT = 8;
    private static final int SRH_SHIFT = 28;
    private static final int FIELD_SHIFT = 48;
    private static final int INDEX_MASK = 0xf_ffff;

    private ExtensionHeaders() {}

    /**
     * Walks the headers behind an IPv6 header. An SRH that is found has been {@linkplain SrHeader#check checked}.
     *
     * @param at where the IPv6 header is
     * @param end where the packet ends, behind which nothing is read, see {@link Ipv6Header#check}
     * @return what was found, for the getters; negative when refused, see {@link SrRefusal#of}
     */
    public static long find(Frame frame, int at, int end) {
        int next = Ipv6.nextHeader(frame, at);
        int field = Ipv6Header.NEXT_HEADER_OFFSET;
        int here = at + Ipv6Header.LENGTH;
        long srh = 0;
        for (int walked = 0; isWalkedPast(next, walked); walked++) {
            if (walked == MAX_HEADERS) {
                return SrRefusal.TOO_MANY_HEADERS.code();
            }
            if (end - here < 8) {
                return SrRefusal.TOO_SHORT.code();
            }
            int length = 8 + 8 * frame.getByte(here + 1);
            if (length > end - here) {
                return SrRefusal.TOO_SHORT.code();
            }
            if (next == Ipv6.ROUTING) {
                int left = SrHeader.segmentsLeft(frame, here); // at the same place in routing headers of all types
                if (srh != 0) {
                    return SrRefusal.SECOND_ROUTING_HEADER.code();
                } else if (frame.getByte(here + 2) == SrHeader.ROUTING_TYPE) {
                    int checked = SrHeader.check(frame, here, end);
                    if (checked < 0) {
                        return checked;
                    }
                    srh = (long) field << FIELD_SHIFT | (long) here << SRH_SHIFT;
                    if (left > 0) {
                        return found(srh, here + length, frame.getByte(here));
                    }
                } else if (left > 0) {
                    return SrRefusal.ROUTING_TYPE.code();
                }
            }
            next = frame.getByte(here);
            field = here - at;
            here += length;
        }
        return found(srh, here, next);
    }

    private static boolean isWalkedPast(int next, int walked) {
        return next == Ipv6.ROUTING || next == Ipv6.DESTINATION_OPTIONS || next == Ipv6.HOP_BY_HOP && walked == 0;
    }

    private static long found(long srh, int upper, int protocol) {
        return srh | (long) upper << UPPER_SHIFT | protocol;
    }

    /** Where the SRH is; {@link #NONE} when there is none. */
    public static int srHeader(long found) {
        return (int) (found >>> SRH_SHIFT) & INDEX_MASK;
    }

    /** Where the upper-layer header is; behind an SRH with segments left, what follows it. May be the packet's end. */
    public static int upperLayer(long found) {
        return (int) (found >>> UPPER_SHIFT) & INDEX_MASK;
    }

    /** What the upper-layer header is, by IANA's protocol numbers, as {@link Ipv6Header#ETHERNET}. */
    public static int upperLayerProtocol(long found) {
        return (int) found & 0xff;
    }

    /**
     * Takes the SRH out of a packet (flavours PSP and USP of RFC 8986, 4.16): all in front of it moves to it, the header before it
     * announces what was behind it, and the payload length is less. The IPv6 header then is as many bytes further in the slot,
     * which is where the frame begins if it did before.
     *
     * @param at where the IPv6 header is
     * @param found of this packet, with an SRH
     */
    public static void removeSrHeader(Frame frame, int at, long found) {
        int srh = srHeader(found);
        int length = SrHeader.length(frame, srh);
        frame.putByte(at + (int) (found >>> FIELD_SHIFT), SrHeader.nextHeader(frame, srh));
        Ipv6Header.putPayloadLength(frame, at, Ipv6.payloadLength(frame, at) - length);
        frame.putBytes(length, frame.bytes(), frame.headroom(), srh); // overlaps: as if copied aside
        frame.consume(length);
    }
}
