package io.weft.gre;

import static io.weft.tunnel.TunnelOptions.take;

import io.weft.frame.IpAddress;
import io.weft.port.PortOption;
import io.weft.port.PortUri;
import io.weft.tunnel.RemoteSpec;
import io.weft.tunnel.RouteSpec;
import io.weft.tunnel.TunnelOptions;
import io.weft.tunnel.UdpTunnelOptions;
import java.util.List;

/**
 * The options of {@code gretap:NAME}, {@code mgretap:NAME} and {@code gre:NAME} beside {@link TunnelOptions} and {@link
 * UdpTunnelOptions}. They have Open vSwitch's names, else those of Linux ({@code ip link add type gretap}), else names of our own;
 * docs/gre.md says which.
 *
 * <p>Threads: immutable.
 */
final class GreOptions {
    static final PortOption<Long> KEY = key("key").meaning("the key that is sent and received; with nvgre the VSID");

    static final PortOption<Long> IN_KEY = key("in_key").meaning("the key that is received, when it is not key");

    static final PortOption<Long> OUT_KEY = key("out_key").meaning("the key that is sent, when it is not key");

    static final PortOption<Boolean> KEYLESS_IS_ZERO = PortOption.flag("keyless_is_zero")
            .defaultValue("false")
            .meaning("whether no key and key 0 are the same, as to Open vSwitch; to Linux they are two tunnels");

    static final PortOption<Boolean> CSUM = PortOption.flag("csum")
            .defaultValue("false")
            .meaning("whether packets are sent with the GRE checksum; one that comes is always verified");

    static final PortOption<Boolean> CSUM_REQUIRED = PortOption.flag("csum_required")
            .defaultValue("false")
            .meaning("whether packets without the GRE checksum are dropped, as with Linux' icsum");

    static final PortOption<Boolean> SEQ = PortOption.flag("seq")
            .defaultValue("false")
            .meaning("whether packets are sent with sequence numbers, and late ones dropped (RFC 2890)");

    static final PortOption<Boolean> STRICT = PortOption.flag("strict")
            .defaultValue("false")
            .meaning(
                    "whether to drop what has reserved bits set in its GRE header; RFC 2784 says to ignore some of them");

    static final PortOption<Boolean> NVGRE = PortOption.flag("nvgre")
            .defaultValue("false")
            .meaning("whether the header is that of NVGRE (RFC 7637): the key is a VSID, and beside it has the flow");

    static final PortOption<String> FLOW_LABEL = PortOption.choice("flow_label", "auto", "0")
            .defaultValue("auto")
            .meaning("over IPv6: auto has the inner flow choose the flow label, so that the underlay can spread flows");

    static final PortOption<Boolean> ACCEPT_FRAGMENTS = PortOption.flag("accept_fragments")
            .defaultValue("false")
            .meaning("whether packets are accepted that came in fragments");

    static final PortOption<String> ENCAP = PortOption.choice("encap", "none", "udp")
            .defaultValue("none")
            .meaning("udp: packets travel in UDP (RFC 8086), for which no privilege is needed");

    static final PortOption<Integer> DST_PORT = PortOption.of("dst_port", GreSettingsCheck.PORT, Integer::parseInt)
            .defaultValue(String.valueOf(GreBuilder.DEFAULT_PORT))
            .meaning("encap=udp: the UDP port to listen at and to send to");

    static final PortOption<Boolean> UDP_CSUM = PortOption.flag("udp_csum")
            .defaultValue("true")
            .meaning(
                    "encap=udp: whether datagrams are sent with a UDP checksum: only with it does the kernel segment runs of"
                            + " datagrams");

    static final PortOption<RouteSpec> ROUTE = PortOption.of("route", RouteSpec.ACCEPTED, RouteSpec::parse)
            .meaning(
                    "addresses that are behind a remote end, the longest prefix deciding; may be repeated, and is needed"
                            + " where there are several remote ends");

    private static final List<PortOption<?>> KEYS = List.of(KEY, IN_KEY, OUT_KEY, KEYLESS_IS_ZERO);

    private static final List<PortOption<?>> HEADER = List.of(CSUM, CSUM_REQUIRED, SEQ, STRICT);

