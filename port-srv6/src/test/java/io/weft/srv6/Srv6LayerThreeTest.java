package io.weft.srv6;

import static io.weft.tunnel.InnerFrames.frame;
import static io.weft.tunnel.InnerFrames.ip;
import static io.weft.tunnel.InnerFrames.ipHopped;
import static io.weft.tunnel.TunnelLab.A;
import static io.weft.tunnel.TunnelLab.B;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.bridge.PortSettings;
import io.weft.frame.IpPrefix;
import io.weft.frame.MacAddress;
import io.weft.layer3.L3Adapter;
import io.weft.port.DropReason;
import io.weft.port.PortException;
import io.weft.route.NextHop;
import io.weft.route.RouteTable;
import io.weft.srv6.Srv6Bytes.Outer;
import io.weft.tunnel.InnerFrames;
import io.weft.tunnel.RemoteEnd;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** IP packets by segment routing: what the SIDs of a layer-3 port do with them, where tables lead, and waypoints in between. */
class Srv6LayerThreeTest {
    private static final String ONE = "fc00:1::d1";
    private static final String TWO = "fc00:2::d2";
    private static final String ROUTER = "02:00:00:00:00:99";
    private static final int ICMPV6 = 58;

    private Srv6Lab lab;

    @AfterEach
    void assertAllIsAccountedFor() {
        lab.close();
    }

    private static byte[] packet(boolean ipv6) {
        return ipv6 ? ip("2001:db8::1", "2001:db8::2", 50) : ip("192.0.2.1", "192.0.2.2", 50);
    }

    private static byte[] hopped(boolean ipv6) {
        return ipv6 ? ipHopped("2001:db8::1", "2001:db8::2", 50) : ipHopped("192.0.2.1", "192.0.2.2", 50);
    }

    private static long errors(Srv6Port port) {
        return port.readings().stream()
                .filter(reading -> reading.name().equals("srv6_sid_errors"))
                .mapToLong(reading -> reading.value())
                .sum();
    }

    // ---- behaviours ----

    /** A router takes one off the hop limit (DT4, DT6, DT46), a cross-connect does not (DX4, DX6). */
    @ParameterizedTest
    @CsvSource({
        "End.DT4 table r, true, false, 1",
        "End.DT6 table r, false, true, 1",
        "End.DT46 table r, true, true, 1",
        "End.DX4 nh4 192.0.2.2, true, false, 0",
        "End.DX4 oif r, true, false, 0",
        "End.DX6 nh6 2001:db8::9, false, true, 0",
        "End.DX6 oif r, false, true, 0",
        "uDT46 table r, true, true, 1"
    })
    void shouldTakePacketsOfItsFamilies(String behaviour, boolean takesIpv4, boolean takesIpv6, int hops)
            throws Exception {
        lab = Srv6Lab.of(2);
        Srv6Line right = lab.line(2, "srv6:r?local_ip=fc00:2::1&remote_ip=" + ONE + "&sid=" + TWO + " " + behaviour);
        int taken = 0;
        for (boolean ipv6 : new boolean[] {false, true}) {
            for (Outer outer : List.of(
                    Outer.to(ONE, TWO),
                    Outer.full(ONE, "fc00:9::1", TWO).at(TWO, 0),
                    Outer.reduced(ONE, "fc00:9::1", TWO).at(TWO, 0))) {
                lab.takeSent();
                lab.inject(outer.packet(packet(ipv6)));
                boolean takes = ipv6 ? takesIpv6 : takesIpv4;
                assertThat(right.take())
                        .as("%s", outer)
                        .hasSize(takes ? 1 : 0)
                        .allMatch(frame -> Arrays.equals(frame, hops == 1 ? hopped(ipv6) : packet(ipv6)));
                taken += takes ? 1 : 0;
                assertTold(
                        outer.packet(packet(ipv6)), takes ? -1 : 4, 4, outer.length()); // SR upper-layer header error
            }
        }
        assertThat(errors(right.port)).isEqualTo(6 - taken);
        lab.inject(Outer.to(ONE, TWO).ethernet(frame(B, A)));
        assertThat(errors(right.port)).isEqualTo(7 - taken);
        assertThat(right.take()).isEmpty();
    }

