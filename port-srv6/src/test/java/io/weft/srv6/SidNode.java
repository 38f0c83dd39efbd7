package io.weft.srv6;

import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import io.weft.frame.IpAddress;
import io.weft.frame.IpPrefix;
import io.weft.port.Port;
import io.weft.port.PortCapabilities;
import io.weft.port.PortCounters;
import io.weft.port.StubContext;
import io.weft.route.NextHop;
import io.weft.route.RouteTable;
import io.weft.tunnel.Packets;
import io.weft.tunnel.TunnelBinding;
import io.weft.underlay.UnderlayPeer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.provider.Arguments;

/**
 * A node with SIDs that are given as text, one table of routes, and ports that have names only.
 *
 * <p>Packets are hexadecimal text, too, in which {@code [ADDRESS]} stands for an IPv6 address and {@code {v4}}, {@code {v6}},
 * {@code {eth}}, {@code {tagged}} for what is inside packets.
 */
final class SidNode {
    /** As whom it makes headers. */
    static final SrSource SOURCE = source("fd00::99", 0x30);

    /** 192.0.2.1 to 198.51.100.2, TTL 64. */
    static final String V4 = "4500 0018 0001 0000 4011 8e9d c0000201 c6336402 01020304";

    /** 2001:db8::1 to 2001:db8::2, hop limit 64, no next header. */
    static final String V6 = "6012 3456 0004 3b40 [2001:db8::1] [2001:db8::2] 05060708";

    /** An ARP request's beginning. */
    static final String ETH = "ffffffffffff 020000000001 0806 0001 0800";

    /** A frame of VLAN 7. */
    static final String TAGGED = "020000000002 020000000001 8100 a007 0800 4500";

    // ---- what the vectors are made of ----

    static final String END = "fc00:1::e End";
    static final String SELF = "[fc00:1::e]";

    // Segments of a list in the order of travel: fc00:1::e, which is here, then fc00:2::d, then fc00:3::d.
    static final String TWO = "0401 0100 0000 [fc00:2::d] [fc00:1::e]";
    static final String TWO_DONE = "0400 0100 0000 [fc00:2::d] [fc00:1::e]";
    static final String THREE = "0402 0200 0000 [fc00:3::d] [fc00:2::d] [fc00:1::e]";
    static final String THREE_ON = "0401 0200 0000 [fc00:3::d] [fc00:2::d] [fc00:1::e]";
    static final String TO_END = "[fd00::1] [fc00:1::e]";
    static final String TO_2 = "[fd00::1] [fc00:2::d]";

    private static final Pattern ADDRESS = Pattern.compile("\\[([^]]*)]");

    final LocalSidTable<LocalSid> sids = new LocalSidTable<>();
    final RouteTable table = new RouteTable("t");
    final SidProcessor processor;

    SidNode(String... specs) {
        this(null, false, specs);
    }

    SidNode(SrHmac hmac, boolean hmacRequired, String... specs) {
        route("198.51.100.0/24", new NextHop.ByPort(port("p1")));
        route("2001:db8::/48", new NextHop.ByStation(port("p2"), 0x0200_0000_0009L));
        route("2001:db8:1::/48", new NextHop.ByTunnel(SegmentList.parse("fc00:7::1,fc00:7::46")));
        route("2001:db8:2::/48", new NextHop.ByTunnel(peer("fe80::a", 2)));
        route("2001:db8:3::/48", new NextHop.ByTunnel(SegmentList.parse("fc00:1::46")));
        route("203.0.113.0/24", new NextHop.ByTunnel(SegmentList.parse("fc00:7::46")));
        route("192.88.99.0/24", new NextHop.ByTunnel(peer("fe80::a", 2)));
        route("fc00:5::/32", new NextHop.ByTunnel(peer("fe80::5", 3)));
        route("fc00:6::/32", new NextHop.ByTunnel(SegmentList.parse("fc00:7::1,fc00:6::9")));
        route("fc00:8::/32", new NextHop.ByPort(port("p1")));
        route("fc00:9::/32", new NextHop.ByTunnel((SegmentChoice) flow -> null));
        route("fc00:a::/32", new NextHop.ByTunnel("somewhere"));
        route("fc00:b::/32", new NextHop.ByTunnel(new UnderlayPeer(0xfd00L << 48, 5, 0, 4789)));
        for (String spec : specs) {
            add(spec);
        }
        processor = new SidProcessor(sids, hmac, hmacRequired);
    }

