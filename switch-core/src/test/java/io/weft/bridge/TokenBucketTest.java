package io.weft.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.TestSeed;
import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.offload.WireFrames;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** A bucket that fills as buckets do, against {@link TokenBucket}'s one number; and what two threads take of one. */
class TokenBucketTest {
    private static final int HEADERS = 54;

    private final FramePool pool = new FramePool(64, 16);

    private Frame frame(int segments, int gsoSize) {
        Frame frame = pool.allocate(HEADERS + segments * gsoSize);
        if (segments > 1) {
            frame.offload(Frame.OFFLOAD_CHECKSUM_PARTIAL, 1, gsoSize, HEADERS, 34, 16);
        }
        return frame;
    }

    /** Tokens in it; what costs more than it holds leaves it with less than none. */
    private static final class Slow {
        private final long burst;
        private long tokens;

        Slow(long burst) {
            this.burst = burst;
            this.tokens = burst;
        }

        void fill(long more) {
            tokens = Math.min(burst, tokens + more);
        }

        boolean has(long cost) {
            return tokens >= Math.min(cost, burst);
        }
    }

    @Test
    void shouldDoAsABucketDoes() {
        SplittableRandom random = TestSeed.random("TokenBucketTest");
        for (int round = 0; round < 200; round++) {
            // A frame in a microsecond, and a byte (8 bits) in a nanosecond: nothing is rounded.
            Slow frames = new Slow(1 + random.nextInt(60));
            Slow bytes = new Slow(65_536 + random.nextInt(60_000));
            RateLimit limit =
                    switch (random.nextInt(3)) {
                        case 0 -> RateLimit.frames(1_000_000, frames.burst);
                        case 1 -> RateLimit.bits(8_000_000_000L, 8 * bytes.burst);
                        default ->
                            RateLimit.frames(1_000_000, frames.burst)
                                    .and(RateLimit.bits(8_000_000_000L, 8 * bytes.burst));
                    };
            TokenBucket bucket = TokenBucket.of(limit, random.nextBoolean());
            long nowNs = random.nextLong(1_000_000_000_000L);
            for (int i = 0; i < 500; i++) {
                int gsoSize = 1 + random.nextInt(1_000);
                Frame frame = frame(1 + random.nextInt(random.nextBoolean() ? 3 : 60), gsoSize);
                boolean passes = (limit.framesPerSecond() == 0 || frames.has(WireFrames.count(frame)))
                        && (limit.bitsPerSecond() == 0 || bytes.has(WireFrames.bytes(frame)));
                assertThat(bucket.has(frame, nowNs))
                        .as("has, frame %d of round %d", i, round)
                        .isEqualTo(passes);
                assertThat(bucket.take(frame, nowNs))
                        .as("take, frame %d of round %d", i, round)
                        .isEqualTo(passes);
                if (passes) {
                    frames.tokens -= WireFrames.count(frame);
                    bytes.tokens -= WireFrames.bytes(frame);
                }
                frame.release();
                long us = random.nextInt(4) == 0 ? random.nextInt(100) : 0;
                nowNs += 1_000 * us;
                frames.fill(us);
                bytes.fill(1_000 * us);
            }
        }
    }

    @Test
    void shouldGiveTwoThreadsNoMoreThanThereIs() throws Exception {
        for (int[] shape : new int[][] {{1_000, 3, 333}, {1_000, 1, 1_000}, {10, 42, 1}, {42, 42, 1}, {84, 42, 2}}) {
            TokenBucket bucket = TokenBucket.of(RateLimit.frames(1_000, shape[0]), true);
            AtomicLong passed = new AtomicLong();
            CountDownLatch ready = new CountDownLatch(2);
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                Frame frame = frame(shape[1], 100);
                threads.add(new Thread(() -> {
                    ready.countDown();
                    while (ready.getCount() > 0) {
                        Thread.onSpinWait();
                    }
                    for (int k = 0; k < 2_000; k++) {
                        if (bucket.take(frame, 1_000)) {
                            passed.incrementAndGet();
                        }
                    }
                }));
            }
            threads.forEach(Thread::start);
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(passed.get())
                    .as("of %d frames, %d each", shape[0], shape[1])
                    .isEqualTo(shape[2]);
        }
    }
}
