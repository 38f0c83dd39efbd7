package io.weft;

import static io.weft.SteppedLan.A;
import static io.weft.SteppedLan.B;
import static io.weft.SteppedLan.BROADCAST;
import static io.weft.SteppedLan.C;
import static io.weft.SteppedLan.frame;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.bridge.PortSecurity;
import io.weft.bridge.PortSecurity.Violation;
import io.weft.bridge.PortSettings;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the kernel's bridge_fdb_learning_limit.sh looks at: how many stations may be learned behind a port. */
class LearningLimitTest {
    private final SteppedLan lan = new SteppedLan();

    @AfterEach
    void close() {
        lan.close();
    }

    private static PortSettings limited(int stations, Violation violation) {
        return PortSettings.builder()
                .security(new PortSecurity(stations, false, false, violation))
                .build();
    }

    private static String station(int i) {
        return String.format("02:00:00:00:01:%02x", i);
    }

    @Test
    void shouldLearnNoMoreThanTheLimitAndForwardTheRest() throws Exception {
        lan.port("a", limited(3, Violation.FORWARD)).port("b").port("c");
        for (int i = 0; i < 10; i++) {
            assertThat(lan.reached("a", frame(BROADCAST, station(i)))).containsExactly("b", "c");
        }
        assertThat(lan.lan.fdb().stations()).hasSize(3);
        assertThat(lan.reached("b", frame(station(2), B))).containsExactly("a");
        assertThat(lan.reached("b", frame(station(3), B))).containsExactly("a", "c");
        assertThat(lan.heard).isEmpty();
    }

    @Test
    void shouldGoOnRefreshingTheStationsItHas() throws Exception {
        lan.port("a", limited(1, Violation.FORWARD)).port("b").port("c");
        lan.send("a", frame(BROADCAST, A));
        for (int i = 0; i < 10; i++) {
            lan.pass(Duration.ofSeconds(200));
            lan.send("a", frame(BROADCAST, A));
            lan.send("a", frame(BROADCAST, C));
        }
        assertThat(lan.reached("b", frame(A, B))).containsExactly("a");
        assertThat(lan.whereIs(0, C)).isEmpty();
    }

    @Test
    void shouldLearnAgainWhenOneHasAgedOrWasDeleted() throws Exception {
        lan.port("a", limited(1, Violation.FORWARD)).port("b");
        lan.send("a", frame(BROADCAST, A));
        lan.pass(Duration.ofSeconds(302));
        lan.send("a", frame(BROADCAST, B));
        assertThat(lan.whereIs(0, B)).isEqualTo("a");
        lan.lan.fdb().delete(0, B);
        lan.send("a", frame(BROADCAST, C));
        assertThat(lan.whereIs(0, C)).isEqualTo("a");
    }

    @Test
    void shouldNotMoveAStationToAPortThatHasEnough() throws Exception {
        lan.port("a", limited(1, Violation.FORWARD)).port("b").port("c");
        lan.send("a", frame(BROADCAST, A));
        lan.send("b", frame(BROADCAST, B));
        lan.send("a", frame(BROADCAST, B));
        assertThat(lan.whereIs(0, B)).isEqualTo("b");
        lan.send("b", frame(BROADCAST, A)); // away from it they may move, and make room
        lan.send("a", frame(BROADCAST, B));
        assertThat(lan.whereIs(0, A)).isEqualTo("b");
        assertThat(lan.whereIs(0, B)).isEqualTo("a");
    }

    @Test
    void shouldHoldALoweredLimitForNewStationsOnly() throws Exception {
        lan.port("a").port("b");
        for (int i = 0; i < 5; i++) {
            lan.send("a", frame(BROADCAST, station(i)));
        }
        lan.lan.port("a").change(settings -> settings.security(PortSecurity.maxMacs(2)));
        lan.send("a", frame(BROADCAST, station(9)));
        assertThat(lan.lan.fdb().stations()).hasSize(5);
        lan.send("a", frame(BROADCAST, station(4)));
        assertThat(lan.whereIs(0, station(4))).isEqualTo("a");
    }

    @Test
    void shouldLetEntriesBeSetBeyondTheLimit() throws Exception {
        lan.port("a", limited(1, Violation.FORWARD)).port("b").port("c");
        lan.send("a", frame(BROADCAST, A));
        lan.lan.fdb().set(0, B, "a");
        assertThat(lan.whereIs(0, B)).isEqualTo("a static");
        assertThat(lan.reached("c", frame(B, C))).containsExactly("a");
    }

    @Test
    void shouldNotCountEntriesThatWereSet() throws Exception {
        lan.port("a", limited(1, Violation.FORWARD)).port("b");
        lan.lan.fdb().set(0, B, "a");
        lan.send("a", frame(BROADCAST, A));
        assertThat(lan.whereIs(0, A)).isEqualTo("a");
    }
}
