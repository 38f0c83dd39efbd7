package io.weft.gre;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NvgreTest {
    private final Frame frame = new FramePool(1, 0).allocate(0);

    @Test
    void shouldSplitTheKey() {
        GreHeader.prepend(frame, GreHeader.TRANSPARENT_ETHERNET, 0, Nvgre.key(0xfedcba, 0x98), GreHeader.NONE);
        assertThat(HexFormat.of().formatHex(frame.toByteArray())).isEqualTo("20006558fedcba98");
        int first = GreHeader.first(frame);
        assertThat(Nvgre.isNvgre(first)).isTrue();
        long key = GreHeader.key(frame, first);
        assertThat(Nvgre.vsid(key)).isEqualTo(0xfedcba);
        assertThat(Nvgre.flowIdOf(key)).isEqualTo(0x98);
    }

    @ParameterizedTest
    @CsvSource({
        "20006558, true",
        "23f86558, true", // ignored bits
        "00006558, false",
        "a0006558, false",
        "30006558, false",
        "20000800, false",
        "20000000, false",
    })
    void shouldKnowItsHeader(String first, boolean nvgre) {
        assertThat(Nvgre.isNvgre(Integer.parseUnsignedInt(first, 16))).isEqualTo(nvgre);
    }

    @ParameterizedTest
    @CsvSource({
        "0, false",
        "0xfff, false",
        "0x1000, true",
        "0xfffffe, true",
        "0xffffff, false",
        "0x1000000, false",
        "-1, false"
    })
    void shouldKnowWhichVsidsAreReserved(String vsid, boolean valid) {
        assertThat(Nvgre.isValidVsid(Integer.decode(vsid))).isEqualTo(valid);
    }

    @Test
    void shouldTakeAllBitsOfAHashForTheFlow() {
        for (int bit = 0; bit < 32; bit++) {
            assertThat(Nvgre.flowId(0x1234_5678 ^ 1 << bit))
                    .isNotEqualTo(Nvgre.flowId(0x1234_5678))
                    .isBetween(0, 255);
        }
    }
}
