package io.weft.srv6;

import io.weft.frame.Frame;

/**
 * The segment routing header, SRH (RFC 8754, 2), a routing extension header of IPv6.
 *
 * <pre>
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   |  next header  |  hdr ext len  | routing type 4| segments left |
 *   |  last entry   |     flags     |              tag              |
 *   |  segment 0: the last one of the way, 16 bytes                 |
 *   |  ... segment (last entry): the first of the way, or the second where the list is reduced
 *   |  TLVs: one byte 0 (Pad1); or type, length of what follows, ...|
 * </pre>
 *
 * <p>Contract: after {@link #check} said so no getter can fail or read behind the header. {@code at} is the index of the header's
 * first byte; lengths are bytes of the header, its first 8 counted.
 *
 * <p>Threads: stateless; the caller owns the frame.
 */
public final class SrHeader {
    /** Bytes in front of the segments. */
    public static final int FIXED_LENGTH = 8;

    /** Bytes of a segment. */
    public static final int SEGMENT_LENGTH = 16;

    /** The routing type. */
    public static final int ROUTING_TYPE = 4;

    /** Type of the TLV that is one byte of padding, without a length. */
    public static final int PAD1 = 0;

    /** Type of the TLV that is padding. */
    public static final int PADN = 4;

    /** Type of the TLV that authenticates the header, see {@link SrHmac}. */
    public static final int HMAC = 5;

    /**
     * The flag by which Linux tells that there is an HMAC, and without which it finds none; RFC 8754 has no flags, but has them
     * ignored and authenticated.
     */
    public static final int FLAG_HMAC = 0x08;

    /** Where Segments Left is, at the same place in routing headers of all types. */
    static final int SEGMENTS_LEFT_OFFSET = 3;

    /** Where the routing type is. */
    static final int ROUTING_TYPE_OFFSET = 2;

    private SrHeader() {}

    // ---- reading ----

    /**
     * Whether a header that can be trusted begins at {@code at} (RFC 8754, 4.3.1.1). All of it is within the packet, all
     * segments and all TLVs are within it, and Segments Left is at most one more than Last Entry, as in a reduced list.
     *
     * @param end where the packet ends
     * @return the header's length in bytes, 24..2048; negative when refused, see {@link SrRefusal#of}
     */
    public static int check(Frame frame, int at, int end) {
        int there = end - at;
        if (there < FIXED_LENGTH) {
            return SrRefusal.TOO_SHORT.code();
        }
        int first = frame.getInt(at);
        if ((first >>> 8 & 0xff) != ROUTING_TYPE) {
            return SrRefusal.ROUTING_TYPE.code();
        }
        int length = FIXED_LENGTH + 8 * (first >>> 16 & 0xff);
        if (length > there) {
            return SrRefusal.TOO_SHORT.code();
        }
        int entries = lastEntry(frame, at) + 1;
        int tlvs = FIXED_LENGTH + SEGMENT_LENGTH * entries;
        if (tlvs > length) {
            return SrRefusal.LAST_ENTRY.code();
        }
        if ((first & 0xff) > entries) {
            return SrRefusal.SEGMENTS_LEFT.code();
        }
        if (tlvs < length && !areTlvsWithin(frame, at + tlvs, at + length)) {
            return SrRefusal.TLV.code();
        }
        return length;
    }

    private static boolean areTlvsWithin(Frame frame, int from, int end) {
        int tlv = from;
        while (tlv < end) {
            if (frame.getByte(tlv) == PAD1) {
                tlv++;
            } else if (tlv + 1 == end) {
                return false;
            } else {
                tlv += 2 + frame.getByte(tlv + 1);
            }
        }
        return tlv == end;
    }

    /** What is behind the header. */
    public static int nextHeader(Frame frame, int at) {
        return frame.getByte(at);
    }

    /** Bytes of the whole header. */
    public static int length(Frame frame, int at) {
        return FIXED_LENGTH + 8 * frame.getByte(at + 1);
    }

    /** Index of the current segment; one more than {@link #lastEntry} where the first is left out of the list. */
    public static int segmentsLeft(Frame frame, int at) {
        return frame.getByte(at + SEGMENTS_LEFT_OFFSET);
    }

    /** Index of the last segment of the list, which is the first that is travelled to. */
    public static int lastEntry(Frame frame, int at) {
        return frame.getByte(at + 4);
    }

    /** Reserved, but see {@link #FLAG_HMAC}. */
    public static int flags(Frame frame, int at) {
        return frame.getByte(at + 5);
    }

    /** What marks the packets of a class, 0..65535; 0 for none. */
    public static int tag(Frame frame, int at) {
        return frame.getShort(at + 6);
    }

    /** The first eight bytes of a segment, {@code index} 0..{@link #lastEntry}. */
    public static long segmentHigh(Frame frame, int at, int index) {
        return frame.getLong(at + FIXED_LENGTH + SEGMENT_LENGTH * index);
    }

    /** The last eight bytes of a segment. */
    public static long segmentLow(Frame frame, int at, int index) {
        return frame.getLong(at + FIXED_LENGTH + SEGMENT_LENGTH * index + 8);
    }

    /**
     * The first TLV of a type other than {@link #PAD1}.
     *
     * @return the index of its first byte; -1 when there is none
     */
    public static int tlv(Frame frame, int at, int type) {
        int end = at + length(frame, at);
        int tlv = at + FIXED_LENGTH + SEGMENT_LENGTH * (lastEntry(frame, at) + 1);
        while (tlv < end) {
            int found = frame.getByte(tlv);
            if (found == type) {
                return tlv;
            }
            tlv += found == PAD1 ? 1 : 2 + frame.getByte(tlv + 1);
        }
        return -1;
    }

    // ---- on the way ----

    /**
     * Goes on to the next segment: one less is left, and that is the destination (RFC 8754, 4.3.1.1, S15).
     *
     * @param ip where the IPv6 header is
     * @param at where the SRH is, in which segments are left
     */
    public static void advance(Frame frame, int ip, int at) {
        int left = segmentsLeft(frame, at) - 1;
        frame.putByte(at + SEGMENTS_LEFT_OFFSET, left);
        Ipv6Header.putDestination(frame, ip, segmentHigh(frame, at, left), segmentLow(frame, at, left));
    }
}
