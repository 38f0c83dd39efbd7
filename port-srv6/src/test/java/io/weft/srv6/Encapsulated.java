package io.weft.srv6;

import io.weft.offload.VirtioFrame;
import io.weft.tunnel.Packets;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Packets and frames behind headers written byte by byte. */
final class Encapsulated {
    private static final byte[] ADDRESSES =
            Packets.bytes("fd00000b000000000000000000000001" + "fc000002000000000000000000000d02");
    private static final int ROUTING = 43;
    private static final int OPTIONS = 60;

    /** An SRH with two of three segments left. */
    static final String TWO_LEFT = "00 06 04 02 02 00 1234 fc000001000000000000000000000d01"
            + "fc000002000000000000000000000d02 fc000003000000000000000000000d03";

    /** A reduced SRH with none left, and a TLV. */
    static final String NONE_LEFT = "00 03 04 00 00 00 0000 fc000001000000000000000000000d01 04 06 000000000000";

    /** Destination options: padding. */
    static final String PADDING = "00 00 01 04 00000000";

    private Encapsulated() {}

    /**
     * Bytes behind an IPv6 header and other headers.
     *
     * @param nextHeader what the bytes are
     * @param headers extension headers: {@link #PADDING}, others are routing headers; of what is behind them they say nothing
     */
    static byte[] of(byte[] inside, int nextHeader, String... headers) {
        ByteBuffer out = ByteBuffer.allocate(70_000);
        out.putInt(6 << 28 | 0x2e << 20 | 0x7_1234)
                .putShort((short) 0)
                .put((byte) 0)
                .put((byte) 61);
        out.put(ADDRESSES);
        int announced = 6;
        for (String header : headers) {
            out.put(announced, (byte) (header.equals(PADDING) ? OPTIONS : ROUTING));
            announced = out.position();
            out.put(Packets.bytes(header));
        }
        out.put(announced, (byte) nextHeader);
        out.put(inside);
        out.putShort(4, (short) (out.position() - Ipv6Header.LENGTH));
        return Arrays.copyOf(out.array(), out.position());
    }

    /** The same of one with metadata. */
    static VirtioFrame of(VirtioFrame inside, int nextHeader, String... headers) {
        byte[] bytes = of(inside.bytes(), nextHeader, headers);
        return shifted(inside, bytes, bytes.length - inside.bytes().length);
    }

    /** What an Ethernet frame without tags carries. */
    static VirtioFrame packet(VirtioFrame frame) {
        return shifted(frame, packet(frame.bytes()), -14);
    }

    /** The same without metadata. */
    static byte[] packet(byte[] frame) {
        return Arrays.copyOfRange(frame, 14, frame.length);
    }

    private static VirtioFrame shifted(VirtioFrame from, byte[] bytes, int shift) {
        return new VirtioFrame(
                bytes,
                from.flags(),
                from.gsoType(),
                from.gsoSize(),
                Math.max(0, from.headerLength() + shift),
                from.checksumStart() + shift,
                from.checksumOffset());
    }

    /** What an IP packet is as a next header. */
    static int protocol(byte[] packet) {
        return packet[0] >> 4 == 4 ? Ipv6Header.IPV4 : Ipv6Header.IPV6;
    }
}
