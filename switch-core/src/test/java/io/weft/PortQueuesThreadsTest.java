package io.weft;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.bridge.PortSettings;
import io.weft.bridge.RateLimit;
import io.weft.impairment.ImpairedDriver;
import io.weft.impairment.Impairment;
import io.weft.port.DropReason;
import io.weft.port.MemoryPort;
import io.weft.worker.AttachedDriver;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Ports with several receive queues and workers that are threads: who polls them, in which order, and how they leave. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@ExtendWith(ExpectedFailures.class)
class PortQueuesThreadsTest {
    private VirtualSwitch lan;

    private void threaded(String name, int workers) {
        lan = VirtualSwitch.builder().name(name).workers(workers).build();
    }

    @AfterEach
    void assertBooksBalance() {
        lan.close();
        assertThat(lan.statistics().unaccounted()).isZero();
    }

    @Test
    void shouldPollQueuesOfOneWorkerInTurn() throws Exception {
        threaded("one", 1);
        QueuedPort port = new QueuedPort("many", 3);
        lan.add(port);
        for (int queue = 0; queue < 3; queue++) {
            port.send(queue, PortQueuesTest.frame(queue, 1));
        }
        Eventually.await("all queues", () -> lan.statistics().rxFrames() == 3);
        assertThat(lan.ports()).hasSize(1);
        for (QueuedPort.RxQueue queue : port.queues) {
            assertThat(queue.polledBy).containsExactly("one-worker-0");
        }
    }

    @Test
    void shouldSpreadQueuesOverWorkersAndKeepTheOrderWithinEach() throws Exception {
        threaded("spread", 3);
        int frames = 20_000;
        Queue<byte[]> arrived = new ConcurrentLinkedQueue<>();
        QueuedPort port = new QueuedPort("many", 3);
        QueuedPort sink = new QueuedPort("sink", 1).onFrame(arrived::add);
        lan.add(port);
        lan.add(sink);
        for (int i = 0; i < frames; i++) {
            for (int queue = 0; queue < 3; queue++) {
                port.send(queue, PortQueuesTest.frame(queue, i));
            }
        }
        Eventually.await(
                "every frame", () -> lan.statistics().rxFrames() == 3L * frames && arrived.size() == 3 * frames);
        int[] next = new int[3];
        for (byte[] frame : arrived) {
            int queue = frame[11];
            assertThat(ByteBuffer.wrap(frame).getInt(PortQueuesTest.NUMBER)).isEqualTo(next[queue]++);
        }
        assertThat(next).containsOnly(frames);
        assertThat(port.queues.stream().map(queue -> queue.polledBy))
                .containsExactlyInAnyOrder(
                        Set.of("spread-worker-0"), Set.of("spread-worker-1"), Set.of("spread-worker-2"));
    }

    @Test
    void shouldPlaceWhatComesNextWhereTheLeastIsPolled() throws Exception {
        threaded("place", 3);
        lan.add(new QueuedPort("two", 2));
        QueuedPort next = new QueuedPort("one", 1);
        lan.add(next);
        next.send(0, PortQueuesTest.frame(0, 1));
        Eventually.await("it", () -> lan.statistics().rxFrames() == 1);
        assertThat(next.queues.get(0).polledBy).containsExactly("place-worker-2");
    }

    @Test
    void shouldPollTheQueuesOfAnImpairedDriverOnItsOneWorker() throws Exception {
        threaded("worse", 2);
        QueuedPort port = new QueuedPort("many", 2);
        Impairment none = Impairment.builder().build();
        lan.add(new ImpairedDriver(port, none, none));
        for (int i = 0; i < 200; i++) {
            port.send(i % 2, PortQueuesTest.frame(i % 2, i));
        }
        Eventually.await("all", () -> lan.statistics().rxFrames() == 200);
        assertThat(port.queues.get(0).polledBy).isEqualTo(port.queues.get(1).polledBy);
        lan.close();
        assertThat(port.ends).containsExactly("detached", "close 1", "close 0");
    }

    @Test
    void shouldCloseQueuesOnTheirWorkersWhenThePortHasLeftAndTheDriverThen() throws Exception {
        threaded("leave", 3);
        QueuedPort port = new QueuedPort("many", 3);
        AttachedDriver attached = lan.add(port);
        attached.close();
        assertThat(port.ends).hasSize(4).startsWith("detached").endsWith("close 0");
        assertThat(port.queues.stream().map(queue -> queue.closedBy))
                .containsExactlyInAnyOrder("leave-worker-0", "leave-worker-1", "leave-worker-2");
        assertThat(lan.ports()).isEmpty();
        lan.add(new QueuedPort("many", 2)); // its name is free
    }

    @Test
    void shouldCloseWhileEveryQueueIsBusy() throws Exception {
        for (int round = 0; round < 20; round++) {
            threaded("busy", 2);
            QueuedPort port = new QueuedPort("many", 3);
            lan.add(port);
            lan.add(new MemoryPort("sink").onFrame(bytes -> {}));
            CountDownLatch flowing = new CountDownLatch(3 * 500);
            List<Thread> senders = new ArrayList<>();
            int frames = 3_000;
            for (int q = 0; q < 3; q++) {
                int queue = q;
                Thread sender = new Thread(() -> {
                    for (int i = 0; i < frames; i++) {
                        port.send(queue, PortQueuesTest.frame(queue, i));
                        flowing.countDown();
                    }
                });
                senders.add(sender);
                sender.start();
            }
            assertThat(flowing.await(60, TimeUnit.SECONDS)).isTrue();
            lan.close();
            for (Thread sender : senders) {
                sender.join();
            }
            assertThat(lan.statistics().rxFrames() + port.left()).isEqualTo(3L * frames);
            assertThat(lan.statistics().unaccounted()).isZero();
            Eventually.assertNoThreads("busy-");
        }
    }

    @Test
    void shouldTakeTheDriverOutWhenAQueuesTaskThrows() throws Exception {
        threaded("task", 2);
        QueuedPort port = new QueuedPort("many", 2);
        lan.add(port);
        port.queues.get(1).context.schedule(0, () -> {
            throw new IllegalStateException("unexpected");
        });
        Eventually.await("it to leave", () -> port.ends.contains("close 0"));
        assertThat(port.ends).containsExactly("detached", "close 1", "close 0");
    }

    @Test
    void shouldLimitAllQueuesTogether() throws Exception {
        int burst = 20_000;
        int frames = 2 * burst;
        for (int round = 0; round < 5; round++) {
            threaded("limit", 2);
            lan.add(new QueuedPort("sink", 1));
            QueuedPort port = new QueuedPort("many", 2);
            for (int i = 0; i < frames; i++) {
                port.send(i % 2, PortQueuesTest.frame(i % 2, i));
            }
            long startNs = System.nanoTime();
            lan.add(
                    port,
                    PortSettings.builder()
                            .ingressPolicing(RateLimit.frames(1, burst))
                            .build());
            Eventually.await(
                    "all",
                    () -> lan.statistics().rxFrames() == frames
                            && lan.statistics().unaccounted() == 0);
            long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNs) + 1;
            assertThat(frames - lan.statistics().dropped(DropReason.RX_POLICED))
                    .as("frames that passed in at most " + seconds + " s")
                    .isBetween((long) burst, burst + seconds);
            lan.close();
        }
    }
}
