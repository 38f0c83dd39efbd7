package io.weft.offload;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;

/** What must hold for any frame with any metadata: it is refused and left alone, or it can be worked with. */
final class OffloadClaims {
    private final FramePool pool = new FramePool(256, 16);

    /** For tests that run on another thread each. */
    OffloadClaims own() {
        pool.own();
        return this;
    }

    /** @return whether the metadata were found sound */
    boolean check(VirtioFrame claimed) {
        Frame frame = claimed.in(pool);
        byte[] before = headroom(frame);
        boolean sound = OffloadCheck.isSound(frame);
        same(frame.toByteArray(), claimed.bytes());
        if (sound && frame.gsoType() != 0) {
            checkSuperFrame(frame, claimed);
        } else if (sound) {
            int field = frame.checksumStart() + frame.checksumOffset();
            boolean partial = (frame.offloadFlags() & Frame.OFFLOAD_CHECKSUM_PARTIAL) != 0;
            ChecksumCompletion.complete(frame);
            assertThat(frame.hasPendingOffload()).isFalse();
            byte[] completed = frame.toByteArray();
            if (partial) {
                assertThat(field).isBetween(14, completed.length - 2);
                completed[field] = claimed.bytes()[field];
                completed[field + 1] = claimed.bytes()[field + 1];
            }
            same(completed, claimed.bytes());
        }
        same(headroom(frame), before);
        frame.release();
        assertThat(pool.inUse()).as("frames in use").isZero();
        return sound;
    }

    private void checkSuperFrame(Frame frame, VirtioFrame claimed) {
        int headers = frame.headerLength();
        int payload = claimed.bytes().length - headers;
        assertThat(headers).isBetween(claimed.checksumStart() + 8, claimed.bytes().length - 1);
        int count = WireFrames.count(frame);
        long bytes = WireFrames.bytes(frame);
        assertThat(count).isEqualTo((payload + frame.gsoSize() - 1) / frame.gsoSize());
        assertThat(bytes).isEqualTo(payload + (long) count * headers);
        if (count > 4_096) { // as many as there are bytes: only some of them are worth the time
            return;
        }
        List<byte[]> segments = Segments.of(frame, pool);
        assertThat(segments).hasSize(count);
        ByteArrayOutputStream pieces = new ByteArrayOutputStream();
        for (byte[] segment : segments) {
            assertThat(segment.length).isBetween(headers + 1, headers + claimed.gsoSize());
            same(Arrays.copyOf(segment, 14), Arrays.copyOf(claimed.bytes(), 14));
            pieces.write(segment, headers, segment.length - headers);
        }
        same(pieces.toByteArray(), Arrays.copyOfRange(claimed.bytes(), headers, claimed.bytes().length));
    }

    private static byte[] headroom(Frame frame) {
        byte[] bytes = new byte[Frame.HEADROOM];
        frame.getBytes(-Frame.HEADROOM, bytes, 0, bytes.length);
        return bytes;
    }

    /** Much faster than AssertJ where they are the same. */
    private static void same(byte[] actual, byte[] expected) {
        if (!Arrays.equals(actual, expected)) {
            assertThat(actual).isEqualTo(expected);
        }
    }
}