    /** Of what was injected, the last of which is this packet, its sender was told so, or not (type -1). */
    private void assertTold(byte[] packet, int type, int code, int pointer) {
        List<byte[]> sent = lab.takePackets();
        assertThat(sent).hasSize(type < 0 ? 1 : 2);
        if (type < 0) {
            return;
        }
        byte[] error = sent.get(1);
        assertThat(error[6]).isEqualTo((byte) ICMPV6);
        assertThat(Arrays.copyOfRange(error, 24, 40)).isEqualTo(Arrays.copyOfRange(packet, 8, 24)); // to its source
        assertThat(Arrays.copyOfRange(error, 40, 42)).containsExactly(type, code);
        assertThat(Arrays.copyOfRange(error, 44, 48)).containsExactly(0, 0, 0, pointer);
        assertThat(Arrays.copyOfRange(error, 48, error.length)).isEqualTo(packet); // as it came
    }

    @Test
    void shouldDropPacketsThatLie() throws Exception {
        lab = Srv6Lab.of(2);
        Srv6Line right = lab.line(2, "srv6:r?local_ip=" + TWO + "&remote_ip=" + ONE);
        byte[] packet = InnerFrames.bare(packet(false));
        byte[] longer = packet.clone();
        longer[3]++;
        lab.inject(Outer.to(ONE, TWO).around(Srv6Bytes.IPV4, longer));
        lab.inject(Outer.to(ONE, TWO).around(Srv6Bytes.IPV6, packet)); // which it is not
        lab.inject(Outer.to(ONE, TWO).around(Srv6Bytes.IPV4, new byte[0]));
        byte[] dying = packet.clone();
        dying[8] = 1;
        lab.inject(Outer.to(ONE, TWO).around(Srv6Bytes.IPV4, dying));
        assertThat(right.take()).isEmpty();
        assertThat(errors(right.port)).isEqualTo(4);
        lab.inject(Outer.to(ONE, TWO).around(Srv6Bytes.IPV4, InnerFrames.concat(packet, new byte[7]))); // padding goes
        assertThat(right.take()).containsExactly(hopped(false));
    }

    // ---- routes to remote ends ----

    private List<String> sentTo(Srv6Line line, String destination) {
        lab.takeSent();
        line.send(ip(destination.indexOf(':') < 0 ? "192.0.2.1" : "2001:db8::1", destination, 10));
        return lab.takeSent().stream().map(sent -> sent.to().address()).toList();
    }

    @Test
    void shouldRouteByTheLongestPrefix() throws Exception {
        lab = Srv6Lab.of(4);
        Srv6Line left = lab.line(
                1,
                "srv6:l?local_ip=" + ONE + "&remote=fc00:2::1 segs fc00:2::d&remote_ip=fc00:3::d,fc00:4::d"
                        + "&route=10.1.0.0/16 via fc00:2::1&route=10.1.2.0/24 via fc00:3::d&route=10.1.2.3/32 via fc00:4::d"
                        + "&route=2001:db8::/32 via fc00:3::d&route=2001:db8:1::/48 via fc00:2::1");
        for (Map.Entry<String, String> to : Map.of(
                        "10.1.9.9", "fc00:2::d",
                        "10.1.2.4", "fc00:3::d",
                        "10.1.2.3", "fc00:4::d",
                        "2001:db8::9", "fc00:3::d",
                        "2001:db8:1::9", "fc00:2::d")
                .entrySet()) {
            assertThat(sentTo(left, to.getKey())).as("to %s", to.getKey()).containsExactly(to.getValue());
        }
        assertThat(sentTo(left, "10.2.0.1")).isEmpty();
        assertThat(sentTo(left, "2001:db9::1")).isEmpty();
        assertThat(left.dropped(DropReason.NO_REMOTE)).isEqualTo(2);
        RemoteEnd added = left.port.addRemote(RemoteSegments.parse("fc00:4::1 segs fc00:9::1,fc00:4::e"));
        left.port.route(IpPrefix.parse("0.0.0.0/0"), added);
        assertThat(sentTo(left, "10.2.0.1")).containsExactly("fc00:9::1");
        assertThat(left.port.removeRoute(IpPrefix.parse("10.1.2.3/32"))).isTrue();
        assertThat(left.port.removeRoute(IpPrefix.parse("10.1.2.3/32"))).isFalse();
        assertThat(sentTo(left, "10.1.2.3")).containsExactly("fc00:3::d");
        left.port.removeRemote(added);
        assertThat(sentTo(left, "10.2.0.1")).isEmpty();
        assertThatThrownBy(() -> left.port.route(IpPrefix.parse("10.0.0.0/8"), added))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("that srv6:l has now");
        left.send(frame(B, A), new byte[14]);
        assertThat(left.dropped(DropReason.NOT_IP)).isEqualTo(2);
    }

