package io.weft.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class HousekeeperTest {
    @Test
    void shouldDoWhatComesAfterItsEndAtOnce() {
        DatapathConfig config = new DatapathConfig("late", 1, false, NanoClock.SYSTEM, IdleStrategy.SLEEP);
        Housekeeper housekeeper = new Housekeeper(config, null);
        AtomicInteger done = new AtomicInteger();
        housekeeper.execute(done::incrementAndGet);
        housekeeper.stop();
        assertThat(done).as("what was asked for before the end").hasValue(1);
        housekeeper.execute(done::incrementAndGet);
        assertThat(done).hasValue(2);
    }
}
