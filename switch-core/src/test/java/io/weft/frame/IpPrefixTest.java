package io.weft.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpPrefixTest {
    @ParameterizedTest
    @CsvSource({
        "10.0.0.1/24, 10.0.0.1/24, 10.0.0.0/24",
        "0.0.0.0/0, 0.0.0.0/0, 0.0.0.0/0",
        "255.255.255.255/32, 255.255.255.255/32, 255.255.255.255/32",
        "FD00:0::1/64, fd00::1/64, fd00::/64",
        "2001:db8:ffff:ffff:ffff::1/65, 2001:db8:ffff:ffff:ffff::1/65, 2001:db8:ffff:ffff:8000::/65",
        "::/0, ::/0, ::/0",
        "::ffff:192.0.2.1/24, 192.0.2.1/24, 192.0.2.0/24"
    })
    void shouldReadAndWrite(String text, String canonical, String network) {
        IpPrefix prefix = IpPrefix.parse(text);
        assertThat(prefix).hasToString(canonical);
        assertThat(IpPrefix.parse(canonical)).isEqualTo(prefix);
        assertThat(prefix.network()).hasToString(network);
        assertThat(prefix.contains(prefix.high(), prefix.low())).isTrue();
        assertThat(IpPrefix.of(prefix.address(), prefix.length())).isEqualTo(prefix);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "10.0.0.1",
                "10.0.0.1/",
                "10.0.0.1/33",
                "10.0.0.1/-1",
                "10.0.0/24",
                "10.0.0.256/24",
                "fd00::1/129",
                "fd00::1%eth0/64",
                "host/24",
                "10.0.0.1/24/8",
                "10.0.0.1/99999999999",
                "::ffff:192.0.2.1/120",
                "1.2.3.4/\u0662"
            })
    void shouldRefuseWhatIsNoPrefix(String text) {
        assertThatThrownBy(() -> IpPrefix.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + text + "' is not " + IpPrefix.ACCEPTED);
    }

    @Test
    void shouldTakeAnAddressForItself() {
        assertThat(IpPrefix.parseOrHost("10.0.0.1")).hasToString("10.0.0.1/32");
        assertThat(IpPrefix.parseOrHost("fd00::1")).hasToString("fd00::1/128");
        assertThat(IpPrefix.parseOrHost("fd00::1").isHost()).isTrue();
        assertThat(IpPrefix.parseOrHost("10.0.0.1/31").isHost()).isFalse();
        assertThatThrownBy(() -> IpPrefix.parseOrHost("x")).hasMessageContaining(IpPrefix.ACCEPTED);
    }

    @Test
    void shouldContainAddressesOfItsFamilyOnly() throws Exception {
        IpPrefix all = IpPrefix.parse("::/0");
        assertThat(all.contains(0, IpAddress.lowOfIpv4(1))).isFalse();
        assertThat(all.contains(0, 1)).isTrue();
        IpPrefix net = IpPrefix.of(InetAddress.getByName("10.1.2.3"), 30);
        assertThat(net.contains(0, IpAddress.lowOfIpv4(0x0a01_0200))).isTrue();
        assertThat(net.contains(0, IpAddress.lowOfIpv4(0x0a01_0204))).isFalse();
    }
}
