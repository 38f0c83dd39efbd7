package io.weft.tap;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.port.Offload;
import io.weft.port.OffloadMode;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;

class TapOffloadsTest {
    private final List<Integer> asked = new ArrayList<>();

    /** A kernel that refuses whatever has a bit that it does not know, as TUNSETOFFLOAD does. */
    private IntPredicate kernel(int known) {
        return bits -> {
            asked.add(bits);
            return (bits & ~known) == 0;
        };
    }

    @Test
    void shouldTakeEverythingThatANewKernelHas() {
        assertThat(TapOffloads.negotiate(kernel(0x6f), OffloadMode.ON)).isEqualTo(EnumSet.allOf(Offload.class));
        assertThat(asked).containsExactly(0x6f);
    }

    @Test
    void shouldDoWithoutUdpSegmentationBeforeLinux62() {
        assertThat(TapOffloads.negotiate(kernel(0xf), OffloadMode.ON))
                .containsExactly(Offload.CHECKSUM, Offload.TSO4, Offload.TSO6, Offload.TSO_ECN);
    }

    @Test
    void shouldDoWithLessAndLess() {
        assertThat(TapOffloads.negotiate(kernel(7), OffloadMode.ON))
                .containsExactly(Offload.CHECKSUM, Offload.TSO4, Offload.TSO6);
        assertThat(TapOffloads.negotiate(kernel(1), OffloadMode.ON)).containsExactly(Offload.CHECKSUM);
        asked.clear();
        assertThat(TapOffloads.negotiate(kernel(0), OffloadMode.ON)).isEmpty();
        assertThat(asked).as("the last word").endsWith(0);
    }

    @Test
    void shouldNotAskForMoreThanChecksumsWhenTheseAreWanted() {
        assertThat(TapOffloads.negotiate(kernel(0x6f), OffloadMode.CSUM)).containsExactly(Offload.CHECKSUM);
        assertThat(asked).containsExactly(1);
    }

    @Test
    void shouldTakeBackWhatAnEarlierUserOfAPersistentDeviceHadAskedFor() {
        assertThat(TapOffloads.negotiate(kernel(0x6f), OffloadMode.OFF)).isEmpty();
        assertThat(asked).containsExactly(0);
    }
}
