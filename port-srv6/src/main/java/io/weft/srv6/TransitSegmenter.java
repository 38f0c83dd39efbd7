package io.weft.srv6;

import io.weft.frame.EtherType;
import io.weft.frame.Ethernet;
import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.frame.Ipv6;
import io.weft.offload.ChecksumCompletion;
import io.weft.offload.OffloadCheck;
import io.weft.offload.Segmenter;

/**
 * Makes of a packet that a kernel on the same host has encapsulated, and which is to be sent on, what a network card would have made of
 * it. The kernel leaves to the card the checksum of the innermost packet, and the cutting of one that is too long for a link, and says so
 * beside the packet ({@link Frame#gsoType}); the socket by which it is sent on has no place to say it.
 *
 * <pre>
 *   |  IPv6  |  SRH  |  Ethernet  |  IP  |  TCP  |  payload 0  |  payload 1  |  rest  |
 *
 *   |  IPv6' |  SRH  |  Ethernet  |  IP' |  TCP' |  payload 0  |
 *   |  IPv6' |  SRH  |  Ethernet  |  IP' |  TCP' |  payload 1  |   ...
 * </pre>
 *
 * <p>Each segment has all headers, the payload lengths made anew, and the innermost ones as {@link Segmenter} makes them. There may be
 * several IPv6 packets inside of each other, at most {@link #MAX_OUTER} around the innermost one, or none, when the SRH is the
 * packet's own.
 *
 * <p>Use: {@link #begin}; where it says how many segments there are, {@link #next} for each.
 *
 * <p>Threads: confined to the owner of the pool.
 */
final class TransitSegmenter {
    /** {@link #begin}: what was said beside the packet is not true. */
    static final int UNSOUND = -1;

    /** Most headers of tunnels around a packet that is cut. */
    static final int MAX_OUTER = 4;

    private static final int MAX_TAGS = 2;
    private static final int NONE = -1;

    private final Segmenter segmenter;
    private final int[] outer = new int[MAX_OUTER]; // where their IPv6 headers begin
    private int depth; // of them

    /** One that takes its segments from {@code pool}. */
    TransitSegmenter(FramePool pool) {
        segmenter = new Segmenter(pool);
    }

    /**
     * Starts on a whole IPv6 packet, of which the frame consists, and whose metadata counts from its first byte.
     *
     * @return 0 when the packet is to be sent itself, in which a checksum has been completed if that was left to be done; how many
     *     segments are to be sent instead, which begin as it does: then it is borrowed until {@link #next} has returned {@code null};
     *     {@link #UNSOUND} when its bytes do not bear the metadata out, and it is as it was
     */
    int begin(Frame packet) {
        if (!packet.hasPendingOffload()) {
            return 0;
        }
        if (packet.gsoType() != 0) {
            int network = innermost(packet);
            if (network == NONE) {
                return UNSOUND;
            }
            if (packet.gsoType() != 0) { // still, as there is more than one segment
                segmenter.begin(packet, network);
                return segmenter.remaining();
            }
        } else if (!hasChecksumInside(packet)) {
            return UNSOUND;
        }
        ChecksumCompletion.complete(packet);
        return 0;
    }

    /** Segments that {@link #next()} has not returned. */
    int remaining() {
        return segmenter.remaining();
    }

    /**
     * The next segment, which the caller owns and sends where the packet was to go; or {@code null} when there is none left, or when the
     * pool is dry: {@link #remaining()} tells them apart.
     */
    Frame next() {
        Frame segment = segmenter.next();
        if (segment != null) {
            for (int i = 0; i < depth; i++) {
                Ipv6Header.putPayloadLength(segment, outer[i], segment.length() - outer[i] - Ipv6Header.LENGTH);
            }
        }
        return segment;
    }

    /** Whether the checksum to be completed is behind the headers that nodes on the way read and write. */
    private static boolean hasChecksumInside(Frame packet) {
        int end = packet.length();
        if (Ipv6Header.check(packet, 0, end) != end) {
            return false;
        }
        long found = ExtensionHeaders.find(packet, 0, end);
        return found >= 0 && OffloadCheck.isSound(packet, ExtensionHeaders.upperLayer(found));
    }

    /** Where the IP packet begins that is to be cut, and notes the headers around it; {@link #NONE} when there is none such. */
    private int innermost(Frame packet) {
        int end = packet.length();
        int network = 0;
        int protocol = Ipv6Header.IPV6;
        depth = 0;
        while (true) {
            if (protocol == Ipv6Header.ETHERNET) {
                int etherType = etherType(packet, network);
                if (etherType == NONE) {
                    return NONE;
                }
                protocol = protocol(packet.getShort(etherType));
                network = etherType + 2;
            }
            boolean ipv6 = protocol == Ipv6Header.IPV6;
            if (!ipv6 && protocol != Ipv6Header.IPV4
                    || network >= end
                    || Ipv6.version(packet, network) != (ipv6 ? 6 : 4)) {
                return NONE;
            }
            if (OffloadCheck.isSound(packet, network)) {
                return network;
            }
            if (!ipv6 || depth == MAX_OUTER || Ipv6Header.check(packet, network, end) != end) {
                return NONE;
            }
            long found = ExtensionHeaders.find(packet, network, end);
            if (found < 0) {
                return NONE;
            }
            outer[depth] = network;
            depth++;
            network = ExtensionHeaders.upperLayer(found);
            protocol = ExtensionHeaders.upperLayerProtocol(found);
        }
    }

    /** Where the EtherType of an Ethernet frame is, behind its tags; {@link #NONE} when the packet ends before. */
    private static int etherType(Frame packet, int ethernet) {
        int at = ethernet + Ethernet.HEADER_LENGTH - 2;
        for (int tags = 0; at + 2 <= packet.length(); tags++) {
            if (tags == MAX_TAGS || !Ethernet.isTag(packet.getShort(at))) {
                return at;
            }
            at += Ethernet.TAG_LENGTH;
        }
        return NONE;
    }

    private static int protocol(int etherType) {
        return switch (etherType) {
            case EtherType.IPV4 -> Ipv6Header.IPV4;
            case EtherType.IPV6 -> Ipv6Header.IPV6;
            default -> NONE;
        };
    }
}
