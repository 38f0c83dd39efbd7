package io.weft.vxlan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.port.InvalidPortException;
import io.weft.port.PortProviders;
import io.weft.tunnel.AddressLiteral;
import io.weft.tunnel.RemoteSpec;
import io.weft.tunnel.StationSpec;
import io.weft.tunnel.TunnelSettings;
import io.weft.tunnel.bfd.BfdSettings;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What each form of each option means, and that the builder means the same. */
class VxlanPortProviderTest {
    private static VxlanSettings settings(String options) {
        return ((VxlanPort) PortProviders.create("vxlan:vx0?" + options)).settings();
    }

    private static InetAddress address(String text) {
        return AddressLiteral.parse(text);
    }

    @Test
    void shouldHaveTheDefaultsThatItsOptionsDeclare() {
        VxlanSettings settings = settings("key=100&remote_ip=10.0.0.2");
        assertThat(settings)
                .isEqualTo(new VxlanSettings(
                        new TunnelSettings(
                                "vxlan",
                                "vx0",
                                false,
                                List.of(new RemoteSpec("10.0.0.2", 0, -1)),
                                null,
                                null,
                                null,
                                64,
                                0,
                                false,
                                true,
                                false,
                                1_024,
                                Duration.ofMinutes(5),
                                0,
                                false,
                                false,
                                false,
                                null,
                                List.of(),
                                0,
                                0),
                        100,
                        100,
                        null,
                        List.of(4_789),
                        49_152,
                        65_535,
                        8,
                        true,
                        false,
                        false,
                        null,
                        true))
                .isEqualTo(VxlanPort.builder("vx0").vni(100).remote("10.0.0.2").settings());
        // Each default that is listed, given as a user would, changes nothing.
        for (var option : VxlanOptions.ALL) {
            String name = option.name();
            if (option.defaultText().isEmpty()
                    || name.startsWith("bfd_")
                    || name.equals("max_remotes")
                    || name.equals("ageing")) {
                continue; // the last ones have a meaning only with another option
            }
            assertThat(settings("key=100&remote_ip=10.0.0.2&" + name + "=" + option.defaultText()))
                    .as(name)
                    .isEqualTo(settings);
        }
        assertThat(settings("key=1&learn_remotes&max_remotes=1024&ageing=300s"))
                .isEqualTo(settings("key=1&learn_remotes"));
        assertThat(settings("key=1&bfd&bfd_min_tx=100ms&bfd_min_rx=1000ms&bfd_mult=3"))
                .isEqualTo(settings("key=1&bfd"));
    }

    @Test
    void shouldMeanTheSameByUriAndByBuilder() {
        VxlanSettings byUri = settings("remote_ip=fd00::2,[fd00::3]:8472&remote_ip=vtep4:4790&local_ip=fd00::1"
                + "&in_key=0x64&out_key=200&dst_port=8472,4789&src_port_range=50000-50015&src_ports=16&ttl=7&tos=0x48"
                + "&df_default=off&csum=false&udp6zerocsumrx&strict&group=ff05::64&dev=eth1&learn_remotes&max_remotes=5"
                + "&ageing=90s&mtu=8950&inner_tags=carry&icmp_too_big&clamp_mss&bfd&bfd_min_tx=50ms&bfd_min_rx=60s"
                + "&bfd_mult=5&gro=off&fdb=02:00:00:00:00:07 dst fd00::2 vlan 5&fdb=02-00-00-00-00-08%20dst%20fd00::9"
                + "&rcvbuf=4096&sndbuf=1073741824&netns=blue");
        assertThat(byUri)
                .isEqualTo(VxlanPort.builder("vx0")
                        .remote("fd00::2")
                        .remote("[fd00::3]:8472")
                        .remote(new RemoteSpec("vtep4", 4_790, -1))
                        .local("fd00::1")
                        .inKey(100)
                        .outKey(200)
                        .dstPort(8_472, 4_789)
                        .srcPortRange(50_000, 50_015)
                        .srcPorts(16)
                        .ttl(7)
                        .tos(0x48)
                        .dfDefault(false)
                        .csum(false)
                        .udp6ZeroCsumRx(true)
                        .strict(true)
                        .group("ff05::64")
                        .dev("eth1")
                        .learnRemotes(true)
                        .maxRemotes(5)
                        .ageing(Duration.ofSeconds(90))
                        .mtu(8_950)
                        .carryInnerTags(true)
                        .icmpTooBig(true)
                        .clampMss(true)
                        .bfd(new BfdSettings(Duration.ofMillis(50), Duration.ofMinutes(1), 5))
                        .gro(false)
                        .fdb("02:00:00:00:00:07 dst fd00::2 vlan 5")
                        .fdb(new StationSpec(0x02_0000_000008L, new RemoteSpec("fd00::9"), 0))
                        .rcvbuf(4_096)
                        .sndbuf(1 << 30)
                        .netns("blue")
                        .build()
                        .settings())
                .isEqualTo(new VxlanSettings(
                        new TunnelSettings(
                                "vxlan",
                                "vx0",
                                true,
                                List.of(
                                        new RemoteSpec("fd00::2", 0, -1),
                                        new RemoteSpec("fd00::3", 8_472, -1),
                                        new RemoteSpec("vtep4", 4_790, -1)),
                                address("fd00::1"),
                                "eth1",
                                "blue",
                                7,
                                0x48,
                                false,
                                false,
                                true,
                                5,
                                Duration.ofSeconds(90),
                                8_950,
                                true,
                                true,
                                true,
                                new BfdSettings(Duration.ofMillis(50), Duration.ofMinutes(1), 5),
                                List.of(
                                        new StationSpec(0x02_0000_000007L, new RemoteSpec("fd00::2", 0, -1), 5),
                                        new StationSpec(0x02_0000_000008L, new RemoteSpec("fd00::9", 0, -1), 0)),
                                4_096,
                                1 << 30),
                        100,
                        200,
                        null,
                        List.of(8_472, 4_789),
                        50_000,
                        50_015,
                        16,
                        false,
                        true,
                        true,
                        address("ff05::64"),
                        false));
    }

