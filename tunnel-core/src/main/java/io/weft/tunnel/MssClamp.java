package io.weft.tunnel;

import io.weft.frame.Frame;
import io.weft.frame.Ipv4;
import io.weft.frame.Ipv6;
import io.weft.offload.ExtensionHeaders;
import io.weft.offload.InternetChecksum;

/**
 * Lowers the maximum segment size that TCP hosts offer each other when a connection begins (RFC 9293, 3.7.1), so that what
 * they send fits a tunnel without path MTU discovery.
 *
 * <pre>
 *   options of a SYN (RFC 9293, 3.2):   0: end   1: no operation   kind, length, ...: any other
 *                                       2 4 size(2): maximum segment size, at an even or an odd address
 * </pre>
 *
 * <p>The size is that of a packet without IP and TCP options: 40 bytes below the MTU with IPv4, 60 with IPv6 (RFC 6691). Only
 * SYN and SYN-ACK are touched, and each end's offer binds the other one, so that a tunnel that clamps what it sends and what
 * it receives covers both directions whoever is at its far end.
 *
 * <p>Left alone are:
 * <ul>
 *   <li>a SYN without the option. Its sender is sent 536 bytes at most with IPv4 and 1,220 with IPv6 (RFC 9293, 3.7.1), which
 *       fits any MTU that the IPs guarantee. (Linux' TCPMSS target adds one, of those sizes or less.)
 *   <li>fragments: of IPv4 those without the TCP header, of IPv6 all. TCP over IPv6 behind an authentication header, which
 *       would be broken.
 *   <li>a TCP header that is not wholly within the packet, an option list that is malformed in front of the option, and an
 *       option of another length than 4.
 * </ul>
 *
 * <p>Threads: stateless; the caller owns the frame.
 */
public final class MssClamp {
    private static final int TCP_HEADER_LENGTH = 20;
    private static final int TCP_CHECKSUM = 16;
    private static final int SYN = 0x02;
    private static final int RST = 0x04;

    private static final int END = 0;
    private static final int NO_OPERATION = 1;
    private static final int MAXIMUM_SEGMENT_SIZE = 2;
    private static final int OPTION_LENGTH = 4;

    private static final int NONE = -1;

    private MssClamp() {}

    /**
     * Lowers the maximum segment size in a SYN to what fits, and adjusts the TCP checksum (RFC 1624). A partial checksum stays:
     * its field holds the sum of the pseudo header, and the rest is summed later.
     *
     * @param mtu the longest IP packet that fits, in bytes with its IP header; below 41 (IPv4) or 61 (IPv6) no size does, and
     *     the frame is left alone
     * @return whether the frame was changed
     */
    public static boolean clamp(Frame frame, int mtu) {
        int ip = InnerPacket.offset(frame);
        if (ip == InnerPacket.NONE) {
            return false;
        }
        int transport = transport(frame, ip);
        int end = ip + InnerPacket.length(frame, ip);
        if (transport == NONE || end > frame.length() || !isSyn(frame, transport, end)) {
            return false;
        }
        int fitting =
                mtu - TCP_HEADER_LENGTH - (InnerPacket.isIpv6(frame, ip) ? Ipv6.HEADER_LENGTH : Ipv4.HEADER_LENGTH);
        int option = option(frame, transport);
        if (option == NONE || fitting < 1 || frame.getShort(option + 2) <= fitting) {
            return false;
        }
        replace(frame, transport, option + 2, fitting);
        return true;
    }

    /** Where the TCP header begins, or {@link #NONE}; not necessarily within the frame. */
    private static int transport(Frame frame, int ip) {
        if (InnerPacket.isIpv6(frame, ip)) {
            int skipped = ExtensionHeaders.skip(frame, ip);
            return skipped != ExtensionHeaders.NONE && ExtensionHeaders.type(skipped) == Ipv4.TCP
                    ? ExtensionHeaders.offset(skipped)
                    : NONE;
        }
        return Ipv4.protocol(frame, ip) == Ipv4.TCP && Ipv4.fragmentOffset(frame, ip) == 0
                ? ip + Ipv4.headerLength(frame, ip)
                : NONE;
    }

    /** Whether a whole TCP header with SYN is there. */
    private static boolean isSyn(Frame frame, int transport, int end) {
        if (end - transport < TCP_HEADER_LENGTH || (frame.getByte(transport + 13) & (SYN | RST)) != SYN) {
            return false;
        }
        int headerLength = headerLength(frame, transport);
        return headerLength >= TCP_HEADER_LENGTH && headerLength <= end - transport;
    }

    private static int headerLength(Frame frame, int transport) {
        return (frame.getByte(transport + 12) >>> 4) * 4;
    }

    /** Where the option begins, or {@link #NONE}. */
    private static int option(Frame frame, int transport) {
        int end = transport + headerLength(frame, transport);
        int at = transport + TCP_HEADER_LENGTH;
        while (end - at >= OPTION_LENGTH) {
            int kind = frame.getByte(at);
            if (kind == END) {
                return NONE;
            }
            if (kind == NO_OPERATION) {
                at++;
                continue;
            }
            int length = frame.getByte(at + 1);
            if (kind == MAXIMUM_SEGMENT_SIZE) {
                return length == OPTION_LENGTH ? at : NONE;
            }
            if (length < 2) {
                return NONE;
            }
            at += length;
        }
        return NONE;
    }

    private static void replace(Frame frame, int transport, int at, int size) {
        int before = frame.getShort(at);
        frame.putShort(at, size);
        boolean partial = (frame.offloadFlags() & Frame.OFFLOAD_CHECKSUM_PARTIAL) != 0
                && frame.checksumStart() == transport
                && frame.checksumOffset() == TCP_CHECKSUM;
        if (partial) {
            return;
        }
        // At an odd address the value's bytes lie in two words: each counts as if the value were exchanged (RFC 1071,
        // 2(B)).
        boolean odd = (at - transport & 1) != 0;
        int checksum = frame.getShort(transport + TCP_CHECKSUM);
        frame.putShort(
                transport + TCP_CHECKSUM,
                odd
                        ? InternetChecksum.update(checksum, exchanged(before), exchanged(size))
                        : InternetChecksum.update(checksum, before, size));
    }

    private static int exchanged(int word) {
        return (word & 0xff) << 8 | word >>> 8;
    }
}
