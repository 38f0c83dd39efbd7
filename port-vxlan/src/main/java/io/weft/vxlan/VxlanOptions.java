package io.weft.vxlan;

import io.weft.port.PortOption;
import io.weft.tunnel.AddressLiteral;
import io.weft.tunnel.RemoteSpec;
import io.weft.tunnel.StationSpec;
import io.weft.tunnel.bfd.BfdSettings;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * The options of {@code vxlan:NAME}. They have Open vSwitch's names, else those of Linux ({@code ip link add type vxlan}), else
 * names of our own; docs/vxlan.md says which.
 *
 * <p>Threads: immutable.
 */
final class VxlanOptions {
    static final String TOS_ACCEPTED = "0..255, also as 0x00..0xff, or inherit";

    /** What {@link #TOS} has for {@code inherit}. */
    static final int INHERIT = -1;

    static final PortOption<List<RemoteSpec>> REMOTE_IP = PortOption.of(
                    "remote_ip",
                    RemoteSpec.ACCEPTED,
                    text -> list(text).map(RemoteSpec::parse).toList())
            .meaning("remote ends that frames are accepted from and sent to; separated by commas, and may be repeated");

    static final PortOption<InetAddress> LOCAL_IP = PortOption.of(
                    "local_ip", "an IPv4 or IPv6 address of this machine", AddressLiteral::parse)
            .meaning("the address to send from and receive at; any when not given");

    static final PortOption<Integer> KEY = vni("key").meaning("the VNI that is sent and received");

    static final PortOption<Integer> IN_KEY = vni("in_key").meaning("the VNI that is received, when it is not key");

    static final PortOption<Integer> OUT_KEY = vni("out_key").meaning("the VNI that is sent, when it is not key");

    static final PortOption<VlanVniMap> VLAN_VNI_MAP = PortOption.of(
                    "vlan_vni_map", VlanVniMap.ACCEPTED, VlanVniMap::parse)
            .meaning("instead of key: the port is a trunk, each VLAN of which is a VNI");

    static final PortOption<int[]> DST_PORT = PortOption.of("dst_port", VxlanSettingsCheck.PORTS, text -> list(text)
                    .mapToInt(Integer::parseInt)
                    .toArray())
            .defaultValue(String.valueOf(VxlanBuilder.DEFAULT_PORT))
            .meaning("UDP ports to listen at; the first is also sent to");

    static final PortOption<int[]> SRC_PORT_RANGE = PortOption.of(
                    "src_port_range", VxlanSettingsCheck.RANGE, VxlanOptions::range)
            .defaultValue(VxlanBuilder.DEFAULT_FIRST_SOURCE_PORT + "-" + VxlanBuilder.DEFAULT_LAST_SOURCE_PORT)
            .meaning("UDP ports to send from, the inner flow choosing one, so that the underlay can spread flows");

    static final PortOption<Integer> SRC_PORTS = PortOption.integer("src_ports", 1, VxlanSettingsCheck.MAX_SOURCE_PORTS)
            .defaultValue(String.valueOf(VxlanBuilder.DEFAULT_SOURCE_PORTS))
            .meaning("how many ports of the range are used, each by a socket; all of a range that has fewer");

    static final PortOption<Integer> TTL = PortOption.integer("ttl", 1, 255)
            .defaultValue(String.valueOf(VxlanBuilder.DEFAULT_TTL))
            .meaning("time to live, or hop limit, of the outer header, also to a group");

    static final PortOption<Integer> TOS = PortOption.of("tos", TOS_ACCEPTED, VxlanOptions::tos)
            .defaultValue("0")
            .meaning(
                    "TOS, or traffic class, of the outer header; inherit: the inner one's; its ECN bits always come from"
                            + " there");

    static final PortOption<Boolean> DF_DEFAULT =
            PortOption.flag("df_default").defaultValue("true").meaning("whether the outer header forbids fragments");

