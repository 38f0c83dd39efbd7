package io.weft.tunnel;

import io.weft.offload.VirtioFrame;
import io.weft.offload.WireFrame;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What super-frames stand for: the frames of the wire, cut the slow and obvious way. */
public final class WireSegments {
    private WireSegments() {}

    /** The frames of the wire that a flow's packet is, cut by hand. */
    public static List<byte[]> cut(WireFrame whole, int size) {
        List<byte[]> parts = new ArrayList<>();
        for (int at = 0; at < whole.payload.length; at += size) {
            WireFrame part = whole.copy();
            int end = Math.min(whole.payload.length, at + size);
            part.payload = Arrays.copyOfRange(whole.payload, at, end);
            part.seq = whole.seq + at;
            part.id = whole.id + at / size;
            if (end < whole.payload.length) {
                part.flags &= ~0x09; // FIN and PSH are the last one's
            }
            parts.add(part.bytes());
        }
        return parts;
    }

    /** The same of what a port was given: with the metadata, and nothing else, as a guide. */
    public static List<byte[]> onTheWire(VirtioFrame frame) {
        ByteBuffer bytes = ByteBuffer.wrap(frame.bytes().clone());
        if (frame.gsoType() == 0) {
            if (frame.flags() != 0) {
                complete(bytes, frame.checksumStart(), frame.checksumOffset());
            }
            return List.of(bytes.array());
        }
        boolean ipv6 = bytes.getShort(12) == (short) 0x86dd;
        WireFrame whole = new WireFrame();
        whole.destination = bytes.getLong(0) >>> 16;
        whole.source = bytes.getLong(6) >>> 16;
        whole.ipv6 = ipv6;
        whole.udp = frame.gsoType() == 5;
        int transport = frame.checksumStart();
        if (ipv6) {
            whole.from = Arrays.copyOfRange(bytes.array(), 22, 38);
            whole.to = Arrays.copyOfRange(bytes.array(), 38, 54);
            whole.ttl = bytes.get(21) & 0xff;
        } else {
            whole.from = Arrays.copyOfRange(bytes.array(), 26, 30);
            whole.to = Arrays.copyOfRange(bytes.array(), 30, 34);
            whole.tos = bytes.get(15) & 0xff;
            whole.id = bytes.getShort(18) & 0xffff;
            whole.ttl = bytes.get(22) & 0xff;
        }
        whole.sourcePort = bytes.getShort(transport) & 0xffff;
        whole.destinationPort = bytes.getShort(transport + 2) & 0xffff;
        int payload = transport + 8;
        if (!whole.udp) {
            whole.seq = bytes.getInt(transport + 4);
            whole.ack = bytes.getInt(transport + 8);
            whole.flags = bytes.getShort(transport + 12) & 0xfff;
            whole.window = bytes.getShort(transport + 14) & 0xffff;
            payload = transport + (bytes.get(transport + 12) >> 4 & 0xf) * 4;
            whole.tcpOptions = Arrays.copyOfRange(bytes.array(), transport + 20, payload);
        }
        whole.payload = Arrays.copyOfRange(bytes.array(), payload, bytes.capacity());
        return cut(whole, frame.gsoSize());
    }

    private static void complete(ByteBuffer bytes, int start, int offset) {
        int sum = 0;
        for (int i = start; i < bytes.capacity(); i++) {
            sum += (bytes.get(i) & 0xff) << ((i - start) % 2 == 0 ? 8 : 0);
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        bytes.putShort(start + offset, (short) ~sum);
    }

    /** The frames of the wire for what a port was given since the last call. */
    public static List<byte[]> takeFromWire(SuperFramePort port) {
        return port.take().stream().flatMap(frame -> onTheWire(frame).stream()).toList();
    }

    /** A packet of a flow that runs of segments are cut from. */
    public static WireFrame flow(boolean udp, boolean ipv6, int payload) {
        WireFrame packet = udp ? InnerFrames.udp(payload) : InnerFrames.tcp(payload);
        packet.flags = 0x18;
        packet.id = 100;
        packet.seq = 1_000_000;
        packet.ipv6 = ipv6;
        if (ipv6) {
            packet.from = TunnelLab.address("2001:db8::1").getAddress();
            packet.to = TunnelLab.address("2001:db8::2").getAddress();
        }
        return packet;
    }
}
