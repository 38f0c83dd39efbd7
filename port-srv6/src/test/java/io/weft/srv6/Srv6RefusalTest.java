package io.weft.srv6;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.port.InvalidPortException;
import io.weft.port.PortOption;
import io.weft.port.PortProviders;
import java.net.InetAddress;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is refused, which option and value are named, and what is said to be accepted. */
class Srv6RefusalTest {
    private static final String R = "local_ip=fc00:1::1&remote_ip=fc00:2::1";
    private static final String L2 = "mode=l2&" + R + "&";
    private static final String L3 = "mode=l3&" + R + "&";
    private static final String B = "mode=bridge&" + R + "&";
    private static final String ADDRESS = "an IPv6 unicast address, not link-local, not loopback, as fc00:1::1";
    private static final String ADDRESSES =
            "IPv6 unicast addresses, not link-local, not loopback, separated by commas, as fc00:2::1,fc00:3::1";
    private static final String ROUTE = "NETWORK via REMOTE, as 10.1.0.0/16 via fc00:2::1 or ::/0 via fc00:2::1, the"
            + " network's bits behind the prefix 0, and REMOTE an IPv6 address that remote_ip or remote has";
    private static final String STATION = "MAC dst IP [vlan 0..4094], as 02:00:00:00:00:07 dst fc00:2::1, the MAC a"
            + " station's and the IP a remote end's IPv6 address";
    private static final String SIXTEEN =
            "fc00::1,fc00::2,fc00::3,fc00::4,fc00::5,fc00::6,fc00::7,fc00::8,fc00::9,fc00::a,fc00::b,fc00::c,fc00::d,fc00::e,"
                    + "fc00::f,fc00::10";
    private static final String FRAMES = "End.DX2, End.DX2V, End.DT2U, End.DT2M";
    private static final String BEHAVIOURS =
            "End, End.X, End.T, End.DX2, End.DX2V, End.DT2U, End.DT2M, End.DX4, End.DX6, End.DT4, End.DT6, End.DT46, End.B6.Encaps, End.B6.Encaps.Red, and with"
                    + " NEXT-C-SID uN, uA, uT, uDX2, uDX2V, uDT2U, uDT2M, uDX4, uDX6, uDT4, uDT6, uDT46, uB6.Encaps, uB6.Encaps.Red";
    private static final String PACKETS = "End.DX4, End.DX6, End.DT4, End.DT6, End.DT46";
    private static final String NAMES = "an IPv6 address; names are not looked up, since segments are addresses";

