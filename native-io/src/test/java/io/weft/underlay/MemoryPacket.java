package io.weft.underlay;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A {@link MemoryDatagram} of IPv6 as the bytes of its whole packet.
 *
 * <p>Threads: stateless.
 */
final class MemoryPacket {
    static final int HEADER_LENGTH = 40;
    private static final int VERSION = 6;

    private MemoryPacket() {}

    /** The packet. */
    static byte[] of(MemoryDatagram datagram) {
        byte[] bytes = datagram.bytes();
        return ByteBuffer.allocate(HEADER_LENGTH + bytes.length)
                .putInt(VERSION << 28 | datagram.trafficClass() << 20 | datagram.flowLabel())
                .putShort((short) bytes.length)
                .put((byte) datagram.protocol())
                .put((byte) datagram.ttl())
                .putLong(datagram.from().high())
                .putLong(datagram.from().low())
                .putLong(datagram.to().high())
                .putLong(datagram.to().low())
                .put(bytes)
                .array();
    }

    /** What a packet says; {@code null} if it is none whose length is true, or one of UDP, which has no headers in memory. */
    static MemoryDatagram read(byte[] packet) {
        if (packet.length < HEADER_LENGTH) {
            return null;
        }
        ByteBuffer header = ByteBuffer.wrap(packet);
        int first = header.getInt();
        int length = header.getShort() & 0xffff;
        int protocol = header.get() & 0xff;
        int hopLimit = header.get() & 0xff;
        if (first >>> 28 != VERSION || length != packet.length - HEADER_LENGTH || protocol == MemoryDatagram.UDP) {
            return null;
        }
        return new MemoryDatagram(
                protocol,
                Arrays.copyOfRange(packet, HEADER_LENGTH, packet.length),
                new UnderlayPeer(header.getLong(), header.getLong(), 0, 0),
                new UnderlayPeer(header.getLong(), header.getLong(), 0, 0),
                first >>> 20 & 0xff,
                hopLimit,
                first & 0xf_ffff,
                true,
                false,
                true);
    }
}
