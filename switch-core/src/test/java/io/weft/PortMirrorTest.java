package io.weft;

import static io.weft.SteppedLan.A;
import static io.weft.SteppedLan.B;
import static io.weft.SteppedLan.BROADCAST;
import static io.weft.SteppedLan.C;
import static io.weft.SteppedLan.frame;
import static io.weft.SteppedLan.tagged;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.bridge.PortSecurity;
import io.weft.bridge.PortSecurity.Violation;
import io.weft.bridge.PortSettings;
import io.weft.bridge.VlanSet;
import io.weft.bridge.VlanSettings;
import io.weft.mirror.Mirror;
import io.weft.port.DropReason;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the kernel's mirror_gre_bridge tests and Open vSwitch's mirrors look at, with a port as the output. */
class PortMirrorTest {
    private final SteppedLan lan = new SteppedLan();

    @AfterEach
    void close() {
        lan.close();
    }

    @Test
    void shouldMirrorWhatASourceReceivesAsItCame() throws Exception {
        lan.port("a", PortSettings.builder().vlans(VlanSettings.access(10)).build())
                .port("b")
                .port("ids");
        try (TrafficRecord mirror = lan.lan.mirror(Mirror.of("m").source("a").toPort("ids"))) {
            lan.send("a", frame(BROADCAST, A));
            assertThat(lan.take("ids")).containsExactly(frame(BROADCAST, A));
            assertThat(lan.take("b")).containsExactly(tagged(10, frame(BROADCAST, A)));
            lan.send("b", tagged(10, frame(A, B)));
            assertThat(lan.take("ids")).isEmpty();
            assertThat(mirror.recorded()).isZero();
        }
        lan.take("a");
        lan.send("a", frame(B, A));
        assertThat(lan.take("ids")).as("the mirror is closed, and B known").isEmpty();
        assertThat(lan.reached("a", frame(BROADCAST, A)))
                .as("a port like any other again")
                .containsExactly("b", "ids");
    }

    @Test
    void shouldMirrorWhatADestinationSendsAsItLeaves() throws Exception {
        lan.port("a")
                .port("b", PortSettings.builder().vlans(VlanSettings.access(10)).build())
                .port("c")
                .port("ids");
        lan.lan.mirror(Mirror.of("m").destination("b").toPort("ids"));
        lan.send("a", tagged(10, frame(BROADCAST, A)));
        assertThat(lan.take("ids")).containsExactly(frame(BROADCAST, A));
        lan.send("a", tagged(11, frame(BROADCAST, A)));
        assertThat(lan.take("ids")).as("b is not in that VLAN").isEmpty();
        lan.send("b", frame(BROADCAST, B));
        assertThat(lan.take("ids")).isEmpty();
    }

    @Test
    void shouldMirrorAFrameOnceHoweverManyPortsItConcerns() throws Exception {
        lan.port("a").port("b").port("c").port("ids").port("tap");
        lan.lan.mirror(Mirror.of("all").allPorts().toPort("ids"));
        lan.lan.mirror(Mirror.of("some").port("b").port("c").toPort("tap"));
        lan.send("a", frame(BROADCAST, A));
        assertThat(lan.take("ids")).containsExactly(frame(BROADCAST, A));
        assertThat(lan.take("tap")).containsExactly(frame(BROADCAST, A));
    }

    @Test
    void shouldMirrorAFloodedFrameOnceWhenOnlyDestinationsAreMirrored() throws Exception {
        lan.port("a").port("b").port("c").port("ids");
        lan.lan.mirror(Mirror.of("m").destination("b").destination("c").toPort("ids"));
        for (int i = 0; i < 3; i++) {
            lan.send("a", frame(BROADCAST, A));
            assertThat(lan.take("ids")).containsExactly(frame(BROADCAST, A));
        }
    }

