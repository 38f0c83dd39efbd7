package io.weft.tunnel.bfd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BfdSettingsTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    @Test
    void shouldHaveOpenVSwitchsDefaults() {
        assertThat(BfdSettings.DEFAULT).isEqualTo(new BfdSettings(Duration.ofMillis(100), SECOND, 3));
    }

    @Test
    void shouldRefuseWhatIsOutOfRange() {
        assertThatThrownBy(() -> new BfdSettings(Duration.ofNanos(49_999_000), SECOND, 3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("min_tx is PT0.049999S; accepted: 50 ms..60 s");
        assertThatThrownBy(() -> new BfdSettings(SECOND, Duration.ofMillis(60_001), 3))
                .hasMessage("min_rx is PT1M0.001S; accepted: 50 ms..60 s");
        assertThatThrownBy(() -> new BfdSettings(SECOND, Duration.ofMillis(100).plusNanos(1), 3))
                .hasMessageEndingWith("accepted: whole microseconds");
        assertThatThrownBy(() -> new BfdSettings(SECOND, SECOND, 0)).hasMessage("mult is 0; accepted: 1..255");
        assertThatThrownBy(() -> new BfdSettings(SECOND, SECOND, 256)).hasMessage("mult is 256; accepted: 1..255");
    }
}
