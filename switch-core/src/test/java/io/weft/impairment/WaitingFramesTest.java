package io.weft.impairment;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.TestSeed;
import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class WaitingFramesTest {
    private record Waiting(Frame frame, long dueNs) {}

    @Test
    void shouldGiveOutTheEarliestFirstAsASlowListDoes() {
        SplittableRandom random = TestSeed.random("WaitingFramesTest");
        FramePool pool = new FramePool(500, 0);
        for (int round = 0; round < 50; round++) {
            long now = random.nextInt(3) == 0 ? Long.MAX_VALUE - 20 : random.nextLong(); // may wrap around
            int limit = 1 + random.nextInt(300);
            WaitingFrames frames = new WaitingFrames(limit);
            List<Waiting> slow = new ArrayList<>();
            for (int i = 0; i < 2_000; i++) {
                assertThat(frames.isEmpty()).isEqualTo(slow.isEmpty());
                assertThat(frames.isFull()).isEqualTo(slow.size() == limit);
                if (!frames.isFull() && (slow.isEmpty() || random.nextInt(5) < 3)) {
                    Waiting one = new Waiting(pool.allocate(60), now + random.nextInt(40));
                    frames.add(one.frame, one.dueNs);
                    slow.add(one);
                } else {
                    Waiting first = slow.stream()
                            .min(Comparator.comparingLong(waiting -> waiting.dueNs - now))
                            .orElseThrow();
                    assertThat(frames.firstDueNs()).isEqualTo(first.dueNs);
                    assertThat(frames.take()).isSameAs(first.frame);
                    slow.remove(first);
                    first.frame.release();
                }
            }
            slow.forEach(waiting -> waiting.frame.release());
        }
    }
}
