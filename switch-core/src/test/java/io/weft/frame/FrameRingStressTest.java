package io.weft.frame;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.TestSeed;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Rings and the pool's return path under threads, in small rings so that "full" and "empty" happen all the time.
 *
 * <p>A frame's number is written into its bytes before it is offered; what comes out must be the producer's next number,
 * with its bytes, and nothing may be left over or come twice.
 *
 * <p>Seen to catch, each broken on a copy of the code: a tail published before its slot is written; a head published
 * before the slots were read (SPSC) or nulled (MPSC); slots not nulled; a claim that stores the tail instead of comparing,
 * or that trusts the room it saw before a lost race; a pool that lets every thread push onto its stack. Not caught on x86,
 * which keeps loads and stores in order, while the compiler has no reason to move them here: release and acquire made
 * plain.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FrameRingStressTest {
    private static final int ROUNDS = 8;
    private static final int FRAMES = 20_000;
    private static final long DEADLINE_SECONDS = 60;

    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private volatile boolean stop;

    private Thread start(String name, Runnable task) {
        Thread thread = new Thread(
                () -> {
                    try {
                        task.run();
                    } catch (Throwable e) {
                        failure.compareAndSet(null, e);
                        stop = true;
                    }
                },
                name);
        thread.setDaemon(true); // one that hangs must not keep the JVM
        thread.start();
        return thread;
    }

    private void join(List<Thread> threads) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
        for (Thread thread : threads) {
            thread.join(Math.max(1, (deadline - System.nanoTime()) / 1_000_000));
            boolean hangs = thread.isAlive();
            stop = stop || hangs;
            assertThat(hangs).as(thread.getName() + " hangs").isFalse();
        }
        assertThat(failure.get()).isNull();
    }

    /** Offers {@code count} numbered frames one by one or in batches. */
    private void produce(FrameRing ring, int producer, int count, SplittableRandom random) {
        FramePool pool = new FramePool(256, 0);
        FrameBatch batch = new FrameBatch(32);
        int number = 0;
        while (number < count && !stop) {
            int wanted = Math.min(1 + random.nextInt(32), count - number);
            for (int i = 0; i < wanted; i++) {
                Frame frame = pool.allocate(14);
                while (frame == null && !stop) {
                    Thread.yield(); // all are in the ring or with the consumer
                    frame = pool.allocate(14);
                }
                if (stop) {
                    return;
                }
                frame.ingress(producer);
                frame.endpoint(number + i);
                frame.putLong(0, (long) producer << 32 | number + i);
                batch.add(frame);
            }
            int offered = 0;
            while (offered < wanted && !stop) {
                int taken = wanted == 1 ? ring.offer(batch.get(0)) ? 1 : 0 : ring.offer(batch, offered);
                offered += taken;
                if (taken == 0) {
                    Thread.yield();
                }
            }
            batch.clear();
            number += wanted;
        }
    }

    /** Takes frames one by one or in batches until all producers' frames came, each producer's in order. */
    private void consume(FrameRing ring, int producers, int each, SplittableRandom random) {
        int[] expected = new int[producers];
        FrameBatch batch = new FrameBatch(48);
        int left = producers * each;
        while (left > 0 && !stop) {
            if (random.nextInt(4) == 0) {
                Frame frame = ring.poll();
                if (frame != null) {
                    batch.add(frame);
                }
            } else {
                ring.drain(batch, 1 + random.nextInt(48));
            }
            for (int i = 0; i < batch.size(); i++) {
                Frame frame = batch.get(i);
                if (frame == null) {
                    throw new AssertionError("a slot was published before it was written");
                }
                int producer = frame.ingress();
                int number = expected[producer]++;
                if (frame.endpoint() != number || frame.getLong(0) != ((long) producer << 32 | number)) {
                    throw new AssertionError("from producer " + producer + " frame " + frame.endpoint() + " with bytes "
                            + Long.toHexString(frame.getLong(0)) + " instead of frame " + number);
                }
            }
            if (batch.isEmpty()) {
                Thread.yield();
            }
            left -= batch.size();
            batch.release();
        }
        if (!stop && !ring.isEmpty()) {
            throw new AssertionError("more came out than went in");
        }
    }

    @Test
    void shouldPassEveryFrameOnceAndInOrderBetweenTwoThreads() throws Exception {
        SplittableRandom random = TestSeed.random("SPSC stress");
        for (int round = 0; round < ROUNDS * TestSeed.effort(); round++) {
            FrameRing ring = new SpscFrameRing(1 << random.nextInt(7));
            SplittableRandom ofProducer = random.split();
            SplittableRandom ofConsumer = random.split();
            join(List.of(
                    start("producer", () -> produce(ring, 0, FRAMES, ofProducer)),
                    start("consumer", () -> consume(ring, 1, FRAMES, ofConsumer))));
        }
    }

    @Test
    void shouldPassEveryFrameOnceAndInOrderFromManyThreads() throws Exception {
        SplittableRandom random = TestSeed.random("MPSC stress");
        int producers = 4;
        for (int round = 0; round < ROUNDS * TestSeed.effort(); round++) {
            FrameRing ring = new MpscFrameRing(1 << random.nextInt(7));
            List<Thread> threads = new ArrayList<>();
            SplittableRandom ofConsumer = random.split();
            threads.add(start("consumer", () -> consume(ring, producers, FRAMES / producers, ofConsumer)));
            for (int i = 0; i < producers; i++) {
                int producer = i;
                SplittableRandom ofProducer = random.split();
                threads.add(start("producer-" + i, () -> produce(ring, producer, FRAMES / producers, ofProducer)));
            }
            join(threads);
        }
    }

    /**
     * The owner allocates and gives frames away, others release them, sometimes the owner itself: no frame may be in two
     * hands, and all come home.
     */
    @Test
    void shouldBringEveryFrameHomeThatOtherThreadsRelease() throws Exception {
        SplittableRandom random = TestSeed.random("FramePool stress");
        int releasers = 3;
        for (int round = 0; round < ROUNDS * TestSeed.effort(); round++) {
            FramePool pool = new FramePool(64, 4);
            List<SpscFrameRing> away = new ArrayList<>();
            List<Thread> threads = new ArrayList<>();
            CountDownLatch done = new CountDownLatch(1);
            AtomicLong released = new AtomicLong();
            for (int i = 0; i < releasers; i++) {
                SpscFrameRing ring = new SpscFrameRing(16);
                int mark = i + 1;
                away.add(ring);
                threads.add(start("releaser-" + i, () -> {
                    long count = 0;
                    while (!stop) {
                        boolean last = done.getCount() == 0;
                        Frame frame = ring.poll();
                        if (frame != null) {
                            if (frame.endpoint() != mark || frame.getLong(0) != mark) {
                                throw new AssertionError("a frame of mine is in another hand, too: " + frame);
                            }
                            frame.release();
                            count++;
                        } else if (last) {
                            break;
                        } else {
                            Thread.yield();
                        }
                    }
                    released.addAndGet(count);
                }));
            }
            long givenAway = 0;
            SplittableRandom mine = random.split();
            pool.own();
            for (int i = 0; i < FRAMES && !stop; i++) {
                Frame frame = pool.allocate(mine.nextInt(16) == 0 ? 4_000 : 60);
                if (frame == null) {
                    Thread.yield();
                    continue;
                }
                int to = mine.nextInt(releasers + 1);
                frame.endpoint(to);
                frame.putLong(0, to);
                if (to > 0 && away.get(to - 1).offer(frame)) {
                    givenAway++;
                } else {
                    frame.release();
                }
            }
            done.countDown();
            join(threads);
            assertThat(released.get()).isEqualTo(givenAway).isPositive();
            assertThat(pool.inUse()).isZero();
            for (int i = 0; i < 64; i++) {
                assertThat(pool.allocate(60))
                        .as("all 64 small frames came home")
                        .isNotNull();
            }
        }
    }
}
