package io.weft.vxlan;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.port.InvalidPortException;
import io.weft.port.PortProviders;
import io.weft.tunnel.RemoteSpec;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole messages: each names the option, its value and what is accepted, whichever way the port is made. */
class VxlanRefusalTest {
    private static final String REMOTE = "an IPv4 or IPv6 address or a name, also with a port as 10.0.0.2:8472,"
            + " [fd00::2]:8472 or vtep2.example.net:8472";
    private static final String VNI = "a VNI, 0..16777215 or 0x0..0xffffff";
    private static final String MAP =
            "VLAN:VNI or VLAN-VLAN:VNI, comma-separated, as 10:1010,20-29:2020 (VLAN 29 is VNI"
                    + " 2029 then), VLANs 1..4094 and VNIs 0..16777215, each once";
    private static final String PORTS = "1..65535, several separated by commas, each once";
    private static final String RANGE = "FIRST-LAST, 1..65535, the first not above the last";
    private static final String TOS = "0..255, also as 0x00..0xff, or inherit";
    private static final String GROUP = "a multicast address, of 224.0.0.0/4 or ff00::/8";
    private static final String DEV = "1..15 bytes without space, '/', ':' and '%', as `ip link` lists them";
    private static final String FDB = "MAC dst IP [port 1..65535] [vni 0..4294967295] [vlan 0..4094], as"
            + " 02:00:00:00:00:07 dst 10.0.0.2 vni 100, the MAC a station's and the IP an IPv4 or IPv6 address";
    private static final String BFD = "a time as 500ms, 30s, 5m or 1h, from 50ms to 60s";
    private static final String FLAG = "true or false";

