package io.weft.srv6;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.frame.IpPrefix;
import io.weft.port.PortOption;
import io.weft.port.PortProviders;
import io.weft.srv6.Srv6Settings.FlowLabel;
import io.weft.srv6.Srv6Settings.Mode;
import io.weft.tunnel.AddressLiteral;
import io.weft.tunnel.RemoteSpec;
import io.weft.tunnel.RouteSpec;
import io.weft.tunnel.TunnelSettings;
import io.weft.underlay.SidRoute;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What each form of each option means, and that the builder means the same. */
class Srv6PortProviderTest {
    private static Srv6Settings settings(String options) {
        return ((Srv6Port) PortProviders.create("srv6:s0?" + options)).settings();
    }

    private static TunnelSettings usual(boolean carryTags) {
        return new TunnelSettings(
                "srv6",
                "s0",
                true,
                List.of(new RemoteSpec("fc00:2::1", 0, -1)),
                AddressLiteral.parse("fc00:1::1"),
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
                0);
    }

    private static Srv6Builder builder(Mode mode) {
        return switch (mode) {
            case L3 -> Srv6Port.l3("s0");
            case L2 -> Srv6Port.l2("s0");
            case BRIDGE -> Srv6Port.bridge("s0");
        };
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void shouldHaveTheDefaultsThatItsOptionsDeclare(Mode mode) {
        String given = "local_ip=fc00:1::1&remote_ip=fc00:2::1" + (mode == Mode.L3 ? "" : "&mode=" + mode);
        String behaviour =
                switch (mode) {
                    case L3 -> "End.DT46 table s0";
                    case L2 -> "End.DX2";
                    case BRIDGE -> "End.DT2U";
                };
        Srv6Settings settings = settings(given);
        assertThat(settings)
                .isEqualTo(builder(mode)
                        .local("fc00:1::1")
                        .remote("fc00:2::1")
                        .build()
                        .settings())
                .isEqualTo(new Srv6Settings(
                        usual(mode != Mode.L3),
                        mode,
                        List.of(RemoteSegments.parse("fc00:2::1")),
                        List.of(SidSpec.parse("fc00:1::1 " + behaviour)),
                        List.of(),
                        false,
                        FlowLabel.COPY,
                        List.of(),
                        0,
                        false,
                        false,
                        null,
                        List.of()));
        // Each default that is listed, given as a user would, changes nothing.
        for (PortOption<?> option : Srv6Options.OF_PORT) {
            boolean isOtherModes = option.name().equals("mode")
                    || mode == Mode.L3 && option.name().equals("inner_tags");
            if (!option.defaultText().isEmpty() && !isOtherModes) {
                assertThat(settings(given + "&" + option.name() + "=" + option.defaultText()))
                        .as(option.name())
                        .isEqualTo(settings);
            }
        }
    }

    @Test
    void shouldMeanTheSameByUriAndByBuilder() {
        Srv6Settings byUri = settings("mode=bridge&local_ip=fc00:1::1&remote_ip=fc00:2::1,fc00:3::1"
                + "&remote=fc00:4::1 segs fc00:9::1,fc00:4::d2 weight 3 segs fc00:4::d2 backup fc00:9::2,fc00:4::d2 bum fc00:4::d3"
                + "&sid=fc00:1:0:d2:: End.DT2U&sid=fc00:1:0:d3::/112%20End.DT2M%20arglen%2016&sid=fc00:1::e End flavors psp,usd"
                + "&sr_domain=fc00::/16&sr_domain=2001:db8::7&encap=red&srv6_flowlabel=compute&ttl=7&tos=0x48"
                + "&hmac_key=7 sha256 swordfish&hmac_key=8 sha1 0x00ff&hmac=7&hmac_flag&hmac_required=yes&sid_route=auto"
                + "&dev=eth1&mtu=8950&icmp_too_big&clamp_mss&inner_tags=discard&fdb=02:00:00:00:00:07 dst fc00:2::1 vlan 5"
                + "&rcvbuf=4096&sndbuf=8192&netns=blue");
        assertThat(byUri)
                .isEqualTo(Srv6Port.bridge("s0")
                        .local("fc00:1::1")
                        .remote("fc00:2::1")
                        .remote(RemoteSegments.parse("fc00:3::1"))
                        .remote(
                                "fc00:4::1 segs fc00:9::1,fc00:4::d2 weight 3 segs fc00:4::d2 backup fc00:9::2,fc00:4::d2 bum"
                                        + " fc00:4::d3")
                        .sid("fc00:1:0:d2:: End.DT2U")
                        .sid(SidSpec.parse("fc00:1:0:d3::/112 End.DT2M arglen 16"))
                        .sid("fc00:1::e End flavors psp,usd")
                        .domain("fc00::/16")
                        .domain(IpPrefix.parse("2001:db8::7/128"))
                        .reduced(true)
                        .flowLabel(FlowLabel.COMPUTE)
                        .ttl(7)
                        .tos(0x48)
                        .hmacKey(new SrHmacKey(7, SrHmacKey.Algorithm.SHA256, "swordfish".getBytes()))
                        .hmacKey(new SrHmacKey(8, SrHmacKey.Algorithm.SHA1, new byte[] {0, -1}))
                        .hmac(7)
                        .hmacFlag(true)
                        .hmacRequired(true)
                        .sidRoute(SidRoute.Kind.BLACKHOLE)
                        .dev("eth1")
                        .mtu(8_950)
                        .icmpTooBig(true)
                        .clampMss(true)
                        .carryInnerTags(false)
                        .fdb("02:00:00:00:00:07 dst fc00:2::1 vlan 5")
                        .rcvbuf(4_096)
                        .sndbuf(8_192)
                        .netns("blue")
                        .build()
                        .settings());
        assertThat(byUri.remotes()).hasSize(3);
        assertThat(byUri.remotes())
                .allMatch(remote -> byUri.sent(remote).all().stream().allMatch(list -> list.keyId() == 7));
        RemoteSegments fourth = byUri.remotes().stream()
                .filter(remote -> AddressLiteral.format(remote.remote()).equals("fc00:4::1"))
                .findAny()
                .orElseThrow();
        assertThat(fourth)
                .hasToString(
                        "fc00:4::1 segs fc00:9::1,fc00:4::d2 weight 3 segs fc00:4::d2 backup fc00:9::2,fc00:4::d2 bum"
                                + " fc00:4::d3");
        assertThat(byUri.sids())
                .extracting(SidSpec::toString)
                .containsExactly(
                        "fc00:1:0:d2::/128 End.DT2U",
                        "fc00:1:0:d3::/112 End.DT2M arglen 16",
                        "fc00:1::e/128 End flavors psp,usd");
        assertThat(byUri.tunnel().remotes())
                .extracting(RemoteSpec::host)
                .contains("fc00:2::1", "fc00:3::1", "fc00:4::1");
        assertThat(byUri.encapsulation()).isEqualTo(Encapsulation.L2ENCAPS_RED);
    }

    @Test
    void shouldTakeRoutesOfLayerThree() {
        Srv6Settings byUri = settings("local_ip=fc00:1::1&remote_ip=fc00:2::1,fc00:3::1&route=10.1.0.0/16 via fc00:2::1"
                + "&route=::/0%20via%20fc00:3::1");
        assertThat(byUri.routes())
                .containsExactly(RouteSpec.parse("10.1.0.0/16 via fc00:2::1"), RouteSpec.parse("::/0 via fc00:3::1"));
        assertThat(byUri)
                .isEqualTo(Srv6Port.l3("s0")
                        .local("fc00:1::1")
                        .remote("fc00:2::1")
                        .remote("fc00:3::1")
                        .route("10.1.0.0/16 via fc00:2::1")
                        .route(RouteSpec.parse("::/0 via fc00:3::1"))
                        .settings());
    }

    /** As Open vSwitch's users write it. */
    @ParameterizedTest
    @CsvSource({
        "'', fc00:2::1",
        "srv6_segs=fc00:9::1, fc00:9::1",
        "'srv6_segs=fc00:9::1,FC00:2:0::D2', 'fc00:9::1,fc00:2::d2'"
    })
    void shouldTakeSegmentsOfTheOnlyRemoteEnd(String options, String list) {
        Srv6Settings settings =
                settings("local_ip=fc00:1::1&remote_ip=fc00:2::1" + (options.isEmpty() ? "" : "&" + options));
        assertThat(settings.remotes()).containsExactly(RemoteSegments.parse("fc00:2::1 segs " + list));
        assertThat(settings.mode()).isEqualTo(Mode.L3);
    }

    /** However an address is written, it is the same one. */
    @Test
    void shouldKnowAddressesInAnyForm() {
        Srv6Settings settings = settings("local_ip=FC00:1:0:0::1&remote_ip=FC00:2:0:0:0::1");
        assertThat(settings.remotes()).containsExactly(RemoteSegments.parse("fc00:2::1"));
        assertThat(settings.tunnel().remotes()).containsExactly(new RemoteSpec("fc00:2::1"));
        assertThat(settings.sids().get(0)).hasToString("fc00:1::1/128 End.DT46 table s0");
    }

    @ParameterizedTest
    @CsvSource({"none, ''", "auto, BLACKHOLE", "local, LOCAL"})
    void shouldMakeRoutesOfSids(String text, String kind) {
        assertThat(settings("local_ip=fc00:1::1&remote_ip=fc00:2::1&sid_route=" + text)
                        .sidRoute())
                .isEqualTo(kind.isEmpty() ? null : SidRoute.Kind.valueOf(kind));
    }

    @Test
    void shouldNeedNoRemoteWithManyBecauseAControlPlaneMayAddThem() {
        assertThat(settings("mode=bridge&local_ip=fc00:1::1").remotes()).isEmpty();
        assertThat(settings("mode=l3&local_ip=fc00:1::1").remotes()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"hub-7.тунель", "a+b", "x123456789x123456789x123456789x123456789x123456789x123456789x123"})
    void shouldBeCalledByItsTarget(String name) {
        for (String mode : List.of("l3", "l2", "bridge")) {
            Srv6Port port = (Srv6Port)
                    PortProviders.create("srv6:" + name + "?local_ip=fc00:1::1&remote_ip=fc00:2::1&mode=" + mode);
            assertThat(port.name()).isEqualTo(name);
            assertThat(port).hasToString("srv6:" + name);
        }
    }
}
