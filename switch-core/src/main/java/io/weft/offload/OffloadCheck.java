package io.weft.offload;

import io.weft.frame.EtherType;
import io.weft.frame.Ethernet;
import io.weft.frame.Frame;
import io.weft.frame.Ipv4;
import io.weft.frame.Ipv6;

/**
 * Whether a frame's bytes bear out its offload metadata (VIRTIO 1.2, 5.1.6.2), which comes from outside and may lie.
 *
 * <p>A driver asks once for each frame that it received with metadata, and counts {@code MALFORMED} for one that is not
 * sound. What is behind the driver may then rely on it: {@link WireFrames}, {@link ChecksumCompletion} and
 * {@link Segmenter} check nothing again. Sound frames stay so when tags are pushed and popped and addresses are rewritten.
 *
 * <ul>
 *   <li>A partial checksum begins behind the Ethernet header and all tags, and its field is within the frame.
 *   <li>A super-frame is TCP over IPv4 (1), TCP over IPv6 (4) or UDP over either (5), ECN (0x80) only with TCP. UDP
 *       fragmentation (3) is not among them: a frame would stand for IP fragments.
 *   <li>It has a segment size and a partial checksum: Linux always gives one, and without it the headers' place is anyone's
 *       guess.
 *   <li>It has at most two tags, then the IP header of its type, whole and no fragment, for IPv6 perhaps with hop-by-hop,
 *       routing and destination options; then the transport header, where the partial checksum begins; then payload.
 *   <li>The lengths in its IP and UDP headers are those of the frame. The partial checksum contains them, so that the segments'
 *       checksums would be wrong otherwise.
 *   <li>Payload that fits one segment is no offence: the frame is taken for an ordinary one with a partial checksum. (Linux,
 *       given it as a super-frame, may drop it: it compares the segment size with the TCP options counted in.)
 * </ul>
 *
 * <p>Threads: stateless; the caller owns the frame.
 */
public final class OffloadCheck {
    /** {@link Frame#checksumOffset()} of TCP (RFC 9293, 3.1). */
    static final int TCP_CHECKSUM = 16;

    /** {@link Frame#checksumOffset()} of UDP (RFC 768). */
    static final int UDP_CHECKSUM = 6;

    static final int TCP_HEADER_LENGTH = 20;
    static final int UDP_HEADER_LENGTH = 8;

    private static final int MAX_TAGS = 2;

    /** More fragments, and the fragment offset. */
    private static final int FRAGMENT_BITS = 0x3fff;

    private OffloadCheck() {}

    /**
     * Whether the metadata is true. Replaces {@link Frame#headerLength()}, which is a hint, by the length of all headers
     * when the frame is a super-frame and sound. Never fails, reads nothing outside the frame, and costs next to nothing
     * for a frame with nothing left to do.
     */
    public static boolean isSound(Frame frame) {
        if (!frame.hasPendingOffload()) {
            return true;
        }
        int etherType = EtherType.offset(frame);
        if (etherType == EtherType.NONE || !hasChecksumField(frame, etherType + 2)) {
            return false;
        }
        if (frame.gsoType() == 0) {
            return true;
        }
        int network = networkOffset(frame, etherType);
        return network != 0 && isSuperFrame(frame, network, frame.getShort(network - 2));
    }

    /**
     * The same for an IP packet that is inside of another one, or begins the frame: what is in front of it may be anything, which is
     * repeated in each segment as it is.
     *
     * @param network where the packet begins, which ends with the frame; the version number says what it is
     */
    public static boolean isSound(Frame frame, int network) {
        if (!frame.hasPendingOffload()) {
            return true;
        }
        if (!hasChecksumField(frame, network)) { // which would be behind the packet's first byte
            return false;
        }
        return frame.gsoType() == 0
                || isSuperFrame(frame, network, Ipv4.version(frame, network) == 4 ? EtherType.IPV4 : EtherType.IPV6);
    }

    private static boolean isSuperFrame(Frame frame, int network, int etherType) {
        int headerLength = superFrameHeaderLength(frame, network, etherType);
        if (headerLength == 0) {
            return false;
        }
        boolean several = frame.length() - headerLength > frame.gsoSize();
        frame.offload(
                frame.offloadFlags(),
                several ? frame.gsoType() : 0,
                frame.gsoSize(),
                headerLength,
                frame.checksumStart(),
                frame.checksumOffset());
        return true;
    }

