package io.weft.offload;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/**
 * A TCP or UDP frame built field by field, the slow and obvious way; nothing of it is taken from the code under test.
 * Whatever is set to -1 is worked out when the bytes are made, and what is set to something else is a lie that goes out.
 */
public final class WireFrame implements Cloneable {
    public long destination = 0x0200_0000_0001L;
    public long source = 0x0200_0000_0002L;
    public int[] tags = {}; // TPID << 16 | TCI
    public boolean ipv6;
    public boolean udp;

    public byte[] ipOptions = {}; // IPv4's, or IPv6's extension headers, of which the first has destination options
    public int tos;
    public int ttl = 64;
    public int id;
    public int fragment = 0x4000; // flags and offset
    public int flowLabel;
    public int ipLength = -1;
    public int ipChecksum = -1;
    public byte[] from = {10, 0, 0, 1};
    public byte[] to = {10, 0, 0, 2};

    public int sourcePort = 50_001;
    public int destinationPort = 50_002;
    public int seq;
    public int ack;
    public int dataOffset = -1; // in words
    public int flags = 0x10; // twelve bits, so the reserved ones too
    public int window = 1_000;
    public int urgent;
    public byte[] tcpOptions = {};
    public int udpLength = -1;
    public int checksum = -1;
    public byte[] payload = {};
    public int padding; // zeros behind the IP packet

    static int sum(byte[] bytes, int from, int to, int start) {
        int sum = start;
        for (int i = from; i < to; i++) {
            sum += (bytes[i] & 0xff) << ((i - from) % 2 == 0 ? 8 : 0);
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return sum;
    }

    byte[] transport() {
        int header = udp ? 8 : 20 + tcpOptions.length;
        ByteBuffer out = ByteBuffer.allocate(header + payload.length);
        out.putShort((short) sourcePort).putShort((short) destinationPort);
        if (udp) {
            out.putShort((short) (udpLength >= 0 ? udpLength : header + payload.length));
            out.putShort((short) 0);
        } else {
            int words = dataOffset >= 0 ? dataOffset : header / 4;
            out.putInt(seq).putInt(ack).putShort((short) (words << 12 | flags)).putShort((short) window);
            out.putShort((short) 0).putShort((short) urgent).put(tcpOptions);
        }
        out.put(payload);
        byte[] bytes = out.array();
        ByteBuffer pseudo = ByteBuffer.allocate(2 * from.length + 8);
        pseudo.put(from).put(to).putInt(bytes.length).putInt(udp ? 17 : 6);
        int sum = sum(pseudo.array(), 0, pseudo.capacity(), 0);
        int computed = ~sum(bytes, 0, bytes.length, sum) & 0xffff;
        out.putShort(udp ? 6 : 16, (short) (checksum >= 0 ? checksum : udp && computed == 0 ? 0xffff : computed));
        return bytes;
    }

    /** The frame as it goes out. */
    public byte[] bytes() {
        byte[] transport = transport();
        ByteBuffer out = ByteBuffer.allocate(70_000);
        out.putShort((short) (destination >>> 32)).putInt((int) destination);
        out.putShort((short) (source >>> 32)).putInt((int) source);
        for (int tag : tags) {
            out.putInt(tag);
        }
        out.putShort((short) (ipv6 ? 0x86dd : 0x0800));
        int ip = out.position();
        int protocol = udp ? 17 : 6;
        int length = ipOptions.length + transport.length;
        if (ipv6) {
            out.putInt(6 << 28 | tos << 20 | flowLabel).putShort((short) (ipLength >= 0 ? ipLength : length));
            out.put((byte) (ipOptions.length > 0 ? 60 : protocol)).put((byte) ttl);
        } else {
            out.put((byte) (4 << 4 | 5 + ipOptions.length / 4)).put((byte) tos);
            out.putShort((short) (ipLength >= 0 ? ipLength : 20 + length)).putShort((short) id);
            out.putShort((short) fragment).put((byte) ttl).put((byte) protocol).putShort((short) 0);
        }
        out.put(from).put(to).put(ipOptions);
        if (!ipv6) {
            int computed = ~sum(out.array(), ip, out.position(), 0) & 0xffff;
            out.putShort(ip + 10, (short) (ipChecksum >= 0 ? ipChecksum : computed));
        }
        out.put(transport).put(new byte[padding]);
        ByteArrayOutputStream cut = new ByteArrayOutputStream();
        cut.write(out.array(), 0, out.position());
        return cut.toByteArray();
    }

    /** The checksum that the frame has when it does not lie. */
    public int trueChecksum() {
        WireFrame honest = copy();
        honest.checksum = -1;
        return ByteBuffer.wrap(honest.transport()).getShort(udp ? 6 : 16) & 0xffff;
    }

    /** The frame as a super-frame with segments of {@code gsoSize}, or with a partial checksum only when that is 0. */
    public VirtioFrame partial(int gsoSize) {
        WireFrame honest = copy();
        honest.checksum = 0;
        byte[] bytes = honest.bytes();
        int length = honest.transport().length;
        int start = bytes.length - padding - length;
        int offset = udp ? 6 : 16;
        ByteBuffer pseudo = ByteBuffer.allocate(2 * from.length + 8);
        pseudo.put(from).put(to).putInt(length).putInt(udp ? 17 : 6);
        ByteBuffer.wrap(bytes).putShort(start + offset, (short) sum(pseudo.array(), 0, pseudo.capacity(), 0));
        int gsoType = gsoSize == 0 ? 0 : udp ? 5 : (ipv6 ? 4 : 1) | ((flags & 0x80) != 0 ? 0x80 : 0);
        int headers = start + length - payload.length;
        return new VirtioFrame(bytes, 1, gsoType, gsoSize, gsoSize == 0 ? 0 : headers, start, offset);
    }

    /** Another one that starts from the same fields. */
    public WireFrame copy() {
        try {
            return (WireFrame) clone(); // the arrays are replaced, never written to
        } catch (CloneNotSupportedException e) {
            throw new AssertionError(e);
        }
    }
}
