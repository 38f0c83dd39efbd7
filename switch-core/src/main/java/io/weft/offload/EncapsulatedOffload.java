package io.weft.offload;

import io.weft.frame.EtherType;
import io.weft.frame.Ethernet;
import io.weft.frame.Frame;
import io.weft.frame.Ipv4;
import io.weft.frame.Ipv6;

/**
 * What an encapsulating kernel left undone in a frame without saying so. A tunnel of Linux leaves checksums, and the cutting of
 * long packets, to the network card behind it. When there is none, since tunnel and receiver are connected by a veth on one
 * host, the datagram arrives with an unfinished frame inside, and nothing tells.
 *
 * <p>An unfinished checksum is recognised by its value: the field holds the folded sum of the pseudo header, as Linux's
 * {@code CHECKSUM_PARTIAL} has it. One of 65,536 frames with a valid checksum has that value by chance. To complete that one
 * is harmless: the same value comes out. A damaged frame, however, would be taken for a good one as often, so that this is for
 * tunnels whose other end may be on the same host.
 *
 * <p>Threads: stateless; the caller owns the frame.
 */
public final class EncapsulatedOffload {
    private static final int MAX_TAGS = 2;
    private static final int MORE_OR_OFFSET = 0x3fff;
    private static final int CWR = 0x80;

    /** The shortest frame of Ethernet, without tags and FCS (IEEE 802.3, 3.2.8), to which shorter ones are padded. */
    private static final int PADDED_LENGTH = 60;

    private EncapsulatedOffload() {}

    /**
     * Gives a TCP or UDP frame the offload metadata that it should have come with; see {@link #recognise(Frame, int, int)}.
     *
     * @return whether something was left undone
     */
    public static boolean recognise(Frame frame, int mtu) {
        return recognise(frame, mtu, 0);
    }

    /**
     * Gives a TCP or UDP frame the offload metadata that it should have come with: a partial checksum, and for a packet that
     * stands for several what they are. What is set passes {@link OffloadCheck#isSound}. Reads headers only; leaves frames
     * alone that have metadata already, more than two tags, IP fragments, lengths that are not the frame's, or UDP without a
     * checksum. Never fails.
     *
     * @param frame as received, without tunnel header
     * @param mtu of the inner network, in bytes from the IP header on: a TCP packet that is longer is cut into packets of this
     *     length
     * @param segmentSize UDP payload bytes of each datagram, if the kernel told; 0 if not
     * @return whether something was left undone
     */
    public static boolean recognise(Frame frame, int mtu, int segmentSize) {
        int length = frame.length();
        if (length < Ethernet.HEADER_LENGTH + Ipv4.HEADER_LENGTH || frame.offloadFlags() != 0 || frame.gsoType() != 0) {
            return false;
        }
        int at = 12;
        int type = frame.getShort(at);
        for (int tags = 0; tags < MAX_TAGS && Ethernet.isTag(type); tags++) {
            at += Ethernet.TAG_LENGTH;
            type = frame.getShort(at);
        }
        int network = at + 2;
        if (type == EtherType.IPV4) {
            return Ipv4.isPresent(frame, network) && recogniseIpv4(frame, network, mtu, segmentSize);
        }
        return type == EtherType.IPV6
                && Ipv6.isPresent(frame, network)
                && recogniseIpv6(frame, network, mtu, segmentSize);
    }

    private static boolean recogniseIpv4(Frame frame, int network, int mtu, int segmentSize) {
        int headerLength = Ipv4.headerLength(frame, network);
        if (Ipv4.version(frame, network) != 4
                || headerLength < Ipv4.HEADER_LENGTH
                || (frame.getShort(network + 6) & MORE_OR_OFFSET) != 0) {
            return false;
        }
        int protocol = Ipv4.protocol(frame, network);
        int transport = network + headerLength;
        int end = network + Ipv4.totalLength(frame, network);
        return isWhole(frame, protocol, transport, end)
                && isPartial(
                        frame,
                        protocol,
                        transport,
                        InternetChecksum.ipv4PseudoHeader(frame, network, protocol, end - transport))
                && describe(frame, protocol, network, transport, end, mtu, segmentSize);
    }

