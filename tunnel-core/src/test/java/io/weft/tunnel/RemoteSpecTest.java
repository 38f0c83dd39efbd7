package io.weft.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RemoteSpecTest {
    @ParameterizedTest
    @CsvSource({
        "10.0.0.2, 10.0.0.2, 0, 10.0.0.2",
        "10.0.0.2:8472, 10.0.0.2, 8472, 10.0.0.2:8472",
        "fd00::2, fd00::2, 0, fd00::2",
        "[fd00::2], fd00::2, 0, fd00::2",
        "[FD00:0:0::2]:65535, fd00::2, 65535, [fd00::2]:65535",
        "::ffff:10.0.0.2, 10.0.0.2, 0, 10.0.0.2",
        "[::ffff:10.0.0.2]:1, 10.0.0.2, 1, 10.0.0.2:1",
        "fe80::2%7, fe80::2%7, 0, fe80::2%7",
        "[fe80::2%7]:4789, fe80::2%7, 4789, [fe80::2%7]:4789",
        "VTEP2, vtep2, 0, vtep2",
        "vtep2.example.net:8472, vtep2.example.net, 8472, vtep2.example.net:8472",
        "2nd-vtep, 2nd-vtep, 0, 2nd-vtep",
    })
    void shouldReadAddressesAndNames(String text, String host, int port, String written) {
        RemoteSpec remote = RemoteSpec.parse(text);
        assertThat(remote).isEqualTo(new RemoteSpec(host, port, -1)).hasToString(written);
        assertThat(RemoteSpec.parse(written)).isEqualTo(remote);
        assertThat(remote.isName()).isEqualTo(host.contains("vtep"));
        assertThat(remote.address()).isEqualTo(remote.isName() ? null : AddressLiteral.parse(host));
    }

    @Test
    void shouldSayTheKeyItHas() {
        assertThat(new RemoteSpec("fd00::2", 8_472, 0)).hasToString("[fd00::2]:8472 key 0");
        assertThat(new RemoteSpec("10.0.0.2")).isEqualTo(new RemoteSpec("10.0.0.2", 0, -1));
    }

    @Test
    void shouldSayWhatIsWrong() {
        assertThatThrownBy(() -> new RemoteSpec("10.0.0.2", 65_536, -1))
                .hasMessage("port is 65536; accepted: 0 (the port's dst_port)..65535");
        assertThatThrownBy(() -> new RemoteSpec("10.0.0.2", 0, 1L << 32))
                .hasMessage("key is 4294967296; accepted: -1 (the port's out_key)..4294967295");
        assertThatThrownBy(() -> new RemoteSpec("-a", 0, -1)).hasMessageStartingWith("host is '-a'; accepted: ");
        assertThatThrownBy(() -> new RemoteSpec("a".repeat(64), 0, -1)).hasMessageStartingWith("host is 'aaa");
        assertThatThrownBy(() -> new StationSpec(1L << 40, new RemoteSpec("10.0.0.2"), 0))
                .hasMessage("mac is 01:00:00:00:00:00; accepted: a station's address");
        assertThatThrownBy(() -> new StationSpec(7, new RemoteSpec("vtep2"), 0))
                .hasMessage("remote is 'vtep2'; accepted: an IPv4 or IPv6 address");
        assertThatThrownBy(() -> new StationSpec(7, new RemoteSpec("10.0.0.2"), 4_095))
                .hasMessage("vlan is 4095; accepted: 0..4094");
    }

    @ParameterizedTest
    @CsvSource({
        "02:00:00:00:00:07 dst 10.0.0.2, 10.0.0.2, 0, -1, 0",
        "02-00-00-00-00-07 vlan 5 vni 0 port 8472 dst fd00::2, fd00::2, 8472, 0, 5",
        " 2:0:0:0:0:7  dst  fd00::2  vni 16777215 , fd00::2, 0, 16777215, 0",
    })
    void shouldReadStationsAsBridgeFdbHasThem(String text, String host, int port, int vni, int vlan) {
        StationSpec station = StationSpec.parse(text);
        assertThat(station).isEqualTo(new StationSpec(0x02_0000_000007L, new RemoteSpec(host, port, vni), vlan));
        assertThat(StationSpec.parse(station.toString())).isEqualTo(station);
    }
}