    static final PortOption<Boolean> CSUM = PortOption.flag("csum")
            .defaultValue("true")
            .meaning(
                    "whether datagrams are sent with a UDP checksum. Also over IPv4, unlike Open vSwitch: only with it does"
                            + " the kernel segment runs of datagrams; every receiver must take it (RFC 7348)");

    static final PortOption<Boolean> UDP6ZEROCSUMTX = PortOption.flag("udp6zerocsumtx")
            .defaultValue("false")
            .meaning("over IPv6: send without UDP checksum, as csum=false says too");

    static final PortOption<Boolean> UDP6ZEROCSUMRX = PortOption.flag("udp6zerocsumrx")
            .defaultValue("false")
            .meaning("over IPv6: receive datagrams without UDP checksum too (RFC 6935)");

    static final PortOption<Boolean> STRICT = PortOption.flag("strict")
            .defaultValue("false")
            .meaning(
                    "whether to drop what has reserved bits set in its VXLAN header, as Linux and Open vSwitch do; RFC 7348"
                            + " says to ignore them");

    static final PortOption<InetAddress> GROUP = PortOption.of(
                    "group", VxlanSettingsCheck.MULTICAST, AddressLiteral::parse)
            .meaning("multicast group that floods are sent to and received from; needs dev, or a route to it; without"
                    + " remote_ip, learn_remotes is on");

    static final PortOption<String> DEV = PortOption.text("dev", VxlanSettingsCheck.INTERFACE)
            .meaning("the only network interface to send and receive by");

    static final PortOption<Boolean> LEARN_REMOTES = PortOption.flag("learn_remotes")
            .defaultValue("false")
            .meaning(
                    "whether whoever sends to the VNI becomes a remote: only for an underlay where nobody else can send");

    static final PortOption<Integer> MAX_REMOTES = PortOption.integer(
                    "max_remotes", 1, VxlanSettingsCheck.MAX_LEARNED_REMOTES)
            .defaultValue(String.valueOf(VxlanBuilder.DEFAULT_MAX_REMOTES))
            .meaning("learn_remotes: how many are learned at most; frames of others are dropped");

    static final PortOption<Duration> AGEING = PortOption.duration(
                    "ageing", VxlanSettingsCheck.MIN_AGEING, VxlanSettingsCheck.MAX_AGEING)
            .defaultValue(VxlanBuilder.DEFAULT_AGEING.toSeconds() + "s")
            .meaning("learn_remotes: how long a learned remote that is not heard of stays");

    static final PortOption<Integer> MTU = PortOption.integer(
                    "mtu", VxlanSettingsCheck.MIN_MTU, VxlanSettingsCheck.MAX_MTU)
            .meaning("the longest inner IP packet, IP header counted; when not given, what the underlay has room for");

    static final PortOption<String> INNER_TAGS = PortOption.choice("inner_tags", "discard", "carry")
            .defaultValue("discard")
            .meaning("what becomes of frames with a VLAN tag inside the tunnel (RFC 7348 says discard)");

    static final PortOption<Boolean> ICMP_TOO_BIG = PortOption.flag("icmp_too_big")
            .defaultValue("false")
            .meaning(
                    "whether the sender of a packet that does not fit is told so (ICMP fragmentation needed, packet too"
                            + " big)");

    static final PortOption<Boolean> CLAMP_MSS = PortOption.flag("clamp_mss")
            .defaultValue("false")
            .meaning("whether the MSS of TCP connections is lowered to what fits");

    static final PortOption<Boolean> BFD = PortOption.flag("bfd")
            .defaultValue("false")
            .meaning("whether each remote is probed with BFD (RFC 5880), and not flooded to while it is down");

    static final PortOption<Duration> BFD_MIN_TX = PortOption.duration(
                    "bfd_min_tx", BfdSettings.MIN_INTERVAL, BfdSettings.MAX_INTERVAL)
            .defaultValue(BfdSettings.DEFAULT.minTransmit().toMillis() + "ms")
            .meaning("bfd: how far apart probes are sent at least");

