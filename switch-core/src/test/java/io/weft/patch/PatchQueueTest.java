package io.weft.patch;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.TestSeed;
import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import io.weft.port.DropReason;
import io.weft.port.PortContext;
import io.weft.port.PortCounters;
import io.weft.port.PortHandle;
import io.weft.port.PortStatistics;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A queue without switches: what happens when senders come too late.
 *
 * <p>Seen to catch, each broken on a copy of the code: a sender that does not look whether the queue was closed; bytes of
 * frames that did not fit counted as sent; an endpoint that stays on the frame.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PatchQueueTest {
    private static final int INDEX = 5;

    private final List<PortCounters> accounts = new ArrayList<>();
    private final PortHandle handle = fake(PortHandle.class);
    private final PortContext context = fake(PortContext.class);
    private final FramePool pool = new FramePool();
    private final FrameBatch batch = new FrameBatch(2_000);
    private final PortCounters sender = new PortCounters();

    /** Index, accounts, and nothing for all else. */
    private <T> T fake(Class<T> type) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> switch (method.getName()) {
                    case "index" -> INDEX;
                    case "openCounters" -> {
                        PortCounters account = new PortCounters();
                        accounts.add(account);
                        yield account;
                    }
                    case "wakeup" -> null;
                    default -> throw new UnsupportedOperationException(method.getName());
                }));
    }

    private void fill(int frames, int length) {
        pool.own(); // not the thread that made the test
        for (int i = 0; i < frames; i++) {
            batch.add(pool.allocate(length));
        }
    }

    private PortStatistics sent() {
        return PortStatistics.sum(List.of(sender));
    }

    private PortStatistics discarded() {
        return PortStatistics.sum(accounts);
    }

    @Test
    void shouldCountOnlyWhatFits() {
        PatchQueue queue = new PatchQueue(context, handle);
        fill(PatchPort.QUEUE_CAPACITY - 2, 60);
        queue.offer(batch, sender);
        fill(5, 100);
        queue.offer(batch, sender);
        assertThat(batch.isEmpty()).isTrue();
        assertThat(sent().txFrames()).isEqualTo(PatchPort.QUEUE_CAPACITY);
        assertThat(sent().txBytes()).isEqualTo(60L * (PatchPort.QUEUE_CAPACITY - 2) + 200);
        assertThat(sent().dropped(DropReason.TX_QUEUE_FULL)).isEqualTo(3);
        assertThat(pool.inUse()).isEqualTo(PatchPort.QUEUE_CAPACITY);
    }

    @Test
    void shouldStampWhatItGivesOut() {
        PatchQueue queue = new PatchQueue(context, handle);
        fill(3, 60);
        batch.get(0).endpoint(9);
        batch.get(1).ingress(77);
        batch.get(2).offload(Frame.OFFLOAD_CHECKSUM_VALID, 0, 0, 0, 0, 0);
        queue.offer(batch, sender);
        assertThat(queue.poll(batch, 2)).isEqualTo(2);
        assertThat(queue.poll(batch, 2)).isEqualTo(1);
        for (int i = 0; i < 3; i++) {
            assertThat(batch.get(i).ingress()).isEqualTo(INDEX);
            assertThat(batch.get(i).endpoint()).isZero();
        }
        assertThat(batch.get(2).offloadFlags()).isEqualTo(Frame.OFFLOAD_CHECKSUM_VALID);
    }

    @Test
    void shouldDiscardAndCountWhatComesAfterItWasClosed() {
        PatchQueue queue = new PatchQueue(context, handle);
        fill(2, 60);
        queue.offer(batch, sender);
        queue.close();
        fill(3, 100);
        queue.offer(batch, sender);
        assertThat(sent().txFrames()).isEqualTo(5);
        assertThat(discarded().rxFrames()).isEqualTo(5);
        assertThat(discarded().rxBytes()).isEqualTo(420);
        assertThat(discarded().dropped(DropReason.RX_PORT_DOWN)).isEqualTo(5);
        assertThat(pool.inUse()).isZero();
    }

    @Test
    void shouldLoseNothingWhoeverIsFirstWhenItCloses() throws Exception {
        SplittableRandom random = TestSeed.random("PatchQueueTest");
        for (int round = 0; round < 3_000 * TestSeed.effort(); round++) {
            accounts.clear();
            PatchQueue queue = new PatchQueue(context, handle);
            CyclicBarrier together = new CyclicBarrier(3);
            List<FutureTask<PortCounters>> senders = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                int bursts = 1 + random.nextInt(6);
                FutureTask<PortCounters> task = new FutureTask<>(() -> sendAll(queue, bursts, together));
                senders.add(task);
                new Thread(task, "patch-queue-sender").start();
            }
            int spins = random.nextInt(200);
            together.await();
            FrameBatch taken = new FrameBatch();
            int polled = 0;
            for (int i = 0; i < spins; i++) {
                polled += queue.poll(taken, taken.remaining());
                taken.release();
            }
            queue.close();
            PortStatistics all = PortStatistics.sum(
                    List.of(senders.get(0).get(), senders.get(1).get()));
            assertThat(polled + discarded().rxFrames()).isEqualTo(all.txFrames());
            assertThat(discarded().dropped(DropReason.RX_PORT_DOWN))
                    .isEqualTo(discarded().rxFrames());
        }
    }

    /** Sends from a pool of the calling thread, which gets all of it back in the end. */
    private static PortCounters sendAll(PatchQueue queue, int bursts, CyclicBarrier together) throws Exception {
        FramePool own = new FramePool(256, 0);
        FrameBatch frames = new FrameBatch();
        PortCounters counters = new PortCounters();
        together.await();
        for (int i = 0; i < bursts; i++) {
            for (int k = 0; k < 8; k++) {
                frames.add(own.allocate(60));
            }
            queue.offer(frames, counters);
        }
        return counters;
    }
}