    @Test
    void shouldTakeKeysBothWaysOrEach() {
        assertThat(settings("key=0"))
                .extracting(VxlanSettings::inKey, VxlanSettings::outKey)
                .containsExactly(0, 0);
        assertThat(settings("key=0xFFFFFF").outKey()).isEqualTo(16_777_215);
        assertThat(settings("key=5&in_key=6"))
                .extracting(VxlanSettings::inKey, VxlanSettings::outKey)
                .containsExactly(6, 5);
        assertThat(settings("in_key=6&out_key=7"))
                .extracting(VxlanSettings::inKey, VxlanSettings::outKey)
                .containsExactly(6, 7);
        VxlanSettings mapped = settings("vlan_vni_map=10:1010,20-29:2020");
        assertThat(mapped)
                .extracting(VxlanSettings::inKey, VxlanSettings::outKey)
                .containsExactly(-1, -1);
        assertThat(mapped.vlanVniMap()).isEqualTo(VlanVniMap.parse("10:1010,20-29:2020"));
        assertThat(mapped)
                .isEqualTo(VxlanPort.builder("vx0")
                        .vlanVniMap("10:1010,20-29:2020")
                        .settings());
    }

    @Test
    void shouldNeedNoRemoteBecauseAControlPlaneMayAddThem() {
        VxlanSettings settings = settings("key=1");
        assertThat(settings.tunnel().remotes()).isEmpty();
        assertThat(settings.tunnel().learnRemotes()).isFalse();
        assertThat(settings.isFamilyDecided()).isFalse();
        assertThat(settings("key=1&local_ip=fd00::1").isFamilyDecided()).isTrue();
    }

    @Test
    void shouldTakeTheFamilyFromTheFirstAddress() {
        assertThat(settings("key=1&remote_ip=vtep2").isFamilyDecided()).isFalse();
        assertThat(settings("key=1&remote_ip=vtep2").tunnel().ipv6()).isFalse();
        assertThat(settings("key=1&remote_ip=vtep2,10.0.0.3").isFamilyDecided()).isTrue();
        assertThat(settings("key=1&remote_ip=vtep2,fd00::3").tunnel().ipv6()).isTrue();
        assertThat(settings("key=1&remote_ip=vtep2&local_ip=fd00::1").tunnel().ipv6())
                .isTrue();
        assertThat(settings("key=1&group=ff05::1&dev=eth0").tunnel().ipv6()).isTrue();
        assertThat(settings("key=1&remote_ip=::ffff:10.0.0.2")).isEqualTo(settings("key=1&remote_ip=10.0.0.2"));
        assertThat(settings("key=1&remote_ip=FD00:0:0::2")).isEqualTo(settings("key=1&remote_ip=fd00::2"));
        assertThat(settings("key=1&remote_ip=fe80::2%252")
                        .tunnel()
                        .remotes()
                        .get(0)
                        .address())
                .isEqualTo(address("fe80::2%2"));
        assertThat(settings("key=1&remote_ip=fe80::2&dev=eth0").tunnel().ipv6()).isTrue();
    }

