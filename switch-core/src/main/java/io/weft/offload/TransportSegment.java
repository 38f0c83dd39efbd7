package io.weft.offload;

import io.weft.frame.EtherType;
import io.weft.frame.Ethernet;
import io.weft.frame.Frame;
import io.weft.frame.Ipv4;
import io.weft.frame.Ipv6;
import io.weft.port.Offload;
import java.util.Set;

/**
 * What the headers of one frame say about coalescing: whether it could be merged with others, where its headers and its
 * payload are, and which frames it must not change places with. {@link #read} looks at headers only; whether the
 * checksums are right is {@link #hasRightChecksums}, for those where it matters.
 *
 * <p>Threads: confined.
 */
final class TransportSegment {
    /** {@link #read}: in the order of no flow that is coalesced; {@link #flow} and {@link #hosts} are not set. */
    static final int APART = 0;

    /** {@link #read}: of an unknown flow between two {@link #hosts}; {@link #flow} is not set. */
    static final int BETWEEN_HOSTS = 1;

    /** {@link #read}: of a {@link #flow}, and nothing can be merged with it. */
    static final int SINGLE = 2;

    /** {@link #read}: of a {@link #flow}, and it can be merged if it suits its neighbours; all fields are set. */
    static final int MERGEABLE = 3;

    static final int FIN = 0x01;
    static final int PSH = 0x08;
    static final int ACK = 0x10;
    static final int ECE = 0x40;

    private static final int MAX_TAGS = 2;
    private static final int SHORTEST = Ethernet.HEADER_LENGTH + Ipv4.HEADER_LENGTH;
    private static final int VERSION_4_WITHOUT_OPTIONS = 0x45;
    private static final int MORE_OR_OFFSET = 0x3fff;
    private static final int ALL_BUT_DONT_FRAGMENT = 0xbfff;

    /** Multiplies into all bits (2^64 divided by the golden ratio). */
    private static final long MIX = 0x9E37_79B9_7F4A_7C15L;

    private final boolean tcp4;
    private final boolean tcp6;
    private final boolean udp;

    /** Stands for the two addresses, and perhaps for others, too. */
    long hosts;

    /** Stands for addresses, protocol and ports, and perhaps for others, too. */
    long flow;

    /** Where the IP header begins. */
    int ip;

    /** Where the TCP or UDP header begins. */
    int transport;

    /** Where the payload begins. */
    int payload;

    /** {@link Frame#GSO_TCPV4}, {@link Frame#GSO_TCPV6} or {@link Frame#GSO_UDP_L4}: what a super-frame of such segments is. */
    int gsoType;

    /** @param offloads what is accepted; frames of other kinds are {@link #APART} */
    TransportSegment(Set<Offload> offloads) {
        boolean checksum = offloads.contains(Offload.CHECKSUM);
        tcp4 = checksum && offloads.contains(Offload.TSO4);
        tcp6 = checksum && offloads.contains(Offload.TSO6);
        udp = checksum && offloads.contains(Offload.USO);
    }

    /** Whether any frame can be merged at all. */
    boolean acceptsAny() {
        return tcp4 || tcp6 || udp;
    }

    /**
     * Reads a frame's headers.
     *
     * @param among whether it matters which flow the frame belongs to when it cannot be merged; if not, it is {@link #APART}
     */
    int read(Frame frame, boolean among) {
        int length = frame.length();
        if (length < SHORTEST) {
            return APART;
        }
        int at = 12;
        int type = frame.getShort(at);
        for (int tags = 0; tags < MAX_TAGS && Ethernet.isTag(type); tags++) {
            at += Ethernet.TAG_LENGTH;
            type = frame.getShort(at); // two tags and a type end before SHORTEST
        }
        ip = at + 2;
        if (type == EtherType.IPV4) {
            return length < ip + Ipv4.HEADER_LENGTH ? APART : readIpv4(frame, length, among);
        }
        if (type == EtherType.IPV6) {
            return length < ip + Ipv6.HEADER_LENGTH ? APART : readIpv6(frame, length, among);
        }
        return APART;
    }

    private int readIpv4(Frame frame, int length, boolean among) {
        int protocol = frame.getByte(ip + 9);
        if (!(protocol == Ipv4.TCP && tcp4 || protocol == Ipv4.UDP && udp)) {
            return APART;
        }
        int fragment = frame.getShort(ip + 6);
        if (frame.getByte(ip) != VERSION_4_WITHOUT_OPTIONS || (fragment & MORE_OR_OFFSET) != 0) {
            return betweenIpv4Hosts(frame, among);
        }
        transport = ip + Ipv4.HEADER_LENGTH;
        if (length < transport + 4) {
            return betweenIpv4Hosts(frame, among);
        }
        gsoType = protocol == Ipv4.TCP ? Frame.GSO_TCPV4 : Frame.GSO_UDP_L4;
        boolean mergeable = (fragment & ALL_BUT_DONT_FRAGMENT) == 0
                && frame.getShort(ip + 2) == length - ip
                && isMergeableTransport(frame, length, protocol);
        if (mergeable || among) {
            betweenIpv4Hosts(frame, true);
            flow = flow(frame, protocol);
            return mergeable ? MERGEABLE : SINGLE;
        }
        return APART;
    }

    private int betweenIpv4Hosts(Frame frame, boolean among) {
        hosts = frame.getLong(ip + 12) * MIX;
        return among ? BETWEEN_HOSTS : APART;
    }

