package io.weft;

import static io.weft.SteppedLan.A;
import static io.weft.SteppedLan.BROADCAST;
import static io.weft.SteppedLan.C;
import static io.weft.SteppedLan.frame;
import static io.weft.SteppedLan.tagged;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.port.DropReason;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Stations that move too often are held where they were for a while. */
class FlappingTest {
    private final SteppedLan lan = new SteppedLan();

    @AfterEach
    void close() {
        lan.close();
    }

    private void flap(int moves) {
        for (int i = 0; i < moves; i++) {
            lan.send(i % 2 == 0 ? "b" : "a", frame(BROADCAST, A));
        }
    }

    private void open(Duration holdDown) throws Exception {
        lan.port("a").port("b").port("c");
        lan.lan.fdb().flapDetection(4, Duration.ofSeconds(10), holdDown);
        lan.send("a", frame(BROADCAST, A));
    }

    @Test
    void shouldTakeAFewMovesForMobility() throws Exception {
        open(Duration.ofSeconds(60));
        flap(4);
        assertThat(lan.whereIs(0, A)).isEqualTo("a");
        assertThat(lan.lan.fdb().statistics().moved()).isEqualTo(4);
        lan.pass(Duration.ofSeconds(10)); // another window
        flap(4);
        assertThat(lan.heard).isEmpty();
    }

    @Test
    void shouldHoldAStationThatMovesTooOften() throws Exception {
        open(Duration.ofSeconds(60));
        flap(4);
        assertThat(lan.reached("b", frame(BROADCAST, A))).isEmpty();
        assertThat(lan.dropped("b", DropReason.MAC_FLAPPING)).isEqualTo(1);
        assertThat(lan.whereIs(0, A)).isEqualTo("a held");
        assertThat(lan.heard).hasSize(1).first().asString().contains(A).contains("at b");
        assertThat(lan.reached("c", frame(A, C))).containsExactly("a");
        assertThat(lan.reached("a", frame(BROADCAST, A)))
                .as("where it is held it may send")
                .containsExactly("b", "c");
        lan.pass(Duration.ofSeconds(59));
        assertThat(lan.reached("b", frame(BROADCAST, A))).isEmpty();
        lan.pass(Duration.ofSeconds(1));
        assertThat(lan.reached("b", frame(BROADCAST, A))).containsExactly("a", "c");
        assertThat(lan.whereIs(0, A)).isEqualTo("b");
        assertThat(lan.heard).hasSize(1);
    }

    @Test
    void shouldHoldAStationLongerThanOthersAge() throws Exception {
        open(Duration.ofSeconds(1_000));
        flap(5);
        for (int i = 0; i < 9; i++) {
            lan.pass(Duration.ofSeconds(100));
            assertThat(lan.reached("a", frame(BROADCAST, A)))
                    .as("%s s", 100 * (i + 1))
                    .containsExactly("b", "c");
            assertThat(lan.reached("b", frame(BROADCAST, A)))
                    .as("%s s", 100 * (i + 1))
                    .isEmpty();
            assertThat(lan.reached("c", frame(A, C))).as("%s s", 100 * (i + 1)).containsExactly("a");
        }
        lan.pass(Duration.ofSeconds(101));
        lan.send("b", frame(BROADCAST, A));
        assertThat(lan.whereIs(0, A)).isEqualTo("b");
    }

    @Test
    void shouldLetAHeldStationAgeInTheEnd() throws Exception {
        open(Duration.ofSeconds(60));
        flap(5);
        lan.pass(Duration.ofSeconds(302));
        assertThat(lan.whereIs(0, A)).isEmpty();
    }

    @Test
    void shouldNotCountMovesOfStationsInOtherVlans() throws Exception {
        open(Duration.ofSeconds(60));
        for (int vlan = 1; vlan < 20; vlan++) {
            lan.send("a", tagged(vlan, frame(BROADCAST, A)));
            lan.send("b", tagged(vlan, frame(BROADCAST, A)));
        }
        assertThat(lan.heard).isEmpty();
    }

    @Test
    void shouldTakeAllMovesWhenOff() throws Exception {
        open(Duration.ofSeconds(60));
        lan.lan.fdb().flapDetectionOff();
        flap(50);
        assertThat(lan.heard).isEmpty();
        assertThat(lan.whereIs(0, A)).isEqualTo("a");
    }
}
