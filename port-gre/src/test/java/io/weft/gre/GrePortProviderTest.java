package io.weft.gre;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.gre.GreSettings.Payload;
import io.weft.gre.GreSettings.Udp;
import io.weft.port.InvalidPortException;
import io.weft.port.PortOption;
import io.weft.port.PortProviders;
import io.weft.tunnel.AddressLiteral;
import io.weft.tunnel.RemoteSpec;
import io.weft.tunnel.RouteSpec;
import io.weft.tunnel.StationSpec;
import io.weft.tunnel.TunnelSettings;
import io.weft.tunnel.bfd.BfdSettings;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What each form of each option means, and that the builder means the same. */
class GrePortProviderTest {
    private static GreSettings settings(String scheme, String options) {
        return ((GrePort) PortProviders.create(scheme + ":g0?" + options)).settings();
    }

    private static GreSettings gretap(String options) {
        return settings("gretap", "remote_ip=10.0.0.2&" + options);
    }

    private static GreSettings defaults(String scheme, boolean carryTags, Payload payload) {
        return new GreSettings(
                new TunnelSettings(
                        scheme,
                        "g0",
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
                        carryTags,
                        false,
                        false,
                        null,
                        List.of(),
                        0,
                        0),
                payload,
                -1,
                -1,
                false,
                false,
                false,
                false,
                false,
                true,
                false,
                null,
                List.of());
    }

