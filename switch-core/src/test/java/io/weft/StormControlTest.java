package io.weft;

import static io.weft.SteppedLan.A;
import static io.weft.SteppedLan.B;
import static io.weft.SteppedLan.BROADCAST;
import static io.weft.SteppedLan.C;
import static io.weft.SteppedLan.GROUP;
import static io.weft.SteppedLan.frame;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.bridge.PortSettings;
import io.weft.bridge.RateLimit;
import io.weft.bridge.StormControl;
import io.weft.bridge.VlanSettings;
import io.weft.port.DropReason;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Storm control and policing: so many pass, the rest is dropped, counted and told. */
class StormControlTest {
    private final SteppedLan lan = new SteppedLan();

    @AfterEach
    void close() {
        lan.close();
    }

    private int passed(String from, byte[] frame, int count) {
        int passed = 0;
        for (int i = 0; i < count; i++) {
            passed += lan.reached(from, frame).isEmpty() ? 0 : 1;
        }
        return passed;
    }

    private static PortSettings storm(StormControl control) {
        return PortSettings.builder().stormControl(control).build();
    }

    @Test
    void shouldLimitEachClassByItself() throws Exception {
        lan.port("a", storm(new StormControl(RateLimit.frames(1, 2), RateLimit.frames(1, 3), RateLimit.frames(1, 4))))
                .port("b");
        lan.send("b", frame(BROADCAST, B));
        assertThat(passed("a", frame(BROADCAST, A), 10)).isEqualTo(2);
        assertThat(passed("a", frame(GROUP, A), 10)).isEqualTo(3);
        assertThat(passed("a", frame(C, A), 10)).isEqualTo(4);
        assertThat(passed("a", frame(B, A), 10))
                .as("known unicast has no limit")
                .isEqualTo(10);
        assertThat(lan.dropped("a", DropReason.BROADCAST_STORM)).isEqualTo(8);
        assertThat(lan.dropped("a", DropReason.MULTICAST_STORM)).isEqualTo(7);
        assertThat(lan.dropped("a", DropReason.UNKNOWN_UNICAST_STORM)).isEqualTo(6);
        assertThat(passed("b", frame(BROADCAST, B), 10)).as("another port").isEqualTo(10);
    }

    @Test
    void shouldFillUpWithTime() throws Exception {
        lan.port("a", storm(StormControl.each(RateLimit.frames(10, 5)))).port("b");
        assertThat(passed("a", frame(BROADCAST, A), 10)).isEqualTo(5);
        lan.pass(Duration.ofMillis(99));
        assertThat(passed("a", frame(BROADCAST, A), 10)).isZero();
        lan.pass(Duration.ofMillis(1));
        assertThat(passed("a", frame(BROADCAST, A), 10)).isEqualTo(1);
        lan.pass(Duration.ofHours(1));
        assertThat(passed("a", frame(BROADCAST, A), 10)).isEqualTo(5);
    }

    @Test
    void shouldTellAtMostOnceASecondForEachPort() throws Exception {
        lan.port("a", storm(StormControl.each(RateLimit.frames(1, 1))))
                .port("b", storm(StormControl.each(RateLimit.frames(1, 1))));
        passed("a", frame(BROADCAST, A), 10);
        passed("b", frame(BROADCAST, B), 10);
        assertThat(lan.heard).containsExactly("a BROADCAST_STORM", "b BROADCAST_STORM");
        lan.pass(Duration.ofSeconds(1));
        passed("a", frame(BROADCAST, A), 10);
        assertThat(lan.heard).hasSize(3);
    }

    @Test
    void shouldLearnFromFramesThatStormControlDrops() throws Exception {
        lan.port("a", storm(StormControl.each(RateLimit.frames(1, 1)))).port("b");
        passed("a", frame(BROADCAST, A), 2);
        lan.send("a", frame(BROADCAST, C));
        assertThat(lan.whereIs(0, C)).isEqualTo("a");
    }

    @Test
    void shouldNotFillABucketUpWhenAnotherLimitChanges() throws Exception {
        RateLimit two = RateLimit.frames(1, 2);
        lan.port("a", storm(new StormControl(two, two, RateLimit.NONE))).port("b");
        assertThat(passed("a", frame(BROADCAST, A), 10)).isEqualTo(2);
        lan.lan.port("a").change(settings -> settings.isolated(true));
        assertThat(passed("a", frame(BROADCAST, A), 10)).isZero();
        lan.lan.port("a").change(settings -> settings.stormControl(new StormControl(two, RateLimit.NONE, two)));
        assertThat(passed("a", frame(BROADCAST, A), 10)).isZero();
    }

    @Test
    void shouldPoliceInBitsWithoutFcsOrPreamble() throws Exception {
        int burst = 8 * 65_536;
        lan.port(
                        "a",
                        PortSettings.builder()
                                .ingressPolicing(RateLimit.bits(1_000_000, burst))
                                .build())
                .port("b");
        assertThat(passed("a", frame(BROADCAST, A, 8_192), 10)).isEqualTo(8);
        assertThat(passed("a", frame(BROADCAST, A, 60), 1)).isZero();
        lan.pass(Duration.ofNanos(480_000 - 1)); // 480 bits at 1 bit a microsecond
        assertThat(passed("a", frame(BROADCAST, A, 60), 1)).isZero();
        lan.pass(Duration.ofNanos(1));
        assertThat(passed("a", frame(BROADCAST, A, 60), 1)).isEqualTo(1);
        assertThat(lan.dropped("a", DropReason.RX_POLICED)).isEqualTo(4);
    }

    @Test
    void shouldPoliceWhatLeavesWithTheTagItLeavesWith() throws Exception {
        int burst = 8 * 65_536;
        lan.port("a", PortSettings.builder().vlans(VlanSettings.access(10)).build())
                .port(
                        "t",
                        PortSettings.builder()
                                .egressPolicing(RateLimit.bits(1_000, burst))
                                .build())
                .port("c", PortSettings.builder().vlans(VlanSettings.access(10)).build());
        // 64 frames of 1,020 bytes leave with 1,024 each, which is the burst.
        for (int i = 0; i < 64; i++) {
            assertThat(lan.reached("a", frame(BROADCAST, A, 1_020))).containsExactly("c", "t");
        }
        assertThat(lan.reached("a", frame(BROADCAST, A, 60))).containsExactly("c");
        assertThat(lan.dropped("t", DropReason.TX_POLICED)).isEqualTo(1);
    }

    @Test
    void shouldPassOnlyWhatBothLimitsAllow() throws Exception {
        RateLimit both = RateLimit.frames(1, 3).and(RateLimit.bits(1_000, 8 * 65_536));
        lan.port("a", PortSettings.builder().ingressPolicing(both).build()).port("b");
        assertThat(passed("a", frame(BROADCAST, A, 65_000), 5)).isEqualTo(1);
        assertThat(passed("a", frame(BROADCAST, A, 60), 5))
                .as("what was refused cost nothing")
                .isEqualTo(2);
    }
}
