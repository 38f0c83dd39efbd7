package io.weft.vxlan;

import io.weft.frame.Frame;

/**
 * The VXLAN header (RFC 7348, 5), and what others have made of its reserved bits.
 *
 * <pre>
 *    0                   1                   2                   3
 *   |R|R|R|R|I|R|R|R|            reserved                           |
 *   |                VNI                            |   reserved    |
 * </pre>
 *
 * <p>Group Based Policy sets the first bit and puts a policy into the reserved ones; the Generic Protocol Extension sets
 * the bit after I and puts another protocol than Ethernet behind the header. Neither is what RFC 7348 says, so neither is
 * taken for it.
 *
 * <p>Threads: stateless.
 */
final class VxlanHeader {
    static final int LENGTH = 8;

    static final int DEFAULT_PORT = 4789;
    static final int MAX_VNI = 0xff_ffff;

    /** UDP header and VXLAN header: what an encapsulated frame is longer by, the IP header not counted. */
    static final int OVERHEAD = 8 + LENGTH;

    private static final int HAS_VNI = 0x08;
    private static final int GROUP_BASED_POLICY = 0x80;
    private static final int NEXT_PROTOCOL = 0x04;
    private static final long PLAIN_MASK = 0xffff_ffff_0000_00ffL; // everything but the VNI
    private static final long PLAIN = 0x0800_0000_0000_0000L;

    private VxlanHeader() {}

    /** Puts a header in front of a frame. */
    static void prepend(Frame frame, int vni) {
        frame.prepend(LENGTH);
        frame.putLong(0, of(vni));
    }

    /** A header with this VNI. */
    static long of(int vni) {
        return PLAIN | (long) vni << 8;
    }

    static int vni(long header) {
        return (int) (header >>> 8) & MAX_VNI;
    }

    /** Whether the header says that there is a VNI: without it the packet is none (RFC 7348, 5). */
    static boolean hasVni(long header) {
        return (header >>> 56 & HAS_VNI) != 0;
    }

    static boolean isGroupBasedPolicy(long header) {
        return (header >>> 56 & GROUP_BASED_POLICY) != 0;
    }

    static boolean isProtocolExtension(long header) {
        return (header >>> 56 & NEXT_PROTOCOL) != 0;
    }

    /** Whether all reserved bits are zero, as whoever sends has to leave them. */
    static boolean isPlain(long header) {
        return (header & PLAIN_MASK) == PLAIN;
    }
}
