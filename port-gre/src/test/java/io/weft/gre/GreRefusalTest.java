package io.weft.gre;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.gre.GreSettings.Payload;
import io.weft.port.InvalidPortException;
import io.weft.port.PortProviders;
import io.weft.tunnel.RemoteSpec;
import io.weft.tunnel.bfd.BfdSettings;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole messages: each names the option, its value and what is accepted, whichever way the port is made. */
class GreRefusalTest {
    private static final String REMOTE = "an IPv4 or IPv6 address or a name, also with a port as 10.0.0.2:8472,"
            + " [fd00::2]:8472 or vtep2.example.net:8472";
    private static final String KEY =
            "a GRE key, 0..4294967295, also as 0x0..0xffffffff or 0.0.0.0..255.255.255.255; or none";
    private static final String VSID = "a VSID with nvgre, 4096..16777214";
    private static final String PORT = "1..65535 without 4755, where GRE in DTLS is expected";
    private static final String RANGE = "FIRST-LAST, 1..65535, the first not above the last";
    private static final String ROUTE = "NETWORK via REMOTE, as 10.1.0.0/16 via 192.0.2.2 or ::/0 via 192.0.2.2, the"
            + " network's bits behind the prefix 0, and REMOTE an address that remote_ip has";
    private static final String FDB = "MAC dst IP [port 1..65535] [vni 0..4294967295] [vlan 0..4094], as"
            + " 02:00:00:00:00:07 dst 10.0.0.2 vni 100, the MAC a station's and the IP an IPv4 or IPv6 address";
    private static final String FLAG = "true or false";
    private static final String ONLY_UDP = "only with encap=udp";
    private static final String NO_PORT = "without a port, which there is only with encap=udp";
    private static final String ONLY_ETHERNET = "only with gretap and mgretap, since gre carries no Ethernet frames";
    private static final String G = "gretap?remote_ip=10.0.0.2&";
    private static final String U = G + "encap=udp&";
    private static final String N = G + "nvgre&";

