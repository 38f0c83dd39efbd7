package io.weft.port;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class FrameInboxTest {
    private final FramePool pool = new FramePool(6, 0);
    private final PortCounters producer = new PortCounters();
    private final PortCounters worker = new PortCounters();
    private final AtomicInteger wakeups = new AtomicInteger();
    private final FrameInbox inbox = new FrameInbox(9, 4, pool, producer, wakeups::incrementAndGet);

    private static PortStatistics read(PortCounters counters) {
        return PortStatistics.sum(List.of(counters));
    }

    @Test
    void shouldStampTheIngressPortAndKeepTheOrder() {
        for (int i = 0; i < 3; i++) {
            Frame frame = inbox.allocate(20 + i);
            assertThat(frame.length()).isEqualTo(20 + i);
            assertThat(inbox.offer(frame)).isTrue();
        }
        assertThat(wakeups).hasValue(0);
        inbox.flush();
        assertThat(wakeups).hasValue(1);
        assertThat(inbox.isEmpty()).isFalse();
        FrameBatch batch = new FrameBatch();
        assertThat(inbox.drain(batch, 2)).isEqualTo(2);
        assertThat(batch.get(0).ingress()).isEqualTo(9);
        assertThat(batch.get(1).length()).isEqualTo(21);
        assertThat(inbox.drain(batch, 64)).isEqualTo(1);
        assertThat(inbox.isEmpty()).isTrue();
        assertThat(read(producer).rxFrames()).as("counted when it is forwarded").isZero();
    }

    @Test
    void shouldDropAndCountWhatDoesNotFit() {
        for (int i = 0; i < 5; i++) {
            assertThat(inbox.offer(inbox.allocate(60))).isEqualTo(i < 4);
        }
        assertThat(pool.inUse()).as("the fifth was released").isEqualTo(4);
        PortStatistics statistics = read(producer);
        assertThat(statistics.rxFrames()).isEqualTo(1);
        assertThat(statistics.rxBytes()).isEqualTo(60);
        assertThat(statistics.dropped(DropReason.RX_QUEUE_FULL)).isEqualTo(1);
        assertThat(statistics.unaccounted()).isZero();
    }

    @Test
    void shouldCountAFrameThatFoundNoMemory() {
        for (int i = 0; i < 6; i++) {
            inbox.allocate(60);
        }
        assertThat(inbox.allocate(99)).isNull();
        assertThat(read(producer).dropped(DropReason.POOL_EMPTY)).isEqualTo(1);
        assertThat(read(producer).rxBytes()).isEqualTo(99);
        inbox.drop(10, DropReason.MALFORMED);
        assertThat(read(producer).dropped())
                .isEqualTo(2)
                .isEqualTo(read(producer).rxFrames());
    }

    @Test
    void shouldDropAndCountWhatWaitsWhenThePortLeavesAndWhatComesLater() {
        inbox.offer(inbox.allocate(60));
        inbox.offer(inbox.allocate(70));
        inbox.close(worker);
        assertThat(read(worker).dropped(DropReason.RX_PORT_DOWN)).isEqualTo(2);
        assertThat(read(worker).rxBytes()).isEqualTo(130);
        assertThat(pool.inUse()).isZero();

        assertThat(inbox.offer(inbox.allocate(80))).isTrue();
        inbox.flush();
        assertThat(pool.inUse()).isZero();
        assertThat(read(producer).dropped(DropReason.RX_PORT_DOWN)).isEqualTo(1);
        assertThat(read(producer).rxBytes()).isEqualTo(80);
        assertThat(read(producer).unaccounted() + read(worker).unaccounted()).isZero();
    }
}
