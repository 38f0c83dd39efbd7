package io.weft.gre;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.gre.ErspanHeader.Granularity;
import io.weft.port.InvalidPortException;
import io.weft.port.PortProviders;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the options of an ERSPAN port mean, and whole messages for those that are wrong. */
class ErspanRefusalTest {
    private static ErspanSettings settings(String options) {
        return ((ErspanPort) PortProviders.create("erspan:watch?" + options)).settings();
    }

    @Test
    void shouldHaveTheDefaultsThatItsOptionsDeclare() throws Exception {
        ErspanSettings expected = new ErspanSettings(
                "watch",
                InetAddress.getByName("10.0.0.9"),
                null,
                null,
                null,
                64,
                0,
                true,
                1,
                0,
                0,
                -1,
                0,
                Granularity.MICROSECONDS_100,
                0,
                0);
        assertThat(settings("remote_ip=10.0.0.9")).isEqualTo(expected);
        for (var option : ErspanOptions.ALL) {
            if (!option.defaultText().isEmpty()) {
                assertThat(settings("remote_ip=10.0.0.9&" + option.name() + "=" + option.defaultText()))
                        .as(option.name())
                        .isEqualTo(expected);
            }
        }
    }

    @Test
    void shouldTakeEachOption() throws Exception {
        assertThat(settings("remote_ip=fe80::9&local_ip=fe80::1&dev=eth0&netns=blue&ttl=255&tos=0xff&df_default=false"
                        + "&erspan_ver=2&key=0x3ff&erspan_dir=ingress&erspan_hwid=0x3f&erspan_timestamp=ns&mtu=65450"
                        + "&sndbuf=4096"))
                .isEqualTo(new ErspanSettings(
                        "watch",
                        InetAddress.getByName("fe80::9"),
                        InetAddress.getByName("fe80::1"),
                        "eth0",
                        "blue",
                        255,
                        255,
                        false,
                        2,
                        1_023,
                        0,
                        0,
                        63,
                        Granularity.NANOSECONDS,
                        65_450,
                        4_096));
        assertThat(settings("remote_ip=10.0.0.9&erspan_idx=1048575").index()).isEqualTo(0xf_ffff);
        assertThat(settings("remote_ip=10.0.0.9&erspan_idx=0xfffff").index()).isEqualTo(0xf_ffff);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "key=1 | remote_ip is missing; accepted: a unicast IPv4 or IPv6 address",
                "remote_ip=host | remote_ip is 'host'; accepted: a unicast IPv4 or IPv6 address",
                "remote_ip=239.1.1.1 | remote_ip is '239.1.1.1'; accepted: a unicast IPv4 or IPv6 address",
                "remote_ip=0.0.0.0 | remote_ip is '0.0.0.0'; accepted: a unicast IPv4 or IPv6 address",
                "remote_ip=10.0.0.9&local_ip=10.0.0.9 | remote_ip is '10.0.0.9'; accepted: another address than local_ip, which is"
                        + " the same",
                "remote_ip=10.0.0.9&local_ip=fd00::1 | local_ip is 'fd00::1'; accepted: an address of the family of remote_ip,"
                        + " which is '10.0.0.9'",
                "remote_ip=fe80::9 | remote_ip is 'fe80::9'; accepted: a link-local address with option dev, or with the"
                        + " interface's number as fe80::9%2 (in a URI %252), which `ip link` shows",
                "remote_ip=10.0.0.9&erspan_ver=0 | erspan_ver is '0'; accepted: 1..2",
                "remote_ip=10.0.0.9&erspan_ver=3 | erspan_ver is '3'; accepted: 1..2",
                "remote_ip=10.0.0.9&key=1024 | key is '1024'; accepted: 0..1023, also as 0x0..0x3ff",
                "remote_ip=10.0.0.9&key=-1 | key is '-1'; accepted: 0..1023, also as 0x0..0x3ff",
                "remote_ip=10.0.0.9&erspan_idx=0x100000 | erspan_idx is '0x100000'; accepted: 0..1048575, also as 0x0..0xfffff",
                "remote_ip=10.0.0.9&erspan_ver=2&erspan_hwid=64 | erspan_hwid is '64'; accepted: 0..63, also as 0x0..0x3f",
                "remote_ip=10.0.0.9&erspan_ver=2&erspan_dir=2 | erspan_dir is '2'; accepted: 0 or ingress, 1 or egress",
                "remote_ip=10.0.0.9&erspan_ver=2&erspan_timestamp=1s | erspan_timestamp is '1s'; accepted: 100us or 100ns or ns",
                "remote_ip=10.0.0.9&erspan_ver=2&erspan_idx=1 | erspan_idx is '1'; accepted: only with erspan_ver=1",
                "remote_ip=10.0.0.9&erspan_dir=1 | erspan_dir is '1'; accepted: only with erspan_ver=2",
                "remote_ip=10.0.0.9&erspan_hwid=1 | erspan_hwid is '1'; accepted: only with erspan_ver=2",
                "remote_ip=10.0.0.9&erspan_timestamp=ns | erspan_timestamp is 'ns'; accepted: only with erspan_ver=2",
                "remote_ip=10.0.0.9&ttl=0 | ttl is '0'; accepted: 1..255",
                "remote_ip=10.0.0.9&tos=256 | tos is '256'; accepted: 0..255, also as 0x0..0xff",
                "remote_ip=10.0.0.9&mtu=67 | mtu is '67'; accepted: 68..65450",
                "remote_ip=10.0.0.9&sndbuf=1 | sndbuf is '1'; accepted: 4096..1073741824",
                "remote_ip=10.0.0.9&dev=a/b | dev is 'a/b'; accepted: 1..15 bytes without space, '/', ':' and '%', as `ip link`"
                        + " lists them",
                "remote_ip=10.0.0.9&df_default=2 | df_default is '2'; accepted: true or false",
            })
    void shouldNameOptionValueAndWhatIsAccepted(String options, String message) {
        assertThatThrownBy(() -> settings(options))
                .isInstanceOf(InvalidPortException.class)
                .hasMessage("erspan port 'watch': option " + message);
    }

    @Test
    void shouldRefuseTheSameFromTheBuilder() {
        assertThatThrownBy(() -> ErspanPort.builder("watch")
                        .remote("10.0.0.9")
                        .version(3)
                        .build())
                .hasMessage("erspan port 'watch': option erspan_ver is '3'; accepted: 1..2");
        assertThatThrownBy(() -> ErspanPort.builder("watch")
                        .remote("10.0.0.9")
                        .sessionId(1_024)
                        .build())
                .hasMessage("erspan port 'watch': option key is '1024'; accepted: 0..1023");
        assertThatThrownBy(() -> ErspanPort.builder("watch").timestamps("s"))
                .hasMessage("erspan port 'watch': option erspan_timestamp is 's'; accepted: 100us or 100ns or ns");
        assertThatThrownBy(() -> ErspanPort.builder("a b").remote("10.0.0.9").build())
                .hasMessage(
                        "erspan port 'a b': the name is not valid; accepted: 1..64 characters without space and '/'");
    }
}
