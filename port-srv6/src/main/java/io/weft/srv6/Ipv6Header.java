package io.weft.srv6;

import io.weft.frame.Frame;
import io.weft.frame.Ipv6;

/**
 * The outer IPv6 header (RFC 8200, 3): what {@link Ipv6} does not need for the packets that it only looks at, which is the flow
 * label, a check of the whole, and writing single fields. The offset {@code at} is that of the header's first byte.
 *
 * <pre>
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   |   6   | traffic class |              flow label               |
 *   |        payload length         |  next header  |   hop limit   |
 *   |                    source, 16 bytes                           |
 *   |                    destination, 16 bytes                      |
 * </pre>
 *
 * <p>Threads: stateless; the caller owns the frame.
 */
public final class Ipv6Header {
    /** Bytes of the header. */
    public static final int LENGTH = Ipv6.HEADER_LENGTH;

    /** Most bytes behind the header that it can count. */
    public static final int MAX_PAYLOAD_LENGTH = 0xffff;

    /** Next header: an IPv4 packet. */
    public static final int IPV4 = 4;

    /** Next header: an IPv6 packet. */
    public static final int IPV6 = 41;

    /** Next header: an Ethernet frame (RFC 8986, 10.1). */
    public static final int ETHERNET = 143;

    /** Where the next header field is, in bytes from the header's first. */
    static final int NEXT_HEADER_OFFSET = 6;

    private Ipv6Header() {}

    /**
     * Whether a whole IPv6 packet begins at {@code at}.
     *
     * @param end where what came ends; behind the packet there may be padding
     * @return where the packet ends, by its payload length; negative when refused, see {@link SrRefusal#of}
     */
    public static int check(Frame frame, int at, int end) {
        if (end - at < LENGTH) {
            return SrRefusal.TOO_SHORT.code();
        }
        if (Ipv6.version(frame, at) != 6) {
            return SrRefusal.VERSION.code();
        }
        int packetEnd = at + LENGTH + Ipv6.payloadLength(frame, at);
        return packetEnd <= end ? packetEnd : SrRefusal.PAYLOAD_LENGTH.code();
    }

    /** The header's first 32 bits, see {@link #word(int, int)}. */
    public static int word(Frame frame, int at) {
        return frame.getInt(at);
    }

    /** The header's first 32 bits: version 6, traffic class 0..255, flow label 0..1048575. */
    public static int word(int trafficClass, int flowLabel) {
        return 6 << 28 | trafficClass << 20 | flowLabel;
    }

    /** The traffic class of {@link #word(Frame, int)}, 0..255. */
    public static int trafficClass(int word) {
        return word >>> 20 & 0xff;
    }

    /** The flow label of {@link #word(Frame, int)}, 0..1048575. */
    public static int flowLabel(int word) {
        return word & 0xf_ffff;
    }

    /** Writes the first 32 bits. */
    public static void putWord(Frame frame, int at, int word) {
        frame.putInt(at, word);
    }

    /** Writes the payload length, 0..65535. */
    public static void putPayloadLength(Frame frame, int at, int payloadLength) {
        frame.putShort(at + 4, payloadLength);
    }

    /** Writes the hop limit, 0..255. */
    public static void putHopLimit(Frame frame, int at, int hopLimit) {
        frame.putByte(at + 7, hopLimit);
    }

    /** Writes the destination. */
    public static void putDestination(Frame frame, int at, long high, long low) {
        frame.putLong(at + 24, high);
        frame.putLong(at + 32, low);
    }
}
