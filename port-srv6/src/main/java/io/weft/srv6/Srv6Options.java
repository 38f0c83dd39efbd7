package io.weft.srv6;

import static io.weft.tunnel.TunnelOptions.take;

import io.weft.frame.IpPrefix;
import io.weft.port.PortOption;
import io.weft.port.PortUri;
import io.weft.srv6.Srv6Settings.FlowLabel;
import io.weft.srv6.Srv6Settings.Mode;
import io.weft.tunnel.AddressLiteral;
import io.weft.tunnel.RemoteSpec;
import io.weft.tunnel.RouteSpec;
import io.weft.tunnel.StationSpec;
import io.weft.tunnel.TunnelOptions;
import io.weft.underlay.SidRoute;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/**
 * The options of {@code srv6:NAME} beside {@link TunnelOptions}. They have Open vSwitch's names, else those of Linux, else names of
 * our own; docs/srv6.md says which.
 *
 * <p>Threads: immutable.
 */
final class Srv6Options {
    static final PortOption<String> MODE = PortOption.choice("mode", "l3", "l2", "bridge")
            .defaultValue("l3")
            .meaning(
                    "l3: IP packets, as Open vSwitch's srv6; l2: Ethernet between two ends (DX2); bridge: Ethernet between"
                            + " many (DT2U, DT2M)");

    /** An address that other machines can send to, and that packets to them can be from. */
    static final String ADDRESS = "an IPv6 unicast address, not link-local, not loopback, as fc00:1::1";

    static final PortOption<List<RemoteSpec>> REMOTE_IP = PortOption.of(
                    "remote_ip",
                    "IPv6 unicast addresses, not link-local, not loopback, separated by commas, as fc00:2::1,fc00:3::1",
                    TunnelOptions::remotes)
            .meaning("remote ends, by the address that their packets come from");

    static final PortOption<InetAddress> LOCAL_IP = PortOption.of("local_ip", ADDRESS, Srv6Options::source)
            .meaning("the source of what is sent, and the SID when option sid is not given");

    static final PortOption<SegmentList> SRV6_SEGS = PortOption.of(
                    "srv6_segs", SegmentList.ACCEPTED, SegmentList::parse)
            .explained()
            .meaning("the segments on the way to the only remote_ip, separated by commas; remote_ip when not given");

    static final PortOption<RemoteSegments> REMOTE = PortOption.of(
                    "remote", RemoteSegments.ACCEPTED, RemoteSegments::read)
            .explained()
            .meaning("a remote end and the segment lists on the way to it: weighted ones, a backup, and one for what is"
                    + " flooded; may be repeated");

    static final PortOption<SidSpec> SID = PortOption.of("sid", SidSpec.ACCEPTED, SidSpecParser::parse)
            .explained()
            .meaning(
                    "what is received at, and what is done there; may be repeated. When not given, local_ip, with the mode's"
                            + " behaviour");

    static final PortOption<IpPrefix> DOMAIN = PortOption.of(
                    "sr_domain", "an IPv6 network, as fc00::/16", Srv6Options::ipv6Prefix)
            .meaning("who may send to the SIDs besides the remote ends (RFC 8754, 5.1); may be repeated");

    static final PortOption<String> ENCAP = PortOption.choice("encap", "full", "red")
            .defaultValue("full")
            .meaning(
                    "red: the first segment is left out of the SRH (H.Encaps.Red), which with one segment is left out itself;"
                            + " Open vSwitch needs full");

    static final PortOption<FlowLabel> SRV6_FLOWLABEL = PortOption.of(
                    "srv6_flowlabel", "zero, copy, compute", Srv6Options::flowLabel)
            .defaultValue("copy")
            .meaning("the outer flow label: none, that of an IPv6 packet inside, or one of the flow inside");

    static final PortOption<SrHmacKey> HMAC_KEY = PortOption.of(
                    "hmac_key",
                    "ID sha256|sha1 SECRET, the id 1..4294967295, the secret 1..64 bytes of text, or hexadecimal behind 0x",
                    Srv6Options::hmacKey)
            .meaning("a key by which HMACs are made and verified (RFC 8754, 2.1.2); may be repeated")
            .secret();

    static final PortOption<Long> HMAC = PortOption.of(
                    "hmac", "1..4294967295", text -> TunnelOptions.number(text, SrHmacKey.MAX_ID))
            .meaning("the id of the hmac_key that what is sent is signed with");

    static final PortOption<Boolean> HMAC_FLAG = PortOption.flag("hmac_flag")
            .defaultValue("false")
            .meaning("whether the flag is set in what is signed without which Linux finds no HMAC");

    static final PortOption<Boolean> HMAC_REQUIRED = PortOption.flag("hmac_required")
            .defaultValue("false")
            .meaning("whether what comes without an HMAC is dropped");

    static final PortOption<String> SID_ROUTE = PortOption.choice("sid_route", "none", "auto", "local")
            .defaultValue("none")
            .meaning(
                    "auto: a blackhole route is made for each SID, so that the kernel leaves packets to it alone; local: a local"
                            + " one, for sites in one namespace");

    /** Where a route may lead. */
    static final String REMOTE_END = "an IPv6 address that remote_ip or remote has";

    static final PortOption<RouteSpec> ROUTE = PortOption.of(
                    "route",
                    "NETWORK via REMOTE, as 10.1.0.0/16 via fc00:2::1 or ::/0 via fc00:2::1, the network's bits behind the"
                            + " prefix 0, and REMOTE " + REMOTE_END,
                    RouteSpec::parse)
            .meaning("mode=l3: addresses that are behind a remote end, the longest prefix deciding; may be repeated");