    @Test
    void shouldRouteOnlyPackets() throws Exception {
        lab = Srv6Lab.pair("l2", "remote_ip=" + TWO, "remote_ip=" + ONE);
        Srv6Port port = lab.site(1).port("s");
        assertThatThrownBy(() ->
                        port.route(IpPrefix.parse("10.0.0.0/8"), port.remotes().get(0)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("s carries Ethernet frames; routes are for mode=l3");
        assertThat(port.removeRoute(IpPrefix.parse("10.0.0.0/8"))).isFalse();
    }

    // ---- tables ----

    /** A layer-3 port on a switch, behind an adapter in a VLAN of its own, in which the memory port has a station. */
    private static void adapted(Srv6Site site, Srv6Port port, int vlan, String behind) throws Exception {
        String name = port.name();
        L3Adapter adapter = L3Adapter.builder(port).mac(ROUTER).behind(behind).build();
        site.memory("h" + name, Srv6Lab.access(vlan)).add(name, adapter, Srv6Lab.access(vlan));
    }

    private static byte[] addressed(String to, String from, byte[] packet) {
        byte[] frame = packet.clone();
        System.arraycopy(frame(to, from), 0, frame, 0, 12);
        return frame;
    }

    private static Srv6Port tenant(Srv6Site site, int own, int other, String sid) {
        return new Srv6Port(
                Srv6Port.l3("t" + sid)
                        .local("fc00:" + own + "::1")
                        .sid("fc00:" + own + "::" + sid + " End.DT46 table t" + sid)
                        .remote("fc00:" + other + "::1 segs fc00:" + other + "::" + sid)
                        .settings(),
                site.tables,
                site.host);
    }

    @Test
    void shouldKeepTenantsWithTheSamePrefixesApart() throws Exception {
        lab = Srv6Lab.of(2);
        for (int i = 1; i <= 2; i++) {
            adapted(lab.site(i), tenant(lab.site(i), i, 3 - i, "a"), 10, "10.0." + (3 - i) + ".0/24");
            adapted(lab.site(i), tenant(lab.site(i), i, 3 - i, "b"), 20, "10.0." + (3 - i) + ".0/24");
        }
        for (String tenant : List.of("a", "b")) { // each station is known from what it sends
            lab.site(2).send("ht" + tenant, addressed(ROUTER, B, ip("10.0.2.2", "10.0.1.1", 1)));
        }
        lab.site(1).take("hta");
        lab.site(1).take("htb");
        for (String tenant : List.of("a", "b")) {
            String other = tenant.equals("a") ? "b" : "a";
            lab.site(1).send("ht" + tenant, addressed(ROUTER, A, ip("10.0.1.1", "10.0.2.2", 40)));
            assertThat(lab.site(2).take("ht" + tenant))
                    .containsExactly(addressed(B, ROUTER, ipHopped("10.0.1.1", "10.0.2.2", 40)));
            assertThat(lab.site(2).take("ht" + other)).isEmpty();
        }
        assertThat(lab.site(1).host.sockets()).hasSize(2);
    }

    /** What a table leads to: another port, a station behind one that carries Ethernet, further segments. */
    @Test
    void shouldGoWhereATableLeads() throws Exception {
        lab = Srv6Lab.of(2);
        Srv6Site site = lab.site(1);
        RouteTable red = new RouteTable("red");
        site.tables.add(red);
        Srv6Port first = new Srv6Port(
                Srv6Port.l3("x")
                        .local("fc00:1::1")
                        .sid("fc00:1::e End.DT46 table red")
                        .remote("fc00:2::1")
                        .ttl(17)
                        .settings(),
                site.tables,
                site.host);
        adapted(site, first, 10, "10.9.0.0/16");
        Srv6Port second = tenant(site, 1, 2, "b");
        adapted(site, second, 20, "10.9.0.0/16");
        site.memory("hs", Srv6Lab.access(30));
        site.srv6("srv6:s?mode=bridge&local_ip=fc00:1::1&sid=fc00:1::c End.DT2U", Srv6Lab.access(30));
        red.put(IpPrefix.parse("10.2.0.0/16"), new NextHop.ByPort(second));
        red.put(IpPrefix.parse("10.3.0.0/16"), new NextHop.ByStation(site.port("s"), MacAddress.parse(B)));
        red.put(IpPrefix.parse("10.4.0.0/16"), new NextHop.ByTunnel(SegmentList.parse("fc00:9::1,fc00:9::2")));
        red.put(IpPrefix.parse("10.5.0.0/16"), new NextHop.ByPort(site.port("s"))); // which takes no packets
        red.put(
                IpPrefix.parse("10.7.0.0/16"),
                new NextHop.ByStation(second, MacAddress.parse(B))); // nor that one frames

        site.send("htb", addressed(ROUTER, A, ip("10.2.0.2", "10.9.9.9", 1))); // A is known as 10.2.0.2
        site.take("htb");
        inject("10.2.0.2");
        assertThat(site.take("htb")).containsExactly(addressed(A, ROUTER, ipHopped("10.0.0.9", "10.2.0.2", 40)));

        inject("10.3.0.3");
        List<byte[]> toStation = site.take("hs");
        assertThat(toStation).hasSize(1);
        assertThat(Arrays.copyOf(toStation.get(0), 6)).isEqualTo(Arrays.copyOf(frame(B, A), 6));
        assertThat(toStation.get(0)[6] & 3).as("a locally administered station").isEqualTo(2);
        assertThat(InnerFrames.bare(toStation.get(0)))
                .isEqualTo(InnerFrames.bare(ipHopped("10.0.0.9", "10.3.0.3", 40)));

        lab.takeSent();
        inject("10.4.0.4");
        byte[] on = lab.takePackets().get(1);
        int label = (on[1] & 0xf) << 16 | (on[2] & 0xff) << 8 | on[3] & 0xff;
        assertThat(on)
                .isEqualTo(Outer.full("fc00:1::1", "fc00:9::1", "fc00:9::2")
                        .hopLimit(17)
                        .flowLabel(label)
                        .packet(ipHopped("10.0.0.9", "10.4.0.4", 40)));

        assertThat(site.refused()).isZero();
        inject("10.5.0.5");
        inject("10.6.0.6");
        inject("10.7.0.7");
        assertThat(site.refused(Srv6Counter.NO_ROUTE)).isEqualTo(3);
        site.remove("tb");
        inject("10.2.0.2"); // has left
        assertThat(site.refused(Srv6Counter.NO_ROUTE)).isEqualTo(4);
        for (String port : List.of("hx", "htb", "hs")) {
            assertThat(site.take(port)).isEmpty();
        }
    }

    private void inject(String destination) {
        lab.inject(Outer.to("fc00:2::1", "fc00:1::e").packet(ip("10.0.0.9", destination, 40)));
    }

    /** It is received by another thread there, and by another socket. */
    @Test
    void shouldNotLeadToAPortOfAnotherSwitch() throws Exception {
        lab = Srv6Lab.of(2);
        RouteTable red = new RouteTable("red");
        lab.site(1).tables.add(red);
        Srv6Line elsewhere =
                lab.line(1, "srv6:y?local_ip=fc00:1::1&remote_ip=fc00:2::1&sid=fc00:1::f End.DT46 table y");
        Srv6Line line = lab.line(1, "srv6:x?local_ip=fc00:1::1&remote_ip=fc00:2::1&sid=fc00:1::e End.DT46 table red");
        red.put(IpPrefix.parse("10.0.0.0/8"), new NextHop.ByPort(elsewhere.port));
        red.put(IpPrefix.parse("10.3.0.0/16"), new NextHop.ByPort(line.port));
        inject("10.2.0.2");
        assertThat(elsewhere.take()).isEmpty();
        assertThat(line.take()).isEmpty();
        inject("10.3.0.3");
        assertThat(line.take()).hasSize(1);
    }

    @Test
    void shouldRefuseTablesAndNextHopsThatThereAreNot() throws Exception {
        lab = Srv6Lab.of(2);
        lab.site(1).tables.add(new RouteTable("red"));
        String port = "srv6:x?local_ip=fc00:1::1&remote_ip=fc00:2::1&sid=";
        assertRefused(
                port + "fc00:1::e End.DT46 table blue",
                "srv6:x: option sid is 'fc00:1::e/128 End.DT46 table blue': table 'blue' is"
                        + " unknown; accepted: red; or x, its own");
        assertRefused(
                port + "fc00:1::e End.DX4 oif y",
                "srv6:x: option sid is 'fc00:1::e/128 End.DX4 oif y'; accepted: oif x, or none");
        assertRefused(
                "srv6:x?mode=l2&local_ip=fc00:1::1&remote_ip=fc00:2::1&sid=fc00:1::e End.DX2 oif y",
                "srv6:x: option sid is 'fc00:1::e/128 End.DX2 oif y'; accepted: oif x, or none, as frames go into the switch by this"
                        + " port");
    }

    private void assertRefused(String uri, String message) {
        assertThatThrownBy(() -> lab.line(1, uri))
                .isInstanceOf(PortException.class)
                .hasMessage(message);
        assertThat(lab.site(1).host.sockets()).isEmpty();
    }

    // ---- waypoints ----

    private void node(String... sids) throws Exception {
        Srv6NodeBuilder node = Srv6Node.builder("n").local("fc00:3::1").domain("fc00::/16");
        for (String sid : sids) {
            node.sid(sid);
        }
        lab.site(3).add("n", node.underlay(lab.site(3).host).build(), PortSettings.DEFAULT);
    }

    /** What switch 3 makes of a packet on its way from 1 by a SID there to 2. */
    @ParameterizedTest
    @CsvSource({
        "full, End, ''",
        "full, End flavors psp, psp",
        "full, End flavors usp, ''",
        "full, 'End flavors psp,usp,usd', psp",
        "red, End, ''",
        "red, End flavors psp, psp",
        "full, End.X nh6 fc00:2::1, ''",
        "full, End.X nh6 fc00:9::1, elsewhere",
        "red, End.X nh6 fc00:2::1 flavors psp, psp",
        "full, 'End.B6.Encaps segs fc00:9::1,fc00:9::2', b6",
        "red, 'End.B6.Encaps.Red segs fc00:9::1,fc00:9::2', b6red",
        "full, 'End.B6.Encaps.Red segs fc00:9::1', b6one"
    })
    void shouldPassAWaypoint(String encap, String behaviour, String how) throws Exception {
        lab = Srv6Lab.of(3);
        node("fc00:3::e " + behaviour);
        Srv6Line left = lab.line(
                1, "srv6:l?local_ip=" + ONE + "&remote_ip=" + TWO + "&encap=" + encap + "&srv6_segs=fc00:3::e," + TWO);
        Srv6Line right = lab.line(2, "srv6:r?local_ip=" + TWO + "&remote_ip=" + ONE);
        for (boolean ipv6 : new boolean[] {false, true}) {
            lab.takeSent();
            left.send(packet(ipv6));
            List<byte[]> sent = lab.takePackets();
            Outer first =
                    encap.equals("red") ? Outer.reduced(ONE, "fc00:3::e", TWO) : Outer.full(ONE, "fc00:3::e", TWO);
            assertThat(sent).hasSize(2);
            assertThat(sent.get(0)).isEqualTo(first.packet(packet(ipv6)));
            Outer on = how.equals("psp")
                    ? Outer.to(ONE, TWO).hopLimit(63)
                    : first.at(TWO, 0).hopLimit(63);
            byte[] expected = on.packet(packet(ipv6));
            if (how.startsWith("b6")) {
                byte[] second = sent.get(1);
                int label = (second[1] & 0xf) << 16 | (second[2] & 0xff) << 8 | second[3] & 0xff;
                Outer policy =
                        switch (how) {
                            case "b6" -> Outer.full("fc00:3::1", "fc00:9::1", "fc00:9::2");
                            case "b6red" -> Outer.reduced("fc00:3::1", "fc00:9::1", "fc00:9::2");
                            default -> Outer.to("fc00:3::1", "fc00:9::1");
                        };
                expected = policy.flowLabel(label).around(Srv6Bytes.IPV6, expected);
            }
            assertThat(sent.get(1)).isEqualTo(expected);
            boolean arrives = how.isEmpty() || how.equals("psp");
            assertThat(right.take()).hasSize(arrives ? 1 : 0).allMatch(frame -> Arrays.equals(frame, hopped(ipv6)));
        }
        assertThat(lab.site(3).refused()).isZero();
    }

    /** One destination has two waypoints and the end (RFC 9800): fc00:a is the block, 3 and 2 are nodes. */
    @Test
    void shouldPassByCompressedSids() throws Exception {
        lab = Srv6Lab.of(3);
        lab.site(2).host.locators(IpPrefix.parse("fc00:2::/32"), IpPrefix.parse("fc00:a:2::/48"));
        lab.site(3).host.locators(IpPrefix.parse("fc00:3::/32"), IpPrefix.parse("fc00:a:3::/48"));
        node("fc00:a:3::/48 uN");
        Srv6Line left =
                lab.line(1, "srv6:l?local_ip=" + ONE + "&remote_ip=fc00:2::1&encap=red&srv6_segs=fc00:a:3:3:2::");
        Srv6Line right = lab.line(2, "srv6:r?local_ip=fc00:2::1&sid=fc00:a:2::/48 uDT46 table r&remote_ip=" + ONE);
        lab.takeSent();
        left.send(packet(false));
        assertThat(lab.takePackets())
                .containsExactly(
                        Outer.to(ONE, "fc00:a:3:3:2::").packet(packet(false)),
                        Outer.to(ONE, "fc00:a:2::").hopLimit(62).packet(packet(false))); // both turns at once
        assertThat(right.take()).containsExactly(hopped(false));
    }

    @ParameterizedTest
    @CsvSource({"End, 1, 3, 0, 0", "End, 0, 3, 0, 0", "End.X nh6 fc00:2::1, 1, 3, 0, 0", "End, 2, -1, 0, 0"})
    void shouldTellWhoseHopLimitIsUsedUp(String behaviour, int hopLimit, int type, int code, int pointer)
            throws Exception {
        lab = Srv6Lab.of(3);
        node("fc00:3::e " + behaviour);
        byte[] packet = Outer.full(ONE, "fc00:3::e", TWO).hopLimit(hopLimit).packet(packet(false));
        lab.takeSent();
        lab.inject(packet);
        if (type < 0) {
            assertThat(lab.takePackets().get(1))
                    .isEqualTo(Outer.full(ONE, "fc00:3::e", TWO)
                            .at(TWO, 0)
                            .hopLimit(1)
                            .packet(packet(false)));
        } else {
            assertTold(packet, type, code, pointer);
            assertThat(lab.site(3).refused(Srv6Counter.HOP_LIMIT)).isEqualTo(1);
        }
    }

    /** At the last segment: nothing more is to be done, or the packet inside goes on (USD). */
    @Test
    void shouldEndAtAWaypoint() throws Exception {
        lab = Srv6Lab.of(3);
        node("fc00:3::e End", "fc00:3::f End flavors usp", "fc00:3::d End flavors usd");
        lab.takeSent();
        for (String sid : List.of("fc00:3::e", "fc00:3::f")) {
            Outer outer = Outer.full(ONE, "fc00:9::1", sid).at(sid, 0);
            lab.inject(outer.packet(packet(true)));
            assertTold(outer.packet(packet(true)), 4, 4, outer.length());
        }
        assertThat(lab.site(3).refused(Srv6Counter.NO_SEGMENT)).isEqualTo(1);
        assertThat(lab.site(3).refused(Srv6Counter.UPPER_LAYER)).isEqualTo(1);
        byte[] bare = Outer.to(ONE, TWO).packet(packet(false));
        lab.inject(Outer.full(ONE, "fc00:9::1", "fc00:3::d").at("fc00:3::d", 0).around(Srv6Bytes.IPV6, bare));
        assertThat(lab.takePackets().get(1))
                .isEqualTo(Outer.to(ONE, TWO).hopLimit(63).packet(packet(false)));
        lab.inject(Outer.to("2001:db8::7", "fc00:3::e").packet(packet(true)));
        assertThat(lab.takePackets()).hasSize(1); // no answer for who is outside of the domain
        assertThat(lab.site(3).refused(Srv6Counter.OUTSIDE_DOMAIN)).isEqualTo(1);
    }

    /** The next way is shorter: the headend is told, whose packet it is. */
    @Test
    void shouldTellWhatIsTooLongForTheNextWay() throws Exception {
        lab = Srv6Lab.of(3);
        node("fc00:3::e End");
        lab.network.pathMtu(Srv6Lab.address("fc00:3::1"), Srv6Lab.address(TWO), 1_300);
        byte[] packet = Outer.full(ONE, "fc00:3::e", TWO).packet(ip("192.0.2.1", "192.0.2.2", 1_300));
        lab.takeSent();
        lab.inject(packet);
        byte[] error = lab.takePackets().get(1);
        assertThat(error).hasSize(1_280);
        assertThat(Arrays.copyOfRange(error, 40, 42)).containsExactly(2, 0);
        assertThat(Arrays.copyOfRange(error, 44, 48)).containsExactly(0, 0, 1_300 >> 8, 1_300 & 0xff);
        assertThat(lab.site(3).refused(Srv6Counter.NEXT_TOO_LONG)).isEqualTo(1);
    }
}
