package io.weft.frame;

/**
 * The IPv4 header (RFC 791, 3.1), read in place.
 *
 * <pre>
 *    0    1    2         4         6         8    9    10        12             16             20
 *   +----+----+---------+---------+---------+----+----+---------+--------------+--------------+---------
 *   |V IH|TOS | length  | id      |FLG frag |TTL |prot| checksum| source       | destination  | options
 *   +----+----+---------+---------+---------+----+----+---------+--------------+--------------+---------
 *    V: 4   IH: header length in 32-bit words, 5..15   FLG: 0 DF MF   frag: offset in units of 8 bytes (13 bits)
 * </pre>
 *
 * <p>Contract: {@link #isPresent} said so once for this frame and offset; after that no getter can fail. The offset is
 * that of the header's first byte. Addresses are {@code int}s, first octet highest.
 *
 * <p>Threads: stateless.
 */
public final class Ipv4 {
    /** Bytes of a header without options. */
    public static final int HEADER_LENGTH = 20;

    /** {@link #protocol}: ICMP. */
    public static final int ICMP = 1;

    /** {@link #protocol}: IGMP. */
    public static final int IGMP = 2;

    /** {@link #protocol}, and IPv6's next header: TCP. */
    public static final int TCP = 6;

    /** {@link #protocol}, and IPv6's next header: UDP. */
    public static final int UDP = 17;

    /** {@link #protocol}, and IPv6's next header: SCTP. */
    public static final int SCTP = 132;

    private Ipv4() {}

    /** Whether the frame reaches to the end of the header's fixed part at {@code offset}. */
    public static boolean isPresent(Frame frame, int offset) {
        return frame.length() - offset >= HEADER_LENGTH;
    }

    /** The version field: 4 in an honest packet. */
    public static int version(Frame frame, int offset) {
        return frame.getByte(offset) >>> 4;
    }

    /** Bytes of the header, options counted, as the header says: 0..60, and less than 20 in a malformed one. */
    public static int headerLength(Frame frame, int offset) {
        return (frame.getByte(offset) & 0xf) * 4;
    }

    /** Bytes of header and payload, as the header says. */
    public static int totalLength(Frame frame, int offset) {
        return frame.getShort(offset + 2);
    }

    /** Where this fragment's payload belongs, in bytes; 0 in a first fragment and in a whole packet. */
    public static int fragmentOffset(Frame frame, int offset) {
        return (frame.getShort(offset + 6) & 0x1fff) * 8;
    }

    /** The protocol of the payload (IANA's protocol numbers). */
    public static int protocol(Frame frame, int offset) {
        return frame.getByte(offset + 9);
    }

    /** Source address. */
    public static int source(Frame frame, int offset) {
        return frame.getInt(offset + 12);
    }

    /** Destination address. */
    public static int destination(Frame frame, int offset) {
        return frame.getInt(offset + 16);
    }
}
