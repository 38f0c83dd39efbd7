package io.weft.tunnel;

import io.weft.frame.Frame;
import io.weft.frame.Ipv6;
import io.weft.offload.InternetChecksum;

/**
 * Explicit congestion notification through a tunnel (RFC 6040): what the outer header says on the way in, and what becomes
 * of the inner one on the way out.
 *
 * <pre>
 *   traffic class (IPv4: type of service):  | DSCP (6) | ECN (2) |      00 Not-ECT  01 ECT(1)  10 ECT(0)  11 CE
 *
 *   decapsulated (RFC 6040, 4.2, figure 4):
 *               outer  Not-ECT    ECT(0)     ECT(1)     CE
 *     inner Not-ECT    Not-ECT    Not-ECT    Not-ECT    dropped
 *           ECT(0)     ECT(0)     ECT(0)     ECT(1)     CE
 *           ECT(1)     ECT(1)     ECT(1)     ECT(1)     CE
 *           CE         CE         CE         CE         CE
 * </pre>
 *
 * <p>A traffic class is 0..255. Of a super-frame the one header is read and marked, and with it all its segments.
 *
 * <p>Threads: stateless; the caller owns the frame.
 */
public final class Ecn {
    /** {@link #inner}: the frame carries no IP packet. */
    public static final int NONE = -1;

    /** {@link #decapsulate}: the frame is as it was. */
    public static final int UNCHANGED = 0;

    /** {@link #decapsulate}: the outer header's mark is in the inner one now. */
    public static final int MARKED = 1;

    /**
     * {@link #decapsulate}: a router saw congestion, and the sender would not understand the mark: the frame is to be
     * dropped, as that router would have done. It is as it was.
     */
    public static final int DISCARD = 2;

    private static final int ECN = 0x03;
    private static final int NOT_ECT = 0;
    private static final int ECT_1 = 1;
    private static final int ECT_0 = 2;
    private static final int CE = 3;

    private static final int IPV4_TRAFFIC_CLASS = 1;
    private static final int IPV4_CHECKSUM = 10;

    /** Of the first 16-bit word, how far up IPv6's traffic class is; IPv4's is its low byte. */
    private static final int IPV6_SHIFT = 4;

    private Ecn() {}

    /**
     * The traffic class of the IP packet in a frame; {@link #NONE} when there is none, or its header is cut or not honest.
     */
    public static int inner(Frame frame) {
        int ip = InnerPacket.offset(frame);
        return ip == InnerPacket.NONE ? NONE : trafficClass(frame, ip);
    }

    private static int trafficClass(Frame frame, int ip) {
        return InnerPacket.isIpv6(frame, ip) ? Ipv6.trafficClass(frame, ip) : frame.getByte(ip + IPV4_TRAFFIC_CLASS);
    }

    /**
     * The traffic class of the outer header in RFC 6040's normal mode (4.1): the inner packet's ECN field, CE included. What
     * is no IP packet does not know ECN, so that its outer header is Not-ECT and congestion drops it.
     *
     * @param innerTrafficClass what {@link #inner} returned
     * @param configuredTrafficClass whose DSCP is taken; its ECN field does not matter
     * @param inheritDscp whether the DSCP is the inner packet's instead, if there is one
     */
    public static int encapsulate(int innerTrafficClass, int configuredTrafficClass, boolean inheritDscp) {
        if (innerTrafficClass < 0) {
            return configuredTrafficClass & ~ECN;
        }
        return inheritDscp ? innerTrafficClass : configuredTrafficClass & ~ECN | innerTrafficClass & ECN;
    }

    /**
     * Puts a mark of the outer header into the inner packet (RFC 6040, 4.2). What is no IP packet stays as it is. The IPv4
     * header's checksum is adjusted (RFC 1624), so that a wrong one stays wrong.
     *
     * @param frame the frame inside
     * @param outerTrafficClass of the packet it came in; negative when the underlay does not tell, which marks nothing
     * @return {@link #UNCHANGED}, {@link #MARKED} or {@link #DISCARD}
     */
    public static int decapsulate(Frame frame, int outerTrafficClass) {
        int outer = outerTrafficClass & ECN;
        if (outerTrafficClass < 0 || (outer != CE && outer != ECT_1)) {
            return UNCHANGED;
        }
        int ip = InnerPacket.offset(frame);
        if (ip == InnerPacket.NONE) {
            return UNCHANGED;
        }
        int inner = trafficClass(frame, ip) & ECN;
        if (inner == NOT_ECT) {
            return outer == CE ? DISCARD : UNCHANGED;
        }
        if (inner == ECT_0 || (inner == ECT_1 && outer == CE)) {
            mark(frame, ip, outer);
            return MARKED;
        }
        return UNCHANGED;
    }

    private static void mark(Frame frame, int ip, int ecn) {
        int before = frame.getShort(ip);
        if (InnerPacket.isIpv6(frame, ip)) {
            frame.putShort(ip, before & ~(ECN << IPV6_SHIFT) | ecn << IPV6_SHIFT);
            return;
        }
        int after = before & ~ECN | ecn;
        frame.putShort(ip, after);
        int checksum = frame.getShort(ip + IPV4_CHECKSUM);
        frame.putShort(ip + IPV4_CHECKSUM, InternetChecksum.update(checksum, before, after));
    }
}
