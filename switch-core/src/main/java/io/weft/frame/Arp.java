package io.weft.frame;

/**
 * An ARP packet (RFC 826) that binds IPv4 addresses to Ethernet addresses, read and written in place.
 *
 * <pre>
 *    0        2        4     5     6        8              14          18             24          28
 *   +--------+--------+-----+-----+--------+--------------+-----------+--------------+-----------+
 *   | htype  | ptype  | hlen| plen| oper   | sender MAC   | sender IP | target MAC   | target IP |
 *   | 1      | 0x0800 | 6   | 4   | 1 or 2 |              |           |              |           |
 *   +--------+--------+-----+-----+--------+--------------+-----------+--------------+-----------+
 * </pre>
 *
 * <p>Contract: {@link #isPresent} said so once for this frame and offset; after that no getter can fail. The offset is
 * that of the packet's first byte. MAC addresses are the low 48 bits of a {@code long}; IPv4 addresses are {@code int}s,
 * first octet highest.
 *
 * <p>Threads: stateless.
 */
public final class Arp {
    /** Bytes of the packet; what follows in the frame is padding. */
    public static final int LENGTH = 28;

    /** {@link #operation}: who has the target address? */
    public static final int REQUEST = 1;

    /** {@link #operation}: the sender has it. */
    public static final int REPLY = 2;

    /** Hardware type Ethernet and protocol type IPv4. */
    private static final int ETHERNET_IPV4 = 0x0001_0800;

    /** Hardware length 6 and protocol length 4. */
    private static final int LENGTHS = 0x0604;

    private Arp() {}

    /** Whether the frame reaches to the end of a packet at {@code offset}. */
    public static boolean isPresent(Frame frame, int offset) {
        return frame.length() - offset >= LENGTH;
    }

    /** Whether hardware type, protocol type and both lengths are those of IPv4 over Ethernet. */
    public static boolean isEthernetIpv4(Frame frame, int offset) {
        return frame.getInt(offset) == ETHERNET_IPV4 && frame.getShort(offset + 4) == LENGTHS;
    }

    /** {@link #REQUEST}, {@link #REPLY}, or another of the assigned operations. */
    public static int operation(Frame frame, int offset) {
        return frame.getShort(offset + 6);
    }

    /** MAC address of the sender. */
    public static long senderMac(Frame frame, int offset) {
        return frame.getLong(offset + 8) >>> 16;
    }

    /** IPv4 address of the sender; 0 in a probe (RFC 5227, 1.1). */
    public static int senderIp(Frame frame, int offset) {
        return frame.getInt(offset + 14);
    }

    /** MAC address of the target; means nothing in a request. */
    public static long targetMac(Frame frame, int offset) {
        return frame.getLong(offset + 16) & Ethernet.BROADCAST;
    }

    /** IPv4 address of the target: in a request, the one that is asked for. */
    public static int targetIp(Frame frame, int offset) {
        return frame.getInt(offset + 24);
    }

    /** Writes a whole packet for IPv4 over Ethernet; the frame's slot has {@link #LENGTH} bytes there. */
    public static void put(
            Frame frame, int offset, int operation, long senderMac, int senderIp, long targetMac, int targetIp) {
        frame.putInt(offset, ETHERNET_IPV4);
        frame.putShort(offset + 4, LENGTHS);
        frame.putShort(offset + 6, operation);
        Ethernet.putMac(frame, offset + 8, senderMac);
        frame.putInt(offset + 14, senderIp);
        Ethernet.putMac(frame, offset + 18, targetMac);
        frame.putInt(offset + 24, targetIp);
    }
}