    static final PortOption<Duration> BFD_MIN_RX = PortOption.duration(
                    "bfd_min_rx", BfdSettings.MIN_INTERVAL, BfdSettings.MAX_INTERVAL)
            .defaultValue(BfdSettings.DEFAULT.minReceive().toMillis() + "ms")
            .meaning("bfd: how far apart the remote is to send them at least");

    static final PortOption<Integer> BFD_MULT = PortOption.integer("bfd_mult", 1, 255)
            .defaultValue(String.valueOf(BfdSettings.DEFAULT.detectMultiplier()))
            .meaning("bfd: how many probes in a row must be missing for a remote to be down");

    static final PortOption<Boolean> GRO = PortOption.flag("gro")
            .defaultValue("true")
            .meaning("whether datagrams that came together are received together (UDP_GRO)");

    static final PortOption<StationSpec> FDB = PortOption.of("fdb", StationSpec.ACCEPTED, StationSpec::parse)
            .meaning("a station whose remote is known, as `bridge fdb add` takes it; may be repeated");

    static final PortOption<Integer> RCVBUF = PortOption.integer(
                    "rcvbuf", VxlanSettingsCheck.MIN_BUFFER, VxlanSettingsCheck.MAX_BUFFER)
            .meaning(
                    "bytes of datagrams that may wait to be received; when not given, 8 MiB or what the kernel grants");

    static final PortOption<Integer> SNDBUF = PortOption.integer(
                    "sndbuf", VxlanSettingsCheck.MIN_BUFFER, VxlanSettingsCheck.MAX_BUFFER)
            .meaning("bytes of datagrams that may wait to be sent; when not given, 4 MiB or what the kernel grants");

    static final PortOption<String> NETNS =
            PortOption.text("netns", VxlanSettingsCheck.NETNS).meaning("network namespace of the underlay's sockets");

    /** In the order in which they are listed. */
    static final List<PortOption<?>> ALL = List.of(
            REMOTE_IP,
            LOCAL_IP,
            KEY,
            IN_KEY,
            OUT_KEY,
            VLAN_VNI_MAP,
            DST_PORT,
            SRC_PORT_RANGE,
            SRC_PORTS,
            TTL,
            TOS,
            DF_DEFAULT,
            CSUM,
            UDP6ZEROCSUMTX,
            UDP6ZEROCSUMRX,
            STRICT,
            GROUP,
            DEV,
            LEARN_REMOTES,
            MAX_REMOTES,
            AGEING,
            MTU,
            INNER_TAGS,
            ICMP_TOO_BIG,
            CLAMP_MSS,
            BFD,
            BFD_MIN_TX,
            BFD_MIN_RX,
            BFD_MULT,
            GRO,
            FDB,
            RCVBUF,
            SNDBUF,
            NETNS);

    private VxlanOptions() {}

    private static PortOption<Integer> vni(String name) {
        return PortOption.of(name, VxlanSettingsCheck.VNI, text -> number(text, VxlanHeader.MAX_VNI));
    }

    private static Stream<String> list(String text) {
        return Arrays.stream(text.split(",", -1)).map(String::strip);
    }

    private static int[] range(String text) {
        if (!text.matches("[0-9]{1,5}-[0-9]{1,5}")) {
            throw new IllegalArgumentException("no range");
        }
        int dash = text.indexOf('-');
        return new int[] {Integer.parseInt(text.substring(0, dash)), Integer.parseInt(text.substring(dash + 1))};
    }

    private static int tos(String text) {
        return text.equals("inherit") ? INHERIT : number(text, 255);
    }

    /** A decimal number, or a hexadecimal one behind 0x. */
    private static int number(String text, int to) {
        boolean hexadecimal = text.startsWith("0x") || text.startsWith("0X");
        String digits = hexadecimal ? text.substring(2) : text;
        if (!digits.matches(hexadecimal ? "[0-9a-fA-F]{1,15}" : "[0-9]{1,15}")) {
            throw new IllegalArgumentException("no number");
        }
        long number = Long.parseLong(digits, hexadecimal ? 16 : 10);
        if (number > to) {
            throw new IllegalArgumentException("out of range");
        }
        return (int) number;
    }
}
