package io.weft.examples.hosts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostAddressTest {

    @Test
    void shouldGiveEachAddressInEachForm() {
        HostAddress address = new HostAddress("VM 1", "52:54:00:AB:00:01", "10.0.0.1/24", "FD00::1/64");

        assertThat(address.mac()).isEqualTo("52:54:00:ab:00:01");
        assertThat(address.macBits()).isEqualTo(0x525400ab0001L);
        assertThat(address.ip(IpVersion.IPV4)).isEqualTo("10.0.0.1");
        assertThat(address.ip(IpVersion.IPV6)).isEqualTo("fd00::1");
        assertThat(address.inetAddress(IpVersion.IPV4).getAddress()).containsExactly(10, 0, 0, 1);
        assertThat(address.inetAddress(IpVersion.IPV6).getAddress())
                .containsExactly(0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
    }

    @ParameterizedTest
    @CsvSource({
        "52:54:00:00:00, 10.0.0.1/24, fd00::1/64, mac",
        "53:54:00:00:00:01, 10.0.0.1/24, fd00::1/64, mac",
        "52:54:00:00:00:01, 10.0.0.1, fd00::1/64, ip4",
        "52:54:00:00:00:01, 10.0.0.256/24, fd00::1/64, ip4",
        "52:54:00:00:00:01, 10.0.0.1/33, fd00::1/64, ip4",
        "52:54:00:00:00:01, example.org/24, fd00::1/64, ip4",
        "52:54:00:00:00:01, 10.0.0.1/24, fd00::1, ip6",
        "52:54:00:00:00:01, 10.0.0.1/24, fd00::1/129, ip6",
        "52:54:00:00:00:01, 10.0.0.1/24, fd00:::1/64, ip6",
        "52:54:00:00:00:01, 10.0.0.1/24, 1:2:3/64, ip6",
        "52:54:00:00:00:01, 10.0.0.1/24, ::ffff:a00:1/64, ip6",
    })
    void shouldSayWhichAddressIsWrong(String mac, String ip4, String ip6, String wrong) {
        assertThatThrownBy(() -> new HostAddress("VM 1", mac, ip4, ip6))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(wrong + " '")
                .hasMessageContaining("accepted is");
    }
}
