package io.weft.gre;

import static io.weft.gre.GreBytes.Fields.PLAIN;
import static io.weft.tunnel.InnerFrames.bare;
import static io.weft.tunnel.InnerFrames.frame;
import static io.weft.tunnel.InnerFrames.ip;
import static io.weft.tunnel.TunnelLab.A;
import static io.weft.tunnel.TunnelLab.BROADCAST;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.Wire;
import io.weft.bridge.PortSettings;
import io.weft.frame.IpPrefix;
import io.weft.offload.WireFrame;
import io.weft.port.DropReason;
import io.weft.port.MemoryPort;
import io.weft.tunnel.InnerFrames;
import io.weft.tunnel.RemoteEnd;
import io.weft.tunnel.RemoteSpec;
import io.weft.underlay.MemoryDatagram;
import io.weft.underlay.MemoryHost;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** IP packets in GRE: ports without Ethernet, joined to memory ports by wires. */
class LayerThreeGreTest {
    private final GreLab lab = new GreLab();
    private final List<Wire> wires = new ArrayList<>();
    private long nowNs = 1_000_000_000L;

    /** A port and what it is joined to. */
    private final class End {
        final MemoryPort memory = new MemoryPort("m");
        final GrePort gre;
        final Wire wire;

        End(MemoryHost host, String options) throws Exception {
            gre = GreSite.port("gre:l?" + options, host);
            wire = Wire.invoker(() -> nowNs, gre, memory);
            wires.add(wire);
        }

        void send(byte[]... frames) {
            for (byte[] frame : frames) {
                assertThat(memory.send(frame)).isTrue();
            }
            settle();
        }

        List<byte[]> take() {
            List<byte[]> frames = new ArrayList<>();
            for (byte[] frame = memory.receive(); frame != null; frame = memory.receive()) {
                frames.add(frame);
            }
            return frames;
        }

        long dropped(DropReason reason) {
            return wire.statistics().dropped(reason);
        }
    }

    private void settle() {
        boolean worked = true;
        while (worked) {
            worked = false;
            for (Wire wire : wires) {
                worked |= wire.step();
            }
        }
    }

    private MemoryHost host(String... addresses) {
        return lab.network.host(Arrays.stream(addresses).map(GreLab::address).toArray(InetAddress[]::new));
    }

    private void inject(String from, String to, byte[] packet) {
        lab.network.inject(GreLab.datagram(from, to, packet));
        settle();
    }

    @AfterEach
    void assertAllIsAccountedFor() {
        settle();
        for (Wire wire : wires) {
            assertThat(wire.statistics().unaccounted()).isZero();
            wire.close();
            assertThat(wire.statistics().unaccounted()).isZero();
        }
        lab.close();
    }

