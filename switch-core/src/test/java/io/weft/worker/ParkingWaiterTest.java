package io.weft.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ParkingWaiterTest {
    private static final long FOR_EVER_NS = Long.MAX_VALUE / 2;

    private final ParkingWaiter waiter = new ParkingWaiter();
    private final int[] ready = new int[64];

    @Test
    void shouldRememberAWakeupThatCameBeforeItSlept() {
        waiter.wakeup(); // before it knows who sleeps
        assertThat(waiter.await(FOR_EVER_NS, ready)).isZero();
        waiter.wakeup();
        waiter.wakeup();
        assertThat(waiter.await(FOR_EVER_NS, ready)).isZero();
        assertThat(waiter.await(0, ready)).isZero();
    }

    @Test
    void shouldBeWokenByAnotherThread() throws InterruptedException {
        AtomicInteger rounds = new AtomicInteger();
        Thread sleeper = new Thread(() -> {
            while (rounds.get() < 1_000) {
                waiter.await(FOR_EVER_NS, ready);
                rounds.incrementAndGet();
            }
        });
        sleeper.setDaemon(true);
        sleeper.start();
        while (sleeper.isAlive()) {
            int before = rounds.get();
            waiter.wakeup();
            while (rounds.get() == before && sleeper.isAlive()) {
                Thread.onSpinWait();
            }
        }
        sleeper.join();
        assertThat(rounds).hasValue(1_000);
    }

    @Test
    void shouldReportEveryDescriptorSinceItSeesNone() {
        waiter.add(10, 3, true, false);
        waiter.add(11, 4, true, true);
        assertThat(waiter.await(FOR_EVER_NS, ready)).isEqualTo(2);
        assertThat(Set.of(ready[0], ready[1])).containsExactlyInAnyOrder(3, 4);
        waiter.modify(10, 3, false, false);
        assertThat(waiter.await(0, ready)).isEqualTo(2);
        waiter.remove(10);
        waiter.remove(99);
        assertThat(waiter.await(0, ready)).isEqualTo(1);
        assertThat(ready[0]).isEqualTo(4);
        waiter.remove(11);
        assertThat(waiter.await(0, ready)).isZero();
    }

    @Test
    void shouldReportDescriptorsInTurnWhenThereAreMoreThanFit() {
        for (int i = 0; i < 150; i++) {
            waiter.add(1_000 + i, i, true, false);
        }
        Set<Integer> reported = new HashSet<>();
        for (int i = 0; i < 3; i++) {
            int count = waiter.await(0, ready);
            assertThat(count).isEqualTo(64);
            for (int j = 0; j < count; j++) {
                reported.add(ready[j]);
            }
        }
        assertThat(reported).hasSize(150);
    }
}
