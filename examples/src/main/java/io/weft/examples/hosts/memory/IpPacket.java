package io.weft.examples.hosts.memory;

import io.weft.examples.hosts.IpVersion;
import java.nio.ByteBuffer;

/**
 * The IPv4 (RFC 791) or IPv6 (RFC 8200) header of a packet that carries ICMP or ICMPv6, with the ICMP checksum, which
 * over IPv6 covers a pseudo header of addresses, length and protocol (RFC 4443 section 2.3).
 *
 * @param version tells where the fields are
 * @param icmpOffset where ICMP begins in the frame
 * @param icmpLength in bytes, at least {@link #ICMP_HEADER_LENGTH}; the frame may be longer (padding)
 */
record IpPacket(IpVersion version, int icmpOffset, int icmpLength) {
    static final int IPV4_HEADER_LENGTH = 20;
    static final int IPV6_HEADER_LENGTH = 40;

    /** Type, code, checksum, and four bytes whose meaning is the type's. */
    static final int ICMP_HEADER_LENGTH = 8;

    /** What neighbour discovery must have: a packet that a router passed on has less (RFC 4861 section 3.1). */
    static final int MAX_HOP_LIMIT = 255;

    private static final int START = EthernetHeader.LENGTH;
    private static final int PROTOCOL_ICMP = 1;
    private static final int PROTOCOL_ICMPV6 = 58;

    /** Fragment offset and "more fragments": all but the reserved bit and "don't fragment". */
    private static final int FRAGMENT_BITS = 0x3fff;

    /** The packet in a frame with the EtherType of IPv4; null if it is no whole, correct ICMP packet. */
    static IpPacket readIpv4(ByteBuffer frame) {
        if (frame.limit() < START + IPV4_HEADER_LENGTH || frame.get(START) >> 4 != 4) {
            return null;
        }
        int headerLength = (frame.get(START) & 0xf) * 4;
        int totalLength = frame.getShort(START + 2) & 0xffff;
        if (headerLength < IPV4_HEADER_LENGTH
                || totalLength < headerLength + ICMP_HEADER_LENGTH
                || frame.limit() < START + totalLength
                || InternetChecksum.of(frame, START, headerLength, 0) != 0
                || (frame.getShort(START + 6) & FRAGMENT_BITS) != 0
                || frame.get(START + 9) != PROTOCOL_ICMP) {
            return null;
        }
        return new IpPacket(IpVersion.IPV4, START + headerLength, totalLength - headerLength).ifChecksumIsRight(frame);
    }

    /** The packet in a frame with the EtherType of IPv6; null if it is no whole, correct ICMPv6 packet. */
    static IpPacket readIpv6(ByteBuffer frame) {
        if (frame.limit() < START + IPV6_HEADER_LENGTH || (frame.get(START) >> 4 & 0xf) != 6) {
            return null;
        }
        int payloadLength = frame.getShort(START + 4) & 0xffff;
        if (payloadLength < ICMP_HEADER_LENGTH
                || frame.limit() < START + IPV6_HEADER_LENGTH + payloadLength
                || frame.get(START + 6) != PROTOCOL_ICMPV6) { // echo and discovery have no extension headers
            return null;
        }
        return new IpPacket(IpVersion.IPV6, START + IPV6_HEADER_LENGTH, payloadLength).ifChecksumIsRight(frame);
    }

    private IpPacket ifChecksumIsRight(ByteBuffer frame) {
        return icmpChecksum(frame) == 0 ? this : null;
    }

    private int icmpChecksum(ByteBuffer frame) {
        long pseudoHeader = version == IpVersion.IPV4
                ? 0
                : InternetChecksum.sum(frame, START + 8, 32) + icmpLength + PROTOCOL_ICMPV6;
        return InternetChecksum.of(frame, icmpOffset, icmpLength, pseudoHeader);
    }

    byte[] source(ByteBuffer frame) {
        return version == IpVersion.IPV4
                ? ArpPacket.bytes(frame, START + 12, 4)
                : ArpPacket.bytes(frame, START + 8, 16);
    }

    byte[] destination(ByteBuffer frame) {
        return version == IpVersion.IPV4
                ? ArpPacket.bytes(frame, START + 16, 4)
                : ArpPacket.bytes(frame, START + 24, 16);
    }

    int hopLimit(ByteBuffer frame) {
        return frame.get(START + (version == IpVersion.IPV4 ? 8 : 7)) & 0xff;
    }

    int icmpType(ByteBuffer frame) {
        return frame.get(icmpOffset) & 0xff;
    }

    int icmpCode(ByteBuffer frame) {
        return frame.get(icmpOffset + 1) & 0xff;
    }

    /** A packet for whoever fills in its ICMP: headers written, the rest zero. Then {@link #writeChecksum}. */
    static ByteBuffer newFrame(
            IpVersion version,
            long destinationMac,
            long sourceMac,
            byte[] destination,
            byte[] source,
            int hopLimit,
            int icmpLength) {
        IpPacket packet = written(version, icmpLength);
        ByteBuffer frame = ByteBuffer.allocate(packet.icmpOffset + icmpLength);
        if (version == IpVersion.IPV4) {
            EthernetHeader.write(frame, destinationMac, sourceMac, EthernetHeader.TYPE_IPV4);
            frame.put(START, (byte) 0x45);
            frame.putShort(START + 2, (short) (IPV4_HEADER_LENGTH + icmpLength));
            frame.put(START + 8, (byte) hopLimit);
            frame.put(START + 9, (byte) PROTOCOL_ICMP);
            frame.put(START + 12, source);
            frame.put(START + 16, destination);
            frame.putShort(START + 10, (short) InternetChecksum.of(frame, START, IPV4_HEADER_LENGTH, 0));
        } else {
            EthernetHeader.write(frame, destinationMac, sourceMac, EthernetHeader.TYPE_IPV6);
            frame.put(START, (byte) 0x60);
            frame.putShort(START + 4, (short) icmpLength);
            frame.put(START + 6, (byte) PROTOCOL_ICMPV6);
            frame.put(START + 7, (byte) hopLimit);
            frame.put(START + 8, source);
            frame.put(START + 24, destination);
        }
        return frame;
    }

    /** Where things are in a frame that {@link #newFrame} made. */
    static IpPacket written(IpVersion version, int icmpLength) {
        int headerLength = version == IpVersion.IPV4 ? IPV4_HEADER_LENGTH : IPV6_HEADER_LENGTH;
        return new IpPacket(version, START + headerLength, icmpLength);
    }

    void writeChecksum(ByteBuffer frame) {
        frame.putShort(icmpOffset + 2, (short) 0);
        frame.putShort(icmpOffset + 2, (short) icmpChecksum(frame));
    }
}