    private static String address(boolean ipv6, int last) {
        return (ipv6 ? "2001:db8::" : "192.0.2.") + last;
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0., ''",
        "10.0.0., '&key=0'",
        "10.0.0., '&key=9&csum=true&seq=true'",
        "10.0.0., '&udp=true'",
        "fd00::, ''",
        "fd00::, '&key=9&udp=true'"
    })
    void shouldCarryPacketsOfBothFamilies(String net, String options) throws Exception {
        MemoryHost one = host(net + 1);
        MemoryHost other = host(net + 2);
        End left = new End(one, "remote_ip=" + net + 2 + options);
        End right = new End(other, "remote_ip=" + net + 1 + options);
        for (boolean ipv6 : new boolean[] {false, true}) {
            for (int payload : new int[] {0, 1, 1_300}) {
                lab.takeSent();
                byte[] packet = ip(address(ipv6, 1), address(ipv6, 2), payload);
                byte[] addressed = packet.clone();
                System.arraycopy(frame(BROADCAST, A), 0, addressed, 0, 12); // which are nobody's
                left.send(addressed);
                byte[] sent = lab.takeSent().get(0).bytes();
                assertThat(GreBytes.inner(sent)).isEqualTo(bare(packet));
                assertThat(ReferenceGre.read(sent, true).protocolType()).isEqualTo(ipv6 ? 0x86dd : 0x0800);
                assertThat(right.take()).containsExactly(packet); // without addresses
                right.send(packet);
                assertThat(left.take()).containsExactly(packet);
            }
        }
        RemoteEnd remote = left.gre.remotes().get(0);
        assertThat(remote.txFrames()).isEqualTo(6);
        assertThat(remote.txBytes()).isEqualTo(remote.rxBytes());
        assertThat(remote.txBytes())
                .isEqualTo(left.wire.ports().get(0).statistics().txBytes());
    }

    @Test
    void shouldSendPacketsOnly() throws Exception {
        host("10.0.0.2");
        End left = new End(host("10.0.0.1"), "remote_ip=10.0.0.2");
        byte[] packet = ip("192.0.2.1", "192.0.2.2", 10);
        byte[] lies = packet.clone();
        lies[13] = (byte) 0xdd;
        lies[12] = (byte) 0x86; // IPv6 by its type
        byte[] version = packet.clone();
        version[14] = 0x55;
        left.send(
                frame(BROADCAST, A),
                InnerFrames.tagged(5, packet),
                lies,
                version,
                Arrays.copyOf(packet, 14),
                new byte[14]);
        assertThat(left.dropped(DropReason.NOT_IP)).isEqualTo(6);
        lab.takeSent();
        left.send(Arrays.copyOf(packet, 15)); // what is behind the version is not looked at
        assertThat(lab.takeSent()).hasSize(1);
    }

    @Test
    void shouldTakePacketsOnly() throws Exception {
        host("10.0.0.2");
        End left = new End(host("10.0.0.1"), "remote_ip=10.0.0.2");
        byte[] packet = bare(ip("192.0.2.1", "192.0.2.2", 10));
        byte[] version = packet.clone();
        version[0] = 0x65;
        byte[] nothing = packet.clone();
        nothing[0] = 0x05;
        inject("10.0.0.2", "10.0.0.1", PLAIN.type(GreBytes.IPV4).packet(version));
        inject("10.0.0.2", "10.0.0.1", PLAIN.type(GreBytes.IPV4).packet(nothing));
        inject("10.0.0.2", "10.0.0.1", PLAIN.type(GreBytes.IPV6).packet(packet));
        inject("10.0.0.2", "10.0.0.1", PLAIN.type(GreBytes.IPV4).packet(new byte[0]));
        inject("10.0.0.2", "10.0.0.1", PLAIN.type(GreBytes.IPV6).withChecksum().packet(new byte[0]));
        assertThat(left.dropped(DropReason.MALFORMED)).isEqualTo(5);
        assertThat(left.take()).isEmpty();
        inject("10.0.0.2", "10.0.0.1", GreBytes.packet(-1, frame(BROADCAST, A))); // Ethernet is another port's
        assertThat(left.wire.ports().get(0).statistics().rxFrames()).isEqualTo(5);
        inject("10.0.0.2", "10.0.0.1", PLAIN.type(GreBytes.IPV4).packet(packet));
        assertThat(left.take()).hasSize(1);
        for (int length = 1; length < packet.length; length++) {
            inject("10.0.0.2", "10.0.0.1", PLAIN.type(GreBytes.IPV4).packet(Arrays.copyOf(packet, length)));
            assertThat(left.take()).allMatch(frame -> frame[12] == 8 && frame[0] == 0);
        }
    }

    @Test
    void shouldRouteByTheLongestPrefix() throws Exception {
        host("10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5");
        End left = new End(
                host("10.0.0.1"),
                "remote_ip=10.0.0.2,10.0.0.3,10.0.0.4&route=10.1.0.0/16@10.0.0.2,10.1.2.0/24@10.0.0.3,"
                        + "10.1.2.3/32@10.0.0.4,2001:db8::/32@10.0.0.3,2001:db8:1::/48@10.0.0.2");
        for (Map.Entry<String, String> to : Map.of(
                        "10.1.9.9", "10.0.0.2",
                        "10.1.2.4", "10.0.0.3",
                        "10.1.2.3", "10.0.0.4",
                        "2001:db8::9", "10.0.0.3",
                        "2001:db8:1::9", "10.0.0.2")
                .entrySet()) {
            assertThat(sentTo(left, to.getKey())).as("to %s", to.getKey()).containsExactly(to.getValue());
        }
        assertThat(sentTo(left, "10.2.0.1")).isEmpty();
        assertThat(sentTo(left, "2001:db9::1")).isEmpty();
        assertThat(left.dropped(DropReason.NO_REMOTE)).isEqualTo(2);
        left.send(Arrays.copyOf(ip("10.1.2.3", "10.1.2.3", 0), 33)); // ends in its destination
        assertThat(left.dropped(DropReason.NO_REMOTE)).isEqualTo(3);
        RemoteEnd fifth = left.gre.addRemote(new RemoteSpec("10.0.0.5"));
        left.gre.route(IpPrefix.parse("0.0.0.0/0"), fifth);
        assertThat(sentTo(left, "10.2.0.1")).containsExactly("10.0.0.5");
        assertThat(left.gre.removeRoute(IpPrefix.parse("10.1.2.3/32"))).isTrue();
        assertThat(left.gre.removeRoute(IpPrefix.parse("10.1.2.3/32"))).isFalse();
        assertThat(sentTo(left, "10.1.2.3")).containsExactly("10.0.0.3");
        left.gre.removeRemote(fifth);
        assertThat(sentTo(left, "10.2.0.1")).isEmpty();
        assertThat(left.dropped(DropReason.NO_REMOTE)).isEqualTo(4);
    }

    @Test
    void shouldForgetTheRoutesOfARemoteEndThatLeaves() throws Exception {
        host("10.0.0.2", "10.0.0.3");
        End left = new End(host("10.0.0.1"), "remote_ip=10.0.0.3&route=10.0.0.0/8@10.0.0.3");
        RemoteEnd removed = left.gre.addRemote(new RemoteSpec("10.0.0.2"));
        left.gre.route(IpPrefix.parse("10.1.0.0/16"), removed);
        left.gre.route(IpPrefix.parse("2001:db8::/32"), removed);
        assertThat(sentTo(left, "10.1.0.1")).containsExactly("10.0.0.2");
        left.gre.removeRemote(removed);
        RemoteEnd again = left.gre.addRemote(new RemoteSpec("10.0.0.2"));
        assertThat(sentTo(left, "10.1.0.1")).containsExactly("10.0.0.3"); // by the shorter prefix
        assertThat(sentTo(left, "2001:db8::1")).isEmpty();
        assertThat(left.gre.removeRoute(IpPrefix.parse("10.1.0.0/16"))).isFalse();
        left.gre.route(IpPrefix.parse("10.1.0.0/16"), again);
        assertThat(sentTo(left, "10.1.0.1")).containsExactly("10.0.0.2");
    }

    @Test
    void shouldRouteToItsOwnRemoteEndsOnly() throws Exception {
        host("10.0.0.2", "10.0.0.3");
        MemoryHost host = host("10.0.0.1");
        End left = new End(host, "key=1&remote_ip=10.0.0.2");
        End other = new End(host, "key=2&remote_ip=10.0.0.3");
        RemoteEnd removed = left.gre.addRemote(new RemoteSpec("10.0.0.3"));
        left.gre.removeRemote(removed);
        IpPrefix network = IpPrefix.parse("10.1.0.0/16");
        for (RemoteEnd remote : List.of(removed, other.gre.remotes().get(0))) {
            assertThatThrownBy(() -> left.gre.route(network, remote))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("route is '10.1.0.0/16 via ")
                    .hasMessageContaining("that gre:l has now");
        }
        GrePort closed = GreSite.port("gre:c?remote_ip=10.0.0.2", host);
        assertThatThrownBy(() -> closed.route(network, removed)).isInstanceOf(IllegalArgumentException.class);
    }

    private List<String> sentTo(End end, String destination) {
        lab.takeSent();
        end.send(ip(destination.indexOf(':') < 0 ? "192.0.2.1" : "2001:db8::1", destination, 10));
        return lab.takeSent().stream().map(sent -> sent.to().address()).toList();
    }

    @Test
    void shouldSendOnlyWhatIsForGroupsToAllWithoutRoutes() throws Exception {
        host("10.0.0.2", "10.0.0.3");
        End left = new End(host("10.0.0.1"), "remote_ip=10.0.0.2");
        left.gre.addRemote(new RemoteSpec("10.0.0.3"));
        for (String group : List.of("224.0.0.5", "239.255.255.255", "255.255.255.255", "ff02::5")) {
            assertThat(sentTo(left, group)).as(group).containsExactly("10.0.0.2", "10.0.0.3");
        }
        for (String station : List.of("10.9.9.9", "223.255.255.255", "240.0.0.1", "fe80::5")) {
            assertThat(sentTo(left, station)).as(station).isEmpty();
        }
        assertThat(left.dropped(DropReason.NO_REMOTE)).isEqualTo(4);
        left.gre.removeRemote(left.gre.remotes().get(1));
        assertThat(sentTo(left, "10.9.9.9")).containsExactly("10.0.0.2");
    }

    /** On a bridge, with hairpin: to all but the one that it came from. */
    @Test
    void shouldRelayWhatIsForGroupsToOthersOnly() throws Exception {
        GreSite site = lab.site("1", "10.0.0.1");
        host("10.0.0.2", "10.0.0.3", "10.0.0.4");
        site.gre(
                "gre:g?remote_ip=10.0.0.2,10.0.0.3,10.0.0.4&route=10.1.0.0/16@10.0.0.4",
                PortSettings.builder().hairpin(true).build());
        lab.takeSent();
        byte[] toGroup = PLAIN.type(GreBytes.IPV4).packet(bare(ip("192.0.2.1", "224.0.0.5", 10)));
        lab.inject("10.0.0.3", "10.0.0.1", toGroup);
        assertThat(relayed()).containsExactly("10.0.0.2", "10.0.0.4");
        lab.inject("10.0.0.3", "10.0.0.1", PLAIN.type(GreBytes.IPV4).packet(bare(ip("192.0.2.1", "10.1.0.1", 10))));
        assertThat(relayed()).containsExactly("10.0.0.4");
    }

    /** To whom what came from 10.0.0.3 went on. */
    private List<String> relayed() {
        List<String> addresses =
                lab.takeSent().stream().map(sent -> sent.to().address()).toList();
        assertThat(addresses).startsWith("10.0.0.1"); // as it came
        return addresses.subList(1, addresses.size());
    }

    @Test
    void shouldRouteOnlyPackets() throws Exception {
        lab.site("1", "10.0.0.1");
        lab.site("2", "10.0.0.2");
        GreSite site = lab.site(1).gre("gretap:g?remote_ip=10.0.0.2");
        assertThatThrownBy(() -> site.port("g").route(IpPrefix.parse("10.0.0.0/8"), site.remote("g", "10.0.0.2")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("gretap:g carries Ethernet frames");
        assertThatThrownBy(() -> new End(site.host, "remote_ip=10.0.0.2&route=10.1.0.0/16@10.0.0.9"))
                .hasMessageContaining("route")
                .hasMessageContaining("10.0.0.9");
    }

    /** Two tunnels in a row, with more remote ends each than one: numbers of the one's mean nothing to the other. */
    @Test
    void shouldJoinTwoTunnels() throws Exception {
        MemoryHost middle = host("10.0.0.9");
        MemoryHost host1 = host("10.0.0.1");
        MemoryHost host2 = host("10.0.0.2");
        MemoryHost host3 = host("10.0.0.3");
        GrePort near = GreSite.port("gre:n?key=1&remote_ip=10.0.0.1", middle);
        GrePort far = GreSite.port("gre:f?key=2&remote_ip=10.0.0.3", middle);
        wires.add(Wire.invoker(() -> nowNs, near, far));
        near.addRemote(new RemoteSpec("10.0.0.2"));
        End first = new End(host1, "key=1&remote_ip=10.0.0.9");
        End second = new End(host2, "key=1&remote_ip=10.0.0.9");
        End third = new End(host3, "key=2&remote_ip=10.0.0.9");
        byte[] packet = ip("192.0.2.1", "192.0.2.3", 100);
        second.send(packet); // of endpoint 2
        assertThat(third.take()).containsExactly(packet);
        byte[] toGroup = ip("192.0.2.3", "224.0.0.9", 100);
        third.send(toGroup);
        assertThat(first.take()).containsExactly(toGroup);
        assertThat(second.take()).containsExactly(toGroup);
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0., '', 24",
        "10.0.0., '&key=1&csum=true', 32",
        "fd00::, '&udp=true', 52",
        "10.0.0., '&mtu=900', 0"
    })
    void shouldSendAndAnswerWhatFits(String net, String options, int overhead) throws Exception {
        MemoryHost one = host(net + 1);
        End right = new End(host(net + 2), "remote_ip=" + net + 1 + options);
        End left = new End(one, "icmp_too_big=true&clamp_mss=true&remote_ip=" + net + 2 + options);
        int mtu = overhead == 0 ? 900 : 1_500 - overhead;
        assertThat(left.gre.effectiveMtu()).isEqualTo(mtu);
        left.send(ip("192.0.2.1", "192.0.2.2", mtu - 28));
        assertThat(right.take()).hasSize(1);
        left.send(ip("192.0.2.1", "192.0.2.2", mtu - 27));
        assertThat(right.take()).isEmpty();
        assertThat(left.dropped(DropReason.TOO_LONG)).isEqualTo(1);
        List<byte[]> answers = left.take();
        assertThat(answers).hasSize(1);
        byte[] answer = answers.get(0);
        assertThat(Arrays.copyOf(answer, 12)).containsOnly(0);
        assertThat(Arrays.copyOfRange(answer, 12, 15)).containsExactly(8, 0, 0x45);
        assertThat(Arrays.copyOfRange(answer, 30, 34)).containsExactly(192, 0, 2, 1); // to the sender
        assertThat(answer[34]).isEqualTo((byte) 3);
        assertThat((answer[40] & 0xff) << 8 | answer[41] & 0xff).isEqualTo(mtu);
        WireFrame syn = InnerFrames.tcp(0);
        syn.destination = 0;
        syn.source = 0;
        syn.flags = 0x02;
        syn.tcpOptions = new byte[] {2, 4, 0x23, 0};
        left.send(syn.bytes());
        syn.tcpOptions = new byte[] {2, 4, (byte) (mtu - 40 >> 8), (byte) (mtu - 40)};
        assertThat(right.take()).containsExactly(syn.bytes());
    }

    @ParameterizedTest
    @CsvSource({"2, 3, 3", "0, 2, 0", "0, 3, -1"})
    void shouldTakeCongestionMarksOver(int inner, int outer, int expected) throws Exception {
        host("10.0.0.2");
        End left = new End(host("10.0.0.1"), "remote_ip=10.0.0.2");
        WireFrame packet = InnerFrames.udp(30);
        packet.destination = 0;
        packet.source = 0;
        packet.tos = inner;
        lab.network.inject(GreLab.datagram(
                        "10.0.0.2", "10.0.0.1", PLAIN.type(GreBytes.IPV4).packet(bare(packet.bytes())))
                .withTrafficClass(outer));
        settle();
        packet.tos = expected;
        assertThat(left.take()).hasSize(expected < 0 ? 0 : 1).allMatch(frame -> Arrays.equals(frame, packet.bytes()));
        assertThat(left.dropped(DropReason.ECN_NOT_CAPABLE)).isEqualTo(expected < 0 ? 1 : 0);
        packet.tos = 2 | 0x40;
        lab.takeSent();
        left.send(packet.bytes());
        assertThat(lab.takeSent()).extracting(MemoryDatagram::trafficClass).containsExactly(2);
    }

    /** The route to the remote end leads into the tunnel. */
    @ParameterizedTest
    @CsvSource({"10.0.0., 4", "fd00::, 6"})
    void shouldEndCircles(String net, int family) throws Exception {
        host(net + 2);
        End left = new End(host(net + 1), "remote_ip=" + net + 2);
        lab.takeSent();
        left.send(ip(net + 1, net + 2, 10));
        byte[] sent = lab.takeSent().get(0).bytes();
        WireFrame circle = InnerFrames.udp(0);
        circle.ipv6 = family == 6;
        circle.from = GreLab.address(net + 1).getAddress();
        circle.to = GreLab.address(net + 2).getAddress();
        circle.payload = Arrays.copyOfRange(InnerFrames.concat(new byte[8], sent), 8, 8 + sent.length);
        byte[] frame = circle.bytes();
        int ip = 14 + (family == 6 ? 40 : 20);
        byte[] own = InnerFrames.concat(Arrays.copyOf(frame, ip), sent); // in place of UDP's header
        own[family == 6 ? 20 : 23] = 47;
        left.send(own);
        assertThat(left.dropped(DropReason.RECURSION)).isEqualTo(1);
        assertThat(lab.takeSent()).isEmpty();
        own[ip - 1]++; // to somebody else
        left.send(own);
        assertThat(lab.takeSent()).hasSize(1);
    }
}
