package io.weft.offload;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import io.weft.port.Offload;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;

/**
 * Any frames, coalesced and segmented again, are the same frames.
 *
 * <p>The input: frames, each behind two bytes. The low 11 bits of those are its length; with bit 0x8000 it is the frame before
 * it as the next segment of the same flow would be, checksums and all, with the bytes that follow put over its last ones;
 * with bit 0x4000 its checksums are put right. A fuzzer would never find the right ones by itself.
 */
class SegmentRunFuzzTest {
    private static final FramePool POOL = new FramePool(256, 16);
    private static final Coalescer COALESCER = new Coalescer(POOL, EnumSet.allOf(Offload.class));

    @FuzzTest
    void shouldGiveBackTheSameFrames(byte[] input) {
        POOL.own();
        List<byte[]> sent = frames(ByteBuffer.wrap(input));
        FrameBatch batch = new FrameBatch();
        sent.forEach(bytes -> batch.add(VirtioFrame.plain(bytes).in(POOL)));
        int lost = COALESCER.coalesce(batch);
        assertThat(batch.size()).isEqualTo(sent.size() - lost);
        List<byte[]> received = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            assertThat(OffloadCheck.isSound(batch.get(i))).isTrue();
            received.addAll(Segments.of(batch.get(i), POOL));
        }
        batch.release();
        assertThat(POOL.inUse()).isZero();
        assertThat(sorted(received)).isEqualTo(sorted(sent)); // flows may overtake each other
    }

    private static List<String> sorted(List<byte[]> frames) {
        return frames.stream().map(HexFormat.of()::formatHex).sorted().toList();
    }

    static List<byte[]> frames(ByteBuffer in) {
        List<byte[]> frames = new ArrayList<>();
        byte[] last = {};
        while (in.remaining() >= 2 && frames.size() < FrameBatch.DEFAULT_CAPACITY) {
            int what = in.getShort() & 0xffff;
            int length = Math.min(what & 0x7ff, in.remaining());
            byte[] frame;
            if ((what & 0x8000) != 0) {
                frame = next(last);
                length = Math.min(length, frame.length);
                in.get(frame, frame.length - length, length);
                correct(frame);
            } else {
                frame = new byte[length];
                in.get(frame);
                if ((what & 0x4000) != 0) {
                    correct(frame);
                }
            }
            frames.add(frame);
            last = frame;
        }
        return frames;
    }

    /** Where the IP header begins. */
    private static int network(byte[] frame) {
        int at = 12;
        while (at + 4 <= frame.length && isTag(frame, at)) {
            at += 4;
        }
        return at + 2;
    }

    private static boolean isTag(byte[] frame, int at) {
        int type = (frame[at] & 0xff) << 8 | frame[at + 1] & 0xff;
        return type == 0x8100 || type == 0x88a8;
    }

    private static boolean isTooShort(byte[] frame, int ip) {
        return frame.length < ip + 1 || frame.length < ip + (frame[ip] == 0x45 ? 34 : 54);
    }

    private static byte[] next(byte[] frame) {
        byte[] next = frame.clone();
        int ip = network(frame);
        if (isTooShort(frame, ip)) {
            return next;
        }
        ByteBuffer bytes = ByteBuffer.wrap(next);
        boolean ipv4 = next[ip] == 0x45;
        if (ipv4) {
            bytes.putShort(ip + 4, (short) (bytes.getShort(ip + 4) + 1));
        }
        int transport = ip + (ipv4 ? 20 : 40);
        int payload = transport + (next[transport + 12] >> 4 & 0xf) * 4;
        if (next[ip + (ipv4 ? 9 : 6)] == 6) {
            bytes.putInt(transport + 4, bytes.getInt(transport + 4) + frame.length - payload);
        }
        return next;
    }

    /** Puts checksums right, in frames whose headers are of the simple kind. */
    private static void correct(byte[] frame) {
        int ip = network(frame);
        if (isTooShort(frame, ip)) {
            return;
        }
        ByteBuffer bytes = ByteBuffer.wrap(frame);
        boolean ipv4 = frame[ip] == 0x45;
        int transport = ip + (ipv4 ? 20 : 40);
        if (ipv4) {
            bytes.putShort(ip + 10, (short) 0);
            bytes.putShort(ip + 10, (short) ~WireFrame.sum(frame, ip, transport, 0));
        }
        int protocol = frame[ip + (ipv4 ? 9 : 6)];
        int field = transport + (protocol == 17 ? 6 : 16);
        if (field + 2 <= frame.length) {
            byte[] length = {(byte) (frame.length - transport >>> 8), (byte) (frame.length - transport)};
            int sum = WireFrame.sum(length, 0, 2, protocol);
            sum = WireFrame.sum(frame, ip + (ipv4 ? 12 : 8), transport, sum);
            bytes.putShort(field, (short) 0);
            int checksum = ~WireFrame.sum(frame, transport, frame.length, sum) & 0xffff;
            bytes.putShort(field, (short) (checksum == 0 && protocol == 17 ? 0xffff : checksum));
        }
    }
}
