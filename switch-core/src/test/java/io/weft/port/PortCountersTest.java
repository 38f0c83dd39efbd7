package io.weft.port;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PortCountersTest {
    private final PortCounters counters = new PortCounters();

    private PortStatistics read() {
        return PortStatistics.sum(List.of(counters));
    }

    @Test
    void shouldCountWhatItIsTold() {
        counters.received(60);
        counters.received(3, 4_500);
        counters.copied(7);
        counters.transmitted(1_514);
        counters.transmitted(2, 128);
        counters.dropped(DropReason.RUNT);
        counters.dropped(DropReason.TX_QUEUE_FULL, 4);
        counters.receivedSegments(44); // one of the four frames stands for 44
        counters.segmented(10); // another one became ten
        counters.coalesced(5);
        counters.transmittedSegments(6);
        Map<DropReason, Long> drops = Map.of(DropReason.RUNT, 1L, DropReason.TX_QUEUE_FULL, 4L);
        assertThat(read()).isEqualTo(new PortStatistics(4, 4_560, 47, 7, 9, 5, 3, 1_642, 8, drops));
        assertThat(read().unaccounted()).isEqualTo(4 + 7 + 9 - 3 - 5 - 5);
    }

    @ParameterizedTest
    @EnumSource
    void shouldKeepEveryReasonApart(DropReason reason) {
        counters.dropped(reason, 3);
        PortStatistics statistics = read();
        assertThat(statistics.drops()).containsOnly(Map.entry(reason, 3L));
        assertThat(statistics.dropped(reason)).isEqualTo(3);
        assertThat(statistics.dropped()).isEqualTo(3);
        assertThat(statistics.dropped(reason.stage())).isEqualTo(3);
        for (DropReason.Stage stage : DropReason.Stage.values()) {
            assertThat(statistics.dropped(stage)).isEqualTo(stage == reason.stage() ? 3 : 0);
        }
        assertThat(statistics.rxFrames() + statistics.txFrames() + statistics.copies())
                .isZero();
        assertThat(reason.label()).isNotBlank();
    }

    @Test
    void shouldSumAccounts() {
        PortCounters another = new PortCounters();
        counters.received(100);
        another.received(50);
        another.dropped(DropReason.RUNT);
        PortStatistics sum = PortStatistics.sum(List.of(counters, another));
        assertThat(sum).isEqualTo(new PortStatistics(2, 150, 2, 0, 0, 0, 0, 0, 0, Map.of(DropReason.RUNT, 1L)));
        assertThat(sum.plus(sum))
                .isEqualTo(new PortStatistics(4, 300, 4, 0, 0, 0, 0, 0, 0, Map.of(DropReason.RUNT, 2L)));
        assertThat(sum.plus(PortStatistics.ZERO)).isEqualTo(sum);
        assertThat(PortStatistics.sum(List.of())).isEqualTo(PortStatistics.ZERO);
    }

    @Test
    void shouldNotLetReadersChangeWhatTheyRead() {
        counters.dropped(DropReason.RUNT);
        PortStatistics statistics = read();
        assertThatThrownBy(() -> statistics.drops().clear()).isInstanceOf(UnsupportedOperationException.class);
        counters.dropped(DropReason.RUNT);
        assertThat(statistics.dropped(DropReason.RUNT)).as("a moment's view").isEqualTo(1);
    }

    @Test
    void shouldShowReadersEveryCountInTheEndAndNeverGoBack() throws InterruptedException {
        AtomicBoolean done = new AtomicBoolean();
        Thread writer = new Thread(() -> {
            for (int i = 0; i < 2_000_000; i++) {
                counters.received(3);
            }
            done.set(true);
        });
        writer.start();
        long last = 0;
        boolean finished;
        do {
            finished = done.get();
            long now = read().rxFrames();
            assertThat(now).isGreaterThanOrEqualTo(last);
            last = now;
        } while (!finished);
        writer.join();
        assertThat(last).isEqualTo(2_000_000);
        assertThat(read().rxBytes()).isEqualTo(6_000_000);
    }
}
