package io.weft.srv6;

import io.weft.frame.Ethernet;
import io.weft.frame.Frame;
import io.weft.frame.IpFrame;
import io.weft.offload.FlowHash;

/**
 * The number of the flow that is within a packet: {@link FlowHash} of the frame or packet that its headers announce, or of itself
 * where they announce something else. So the headers that change on the way do not matter.
 *
 * <p>Threads: stateless; the caller owns the frame, which is as before after each call.
 */
final class InnerFlow {
    private InnerFlow() {}

    /** Of what is within an IPv6 packet that begins at the frame's first byte, of which this was found. */
    static int of(Frame packet, long found) {
        int upper = ExtensionHeaders.upperLayer(found);
        return switch (ExtensionHeaders.upperLayerProtocol(found)) {
            case Ipv6Header.ETHERNET -> {
                packet.consume(upper);
                int flow = FlowHash.of(packet);
                packet.prepend(upper);
                yield flow;
            }
            case Ipv6Header.IPV4, Ipv6Header.IPV6 -> {
                packet.consume(upper);
                int flow = ofIp(packet);
                packet.prepend(upper);
                yield flow;
            }
            default -> ofIp(packet);
        };
    }

    /** Of an IP packet that begins at the frame's first byte; 0 when it is none, or has no headroom for an Ethernet header. */
    static int ofIp(Frame packet) {
        if (packet.headroom() < Ethernet.HEADER_LENGTH) {
            return 0;
        }
        packet.prepend(Ethernet.HEADER_LENGTH);
        long first = packet.getLong(0); // there may be headers that are needed still
        long last = packet.getLong(Ethernet.HEADER_LENGTH - 8);
        int flow = IpFrame.putHeader(packet) ? FlowHash.of(packet) : 0;
        packet.putLong(0, first);
        packet.putLong(Ethernet.HEADER_LENGTH - 8, last);
        packet.consume(Ethernet.HEADER_LENGTH);
        return flow;
    }
}
