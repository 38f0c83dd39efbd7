package io.weft.offload;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import io.weft.port.Offload;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;

/**
 * Any bytes as a batch: a length in two bytes, a byte of metadata, and as many bytes of a frame, until the input ends. What
 * comes out is, cut again, what went in. Each frame is preceded by a good segment and followed by one that continues that.
 */
class CoalescerFuzzTest {
    private static final FramePool POOL = new FramePool(256, 16);
    private static final Coalescer COALESCER = new Coalescer(POOL, EnumSet.allOf(Offload.class));

    @FuzzTest
    void shouldKeepEveryFrame(byte[] input) {
        POOL.own();
        FrameBatch batch = new FrameBatch();
        SegmentBytes good = SegmentBytes.tcp4(20);
        int at = 0;
        while (at + 3 <= input.length && batch.remaining() >= 3) {
            int length = Math.min((input[at] & 7) << 8 | input[at + 1] & 0xff, input.length - at - 3);
            length = Math.min(length, FramePool.SMALL_LENGTH);
            int metadata = input[at + 2];
            batch.add(good.frame(POOL));
            batch.add(atTheEndOfItsSlot(input, at + 3, length, metadata));
            good = good.next();
            at += 3 + length;
        }
        batch.add(good.frame(POOL));
        List<byte[]> given = wire(batch);
        int size = batch.size();
        int lost = COALESCER.coalesce(batch);
        assertThat(batch.size()).isEqualTo(size - lost);
        assertThat(wire(batch)).containsExactlyInAnyOrderElementsOf(given);
        batch.release();
        assertThat(POOL.inUse()).isZero();
    }

    /** Reading behind its end would throw. */
    private static Frame atTheEndOfItsSlot(byte[] input, int from, int length, int metadata) {
        Frame frame = POOL.allocate(FramePool.SMALL_LENGTH);
        frame.consume(FramePool.SMALL_LENGTH - length);
        frame.putBytes(0, input, from, length);
        int start = metadata >>> 2 & 0x3f;
        if ((metadata & 1) != 0 && start + 18 <= length) {
            frame.offload(Frame.OFFLOAD_CHECKSUM_PARTIAL, 0, 0, 0, start, (metadata & 2) == 0 ? 16 : 6);
        }
        return frame;
    }

    private static List<byte[]> wire(FrameBatch batch) {
        List<byte[]> frames = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            frames.addAll(WireReference.frames(batch.get(i)));
        }
        return frames;
    }
}
