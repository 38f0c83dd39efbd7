package io.weft.tunnel;

import io.weft.frame.MacAddress;
import io.weft.offload.WireFrame;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Frames that go through tunnels, byte by byte; nothing of it is taken from the code under test. */
public final class InnerFrames {
    private InnerFrames() {}

    /** An untagged frame of 60 bytes. */
    public static byte[] frame(String destination, String source) {
        return frame(destination, source, 60, 0);
    }

    /** A frame of an experimental type; its number is in its payload. */
    public static byte[] frame(String destination, String source, int length, int number) {
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
    public static WireFrame udp(int payload) {
        WireFrame frame = new WireFrame();
        frame.udp = true;
        frame.destination = MacAddress.parse(TunnelLab.B);
        frame.source = MacAddress.parse(TunnelLab.A);
        frame.payload = new byte[payload];
        for (int i = 0; i < payload; i++) {
            frame.payload[i] = (byte) i;
        }
        return frame;
    }

    /** A TCP segment. */
    public static WireFrame tcp(int payload) {
        WireFrame frame = udp(payload);
        frame.udp = false;
        return frame;
    }

    /** The frame with a VLAN tag. */
    public static byte[] tagged(int vlan, byte[] frame) {
        ByteBuffer tagged = ByteBuffer.allocate(frame.length + 4);
        tagged.put(frame, 0, 12).putShort((short) 0x8100).putShort((short) vlan);
        return tagged.put(frame, 12, frame.length - 12).array();
    }

    /** One behind the other. */
    public static byte[] concat(byte[]... parts) {
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

    // ---- as a layer-3 port has them ----

    /** A UDP packet of IPv4 or IPv6, behind a header without addresses. */
    public static byte[] ip(String from, String to, int payload) {
        return packet(from, to, payload).bytes();
    }

    /** The same after another router: its hop limit is one less. */
    public static byte[] ipHopped(String from, String to, int payload) {
        WireFrame frame = packet(from, to, payload);
        frame.ttl--;
        return frame.bytes();
    }

    private static WireFrame packet(String from, String to, int payload) {
        WireFrame frame = udp(payload);
        frame.destination = 0;
        frame.source = 0;
        frame.from = TunnelLab.address(from).getAddress();
        frame.to = TunnelLab.address(to).getAddress();
        frame.ipv6 = frame.from.length == 16;
        return frame;
    }

    /** The packet without the Ethernet header. */
    public static byte[] bare(byte[] frame) {
        return Arrays.copyOfRange(frame, 14, frame.length);
    }

    /** The packet behind the header that a layer-3 port gives it. */
    public static byte[] framed(byte[] packet) {
        byte[] header = new byte[14];
        boolean ipv6 = packet.length > 0 && packet[0] >> 4 == 6;
        header[12] = (byte) (ipv6 ? 0x86 : 0x08);
        header[13] = (byte) (ipv6 ? 0xdd : 0x00);
        return concat(header, packet);
    }
}
