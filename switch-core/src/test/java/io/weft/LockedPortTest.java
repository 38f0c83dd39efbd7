package io.weft;

import static io.weft.SteppedLan.A;
import static io.weft.SteppedLan.B;
import static io.weft.SteppedLan.BROADCAST;
import static io.weft.SteppedLan.C;
import static io.weft.SteppedLan.GROUP;
import static io.weft.SteppedLan.frame;
import static io.weft.SteppedLan.tagged;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.bridge.PortSecurity;
import io.weft.bridge.PortSecurity.Violation;
import io.weft.bridge.PortSettings;
import io.weft.port.DropReason;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the kernel's bridge_locked_port.sh looks at: only stations that somebody set may send by a locked port. */
class LockedPortTest {
    private static final PortSettings LOCKED =
            PortSettings.builder().security(PortSecurity.locked(Violation.DROP)).build();

    private final SteppedLan lan = new SteppedLan();

    @AfterEach
    void close() {
        lan.close();
    }

    @Test
    void shouldLetOnlySetStationsSend() throws Exception {
        lan.port("a", LOCKED).port("b");
        assertThat(lan.reached("a", frame(BROADCAST, A))).isEmpty();
        assertThat(lan.whereIs(0, A)).as("nothing is learned").isEmpty();
        lan.lan.fdb().set(0, A, "a");
        assertThat(lan.reached("a", frame(BROADCAST, A))).containsExactly("b");
        assertThat(lan.reached("a", frame(BROADCAST, C))).isEmpty();
        assertThat(lan.dropped("a", DropReason.SECURITY_VIOLATION)).isEqualTo(2);
        lan.lan.fdb().delete(0, A);
        assertThat(lan.reached("a", frame(BROADCAST, A))).isEmpty();
        lan.lan.port("a").change(settings -> settings.security(PortSecurity.NONE));
        assertThat(lan.reached("a", frame(BROADCAST, A))).containsExactly("b");
    }

    @Test
    void shouldNotAcceptAStationThatWasSetAtAnotherPortOrInAnotherVlan() throws Exception {
        lan.port("a", LOCKED).port("b");
        lan.lan.fdb().set(0, A, "b");
        lan.lan.fdb().set(5, B, "a");
        assertThat(lan.reached("a", frame(BROADCAST, A))).isEmpty();
        assertThat(lan.reached("a", frame(BROADCAST, B))).isEmpty();
        assertThat(lan.reached("a", tagged(5, frame(BROADCAST, B)))).containsExactly("b");
    }

    @Test
    void shouldNotAcceptAStationThatWasOnlyLearned() throws Exception {
        lan.port("a").port("b");
        lan.send("a", frame(BROADCAST, A));
        lan.lan.port("a").settings(LOCKED);
        assertThat(lan.reached("a", frame(BROADCAST, A))).isEmpty();
    }

    @Test
    void shouldStillSendToTheStationsBehindIt() throws Exception {
        lan.port("a", LOCKED).port("b");
        lan.lan.fdb().set(0, A, "a");
        assertThat(lan.reached("b", frame(A, B))).containsExactly("a");
        assertThat(lan.reached("b", frame(BROADCAST, B))).containsExactly("a");
    }

    @Test
    void shouldNotBeGotAroundBySourcesThatAreNoStations() throws Exception {
        lan.port("a", LOCKED).port("b");
        assertThat(lan.reached("a", frame(B, "00:00:00:00:00:00"))).isEmpty();
        assertThat(lan.reached("a", frame(B, GROUP))).isEmpty();
        assertThat(lan.reached("a", frame(B, BROADCAST))).isEmpty();
        assertThat(lan.dropped("a", DropReason.SECURITY_VIOLATION)).isEqualTo(3);
    }
}
