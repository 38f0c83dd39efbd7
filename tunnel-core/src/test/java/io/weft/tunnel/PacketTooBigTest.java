package io.weft.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.offload.VirtioFrame;
import io.weft.offload.WireFrame;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What is answered and what is not; {@link InnerFrameChecks} looks at the answers, and {@link TunnelTruthIT} holds every byte
 * of them against scapy's.
 */
class PacketTooBigTest {
    private static final int MTU = 1_400;
    private static final int IPV4 = 14;
    private static final int IPV6 = 14;

    private final InnerFrameChecks checks = new InnerFrameChecks();

    private static WireFrame wire(boolean ipv6, int payload, Consumer<WireFrame> change) {
        WireFrame wire = new WireFrame();
        if (ipv6) {
            wire.ipv6 = true;
            wire.from = address("fd000000000000000000000000000001");
            wire.to = address("fd000000000000000000000000000002");
        }
        wire.udp = true;
        wire.payload = new byte[payload];
        new SplittableRandom(payload).nextBytes(wire.payload);
        change.accept(wire);
        return wire;
    }

    private static byte[] address(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    private boolean answers(byte[] bytes) {
        return checks.check(VirtioFrame.plain(bytes), MTU);
    }

    private boolean answers4(Consumer<WireFrame> change) {
        return answers(wire(false, 1_450, change).bytes());
    }

    private boolean answers6(Consumer<WireFrame> change) {
        return answers(wire(true, 1_450, change).bytes());
    }

    @Test
    void shouldAnswerWhatIsTooLong() {
        assertThat(answers4(wire -> {})).isTrue();
        assertThat(answers6(wire -> {})).isTrue();
        assertThat(answers4(wire -> wire.padding = 30)).isTrue();
        assertThat(answers(wire(false, MTU - 27, wire -> {}).bytes())).isTrue();
        assertThat(answers(wire(false, MTU - 28, wire -> {}).bytes())).isFalse();
        assertThat(answers(wire(true, MTU - 47, wire -> {}).bytes())).isTrue();
        assertThat(answers(wire(true, MTU - 48, wire -> {}).bytes())).isFalse();
        // Too long is only what is behind the packet.
        assertThat(answers(wire(false, 100, wire -> wire.padding = 1_500).bytes()))
                .isFalse();
        assertThat(answers(wire(true, 100, wire -> wire.padding = 1_500).bytes()))
                .isFalse();
    }

    @Test
    void shouldAnswerAboutMtusThatHostsBelieve() {
        for (int mtu : new int[] {Integer.MIN_VALUE, -1, 0, 67}) {
            assertThat(checks.check(plain(false), mtu)).as("%d", mtu).isFalse();
        }
        assertThat(checks.check(plain(false), 68)).isTrue();
        for (int mtu : new int[] {Integer.MIN_VALUE, -1, 0, 68, 1_279}) {
            assertThat(checks.check(plain(true), mtu)).as("%d", mtu).isFalse();
        }
        assertThat(checks.check(plain(true), 1_280)).isTrue();
        assertThat(checks.check(plain(true), Integer.MAX_VALUE)).isFalse();
    }

    private static VirtioFrame plain(boolean ipv6) {
        return VirtioFrame.plain(wire(ipv6, 1_450, wire -> {}).bytes());
    }

    @Test
    void shouldAnswerOnlyDontFragmentAndFirstFragments() {
        for (int fragment = 0; fragment < 0x10000; fragment += fragment < 16 ? 1 : 0x0fff) {
            int tried = fragment;
            boolean first = (fragment & 0x4000) != 0 && (fragment & 0x1fff) == 0;
            assertThat(answers4(wire -> wire.fragment = tried))
                    .as("%x", fragment)
                    .isEqualTo(first);
        }
        assertThat(answers4(wire -> wire.fragment = 0x6000)).as("DF, MF").isTrue();
        byte[] first = wire(true, 1_450, wire -> wire.ipOptions = address("1100000112345678"))
                .bytes();
        first[IPV6 + 6] = 44;
        assertThat(answers(first)).isTrue();
        first[IPV6 + 40 + 3] = 9; // offset 8
        assertThat(answers(first)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 8, 11, 12, 13, 14, 127, 128, 129, 135, 137, 255})
    void shouldNotAnswerErrors(int type) {
        byte[] icmp = wire(false, 1_450, wire -> {}).bytes();
        icmp[IPV4 + 9] = 1;
        icmp[IPV4 + 20] = (byte) type;
        boolean error = type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
        assertThat(answers(icmp)).isEqualTo(!error);
        byte[] icmp6 = wire(true, 1_450, wire -> wire.ipOptions = address("3a00010400000000"))
                .bytes();
        icmp6[IPV6 + 48] = (byte) type;
        assertThat(answers(icmp6)).isEqualTo(type >= 128 && type != 137);
    }

    @Test
    void shouldNotAnswerWhereHeadersHideAnError() {
        byte[] cut = wire(true, 1_450, wire -> wire.ipOptions = address("3aff010400000000"))
                .bytes();
        assertThat(answers(cut)).as("longer than the frame").isFalse();
        assertThat(answers6(wire -> {
                    wire.ipOptions = address("11ff010400000000");
                    wire.padding = 1_000;
                }))
                .as("longer than the packet, within the frame")
                .isFalse();
        StringBuilder chain = new StringBuilder();
        for (int i = 0; i < 9; i++) {
            chain.append(i == 8 ? "11" : "3c").append("00010400000000");
        }
        assertThat(answers6(wire -> wire.ipOptions = address(chain.toString()))).isFalse();
        assertThat(answers6(wire -> wire.ipOptions = address(chain.substring(16))))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "0a000001, true", "00000000, false", "00000001, false", "7f000001, false", "e0000001, false",
        "f0000001, false", "ffffffff, false", "01000000, true", "80000001, true", "dfffffff, true"
    })
    void shouldAnswerOneStationAboutAnother4(String host, boolean answers) {
        assertThat(answers4(wire -> wire.from = address(host))).isEqualTo(answers);
        assertThat(answers4(wire -> wire.to = address(host))).isEqualTo(answers);
    }

