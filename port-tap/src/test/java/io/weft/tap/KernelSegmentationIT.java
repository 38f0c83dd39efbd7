package io.weft.tap;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.offload.ScapyCase;
import java.nio.file.Path;
import java.util.List;
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
}
