package io.weft;

import static io.weft.SteppedLan.BROADCAST;
import static io.weft.SteppedLan.C;
import static io.weft.SteppedLan.frame;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.bridge.PortSettings;
import io.weft.port.DropReason;
import io.weft.port.MemoryPort;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Probes that find a loop and shut one of its ports down. */
class LoopProbeTest {
    private static final PortSettings PROBING =
            PortSettings.builder().loopProbeInterval(Duration.ofSeconds(1)).build();

    private final SteppedLan lan = new SteppedLan();

    @AfterEach
    void close() {
        lan.close();
    }

    /** Joins two ports as a cable would: what comes out of one goes into the other, {@code times} times at most. */
    private void join(String one, String other, int times) {
        int[] left = {times};
        MemoryPort from = lan.memory(one);
        MemoryPort to = lan.memory(other);
        from.onFrame(bytes -> {
            if (left[0]-- > 0) {
                to.send(bytes);
            }
        });
        to.onFrame(bytes -> {
            if (left[0]-- > 0) {
                from.send(bytes);
            }
        });
    }

    @Test
    void shouldShutDownThePortWithTheHigherIndexWhereProbesWereOnFromTheFirst() throws Exception {
        lan.port("a", PROBING).port("b", PROBING).port("c");
        foundAndMended();
    }

    @Test
    void shouldShutDownThePortWithTheHigherIndexWhereProbesWereTurnedOn() throws Exception {
        lan.port("a").port("b").port("c");
        lan.lan.port("a").settings(PROBING);
        foundAndMended();
    }

    @Test
    void shouldFindALoopWhenOnlyTheLastPortProbes() throws Exception {
        lan.port("a").port("b").port("c", PROBING);
        join("b", "c", 1_000);
        lan.pass(Duration.ofSeconds(1));
        assertThat(lan.lan.port("c").status().up()).isFalse();
        assertThat(lan.lan.port("b").status().up()).isTrue();
    }

    private void foundAndMended() {
        join("a", "b", 1_000);
        lan.pass(Duration.ofSeconds(1));
        assertThat(lan.lan.port("a").status().up()).isTrue();
        assertThat(lan.lan.port("b").status().up()).isFalse();
        assertThat(lan.heard)
                .hasSize(1)
                .first()
                .asString()
                .startsWith("b down: ")
                .contains("loop");
        assertThat(lan.dropped("a", DropReason.LOOP_PROBE) + lan.dropped("b", DropReason.LOOP_PROBE))
                .isPositive();
        assertThat(lan.take("c")).as("probes stay in the loop").allMatch(frame -> frame.length == 60);

        lan.memory("a").onFrame(null); // the cable is taken out
        lan.memory("b").onFrame(null);
        lan.pass(Duration.ofSeconds(5));
        assertThat(lan.lan.port("b").status().up())
                .as("until somebody enables it")
                .isFalse();
        lan.lan.port("b").enable();
        lan.settle();
        assertThat(lan.heard).endsWith("b up");
        lan.pass(Duration.ofSeconds(5));
        assertThat(lan.lan.port("b").status().up()).isTrue();
        lan.take("b");
        assertThat(lan.reached("c", frame(BROADCAST, C))).contains("b");
    }

    @Test
    void shouldShutDownAPortThatIsLoopedToItself() throws Exception {
        lan.port("a", PROBING).port("b");
        MemoryPort a = lan.memory("a");
        a.onFrame(a::send);
        lan.pass(Duration.ofSeconds(1));
        assertThat(lan.lan.port("a").status().up()).isFalse();
        assertThat(lan.heard)
                .hasSize(1)
                .first()
                .asString()
                .startsWith("a down: ")
                .contains("loop");
    }

    @Test
    void shouldForwardProbesOfOtherSwitches() throws Exception {
        lan.port("a", PROBING).port("b");
        try (SteppedLan other = new SteppedLan()) {
            other.port("x", PROBING);
            other.pass(Duration.ofSeconds(1));
            byte[] probe = other.take("x").get(0);
            assertThat(probe).hasSize(60);
            lan.send("a", probe);
            assertThat(lan.take("b")).containsExactly(probe);
            assertThat(lan.lan.port("a").status().up()).isTrue();
        }
    }

    @Test
    void shouldSendNoProbesWhenTold() throws Exception {
        lan.port("a", PROBING).port("b");
        lan.pass(Duration.ofSeconds(1));
        assertThat(lan.take("a")).hasSize(1);
        assertThat(lan.take("b")).isEmpty();
        lan.lan.port("a").settings(PortSettings.DEFAULT);
        lan.pass(Duration.ofSeconds(10));
        assertThat(lan.take("a")).isEmpty();
    }

    @Test
    void shouldNotLetAStationShutDownAnothersPortByAForgedProbe() throws Exception {
        lan.port("a", PROBING).port("b", PROBING);
        lan.pass(Duration.ofSeconds(1));
        byte[] ofA = lan.take("a").get(0);
        byte[] ofB = lan.take("b").get(0);
        byte[] forged = ofA.clone();
        System.arraycopy(ofB, 22, forged, 22, 4); // the index of b, which is easily guessed
        lan.send("a", forged);
        assertThat(lan.take("b")).isEmpty();
        assertThat(lan.lan.port("a").status().up()).isTrue();
        assertThat(lan.lan.port("b").status().up()).isTrue();
        assertThat(lan.dropped("a", DropReason.LOOP_PROBE)).isEqualTo(1);
    }
}
