package io.weft;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.event.Station;
import io.weft.event.SwitchListener;
import io.weft.fdb.FdbStatistics;
import io.weft.port.MemoryPort;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A MAC flood that somebody listens to, and does not keep up with. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SlowListenerTest {
    private static final int FLOOD = 10_000;

    /** Blocks in its first event until it is released; counts what it hears and what it is told it missed. */
    private static final class Slow implements SwitchListener {
        private final CountDownLatch blocked = new CountDownLatch(1);
        private final CountDownLatch release = new CountDownLatch(1);
        private final AtomicLong heard = new AtomicLong();
        private final AtomicLong lost = new AtomicLong();

        @Override
        public void learned(Station station) {
            heard();
        }

        @Override
        public void evicted(Station station) {
            heard();
        }

        @Override
        public void flushed(Station station) {
            heard();
        }

        private void heard() {
            heard.incrementAndGet();
            blocked.countDown();
            try {
                release.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void lost(long events) {
            lost.addAndGet(events);
        }
    }

    @Test
    void shouldForwardALoudFloodWhileAListenerSleepsAndSayHowMuchItMissed() throws Exception {
        Slow slow = new Slow();
        AtomicInteger arrived = new AtomicInteger();
        FdbStatistics statistics;
        try (VirtualSwitch lan =
                VirtualSwitch.builder().name("slow").listener(slow).build()) {
            MemoryPort from = new MemoryPort("from");
            lan.add(from);
            lan.add(new MemoryPort("to").onFrame(bytes -> arrived.incrementAndGet()));
            byte[] frame = new byte[60];
            Arrays.fill(frame, 0, 6, (byte) 0xff);
            ByteBuffer header = ByteBuffer.wrap(frame);
            for (int i = 0; i < FLOOD; i++) {
                header.putInt(6, 0x0200_0000).putInt(8, i + 1);
                while (!from.send(frame)) {
                    Thread.onSpinWait();
                }
                int sent = i + 1;
                if (sent % 500 == 0) { // one burst at a time, so that no queue between the threads is ever full
                    Eventually.await("frame " + sent, () -> arrived.get() >= sent);
                }
            }
            assertThat(slow.blocked.await(60, TimeUnit.SECONDS)).isTrue();
            assertThat(slow.heard).as("the listener still sleeps").hasValue(1);
            assertThat(arrived).as("forwarded meanwhile").hasValue(FLOOD);
            slow.release.countDown();
            lan.close(); // tells what waits
            statistics = lan.fdb().statistics();
        }
        assertThat(statistics.learned()).isGreaterThan(4_096 + 1);
        assertThat(slow.lost.get()).isPositive();
        assertThat(slow.heard.get() + slow.lost.get())
                .as("every change was heard or is known to be missed: %s", statistics)
                .isEqualTo(statistics.learned() + statistics.evicted() + statistics.flushed());
    }
}
