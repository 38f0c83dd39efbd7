package io.weft;

import static io.weft.SteppedLan.A;
import static io.weft.SteppedLan.B;
import static io.weft.SteppedLan.BROADCAST;
import static io.weft.SteppedLan.C;
import static io.weft.SteppedLan.frame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.bridge.PortSettings;
import io.weft.bridge.VlanSettings;
import io.weft.fdb.FdbEntry.Kind;
import io.weft.port.DropReason;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of stations and settings when ports go down, are removed, and come again. */
class PortLifeTest {
    private final SteppedLan lan = new SteppedLan();

    @AfterEach
    void close() {
        lan.close();
    }

    @Test
    void shouldForgetLearnedStationsOfAPortThatGoesDownButNotThoseThatWereSet() throws Exception {
        lan.port("a").port("b").port("c");
        lan.send("b", frame(BROADCAST, B));
        lan.send("c", frame(BROADCAST, C));
        lan.lan.fdb().set(0, A, "b");
        lan.memory("b").down("unplugged");
        lan.settle();
        assertThat(lan.whereIs(0, B)).isEmpty();
        assertThat(lan.whereIs(0, A)).isEqualTo("b static");
        assertThat(lan.whereIs(0, C)).isEqualTo("c");
        assertThat(lan.heard).containsExactly("b down: unplugged");
        assertThat(lan.reached("c", frame(B, C))).containsExactly("a");
        assertThat(lan.reached("c", frame(A, C))).as("its port is down").isEmpty();
        assertThat(lan.dropped("b", DropReason.PORT_DOWN)).isEqualTo(1);
        lan.memory("b").up();
        assertThat(lan.reached("c", frame(A, C))).containsExactly("b");
        assertThat(lan.heard).endsWith("b up");
    }

    @Test
    void shouldForgetLearnedStationsOfAPortThatIsSetDown() throws Exception {
        lan.port("a").port("b");
        lan.send("b", frame(BROADCAST, B));
        lan.lan.fdb().set(0, C, "b");
        lan.lan.port("b").change(settings -> settings.adminUp(false));
        lan.settle();
        assertThat(lan.whereIs(0, B)).isEmpty();
        assertThat(lan.whereIs(0, C)).isEqualTo("b static");
        assertThat(lan.reached("b", frame(BROADCAST, B))).isEmpty();
        assertThat(lan.reached("a", frame(BROADCAST, A))).isEmpty();
        lan.memory("b").up(); // the link works; nobody wants the port
        assertThat(lan.lan.port("b").status().up()).isFalse();
        assertThat(lan.lan.port("b").status().downReason()).isEqualTo("administratively down");
        lan.lan.port("b").change(settings -> settings.adminUp(true));
        assertThat(lan.reached("a", frame(BROADCAST, A))).containsExactly("b");
    }

    @Test
    void shouldForgetAllEntriesOfAPortThatIsRemovedAndLetItsNameComeBack() throws Exception {
        lan.port("a")
                .port("b", PortSettings.builder().vlans(VlanSettings.access(10)).build());
        for (Kind kind : List.of(Kind.STATIC, Kind.STICKY, Kind.CONTROL, Kind.DYNAMIC)) {
            lan.lan.fdb().set(kind, 20 + kind.ordinal(), B, "b", 0);
        }
        lan.lan.fdb().set(10, A, "a");
        lan.remove("b");
        assertThat(lan.lan.fdb().stations()).hasSize(1);
        assertThat(lan.lan.fdb().statistics().entries()).isEqualTo(1);
        assertThatThrownBy(() -> lan.lan.port("b"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[a]");
        assertThatThrownBy(() -> lan.lan.fdb().set(0, B, "b")).isInstanceOf(IllegalArgumentException.class);

        lan.port("b");
        assertThat(lan.lan.port("b").settings()).isEqualTo(PortSettings.DEFAULT);
        lan.send("b", frame(BROADCAST, B));
        assertThat(lan.whereIs(0, B)).isEqualTo("b");
        assertThat(lan.reached("a", frame(B, A))).containsExactly("b");
    }

    @Test
    void shouldRefuseToChangeAPortThatHasLeft() throws Exception {
        lan.port("a").port("b");
        var control = lan.lan.port("b");
        lan.remove("b");
        lan.port("b");
        assertThatThrownBy(control::status)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("'b'");
        assertThatThrownBy(() -> control.change(settings -> settings.isolated(true)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("'b'");
        assertThat(lan.lan.port("b").settings().isolated()).isFalse();
    }

    @Test
    void shouldChangeTheAgeingTimeOfEntriesThereAre() throws Exception {
        lan.port("a").port("b");
        lan.send("a", frame(BROADCAST, A));
        lan.pass(Duration.ofSeconds(20));
        lan.lan.fdb().ageingTime(Duration.ofSeconds(10));
        assertThat(lan.whereIs(0, A)).isEmpty();
        lan.lan.fdb().ageingTime(Duration.ofSeconds(100));
        lan.send("a", frame(BROADCAST, A));
        lan.pass(Duration.ofSeconds(99));
        assertThat(lan.whereIs(0, A)).isEqualTo("a");
    }

    @Test
    void shouldChangeTheSizeOfTheTable() throws Exception {
        lan.port("a").port("b");
        lan.lan.fdb().set(0, A, "a");
        for (int i = 0; i < 20; i++) {
            lan.send("b", frame(BROADCAST, String.format("02:00:00:00:02:%02x", i)));
        }
        lan.lan.fdb().resize(5);
        assertThat(lan.lan.fdb().statistics().capacity()).isEqualTo(5);
        assertThat(lan.lan.fdb().stations()).hasSize(5);
        assertThat(lan.whereIs(0, A)).isEqualTo("a static");
        lan.lan.fdb().set(0, B, "a");
        assertThatThrownBy(() -> lan.lan.fdb().resize(1)).isInstanceOf(IllegalArgumentException.class);
        assertThat(lan.whereIs(0, A)).isEqualTo("a static");
        assertThat(lan.whereIs(0, B)).isEqualTo("a static");
        lan.lan.fdb().resize(100);
        assertThat(lan.whereIs(0, B)).isEqualTo("a static");
    }
}