    private int readIpv6(Frame frame, int length, boolean among) {
        int protocol = frame.getByte(ip + 6);
        transport = ip + Ipv6.HEADER_LENGTH;
        if (!(protocol == Ipv4.TCP && tcp6 || protocol == Ipv4.UDP && udp)) {
            return Ipv6.isExtensionHeader(protocol) && (tcp6 || udp) ? betweenIpv6Hosts(frame, among) : APART;
        }
        if (length < transport + 4) {
            return betweenIpv6Hosts(frame, among);
        }
        gsoType = protocol == Ipv4.TCP ? Frame.GSO_TCPV6 : Frame.GSO_UDP_L4;
        boolean mergeable = frame.getByte(ip) >>> 4 == 6
                && frame.getShort(ip + 4) == length - transport
                && isMergeableTransport(frame, length, protocol);
        if (mergeable || among) {
            betweenIpv6Hosts(frame, true);
            flow = flow(frame, protocol);
            return mergeable ? MERGEABLE : SINGLE;
        }
        return APART;
    }

    private int betweenIpv6Hosts(Frame frame, boolean among) {
        if (!among) {
            return APART;
        }
        long mixed = frame.getLong(ip + 8) * MIX + frame.getLong(ip + 16);
        mixed = mixed * MIX + frame.getLong(ip + 24);
        hosts = mixed * MIX + frame.getLong(ip + 32);
        return BETWEEN_HOSTS;
    }

    private long flow(Frame frame, int protocol) {
        return hosts * MIX + (frame.getInt(transport) & 0xffff_ffffL | (long) protocol << 32);
    }

    private boolean isMergeableTransport(Frame frame, int length, int protocol) {
        if (frame.gsoType() != 0) {
            return false;
        }
        if (protocol == Ipv4.TCP) {
            if (length < transport + OffloadCheck.TCP_HEADER_LENGTH) {
                return false;
            }
            int headerLength = frame.getByte(transport + 12) >>> 4 << 2;
            payload = transport + headerLength;
            if (headerLength < OffloadCheck.TCP_HEADER_LENGTH
                    || payload >= length
                    || (frame.getByte(transport + 13) & ~(PSH | FIN | ECE)) != ACK) {
                return false;
            }
        } else {
            payload = transport + OffloadCheck.UDP_HEADER_LENGTH;
            if (payload >= length
                    || frame.getShort(transport + 4) != length - transport
                    || frame.getShort(transport + 6) == 0) {
                return false;
            }
        }
        return (frame.offloadFlags() & Frame.OFFLOAD_CHECKSUM_PARTIAL) == 0
                || frame.checksumStart() == transport && frame.checksumOffset() == checksumOffset(gsoType);
    }

    /** Where the checksum stands, from the transport header's first byte. */
    static int checksumOffset(int gsoType) {
        return gsoType == Frame.GSO_UDP_L4 ? OffloadCheck.UDP_CHECKSUM : OffloadCheck.TCP_CHECKSUM;
    }

    /**
     * Whether the checksums of a mergeable frame are those that a segmenter would write. A partial checksum is known to be
     * right when the pseudo header's sum is in its place; a valid one is taken for it.
     *
     * @param ip where the frame's IP header begins
     * @param transport where its transport header begins
     */
    static boolean hasRightChecksums(Frame frame, int ip, int transport, int gsoType) {
        boolean ipv4 = transport - ip == Ipv4.HEADER_LENGTH;
        // In ones' complement 0xffff is 0, too, but nobody computes it: the sum of a header is never 0.
        if (ipv4 && (InternetChecksum.fold(ipv4HeaderSum(frame, ip)) != 0xffff || frame.getShort(ip + 10) == 0xffff)) {
            return false;
        }
        int carried = frame.getShort(transport + checksumOffset(gsoType));
        int flags = frame.offloadFlags();
        if ((flags & Frame.OFFLOAD_CHECKSUM_PARTIAL) != 0) {
            return carried == InternetChecksum.fold(pseudoHeader(frame, ip, transport, gsoType));
        }
        if (carried == 0xffff && gsoType != Frame.GSO_UDP_L4) {
            return false;
        }
        return (flags & Frame.OFFLOAD_CHECKSUM_VALID) != 0
                || InternetChecksum.fold(pseudoHeader(frame, ip, transport, gsoType)
                                + InternetChecksum.sum(frame, transport, frame.length() - transport))
                        == 0xffff;
    }

    /** Not folded. For 20 bytes in a row this is faster than the loop for any number. */
    static long ipv4HeaderSum(Frame frame, int ip) {
        long first = frame.getLong(ip);
        long second = frame.getLong(ip + 8);
        return (first >>> 32)
                + (first & 0xffff_ffffL)
                + (second >>> 32)
                + (second & 0xffff_ffffL)
                + (frame.getInt(ip + 16) & 0xffff_ffffL);
    }

    /** The pseudo header's sum for a frame whose IP payload begins at {@code transport} and ends with it. */
    static long pseudoHeader(Frame frame, int ip, int transport, int gsoType) {
        int protocol = gsoType == Frame.GSO_UDP_L4 ? Ipv4.UDP : Ipv4.TCP;
        int length = frame.length() - transport;
        return transport - ip == Ipv4.HEADER_LENGTH
                ? InternetChecksum.ipv4PseudoHeader(frame, ip, protocol, length)
                : InternetChecksum.ipv6PseudoHeader(frame, ip, protocol, length);
    }
}
