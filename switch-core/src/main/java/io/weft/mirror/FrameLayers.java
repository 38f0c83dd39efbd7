package io.weft.mirror;

import io.weft.frame.EtherType;
import io.weft.frame.Frame;
import io.weft.frame.Ipv4;
import io.weft.frame.Ipv6;

/**
 * Where a frame's headers are, found once for each frame and kept in one {@code long}, so that a filter's conditions need
 * neither look again nor allocate.
 *
 * <pre>
 *   63      57 56                48 47              32 31             16 15           0
 *   | 0       | 256 + IP protocol  | transport offset | payload offset  | EtherType    |
 * </pre>
 *
 * An offset of 0 says "not there", as does a protocol without its 256. The IP header is there whenever the protocol is.
 *
 * <p>Threads: stateless.
 */
final class FrameLayers {
    private static final int KNOWN = 0x100;

    private FrameLayers() {}

    static long of(Frame frame) {
        int typeOffset = EtherType.offset(frame);
        if (typeOffset == EtherType.NONE) {
            return 0;
        }
        int type = EtherType.at(frame, typeOffset);
        int payload = typeOffset + 2;
        long layers = (long) payload << 16 | type;
        if (type == EtherType.IPV4 && Ipv4.isPresent(frame, payload)) {
            return layers | ipv4(frame, payload);
        } else if (type == EtherType.IPV6 && Ipv6.isPresent(frame, payload)) {
            int found = Ipv6.payload(frame, payload);
            return layers | pack(Ipv6.payloadProtocol(found), Ipv6.payloadOffset(found));
        }
        return layers;
    }

    private static long ipv4(Frame frame, int offset) {
        int headerLength = Ipv4.headerLength(frame, offset);
        int transport = offset + headerLength;
        boolean reachable = headerLength >= Ipv4.HEADER_LENGTH
                && transport <= frame.length()
                && Ipv4.fragmentOffset(frame, offset) == 0;
        return pack(Ipv4.protocol(frame, offset), reachable ? transport : 0);
    }

    private static long pack(int protocol, int transportOffset) {
        return (long) (KNOWN | protocol) << 48 | (long) transportOffset << 32;
    }

    /** The EtherType behind the tags (or a length, below 0x600); 0 in a frame that ends before it. */
    static int etherType(long layers) {
        return (int) layers & 0xffff;
    }

    /** Where the EtherType's payload begins; 0 in a frame that ends before its EtherType. */
    static int payloadOffset(long layers) {
        return (int) layers >>> 16;
    }

    /** Whether the frame contains a whole IP header (IPv4 or IPv6, as the EtherType says) at the payload's offset. */
    static boolean hasIp(long layers) {
        return layers >>> 48 != 0;
    }

    /** The protocol behind the IP header and its extension headers; means something only where {@link #hasIp}. */
    static int protocol(long layers) {
        return (int) (layers >>> 48) & 0xff;
    }

    /** Where the transport header begins; 0 when there is none: later fragments, malformed and truncated headers. */
    static int transportOffset(long layers) {
        return (int) (layers >>> 32) & 0xffff;
    }
}
