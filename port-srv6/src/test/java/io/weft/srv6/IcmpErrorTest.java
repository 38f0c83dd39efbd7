package io.weft.srv6;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.frame.Icmpv6;
import io.weft.tunnel.Packets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IcmpErrorTest {
    private static final SrSource SOURCE = SidNode.source("fd00::99", 0x33);
    private static final String TO_US = "[fd00::1] [fc00:1::e]";

    private final FramePool pool = new FramePool(1, 1);

    @Test
    void shouldQuoteThePacketThatItIsAbout() {
        Frame frame = frame("60000000 0008 1101" + TO_US + "0001000200080000");
        frame.offload(Frame.OFFLOAD_CHECKSUM_PARTIAL, 0, 0, 0, 40, 6);
        assertThat(make(frame, IcmpError.of(4, 0, 43))).isTrue();
        assertThat(Packets.hex(frame))
                .isEqualTo(Packets.hex(SidNode.bytes("60000000 0038 3a33 [fd00::99] [fd00::1] 0400 96a0 0000002b"
                        + "60000000 0008 1101" + TO_US + "0001000200080000")));
        assertThat(frame.hasPendingOffload()).isFalse();
    }

    @Test
    void shouldBeAtMost1280BytesLong() {
        for (int length : new int[] {1_231, 1_232, 1_233, 9_000}) {
            byte[] packet = Arrays.copyOf(SidNode.bytes("60000000 %04x 1101".formatted(length - 40) + TO_US), length);
            Frame frame = SidNode.frame(pool, packet);
            assertThat(make(frame, IcmpError.of(3, 0, 0))).isTrue();
            assertThat(frame.length()).isEqualTo(Math.min(length + 48, 1_280));
            assertThat(Icmpv6.hasValidChecksum(frame, 40, 0, frame.length() - 40))
                    .isTrue();
            assertThat(frame.getShort(4)).isEqualTo(frame.length() - 40);
            frame.release();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // to whom nobody can answer
                "60000000 0008 1140 [::] [fc00:1::e] 0000000000000000",
                "60000000 0008 1140 [::1] [fc00:1::e] 0000000000000000",
                "60000000 0008 1140 [ff0e::1] [fc00:1::e] 0000000000000000",
                "60000000 0008 1140 [fd00::1] [ff0e::1] 0000000000000000",
                // about errors and redirects, and what may be one
                "60000000 0008 3a40 [fd00::1] [fc00:1::e] 0100000000000000",
                "60000000 0008 3a40 [fd00::1] [fc00:1::e] 7f00000000000000",
                "60000000 0008 3a40 [fd00::1] [fc00:1::e] 8900000000000000",
                "60000000 0010 3c40 [fd00::1] [fc00:1::e] 3a00000000000000 0300000000000000",
                "60000000 0020 2b40 [fd00::1] [fc00:1::e] 3a02040100000000 [fc00:2::d] 0300000000000000",
                "60000000 0000 3a40 [fd00::1] [fc00:1::e]",
                "60000000 0010 2c40 [fd00::1] [fc00:1::e] 1100000900000001 0100000000000000",
                "60000000 0008 3c40 [fd00::1] [fc00:1::e] 3a01000000000000"
            })
    void shouldNotBeMade(String packet) {
        Frame frame = frame(packet);
        assertThat(make(frame, IcmpError.of(3, 0, 0))).isFalse();
        assertThat(Packets.hex(frame)).isEqualTo(Packets.hex(SidNode.bytes(packet)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "60000000 0008 3a40 [fd00::1] [fc00:1::e] 8000000000000000", // an echo request
                "60000000 0038 2940 [fd00::1] [fc00:1::e] 60000000 0010 3a40 [fd00::1] [fd00::2] 0100000000000000"
                        + "0000000000000000", // an error inside of a tunnel
                "60000000 0000 3b40 [fd00::1] [fc00:1::e]"
            })
    void shouldBeMadeAbout(String packet) {
        assertThat(make(frame(packet), IcmpError.of(3, 0, 0))).isTrue();
    }

    @Test
    void shouldNeedHeadroomAndSomethingToSay() {
        Frame frame = frame("60000000 0000 1140" + TO_US);
        assertThat(make(frame, IcmpError.NONE)).isFalse();
        frame.prepend(frame.headroom() - 47);
        frame.putLong(0, 0x6000_0000_0000_1140L);
        frame.putLong(8, 0xfdL << 56 | 1);
        assertThat(make(frame, IcmpError.of(3, 0, 0))).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"1, 0, 0", "3, 0, 0", "4, 4, 65535", "255, 255, 2147483647"})
    void shouldBeOneNumber(int type, int code, int pointer) {
        long error = IcmpError.of(type, code, pointer);
        assertThat(error).isNotEqualTo(IcmpError.NONE);
        assertThat(IcmpError.type(error)).isEqualTo(type);
        assertThat(IcmpError.code(error)).isEqualTo(code);
        assertThat(IcmpError.pointer(error)).isEqualTo(pointer);
    }

    private Frame frame(String packet) {
        return SidNode.frame(pool, SidNode.bytes(packet));
    }

    private static boolean make(Frame frame, long error) {
        return IcmpError.make(frame, error, SOURCE);
    }
}
