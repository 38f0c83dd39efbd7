package io.weft.tap;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.TestSeed;
import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import io.weft.offload.Coalescer;
import io.weft.offload.RandomFlows;
import io.weft.offload.ScapyCase;
import io.weft.offload.Segments;
import io.weft.offload.VirtioFrame;
import io.weft.port.Offload;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The kernel's own segmentation beside ours. */
@Timeout(300)
class KernelSegmentationIT {
    @TempDir
    Path folder;

    @BeforeEach
    void probe() {
        KernelSegments.assumeAvailable();
    }

    /** That the cases which scapy makes are right is not scapy's opinion alone. */
    @Test
    void shouldAgreeWithScapy() throws Exception {
        // A TCP "super-frame" of one segment is dropped, instead of sent, where it has TCP options: Linux compares what
        // is
        // behind the shortest header with the segment size, and later the payload.
        List<ScapyCase> cases = ScapyCase.all().stream()
                .filter(one -> one.frames().size() > 1 || one.superFrame().gsoType() == 0)
                .toList();
        assertThat(cases).hasSizeGreaterThan(1_000);
        List<List<byte[]>> kernels =
                KernelSegments.of(cases.stream().map(ScapyCase::superFrame).toList(), folder);
        for (int i = 0; i < cases.size(); i++) {
            assertThat(kernels.get(i).toArray())
                    .as(cases.get(i).name())
                    .isEqualTo(cases.get(i).frames().toArray());
        }
    }

    /** What a TAP makes of the super-frames that are written to it: the frames that were received. */
    @Test
    void shouldCutTheSuperFramesThatWeMade() throws Exception {
        SplittableRandom random = TestSeed.random("KernelSegmentationIT");
        FramePool pool = new FramePool(512, 192);
        Coalescer coalescer = new Coalescer(pool, EnumSet.allOf(Offload.class));
        List<VirtioFrame> superFrames = new ArrayList<>();
        List<List<byte[]>> ours = new ArrayList<>();
        for (int round = 0; round < 200; round++) {
            FrameBatch batch = new FrameBatch();
            new RandomFlows(random, 1 + random.nextInt(5), 30)
                    .next(64)
                    .forEach(sent -> batch.add(VirtioFrame.plain(sent.bytes()).received(pool)));
            coalescer.coalesce(batch);
            for (int i = 0; i < batch.size(); i++) {
                if (batch.get(i).gsoType() != 0) {
                    superFrames.add(VirtioFrame.of(batch.get(i)));
                    ours.add(Segments.of(batch.get(i), pool));
                }
            }
            batch.release();
        }
        assertThat(superFrames).hasSizeGreaterThan(500);
        List<List<byte[]>> kernels = KernelSegments.of(superFrames, folder);
        for (int i = 0; i < superFrames.size(); i++) {
            assertThat(kernels.get(i).toArray())
                    .as(superFrames.get(i).toString())
                    .isEqualTo(ours.get(i).toArray());
        }
    }
}
