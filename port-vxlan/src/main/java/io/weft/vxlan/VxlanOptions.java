package io.weft.vxlan;

import io.weft.port.PortOption;
import io.weft.tunnel.AddressLiteral;
import io.weft.tunnel.TunnelOptions;
import io.weft.tunnel.UdpTunnelOptions;
import java.net.InetAddress;
import java.util.List;

/**
 * The options of {@code vxlan:NAME} beside {@link TunnelOptions} and {@link UdpTunnelOptions}. They have Open vSwitch's names, else
 * those of Linux ({@code ip link add type vxlan}), else names of our own; docs/vxlan.md says which.
 *
 * <p>Threads: immutable.
 */
final class VxlanOptions {
    static final PortOption<Integer> KEY = vni("key").meaning("the VNI that is sent and received");

    static final PortOption<Integer> IN_KEY = vni("in_key").meaning("the VNI that is received, when it is not key");

    static final PortOption<Integer> OUT_KEY = vni("out_key").meaning("the VNI that is sent, when it is not key");

    static final PortOption<VlanVniMap> VLAN_VNI_MAP = PortOption.of(
                    "vlan_vni_map", VlanVniMap.ACCEPTED, VlanVniMap::parse)
            .meaning("instead of key: the port is a trunk, each VLAN of which is a VNI");

    static final PortOption<int[]> DST_PORT = PortOption.of(
                    "dst_port",
                    VxlanSettingsCheck.PORTS,
                    text -> TunnelOptions.list(text).mapToInt(Integer::parseInt).toArray())
            .defaultValue(String.valueOf(VxlanBuilder.DEFAULT_PORT))
            .meaning("UDP ports to listen at; the first is also sent to");

    static final PortOption<Boolean> CSUM = PortOption.flag("csum")
            .defaultValue("true")
            .meaning(
                    "whether datagrams are sent with a UDP checksum. Also over IPv4, unlike Open vSwitch: only with it does"
                            + " the kernel segment runs of datagrams; every receiver must take it (RFC 7348)");

    static final PortOption<Boolean> UDP6ZEROCSUMTX = PortOption.flag("udp6zerocsumtx")
            .defaultValue("false")
            .meaning("over IPv6: send without UDP checksum, as csum=false says too");

    static final PortOption<Boolean> STRICT = PortOption.flag("strict")
            .defaultValue("false")
            .meaning(
                    "whether to drop what has reserved bits set in its VXLAN header, as Linux and Open vSwitch do; RFC 7348"
                            + " says to ignore them");

    static final PortOption<InetAddress> GROUP = PortOption.of(
                    "group", VxlanSettingsCheck.MULTICAST, AddressLiteral::parse)
            .meaning("multicast group that floods are sent to and received from; needs dev, or a route to it; without"
                    + " remote_ip, learn_remotes is on");

    /** In the order in which they are listed. */
    static final List<PortOption<?>> ALL = List.of(
            TunnelOptions.REMOTE_IP,
            TunnelOptions.LOCAL_IP,
            KEY,
            IN_KEY,
            OUT_KEY,
            VLAN_VNI_MAP,
            DST_PORT,
            UdpTunnelOptions.SRC_PORT_RANGE,
            UdpTunnelOptions.SRC_PORTS,
            TunnelOptions.TTL.meaning("time to live, or hop limit, of the outer header, also to a group"),
            TunnelOptions.TOS,
            TunnelOptions.DF_DEFAULT,
            CSUM,
            UDP6ZEROCSUMTX,
            UdpTunnelOptions.UDP6ZEROCSUMRX,
            STRICT,
            GROUP,
            TunnelOptions.DEV,
            TunnelOptions.LEARN_REMOTES.meaning(
                    "whether whoever sends to the VNI becomes a remote: only for an underlay where nobody else can send"),
            TunnelOptions.MAX_REMOTES,
            TunnelOptions.AGEING,
            TunnelOptions.MTU,
            TunnelOptions.INNER_TAGS
                    .defaultValue("discard")
                    .meaning("what becomes of frames with a VLAN tag inside the tunnel (RFC 7348 says discard)"),
            TunnelOptions.ICMP_TOO_BIG,
            TunnelOptions.CLAMP_MSS,
            TunnelOptions.BFD,
            TunnelOptions.BFD_MIN_TX,
            TunnelOptions.BFD_MIN_RX,
            TunnelOptions.BFD_MULT,
            UdpTunnelOptions.GRO,
            TunnelOptions.FDB,
            TunnelOptions.RCVBUF,
            TunnelOptions.SNDBUF,
            TunnelOptions.NETNS);

    private VxlanOptions() {}

    private static PortOption<Integer> vni(String name) {
        return PortOption.of(
                name, VxlanSettingsCheck.VNI, text -> (int) TunnelOptions.number(text, VxlanHeader.MAX_VNI));
    }
}