    /** Scheme and options, which of them is to blame, the value in the message, and what is accepted. */
    static Stream<Arguments> refusals() {
        return Stream.of(
                // remote ends
                of("gretap?remote_ip=", "remote_ip", REMOTE),
                of("gretap?remote_ip=10.0.0", "remote_ip", REMOTE),
                of("gretap?remote_ip=10.0.0.2:4754", "remote_ip", NO_PORT),
                of("mgretap?remote_ip=10.0.0.2,[fd00::2]:4754", "remote_ip", "[fd00::2]:4754", FAMILY),
                of("mgretap?remote_ip=hub,[fd00::2]:4754", "remote_ip", "[fd00::2]:4754", NO_PORT),
                of("gre?remote_ip=hub:4754", "remote_ip", NO_PORT),
                of(
                        "gre?encap=udp&remote_ip=hub:4755",
                        "remote_ip",
                        "hub:4755",
                        "with another port than 4755, where GRE in DTLS is expected"),
                of("gretap?remote_ip=239.1.1.1", "remote_ip", "a unicast address"),
                of("mgretap?remote_ip=ff05::1", "remote_ip", "a unicast address"),
                of("gre?remote_ip=0.0.0.0", "remote_ip", "a unicast address"),
                of("gretap?remote_ip=10.0.0.2,hub", "remote_ip", "10.0.0.2,hub", "one remote end; mgretap has many"),
                of(
                        "mgretap?remote_ip=hub,HUB",
                        "remote_ip",
                        "hub",
                        "each address or name once, whatever the port and the key"),
                of(
                        "gretap?local_ip=10.0.0.1&remote_ip=10.0.0.1",
                        "remote_ip",
                        "another address than local_ip, which is the same"),
                of(
                        "gretap?remote_ip=fe80::2",
                        "remote_ip",
                        "a link-local address with option dev, or with the interface's number as fe80::2%2 (in a URI"
                                + " %252), which `ip link` shows"),
                of(
                        "gretap?remote_ip=fd00::2&local_ip=10.0.0.1",
                        "remote_ip",
                        "fd00::2",
                        "an IPv4 address, as option local_ip is '10.0.0.1'; this one is IPv6"),
                of(G + "local_ip=me", "local_ip", "an IPv4 or IPv6 address of this machine"),
                of(G + "local_ip=::", "local_ip", "a unicast address of this machine; leave it out for any"),
                // keys
                of(G + "key=4294967296", "key", KEY),
                of(G + "key=-1", "key", KEY),
                of(G + "key=flow", "key", KEY),
                of(G + "key=", "key", KEY),
                of(G + "key=0x100000000", "key", KEY),
                of(G + "key=0.0.0.256", "key", KEY),
                of(G + "key=0.0.7", "key", KEY),
                of(G + "in_key=x&out_key=1", "in_key", "x", KEY),
                of(G + "in_key=1&out_key=x", "out_key", "x", KEY),
                of(G + "key=1&in_key=2&out_key=3", "key", "1", "not with both in_key and out_key"),
                of(G + "key=none&in_key=2&out_key=3", "key", "none", "not with both in_key and out_key"),
                of(G + "keyless_is_zero=maybe", "keyless_is_zero", FLAG),
                // NVGRE
                of(N + "key=4095", "key", VSID),
                of(N + "key=16777215", "key", VSID),
                of(N + "key=none", "key", VSID),
                of(N + "in_key=5&out_key=5000", "in_key", "5", VSID),
                of(N + "in_key=5000&out_key=none", "out_key", VSID),
                of(
                        N + "key=5000&keyless_is_zero",
                        "keyless_is_zero",
                        "true",
                        "false with nvgre, which always has a key"),
                of(N + "key=5000&csum", "csum", "true", "false with nvgre, which has no checksum (RFC 7637, 3.2)"),
                of(
                        N + "key=5000&csum_required",
                        "csum_required",
                        "true",
                        "false with nvgre, which has no checksum (RFC 7637, 3.2)"),
                of(
                        N + "key=5000&seq",
                        "seq",
                        "true",
                        "false with nvgre, which has no sequence numbers (RFC 7637, 3.2)"),
                of(N + "key=5000&inner_tags=carry", "inner_tags", "discard with nvgre (RFC 7637, 3.3)"),
                of(
                        N + "key=5000&fdb=02:00:00:00:00:07 dst 10.0.0.2 key 5",
                        "fdb",
                        "02:00:00:00:00:07 dst 10.0.0.2 vni 5",
                        "with " + VSID),
                of(G + "nvgre=maybe", "nvgre", FLAG),
                // the header
                of(G + "csum=maybe", "csum", FLAG),
                of(G + "csum_required=maybe", "csum_required", FLAG),
                of(G + "seq=maybe", "seq", FLAG),
                of(G + "strict=maybe", "strict", FLAG),
                of(G + "ttl=0", "ttl", "1..255"),
                of(G + "ttl=inherit", "ttl", "1..255"),
                of(G + "tos=256", "tos", "0..255, also as 0x00..0xff, or inherit"),
                of(G + "df_default=maybe", "df_default", FLAG),
                of(G + "flow_label=7", "flow_label", "auto or 0"),
                of(G + "flow_label=0", "flow_label", "auto over IPv4, which has no flow labels"),
                of(G + "accept_fragments=maybe", "accept_fragments", FLAG),
                // GRE in UDP
                of(G + "encap=fou", "encap", "none or udp"),
                of(G + "dst_port=4754", "dst_port", ONLY_UDP),
                of(G + "encap=none&dst_port=4754", "dst_port", "4754", ONLY_UDP),
                of(G + "src_port_range=50000-50001", "src_port_range", ONLY_UDP),
                of(G + "src_ports=1", "src_ports", ONLY_UDP),
                of(G + "udp_csum", "udp_csum", "true", ONLY_UDP),
                of(G + "udp6zerocsumrx=no", "udp6zerocsumrx", "false", ONLY_UDP),
                of(G + "gro", "gro", "true", ONLY_UDP),
                of(U + "dst_port=0", "dst_port", PORT),
                of(U + "dst_port=65536", "dst_port", PORT),
                of(U + "dst_port=4755", "dst_port", PORT),
                of(U + "dst_port=4754,4756", "dst_port", PORT),
                of(U + "src_port_range=50001-50000", "src_port_range", RANGE),
                of(U + "src_port_range=0-10", "src_port_range", RANGE),
                of(U + "src_port_range=7", "src_port_range", RANGE),
                of(U + "src_ports=65", "src_ports", "1..64"),
                of(
                        U + "src_port_range=50000-50003&src_ports=5",
                        "src_ports",
                        "1..4, as many as src_port_range 50000-50003 has"),
                of(
                        U + "seq&src_ports=2",
                        "src_ports",
                        "1 with seq: packets from several ports overtake each other, and late ones are dropped"),
                of(U + "udp_csum=maybe", "udp_csum", FLAG),
                of(
                        U + "udp6zerocsumrx",
                        "udp6zerocsumrx",
                        "true",
                        "only over IPv6; over IPv4 datagrams without checksum are always received"),
                of(U + "gro=maybe", "gro", FLAG),
                // learning
                of("mgretap?learn_remotes=maybe", "learn_remotes", FLAG),
                of("mgretap?learn_remotes&max_remotes=0", "max_remotes", "1..1000000"),
                of("mgretap?max_remotes=10", "max_remotes", "only with learn_remotes"),
                of("mgretap?ageing=90s", "ageing", "only with learn_remotes"),
                of("mgretap?learn_remotes&ageing=300", "ageing", "a time as 500ms, 30s, 5m or 1h, from 1s to 86400s"),
                // frames
                of(G + "mtu=67", "mtu", "68..65450"),
                of(G + "inner_tags=keep", "inner_tags", "discard or carry"),
                of(G + "icmp_too_big=maybe", "icmp_too_big", FLAG),
                of(G + "clamp_mss=maybe", "clamp_mss", FLAG),
                of(G + "bfd=maybe", "bfd", FLAG),
                of(G + "bfd_mult=3", "bfd_mult", "only with bfd"),
                of(G + "bfd&bfd_min_tx=49ms", "bfd_min_tx", "a time as 500ms, 30s, 5m or 1h, from 50ms to 60s"),
                // stations
                of(G + "fdb=02:00:00:00:00:07", "fdb", FDB),
                of(
                        G + "fdb=02:00:00:00:00:07 dst 10.0.0.3",
                        "fdb",
                        "with dst remote_ip, as an address; mgretap has many remote ends"),
                of("mgretap?fdb=02:00:00:00:00:07 dst 10.0.0.3 port 4754", "fdb", NO_PORT),
                of("mgretap?fdb=02:00:00:00:00:07 dst 239.1.1.1", "fdb", "a unicast address"),
                // routes
                of("gre?remote_ip=10.0.0.2&route=", "route", ROUTE),
                of("gre?remote_ip=10.0.0.2&route=default via 10.0.0.2", "route", ROUTE),
                of("gre?remote_ip=10.0.0.2&route=10.1.0.1/16 via 10.0.0.2", "route", ROUTE),
                of(
                        "gre?remote_ip=10.0.0.2&route=10.1.0.0/16 via 10.0.0.3",
                        "route",
                        "via an address that remote_ip has"),
                of("gre?remote_ip=hub&route=::/0 via 10.0.0.2", "route", "via an address that remote_ip has"),
                of(
                        "gre?remote_ip=10.0.0.2,10.0.0.3&route=::/0 via 10.0.0.2&route=::/0 via 10.0.0.3",
                        "route",
                        "each network once"),
                // sockets
                of(
                        G + "dev=a-name-of-16-char",
                        "dev",
                        "1..15 bytes without space, '/', ':' and '%', as `ip link` lists" + " them"),
                of(G + "rcvbuf=4095", "rcvbuf", "4096..1073741824"),
                of(G + "sndbuf=0", "sndbuf", "4096..1073741824"),
                of(G + "netns=", "netns", "a name that `ip netns` lists, or a path as /proc/PID/ns/net"));
    }

