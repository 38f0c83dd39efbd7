package io.weft;

import static io.weft.SteppedLan.A;
import static io.weft.SteppedLan.B;
import static io.weft.SteppedLan.BROADCAST;
import static io.weft.SteppedLan.C;
import static io.weft.SteppedLan.GROUP;
import static io.weft.SteppedLan.frame;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.bridge.PortSettings;
import io.weft.port.DropReason;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the kernel's bridge_port_isolation.sh looks at, split-horizon groups, hairpin and the flood switches. */
class IsolationTest {
    private final SteppedLan lan = new SteppedLan();

    @AfterEach
    void close() {
        lan.close();
    }

    private static final PortSettings ISOLATED =
            PortSettings.builder().isolated(true).build();

    @Test
    void shouldNotExchangeFramesBetweenIsolatedPorts() throws Exception {
        lan.port("a", ISOLATED).port("b", ISOLATED).port("c");
        assertThat(lan.reached("a", frame(BROADCAST, A))).containsExactly("c");
        assertThat(lan.reached("a", frame(GROUP, A))).containsExactly("c");
        assertThat(lan.reached("b", frame(C, B))).containsExactly("c");
        assertThat(lan.reached("a", frame(B, A))).as("known, and isolated").isEmpty();
        assertThat(lan.dropped("a", DropReason.ISOLATED)).isEqualTo(1);
        assertThat(lan.reached("c", frame(BROADCAST, C))).containsExactly("a", "b");
        assertThat(lan.reached("c", frame(A, C))).containsExactly("a");
        assertThat(lan.reached("a", frame(C, A))).containsExactly("c");
    }

    @Test
    void shouldCountAFloodThatIsolationLeavesNowhereToGo() throws Exception {
        lan.port("a", ISOLATED).port("b", ISOLATED);
        assertThat(lan.reached("a", frame(BROADCAST, A))).isEmpty();
        assertThat(lan.dropped("a", DropReason.ISOLATED)).isEqualTo(1);
        lan.lan.port("b").change(settings -> settings.isolated(false));
        assertThat(lan.reached("a", frame(BROADCAST, A))).containsExactly("b");
    }

    @Test
    void shouldNotExchangeFramesWithinASplitHorizonGroup() throws Exception {
        lan.port("a", PortSettings.builder().splitHorizonGroup(1).build())
                .port("b", PortSettings.builder().splitHorizonGroup(1).build())
                .port("c", PortSettings.builder().splitHorizonGroup(2).build())
                .port("d");
        assertThat(lan.reached("a", frame(BROADCAST, A))).containsExactly("c", "d");
        assertThat(lan.reached("b", frame(A, B))).isEmpty();
        assertThat(lan.dropped("b", DropReason.SPLIT_HORIZON)).isEqualTo(1);
        assertThat(lan.reached("c", frame(A, C))).containsExactly("a");
    }

    @Test
    void shouldSendBackWhereHairpinIsOn() throws Exception {
        lan.port("a", PortSettings.builder().hairpin(true).build()).port("b");
        assertThat(lan.reached("a", frame(BROADCAST, A))).containsExactly("a", "b");
        lan.send("a", frame(BROADCAST, C));
        assertThat(lan.reached("a", frame(C, A))).containsExactly("a");
        lan.lan.port("a").change(settings -> settings.hairpin(false));
        assertThat(lan.reached("a", frame(C, A))).isEmpty();
        assertThat(lan.dropped("a", DropReason.SAME_PORT)).isEqualTo(1);
    }

    @Test
    void shouldFloodEachClassOnlyWhereItsSwitchIsOn() throws Exception {
        lan.port("a")
                .port("b", PortSettings.builder().floodBroadcast(false).build())
                .port("m", PortSettings.builder().floodMulticast(false).build())
                .port("u", PortSettings.builder().floodUnknownUnicast(false).build());
        assertThat(lan.reached("a", frame(BROADCAST, A))).containsExactly("m", "u");
        assertThat(lan.reached("a", frame(GROUP, A))).containsExactly("b", "u");
        assertThat(lan.reached("a", frame(C, A))).containsExactly("b", "m");
        lan.send("u", frame(A, C));
        assertThat(lan.reached("a", frame(C, A)))
                .as("known unicast is no flooding")
                .containsExactly("u");
    }

    @Test
    void shouldNotForwardReservedAddressesNorLearnGroupSources() throws Exception {
        lan.port("a").port("b");
        assertThat(lan.reached("a", frame("01:80:c2:00:00:00", A))).isEmpty();
        assertThat(lan.reached("a", frame("01:80:c2:00:00:0f", A))).isEmpty();
        assertThat(lan.reached("a", frame("01:80:c2:00:00:10", A))).containsExactly("b");
        assertThat(lan.dropped("a", DropReason.RESERVED_MULTICAST)).isEqualTo(2);
        lan.send("a", frame(BROADCAST, GROUP));
        lan.send("a", frame(BROADCAST, "00:00:00:00:00:00"));
        assertThat(lan.lan.fdb().stations()).hasSize(1);
    }
}
