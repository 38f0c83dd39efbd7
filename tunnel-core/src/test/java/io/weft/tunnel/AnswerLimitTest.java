package io.weft.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.TestSeed;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Held against a bucket that is filled as buckets are. */
class AnswerLimitTest {
    @Test
    void shouldDoAsABucketDoes() {
        SplittableRandom random = TestSeed.random("AnswerLimitTest");
        for (int round = 0; round < 200; round++) {
            int burst = 1 + random.nextInt(20);
            long intervalNs = 1_000_000;
            AnswerLimit limit = new AnswerLimit(1_000, burst);
            long now = random.nextLong(-1_000_000_000_000L, 1_000_000_000_000L);
            long tokens = burst * intervalNs; // in nanoseconds: nothing is rounded
            for (int i = 0; i < 500; i++) {
                long pause = random.nextInt(4) == 0 ? random.nextLong(30 * intervalNs) : random.nextLong(intervalNs);
                now += pause;
                tokens = Math.min(burst * intervalNs, tokens + pause);
                boolean has = tokens >= intervalNs;
                assertThat(limit.take(now)).isEqualTo(has);
                tokens -= has ? intervalNs : 0;
            }
        }
    }

    @Test
    void shouldGiveThreadsNoMoreThanOne() throws Exception {
        AnswerLimit limit = new AnswerLimit(1, 10_000);
        AtomicInteger given = new AtomicInteger();
        CountDownLatch start = new CountDownLatch(1);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Thread thread = new Thread(() -> {
                try {
                    start.await();
                } catch (InterruptedException e) {
                    return;
                }
                int mine = 0;
                for (int j = 0; j < 8_000; j++) {
                    mine += limit.take(5) ? 1 : 0;
                }
                given.addAndGet(mine);
            });
            thread.start();
            threads.add(thread);
        }
        start.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(given).hasValue(10_000);
    }

    @ParameterizedTest
    @CsvSource({"0, 1, perSecond", "-1, 1, perSecond", "1000001, 1, perSecond", "1, 0, burst", "1, 1000001, burst"})
    void shouldRefuseWhatIsOutOfRange(int perSecond, int burst, String option) {
        assertThatThrownBy(() -> new AnswerLimit(perSecond, burst))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(option)
                .hasMessageContaining("accepted: 1..1000000");
    }
}
