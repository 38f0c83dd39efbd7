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
import io.weft.fdb.FdbEntry.Kind;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the kernel's bridge_sticky_fdb.sh looks at: stations that do not move; and those that somebody set. */
class StickyStationsTest {
    private final SteppedLan lan = new SteppedLan();

    @AfterEach
    void close() {
        lan.close();
    }

    @Test
    void shouldNotMoveAStationThatSticks() throws Exception {
        lan.port(
                        "a",
                        PortSettings.builder()
                                .security(PortSecurity.sticky(0, Violation.DROP))
                                .build())
                .port("b")
                .port("c");
        lan.send("a", frame(BROADCAST, A));
        assertThat(lan.whereIs(0, A)).isEqualTo("a sticky");
        assertThat(lan.reached("b", frame(BROADCAST, A)))
                .as("an ordinary port forwards it")
                .containsExactly("a", "c");
        assertThat(lan.whereIs(0, A)).isEqualTo("a sticky");
        assertThat(lan.reached("c", frame(A, C))).containsExactly("a");
    }

    @Test
    void shouldNotAgeAStationThatSticksUntilItIsDeleted() throws Exception {
        lan.port(
                        "a",
                        PortSettings.builder()
                                .security(PortSecurity.sticky(0, Violation.DROP))
                                .build())
                .port("b");
        lan.send("a", frame(BROADCAST, A));
        lan.send("b", frame(BROADCAST, B));
        lan.pass(Duration.ofDays(1));
        assertThat(lan.whereIs(0, A)).isEqualTo("a sticky");
        assertThat(lan.whereIs(0, B)).isEmpty();
        assertThat(lan.lan.fdb().flush()).isZero();
        assertThat(lan.lan.fdb().delete(0, A)).isTrue();
        assertThat(lan.lan.fdb().delete(0, A)).isFalse();
        lan.send("b", frame(BROADCAST, A));
        assertThat(lan.whereIs(0, A)).isEqualTo("b");
    }

    @Test
    void shouldMakeAKnownStationStickWhenThePortBecomesSticky() throws Exception {
        lan.port("a").port("b");
        lan.send("a", frame(BROADCAST, A));
        lan.lan.port("a").change(settings -> settings.security(PortSecurity.sticky(0, Violation.DROP)));
        assertThat(lan.whereIs(0, A)).isEqualTo("a");
        lan.send("a", frame(BROADCAST, A)); // in the same second
        assertThat(lan.whereIs(0, A)).isEqualTo("a sticky");
    }

    @Test
    void shouldNotLetFramesOverwriteWhatSomebodySet() throws Exception {
        lan.port("a").port("b").port("c");
        for (Kind kind : List.of(Kind.STATIC, Kind.STICKY, Kind.CONTROL)) {
            lan.lan.fdb().set(kind, 0, B, "b", 0);
            lan.send("c", frame(BROADCAST, B));
            assertThat(lan.reached("a", frame(B, A))).as("" + kind).containsExactly("b");
            lan.pass(Duration.ofHours(1));
            assertThat(lan.reached("a", frame(B, A))).as("" + kind).containsExactly("b");
            lan.lan.fdb().set(kind, 0, B, "c", 0);
            assertThat(lan.reached("a", frame(B, A)))
                    .as("whoever sets may move")
                    .containsExactly("c");
        }
        lan.lan.fdb().set(Kind.DYNAMIC, 0, B, "b", 0);
        lan.send("c", frame(BROADCAST, B));
        assertThat(lan.whereIs(0, B)).isEqualTo("c");
    }

    @Test
    void shouldFlushOnlyTheKindAsked() throws Exception {
        lan.port("a").port("b");
        lan.lan.fdb().set(Kind.STATIC, 0, A, "a", 0);
        lan.lan.fdb().set(Kind.CONTROL, 0, B, "a", 0);
        lan.send("a", frame(BROADCAST, C));
        assertThat(lan.lan.fdb().flushKind(Kind.CONTROL)).isEqualTo(1);
        assertThat(lan.whereIs(0, B)).isEmpty();
        assertThat(lan.lan.fdb().flushPort("a")).isEqualTo(1);
        assertThat(lan.whereIs(0, C)).isEmpty();
        assertThat(lan.whereIs(0, A)).isEqualTo("a static");
        assertThat(lan.lan.fdb().flushVlan(0)).isZero();
    }
}