    static final PortOption<StationSpec> FDB = PortOption.of(
                    "fdb",
                    "MAC dst IP [vlan 0..4094], as 02:00:00:00:00:07 dst fc00:2::1, the MAC a station's and the IP a remote"
                            + " end's IPv6 address",
                    StationSpec::parse)
            .meaning("mode=bridge: a station whose remote end is known, as `bridge fdb add` takes it; may be repeated");

    /** Those of {@code srv6:}, in the order in which they are listed. */
    static final List<PortOption<?>> OF_PORT = List.of(
            MODE,
            REMOTE_IP,
            LOCAL_IP,
            SRV6_SEGS,
            REMOTE,
            SID,
            DOMAIN,
            ROUTE,
            ENCAP,
            SRV6_FLOWLABEL,
            TunnelOptions.TTL,
            TunnelOptions.TOS,
            HMAC_KEY,
            HMAC,
            HMAC_FLAG,
            HMAC_REQUIRED,
            SID_ROUTE,
            TunnelOptions.DEV,
            TunnelOptions.MTU,
            TunnelOptions.ICMP_TOO_BIG,
            TunnelOptions.CLAMP_MSS,
            TunnelOptions.INNER_TAGS.defaultValue("carry"),
            FDB,
            TunnelOptions.RCVBUF,
            TunnelOptions.SNDBUF,
            TunnelOptions.NETNS);

    /** Those of {@code srv6-node:}. */
    static final List<PortOption<?>> OF_NODE = List.of(
            LOCAL_IP.meaning("the source of ICMPv6 errors, and of the headers that a binding SID adds"),
            SID.meaning(
                    "what is received at, and what is done there: End, End.X, End.T or a binding SID; may be repeated"),
            DOMAIN.meaning("who may send to the SIDs (RFC 8754, 5.1); may be repeated"),
            TunnelOptions.TTL.meaning("hop limit of ICMPv6 errors, and of the headers that a binding SID adds"),
            HMAC_KEY,
            HMAC_REQUIRED,
            SID_ROUTE,
            TunnelOptions.DEV,
            TunnelOptions.RCVBUF,
            TunnelOptions.SNDBUF,
            TunnelOptions.NETNS);

    private Srv6Options() {}

    /** Makes a port of what is given. */
    static Srv6Port create(PortUri uri) {
        Srv6Builder builder = new Srv6Builder(Mode.valueOf(uri.get(MODE).toUpperCase(Locale.ROOT)), uri.target());
        TunnelOptions.take(uri, builder, REMOTE_IP, LOCAL_IP, FDB);
        take(uri, SRV6_SEGS, builder::segments);
        uri.getAll(REMOTE).forEach(builder::remote);
        takeSids(uri, builder);
        uri.getAll(ROUTE).forEach(builder::route);
        take(uri, ENCAP, encap -> builder.reduced(encap.equals("red")));
        take(uri, SRV6_FLOWLABEL, builder::flowLabel);
        take(uri, HMAC, builder::hmac);
        take(uri, HMAC_FLAG, builder::hmacFlag);
        return builder.build();
    }

    /** Makes a node of what is given. */
    static Srv6Node createNode(PortUri uri) {
        Srv6NodeBuilder builder = Srv6Node.builder(uri.target());
        TunnelOptions.take(uri, builder, REMOTE_IP, LOCAL_IP, FDB);
        takeSids(uri, builder);
        return builder.build();
    }

    private static void takeSids(PortUri uri, SidBuilder<?> builder) {
        uri.getAll(SID).forEach(builder::sid);
        uri.getAll(DOMAIN).forEach(builder::domain);
        uri.getAll(HMAC_KEY).forEach(builder::hmacKey);
        take(uri, HMAC_REQUIRED, builder::hmacRequired);
        take(uri, SID_ROUTE, route -> builder.sidRoute(sidRoute(route)));
    }

    static SidRoute.Kind sidRoute(String text) {
        return switch (text) {
            case "auto" -> SidRoute.Kind.BLACKHOLE;
            case "local" -> SidRoute.Kind.LOCAL;
            default -> null;
        };
    }

    /** As option {@code sid_route} has it. */
    static String word(SidRoute.Kind kind) {
        return kind == SidRoute.Kind.BLACKHOLE ? "auto" : "local";
    }

    static InetAddress source(String text) {
        InetAddress address = AddressLiteral.parse(text);
        if (!Srv6SettingsCheck.isSource(address)) {
            throw new IllegalArgumentException("no source of packets to other machines");
        }
        return address;
    }

    static IpPrefix ipv6Prefix(String text) {
        IpPrefix prefix = IpPrefix.parseOrHost(text);
        if (prefix.isIpv4() || !prefix.isNetwork()) {
            throw new IllegalArgumentException("no IPv6 network");
        }
        return prefix;
    }

    private static FlowLabel flowLabel(String text) {
        for (FlowLabel choice : FlowLabel.values()) {
            if (choice.toString().equals(text)) {
                return choice;
            }
        }
        throw new IllegalArgumentException("unknown");
    }

    private static SrHmacKey hmacKey(String text) {
        String[] words = text.split(" ", 3);
        if (words.length != 3) {
            throw new IllegalArgumentException("not three words");
        }
        SrHmacKey.Algorithm algorithm =
                switch (words[1]) {
                    case "sha1" -> SrHmacKey.Algorithm.SHA1;
                    case "sha256" -> SrHmacKey.Algorithm.SHA256;
                    default -> throw new IllegalArgumentException("another algorithm");
                };
        byte[] secret = words[2].startsWith("0x")
                ? HexFormat.of().parseHex(words[2].substring(2))
                : words[2].getBytes(StandardCharsets.UTF_8);
        return new SrHmacKey(TunnelOptions.number(words[0], SrHmacKey.MAX_ID), algorithm, secret);
    }
}