    /** Options, which of them is to blame, the value in the message, and what is accepted. */
    static Stream<Arguments> refusals() {
        return Stream.of(
                of(R + "&mode=vpls", "mode", "vpls", "l3 or l2 or bridge"),
                // ends
                of("remote_ip=fc00:2::1&local_ip=10.0.0.1", "local_ip", ADDRESS),
                of("remote_ip=fc00:2::1&local_ip=0.0.0.0", "local_ip", ADDRESS),
                of("remote_ip=fc00:2::1&local_ip=::", "local_ip", ADDRESS),
                of("remote_ip=fc00:2::1&local_ip=hub.example", "local_ip", ADDRESS),
                of("remote_ip=fc00:2::1&sid=fc00:1::d End.DT4 table s0&local_ip=fe80::1", "local_ip", ADDRESS),
                of("remote_ip=fc00:2::1&local_ip=ff02::1", "local_ip", ADDRESS),
                of("local_ip=fc00:1::1&remote_ip=", "remote_ip", ADDRESSES),
                of("local_ip=fc00:1::1&remote_ip=fc00:2::1,", "remote_ip", ADDRESSES),
                of("local_ip=fc00:1::1&remote_ip=fc00:2::g", "remote_ip", ADDRESSES),
                of(
                        "local_ip=fc00:1::1&remote_ip=10.0.0.2",
                        "remote_ip",
                        "an IPv6 address, as option local_ip is 'fc00:1::1';" + " this one is IPv4"),
                of(
                        "local_ip=fc00:1::1&remote_ip=fc00:2::1,10.0.0.2&mode=bridge",
                        "remote_ip",
                        "10.0.0.2",
                        "an IPv6 address," + " as option local_ip is 'fc00:1::1'; this one is IPv4"),
                of("local_ip=fc00:1::1&remote_ip=host.example", "remote_ip", NAMES),
                of("local_ip=fc00:1::1&remote_ip=[fc00:2::1]:4789", "remote_ip", "without a port"),
                of("local_ip=fc00:1::1&remote_ip=ff05::1", "remote_ip", ADDRESS),
                of("local_ip=fc00:1::1&remote_ip=fe80::1%252", "remote_ip", "fe80::1%2", ADDRESS),
                of(
                        "local_ip=fc00:1::1&remote_ip=fc00:1::1",
                        "remote_ip",
                        "another address than local_ip, which is the same"),
                of(
                        "mode=bridge&local_ip=fc00:1::1&remote_ip=fc00:2::1,fc00:2::1",
                        "remote_ip",
                        "fc00:2::1",
                        "each address or name once, whatever its segments"),
                of(
                        "mode=bridge&local_ip=fc00:1::1&remote_ip=fc00:2::1&remote=fc00:2::1 segs fc00:2::d2",
                        "remote",
                        "fc00:2::1 once, by remote or by remote_ip"),
                of(
                        "mode=bridge&local_ip=fc00:1::1&remote=fc00:2::1 segs fc00:2::d2&remote=fc00:2::1 segs fc00:2::d3",
                        "remote",
                        "fc00:2::1 segs fc00:2::d2",
                        "fc00:2::1 once, by remote or by remote_ip"),
                of(
                        "local_ip=fc00:1::1&remote=fc00:1::1 segs fc00:2::d2",
                        "remote",
                        "in place of fc00:1::1 another address than local_ip"),
                of("local_ip=fc00:1::1&remote=ff05::1 segs fc00:2::d2", "remote", "in place of ff05::1 " + ADDRESS),
                of(
                        "mode=l2&local_ip=fc00:1::1&remote_ip=fc00:3::1&remote=fc00:2::1 segs fc00:2::d2",
                        "remote",
                        "one remote end with mode=l2; mode=bridge has many"),
                of(
                        "mode=l2&local_ip=fc00:1::1&remote_ip=fc00:2::1,fc00:3::1",
                        "remote_ip",
                        "fc00:2::1,fc00:3::1",
                        "one remote end with mode=l2; mode=bridge has many"),
                // segments
                wrong(R + "&srv6_segs=", "srv6_segs", "segment is ''; accepted: " + SegmentList.ACCEPTED),
                wrong(R + "&srv6_segs=fc00::1,", "srv6_segs", "segment is ''; accepted: " + SegmentList.ACCEPTED),
                wrong(
                        R + "&srv6_segs=10.0.0.1",
                        "srv6_segs",
                        "segment is '10.0.0.1'; accepted: " + SegmentList.ACCEPTED),
                wrong(R + "&srv6_segs=ff02::1", "srv6_segs", "segment is 'ff02::1'; accepted: " + SegmentList.ACCEPTED),
                wrong(
                        R + "&srv6_segs=" + SIXTEEN + ",fc00::11",
                        "srv6_segs",
                        "a list of 17 segments; accepted: " + SegmentList.ACCEPTED),
                of(
                        "mode=bridge&local_ip=fc00:1::1&srv6_segs=fc00::1",
                        "srv6_segs",
                        "only with one remote_ip; option remote has segs for each of several"),
                of(
                        "mode=bridge&local_ip=fc00:1::1&remote_ip=fc00:2::1,fc00:3::1&srv6_segs=fc00::1",
                        "srv6_segs",
                        "only with one remote_ip; option remote has segs for each of several"),
                remote("10.0.0.2", "segment is '10.0.0.2'; accepted: " + SegmentList.ACCEPTED),
                remote("fc00:2::1 segs", "'segs' has no value; accepted: " + RemoteSegments.ACCEPTED),
                remote(
                        "fc00:2::1 segs " + SIXTEEN + ",fc00::11",
                        "a list of 17 segments; accepted: " + SegmentList.ACCEPTED),
                remote("fc00:2::1 segs fc00::1 weight 0", "weight is 0; accepted: 1..64"),
                remote("fc00:2::1 segs fc00::1 weight 65", "weight is 65; accepted: 1..64"),
                remote("fc00:2::1 weight 2", "weight without segs in front; accepted: " + RemoteSegments.ACCEPTED),
                remote("segs weight 2", "weight without segs in front; accepted: " + RemoteSegments.ACCEPTED),
                remote("fc00:2::1 backup fc00::1 backup fc00::2", "'backup' is there twice; accepted: once"),
                remote("fc00:2::1 bum fc00::1 bum fc00::2", "'bum' is there twice; accepted: once"),
                remote("fc00:2::1 via fc00::1", "'via' is unknown; accepted: " + RemoteSegments.ACCEPTED),
                remote("fc00:2::1 arglen 16", "arglen 16 without bum; accepted: " + RemoteSegments.ACCEPTED),
                remote(
                        "fc00:2::1 segs fc00::1 arglen 16",
                        "arglen 16 without bum; accepted: " + RemoteSegments.ACCEPTED),
                remote(
                        "fc00:2::1 segs fc00::1/64 arglen 16",
                        "segment is 'fc00::1/64'; accepted: " + SegmentList.ACCEPTED),
                remote("fc00:2::1 bum fc00:2::/64", "/64 without arglen; accepted: " + RemoteSegments.ACCEPTED),
                remote(
                        "fc00:2::1 bum fc00:2:: arg 5=5",
                        "arg 5=5 without arglen; accepted: " + RemoteSegments.ACCEPTED),
                remote("fc00:2::1 bum fc00:2:: arglen 16 arglen 16", "'arglen' is there twice; accepted: once"),
                remote("fc00:2::1 bum fc00:2:: arglen 0", "arglen is 0; accepted: 1..64"),
                remote("fc00:2::1 bum fc00:2:: arglen 65", "arglen is 65; accepted: 1..64"),
                remote("fc00:2::1 bum fc00:2:: arglen x", "arglen is 'x'; accepted: a number of bits"),
                remote(
                        "fc00:2::1 bum fc00:2::/0 arglen 16",
                        "the SID's length is 0; accepted: 1..112, which leaves room for arglen 16"),
                remote(
                        "fc00:2::1 bum fc00:2::/113 arglen 16",
                        "the SID's length is 113; accepted: 1..112, which leaves room for arglen 16"),
                remote("fc00:2::1 bum fc00:2::/x arglen 16", "/LENGTH is 'x'; accepted: a number of bits"),
                remote(
                        "fc00:2::1 bum fc00:2::1 arglen 16",
                        "the last segment of bum is fc00:2::1/112; accepted: fc00:2::/112, or a longer prefix: the bits behind it are the argument's, and arglen is 16"),
                remote(
                        "fc00:2::1 bum fc00:2::1:0/96 arglen 16",
                        "the last segment of bum is fc00:2::1:0/96; accepted: fc00:2::/96, or a longer prefix: the bits behind it are the argument's, and arglen is 16"),
                remote(
                        "fc00:2::1 bum fc00:2::1/64 arglen 16",
                        "the last segment of bum is fc00:2::1/64; accepted: fc00:2::/64, or a longer prefix: the bits behind it are the argument's, and arglen is 16"), // behind the argument
                remote(
                        "fc00:2::1 bum fc00:2::/64,fc00:2:: arglen 16",
                        "/LENGTH is '64,fc00:2::'; accepted: a number of bits"),
                remote("fc00:2::1 bum fc00:2:: arglen 16 arg 5", "arg is '5'; accepted: GROUP=ARGUMENT, two numbers"),
                remote("fc00:2::1 bum fc00:2:: arglen 16 arg 0=5", "group is 0; accepted: 1..2147483647"),
                remote(
                        "fc00:2::1 bum fc00:2:: arglen 16 arg 2147483648=5",
                        "group is 2147483648; accepted: 1..2147483647"),
                remote(
                        "fc00:2::1 bum fc00:2:: arglen 16 arg 5=65536",
                        "argument of group 5 is 65536; accepted: 0..65535, of arglen 16"),
                remote(
                        "fc00:2::1 bum fc00:2:: arglen 64 arg 5=18446744073709551616",
                        "argument is 18446744073709551616; accepted: at most 64 bits"),
                remote("fc00:2::1 bum fc00:2:: arglen 16 arg 5=1 arg 5=2", "group 5 has two arguments; accepted: one"),
                of(
                        L2.replace("&remote_ip=fc00:2::1", "") + "remote=fc00:2::1 bum fc00:2:: arglen 16",
                        "remote",
                        "fc00:2::1 segs fc00:2::1 bum fc00:2::/112 arglen 16",
                        "arglen only with mode=bridge"),
                // SIDs
                wrong(L2 + "sid=fc00:1::d", "sid", "it has no behaviour; accepted: " + SidSpec.ACCEPTED),
                wrong(
                        L2 + "sid=10.0.0.1 End.DX2",
                        "sid",
                        "SID is 10.0.0.1/32; accepted: an IPv6 unicast address that is not link-local, with a prefix length of 1..128"),
                wrong(
                        L2 + "sid=fc00:1::d/64 End.DX2",
                        "sid",
                        "SID is fc00:1::d/64; accepted: fc00:1::/64, or a longer prefix: the bits behind it are the argument, which each packet has its own"),
                wrong(L2 + "sid=fc00:1::d End.DX3", "sid", "behaviour is 'End.DX3'; accepted: " + BEHAVIOURS),
                wrong(L2 + "sid=fc00:1::d End.DX2V", "sid", "End.DX2V needs vlan; accepted: vlan with 1..4094"),
                wrong(L2 + "sid=fc00:1::d End.DX2 vlan 5", "sid", "vlan is not for End.DX2; accepted: oif"),
                of(
                        L2 + "sid=fc00:1::d End.DT46 table s0",
                        "sid",
                        "fc00:1::d/128 End.DT46 table s0",
                        FRAMES + " with mode=l2"),
                of(
                        B + "sid=fc00:1::d End.DT4 table s0",
                        "sid",
                        "fc00:1::d/128 End.DT4 table s0",
                        FRAMES + " with mode=bridge"),
                of(L3 + "sid=fc00:1::d End.DT2U", "sid", "fc00:1::d/128 End.DT2U", PACKETS + " with mode=l3"),
                of(
                        L3 + "sid=fc00:1::d End",
                        "sid",
                        "fc00:1::d/128 End",
                        "at least one with " + PACKETS + "; a node that only passes packets on is srv6-node:"),
                of(
                        L2 + "sid=fc00:1::/64 End.DX2&sid=fc00:1::e End",
                        "sid",
                        "fc00:1::e/128 End",
                        "no SID that another of the port's overlaps: SID 'fc00:1::e/128 End' overlaps 'fc00:1::/64 End.DX2';"
                                + " accepted: a SID that no other begins with, or one behind another with flavors next-csid"),
                // domain
                of(L2 + "sr_domain=10.0.0.0/8", "sr_domain", "an IPv6 network, as fc00::/16"),
                of(L2 + "sr_domain=fc00::1/16", "sr_domain", "an IPv6 network, as fc00::/16"),
                of(L2 + "sr_domain=fc00", "sr_domain", "an IPv6 network, as fc00::/16"),
                // the header
                of(L2 + "encap=reduced", "encap", "full or red"),
                of(L2 + "srv6_flowlabel=random", "srv6_flowlabel", "zero, copy, compute"),
                of(L2 + "ttl=0", "ttl", "1..255"),
                of(L2 + "ttl=256", "ttl", "1..255"),
                of(L2 + "tos=256", "tos", "0..255, also as 0x00..0xff, or inherit"),
                // HMAC
                of(L2 + "hmac=0", "hmac", "1..4294967295"),
                of(L2 + "hmac=4294967296", "hmac", "1..4294967295"),
                of(L2 + "hmac=7", "hmac", "the id of an hmac_key"),
                of(L2 + "hmac_key=8 sha256 secret&hmac=7", "hmac", "the id of an hmac_key"),
                of(L2 + "hmac_flag=maybe", "hmac_flag", "true or false"),
                of(L2 + "hmac_required=maybe", "hmac_required", "true or false"),
                of(L2 + "hmac_required", "hmac_required", "true", "only with hmac_key"),
                of(L2 + "hmac_key=8 sha256 one&hmac_key=8 sha1 other", "hmac_key", "8", "each id once"),
                // routes
                of(L2 + "route=10.0.0.0/8 via fc00:2::1", "route", "10.0.0.0/8 via fc00:2::1", "only with mode=l3"),
                of(L3 + "route=10.0.0.1/8 via fc00:2::1", "route", ROUTE),
                of(L3 + "route=10.0.0.0/8 via fc00:3::1", "route", "via an IPv6 address that remote_ip or remote has"),
                of(L3 + "route=10.0.0.0/8 via 10.1.1.1", "route", "via an IPv6 address that remote_ip or remote has"),
                of(L3 + "route=10.0.0.0/8 via host.example", "route", ROUTE),
                of(
                        "mode=l3&local_ip=fc00:1::1&remote_ip=fc00:2::1,fc00:3::1&route=::/0 via fc00:2::1&route=::/0 via fc00:3::1",
                        "route",
                        "each network once"),
                of(L2 + "sid_route=yes", "sid_route", "none or auto or local"),
                // frames
                of(L2 + "mtu=67", "mtu", "68..65450"),
                of(L2 + "inner_tags=keep", "inner_tags", "discard or carry"),
                of(L3 + "inner_tags=carry", "inner_tags", "only with mode=l2 and mode=bridge"),
                of(L2 + "icmp_too_big=maybe", "icmp_too_big", "true or false"),
                of(L2 + "clamp_mss=maybe", "clamp_mss", "true or false"),
                of(
                        L2 + "fdb=02:00:00:00:00:07 dst fc00:2::1",
                        "fdb",
                        "02:00:00:00:00:07 dst fc00:2::1",
                        "only with mode=bridge"),
                of(
                        B + "fdb=02:00:00:00:00:07 dst 10.0.0.2",
                        "fdb",
                        "an IPv6 address, as option local_ip is 'fc00:1::1'; this" + " one is IPv4"),
                of(B + "fdb=02:00:00:00:00:07 dst fe80::1%252", "fdb", "02:00:00:00:00:07 dst fe80::1%2", ADDRESS),
                of(B + "fdb=02:00:00:00:00:07 dst host.example", "fdb", STATION),
                of(
                        B + "fdb=02:00:00:00:00:07 dst fc00:2::1 key 5",
                        "fdb",
                        "02:00:00:00:00:07 dst fc00:2::1 vni 5",
                        "without a key"),
                // sockets
                of(
                        L2 + "dev=a-name-of-16-char",
                        "dev",
                        "1..15 bytes without space, '/', ':' and '%', as `ip link` lists them"),
                of(L2 + "rcvbuf=4095", "rcvbuf", "4096..1073741824"),
                of(L2 + "sndbuf=0", "sndbuf", "4096..1073741824"),
                of(L2 + "netns=", "netns", "a name that `ip netns` lists, or a path as /proc/PID/ns/net"));
    }