    @ParameterizedTest
    @CsvSource({
        "fe800000000000000000000000000001, true",
        "00000000000000000000000000000002, true",
        "00000000000000000000000000000000, false",
        "00000000000000000000000000000001, false",
        "ff020000000000000000000000000001, false",
        "ff0e0000000000000000000000000001, false"
    })
    void shouldAnswerOneStationAboutAnother6(String host, boolean answers) {
        assertThat(answers6(wire -> wire.from = address(host))).isEqualTo(answers);
        assertThat(answers6(wire -> wire.to = address(host))).isEqualTo(answers);
    }

    @ParameterizedTest
    @CsvSource({"0x010000000001, false", "0, false", "0xffffffffffff, false", "0x333300000001, false", "0x02, true"})
    void shouldAnswerOneMacAddressFromAnother(long mac, boolean answers) {
        assertThat(answers4(wire -> wire.source = mac)).isEqualTo(answers);
        assertThat(answers6(wire -> wire.destination = mac)).isEqualTo(answers);
    }

    @Test
    void shouldAnswerBehindUpToFourTags() {
        for (int tags = 0; tags <= 64; tags++) {
            int[] stack = new int[tags];
            Arrays.fill(stack, 0x88a8_0007);
            assertThat(answers4(wire -> wire.tags = stack)).isEqualTo(tags <= 4);
            assertThat(answers6(wire -> wire.tags = stack)).isEqualTo(tags <= 4);
        }
    }

    @Test
    void shouldNotAnswerLengthsThatLie() {
        for (int length : new int[] {0, 1, 19, 20, MTU, 1_479, 65_535}) {
            assertThat(answers4(wire -> wire.ipLength = length))
                    .as("%d", length)
                    .isFalse();
        }
        assertThat(answers4(wire -> wire.ipLength = 1_478)).isTrue(); // the truth
        for (int length : new int[] {0, 1, MTU - 40, 1_459, 65_535}) {
            assertThat(answers6(wire -> wire.ipLength = length))
                    .as("%d", length)
                    .isFalse();
        }
        assertThat(answers6(wire -> wire.ipLength = 1_458)).isTrue();
        for (int first = 0; first < 256; first++) {
            byte[] bytes = wire(false, 1_450, wire -> {}).bytes();
            bytes[IPV4] = (byte) first;
            assertThat(answers(bytes)).as("%x", first).isEqualTo(first >= 0x45 && first <= 0x4f);
            bytes = wire(true, 1_450, wire -> {}).bytes();
            bytes[IPV6] = (byte) first;
            assertThat(answers(bytes)).as("%x", first).isEqualTo(first >> 4 == 6);
        }
    }

    @Test
    void shouldBearFramesCutAnywhere() {
        for (boolean ipv6 : new boolean[] {false, true}) {
            byte[] bytes = wire(ipv6, 1_450, wire -> wire.tags = new int[] {0x8100_0007})
                    .bytes();
            for (int length = 0; length < bytes.length; length++) {
                assertThat(answers(Arrays.copyOf(bytes, length))).isFalse();
            }
        }
    }

    @Test
    void shouldNotAnswerWhatIsNoIp() {
        byte[] bytes = wire(false, 1_450, wire -> {}).bytes();
        for (int type : new int[] {0x0806, 0x8847, 0x86dd, 0x0600, 0x05dc, 0x9100}) {
            bytes[12] = (byte) (type >> 8);
            bytes[13] = (byte) type;
            assertThat(answers(bytes)).isFalse();
        }
    }

    @Test
    void shouldMakeOneAnswerOfASuperFrame() {
        for (boolean ipv6 : new boolean[] {false, true}) {
            for (boolean udp : new boolean[] {false, true}) {
                for (int payload : new int[] {2_801, 20_000, 65_000}) {
                    VirtioFrame superFrame =
                            wire(ipv6, payload, wire -> wire.udp = udp).partial(1_400);
                    assertThat(checks.check(superFrame, MTU)).isTrue();
                }
            }
        }
    }

    @Test
    void shouldAnswerAFrameWithAPartialChecksum() {
        assertThat(checks.check(wire(false, 1_450, wire -> wire.udp = false).partial(0), MTU))
                .isTrue();
        assertThat(checks.check(wire(true, 1_450, wire -> {}).partial(0), MTU)).isTrue();
    }
}
