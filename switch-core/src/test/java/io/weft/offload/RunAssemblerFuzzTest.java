package io.weft.offload;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Any burst, assembled and cut again, is the same frames in the same order.
 *
 * <p>The input: a byte that says how many large slots there are (none, few, enough), then frames as {@link SegmentRunFuzzTest} has them.
 */
class RunAssemblerFuzzTest {
    private static final FramePool BUFFERS = new FramePool(128, 4);
    private static final FramePool[] POOLS = {new FramePool(128, 0), new FramePool(128, 2), new FramePool(128, 64)};

    @FuzzTest
    void shouldGiveBackTheSameFrames(byte[] input) {
        if (input.length == 0) {
            return;
        }
        BUFFERS.own();
        FramePool pool = POOLS[(input[0] & 0xff) % POOLS.length];
        pool.own();
        RunAssembler assembler = new RunAssembler(pool, Frame.MAX_LENGTH);
        List<byte[]> sent = SegmentRunFuzzTest.frames(ByteBuffer.wrap(input, 1, input.length - 1));
        FrameBatch batch = new FrameBatch();
        int lost = ReceivedBurst.add(sent, assembler, BUFFERS, batch);
        assembler.finish(batch);
        List<byte[]> received = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            assertThat(OffloadCheck.isSound(batch.get(i))).isTrue();
            received.addAll(Segments.of(batch.get(i), BUFFERS));
        }
        batch.release();
        assertThat(pool.inUse() + BUFFERS.inUse()).isZero();
        if (lost == 0) {
            ReceivedBurst.assertSame(received, sent);
        } else {
            assertThat(sent).anyMatch(frame -> frame.length > FramePool.SMALL_LENGTH);
            assertThat(received).hasSize(sent.size() - lost);
        }
    }
}