    /** A checksum that began further in front would be written into addresses or tags, which are not the sender's alone. */
    private static boolean hasChecksumField(Frame frame, int first) {
        int start = frame.checksumStart();
        int offset = frame.checksumOffset();
        return (frame.offloadFlags() & Frame.OFFLOAD_CHECKSUM_PARTIAL) != 0
                && start >= first
                && offset >= 0
                && offset <= frame.length() - start - 2;
    }

    /** Bytes of all headers, or 0 when the frame is not the super-frame that it says it is. */
    private static int superFrameHeaderLength(Frame frame, int network, int etherType) {
        int transport = frame.checksumStart();
        if (frame.gsoSize() <= 0) {
            return 0;
        }
        return switch (frame.gsoType()) {
            case Frame.GSO_TCPV4, Frame.GSO_TCPV4 | Frame.GSO_ECN ->
                etherType == EtherType.IPV4 && isIpv4(frame, network, Ipv4.TCP) ? tcpEnd(frame, transport) : 0;
            case Frame.GSO_TCPV6, Frame.GSO_TCPV6 | Frame.GSO_ECN ->
                etherType == EtherType.IPV6 && isIpv6(frame, network, Ipv4.TCP) ? tcpEnd(frame, transport) : 0;
            case Frame.GSO_UDP_L4 ->
                (etherType == EtherType.IPV4 && isIpv4(frame, network, Ipv4.UDP))
                                || (etherType == EtherType.IPV6 && isIpv6(frame, network, Ipv4.UDP))
                        ? udpEnd(frame, transport)
                        : 0;
            default -> 0;
        };
    }

    /** Where the network header begins; 0 when there are too many tags. */
    private static int networkOffset(Frame frame, int etherType) {
        if (etherType > Ethernet.HEADER_LENGTH - 2 + MAX_TAGS * Ethernet.TAG_LENGTH) {
            return 0;
        }
        for (int at = 12; at < etherType; at += Ethernet.TAG_LENGTH) {
            if (!Ethernet.isTag(frame.getShort(at))) {
                return 0; // 0x9100, which Linux does not take for a tag
            }
        }
        return etherType + 2;
    }

    /** Whether an IPv4 header, no fragment, leads to {@code protocol} where the partial checksum begins (RFC 791, 3.1). */
    private static boolean isIpv4(Frame frame, int network, int protocol) {
        if (!Ipv4.isPresent(frame, network)) {
            return false;
        }
        int headerLength = Ipv4.headerLength(frame, network);
        return Ipv4.version(frame, network) == 4
                && headerLength >= Ipv4.HEADER_LENGTH
                && network + headerLength == frame.checksumStart()
                && Ipv4.totalLength(frame, network) == frame.length() - network
                && (frame.getShort(network + 6) & FRAGMENT_BITS) == 0
                && Ipv4.protocol(frame, network) == protocol;
    }

    /** The same for IPv6 with the extension headers that may be repeated in each segment (RFC 8200, 3 and 4). */
    private static boolean isIpv6(Frame frame, int network, int protocol) {
        if (!Ipv6.isPresent(frame, network)
                || Ipv6.version(frame, network) != 6
                || Ipv6.payloadLength(frame, network) != frame.length() - network - Ipv6.HEADER_LENGTH) {
            return false;
        }
        int skipped = ExtensionHeaders.skip(frame, network);
        return skipped != ExtensionHeaders.NONE
                && ExtensionHeaders.type(skipped) == protocol
                && ExtensionHeaders.offset(skipped) == frame.checksumStart();
    }

    /** Where the payload behind a TCP header begins, or 0 (RFC 9293, 3.1). */
    private static int tcpEnd(Frame frame, int transport) {
        if (frame.checksumOffset() != TCP_CHECKSUM || frame.length() - transport < TCP_HEADER_LENGTH) {
            return 0;
        }
        int headerLength = (frame.getByte(transport + 12) >>> 4) * 4;
        return headerLength >= TCP_HEADER_LENGTH && transport + headerLength < frame.length()
                ? transport + headerLength
                : 0;
    }

    /** Where the payload behind a UDP header begins, or 0 (RFC 768). */
    private static int udpEnd(Frame frame, int transport) {
        int length = frame.length() - transport;
        return frame.checksumOffset() == UDP_CHECKSUM
                        && length > UDP_HEADER_LENGTH
                        && frame.getShort(transport + 4) == length
                ? transport + UDP_HEADER_LENGTH
                : 0;
    }
}