    private static Arguments remote(String value, String reason) {
        return Arguments.of("mode=bridge&local_ip=fc00:1::1&remote=" + value, "remote", value, ": " + reason);
    }

    /** The value is the last option's; the reason says which part of it is wrong, and what is accepted. */
    private static Arguments wrong(String options, String option, String reason) {
        return Arguments.of(options, option, options.substring(options.lastIndexOf('=') + 1), ": " + reason);
    }

    /** The value is the last option's. */
    private static Arguments of(String options, String option, String accepted) {
        return of(options, option, options.substring(options.lastIndexOf('=') + 1), accepted);
    }

    private static Arguments of(String options, String option, String value, String accepted) {
        return Arguments.of(options, option, value, "; accepted: " + accepted);
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void shouldNameTheOptionItsValueAndWhatIsAccepted(String options, String option, String value, String rest) {
        assertThatThrownBy(() -> PortProviders.create("srv6:s0?" + options))
                .isInstanceOf(InvalidPortException.class)
                .hasMessage("srv6 port 's0': option " + option + " is '" + value + "'" + rest);
    }

    /** Options, which one is missing, and what is accepted. */
    static Stream<Arguments> missing() {
        return Stream.of(
                Arguments.of("remote_ip=fc00:2::1", "local_ip", ADDRESS + ": the source of what is sent"),
                Arguments.of(
                        "mode=l2&local_ip=fc00:1::1",
                        "remote_ip",
                        "an IPv6 address; or option remote, with its segments"),
                Arguments.of(
                        "local_ip=fc00:1::1&remote_ip=fc00:2::1,fc00:3::1",
                        "route",
                        ROUTE + "; it is needed where there are several remote ends"));
    }

    @ParameterizedTest
    @MethodSource("missing")
    void shouldSayWhatIsMissing(String options, String option, String accepted) {
        assertThatThrownBy(() -> PortProviders.create("srv6:s0?" + options))
                .isInstanceOf(InvalidPortException.class)
                .hasMessage("srv6 port 's0': option " + option + " is missing; accepted: " + accepted);
    }

    /** A secret is told nobody. */
    @Test
    void shouldRefuseKeysWithoutTellingThem() {
        for (String key : new String[] {
            "7 sha256",
            "7 md5 swordfish",
            "0 sha1 swordfish",
            "x sha1 swordfish",
            "7 sha1 0xswordfish",
            "7 sha256 swordfish" + "-".repeat(60)
        }) {
            assertThatThrownBy(() -> PortProviders.create("srv6:s0?" + L2 + "hmac_key=" + key))
                    .as(key)
                    .isInstanceOf(InvalidPortException.class)
                    .hasMessageContaining("option hmac_key")
                    .hasMessageContaining("ID sha256|sha1 SECRET, the id 1..4294967295")
                    .hasMessageNotContaining("swordfish");
        }
    }

    /** What is wrong in it is said as well. */
    @Test
    void shouldSayWhatIsWrongWithinAValue() {
        assertThatThrownBy(() -> PortProviders.create("srv6:s0?" + L2 + "sid=fc00:1::d End.DX2V"))
                .hasStackTraceContaining("End.DX2V needs vlan");
        assertThatThrownBy(() -> PortProviders.create("srv6:s0?" + L2 + "srv6_segs=fc00::1,ff02::1"))
                .hasStackTraceContaining("segment is 'ff02::1'");
    }

    @Test
    void shouldListTheOptionsThatMakeSense() {
        String options =
                "mode, remote_ip, local_ip, srv6_segs, remote, sid, sr_domain, route, encap, srv6_flowlabel, ttl, tos,"
                        + " hmac_key, hmac, hmac_flag, hmac_required, sid_route, dev, mtu, icmp_too_big, clamp_mss, inner_tags, fdb, rcvbuf,"
                        + " sndbuf, netns";
        for (String unknown : new String[] {"learn_remotes", "bfd", "df_default", "key", "srv6_seg"}) {
            assertThatThrownBy(() -> PortProviders.create("srv6:s0?" + R + "&" + unknown + "=1"))
                    .isInstanceOf(InvalidPortException.class)
                    .hasMessageContaining("unknown option '" + unknown + "'")
                    .hasMessageContaining("accepted: " + options);
        }
    }

    /** Help and messages promise no more than is accepted: no IPv4 underlay, names or ports. */
    @Test
    void shouldNotPromiseWhatOtherTunnelsAccept() {
        for (PortOption<?> option : Srv6Options.OF_PORT) {
            assertThat(option.accepted())
                    .as("option %s", option.name())
                    .doesNotContain("a name, also")
                    .doesNotContain("port 1..65535")
                    .doesNotContain("192.0.2.")
                    .doesNotContain("IPv4");
        }
    }

    @Test
    void shouldRefuseTheSameFromTheBuilder() {
        assertThatThrownBy(() -> Srv6Port.l2("s0").local("fc00:1::1").build())
                .isInstanceOf(InvalidPortException.class)
                .hasMessage(
                        "srv6 port 's0': option remote_ip is missing; accepted: an IPv6 address; or option remote, with its segments");
        assertThatThrownBy(() -> Srv6Port.l3("s0").local("fc00:1::1").sid("fc00:1::d End.DT9"))
                .isInstanceOf(InvalidPortException.class)
                .hasMessage("srv6 port 's0': option sid is 'fc00:1::d End.DT9': behaviour is 'End.DT9'; accepted: "
                        + BEHAVIOURS);
        assertThatThrownBy(() -> Srv6Port.bridge("s0").domain("10.0.0.0/8"))
                .isInstanceOf(InvalidPortException.class)
                .hasMessage(
                        "srv6 port 's0': option sr_domain is '10.0.0.0/8'; accepted: an IPv6 network, as fc00::/16");
        assertThatThrownBy(() -> Srv6Port.bridge("s0").local("10.0.0.1"))
                .isInstanceOf(InvalidPortException.class)
                .hasMessage("srv6 port 's0': option local_ip is '10.0.0.1'; accepted: " + ADDRESS);
        assertThatThrownBy(() -> Srv6Port.bridge("s0")
                        .local(InetAddress.getByName("10.0.0.1"))
                        .build())
                .isInstanceOf(InvalidPortException.class)
                .hasMessage("srv6 port 's0': option local_ip is '10.0.0.1'; accepted: " + ADDRESS);
        assertThatThrownBy(() -> Srv6Port.bridge("s0").fdb("02:00:00:00:00:07 dst hub"))
                .isInstanceOf(InvalidPortException.class)
                .hasMessage("srv6 port 's0': option fdb is '02:00:00:00:00:07 dst hub'; accepted: " + STATION);
        assertThatThrownBy(() -> Srv6Port.bridge("s0").segments(SIXTEEN + ",fc00::11"))
                .isInstanceOf(InvalidPortException.class)
                .hasMessageContaining("option srv6_segs is '" + SIXTEEN
                        + ",fc00::11': a list of 17 segments; accepted: 1 to 16 IPv6");
        assertThatThrownBy(() -> Srv6Port.bridge("s0").hmac(1L << 32))
                .isInstanceOf(InvalidPortException.class)
                .hasMessageContaining("option hmac is '4294967296'; accepted: 1..4294967295");
        assertThatThrownBy(() -> Srv6Port.bridge("s0")
                        .local("fc00:1::1")
                        .learnRemotes(true)
                        .build())
                .isInstanceOf(InvalidPortException.class)
                .hasMessage(
                        "srv6 port 's0': option learn_remotes is 'true'; accepted: false: nobody tells by which segments an"
                                + " unknown one is reached");
        assertThatThrownBy(() -> Srv6Port.bridge("s0")
                        .local("fc00:1::1")
                        .dfDefault(false)
                        .build())
                .isInstanceOf(InvalidPortException.class)
                .hasMessageContaining("option df_default is 'false'; accepted: true");
    }
}
