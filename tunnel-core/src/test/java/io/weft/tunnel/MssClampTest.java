package io.weft.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.offload.VirtioFrame;
import io.weft.offload.WireFrame;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Option lists, honest and malformed, packets that are not to be touched, and the checksum afterwards. */
class MssClampTest {
    private static final int SYN = 0x02;

    private final FramePool pool = new FramePool(4, 2);

    private static WireFrame syn(boolean ipv6, String options, Consumer<WireFrame> change) {
        WireFrame wire = new WireFrame();
        if (ipv6) {
            wire.ipv6 = true;
            wire.from = new byte[] {(byte) 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
            wire.to = new byte[] {(byte) 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2};
        }
        wire.flags = SYN;
        wire.tcpOptions = HexFormat.of().parseHex(options.replace(" ", ""));
        change.accept(wire);
        return wire;
    }

    private static WireFrame syn(boolean ipv6, String options) {
        return syn(ipv6, options, wire -> {});
    }

    private byte[] clamped(byte[] bytes, int mtu, boolean changes) {
        Frame frame = VirtioFrame.plain(bytes).in(pool);
        assertThat(MssClamp.clamp(frame, mtu)).isEqualTo(changes);
        byte[] after = frame.toByteArray();
        frame.release();
        return after;
    }

    private void shouldLeaveAlone(byte[] bytes) {
        assertThat(clamped(bytes, 100, false)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @CsvSource({ // options before, options after, over IPv4 with an MTU of 1,400
        "020405b4, 02040550",
        "0101 020405b4 0101, 0101 02040550 0101",
        "01 020405b4 010101, 01 02040550 010101", // at an odd address
        "0402 080a 1122334455667788 020405b4, 0402 080a 1122334455667788 02040550",
        "030307 020405b4 00, 030307 02040550 00", // odd again
        "0204ffff, 02040550",
        "02040551, 02040550",
        "fe04 0000 020405b4, fe04 0000 02040550", // an unknown option
        "020405b4 020405b4, 02040550 020405b4" // the first, as Linux does
    })
    void shouldLowerTheOption(String before, String after) {
        assertThat(clamped(syn(false, before).bytes(), 1_400, true))
                .isEqualTo(syn(false, after).bytes());
        assertThat(clamped(syn(true, before).bytes(), 1_420, true))
                .isEqualTo(syn(true, after).bytes());
    }

    @ParameterizedTest
    @CsvSource({
        "02040550", // fits
        "02040000",
        "''", // no option
        "01010101",
        "00000000 020405b4", // behind the end
        "0203 05b4", // another length
        "0206 05b4 0000 0000",
        "0200 05b4",
        "0201 05b4",
        "fe00 0000 020405b4", // an option that ends before it begins
        "fe01 020405b4 0101",
        "feff 0000 020405b4", // ... or behind all
        "01010102",
        "01010204 ",
        "01020405"
    })
    void shouldLeaveOtherOptionsAlone(String options) {
        for (boolean ipv6 : new boolean[] {false, true}) {
            byte[] bytes = syn(ipv6, options).bytes();
            assertThat(clamped(bytes, ipv6 ? 1_420 : 1_400, false)).isEqualTo(bytes);
        }
    }

    @Test
    void shouldTouchOnlySyns() {
        for (int flags = 0; flags < 256; flags++) {
            int tried = flags;
            boolean syn = (flags & 0x06) == SYN;
            byte[] bytes = syn(false, "020405b4", wire -> wire.flags = tried).bytes();
            byte[] after = clamped(bytes, 1_400, syn);
            assertThat(after)
                    .isEqualTo(
                            syn
                                    ? syn(false, "02040550", wire -> wire.flags = tried)
                                            .bytes()
                                    : bytes);
        }
    }

    @Test
    void shouldKeepAPartialChecksum() {
        for (String options : new String[] {"020405b4", "01020405b4000000"}) {
            for (boolean ipv6 : new boolean[] {false, true}) {
                Frame frame = syn(ipv6, options).partial(0).in(pool);
                int field = frame.checksumStart() + frame.checksumOffset();
                int before = frame.getShort(field);
                assertThat(MssClamp.clamp(frame, 1_300)).isTrue();
                assertThat(frame.getShort(field)).isEqualTo(before);
                String lowered = options.replace("05b4", ipv6 ? "04d8" : "04ec");
                assertThat(frame.toByteArray())
                        .isEqualTo(syn(ipv6, lowered).partial(0).bytes());
                frame.release();
            }
        }
    }

    @Test
    void shouldTreatAWholeChecksumUnderAnotherPartialOneAsWhole() {
        byte[] bytes = syn(false, "020405b4").bytes();
        Frame frame = new VirtioFrame(bytes, 1, 0, 0, 0, 14, 10).in(pool);
        assertThat(MssClamp.clamp(frame, 1_400)).isTrue();
        assertThat(frame.toByteArray()).isEqualTo(syn(false, "02040550").bytes());
    }

    @Test
    void shouldKeepAWrongChecksumWrong() {
        byte[] after =
                clamped(syn(false, "020405b4", wire -> wire.checksum = 0x1234).bytes(), 1_400, true);
        assertThat(HexFormat.of().formatHex(after, 50, 52)).isEqualTo("1298"); // as much more as 0x5b4 is than 0x550
    }

    @Test
    void shouldFindTcpBehindOptionsTagsAndExtensionHeaders() {
        Consumer<WireFrame> ipOptions = wire -> wire.ipOptions = new byte[] {1, 1, 1, 0};
        assertThat(clamped(syn(false, "020405b4", ipOptions).bytes(), 1_400, true))
                .isEqualTo(syn(false, "02040550", ipOptions).bytes());
        Consumer<WireFrame> extension = wire -> wire.ipOptions = new byte[] {6, 0, 1, 4, 0, 0, 0, 0};
        assertThat(clamped(syn(true, "020405b4", extension).bytes(), 1_420, true))
                .isEqualTo(syn(true, "02040550", extension).bytes());
        for (int tags = 0; tags <= 64; tags++) {
            int[] stack = new int[tags];
            Arrays.fill(stack, 0x8100_0007);
            clamped(syn(false, "020405b4", wire -> wire.tags = stack).bytes(), 1_400, tags <= 4);
            clamped(syn(true, "020405b4", wire -> wire.tags = stack).bytes(), 1_400, tags <= 4);
        }
    }

    @Test
    void shouldLeaveAloneWhatHasNoTcpHeader() {
        shouldLeaveAlone(syn(false, "020405b4", wire -> wire.fragment = 0x0001).bytes());
        shouldLeaveAlone(syn(false, "020405b4", wire -> wire.fragment = 0x2001).bytes());
        shouldLeaveAlone(syn(false, "020405b4", wire -> wire.udp = true).bytes());
        shouldLeaveAlone(syn(true, "020405b4", wire -> wire.ipOptions = new byte[] {59, 0, 1, 4, 0, 0, 0, 0})
                .bytes());
        byte[] fragment = syn(true, "020405b4", wire -> wire.ipOptions = new byte[] {6, 0, 0, 1, 0, 0, 0, 0})
                .bytes();
        fragment[20] = 44;
        shouldLeaveAlone(fragment);
        byte[] authenticated = syn(true, "020405b4", wire -> wire.ipOptions = new byte[] {6, 0, 0, 0, 0, 0, 0, 0})
                .bytes();
        authenticated[20] = 51;
        shouldLeaveAlone(authenticated);
        clamped(syn(false, "020405b4", wire -> wire.fragment = 0x2000).bytes(), 1_400, true); // a first fragment
    }

    @Test
    void shouldLeaveAloneLengthsThatLie() {
        for (int words = 0; words < 16; words++) {
            int offset = words;
            byte[] bytes =
                    syn(false, "020405b4", wire -> wire.dataOffset = offset).bytes();
            if (words != 6) {
                shouldLeaveAlone(bytes);
            }
        }
        for (int length : new int[] {0, 1, 19, 20, 39, 43, 45, 65_535}) {
            shouldLeaveAlone(
                    syn(false, "020405b4", wire -> wire.ipLength = length).bytes());
        }
        for (int length : new int[] {0, 1, 19, 20, 23, 25, 65_535}) {
            shouldLeaveAlone(
                    syn(true, "020405b4", wire -> wire.ipLength = length).bytes());
        }
        for (boolean ipv6 : new boolean[] {false, true}) {
            byte[] whole = syn(ipv6, "01010101 020405b4").bytes();
            for (int length = 0; length < whole.length; length++) {
                shouldLeaveAlone(Arrays.copyOf(whole, length));
            }
            clamped(Arrays.copyOf(whole, whole.length + 10), 1_400, true); // padding
        }
    }

    @ParameterizedTest
    @CsvSource({"-1", "0", "40", "-2147483648"})
    void shouldLeaveAloneWhatNothingFits(int mtu) {
        clamped(syn(false, "020405b4").bytes(), mtu, false);
        clamped(syn(true, "020405b4").bytes(), mtu, false);
    }
}