    private static final List<PortOption<?>> UNDERLAY = List.of(
            TunnelOptions.TTL,
            TunnelOptions.TOS,
            TunnelOptions.DF_DEFAULT,
            FLOW_LABEL,
            ACCEPT_FRAGMENTS,
            ENCAP,
            DST_PORT,
            ofUdp(UdpTunnelOptions.SRC_PORT_RANGE),
            ofUdp(UdpTunnelOptions.SRC_PORTS),
            UDP_CSUM,
            ofUdp(UdpTunnelOptions.UDP6ZEROCSUMRX),
            ofUdp(UdpTunnelOptions.GRO),
            TunnelOptions.DEV);

    private static final List<PortOption<?>> LEARNING =
            List.of(TunnelOptions.LEARN_REMOTES, TunnelOptions.MAX_REMOTES, TunnelOptions.AGEING);

    private static final List<PortOption<?>> PACKETS =
            List.of(TunnelOptions.MTU, TunnelOptions.ICMP_TOO_BIG, TunnelOptions.CLAMP_MSS);

    private static final List<PortOption<?>> FRAMES = List.of(
            TunnelOptions.INNER_TAGS
                    .defaultValue("carry")
                    .meaning("what becomes of frames with a VLAN tag inside the tunnel; with nvgre discard"),
            TunnelOptions.BFD,
            TunnelOptions.BFD_MIN_TX,
            TunnelOptions.BFD_MIN_RX,
            TunnelOptions.BFD_MULT,
            TunnelOptions.FDB);

    private static final List<PortOption<?>> SOCKETS =
            List.of(TunnelOptions.RCVBUF, TunnelOptions.SNDBUF, TunnelOptions.NETNS);

    private static final List<PortOption<?>> ONE_END = List.of(
            TunnelOptions.REMOTE_IP.meaning("the remote end that frames are accepted from and sent to"),
            TunnelOptions.LOCAL_IP);

    private static final List<PortOption<?>> MANY_ENDS = List.of(TunnelOptions.REMOTE_IP, TunnelOptions.LOCAL_IP);

    /** Those of {@code gretap:}, in the order in which they are listed. */
    static final List<PortOption<?>> OF_GRETAP =
            join(List.of(ONE_END, KEYS, HEADER, List.of(NVGRE), UNDERLAY, PACKETS, FRAMES, SOCKETS));

    /** Those of {@code mgretap:}. */
    static final List<PortOption<?>> OF_MGRETAP =
            join(List.of(MANY_ENDS, KEYS, HEADER, List.of(NVGRE), UNDERLAY, LEARNING, PACKETS, FRAMES, SOCKETS));

    /** Those of {@code gre:}. */
    static final List<PortOption<?>> OF_GRE =
            join(List.of(MANY_ENDS, List.of(ROUTE), KEYS, HEADER, UNDERLAY, PACKETS, SOCKETS));

    private GreOptions() {}

    /** Makes a port of what is given. */
    static GrePort create(PortUri uri, GreBuilder builder) {
        TunnelOptions.take(uri, builder);
        UdpTunnelOptions.take(uri, builder);
        take(uri, KEY, builder::key);
        take(uri, IN_KEY, builder::inKey);
        take(uri, OUT_KEY, builder::outKey);
        take(uri, KEYLESS_IS_ZERO, builder::keylessIsZero);
        take(uri, CSUM, builder::csum);
        take(uri, CSUM_REQUIRED, builder::csumRequired);
        take(uri, SEQ, builder::seq);
        take(uri, STRICT, builder::strict);
        take(uri, NVGRE, builder::nvgre);
        take(uri, FLOW_LABEL, label -> builder.flowLabel(label.equals("auto")));
        take(uri, ACCEPT_FRAGMENTS, builder::acceptFragments);
        take(uri, ENCAP, encap -> builder.encapUdp(encap.equals("udp")));
        take(uri, DST_PORT, builder::dstPort);
        take(uri, UDP_CSUM, builder::udpCsum);
        uri.getAll(ROUTE).forEach(builder::route);
        return builder.build();
    }

    private static List<PortOption<?>> join(List<List<PortOption<?>>> parts) {
        return parts.stream().<PortOption<?>>flatMap(List::stream).toList();
    }

    private static <T> PortOption<T> ofUdp(PortOption<T> option) {
        return option.meaning("encap=udp: " + option.meaning());
    }

    private static PortOption<Long> key(String name) {
        return PortOption.of(name, GreSettingsCheck.KEY, text -> {
            if (text.equals("none")) {
                return GreSettings.NO_KEY;
            }
            return text.indexOf('.') >= 0
                    ? Integer.toUnsignedLong(IpAddress.parseIpv4(text))
                    : TunnelOptions.number(text, RemoteSpec.MAX_KEY);
        });
    }
}
