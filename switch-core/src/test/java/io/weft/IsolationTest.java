package io.weft;

import static io.weft.SteppedLan.A;
import static io.weft.SteppedLan.B;
import static io.weft.SteppedLan.BROADCAST;
import static io.weft.SteppedLan.C;
import static io.weft.SteppedLan.GROUP;
import static io.weft.SteppedLan.frame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.bridge.PortSettings;
import io.weft.bridge.Trace;
import io.weft.frame.Frame;
import io.weft.patch.PatchPort;
import io.weft.port.DropReason;
import io.weft.worker.AttachedDriver;
import java.util.List;
import java.util.stream.Stream;
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

    /** Stamps what it receives with the group that the test says. */
    private ScriptedDriver tunnel(byte[] bytes, int... groups) {
        return new ScriptedDriver("tunnel").onPoll((driver, into, limit) -> {
            for (int group : groups) {
                Frame frame = driver.context().pool().allocate(bytes.length);
                frame.putBytes(0, bytes, 0, bytes.length);
                frame.ingress(driver.handle().index());
                frame.splitHorizonGroup(group);
                into.add(frame);
            }
            return groups.length;
        });
    }

    private List<Integer> arrived(String... ports) {
        lan.settle();
        return Stream.of(ports).map(port -> lan.take(port).size()).toList();
    }

    @Test
    void shouldNotFloodIntoTheGroupThatAFrameSays() throws Exception {
        lan.port("a", PortSettings.builder().splitHorizonGroup(1).build())
                .port("b", PortSettings.builder().splitHorizonGroup(1).build())
                .port("c", PortSettings.builder().splitHorizonGroup(2).build())
                .port("d");
        lan.send("d", frame(C, B)); // nobody is known to be anywhere but B
        arrived("a", "b", "c", "d");
        byte[][] flooded = {frame(BROADCAST, A), frame(GROUP, A), frame(C, A)};
        for (byte[] bytes : flooded) {
            try (AttachedDriver attached = lan.lan.add(tunnel(bytes, 0, 1, 2, 3))) {
                assertThat(arrived("a", "b", "c", "d")).containsExactly(3, 3, 3, 4);
                assertThat(lan.dropped("tunnel", DropReason.SPLIT_HORIZON)).isZero();
                Trace trace = lan.lan.trace(bytes, "tunnel", 1);
                assertThat(trace.sent()).extracting(Trace.Sent::port).containsExactly("c", "d");
                assertThat(trace.toString())
                        .contains(
                                "not to a: destination is in the split-horizon group of the ingress port, or of the frame");
            }
        }
        try (AttachedDriver attached = lan.lan.add(tunnel(frame(B, A), 0, 1, 2, 3))) {
            assertThat(arrived("a", "b", "c", "d")).as("known, and not flooded").containsExactly(0, 0, 0, 4);
        }
        assertThatThrownBy(() -> lan.lan.trace(frame(B, A), "a", -1))
                .hasMessage("splitHorizonGroup is -1; accepted: 0 (none) or more");
    }

    @Test
    void shouldCountAFloodThatAFramesGroupLeavesNowhereToGo() throws Exception {
        PortSettings grouped = PortSettings.builder().splitHorizonGroup(7).build();
        lan.port("a", grouped);
        PortSettings hub =
                PortSettings.builder().splitHorizonGroup(7).hairpin(true).build();
        try (AttachedDriver attached = lan.lan.add(tunnel(frame(BROADCAST, A), 7, 7), hub)) {
            lan.settle();
            assertThat(lan.dropped("tunnel", DropReason.SPLIT_HORIZON)).isEqualTo(2);
        }
        assertThat(lan.take("a")).isEmpty();
    }

    /** What is told about a frame is said of this switch's ports only. */
    @Test
    void shouldNotHeedTheGroupInTheNextSwitch() throws Exception {
        lan.port("a");
        try (SteppedLan next = new SteppedLan()) {
            next.port("x", PortSettings.builder().splitHorizonGroup(1).build());
            PatchPort.Pair link = PatchPort.pair("here", "there");
            lan.lan.add(link.first());
            next.lan.add(link.second());
            lan.lan.add(tunnel(frame(BROADCAST, A), 1));
            assertThat(arrived("a")).containsExactly(1);
            next.settle();
            assertThat(next.take("x")).hasSize(1);
            lan.settle();
        }
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
