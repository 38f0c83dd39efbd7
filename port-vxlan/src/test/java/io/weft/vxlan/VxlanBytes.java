package io.weft.vxlan;

import io.weft.frame.MacAddress;
import io.weft.offload.WireFrame;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Frames and VXLAN packets, byte by byte; nothing of it is taken from the code under test. */
final class VxlanBytes {
    private VxlanBytes() {}

    /** An untagged frame of 60 bytes. */
    static byte[] frame(String destination, String source) {
        return frame(destination, source, 60, 0);
    }

    /** A frame of an experimental type; its number is in its payload. */
    static byte[] frame(String destination, String source, int length, int number) {
        ByteBuffer frame = ByteBuffer.allocate(length);
        putMac(frame, MacAddress.parse(destination));
        putMac(frame, MacAddress.parse(source));
        frame.putShort((short) 0x88b5);
        if (frame.remaining() >= 4) {
            frame.putInt(number);
        }
        while (frame.hasRemaining()) {
            frame.put((byte) (frame.position() + number));
        }
        return frame.array();
    }

    private static void putMac(ByteBuffer frame, long mac) {
        frame.putShort((short) (mac >>> 32)).putInt((int) mac);
    }

    /** A UDP packet in a frame, from A to B unless changed. */
    static WireFrame udp(int payload) {
        WireFrame frame = new WireFrame();
        frame.udp = true;
        frame.destination = MacAddress.parse(VxlanLab.B);
        frame.source = MacAddress.parse(VxlanLab.A);
        frame.payload = new byte[payload];
        for (int i = 0; i < payload; i++) {
            frame.payload[i] = (byte) i;
        }
        return frame;
    }

    /** A TCP segment. */
    static WireFrame tcp(int payload) {
        WireFrame frame = udp(payload);
        frame.udp = false;
        return frame;
    }

    /** The frame with a VLAN tag. */
    static byte[] tagged(int vlan, byte[] frame) {
        ByteBuffer tagged = ByteBuffer.allocate(frame.length + 4);
        tagged.put(frame, 0, 12).putShort((short) 0x8100).putShort((short) vlan);
        return tagged.put(frame, 12, frame.length - 12).array();
    }

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

    static byte[] concat(byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        ByteBuffer all = ByteBuffer.allocate(length);
        for (byte[] part : parts) {
            all.put(part);
        }
        return all.array();
    }
}