    private static final String FAMILY = "an IPv4 address, as option remote_ip is '10.0.0.2'; this one is IPv6";

    /** The value is the last option's. */
    private static Arguments of(String port, String option, String accepted) {
        return of(port, option, port.substring(port.lastIndexOf('=') + 1), accepted);
    }

    private static Arguments of(String port, String option, String value, String accepted) {
        return Arguments.of(port, option, value, accepted);
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void shouldNameTheOptionItsValueAndWhatIsAccepted(String port, String option, String value, String accepted) {
        String scheme = port.substring(0, port.indexOf('?'));
        assertThatThrownBy(() -> PortProviders.create(port.replace("?", ":g0?")))
                .isInstanceOf(InvalidPortException.class)
                .hasMessage(scheme + " port 'g0': option " + option + " is '" + value + "'; accepted: " + accepted);
    }

    /** Scheme and options, which one is missing, and what is accepted. */
    static Stream<Arguments> missing() {
        return Stream.of(
                Arguments.of("gretap?key=1", "remote_ip", "an IPv4 or IPv6 address or a name"),
                Arguments.of(
                        "gre?remote_ip=10.0.0.2,10.0.0.3",
                        "route",
                        ROUTE + "; it is needed where there are several remote ends"),
                Arguments.of(G + "in_key=1", "out_key", KEY + "; or key for both"),
                Arguments.of(G + "out_key=1", "in_key", KEY + "; or key for both"),
                Arguments.of(G + "nvgre", "key", VSID + "; or in_key and out_key"),
                Arguments.of(N + "in_key=5000", "out_key", VSID + "; or key for both"));
    }

    @ParameterizedTest
    @MethodSource("missing")
    void shouldSayWhatIsMissing(String port, String option, String accepted) {
        String scheme = port.substring(0, port.indexOf('?'));
        assertThatThrownBy(() -> PortProviders.create(port.replace("?", ":g0?")))
                .isInstanceOf(InvalidPortException.class)
                .hasMessage(scheme + " port 'g0': option " + option + " is missing; accepted: " + accepted);
    }

    @Test
    void shouldListTheOptionsThatMakeSense() {
        String common = "key, in_key, out_key, keyless_is_zero, csum, csum_required, seq, strict, ";
        String underlay =
                "ttl, tos, df_default, flow_label, accept_fragments, encap, dst_port, src_port_range, src_ports,"
                        + " udp_csum, udp6zerocsumrx, gro, dev, ";
        String frames = "inner_tags, bfd, bfd_min_tx, bfd_min_rx, bfd_mult, fdb, ";
        assertUnknown(
                "gretap:g0?learn_remotes",
                "gretap port 'g0': unknown option 'learn_remotes'; accepted: remote_ip, local_ip, " + common + "nvgre, "
                        + underlay + "mtu, icmp_too_big, clamp_mss, " + frames + "rcvbuf, sndbuf, netns");
        assertUnknown(
                "mgretap:g0?route=::/0 via 10.0.0.2",
                "mgretap port 'g0': unknown option 'route'; accepted: remote_ip, local_ip, " + common + "nvgre, "
                        + underlay + "learn_remotes, max_remotes, ageing, mtu, icmp_too_big, clamp_mss, " + frames
                        + "rcvbuf, sndbuf, netns");
        assertUnknown(
                "gre:g0?packet_type=ptap",
                "gre port 'g0': unknown option 'packet_type'; accepted: remote_ip, local_ip, route, " + common
                        + underlay + "mtu, icmp_too_big, clamp_mss, rcvbuf, sndbuf, netns");
    }

    private static void assertUnknown(String uri, String message) {
        assertThatThrownBy(() -> PortProviders.create(uri))
                .isInstanceOf(InvalidPortException.class)
                .hasMessage(message);
    }

    /** What the builder is told otherwise than in text, or what URIs have no option for, is refused in the same words. */
    static Stream<Arguments> refusalsOfTheBuilder() {
        return Stream.of(
                by(builder -> builder.key(1L << 32), "key", "4294967296", KEY),
                by(builder -> builder.key(-2), "key", "-2", KEY),
                by(builder -> builder.inKey(-2), "in_key", "-2", KEY),
                by(builder -> builder.outKey(1L << 32), "out_key", "4294967296", KEY),
                by(builder -> builder.key(5).nvgre(true), "key", "5", VSID),
                by(builder -> builder.route("5"), "route", "5", ROUTE),
                by(
                        builder -> builder.route("::/0 via 10.0.0.2"),
                        "route",
                        "::/0 via 10.0.0.2",
                        "only with gre, which carries IP packets"),
                by(builder -> builder.learnRemotes(true), "learn_remotes", "true", "only with mgretap"),
                by(builder -> builder.maxRemotes(5), "max_remotes", "5", "only with learn_remotes"),
                by(builder -> builder.encapUdp(true).dstPort(0), "dst_port", "0", PORT),
                by(builder -> builder.encapUdp(true).srcPortRange(9, 8), "src_port_range", "9-8", RANGE),
                by(builder -> builder.srcPortRange(8, 9), "src_port_range", "8-9", ONLY_UDP),
                by(
                        builder -> builder.nvgre(true).key(5_000).fdb("02:00:00:00:00:07 dst 10.0.0.2 vni 16777215"),
                        "fdb",
                        "02:00:00:00:00:07 dst 10.0.0.2 vni 16777215",
                        "with " + VSID));
    }

    private static Arguments by(UnaryOperator<GreBuilder> step, String option, String value, String accepted) {
        return Arguments.of(step, option, value, accepted);
    }

    @ParameterizedTest
    @MethodSource("refusalsOfTheBuilder")
    void shouldRefuseTheSameFromTheBuilder(
            UnaryOperator<GreBuilder> step, String option, String value, String accepted) {
        assertThatThrownBy(() ->
                        step.apply(GrePort.gretap("g0").remote("10.0.0.2")).build())
                .isInstanceOf(InvalidPortException.class)
                .hasMessage("gretap port 'g0': option " + option + " is '" + value + "'; accepted: " + accepted);
    }

    /** What only Ethernet has. */
    static Stream<Arguments> refusalsOfLayerThree() {
        return Stream.of(
                by(builder -> builder.carryInnerTags(true), "inner_tags", "carry", ONLY_ETHERNET),
                by(builder -> builder.bfd(BfdSettings.DEFAULT), "bfd", "true", ONLY_ETHERNET),
                by(
                        builder -> builder.fdb("02:00:00:00:00:07 dst 10.0.0.2"),
                        "fdb",
                        "02:00:00:00:00:07 dst 10.0.0.2",
                        ONLY_ETHERNET),
                by(builder -> builder.nvgre(true).key(5_000), "nvgre", "true", "only with gretap and mgretap"),
                by(builder -> builder.learnRemotes(true), "learn_remotes", "true", "only with mgretap"));
    }

    @ParameterizedTest
    @MethodSource("refusalsOfLayerThree")
    void shouldRefuseWhatOnlyEthernetHas(UnaryOperator<GreBuilder> step, String option, String value, String accepted) {
        assertThatThrownBy(
                        () -> step.apply(GrePort.gre("g0").remote("10.0.0.2")).build())
                .isInstanceOf(InvalidPortException.class)
                .hasMessage("gre port 'g0': option " + option + " is '" + value + "'; accepted: " + accepted);
    }

    @Test
    void shouldRefuseAKeyOfARemoteEndThatIsNoVsid() {
        assertThatThrownBy(() -> GrePort.mgretap("g0")
                        .nvgre(true)
                        .key(5_000)
                        .remote(new RemoteSpec("10.0.0.2", 0, 9))
                        .build())
                .isInstanceOf(InvalidPortException.class)
                .hasMessage("mgretap port 'g0': option remote_ip is '10.0.0.2 key 9'; accepted: with " + VSID);
    }

    @Test
    void shouldRefuseSettingsWhoseSchemeIsOfAnotherPayload() {
        GreSettings tap = GrePort.gretap("g0").remote("10.0.0.2").settings();
        assertThatThrownBy(() -> new GreSettings(
                        tap.tunnel(),
                        Payload.IP,
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
                        List.of()))
                .isInstanceOf(InvalidPortException.class)
                .hasMessage("gretap port 'g0': payload is IP; accepted: IP for gre, ETHERNET and NVGRE for gretap and"
                        + " mgretap");
    }
}
