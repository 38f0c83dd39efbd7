package io.weft.frame;

/**
 * The port numbers with which TCP (RFC 9293, 3.1), UDP (RFC 768) and SCTP (RFC 9260, 3.1) headers begin, read in place.
 *
 * <pre>
 *    0             2             4
 *   +-------------+-------------+---------
 *   | source      | destination | ...
 *   +-------------+-------------+---------
 * </pre>
 *
 * <p>Contract: {@link #isPresent} said so once for this frame and offset; after that no getter can fail. The offset is
 * that of the transport header's first byte, in a packet that is whole or a first fragment.
 *
 * <p>Threads: stateless.
 */
public final class TransportPorts {
    /** Bytes of both numbers. */
    public static final int LENGTH = 4;

    private TransportPorts() {}

    /** Whether the frame reaches to the end of both numbers at {@code offset}. */
    public static boolean isPresent(Frame frame, int offset) {
        return frame.length() - offset >= LENGTH;
    }

    /** Whether this is one of the protocols that have port numbers here. */
    public static boolean has(int protocol) {
        return protocol == Ipv4.TCP || protocol == Ipv4.UDP || protocol == Ipv4.SCTP;
    }

    /** Source port, 0..65535. */
    public static int source(Frame frame, int offset) {
        return frame.getShort(offset);
    }

    /** Destination port, 0..65535. */
    public static int destination(Frame frame, int offset) {
        return frame.getShort(offset + 2);
    }
}
