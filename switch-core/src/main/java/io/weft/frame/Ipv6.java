package io.weft.frame;

/**
 * The IPv6 header (RFC 8200, 3) and the way past its extension headers (RFC 8200, 4), read in place.
 *
 * <pre>
 *    0           4         6    7    8                  24                 40
 *   +-----------+---------+----+----+------------------+------------------+---------
 *   |V TC  flow | payload |next|hop | source           | destination      | extension headers, payload
 *   |           | length  |hdr |lim |                  |                  |
 *   +-----------+---------+----+----+------------------+------------------+---------
 *
 *   extension header: | next header | length | ...    8 * (length + 1) bytes
 *     Fragment (44):  | next header | 0      | offset(13) 0(2) M(1) | identification |    8 bytes
 *     AH (51):        | next header | length | ...    4 * (length + 2) bytes (RFC 4302)
 * </pre>
 *
 * <p>Contract: {@link #isPresent} said so once for this frame and offset; after that no getter can fail. The offset is
 * that of the header's first byte. An address is two {@code long}s, high (first octets) and low.
 *
 * <p>Threads: stateless.
 */
public final class Ipv6 {
    /** Bytes of the fixed header. */
    public static final int HEADER_LENGTH = 40;

    /** {@link #nextHeader}: hop-by-hop options. */
    public static final int HOP_BY_HOP = 0;

    /** {@link #nextHeader}: routing header. */
    public static final int ROUTING = 43;

    /** {@link #nextHeader}: fragment header. */
    public static final int FRAGMENT = 44;

    /** {@link #nextHeader}: authentication header. */
    public static final int AUTHENTICATION = 51;

    /** {@link #nextHeader}: ICMPv6. */
    public static final int ICMPV6 = 58;

    /** {@link #nextHeader}: destination options. */
    public static final int DESTINATION_OPTIONS = 60;

    /** How many extension headers {@link #payload} walks: more than any honest packet has. */
    public static final int MAX_EXTENSION_HEADERS = 8;

    private static final int MOBILITY = 135;
    private static final int HOST_IDENTITY = 139;
    private static final int SHIM6 = 140;

    private Ipv6() {}

    /** Whether the frame reaches to the end of the fixed header at {@code offset}. */
    public static boolean isPresent(Frame frame, int offset) {
        return frame.length() - offset >= HEADER_LENGTH;
    }

    /** The version field: 6 in an honest packet. */
    public static int version(Frame frame, int offset) {
        return frame.getByte(offset) >>> 4;
    }

    /** The traffic class, 0..255. */
    public static int trafficClass(Frame frame, int offset) {
        return frame.getShort(offset) >>> 4 & 0xff;
    }

    /** Bytes behind the fixed header, extension headers counted, as the header says. */
    public static int payloadLength(Frame frame, int offset) {
        return frame.getShort(offset + 4);
    }

    /** What follows the fixed header: an extension header or a protocol (IANA's protocol numbers). */
    public static int nextHeader(Frame frame, int offset) {
        return frame.getByte(offset + 6);
    }

    /** The hop limit, 0..255. */
    public static int hopLimit(Frame frame, int offset) {
        return frame.getByte(offset + 7);
    }

    /** First eight octets of the source address. */
    public static long sourceHigh(Frame frame, int offset) {
        return frame.getLong(offset + 8);
    }

    /** Last eight octets of the source address. */
    public static long sourceLow(Frame frame, int offset) {
        return frame.getLong(offset + 16);
    }

    /** First eight octets of the destination address. */
    public static long destinationHigh(Frame frame, int offset) {
        return frame.getLong(offset + 24);
    }

    /** Last eight octets of the destination address. */
    public static long destinationLow(Frame frame, int offset) {
        return frame.getLong(offset + 32);
    }

    /** Whether an address whose first octets these are is a multicast address (RFC 4291, 2.7). */
    public static boolean isMulticast(long high) {
        return high >>> 56 == 0xff;
    }

    /**
     * Writes a whole header with flow label 0; the frame's slot has {@link #HEADER_LENGTH} bytes there.
     *
     * @param payloadLength bytes behind this header
     */
    public static void put(
            Frame frame,
            int offset,
            int trafficClass,
            int payloadLength,
            int nextHeader,
            int hopLimit,
            long sourceHigh,
            long sourceLow,
            long destinationHigh,
            long destinationLow) {
        put(
                frame,
                offset,
                trafficClass,
                0,
                payloadLength,
                nextHeader,
                hopLimit,
                sourceHigh,
                sourceLow,
                destinationHigh,
                destinationLow);
    }

    /**
     * Writes a whole header; the frame's slot has {@link #HEADER_LENGTH} bytes there.
     *
     * @param trafficClass 0..255
     * @param flowLabel 0..1048575
     * @param payloadLength bytes behind this header, 0..65535
     */
    public static void put(
            Frame frame,
            int offset,
            int trafficClass,
            int flowLabel,
            int payloadLength,
            int nextHeader,
            int hopLimit,
            long sourceHigh,
            long sourceLow,
            long destinationHigh,
            long destinationLow) {
        long word = 6L << 28 | trafficClass << 20 | flowLabel;
        frame.putLong(offset, word << 32 | (long) payloadLength << 16 | nextHeader << 8 | hopLimit);
        frame.putLong(offset + 8, sourceHigh);
        frame.putLong(offset + 16, sourceLow);
        frame.putLong(offset + 24, destinationHigh);
        frame.putLong(offset + 32, destinationLow);
    }

    // ---- past the extension headers ----

    /**
     * Walks past at most {@link #MAX_EXTENSION_HEADERS} extension headers and says in one number what is behind them, for
     * {@link #payloadProtocol} and {@link #payloadOffset}. Never fails: where the frame ends inside an extension header,
     * where there are more of them, and in a fragment that is not the first, the protocol is the last one that is known
     * and the offset is 0.
     */
    public static int payload(Frame frame, int offset) {
        int next = nextHeader(frame, offset);
        int at = offset + HEADER_LENGTH;
        for (int walked = 0; isExtensionHeader(next); walked++) {
            if (walked == MAX_EXTENSION_HEADERS || frame.length() - at < 8) {
                return next;
            }
            boolean laterFragment = next == FRAGMENT && (frame.getShort(at + 2) & 0xfff8) != 0;
            int length = extensionLength(frame, at, next);
            next = frame.getByte(at);
            at += length;
            if (laterFragment || at > frame.length()) {
                return next;
            }
        }
        return at << 8 | next;
    }

    /** The protocol that {@link #payload} found. */
    public static int payloadProtocol(int payload) {
        return payload & 0xff;
    }

    /** Where the protocol's header begins in the frame, as {@link #payload} found it; 0 when it cannot be reached. */
    public static int payloadOffset(int payload) {
        return payload >>> 8;
    }

    private static int extensionLength(Frame frame, int at, int type) {
        return switch (type) {
            case FRAGMENT -> 8;
            case AUTHENTICATION -> (frame.getByte(at + 1) + 2) * 4;
            default -> (frame.getByte(at + 1) + 1) * 8;
        };
    }

    /** Whether a next header field with this value announces an extension header that {@link #payload} walks past. */
    public static boolean isExtensionHeader(int type) {
        return switch (type) {
            case HOP_BY_HOP, ROUTING, FRAGMENT, AUTHENTICATION, DESTINATION_OPTIONS, MOBILITY, HOST_IDENTITY, SHIM6 ->
                true;
            default -> false;
        };
    }
}
