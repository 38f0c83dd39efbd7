package io.weft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.frame.Frame;
import io.weft.port.DropReason;
import io.weft.port.MemoryPort;
import io.weft.port.PortStatistics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What peers can send, through the whole switch. */
class HostileFramesTest {
    private static final String TO = "0200000000bb";
    private static final String FROM = "0200000000aa";
    private static final byte[] ARP =
            hex("ffffffffffff" + FROM + "0806" + "0001080006040001" + FROM + "0a000001" + "000000000000" + "0a000002");
    private static final byte[] NEIGHBOUR_SOLICITATION = hex("3333ff000002" + FROM + "86dd" + "6000000000203aff"
            + "fe80000000000000000000000000000a" + "ff0200000000000000000001ff000002" + "8700" + "1234" + "00000000"
            + "fe800000000000000000000000000002" + "0101" + FROM);
    private static final byte[] TAGGED = hex(TO + FROM + "8100" + "e064" + "0800" + "4500001c000100004011".repeat(2));
    private static final byte[] DOUBLE_TAGGED = hex(TO + FROM + "88a8" + "0fff" + "8100" + "0064" + "0800" + "4500");

    private final MemoryPort a = new MemoryPort("a");
    private final MemoryPort b = new MemoryPort("b");
    private VirtualSwitch lan;

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }

    @BeforeEach
    void open() throws Exception {
        lan = VirtualSwitch.builder().invoker(() -> 0).workers(1).build();
        lan.add(a);
        lan.add(b);
    }

    @AfterEach
    void close() {
        lan.close();
        assertThat(lan.statistics().unaccounted()).isZero();
    }

    private List<byte[]> pass(byte[] frame) {
        assertThat(a.send(frame)).isTrue();
        while (lan.step()) {
            // until nothing is left to do
        }
        List<byte[]> out = new ArrayList<>();
        for (byte[] next = b.receive(); next != null; next = b.receive()) {
            out.add(next);
        }
        assertThat(a.receive()).as("never back").isNull();
        return out;
    }

    private long dropped(DropReason reason) {
        return lan.statistics().dropped(reason);
    }

    @Test
    void shouldTakeEveryTruncationForWhatItIs() {
        // A long frame first, so that old bytes lie behind the short ones: they must not be taken for a tag.
        pass(TAGGED);
        for (byte[] whole : List.of(ARP, NEIGHBOUR_SOLICITATION, TAGGED, DOUBLE_TAGGED)) {
            boolean tagged = whole == TAGGED || whole == DOUBLE_TAGGED;
            for (int length = 0; length <= whole.length; length++) {
                byte[] frame = Arrays.copyOf(whole, length);
                PortStatistics before = lan.statistics();
                List<byte[]> out = pass(frame);
                PortStatistics after = lan.statistics();
                if (length < (tagged ? 18 : 14)) {
                    assertThat(out).as("runt of " + length).isEmpty();
                    assertThat(after.dropped(DropReason.RUNT)).isEqualTo(before.dropped(DropReason.RUNT) + 1);
                } else if (whole == DOUBLE_TAGGED) {
                    assertThat(out).as("VID 4095").isEmpty();
                    assertThat(after.dropped(DropReason.INVALID_VLAN))
                            .isEqualTo(before.dropped(DropReason.INVALID_VLAN) + 1);
                } else {
                    assertThat(out).as("frame of " + length).containsExactly(frame);
                }
                assertThat(after.rxBytes()).isEqualTo(before.rxBytes() + length);
                assertThat(after.unaccounted()).isZero();
            }
        }
    }

    @Test
    void shouldLearnNothingFromRunts() {
        for (int length = 0; length < 18; length++) {
            pass(Arrays.copyOf(TAGGED, length));
            pass(Arrays.copyOf(DOUBLE_TAGGED, length));
        }
        pass(DOUBLE_TAGGED);
        assertThat(lan.fdb().stations()).isEmpty();
    }

    @Test
    void shouldPassTagStacksOfAnyDepthInTheVlanOfTheOuterTag() {
        for (int tags = 1; tags <= 64; tags++) {
            StringBuilder frame = new StringBuilder(TO).append(FROM);
            for (int i = 0; i < tags; i++) {
                frame.append(i % 2 == 0 ? "88a8" : "8100").append(i == 0 ? "2007" : "0fff");
            }
            byte[] stacked = hex(frame.append("0800").toString());
            assertThat(pass(stacked)).containsExactly(stacked);
        }
        assertThat(lan.fdb().stations()).singleElement().satisfies(station -> assertThat(station.vlan())
                .isEqualTo(7));
    }

    @ParameterizedTest
    @CsvSource({"8100, 0000, 0", "8100, e000, 0", "88a8, 1000, 0", "8100, 0ffe, 4094", "9100, 0005, 0"})
    void shouldTakePriorityTagsForUntaggedAndUnknownTpidsForTypes(String tpid, String tci, int vlan) {
        byte[] frame = hex(TO + FROM + tpid + tci + "0800" + "00".repeat(40));
        assertThat(pass(frame)).containsExactly(frame);
        assertThat(lan.fdb().stations()).singleElement().satisfies(station -> assertThat(station.vlan())
                .isEqualTo(vlan));
    }

    @ParameterizedTest
    @ValueSource(ints = {1_793, 9_018, 65_534, 65_535})
    void shouldPassFramesUpToTheLongest(int length) {
        byte[] frame = Arrays.copyOf(ARP, length);
        frame[length - 1] = 0x5a;
        assertThat(pass(frame)).containsExactly(frame);
    }

    @Test
    void shouldRefuseLongerFramesBeforeTheyComeIn() {
        assertThatThrownBy(() -> a.send(new byte[Frame.MAX_LENGTH + 1]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("65536")
                .hasMessageContaining("65535");
        assertThat(lan.statistics().rxFrames()).isZero();
    }

    @Test
    void shouldCountFramesLongerThanTheEgressPortTakes() throws Exception {
        MemoryPort narrow = new MemoryPort("narrow", 60);
        lan.add(narrow);
        assertThat(pass(Arrays.copyOf(ARP, 60))).hasSize(1);
        assertThat(narrow.receive()).hasSize(60);
        assertThat(pass(Arrays.copyOf(ARP, 61))).hasSize(1);
        assertThat(narrow.receive()).isNull();
        assertThat(dropped(DropReason.TOO_LONG)).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"000000000000", "ffffffffffff", "01005e000001", "0180c2000000", "010000000000"})
    void shouldForwardButNotLearnGroupAndZeroSources(String source) {
        byte[] frame = hex(TO + source + "0800" + "00".repeat(46));
        assertThat(pass(frame)).containsExactly(frame);
        assertThat(lan.fdb().stations()).isEmpty();
    }

    @Test
    void shouldNotTrustAStationThatSendsToItself() {
        byte[] frame = hex(FROM + FROM + "0800" + "00".repeat(46));
        assertThat(pass(frame)).isEmpty();
        assertThat(dropped(DropReason.SAME_PORT)).isEqualTo(1);
    }

    @Test
    void shouldFloodWhatIsSentToTheZeroAddress() {
        byte[] frame = hex("000000000000" + FROM + "0800" + "00".repeat(46));
        assertThat(pass(frame)).containsExactly(frame);
    }

    @Test
    void shouldKeepReservedGroupsToItselfAndPassTheirNeighbours() {
        for (int last = 0; last < 32; last++) {
            byte[] frame = hex("0180c20000" + String.format("%02x", last) + FROM + "0026424203" + "00".repeat(46));
            assertThat(pass(frame)).hasSize(last < 16 ? 0 : 1);
        }
        assertThat(dropped(DropReason.RESERVED_MULTICAST)).isEqualTo(16);
    }

    @Test
    void shouldTakeAFrameFromNoPortForAnOrphan() throws Exception {
        // A driver that forgets to stamp its frames, or stamps a port that nobody has.
        int[] stamps = {Frame.NO_PORT, 77, Integer.MAX_VALUE, Integer.MIN_VALUE};
        lan.add(new ScriptedDriver("confused").onPoll((driver, into, limit) -> {
            for (int stamp : stamps) {
                Frame frame = driver.context().pool().allocate(60);
                frame.ingress(stamp);
                into.add(frame);
            }
            return stamps.length;
        }));
        while (lan.step()) {
            // until nothing is left to do
        }
        assertThat(dropped(DropReason.RX_PORT_DOWN)).isEqualTo(stamps.length);
        assertThat(b.receive()).isNull();
    }
}