    /** The owner of SIDs that has this address. */
    static SrSource source(String address, int hopLimit) {
        long[] halves = IpAddress.parseIpv6(address);
        return new SrSource(halves[0], halves[1], hopLimit);
    }

    private void route(String prefix, NextHop to) {
        table.put(IpPrefix.parse(prefix), to);
    }

    LocalSid add(String text) {
        SidSpec spec = SidSpec.parse(text);
        LocalSid sid = new LocalSid(spec, SidNode::isWithin, SOURCE, target(spec));
        sids.put(spec.prefix(), sid);
        return sid;
    }

    LocalSid sid(String prefix) {
        return sids.get(IpPrefix.parseOrHost(prefix));
    }

    private static boolean isWithin(long high, long low) {
        return high >>> 56 == 0xfd;
    }

    private Object target(SidSpec spec) {
        return switch (spec.behaviour()) {
            case END -> null;
            case END_X -> UnderlayPeer.of(spec.target().nextHop(), 0);
            case END_T, END_DT4, END_DT6, END_DT46 -> table;
            case END_DX4, END_DX6 -> new NextHop.ByPort(port("dx"));
            case END_B6_ENCAPS, END_B6_ENCAPS_RED -> spec.target().segments();
            case END_DX2, END_DT2U, END_DT2M -> new NamedBinding("l2");
            case END_DX2V -> vlans(spec.target().vlan());
        };
    }

    private static TunnelBinding[] vlans(int vlan) {
        TunnelBinding[] vlans = new TunnelBinding[LocalSid.VLANS];
        vlans[vlan] = new NamedBinding("vlan" + vlan);
        vlans[0] = new NamedBinding("untagged");
        return vlans;
    }

    private static UnderlayPeer peer(String address, int scope) {
        long[] halves = IpAddress.parseIpv6(address);
        return new UnderlayPeer(halves[0], halves[1], scope, 0);
    }

    // ---- packets ----

    /**
     * A vector.
     *
     * @param sids what the node has, with "; " between them
     * @param in the packet as it comes
     * @param outcome see {@link #outcome}
     * @param out the packet as it is then, {@code null}: as it came; a {@code ~} is a digit of the flow label
     */
    static Arguments row(String sids, String in, String outcome, String out) {
        return arguments(sids, in, outcome, out);
    }

    /** The bytes of a packet's text. */
    static byte[] bytes(String text) {
        String all = text.replace("{v4}", V4)
                .replace("{v6}", V6)
                .replace("{eth}", ETH)
                .replace("{tagged}", TAGGED);
        Matcher addresses = ADDRESS.matcher(all);
        return Packets.bytes(addresses.replaceAll(address -> hex(address.group(1))));
    }

    private static String hex(String address) {
        long[] halves = IpAddress.parseIpv6(address);
        return String.format("%016x%016x", halves[0], halves[1]);
    }

    /** What became of the packet last processed, in words: what is not said is not so. */
    String outcome(SidProcessor.Verdict verdict) {
        StringBuilder text = new StringBuilder(verdict.toString());
        switch (verdict) {
            case FORWARD -> text.append(processor.gateway() == null ? "" : " via " + processor.gateway());
            case DELIVER -> {
                text.append(" ").append(processor.payload());
                text.append(processor.nextHop() == null ? "" : " " + processor.nextHop());
                text.append(processor.binding() == null ? "" : " to " + processor.binding());
                text.append(processor.argument() == 0 ? "" : " arg " + Long.toHexString(processor.argument()));
                text.append(" class ").append(processor.trafficClass());
            }
            default -> {
                text.append(" ").append(processor.counter());
                long answer = processor.answer();
                if (answer != 0) {
                    text.append(" icmp ").append(IcmpError.type(answer));
                    text.append(" ").append(IcmpError.code(answer));
                    text.append(" ").append(IcmpError.pointer(answer));
                }
            }
        }
        return text.toString();
    }

    // ---- ports that are names ----

    static Port port(String name) {
        return new Port() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public PortCapabilities capabilities() {
                throw new UnsupportedOperationException();
            }

            @Override
            public void transmit(FrameBatch frames, PortCounters counters) {
                throw new UnsupportedOperationException();
            }
        };
    }

    private static final class NamedBinding extends TunnelBinding {
        private final String name;

        NamedBinding(String name) {
            super(null, new StubContext(null).handle(), new long[0], true);
            this.name = name;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /** A frame with a packet, the headroom of a new frame in front of it. */
    static Frame frame(FramePool pool, byte[] packet) {
        Frame frame = pool.allocate(packet.length);
        Packets.set(frame, packet);
        return frame;
    }
}
