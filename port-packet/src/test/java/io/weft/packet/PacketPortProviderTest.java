package io.weft.packet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.port.InvalidPortException;
import io.weft.port.OffloadMode;
import io.weft.port.PortDriver;
import io.weft.port.PortProviders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PacketPortProviderTest {
    @Test
    void shouldMeanTheSameByUriAndByBuilder() {
        PortDriver byUri = PortProviders.create(
                "packet:eth0?name=uplink&offload=csum&promisc=off&qdisc_bypass&rcvbuf=65536&sndbuf=4096&netns=h1");
        PacketPort byBuilder = PacketPort.builder("eth0")
                .name("uplink")
                .offload(OffloadMode.CSUM)
                .promisc(false)
                .qdiscBypass(true)
                .rcvbuf(65_536)
                .sndbuf(4_096)
                .netns("h1")
                .build();
        assertThat(((PacketPort) byUri).settings()).isEqualTo(byBuilder.settings());
        assertThat(byUri).hasToString("packet:eth0");
        assertThat(byBuilder.name()).isEqualTo("uplink");
    }

    @Test
    void shouldHaveTheSameDefaultsBothWays() {
        PacketPort byUri = (PacketPort) PortProviders.create("packet:eth0");
        assertThat(byUri.settings())
                .isEqualTo(PacketPort.builder("eth0").build().settings())
                .isEqualTo(new PacketSettings("eth0", null, OffloadMode.ON, true, false, null, null, null));
        assertThat(byUri.name()).isEqualTo("eth0");
    }

    @ParameterizedTest
    @CsvSource({
        "offload=fast, offload, on or csum or off",
        "promisc=maybe, promisc, true or false",
        "qdisc_bypass=2, qdisc_bypass, true or false",
        "rcvbuf=4095, rcvbuf, 4096..1073741824",
        "rcvbuf=1073741825, rcvbuf, 4096..1073741824",
        "sndbuf=4M, sndbuf, 4096..1073741824",
        "netns=, netns, ip netns",
        "name=, name, a name",
        "mtu=1500, mtu, 'name, offload, promisc, qdisc_bypass, rcvbuf, sndbuf, netns'",
    })
    void shouldNameTheOptionItsValueAndWhatIsAccepted(String option, String name, String accepted) {
        String value = option.substring(option.indexOf('=') + 1);
        assertThatThrownBy(() -> PortProviders.create("packet:eth0?" + option))
                .isInstanceOf(InvalidPortException.class)
                .hasMessageContaining("'eth0'")
                .hasMessageContaining(name)
                .hasMessageContaining(name.equals("mtu") ? "" : value)
                .hasMessageContaining(accepted);
    }

    @Test
    void shouldRefuseTheSameFromTheBuilder() {
        PacketBuilder builder = PacketPort.builder("eth0").rcvbuf(1);
        assertThatThrownBy(builder::build)
                .isInstanceOf(InvalidPortException.class)
                .hasMessage("packet port 'eth0': option rcvbuf is '1'; accepted: 4096..1073741824");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a-name-of-16-char", "a b", "a/b", "eth0:1", ".", "..", "eth%d"})
    void shouldRefuseNamesThatNoInterfaceCanHave(String name) {
        assertThatThrownBy(() -> PortProviders.create("packet:" + name))
                .isInstanceOf(InvalidPortException.class)
                .hasMessageContaining("'" + name + "'")
                .hasMessageContaining("1..15 bytes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "name-of-15-char", "eth0.5", "enp3s0f1np1", "..."})
    void shouldTakeNamesThatAnInterfaceCanHave(String name) {
        assertThat(PortProviders.create("packet:" + name)).hasToString("packet:" + name);
    }
}