    /** Options, which of them is to blame, the value in the message when it is not that of the URI, and what is accepted. */
    static Stream<Arguments> refusals() {
        return Stream.of(
                // remotes
                of("key=1&remote_ip=", "remote_ip", REMOTE),
                of("key=1&remote_ip=10.0.0.2,", "remote_ip", REMOTE),
                of("key=1&remote_ip=10.0.0", "remote_ip", REMOTE),
                of("key=1&remote_ip=10.0.0.256", "remote_ip", REMOTE),
                of("key=1&remote_ip=10.0.0.2:0", "remote_ip", REMOTE),
                of("key=1&remote_ip=10.0.0.2:65536", "remote_ip", REMOTE),
                of("key=1&remote_ip=[fd00::2", "remote_ip", REMOTE),
                of("key=1&remote_ip=[fd00::2]4789", "remote_ip", REMOTE),
                of("key=1&remote_ip=[10.0.0.2]:4789", "remote_ip", REMOTE),
                of("key=1&remote_ip=fd00:::2", "remote_ip", REMOTE),
                of("key=1&remote_ip=fd00::2%252", "remote_ip", "fd00::2%2", REMOTE),
                of("key=1&remote_ip=fe80::2%25eth0", "remote_ip", "fe80::2%eth0", REMOTE),
                of("key=1&remote_ip=vtep 2", "remote_ip", REMOTE),
                of("key=1&remote_ip=flow/2", "remote_ip", REMOTE),
                of(
                        "key=1&remote_ip=10.0.0.2,239.1.1.1",
                        "remote_ip",
                        "239.1.1.1",
                        "a unicast address; a multicast group is given as group"),
                of(
                        "key=1&remote_ip=[ff05::1]:4789",
                        "remote_ip",
                        "a unicast address; a multicast group is given as group"),
                of("key=1&remote_ip=0.0.0.0", "remote_ip", "a unicast address"),
                of("key=1&remote_ip=::", "remote_ip", "a unicast address"),
                of("key=1&remote_ip=255.255.255.255", "remote_ip", "a unicast address"),
                of(
                        "key=1&remote_ip=10.0.0.1:8472&local_ip=10.0.0.1",
                        "remote_ip",
                        "10.0.0.1:8472",
                        "another address than local_ip, which is the same"),
                of(
                        "key=1&remote_ip=fd00::2&remote_ip=[FD00:0::2]:8472",
                        "remote_ip",
                        "[fd00::2]:8472",
                        "each address or name once, whatever the port and the VNI"),
                of(
                        "key=1&remote_ip=vtep2,VTEP2",
                        "remote_ip",
                        "vtep2",
                        "each address or name once, whatever the port and the VNI"),
                of(
                        "key=1&remote_ip=fe80::2",
                        "remote_ip",
                        "a link-local address with option dev, or with the interface's number as fe80::2%2 (in a URI"
                                + " %252), which `ip link` shows"),
                // families
                of(
                        "key=1&remote_ip=fd00::2&local_ip=10.0.0.1",
                        "remote_ip",
                        "fd00::2",
                        "an IPv4 address, as option local_ip is '10.0.0.1'; this one is IPv6"),
                of(
                        "key=1&remote_ip=10.0.0.2,fd00::2",
                        "remote_ip",
                        "fd00::2",
                        "an IPv4 address, as option remote_ip is '10.0.0.2'; this one is IPv6"),
                of(
                        "key=1&group=239.1.1.1&local_ip=fd00::1",
                        "group",
                        "239.1.1.1",
                        "an IPv6 address, as option local_ip is 'fd00::1'; this one is IPv4"),
                of(
                        "key=1&remote_ip=10.0.0.2&fdb=02:00:00:00:00:07 dst fd00::2",
                        "fdb",
                        "02:00:00:00:00:07 dst fd00::2",
                        "an IPv4 address, as option remote_ip is '10.0.0.2'; this one is IPv6"),
                // our own address
                of("key=1&local_ip=vtep1", "local_ip", "an IPv4 or IPv6 address of this machine"),
                of("key=1&local_ip=10.0.0.1:4789", "local_ip", "an IPv4 or IPv6 address of this machine"),
                of("key=1&local_ip=0.0.0.0", "local_ip", "a unicast address of this machine; leave it out for any"),
                of("key=1&local_ip=239.1.1.1", "local_ip", "a unicast address of this machine; leave it out for any"),
                // keys
                of("key=16777216", "key", VNI),
                of("key=0x1000000", "key", VNI),
                of("key=-1", "key", VNI),
                of("key=flow", "key", VNI),
                of("key=", "key", VNI),
                of("in_key=16777216&out_key=1", "in_key", "16777216", VNI),
                of("in_key=1&out_key=0xg", "out_key", "0xg", VNI),
                of("key=1&in_key=2&out_key=3", "key", "1", "not with both in_key and out_key"),
                of("key=1&vlan_vni_map=10:10", "key", "1", "not with vlan_vni_map, which has the VNIs"),
                of("in_key=1&vlan_vni_map=10:10", "in_key", "1", "not with vlan_vni_map, which has the VNIs"),
                of("out_key=1&vlan_vni_map=10:10", "out_key", "1", "not with vlan_vni_map, which has the VNIs"),
                of("vlan_vni_map=", "vlan_vni_map", MAP),
                of("vlan_vni_map=10", "vlan_vni_map", MAP),
                of("vlan_vni_map=10:1010,10:1011", "vlan_vni_map", MAP),
                of("vlan_vni_map=10:1010,11:1010", "vlan_vni_map", MAP),
                of("vlan_vni_map=0:1", "vlan_vni_map", MAP),
                of("vlan_vni_map=4090-4095:1", "vlan_vni_map", MAP),
                of("vlan_vni_map=20-10:1", "vlan_vni_map", MAP),
                of("vlan_vni_map=10-11:16777215", "vlan_vni_map", MAP),
                of(
                        "inner_tags=carry&vlan_vni_map=10:10",
                        "inner_tags",
                        "carry",
                        "discard with vlan_vni_map, which makes VNIs of the tags"),
                // UDP ports
                of("key=1&dst_port=0", "dst_port", PORTS),
                of("key=1&dst_port=65536", "dst_port", PORTS),
                of("key=1&dst_port=4789,", "dst_port", PORTS),
                of("key=1&dst_port=4789,4789", "dst_port", PORTS),
                of("key=1&src_port_range=49152", "src_port_range", RANGE),
                of("key=1&src_port_range=0-10", "src_port_range", RANGE),
                of("key=1&src_port_range=50000-65536", "src_port_range", RANGE),
                of("key=1&src_port_range=50001-50000", "src_port_range", RANGE),
                of("key=1&src_ports=0", "src_ports", "1..64"),
                of("key=1&src_ports=65", "src_ports", "1..64"),
                of(
                        "key=1&src_port_range=50000-50003&src_ports=5",
                        "src_ports",
                        "5",
                        "1..4, as many as src_port_range 50000-50003 has"),
                // the outer header
                of("key=1&ttl=0", "ttl", "1..255"),
                of("key=1&ttl=256", "ttl", "1..255"),
                of("key=1&ttl=inherit", "ttl", "1..255"),
                of("key=1&tos=256", "tos", TOS),
                of("key=1&tos=0x100", "tos", TOS),
                of("key=1&tos=-1", "tos", TOS),
                of("key=1&df_default=maybe", "df_default", FLAG),
                of("key=1&csum=maybe", "csum", FLAG),
                of(
                        "key=1&remote_ip=10.0.0.2&udp6zerocsumtx",
                        "udp6zerocsumtx",
                        "true",
                        "only over IPv6; over IPv4 say csum=false"),
                of(
                        "key=1&remote_ip=fd00::2&csum&udp6zerocsumtx=yes",
                        "udp6zerocsumtx",
                        "true",
                        "false, as csum is true"),
                of(
                        "key=1&local_ip=fd00::2&csum=0&udp6zerocsumtx=no",
                        "udp6zerocsumtx",
                        "false",
                        "true, as csum is false"),
                of(
                        "key=1&remote_ip=10.0.0.2&udp6zerocsumrx",
                        "udp6zerocsumrx",
                        "true",
                        "only over IPv6; over IPv4 datagrams without checksum are always received"),
                of("key=1&strict=maybe", "strict", FLAG),
                // groups
                of("key=1&group=10.0.0.2", "group", GROUP + "; a remote is given as remote_ip"),
                of("key=1&group=fd00::2", "group", GROUP + "; a remote is given as remote_ip"),
                of("key=1&group=0.0.0.0", "group", GROUP),
                of("key=1&group=all", "group", GROUP),
                of(
                        "key=1&group=ff02::64",
                        "group",
                        "a link-local address with option dev, or with the interface's number as ff02::64%2 (in a URI"
                                + " %252), which `ip link` shows"),
                of("key=1&dev=", "dev", DEV),
                of("key=1&dev=a-name-of-16-char", "dev", DEV),
                of("key=1&dev=eth0:1", "dev", DEV),
                of("key=1&dev=..", "dev", DEV),
                // learning
                of("key=1&learn_remotes=maybe", "learn_remotes", FLAG),
                of("key=1&learn_remotes&max_remotes=0", "max_remotes", "0", "1..1000000"),
                of("key=1&learn_remotes&max_remotes=1000001", "max_remotes", "1000001", "1..1000000"),
                of("key=1&max_remotes=10", "max_remotes", "only with learn_remotes"),
                of("key=1&ageing=90s", "ageing", "only with learn_remotes"),
                of(
                        "key=1&learn_remotes&ageing=300",
                        "ageing",
                        "300",
                        "a time as 500ms, 30s, 5m or 1h, from 1s to 86400s"),
                of(
                        "key=1&learn_remotes&ageing=999ms",
                        "ageing",
                        "999ms",
                        "a time as 500ms, 30s, 5m or 1h, from 1s to 86400s"),
                // frames
                of("key=1&mtu=67", "mtu", "68..65450"),
                of("key=1&mtu=65451", "mtu", "68..65450"),
                of("key=1&inner_tags=keep", "inner_tags", "discard or carry"),
                of("key=1&icmp_too_big=maybe", "icmp_too_big", FLAG),
                of("key=1&clamp_mss=maybe", "clamp_mss", FLAG),
                of("key=1&gro=maybe", "gro", FLAG),
                // probes
                of("key=1&bfd=maybe", "bfd", FLAG),
                of("key=1&bfd&bfd_min_tx=49ms", "bfd_min_tx", "49ms", BFD),
                of("key=1&bfd&bfd_min_rx=61s", "bfd_min_rx", "61s", BFD),
                of("key=1&bfd&bfd_mult=0", "bfd_mult", "0", "1..255"),
                of("key=1&bfd&bfd_mult=256", "bfd_mult", "256", "1..255"),
                of("key=1&bfd_min_tx=100ms", "bfd_min_tx", "only with bfd"),
                of("key=1&bfd=no&bfd_min_rx=1s", "bfd_min_rx", "1s", "only with bfd"),
                of("key=1&bfd_mult=3", "bfd_mult", "only with bfd"),
                // stations
                of("key=1&fdb=", "fdb", FDB),
                of("key=1&fdb=02:00:00:00:00:07", "fdb", FDB),
                of("key=1&fdb=02:00:00:00:00:07 dst", "fdb", FDB),
                of("key=1&fdb=02:00:00:00:00:07 dst vtep2", "fdb", FDB),
                of("key=1&fdb=02:00:00:00:00:07 vlan 1", "fdb", FDB),
                of("key=1&fdb=02:00:00:00:00 dst 10.0.0.2", "fdb", FDB),
                of("key=1&fdb=01:00:5e:00:00:07 dst 10.0.0.2", "fdb", FDB),
                of("key=1&fdb=00:00:00:00:00:00 dst 10.0.0.2", "fdb", FDB),
                of("key=1&fdb=02:00:00:00:00:07 dst 10.0.0.2 dst 10.0.0.3", "fdb", FDB),
                of("key=1&fdb=02:00:00:00:00:07 dst 10.0.0.2 port 0", "fdb", FDB),
                of("key=1&fdb=02:00:00:00:00:07 dst 10.0.0.2 vni 16777216", "fdb", "with " + VNI),
                of("key=1&fdb=02:00:00:00:00:07 dst 10.0.0.2 vlan 4095", "fdb", FDB),
                of("key=1&fdb=02:00:00:00:00:07 dst 10.0.0.2 via eth0", "fdb", FDB),
                of("key=1&fdb=02:00:00:00:00:07 dst 239.1.1.1", "fdb", "a unicast address"),
                of(
                        "key=1&local_ip=10.0.0.1&fdb=02:00:00:00:00:07 dst 10.0.0.1",
                        "fdb",
                        "02:00:00:00:00:07 dst 10.0.0.1",
                        "another address than local_ip, which is the same"),
                of(
                        "vlan_vni_map=10:10&fdb=02:00:00:00:00:07 dst 10.0.0.1",
                        "fdb",
                        "02:00:00:00:00:07 dst 10.0.0.1",
                        "with a vlan that is in vlan_vni_map, which is 10:10"),
                of(
                        "key=1&fdb=02:00:00:00:00:07 dst 10.0.0.2&fdb=02:00:00:00:00:07 dst 10.0.0.3",
                        "fdb",
                        "02:00:00:00:00:07 dst 10.0.0.3",
                        "each station of a VLAN once"),
                // sockets
                of("key=1&rcvbuf=4095", "rcvbuf", "4096..1073741824"),
                of("key=1&rcvbuf=1073741825", "rcvbuf", "4096..1073741824"),
                of("key=1&sndbuf=0", "sndbuf", "4096..1073741824"),
                of("key=1&netns=", "netns", "a name that `ip netns` lists, or a path as /proc/PID/ns/net"));
    }

