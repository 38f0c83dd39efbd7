package io.weft.offload;

import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** The fields of a TCP segment or UDP datagram on Ethernet, and the bytes that they make, slowly and plainly. */
final class SegmentBytes implements Cloneable {
    static final int DF = 0x4000;

    boolean ipv6;
    boolean udp;
    long destination = 0x0200_0000_0002L;
    long source = 0x0200_0000_0001L;
    int[] tags = {}; // TPID << 16 | TCI
    int trafficClass;
    int flowLabel;
    int ttl = 64;
    int id = 1;
    int fragment = DF;
    byte[] ipOptions = {};
    byte[] extensions = {}; // IPv6; the first byte is to be the protocol
    int extensionType;
    int host = 1; // of the source; the destination is 2
    int sourcePort = 40_000;
    int destinationPort = 80;
    int sequence = 1_000;
    int acknowledged = 7;
    int reserved; // the low half of the byte with the data offset
    int flags = TransportSegment.ACK;
    int window = 500;
    int urgent;
    byte[] options = {1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2}; // timestamps
    byte[] payload;
    byte[] padding = {};
    boolean partial; // the transport checksum
    boolean withoutChecksum; // UDP
    int ipChecksumError;
    int checksumError;

    static SegmentBytes tcp4(int length) {
        SegmentBytes segment = new SegmentBytes();
        segment.payload = bytes(length, 1);
        return segment;
    }

    static SegmentBytes tcp6(int length) {
        SegmentBytes segment = tcp4(length);
        segment.ipv6 = true;
        return segment;
    }

    static SegmentBytes udp4(int length) {
        SegmentBytes segment = tcp4(length);
        segment.udp = true;
        return segment;
    }

    static SegmentBytes udp6(int length) {
        SegmentBytes segment = udp4(length);
        segment.ipv6 = true;
        return segment;
    }

    /** Bytes that differ from place to place. */
    static byte[] bytes(int length, int seed) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (seed * 31 + i * 7 + (i >>> 8));
        }
        return bytes;
    }

    /** The segment that follows this one and is as long. */
    SegmentBytes next() {
        return next(payload.length);
    }

    SegmentBytes next(int length) {
        SegmentBytes next = copy();
        next.id = id + 1 & 0xffff;
        next.sequence = sequence + payload.length;
        next.payload = bytes(length, next.id);
        return next;
    }

    SegmentBytes copy() {
        try {
            return (SegmentBytes) clone();
        } catch (CloneNotSupportedException e) {
            throw new AssertionError(e);
        }
    }

    SegmentBytes tagged(int... newTags) {
        tags = newTags;
        return this;
    }

    int ipOffset() {
        return 14 + 4 * tags.length;
    }

    int transportOffset() {
        return ipOffset() + (ipv6 ? 40 + extensions.length : 20 + ipOptions.length);
    }

    int checksumOffset() {
        return udp ? 6 : 16;
    }

    byte[] build() {
        byte[] transport = transport();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(
                Arrays.copyOfRange(ByteBuffer.allocate(8).putLong(destination).array(), 2, 8));
        out.writeBytes(Arrays.copyOfRange(ByteBuffer.allocate(8).putLong(source).array(), 2, 8));
        for (int tag : tags) {
            out.writeBytes(ByteBuffer.allocate(4).putInt(tag).array());
        }
        out.write(ipv6 ? 0x86 : 0x08);
        out.write(ipv6 ? 0xdd : 0x00);
        out.writeBytes(ipv6 ? ipv6Header(transport.length) : ipv4Header(transport.length));
        out.writeBytes(transport);
        out.writeBytes(padding);
        return out.toByteArray();
    }

    /** A frame with these bytes, and metadata if the checksum is partial. */
    Frame frame(FramePool pool) {
        byte[] bytes = build();
        Frame frame = pool.allocate(bytes.length);
        frame.putBytes(0, bytes, 0, bytes.length);
        if (partial) {
            frame.offload(Frame.OFFLOAD_CHECKSUM_PARTIAL, 0, 0, 0, transportOffset(), checksumOffset());
        }
        return frame;
    }

    private byte[] ipv4Header(int length) {
        ByteBuffer ip = ByteBuffer.allocate(20 + ipOptions.length);
        ip.put((byte) (0x40 | ip.capacity() / 4)).put((byte) trafficClass).putShort((short) (ip.capacity() + length));
        ip.putShort((short) id).putShort((short) fragment);
        ip.put((byte) ttl).put((byte) (udp ? 17 : 6)).putShort((short) 0);
        ip.put(addresses()).put(ipOptions);
        ip.putShort(10, (short) (WireReference.checksum(ip.array()) + ipChecksumError));
        return ip.array();
    }

    private byte[] ipv6Header(int length) {
        ByteBuffer ip = ByteBuffer.allocate(40 + extensions.length);
        ip.putInt(6 << 28 | trafficClass << 20 | flowLabel).putShort((short) (extensions.length + length));
        ip.put((byte) (extensions.length > 0 ? extensionType : udp ? 17 : 6)).put((byte) ttl);
        ip.put(addresses()).put(extensions);
        return ip.array();
    }

    private byte[] addresses() {
        ByteBuffer addresses = ByteBuffer.allocate(ipv6 ? 32 : 8);
        if (ipv6) {
            addresses
                    .putLong(0xfd00L << 48)
                    .putLong(host)
                    .putLong(0xfd00L << 48)
                    .putLong(2);
        } else {
            addresses.putInt(0x0a00_0000 | host).putInt(0x0a00_0002);
        }
        return addresses.array();
    }

    private byte[] transport() {
        ByteBuffer bytes = ByteBuffer.allocate((udp ? 8 : 20 + options.length) + payload.length);
        bytes.putShort((short) sourcePort).putShort((short) destinationPort);
        if (udp) {
            bytes.putShort((short) bytes.capacity()).putShort((short) 0);
        } else {
            bytes.putInt(sequence).putInt(acknowledged);
            bytes.put((byte) ((20 + options.length) / 4 << 4 | reserved)).put((byte) flags);
            bytes.putShort((short) window).putShort((short) 0).putShort((short) urgent);
            bytes.put(options);
        }
        bytes.put(payload);
        int pseudo = WireReference.pseudoHeader(addresses(), udp ? 17 : 6, bytes.capacity());
        int checksum = partial ? WireReference.fold(pseudo) : WireReference.checksum(pseudo, bytes.array(), udp);
        bytes.putShort(checksumOffset(), (short) (withoutChecksum ? 0 : checksum + checksumError));
        return bytes.array();
    }
}