    private static boolean recogniseIpv6(Frame frame, int network, int mtu, int segmentSize) {
        if (Ipv6.version(frame, network) != 6) {
            return false;
        }
        int skipped = ExtensionHeaders.skip(frame, network);
        if (skipped == ExtensionHeaders.NONE) {
            return false;
        }
        int protocol = ExtensionHeaders.type(skipped);
        int transport = ExtensionHeaders.offset(skipped);
        int end = network + Ipv6.HEADER_LENGTH + Ipv6.payloadLength(frame, network);
        return isWhole(frame, protocol, transport, end)
                && isPartial(
                        frame,
                        protocol,
                        transport,
                        InternetChecksum.ipv6PseudoHeader(frame, network, protocol, end - transport))
                && describe(frame, protocol, network, transport, end, mtu, segmentSize);
    }

    /** Whether a TCP or UDP packet has its whole header, and ends with the frame or in front of its padding. */
    private static boolean isWhole(Frame frame, int protocol, int transport, int end) {
        if (end > frame.length()) {
            return false;
        }
        if (protocol == Ipv4.TCP) {
            return end - transport >= OffloadCheck.TCP_HEADER_LENGTH;
        }
        return protocol == Ipv4.UDP
                && end - transport >= OffloadCheck.UDP_HEADER_LENGTH
                && frame.getShort(transport + 4) == end - transport;
    }

    /** A sum is never 0, so that UDP without a checksum is not taken for it. */
    private static boolean isPartial(Frame frame, int protocol, int transport, long pseudoHeader) {
        return frame.getShort(transport + checksumOffset(protocol)) == InternetChecksum.fold(pseudoHeader);
    }

    private static int checksumOffset(int protocol) {
        return protocol == Ipv4.TCP ? OffloadCheck.TCP_CHECKSUM : OffloadCheck.UDP_CHECKSUM;
    }

    private static boolean describe(
            Frame frame, int protocol, int network, int transport, int end, int mtu, int segmentSize) {
        int gsoType = 0;
        int gsoSize = 0;
        int payload = 0;
        if (end < frame.length()) {
            if (!isPadded(frame, network, end)) {
                return false;
            }
        } else if (protocol == Ipv4.UDP) {
            payload = transport + OffloadCheck.UDP_HEADER_LENGTH;
            gsoSize = segmentSize;
            gsoType = Frame.GSO_UDP_L4;
        } else if (end - network > mtu) {
            int headerLength = (frame.getByte(transport + 12) >>> 4) * 4;
            payload = headerLength < OffloadCheck.TCP_HEADER_LENGTH ? end : transport + headerLength;
            gsoSize = mtu - (payload - network);
            gsoType = (Ipv4.version(frame, network) == 4 ? Frame.GSO_TCPV4 : Frame.GSO_TCPV6)
                    | ((frame.getByte(transport + 13) & CWR) == 0 ? 0 : Frame.GSO_ECN);
        }
        boolean several = gsoSize > 0 && end - payload > gsoSize;
        frame.offload(
                Frame.OFFLOAD_CHECKSUM_PARTIAL,
                several ? gsoType : 0,
                gsoSize,
                payload,
                transport,
                checksumOffset(protocol));
        return true;
    }

    /** Whether what is behind the packet is the padding of a short frame: zeros, which a checksum may be completed over. */
    private static boolean isPadded(Frame frame, int network, int end) {
        if (frame.length() > PADDED_LENGTH + network - Ethernet.HEADER_LENGTH) {
            return false;
        }
        for (int at = end; at < frame.length(); at++) {
            if (frame.getByte(at) != 0) {
                return false;
            }
        }
        return true;
    }
}
