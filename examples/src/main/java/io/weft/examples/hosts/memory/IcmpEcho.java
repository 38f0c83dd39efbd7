package io.weft.examples.hosts.memory;

import io.weft.examples.hosts.IpVersion;
import java.nio.ByteBuffer;

/** Echo request and reply of ICMP (RFC 792) and ICMPv6 (RFC 4443 section 4): identifier, sequence number, any data. */
final class IcmpEcho {
    /** As {@code ping} sends by default. */
    private static final int DATA_LENGTH = 56;

    private static final int HOP_LIMIT = 64;

    private IcmpEcho() {}

    static boolean isRequest(ByteBuffer frame, IpPacket packet) {
        return packet.icmpType(frame) == requestType(packet.version()) && packet.icmpCode(frame) == 0;
    }

    static boolean isReply(ByteBuffer frame, IpPacket packet) {
        return packet.icmpType(frame) == replyType(packet.version()) && packet.icmpCode(frame) == 0;
    }

    static int identifier(ByteBuffer frame, IpPacket packet) {
        return frame.getShort(packet.icmpOffset() + 4) & 0xffff;
    }

    static int sequence(ByteBuffer frame, IpPacket packet) {
        return frame.getShort(packet.icmpOffset() + 6) & 0xffff;
    }

    /** An echo request with 56 bytes of data, so 98 bytes long over IPv4 and 118 over IPv6. */
    static ByteBuffer request(
            IpVersion version,
            long destinationMac,
            long sourceMac,
            byte[] destination,
            byte[] source,
            int identifier,
            int sequence) {
        int icmpLength = IpPacket.ICMP_HEADER_LENGTH + DATA_LENGTH;
        ByteBuffer frame =
                IpPacket.newFrame(version, destinationMac, sourceMac, destination, source, HOP_LIMIT, icmpLength);
        IpPacket packet = IpPacket.written(version, icmpLength);
        int icmp = packet.icmpOffset();
        frame.put(icmp, (byte) requestType(version));
        frame.putShort(icmp + 4, (short) identifier);
        frame.putShort(icmp + 6, (short) sequence);
        for (int i = 0; i < DATA_LENGTH; i++) {
            frame.put(icmp + IpPacket.ICMP_HEADER_LENGTH + i, (byte) i);
        }
        packet.writeChecksum(frame);
        return frame;
    }

    /** The reply to a request: the same identifier, sequence number and data, back to where it came from. */
    static ByteBuffer reply(ByteBuffer request, IpPacket asked, long sourceMac) {
        byte[] asker = asked.source(request);
        byte[] own = asked.destination(request);
        ByteBuffer frame = IpPacket.newFrame(
                asked.version(), EthernetHeader.source(request), sourceMac, asker, own, HOP_LIMIT, asked.icmpLength());
        IpPacket packet = IpPacket.written(asked.version(), asked.icmpLength());
        frame.put(packet.icmpOffset(), request, asked.icmpOffset(), asked.icmpLength());
        frame.put(packet.icmpOffset(), (byte) replyType(asked.version()));
        packet.writeChecksum(frame);
        return frame;
    }

    private static int requestType(IpVersion version) {
        return version == IpVersion.IPV4 ? 8 : 128;
    }

    private static int replyType(IpVersion version) {
        return version == IpVersion.IPV4 ? 0 : 129;
    }
}