    @Test
    void shouldMirrorOnlyItsVlans() throws Exception {
        lan.port("a").port("b").port("ids");
        lan.lan.mirror(Mirror.of("m").source("a").vlans(VlanSet.of(10)).toPort("ids"));
        lan.send("a", tagged(10, frame(BROADCAST, A)));
        lan.send("a", tagged(20, frame(BROADCAST, A)));
        lan.send("a", frame(BROADCAST, A));
        assertThat(lan.take("ids")).containsExactly(tagged(10, frame(BROADCAST, A)));
    }

    @Test
    void shouldCutAtTheSnapLength() throws Exception {
        lan.port("a").port("b").port("ids");
        lan.lan.mirror(Mirror.of("m").source("a").snapLength(20).toPort("ids"));
        lan.send("a", frame(BROADCAST, A));
        assertThat(lan.take("ids")).hasSize(1).first().satisfies(copy -> assertThat(copy)
                .isEqualTo(Arrays.copyOf(frame(BROADCAST, A), 20)));
        assertThat(lan.take("b")).containsExactly(frame(BROADCAST, A));
        lan.send("a", frame(BROADCAST, A, 14));
        assertThat(lan.take("ids")).containsExactly(frame(BROADCAST, A, 14));
    }

    @Test
    void shouldKeepTheOutputPortOutOfForwarding() throws Exception {
        lan.port("a").port("b").port("ids");
        lan.lan.mirror(Mirror.of("m").source("b").toPort("ids"));
        assertThat(lan.reached("a", frame(BROADCAST, A))).containsExactly("b");
        assertThat(lan.reached("ids", frame(A, C))).isEmpty();
        assertThat(lan.dropped("ids", DropReason.MIRROR_OUTPUT)).isEqualTo(1);
        assertThat(lan.whereIs(0, C)).isEmpty();
    }

    @Test
    void shouldFloodToAStationThatWasBehindThePortBeforeItBecameAnOutput() throws Exception {
        lan.port("a").port("b").port("ids");
        lan.send("ids", frame(BROADCAST, C));
        lan.lan.mirror(Mirror.of("m").source("b").toPort("ids"));
        assertThat(lan.whereIs(0, C)).isEmpty();
        assertThat(lan.reached("a", frame(C, A))).containsExactly("b");
    }

    @Test
    void shouldWaitForAnOutputPortThatIsNotThere() throws Exception {
        lan.port("a").port("b").port("ids");
        lan.lan.mirror(Mirror.of("m").source("a").toPort("ids"));
        lan.remove("ids");
        assertThat(lan.reached("a", frame(BROADCAST, A))).containsExactly("b");
        lan.port("ids");
        assertThat(lan.reached("a", frame(BROADCAST, A))).containsExactly("b", "ids");
        assertThat(lan.reached("b", frame(BROADCAST, B)))
                .as("only by the mirror")
                .containsExactly("a");
    }

    @Test
    void shouldMirrorFramesThatAreDroppedAfterwards() throws Exception {
        lan.port(
                        "a",
                        PortSettings.builder()
                                .security(PortSecurity.locked(Violation.DROP))
                                .build())
                .port("b")
                .port("ids");
        lan.lan.mirror(Mirror.of("m").source("a").toPort("ids"));
        assertThat(lan.reached("a", frame(BROADCAST, A))).containsExactly("ids");
        assertThat(lan.reached("a", frame("01:80:c2:00:00:00", A))).containsExactly("ids");
    }

    @Test
    void shouldRefuseASecondMirrorOfOneName() throws Exception {
        lan.port("a").port("ids");
        lan.lan.mirror(Mirror.of("m").source("a").toPort("ids"));
        assertThatThrownBy(() -> lan.lan.mirror(Mirror.of("m").source("a").toPort("ids")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'m'");
        assertThatThrownBy(() -> Mirror.of("m").toPort("ids")).hasMessageContaining("selects no port");
        assertThatThrownBy(() -> Mirror.of("m").allPorts().snapLength(13).toPort("ids"))
                .hasMessageContaining("snapLength is 13");
    }
}
