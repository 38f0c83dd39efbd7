package io.weft;

import static io.weft.SteppedLan.A;
import static io.weft.SteppedLan.B;
import static io.weft.SteppedLan.BROADCAST;
import static io.weft.SteppedLan.C;
import static io.weft.SteppedLan.frame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.bridge.PortSecurity;
import io.weft.bridge.PortSecurity.Violation;
import io.weft.bridge.PortSettings;
import io.weft.bridge.RateLimit;
import io.weft.bridge.StormControl;
import io.weft.port.DropReason;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What happens when a station sends that its port does not accept: dropped, told, shut down, enabled again. */
class PortSecurityTest {
    private final SteppedLan lan = new SteppedLan();

    @AfterEach
    void close() {
        lan.close();
    }

    private static PortSettings secured(int stations, Violation violation) {
        return PortSettings.builder()
                .security(PortSecurity.sticky(stations, violation))
                .build();
    }

    @Test
    void shouldDropAndTellAtMostOnceASecond() throws Exception {
        lan.port("a", secured(1, Violation.DROP)).port("b");
        assertThat(lan.reached("a", frame(BROADCAST, A))).containsExactly("b");
        for (int i = 0; i < 5; i++) {
            assertThat(lan.reached("a", frame(BROADCAST, B))).isEmpty();
        }
        assertThat(lan.dropped("a", DropReason.SECURITY_VIOLATION)).isEqualTo(5);
        assertThat(lan.heard).hasSize(1).first().asString().contains(B).contains("at a");
        lan.pass(Duration.ofSeconds(1));
        lan.send("a", frame(BROADCAST, C));
        assertThat(lan.heard).hasSize(2).last().asString().contains(C);
        assertThat(lan.reached("a", frame(BROADCAST, A)))
                .as("its own station still may")
                .containsExactly("b");
    }

    @Test
    void shouldShutThePortDownUntilItIsEnabled() throws Exception {
        lan.port("a", secured(1, Violation.SHUT_DOWN)).port("b");
        lan.send("a", frame(BROADCAST, A));
        assertThat(lan.reached("a", frame(BROADCAST, B))).isEmpty();
        assertThat(lan.lan.port("a").status().up()).isFalse();
        assertThat(lan.lan.port("a").status().downReason()).contains("security").contains(B);
        assertThat(lan.heard).hasSize(2).anyMatch(event -> event.startsWith("a down: ") && event.contains(B));
        assertThat(lan.reached("a", frame(BROADCAST, A))).isEmpty();
        assertThat(lan.dropped("a", DropReason.RX_PORT_DOWN)).isEqualTo(1);
        assertThat(lan.reached("b", frame(BROADCAST, C))).isEmpty();

        lan.memory("a").up(); // the link was never down: that does not help
        assertThat(lan.lan.port("a").status().up()).isFalse();

        lan.lan.port("a").enable();
        lan.settle();
        assertThat(lan.heard).endsWith("a up");
        assertThat(lan.reached("a", frame(BROADCAST, A))).containsExactly("b");
        assertThat(lan.whereIs(0, A)).as("what sticks is not forgotten").isEqualTo("a sticky");
    }

    @Test
    void shouldNotAcceptAStationThatSticksToAnotherPort() throws Exception {
        lan.port("a", secured(0, Violation.DROP))
                .port("b", secured(0, Violation.DROP))
                .port("c");
        lan.send("a", frame(BROADCAST, A));
        assertThat(lan.reached("b", frame(BROADCAST, A))).isEmpty();
        assertThat(lan.dropped("b", DropReason.SECURITY_VIOLATION)).isEqualTo(1);
        assertThat(lan.reached("c", frame(A, C))).containsExactly("a");
    }

    @Test
    void shouldTellOfAViolationThatFollowsAStorm() throws Exception {
        lan.port(
                        "a",
                        PortSettings.builder()
                                .security(PortSecurity.sticky(1, Violation.SHUT_DOWN))
                                .stormControl(StormControl.each(RateLimit.frames(1, 1)))
                                .build())
                .port("b");
        lan.send("a", frame(BROADCAST, A));
        lan.send("a", frame(BROADCAST, A));
        assertThat(lan.heard).containsExactly("a BROADCAST_STORM");
        lan.send("a", frame(BROADCAST, B)); // and no further one will come: the port is shut down
        assertThat(lan.heard).anyMatch(event -> event.startsWith("violation") && event.contains(B));
    }

    @Test
    void shouldRefuseSettingsThatContradictEachOther() {
        assertThatThrownBy(() -> new PortSecurity(1, false, true, Violation.DROP))
                .hasMessageContaining("locked conflicts with maxMacs");
        assertThatThrownBy(() -> PortSecurity.locked(Violation.FORWARD)).hasMessageContaining("locked conflicts");
        assertThatThrownBy(() -> PortSettings.builder()
                        .learning(false)
                        .security(PortSecurity.sticky(1, Violation.DROP))
                        .build())
                .hasMessageContaining("learning off conflicts");
    }
}
