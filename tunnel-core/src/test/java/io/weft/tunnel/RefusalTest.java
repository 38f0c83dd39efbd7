package io.weft.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.port.InvalidPortException;
import io.weft.port.PortOption;
import io.weft.port.PortUri;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RefusalTest {
    private static final Refusal REFUSAL = new Refusal("gretap", "g0");

    @Test
    void shouldSpeakAsOptionsOfUrisDo() {
        PortOption<Integer> mtu = PortOption.integer("mtu", 68, 9_000);
        assertThatThrownBy(() -> PortUri.parse("gretap:g0?mtu=67").get(mtu))
                .hasMessage(REFUSAL.of("mtu", 67, "68..9000").getMessage());
        assertThatThrownBy(() -> REFUSAL.range("mtu", 67, 68, 9_000))
                .isInstanceOf(InvalidPortException.class)
                .hasMessage("gretap port 'g0': option mtu is '67'; accepted: 68..9000");
        assertThatThrownBy(() -> REFUSAL.range("mtu", 9_001, 68, 9_000))
                .hasMessage("gretap port 'g0': option mtu is '9001'; accepted: 68..9000");
        assertThatCode(() -> {
                    REFUSAL.range("mtu", 68, 68, 9_000);
                    REFUSAL.range("mtu", 9_000, 68, 9_000);
                })
                .doesNotThrowAnyException();
    }

    @Test
    void shouldWriteTimesAsTheyAreTyped() {
        assertThat(REFUSAL.of("ageing", Duration.ofSeconds(90), "less"))
                .hasMessage("gretap port 'g0': option ageing is '90s'; accepted: less");
        assertThat(REFUSAL.of("ageing", Duration.ofMillis(1_500), "less"))
                .hasMessage("gretap port 'g0': option ageing is '1500ms'; accepted: less");
    }

    @Test
    void shouldSayWhatIsMissing() {
        assertThat(REFUSAL.missing("key", "a number"))
                .hasMessage("gretap port 'g0': option key is missing; accepted: a number");
    }

    @Test
    void shouldKeepTheReadersReason() {
        assertThat(REFUSAL.<Integer>read("key", "a number", "7", Integer::valueOf))
                .isEqualTo(7);
        assertThatThrownBy(() -> REFUSAL.read("key", "a number", "seven", Integer::valueOf))
                .isInstanceOf(InvalidPortException.class)
                .hasMessage("gretap port 'g0': option key is 'seven'; accepted: a number")
                .hasCauseInstanceOf(NumberFormatException.class);
    }

    @Test
    void shouldSayWhichPartIsWrong() {
        assertThat(REFUSAL.<Integer>readParts("key", "a number", "7", Integer::valueOf))
                .isEqualTo(7);
        assertThatThrownBy(() -> REFUSAL.readParts("key", "a number", "seven", Integer::valueOf))
                .isInstanceOf(InvalidPortException.class)
                .hasMessage("gretap port 'g0': option key is 'seven': For input string: \"seven\"; accepted: a number")
                .hasCauseInstanceOf(NumberFormatException.class);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "255, 255", "0xff, 255", "0XfF, 255", "007, 7"})
    void shouldReadDecimalAndHexadecimalNumbers(String text, long number) {
        assertThat(TunnelOptions.number(text, 255)).isEqualTo(number);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0x", "256", "0x100", "-1", "+1", "1 ", "1e2", "0x-1", "9999999999999999", "x"})
    void shouldReadNoOtherNumbers(String text) {
        assertThatThrownBy(() -> TunnelOptions.number(text, 255)).isInstanceOf(IllegalArgumentException.class);
    }
}