    static Stream<Arguments> kinds() {
        return Stream.of(
                Arguments.of(
                        "gretap",
                        defaults("gretap", true, Payload.ETHERNET),
                        GrePort.gretap("g0"),
                        new GretapPortProvider().options()),
                Arguments.of(
                        "mgretap",
                        defaults("mgretap", true, Payload.ETHERNET),
                        GrePort.mgretap("g0"),
                        new MgretapPortProvider().options()),
                Arguments.of(
                        "gre", defaults("gre", false, Payload.IP), GrePort.gre("g0"), new GrePortProvider().options()));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void shouldHaveTheDefaultsThatItsOptionsDeclare(
            String scheme, GreSettings expected, GreBuilder builder, List<PortOption<?>> options) {
        GreSettings settings = settings(scheme, "remote_ip=10.0.0.2");
        assertThat(settings)
                .isEqualTo(expected)
                .isEqualTo(builder.remote("10.0.0.2").settings());
        GreSettings inUdp = settings(scheme, "remote_ip=10.0.0.2&encap=udp");
        assertThat(inUdp.udp()).isEqualTo(new Udp(4_754, 49_152, 65_535, 8, true, false, true));
        // Each default that is listed, given as a user would, changes nothing.
        Set<String> ofUdp = Set.of("dst_port", "src_port_range", "src_ports", "udp_csum", "udp6zerocsumrx", "gro");
        for (PortOption<?> option : options) {
            String name = option.name();
            if (option.defaultText().isEmpty()
                    || name.startsWith("bfd_")
                    || name.equals("max_remotes")
                    || name.equals("ageing")) {
                continue; // the last ones have a meaning only with another option
            }
            boolean udp = ofUdp.contains(name);
            assertThat(settings(
                            scheme,
                            (udp ? "encap=udp&" : "") + "remote_ip=10.0.0.2&" + name + "=" + option.defaultText()))
                    .as(name)
                    .isEqualTo(udp ? inUdp : settings);
        }
    }

    @Test
    void shouldMeanTheSameByUriAndByBuilder() {
        GreSettings byUri = settings(
                "mgretap",
                "remote_ip=fd00::2,[fd00::3]:4760&remote_ip=hub:4790&local_ip=fd00::1"
                        + "&in_key=0x64&out_key=0.0.1.0&keyless_is_zero&csum&csum_required&seq&strict&ttl=7&tos=0x48"
                        + "&df_default=off&flow_label=0&accept_fragments&encap=udp&dst_port=4753"
                        + "&src_port_range=50000-50015&src_ports=1&udp_csum=no&udp6zerocsumrx&gro=off&dev=eth1"
                        + "&learn_remotes&max_remotes=5&ageing=90s&mtu=8950&inner_tags=discard&icmp_too_big&clamp_mss"
                        + "&bfd&bfd_min_tx=50ms&bfd_min_rx=60s&bfd_mult=5&fdb=02:00:00:00:00:07 dst fd00::2 key 9 vlan 5"
                        + "&rcvbuf=4096&sndbuf=1073741824&netns=blue");
        assertThat(byUri)
                .isEqualTo(GrePort.mgretap("g0")
                        .remote("fd00::2")
                        .remote("[fd00::3]:4760")
                        .remote(new RemoteSpec("hub", 4_790, -1))
                        .local("fd00::1")
                        .inKey(100)
                        .outKey(256)
                        .keylessIsZero(true)
                        .csum(true)
                        .csumRequired(true)
                        .seq(true)
                        .strict(true)
                        .ttl(7)
                        .tos(0x48)
                        .dfDefault(false)
                        .flowLabel(false)
                        .acceptFragments(true)
                        .encapUdp(true)
                        .dstPort(4_753)
                        .srcPortRange(50_000, 50_015)
                        .srcPorts(1)
                        .udpCsum(false)
                        .udp6ZeroCsumRx(true)
                        .gro(false)
                        .dev("eth1")
                        .learnRemotes(true)
                        .maxRemotes(5)
                        .ageing(Duration.ofSeconds(90))
                        .mtu(8_950)
                        .carryInnerTags(false)
                        .icmpTooBig(true)
                        .clampMss(true)
                        .bfd(new BfdSettings(Duration.ofMillis(50), Duration.ofMinutes(1), 5))
                        .fdb("02:00:00:00:00:07 dst fd00::2 key 9 vlan 5")
                        .rcvbuf(4_096)
                        .sndbuf(1 << 30)
                        .netns("blue")
                        .build()
                        .settings())
                .isEqualTo(new GreSettings(
                        new TunnelSettings(
                                "mgretap",
                                "g0",
                                true,
                                List.of(
                                        new RemoteSpec("fd00::2", 0, -1),
                                        new RemoteSpec("fd00::3", 4_760, -1),
                                        new RemoteSpec("hub", 4_790, -1)),
                                AddressLiteral.parse("fd00::1"),
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
                                false,
                                true,
                                true,
                                new BfdSettings(Duration.ofMillis(50), Duration.ofMinutes(1), 5),
                                List.of(new StationSpec(0x02_0000_000007L, new RemoteSpec("fd00::2", 0, 9), 5)),
                                4_096,
                                1 << 30),
                        Payload.ETHERNET,
                        100,
                        256,
                        true,
                        true,
                        true,
                        true,
                        true,
                        false,
                        true,
                        new Udp(4_753, 50_000, 50_015, 1, false, true, false),
                        List.of()));
    }

    @Test
    void shouldTakeRoutesOfLayerThree() {
        GreSettings byUri = settings(
                "gre",
                "remote_ip=fd00::2,fd00::3&route=10.1.0.0/16 via fd00::2&route=0.0.0.0/0%20via%20fd00::3"
                        + "&route=::/0 via fd00::3");
        assertThat(byUri)
                .isEqualTo(GrePort.gre("g0")
                        .remote("fd00::2")
                        .remote("fd00::3")
                        .route("10.1.0.0/16 via fd00::2")
                        .route(RouteSpec.parse("0.0.0.0/0 via fd00::3"))
                        .route("::/0 via fd00::3")
                        .settings());
        assertThat(byUri.routes())
                .containsExactly(
                        new RouteSpec(AddressLiteral.parse("10.1.0.0"), 16, AddressLiteral.parse("fd00::2")),
                        new RouteSpec(AddressLiteral.parse("0.0.0.0"), 0, AddressLiteral.parse("fd00::3")),
                        new RouteSpec(AddressLiteral.parse("::"), 0, AddressLiteral.parse("fd00::3")));
        assertThat(settings("gre", "remote_ip=10.0.0.2&route=10.1.2.3 via 10.0.0.2")
                        .routes())
                .singleElement()
                .hasToString("10.1.2.3/32 via 10.0.0.2");
    }

    @ParameterizedTest
    @CsvSource({
        "csum=no, -1, -1",
        "key=none, -1, -1",
        "key=0, 0, 0",
        "key=4294967295, 4294967295, 4294967295",
        "key=0xFFFFFFFF, 4294967295, 4294967295",
        "key=255.255.255.255, 4294967295, 4294967295",
        "key=10.0.0.7, 167772167, 167772167",
        "key=5&in_key=6, 6, 5",
        "key=5&out_key=none, 5, -1",
        "in_key=6&out_key=7, 6, 7",
        "in_key=none&out_key=7, -1, 7",
    })
    void shouldTakeKeysBothWaysOrEach(String options, long in, long out) {
        assertThat(gretap(options))
                .extracting(GreSettings::inKey, GreSettings::outKey)
                .containsExactly(in, out);
    }

    @Test
    void shouldBeNvgre() {
        GreSettings settings = gretap("nvgre&key=4096");
        assertThat(settings)
                .isEqualTo(GrePort.gretap("g0")
                        .remote("10.0.0.2")
                        .nvgre(true)
                        .key(4_096)
                        .settings());
        assertThat(settings.payload()).isEqualTo(Payload.NVGRE);
        assertThat(settings.inKey()).isEqualTo(4_096);
        assertThat(settings.tunnel().carryTags()).isFalse();
        assertThat(settings("mgretap", "nvgre&in_key=16777214&out_key=0.0.16.0").outKey())
                .isEqualTo(4_096);
        assertThat(gretap("nvgre&key=4096&inner_tags=discard")).isEqualTo(settings);
    }

    @Test
    void shouldNeedNoRemoteWithManyBecauseAControlPlaneMayAddThem() {
        GreSettings settings = settings("mgretap", "key=1");
        assertThat(settings.tunnel().remotes()).isEmpty();
        assertThat(settings.tunnel().learnRemotes()).isFalse();
        assertThat(settings.tunnel().isFamilyDecided()).isFalse();
    }

    @Test
    void shouldKeepSequencesInOrderBySendingFromOnePort() {
        assertThat(gretap("encap=udp&seq").udp().sourcePorts()).isEqualTo(1);
        assertThat(gretap("encap=udp&src_port_range=50000-50003").udp().sourcePorts())
                .isEqualTo(4);
    }

    @Test
    void shouldTakeTheFamilyFromTheFirstAddress() {
        assertThat(settings("gretap", "remote_ip=fd00::2").tunnel().ipv6()).isTrue();
        assertThat(settings("gretap", "remote_ip=hub").tunnel().ipv6()).isFalse();
        assertThat(settings("gretap", "remote_ip=hub&local_ip=fd00::1").tunnel().ipv6())
                .isTrue();
        assertThat(settings("gretap", "remote_ip=fd00::2&flow_label=0").flowLabel())
                .isFalse();
        assertThat(settings("gretap", "remote_ip=hub&flow_label=0").flowLabel()).isFalse();
        assertThat(settings("gretap", "remote_ip=hub&flow_label=0")
                        .withIpv6(true)
                        .tunnel()
                        .ipv6())
                .isTrue();
    }

    @Test
    void shouldKnowAStationBehindTheOnlyRemoteEnd() {
        assertThat(gretap("fdb=02:00:00:00:00:07 dst 10.0.0.2").tunnel().stations())
                .containsExactly(new StationSpec(0x02_0000_000007L, new RemoteSpec("10.0.0.2"), 0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"gretap", "mgretap", "gre"})
    void shouldBeCalledByItsTarget(String scheme) {
        GrePort port = (GrePort) PortProviders.create(scheme + ":hub-7.тунель?remote_ip=10.0.0.2");
        assertThat(port.name()).isEqualTo("hub-7.тунель");
        assertThat(port).hasToString(scheme + ":hub-7.тунель");
        assertThatThrownBy(() -> PortProviders.create(scheme + ":a b?remote_ip=10.0.0.2"))
                .isInstanceOf(InvalidPortException.class)
                .hasMessage(scheme + " port 'a b': the name is not valid; accepted: 1..64 characters without space and"
                        + " '/'");
    }
}
