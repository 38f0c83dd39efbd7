package io.weft;

import io.weft.frame.Frame;
import io.weft.frame.MacAddress;
import java.nio.ByteBuffer;

/**
 * Makes the frames that a station sends to another in one flow, one behind the other: super-frames, frames with a partial
 * checksum, and ordinary ones, each of which goes on where the one before ended.
 *
 * <p>Threads: confined.
 */
final class Conversation {
    /** What is spoken. */
    enum Kind {
        TCP4(1),
        TCP6(4),
        UDP4(5),
        UDP6(5);

        final int gsoType;

        Kind(int gsoType) {
            this.gsoType = gsoType;
        }

        boolean isIpv6() {
            return this == TCP6 || this == UDP6;
        }

        boolean isUdp() {
            return this == UDP4 || this == UDP6;
        }
    }

    private static final int TCP_OPTIONS = 12;

    final Kind kind;
    private final long source;
    private final long destination;
    private final int port;
    private int sequence = 0xffff_0000; // soon wraps around
    private int id = 0xfff0;
    private int made;

    Conversation(Kind kind, String source, String destination) {
        this(kind, source, destination, 40_000);
    }

    Conversation(Kind kind, String source, String destination, int port) {
        this.kind = kind;
        this.source = MacAddress.parse(source);
        this.destination = MacAddress.parse(destination);
        this.port = port;
    }

    /** Bytes of all headers of an untagged frame. */
    int headerLength() {
        return transport() + (kind.isUdp() ? 8 : 20 + TCP_OPTIONS);
    }

    private int transport() {
        return kind.isIpv6() ? 54 : 34;
    }

    /** A super-frame of this much payload, in segments of up to {@code gsoSize} of it; {@code headerLength} is true. */
    OffloadedFrame superFrame(int payload, int gsoSize) {
        return superFrame(payload, gsoSize, false);
    }

    /** The same with CWR set, and the GSO type saying so. */
    OffloadedFrame superFrameWithEcn(int payload, int gsoSize) {
        return superFrame(payload, gsoSize, true);
    }

    private OffloadedFrame superFrame(int payload, int gsoSize, boolean ecn) {
        byte[] bytes = bytes(payload, true, ecn ? 0x98 : 0x18);
        id += (payload + gsoSize - 1) / gsoSize - 1;
        return new OffloadedFrame(
                bytes,
                Frame.OFFLOAD_CHECKSUM_PARTIAL,
                kind.gsoType | (ecn ? 0x80 : 0),
                gsoSize,
                headerLength(),
                transport(),
                kind.isUdp() ? 6 : 16);
    }

    /** A frame of one segment, whose checksum is still to be completed. */
    OffloadedFrame partial(int payload) {
        return new OffloadedFrame(
                bytes(payload, true, 0x10),
                Frame.OFFLOAD_CHECKSUM_PARTIAL,
                0,
                0,
                0,
                transport(),
                kind.isUdp() ? 6 : 16);
    }

    /** An ordinary frame of one segment. */
    OffloadedFrame plain(int payload) {
        return OffloadedFrame.plain(bytes(payload, false, 0x10));
    }

    private byte[] bytes(int payload, boolean partial, int flags) {
        ByteBuffer out = ByteBuffer.allocate(headerLength() + payload);
        out.putShort((short) (destination >>> 32)).putInt((int) destination);
        out.putShort((short) (source >>> 32)).putInt((int) source);
        int length = out.capacity() - transport();
        int protocol = kind.isUdp() ? 17 : 6;
        if (kind.isIpv6()) {
            out.putShort((short) 0x86dd).putInt(0x6000_0000 | port).putShort((short) length);
            out.put((byte) protocol).put((byte) 64);
            out.putLong(0xfd00L << 48).putLong(source).putLong(0xfd00L << 48).putLong(destination);
        } else {
            out.putShort((short) 0x0800).put((byte) 0x45).put((byte) 0).putShort((short) (20 + length));
            out.putShort((short) id++).putShort((short) 0x4000).put((byte) 64).put((byte) protocol);
            out.putShort((short) 0)
                    .putInt(0x0a00_0000 | (int) source & 0xff)
                    .putInt(0x0a00_0000 | (int) destination & 0xff);
        }
        out.putShort((short) port).putShort((short) 443);
        if (kind.isUdp()) {
            out.putShort((short) length).putShort((short) 0);
        } else {
            out.putInt(sequence)
                    .putInt(7)
                    .put((byte) 0x80)
                    .put((byte) flags)
                    .putShort((short) 500)
                    .putInt(0);
            out.put(new byte[] {1, 1, 8, 10}).putInt(1).putInt(2);
            sequence += payload;
        }
        made++;
        for (int i = 0; i < payload; i++) {
            out.put((byte) (made * 37 + i % 251));
        }
        byte[] frame = OffloadedFrame.withChecksums(out.array()); // also IPv4's, which a coalescer looks at
        if (partial) {
            int ip = 14;
            int addresses = kind.isIpv6()
                    ? OffloadedFrame.sum(frame, ip + 8, ip + 40)
                    : OffloadedFrame.sum(frame, ip + 12, ip + 20);
            ByteBuffer.wrap(frame).putShort(transport() + (kind.isUdp() ? 6 : 16), (short)
                    OffloadedFrame.fold(addresses + protocol + length));
        }
        return frame;
    }
}