    @Test
    void shouldNotTakeTheFamilyFromANameWhereAGroupSaysIt() {
        assertThat(settings("key=1&remote_ip=vtep2&group=239.1.1.1").isFamilyDecided())
                .isTrue();
        VxlanPort port = VxlanPort.builder("vx0")
                .vni(1)
                .remote("vtep2")
                .group("239.1.1.1")
                .build();
        assertThat(port.isFamilyDecided()).isTrue();
        assertThat(VxlanPort.builder("vx0").vni(1).remote("vtep2").build().isFamilyDecided())
                .isFalse();
    }

    @Test
    void shouldLearnRemotesOfAGroupUnlessSomeAreGiven() {
        assertThat(settings("key=1&group=239.1.1.1").tunnel().learnRemotes()).isTrue();
        assertThat(settings("key=1&group=239.1.1.1&max_remotes=7").tunnel().maxLearnedRemotes())
                .isEqualTo(7);
        assertThat(settings("key=1&group=239.1.1.1&remote_ip=10.0.0.2").tunnel().learnRemotes())
                .isFalse();
        assertThat(settings("key=1&group=239.1.1.1&learn_remotes=no").tunnel().learnRemotes())
                .isFalse();
        assertThat(settings("key=1&group=239.1.1.1&remote_ip=10.0.0.2&learn_remotes")
                        .tunnel()
                        .learnRemotes())
                .isTrue();
    }

    @Test
    void shouldKnowBothNamesOfChecksums() {
        assertThat(settings("key=1&remote_ip=fd00::2").checksum()).isTrue();
        assertThat(settings("key=1&remote_ip=fd00::2&udp6zerocsumtx").checksum())
                .isFalse();
        assertThat(settings("key=1&remote_ip=fd00::2&udp6zerocsumtx&csum=no").checksum())
                .isFalse();
        assertThat(settings("key=1&remote_ip=fd00::2&udp6zerocsumtx=no&csum").checksum())
                .isTrue();
        assertThat(settings("key=1&remote_ip=10.0.0.2&csum=no").checksum()).isFalse();
        assertThat(settings("key=1&remote_ip=vtep2&udp6zerocsumtx&udp6zerocsumrx"))
                .extracting(VxlanSettings::checksum, VxlanSettings::zeroChecksumReceive)
                .containsExactly(false, true);
    }

    @Test
    void shouldSpreadFlowsOverNoMoreThanTheRange() {
        assertThat(settings("key=1&src_port_range=50000-50003").sourcePorts()).isEqualTo(4);
        assertThat(settings("key=1&src_port_range=50000-50000").sourcePorts()).isEqualTo(1);
        assertThat(settings("key=1&src_port_range=1-65535&src_ports=64").sourcePorts())
                .isEqualTo(64);
    }

    @Test
    void shouldTakeTosAsNumberOrFromInside() {
        assertThat(settings("key=1&tos=0xb8").tunnel().tos()).isEqualTo(184);
        assertThat(settings("key=1&tos=255").tunnel().tosInherit()).isFalse();
        assertThat(settings("key=1&tos=inherit"))
                .isEqualTo(VxlanPort.builder("vx0").vni(1).tosInherit().settings())
                .extracting(settings -> settings.tunnel().tos(), settings -> settings.tunnel()
                        .tosInherit())
                .containsExactly(0, true);
    }

    @ParameterizedTest
    @ValueSource(strings = {"vx0", "a", "overlay-green.100", "тунель"})
    void shouldBeCalledByItsTarget(String name) {
        VxlanPort port = (VxlanPort) PortProviders.create("vxlan:" + name + "?key=1");
        assertThat(port.name()).isEqualTo(name);
        assertThat(port).hasToString("vxlan:" + name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "//10.0.0.2", "a\tb"})
    void shouldRefuseNamesThatWouldConfuse(String name) {
        assertThatThrownBy(() -> PortProviders.create("vxlan:" + name + "?key=1"))
                .isInstanceOf(InvalidPortException.class)
                .hasMessage("vxlan port '" + name
                        + "': the name is not valid; accepted: 1..64 characters without space and '/'");
    }
}
