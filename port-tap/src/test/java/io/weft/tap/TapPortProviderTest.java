package io.weft.tap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.frame.IpPrefix;
import io.weft.frame.MacAddress;
import io.weft.port.InvalidPortException;
import io.weft.port.OffloadMode;
import io.weft.port.PortDriver;
import io.weft.port.PortProviders;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TapPortProviderTest {
    @Test
    void shouldMeanTheSameByUriAndByBuilder() throws Exception {
        PortDriver byUri = PortProviders.create(
                "tap:tap0?name=lan&mtu=9000&gso_max_size=61440&up=false&address=10.0.0.1/24&address=fd00::1/64"
                        + "&route=10.1.0.0/16&route=::/0&hwaddr=02:00:00:00:00:01&persist&owner=nobody&netns=h1&queues=3&offload=csum");
        TapPort byBuilder = TapPort.builder("tap0")
                .name("lan")
                .mtu(9_000)
                .gsoMaxSize(61_440)
                .up(false)
                .address("10.0.0.1/24")
                .address(InetAddress.getByName("fd00::1"), 64)
                .route("10.1.0.0/16")
                .route("::/0")
                .hwaddr(MacAddress.parse("02:00:00:00:00:01"))
                .persist(true)
                .owner("nobody")
                .netns("h1")
                .queues(3)
                .offload(OffloadMode.CSUM)
                .build();
        assertThat(((TapPort) byUri).settings()).isEqualTo(byBuilder.settings());
        assertThat(byUri).hasToString("tap:tap0");
        assertThat(byBuilder.name()).isEqualTo("lan");
        assertThat(byBuilder.deviceName()).isEqualTo("tap0");
    }

    @Test
    void shouldMeanTheSameByUriAndByBuilderForATun() {
        PortDriver byUri = PortProviders.create(
                "tun:tun0?name=vpn&mtu=1400&address=10.0.0.1/24&route=10.0.0.0/8&netns=h1&queues=2&offload=off");
        TapPort byBuilder = TapPort.tunBuilder("tun0")
                .name("vpn")
                .mtu(1_400)
                .address("10.0.0.1/24")
                .route("10.0.0.0/8")
                .netns("h1")
                .queues(2)
                .offload(OffloadMode.OFF)
                .build();
        assertThat(((TapPort) byUri).settings()).isEqualTo(byBuilder.settings());
        assertThat(byUri).hasToString("tun:tun0");
        assertThat(((TapPort) byUri).settings())
                .isNotEqualTo(TapPort.builder("tun0").build().settings());
    }

    @Test
    void shouldRefuseAMacAddressForATun() {
        assertThatThrownBy(() -> PortProviders.create("tun:tun0?hwaddr=02:00:00:00:00:01"))
                .isInstanceOf(InvalidPortException.class)
                .hasMessage("tun port 'tun0': unknown option 'hwaddr'; accepted: name, mtu, gso_max_size, up, address,"
                        + " route, persist, owner, netns, queues, offload");
        TapBuilder builder = TapPort.tunBuilder("tun0").hwaddr(MacAddress.parse("02:00:00:00:00:01"));
        assertThatThrownBy(builder::build)
                .isInstanceOf(InvalidPortException.class)
                .hasMessage(
                        "tun port 'tun0': option hwaddr is '02:00:00:00:00:01'; accepted: none, for a TUN device has no"
                                + " MAC address");
    }

    @ParameterizedTest
    @CsvSource({
        "tun0?mtu=67, option mtu is '67'; accepted: 68..65521",
        "tun0?mtu=65522, option mtu is '65522'; accepted: 68..65521",
        "tun0?queues=17, option queues is '17'; accepted: 1..16",
        "tun0?route=10.0.0.1/8, option route is '10.0.0.1/8'; accepted: an IPv4 or IPv6 network",
        "a-name-of-16-char, the device name has 17 bytes",
    })
    void shouldRefuseForATunWhatItRefusesForATap(String nameAndOptions, String message) {
        assertThatThrownBy(() -> PortProviders.create("tun:" + nameAndOptions))
                .isInstanceOf(InvalidPortException.class)
                .hasMessageStartingWith("tun port '" + nameAndOptions.replaceFirst("\\?.*", "") + "': ")
                .hasMessageContaining(message);
    }

    @Test
    void shouldLeaveUnsaidWhatWasNotSaid() {
        PortDriver byUri = PortProviders.create("tap:weft%d");
        assertThat(((TapPort) byUri).settings())
                .isEqualTo(TapPort.builder("weft%d").build().settings());
        assertThat(((TapPort) byUri).settings().mtu()).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "mtu=67, mtu, 68..65521",
        "mtu=65522, mtu, 68..65521",
        "mtu=big, mtu, 68..65521",
        "gso_max_size=4095, gso_max_size, 4096..65536",
        "gso_max_size=65537, gso_max_size, 4096..65536",
        "up=maybe, up, true or false",
        "address=10.0.0.1, address, 10.0.0.1/24",
        "address=10.0.0.256/24, address, 10.0.0.1/24",
        "address=10.0.0.1/33, address, 10.0.0.1/24",
        "address=fd00::1/129, address, fd00::1/64",
        "address=fd00:::1/64, address, fd00::1/64",
        "address=host.example/24, address, fd00::1/64",
        "route=10.0.0.0, route, 10.0.0.0/8",
        "route=10.0.0.1/8, route, no bit set behind the prefix",
        "route=fd00::1:0:0/72, route, no bit set behind the prefix",
        "route=default, route, 0.0.0.0/0",
        "hwaddr=02:00:00:00:00, hwaddr, MAC address",
        "hwaddr=03:00:00:00:00:01, hwaddr, neither zero nor a group",
        "hwaddr=00:00:00:00:00:00, hwaddr, neither zero nor a group",
        "offload=fast, offload, on or csum or off",
        "owner=, owner, user name or uid",
        "netns=, netns, ip netns",
        "mtuu=1500, mtuu, 'name, mtu, gso_max_size, up, address, route, hwaddr, persist, owner, netns, queues, offload'",
    })
    void shouldNameTheOptionItsValueAndWhatIsAccepted(String option, String name, String accepted) {
        String value = option.substring(option.indexOf('=') + 1);
        assertThatThrownBy(() -> PortProviders.create("tap:tap0?" + option))
                .isInstanceOf(InvalidPortException.class)
                .hasMessageContaining("'tap0'")
                .hasMessageContaining(name)
                .hasMessageContaining(name.equals("mtuu") ? "" : value)
                .hasMessageContaining(accepted);
    }

    @Test
    void shouldRefuseTheSameFromTheBuilder() {
        TapBuilder builder = TapPort.builder("tap0").mtu(70_000);
        assertThatThrownBy(builder::build)
                .isInstanceOf(InvalidPortException.class)
                .hasMessage("tap port 'tap0': option mtu is '70000'; accepted: 68..65521");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a-name-of-16-char", "a b", "a/b", "a:b", ".", "..", "a%d%d", "a%s", "%"})
    void shouldRefuseNamesThatNoDeviceCanHave(String name) {
        assertThatThrownBy(() -> PortProviders.create("tap:" + name))
                .isInstanceOf(InvalidPortException.class)
                .hasMessageContaining("'" + name + "'")
                .hasMessageContaining("1..15 bytes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "name-of-15-char", "weft%d", "%d", "eth0.5", "..."})
    void shouldTakeNamesThatADeviceCanHave(String name) {
        assertThat(PortProviders.create("tap:" + name)).hasToString("tap:" + name);
    }

    @Test
    void shouldReadPrefixes() {
        assertThat(IpPrefix.parse("10.0.0.1/24")).hasToString("10.0.0.1/24");
        assertThat(IpPrefix.parse("FD00::1/64")).hasToString("fd00::1/64");
        assertThat(IpPrefix.parse("0.0.0.0/0").length()).isZero();
        assertThat(IpPrefix.parse("::1/128").isIpv4()).isFalse();
        for (String network :
                new String[] {"0.0.0.0/0", "::/0", "10.0.0.0/8", "10.0.0.1/32", "128.0.0.0/1", "fd00::/8"}) {
            assertThat(IpPrefix.parse(network).isNetwork()).as(network).isTrue();
        }
        for (String host : new String[] {"10.0.0.1/31", "10.0.0.0/6", "fd00::1/127", "128.0.0.0/0"}) {
            assertThat(IpPrefix.parse(host).isNetwork()).as(host).isFalse();
        }
    }
}
