package io.weft.packet;

import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import java.nio.ByteBuffer;

/** Frames that tests send. */
final class TestFrames {
    /** Bytes of Ethernet, IPv4 and TCP header. */
    static final int TCP_HEADERS = 54;

    private TestFrames() {}

    /** A broadcast of an EtherType that nobody understands, with bytes that tell it from others. */
    static byte[] broadcast(int length, int seed) {
        ByteBuffer frame = ByteBuffer.allocate(length);
        frame.putShort((short) -1).putInt(-1);
        frame.putShort((short) 0x0200).putInt(seed).putShort((short) 0x88b5);
        while (frame.hasRemaining()) {
            frame.put((byte) (seed + frame.position() * 7));
        }
        return frame.array();
    }

    /** Puts a tag behind the addresses. */
    static byte[] tagged(byte[] frame, int tpid, int tci) {
        ByteBuffer tagged = ByteBuffer.allocate(frame.length + 4);
        tagged.put(frame, 0, 12).putShort((short) tpid).putShort((short) tci);
        return tagged.put(frame, 12, frame.length - 12).array();
    }

    /** TCP over IPv4 with {@code payload} bytes and a partial checksum. */
    static byte[] tcp(int payload) {
        ByteBuffer frame = ByteBuffer.allocate(TCP_HEADERS + payload);
        frame.putShort((short) 0x0200)
                .putInt(1)
                .putShort((short) 0x0200)
                .putInt(2)
                .putShort((short) 0x0800);
        frame.putShort((short) 0x4500).putShort((short) (40 + payload)).putInt(0x0001_4000);
        frame.putShort((short) 0x4006).putShort((short) 0).putInt(0x0a090001).putInt(0x0a090002);
        frame.putShort(24, (short) ~sum(frame, 14, 20, 0));
        frame.putShort((short) 5_000).putShort((short) 5_001).putInt(1).putInt(1);
        frame.putShort((short) 0x5010).putShort((short) 500);
        frame.putShort((short) sum(frame, 26, 8, 6 + 20 + payload)); // of the pseudo header
        frame.putShort((short) 0);
        for (int i = 0; i < payload; i++) {
            frame.put((byte) (i * 31 >>> 3));
        }
        return frame.array();
    }

    /** The ones' complement sum, not complemented. */
    static int sum(ByteBuffer bytes, int offset, int length, int initial) {
        long sum = initial;
        for (int i = 0; i < length; i += 2) {
            int low = i + 1 < length ? bytes.get(offset + i + 1) & 0xff : 0;
            sum += (bytes.get(offset + i) & 0xff) << 8 | low;
        }
        while (sum >>> 16 != 0) {
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return (int) sum;
    }

    /** A frame of {@link #tcp} with {@code tags} bytes of tags, with its metadata; the GSO size may be 0 for no super-frame. */
    static Frame allocate(FramePool pool, byte[] bytes, int tags, int gsoSize) {
        Frame frame = pool.allocate(bytes.length);
        frame.putBytes(0, bytes, 0, bytes.length);
        frame.offload(Frame.OFFLOAD_CHECKSUM_PARTIAL, gsoSize == 0 ? 0 : 1, gsoSize, TCP_HEADERS + tags, 34 + tags, 16);
        return frame;
    }
}
