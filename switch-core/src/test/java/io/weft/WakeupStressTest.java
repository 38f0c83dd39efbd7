package io.weft;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.port.MemoryPort;
import io.weft.worker.AttachedDriver;
import io.weft.worker.IdleStrategy;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * That whoever publishes something for a sleeping worker wakes it. One frame, or a few, bounce through two wires with two
 * workers each, so that every hop finds a worker that sleeps, is about to, or was just woken. The workers of a wire have no
 * timers: a wake-up that is lost is a frame that stays for ever, and the test's deadline.
 *
 * <p>Seen to catch, each broken on a copy of the code: no wake-up after a hand-off or in an inbox; a worker that does not
 * look for work, or (with {@code -Dweft.effort=20}) not for handed-over frames, between saying that it sleeps and sleeping;
 * a request to poll that is cleared after the poll.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WakeupStressTest {
    private static final int ROUND_TRIPS = 4_000;
    private static final long DEADLINE_SECONDS = 60;

    /** Plugs what leaves by one port into another. */
    private static void plug(MemoryPort from, MemoryPort to) {
        from.onFrame(to::send);
    }

    @Test
    void shouldWakeEveryWorkerOnTheWay() throws Exception {
        SplittableRandom random = TestSeed.random("WakeupStressTest");
        MemoryPort here = new MemoryPort("here");
        MemoryPort leftOut = new MemoryPort("left-out");
        MemoryPort rightIn = new MemoryPort("right-in");
        MemoryPort there = new MemoryPort("there");
        try (Wire left = Wire.between(here, leftOut);
                Wire right = Wire.between(rightIn, there)) {
            Semaphore back = new Semaphore(0);
            plug(leftOut, rightIn);
            plug(rightIn, leftOut);
            plug(there, there); // an echo
            here.onFrame(bytes -> back.release());
            for (int i = 0; i < ROUND_TRIPS * TestSeed.effort(); i++) {
                int frames = random.nextInt(4) == 0 ? 1 + random.nextInt(5) : 1;
                for (int j = 0; j < frames; j++) {
                    assertThat(here.send(new byte[60])).isTrue();
                }
                for (int spin = random.nextInt(3) * random.nextInt(2_000); spin > 0; spin--) {
                    Thread.onSpinWait(); // so that the frame is sometimes back before anybody waits
                }
                assertThat(back.tryAcquire(frames, DEADLINE_SECONDS, TimeUnit.SECONDS))
                        .as("a wake-up was lost in round trip " + i)
                        .isTrue();
            }
            assertThat(left.statistics().unaccounted()).isZero();
            assertThat(right.statistics().unaccounted()).isZero();
        }
    }

    /** The same from several threads at once: each sends, waits until all have arrived, and sends again. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldBeWokenByAnyOfManyThreads(boolean spinning) throws Exception {
        IdleStrategy idle = spinning ? IdleStrategy.adaptive(Duration.ofNanos(50_000)) : IdleStrategy.SLEEP;
        int senders = 3;
        AtomicInteger failed = new AtomicInteger();
        try (VirtualSwitch lan =
                VirtualSwitch.builder().workers(2).idleStrategy(idle).build()) {
            Thread[] threads = new Thread[senders];
            for (int t = 0; t < senders; t++) {
                MemoryPort from = new MemoryPort("from" + t);
                MemoryPort to = new MemoryPort("to" + t);
                Semaphore arrived = new Semaphore(0);
                to.onFrame(bytes -> arrived.release());
                lan.add(from);
                lan.add(to);
                byte[] hello = new byte[60];
                hello[5] = (byte) (2 * t + 2);
                hello[11] = (byte) (2 * t + 3);
                to.send(hello); // from station 2t+3, which the frames below go to
                Eventually.await("the station to be learned", () -> lan.fdb().stations().stream()
                        .anyMatch(station -> station.port().equals(to.name())));
                byte[] frame = new byte[60];
                frame[5] = hello[11];
                frame[11] = hello[5];
                threads[t] = new Thread(() -> {
                    for (int i = 0; i < ROUND_TRIPS / 2 * TestSeed.effort(); i++) {
                        from.send(frame);
                        try {
                            if (!arrived.tryAcquire(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
                                failed.incrementAndGet();
                                return;
                            }
                        } catch (InterruptedException e) {
                            return;
                        }
                    }
                });
            }
            for (Thread thread : threads) {
                thread.start();
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(failed).hasValue(0);
        }
    }

    /** Commands wake a worker, too: each add and each close is one. */
    @Test
    void shouldBeWokenByCommands() throws Exception {
        try (VirtualSwitch lan = VirtualSwitch.builder().workers(2).build()) {
            lan.add(new MemoryPort("stays"));
            for (int i = 0; i < 1_000 * TestSeed.effort(); i++) {
                AttachedDriver attached = lan.add(new ScriptedDriver("passes"));
                attached.close();
            }
            assertThat(lan.ports()).hasSize(1);
        }
    }
}
