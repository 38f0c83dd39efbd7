package io.weft.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RouteSpecTest {
    @Test
    void shouldReadItsParts() {
        assertThat(RouteSpec.parse("10.1.0.0/16 via fd00::2"))
                .isEqualTo(new RouteSpec(AddressLiteral.parse("10.1.0.0"), 16, AddressLiteral.parse("fd00::2")));
        assertThat(RouteSpec.parse(" fe80::/10   via fe80::2%3 "))
                .isEqualTo(new RouteSpec(AddressLiteral.parse("fe80::"), 10, AddressLiteral.parse("fe80::2%3")));
    }

    @ParameterizedTest
    @CsvSource({
        "10.1.0.0/16 via 192.0.2.2, 10.1.0.0/16 via 192.0.2.2",
        "0.0.0.0/0 via FD00:0::2, 0.0.0.0/0 via fd00::2",
        "::/0 via 192.0.2.2, ::/0 via 192.0.2.2",
        "10.1.2.3 via 192.0.2.2, 10.1.2.3/32 via 192.0.2.2",
        "fd00::7 via fe80::2%3, fd00::7/128 via fe80::2%3",
    })
    void shouldBeWrittenAsItIsRead(String text, String written) {
        assertThat(RouteSpec.parse(text)).hasToString(written);
        assertThat(RouteSpec.parse(written)).isEqualTo(RouteSpec.parse(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "10.1.0.0/16",
                "10.1.0.0/16 via",
                "10.1.0.0/16 dev 192.0.2.2",
                "10.1.0.0/16 via 192.0.2.2 metric 5",
                "default via 192.0.2.2",
                "10.1.0.0/33 via 192.0.2.2",
                "fd00::/129 via 192.0.2.2",
                "10.1.0.0/ via 192.0.2.2",
                "10.1.0.0/16 via vtep2",
                "10.1.0.0/16 via 192.0.2.0/24",
                "fe80::%2/64 via 192.0.2.2"
            })
    void shouldRefuseSomethingElse(String text) {
        assertThatThrownBy(() -> RouteSpec.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldRefuseBitsBehindThePrefix() {
        assertThatThrownBy(() -> RouteSpec.parse("10.1.0.1/16 via 192.0.2.2"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("network is 10.1.0.1/16; accepted: 10.1.0.0/16");
        assertThatThrownBy(() -> RouteSpec.parse("::1/0 via 192.0.2.2")).hasMessage("network is ::1/0; accepted: ::/0");
    }
}
