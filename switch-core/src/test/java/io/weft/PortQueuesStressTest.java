package io.weft;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.port.MemoryPort;
import io.weft.worker.AttachedDriver;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Ports with several queues come, go and fail while frames flow through all of them: afterwards every frame is accounted
 * for, everything is closed once, and no thread is left.
 */
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@ExtendWith(ExpectedFailures.class)
class PortQueuesStressTest {
    private static final int SENDERS = 2;
    private static final int FRAMES = 8_000; // of each sender
    private static final int LIVES = 60; // of each port that comes and goes

    private final TestThreads running = new TestThreads();
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong left = new AtomicLong();
    private VirtualSwitch lan;

    @Test
    void shouldAccountForEveryFrameWhilePortsWithQueuesComeAndGo() throws Exception {
        SplittableRandom seed = TestSeed.random("PortQueuesStressTest");
        for (int round = 0; round < 3 * TestSeed.effort(); round++) {
            storm("queues" + round, 1 + round % 3, seed.split());
        }
    }

    private void storm(String name, int workers, SplittableRandom random) throws Exception {
        sent.set(0);
        left.set(0);
        lan = VirtualSwitch.builder()
                .name(name)
                .workers(workers)
                .fdbCapacity(512)
                .build();
        lan.add(new MemoryPort("owned").onFrame(bytes -> {})); // reached through its owner
        QueuedPort stays = new QueuedPort("stays", 3);
        lan.add(stays);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < SENDERS; i++) {
            SplittableRandom sender = random.split();
            threads.add(running.start(() -> send(stays, sender, FRAMES)));
            SplittableRandom life = random.split();
            String passing = "passing" + i;
            threads.add(running.start(() -> comeAndGo(passing, life)));
        }
        running.join(threads);
        Eventually.await(
                "every frame accounted for",
                () -> lan.statistics().unaccounted() == 0
                        && lan.statistics().rxFrames() == sent.get() - left.get() - stays.left());
        lan.close();
        assertThat(stays.left()).as("a live port's queues are emptied").isZero();
        assertThat(lan.statistics().unaccounted()).isZero();
        assertThat(stays.ends).hasSize(4).startsWith("detached").endsWith("close 0");
        Eventually.assertNoThreads(name + "-");
    }

    private Void send(QueuedPort port, SplittableRandom random, int count) {
        RandomFrames frames = new RandomFrames(random.split());
        for (int i = 0; i < count; i++) {
            port.send(random.nextInt(port.queues.size()), frames.next());
            sent.incrementAndGet();
        }
        return null;
    }

    private Void comeAndGo(String name, SplittableRandom random) throws Exception {
        for (int life = 0; life < LIVES; life++) {
            int queues = 1 + random.nextInt(4);
            QueuedPort port = new QueuedPort(name, queues);
            if (random.nextBoolean()) {
                port.queuesFirst();
            }
            AttachedDriver attached = lan.add(port);
            send(port, random, random.nextInt(100));
            if (random.nextInt(4) == 0) {
                QueuedPort.RxQueue failing = port.queues.get(random.nextInt(queues));
                failing.onPoll = () -> {
                    throw new IllegalStateException("unexpected");
                };
                failing.context.wakeup();
                send(port, random, random.nextInt(20));
            }
            attached.close();
            assertThat(port.ends).hasSize(queues + 1).startsWith("detached").endsWith("close 0");
            left.addAndGet(port.left());
        }
        return null;
    }
}
