package io.weft.port;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PortOptionTest {
    private static <T> T read(PortOption<T> option, String value) {
        return PortUri.parse("x:y?" + option.name() + "=" + value).get(option);
    }

    private static void assertRefused(PortOption<?> option, String value) {
        assertThatThrownBy(() -> read(option, value))
                .isInstanceOf(InvalidPortException.class)
                .hasMessageContaining("option " + option.name() + " is '" + value + "'")
                .hasMessageContaining("accepted: " + option.accepted());
    }

    @Test
    void shouldSayWhatItIs() {
        PortOption<Integer> option =
                PortOption.integer("mtu", 68, 9_000).meaning("longest packet").defaultValue("1500");
        assertThat(option.name()).isEqualTo("mtu");
        assertThat(option.accepted()).isEqualTo("68..9000");
        assertThat(option.meaning()).isEqualTo("longest packet");
        assertThat(option.defaultText()).isEqualTo("1500");
        assertThat(option.defaultValue()).isEqualTo(1_500);
        assertThat(option.isSecret()).isFalse();
        assertThat(option.secret().isSecret()).isTrue();
        assertThat(option.secret().defaultValue()).isEqualTo(1_500);
        assertThat(option.secret().meaning()).isEqualTo("longest packet");
    }

    private static PortOption<String> failing(String message) {
        return PortOption.of("parts", "A B", text -> {
            throw new IllegalArgumentException(message);
        });
    }

    @Test
    void shouldSayWhichPartIsWrongAndWhatIsAcceptedOfIt() {
        assertThatThrownBy(() -> read(failing("B is 'x'; accepted: a number").explained(), "a x"))
                .isInstanceOf(InvalidPortException.class)
                .hasMessageEndingWith("option parts is 'a x': B is 'x'; accepted: a number");
        assertThatThrownBy(() -> read(failing("B is missing").explained().meaning("two parts"), "a"))
                .hasMessageEndingWith("option parts is 'a': B is missing; accepted: A B");
        assertThatThrownBy(() -> read(failing(null).explained(), "a"))
                .hasMessageEndingWith("option parts is 'a'; accepted: A B");
        assertThatThrownBy(() -> read(failing("B is 'x'"), "a x"))
                .hasMessageEndingWith("option parts is 'a x'; accepted: A B");
    }

    @Test
    void shouldNotExplainASecret() {
        assertThatThrownBy(() -> read(failing("B is 'x'").explained().secret(), "a x"))
                .hasMessageEndingWith("option parts is '(not shown)'; accepted: A B")
                .hasNoCause();
    }

    @Test
    void shouldNotHaveADefaultItWouldRefuse() {
        assertThatThrownBy(() -> PortOption.integer("mtu", 68, 9_000).defaultValue("1"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource({"68, 68", "9000, 9000", "1500, 1500"})
    void shouldReadNumbersWithinTheirRange(String text, int value) {
        assertThat(read(PortOption.integer("mtu", 68, 9_000), text)).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(strings = {"67", "9001", "-1", "", "1e3", "0x44", "99999999999", "1500 ", "many"})
    void shouldRefuseOtherNumbers(String text) {
        assertRefused(PortOption.integer("mtu", 68, 9_000), text);
    }

    @ParameterizedTest
    @CsvSource({
        "true, true",
        "on, true",
        "YES, true",
        "1, true",
        "'', true",
        "false, false",
        "Off, false",
        "no, false",
        "0, false"
    })
    void shouldReadFlags(String text, boolean value) {
        assertThat(read(PortOption.flag("up"), text)).isEqualTo(value);
    }

    @Test
    void shouldTakeAFlagWithoutValueForTrueAndRefuseOthers() {
        assertThat(PortUri.parse("x:y?up").get(PortOption.flag("up"))).isTrue();
        assertRefused(PortOption.flag("up"), "maybe");
        assertRefused(PortOption.flag("up"), "2");
    }

    @Test
    void shouldReadOneWordOfAList() {
        PortOption<String> mode = PortOption.choice("mode", "stream", "dgram");
        assertThat(read(mode, "dgram")).isEqualTo("dgram");
        assertRefused(mode, "Stream");
        assertRefused(mode, "");
        assertThat(mode.accepted()).isEqualTo("stream or dgram");
    }

    @Test
    void shouldRefuseEmptyText() {
        assertRefused(PortOption.text("name", "a name"), "");
    }

    @ParameterizedTest
    @CsvSource({"500ms, 500", "2s, 2000", "5m, 300000", "1h, 3600000", "3600000ms, 3600000"})
    void shouldReadTimes(String text, long ms) {
        PortOption<Duration> time = PortOption.duration("ping", Duration.ofMillis(500), Duration.ofHours(1));
        assertThat(read(time, text)).isEqualTo(Duration.ofMillis(ms));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "5",
                "s",
                "499ms",
                "61m",
                "-5s",
                "5 s",
                "5S",
                "1.5s",
                "9999999999999999h",
                "99999999999999999999s"
            })
    void shouldRefuseTimesOutOfRangeOrWithoutUnit(String text) {
        PortOption<Duration> time = PortOption.duration("ping", Duration.ofMillis(500), Duration.ofHours(1));
        assertRefused(time, text);
        assertThat(time.accepted()).contains("500ms, 30s, 5m or 1h").contains("from 500ms to 3600s");
    }
}
