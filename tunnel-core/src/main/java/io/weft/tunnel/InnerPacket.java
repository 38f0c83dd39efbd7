package io.weft.tunnel;

import io.weft.frame.EtherType;
import io.weft.frame.Frame;
import io.weft.frame.Ipv4;
import io.weft.frame.Ipv6;

/**
 * Where the IP packet begins that an Ethernet frame carries, behind up to {@link EtherType#MAX_TAGS} tags.
 *
 * <p>Threads: stateless; the caller owns the frame.
 */
final class InnerPacket {
    /** The result of {@link #offset} for a frame without an IP header, or with one that is cut or not honest. */
    static final int NONE = -1;

    private InnerPacket() {}

    /**
     * Where the IP header begins, in bytes from the frame's first: one whose version is that of the EtherType and which is
     * within the frame, IPv4 options counted. {@link #isIpv6} says which it is.
     */
    static int offset(Frame frame) {
        int etherType = EtherType.offset(frame);
        if (etherType == EtherType.NONE) {
            return NONE;
        }
        int ip = etherType + 2;
        boolean whole =
                switch (EtherType.at(frame, etherType)) {
                    case EtherType.IPV4 -> isIpv4(frame, ip);
                    case EtherType.IPV6 -> Ipv6.isPresent(frame, ip) && Ipv6.version(frame, ip) == 6;
                    default -> false;
                };
        return whole ? ip : NONE;
    }

    private static boolean isIpv4(Frame frame, int ip) {
        if (!Ipv4.isPresent(frame, ip) || Ipv4.version(frame, ip) != 4) {
            return false;
        }
        int headerLength = Ipv4.headerLength(frame, ip);
        return headerLength >= Ipv4.HEADER_LENGTH && headerLength <= frame.length() - ip;
    }

    /** Whether the header at {@code ip}, which {@link #offset} returned, is IPv6's. */
    static boolean isIpv6(Frame frame, int ip) {
        return Ipv6.version(frame, ip) == 6;
    }

    /** Bytes of the packet, headers counted, as its header says; of a super-frame as a whole. */
    static int length(Frame frame, int ip) {
        return isIpv6(frame, ip) ? Ipv6.HEADER_LENGTH + Ipv6.payloadLength(frame, ip) : Ipv4.totalLength(frame, ip);
    }
}