    /** The value is the last option's. */
    private static Arguments of(String options, String option, String accepted) {
        return of(options, option, options.substring(options.lastIndexOf('=') + 1), accepted);
    }

    private static Arguments of(String options, String option, String value, String accepted) {
        return Arguments.of(options, option, value, accepted);
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void shouldNameTheOptionItsValueAndWhatIsAccepted(String options, String option, String value, String accepted) {
        assertThatThrownBy(() -> PortProviders.create("vxlan:vx0?" + options))
                .isInstanceOf(InvalidPortException.class)
                .hasMessage("vxlan port 'vx0': option " + option + " is '" + value + "'; accepted: " + accepted);
    }

    @Test
    void shouldSayWhichKeyIsMissing() {
        assertThatThrownBy(() -> PortProviders.create("vxlan:vx0?remote_ip=10.0.0.2"))
                .isInstanceOf(InvalidPortException.class)
                .hasMessage("vxlan port 'vx0': option key is missing; accepted: " + VNI
                        + "; or in_key and out_key, or vlan_vni_map");
        assertThatThrownBy(() -> PortProviders.create("vxlan:vx0?in_key=5"))
                .hasMessage("vxlan port 'vx0': option out_key is missing; accepted: " + VNI + "; or key for both");
        assertThatThrownBy(() -> PortProviders.create("vxlan:vx0?out_key=5"))
                .hasMessage("vxlan port 'vx0': option in_key is missing; accepted: " + VNI + "; or key for both");
    }

    @Test
    void shouldListTheOptionsWhenOneIsUnknown() {
        assertThatThrownBy(() -> PortProviders.create("vxlan:vx0?vni=5"))
                .isInstanceOf(InvalidPortException.class)
                .hasMessage(
                        "vxlan port 'vx0': unknown option 'vni'; accepted: remote_ip, local_ip, key, in_key, out_key,"
                                + " vlan_vni_map, dst_port, src_port_range, src_ports, ttl, tos, df_default, csum, udp6zerocsumtx,"
                                + " udp6zerocsumrx, strict, group, dev, learn_remotes, max_remotes, ageing, mtu, inner_tags,"
                                + " icmp_too_big, clamp_mss, bfd, bfd_min_tx, bfd_min_rx, bfd_mult, gro, fdb, rcvbuf, sndbuf,"
                                + " netns");
    }

    /** What the builder is told otherwise than in text is refused in the same words. */
    static Stream<Arguments> refusalsOfTheBuilder() {
        return Stream.of(
                by(builder -> builder.vni(1 << 24), "key", "16777216", VNI),
                by(builder -> builder.inKey(-1), "in_key", "-1", VNI),
                by(builder -> builder.remote("10.0.0.2.3"), "remote_ip", "10.0.0.2.3", REMOTE),
                by(builder -> builder.local("me"), "local_ip", "me", "an IPv4 or IPv6 address of this machine"),
                by(builder -> builder.group("us"), "group", "us", GROUP),
                by(builder -> builder.vlanVniMap("5"), "vlan_vni_map", "5", MAP),
                by(builder -> builder.fdb("07"), "fdb", "07", FDB),
                by(builder -> builder.dstPort(), "dst_port", "", PORTS),
                by(builder -> builder.dstPort(4_789, 0), "dst_port", "4789,0", PORTS),
                by(builder -> builder.srcPortRange(9, 8), "src_port_range", "9-8", RANGE),
                by(builder -> builder.srcPorts(65), "src_ports", "65", "1..64"),
                by(builder -> builder.ttl(0), "ttl", "0", "1..255"),
                by(builder -> builder.tos(256), "tos", "256", TOS),
                by(builder -> builder.mtu(0), "mtu", "0", "68..65450"),
                by(builder -> builder.rcvbuf(0), "rcvbuf", "0", "4096..1073741824"),
                by(builder -> builder.dev("eth 0"), "dev", "eth 0", DEV),
                by(
                        builder -> builder.learnRemotes(true).ageing(Duration.ofMillis(999)),
                        "ageing",
                        "999ms",
                        "a time as 500ms, 30s, 5m or 1h, from 1s to 86400s"),
                by(builder -> builder.learnRemotes(true).maxRemotes(1_000_001), "max_remotes", "1000001", "1..1000000"),
                by(
                        builder -> builder.vlanVniMap("7:7").remote(new RemoteSpec("10.0.0.2", 0, 9)),
                        "remote_ip",
                        "10.0.0.2 key 9",
                        "without a VNI of its own with vlan_vni_map, which has the VNIs"));
    }

    private static Arguments by(Consumer<VxlanBuilder> step, String option, String value, String accepted) {
        return Arguments.of(step, option, value, accepted);
    }

    @ParameterizedTest
    @MethodSource("refusalsOfTheBuilder")
    void shouldRefuseTheSameFromTheBuilder(Consumer<VxlanBuilder> step, String option, String value, String accepted) {
        assertThatThrownBy(() -> {
                    VxlanBuilder builder = VxlanPort.builder("vx0");
                    step.accept(builder);
                    if (!option.equals("remote_ip")) {
                        builder.vni(1);
                    }
                    builder.build();
                })
                .isInstanceOf(InvalidPortException.class)
                .hasMessage("vxlan port 'vx0': option " + option + " is '" + value + "'; accepted: " + accepted);
    }
}
