package io.weft.offload;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.TestSeed;
import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Bursts of flows at random, with whatever a receiver that merges must not overlook: the same frames, in the same order. */
class RunAssemblerRandomTest {
    private static final int BURSTS = 2_000;

    private final SplittableRandom random = TestSeed.random("RunAssemblerRandomTest");
    private final FramePool pool = new FramePool(128, 80);
    private final FramePool buffers = new FramePool(64, 4);

    @Test
    void shouldGiveBackTheBurstWhenCutAgain() {
        RunAssembler assembler = new RunAssembler(pool, Frame.MAX_LENGTH);
        int given = 0;
        int merged = 0;
        for (int i = 0; i < BURSTS * TestSeed.effort(); i++) {
            RandomFlows flows = new RandomFlows(random.split(), 1 + random.nextInt(3), 2 + random.nextInt(60));
            List<byte[]> sent = new ArrayList<>();
            flows.next(1 + random.nextInt(64)).forEach(frame -> sent.add(frame.bytes()));
            List<Frame> hoarded = hoard();
            FrameBatch batch = new FrameBatch(sent.size());
            int lost = ReceivedBurst.add(sent, assembler, buffers, batch);
            assembler.finish(batch);
            given += sent.size();
            merged += sent.size() - lost - batch.size();
            List<byte[]> received = new ArrayList<>();
            for (int j = 0; j < batch.size(); j++) {
                assertThat(OffloadCheck.isSound(batch.get(j))).isTrue();
                received.addAll(Segments.of(batch.get(j), buffers));
            }
            if (lost == 0) {
                ReceivedBurst.assertSame(received, sent);
            } else { // frames longer than a small slot
                assertThat(hoarded).isNotEmpty();
                assertThat(received).hasSize(sent.size() - lost);
                assertThat(isSubsequence(received, sent)).isTrue();
            }
            batch.release();
            hoarded.forEach(Frame::release);
            assertThat(pool.inUse() + buffers.inUse()).isZero();
        }
        assertThat(merged).isGreaterThan(given / 10); // or this proves little
        System.out.println("RunAssemblerRandomTest: " + merged + " of " + given + " frames merged away");
    }

    private static boolean isSubsequence(List<byte[]> some, List<byte[]> all) {
        int found = 0;
        for (byte[] frame : all) {
            if (found < some.size() && Arrays.equals(some.get(found), frame)) {
                found++;
            }
        }
        return found == some.size();
    }

    /** Leaves few large slots, or none. */
    private List<Frame> hoard() {
        List<Frame> frames = new ArrayList<>();
        if (random.nextInt(4) == 0) {
            int left = random.nextInt(4);
            while (frames.size() < 80 - left) {
                frames.add(pool.allocate(Frame.MAX_LENGTH));
            }
        }
        return frames;
    }
}
