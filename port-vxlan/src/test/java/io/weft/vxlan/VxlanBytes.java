package io.weft.vxlan;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** VXLAN packets, byte by byte; nothing of it is taken from the code under test. */
final class VxlanBytes {
    private VxlanBytes() {}

    /** A VXLAN packet (RFC 7348, 5). */
    static byte[] packet(int vni, byte[] frame) {
        return packet(0x0800_0000_0000_0000L | (long) vni << 8, frame);
    }

    /** One with this header. */
    static byte[] packet(long header, byte[] frame) {
        return ByteBuffer.allocate(8 + frame.length).putLong(header).put(frame).array();
    }

    /** The header of a packet. */
    static long header(byte[] packet) {
        return ByteBuffer.wrap(packet).getLong();
    }

    static int vni(byte[] packet) {
        return (int) (header(packet) >>> 8) & 0xff_ffff;
    }

    /** The frame in a packet. */
    static byte[] inner(byte[] packet) {
        return Arrays.copyOfRange(packet, 8, packet.length);
    }
}
