package io.weft;

import static io.weft.SteppedLan.BROADCAST;
import static io.weft.SteppedLan.frame;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.event.SwitchListener;
import io.weft.fdb.FdbStatistics;
import io.weft.frame.MacAddress;
import io.weft.port.MemoryPort;
import org.junit.jupiter.api.Test;

/** A port that floods a full FDB with new addresses, faster than the worker has time to make room for them. */
class MacFloodTest {
    private static final int CAPACITY = 16;
    private static final int FLOOD = 1_000;

    @Test
    void shouldCountEveryStationAsLearnedOrRefused() throws Exception {
        try (VirtualSwitch lan = VirtualSwitch.builder()
                .invoker(() -> 1_000_000_000L)
                .fdbCapacity(CAPACITY)
                .listener(new SwitchListener() {})
                .build()) {
            MemoryPort flooding = new MemoryPort("flooding");
            MemoryPort quiet = new MemoryPort("quiet");
            lan.add(flooding);
            lan.add(quiet);
            for (int i = 0; i < FLOOD; i++) {
                assertThat(flooding.send(frame(BROADCAST, MacAddress.format(0x0200_0000_0000L + i))))
                        .isTrue();
            }
            while (lan.step()) {
                // until nothing is left to do
            }
            FdbStatistics counted = lan.fdb().statistics();
            assertThat(counted.entries()).isEqualTo(CAPACITY);
            assertThat(counted.refused()).as("the worker was busy").isPositive();
            assertThat(counted.learned() + counted.refused()).isEqualTo(FLOOD);
            assertThat(lan.statistics().txFrames())
                    .as("not learned, and forwarded")
                    .isEqualTo(FLOOD);
        }
    }
}
