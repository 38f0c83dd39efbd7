package io.weft.frame;

/**
 * The ICMPv6 header (RFC 4443, 2.1) and its checksum (RFC 4443, 2.3), read and written in place.
 *
 * <pre>
 *    0    1    2         4
 *   +----+----+---------+---------
 *   |type|code| checksum| body
 *   +----+----+---------+---------
 *
 *   the checksum covers:
 *   | IPv6 source (16) | IPv6 destination (16) | ICMPv6 length (4) | 0 (3) | 58 | the whole ICMPv6 message |
 * </pre>
 *
 * <p>Contract: {@link #isPresent} said so once for this frame and offset; after that no getter can fail. The offset is
 * that of the header's first byte; where an IPv6 offset is asked for, that header is present, too.
 *
 * <p>Threads: stateless.
 */
public final class Icmpv6 {
    /** Bytes of the header. */
    public static final int HEADER_LENGTH = 4;

    private Icmpv6() {}

    /** Whether the frame reaches to the end of the header at {@code offset}. */
    public static boolean isPresent(Frame frame, int offset) {
        return frame.length() - offset >= HEADER_LENGTH;
    }

    /** The message's type, 0..255. */
    public static int type(Frame frame, int offset) {
        return frame.getByte(offset);
    }

    /** The message's code, 0..255. */
    public static int code(Frame frame, int offset) {
        return frame.getByte(offset + 1);
    }

    /** The checksum field. */
    public static int checksum(Frame frame, int offset) {
        return frame.getShort(offset + 2);
    }

    /**
     * Whether the checksum of a message is right.
     *
     * @param ipOffset where the IPv6 header with the addresses begins
     * @param length bytes of the message, from its type on; they are within the frame
     */
    public static boolean hasValidChecksum(Frame frame, int offset, int ipOffset, int length) {
        return fold(sum(frame, offset, length) + pseudoHeader(frame, ipOffset, length)) == 0xffff;
    }

    /** Computes the checksum of a message and writes it; the parameters are those of {@link #hasValidChecksum}. */
    public static void putChecksum(Frame frame, int offset, int ipOffset, int length) {
        frame.putShort(offset + 2, 0);
        int sum = fold(sum(frame, offset, length) + pseudoHeader(frame, ipOffset, length));
        frame.putShort(offset + 2, ~sum);
    }

    private static long pseudoHeader(Frame frame, int ipOffset, int length) {
        return sum(frame, ipOffset + 8, 32) + length + Ipv6.ICMPV6;
    }

    /** The one's complement sum (RFC 1071) before it is folded; four bytes at a time, since the carries come back. */
    private static long sum(Frame frame, int from, int count) {
        long sum = 0;
        int at = from;
        int end = from + count;
        for (; end - at >= 4; at += 4) {
            sum += frame.getInt(at) & 0xffff_ffffL;
        }
        if (end - at >= 2) {
            sum += frame.getShort(at);
            at += 2;
        }
        if (at < end) {
            sum += frame.getByte(at) << 8; // an odd byte is padded with 0
        }
        return sum;
    }

    private static int fold(long sum) {
        long folded = sum;
        while (folded >>> 16 != 0) {
            folded = (folded & 0xffff) + (folded >>> 16);
        }
        return (int) folded;
    }
}
