package io.weft.underlay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.frame.FramePool;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What raw sockets make of a way with a router and a narrow part, and what they write on the wire. */
class NativeRawIpPathIT {
    private static final int PROTOCOL = 253; // for experiments (RFC 3692)

    private final FramePool pool = new FramePool(1024, 512);
    private final List<UdpHost> hosts = new ArrayList<>();
    private TestNetwork network;

    @BeforeAll
    static void assumeNamespaces() {
        TestNetwork.assumeAvailable();
    }

    @BeforeEach
    void make() {
        pool.own();
        network = new TestNetwork();
    }

    @AfterEach
    void close() {
        try {
            hosts.forEach(UdpHost::close);
        } finally {
            if (network != null) {
                network.close();
            }
        }
        assertThat(pool.inUse()).isZero();
    }

    private static InetAddress address(String host, boolean ipv6) {
        int number = host.equals("near") ? 1 : 2;
        return inet(ipv6 ? "fd77:" + number + "::1" : "10.77." + number + ".1");
    }

    private static InetAddress inet(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e); // an address, not a name
        }
    }

    private static UnderlayPeer peer(String host, boolean ipv6) {
        return UnderlayPeer.of(address(host, ipv6), 0);
    }

    private RawIpSettings settings(String host, boolean ipv6) {
        return RawIpSettings.of(ipv6, PROTOCOL).bindTo(address(host, ipv6)).in(network.name(host), null);
    }

    private UdpHost host(RawIpSettings settings) throws UnderlayException {
        UdpHost host = new UdpHost(pool, Underlay.SYSTEM.open(settings));
        assertThat(host.socket().notes()).isEmpty();
        hosts.add(host);
        return host;
    }

    private static int payload(int mtu, boolean ipv6) {
        return mtu - (ipv6 ? 40 : 20);
    }

    // ---- MTU and fragments ----

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldLearnThatAWayIsNarrower(boolean ipv6) throws Exception {
        UdpHost near = host(settings("near", ipv6));
        UdpHost far = host(settings("far", ipv6));
        UnderlayPeer to = peer("far", ipv6);
        byte[] fitting = UdpHost.bytes(1, payload(TestNetwork.NARROW_MTU, ipv6));
        byte[] tooLong = UdpHost.bytes(2, payload(TestNetwork.NARROW_MTU, ipv6) + 1);
        String narrow = "tooBig " + to.address() + " 0 mtu " + TestNetwork.NARROW_MTU;
        assertThat(near.socket().pathMtu(to)).isEqualTo(TestNetwork.WIDE_MTU);
        assertThat(near.send(UdpHost.bytes(3, payload(TestNetwork.WIDE_MTU, ipv6) + 1), to))
                .isEqualTo(SendOutcome.TOO_LONG);
        assertThat(near.errors(1)).containsOnly("tooBig " + to.address() + " 0 mtu " + TestNetwork.WIDE_MTU);

        assertThat(near.send(tooLong, to)).isEqualTo(SendOutcome.SENT); // nobody knows it yet
        assertThat(near.errors(1)).containsExactly(narrow);
        assertThat(near.socket().pathMtu(to)).isEqualTo(TestNetwork.NARROW_MTU);
        near.add(tooLong, to);
        near.add(fitting, to);
        assertThat(near.flush()).containsExactly(SendOutcome.TOO_LONG, SendOutcome.SENT);
        assertThat(near.errors(1)).containsOnly(narrow);
        assertThat(far.receive(1).get(0).bytes()).isEqualTo(fitting);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldTellWhatCameInFragments(boolean ipv6) throws Exception {
        UdpHost near = host(settings("near", ipv6).header(64, 0, false));
        UdpHost far = host(settings("far", ipv6));
        if (ipv6) {
            near.send(UdpHost.bytes(1, 1400), peer("far", true)); // routers do not fragment IPv6
            near.errors(1);
        }
        for (int i = 0; i < 4; i++) {
            near.add(UdpHost.bytes(i, i % 2 == 0 ? 3000 : 1000), peer("far", ipv6));
        }
        near.add(UdpHost.bytes(4, 1400), peer("far", ipv6)); // IPv4: which the router cuts
        assertThat(near.flush()).containsOnly(SendOutcome.SENT);
        List<UdpHost.Message> received = far.receive(5);
        for (int i = 0; i < 5; i++) {
            int length = i == 4 ? 1400 : i % 2 == 0 ? 3000 : 1000;
            assertThat(received.get(i).bytes()).isEqualTo(UdpHost.bytes(i, length));
            assertThat(received.get(i).reassembled()).isEqualTo(length > 1300);
        }
    }

    // ---- the header ----

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldWriteTheHeaderThatIsAskedFor(boolean ipv6) throws Exception {
        UdpHost near = host(settings("near", ipv6).header(17, 0x28, true));
        UdpHost plain = host(settings("near", ipv6).header(255, 0, false));
        UdpHost far = host(RawIpSettings.of(ipv6, PROTOCOL).in(network.name("far"), null));
        UnderlayPeer to = peer("far", ipv6);
        try (WireTap tap = new WireTap(network.name("router"), "near")) {
            near.add(UdpHost.bytes(1, 100), to, -1, 0xabcde);
            near.add(UdpHost.bytes(2, 100), to, 0xbb, 0xfffff);
            near.add(UdpHost.bytes(3, 0), to, 3, 1);
            assertThat(near.flush()).containsOnly(SendOutcome.SENT);
            assertThat(plain.send(UdpHost.bytes(4, 100), to)).isEqualTo(SendOutcome.SENT);
            List<UdpHost.Message> received = far.receive(4);
            assertThat(received).extracting(UdpHost.Message::trafficClass).containsExactly(0x28, 0xbb, 3, 0);
            assertThat(received).allMatch(message -> message.source().equals(peer("near", ipv6)));
            assertThat(received)
                    .allMatch(message -> UnderlayPeer.format(message.destinationHigh(), message.destinationLow())
                            .equals(to.address()));
            List<ByteBuffer> seen = tap.packets(PROTOCOL);
            assertThat(seen).hasSize(4);
            assertHeader(seen.get(0), 17, 0x28, true, 0xabcde);
            assertHeader(seen.get(1), 17, 0xbb, true, 0xfffff);
            assertHeader(seen.get(2), 17, 3, true, 1);
            assertHeader(seen.get(3), 255, 0, false, -1);
        }
    }

    private static void assertHeader(
            ByteBuffer packet, int ttl, int trafficClass, boolean dontFragment, int flowLabel) {
        boolean ipv6 = packet.get(0) >>> 4 == 6;
        assertThat(packet.get(ipv6 ? 7 : 8) & 0xff).isEqualTo(ttl);
        assertThat(ipv6 ? packet.getShort(0) >>> 4 & 0xff : packet.get(1) & 0xff)
                .isEqualTo(trafficClass);
        if (!ipv6) {
            assertThat((packet.get(6) & 0x40) != 0).isEqualTo(dontFragment);
        } else if (flowLabel >= 0) {
            assertThat(packet.getInt(0) & 0xf_ffff).isEqualTo(flowLabel);
        }
    }

    // ---- what comes back ----

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldTellWhomTheAnswersAreAbout(boolean ipv6) throws Exception {
        UdpHost near = host(settings("near", ipv6));
        UnderlayPeer to = peer("far", ipv6);
        assertThat(near.send(UdpHost.bytes(1, 100), to)).isEqualTo(SendOutcome.SENT);
        assertThat(near.errors(1)).containsExactly("refused " + to.address() + " 0");
        UdpHost far = host(settings("far", ipv6));
        for (int i = 0; i < 20; i++) { // among answers that have not been read
            near.add(UdpHost.bytes(i, 100 + i), i % 2 == 0 ? to : UnderlayPeer.of(routers(ipv6), 0));
        }
        assertThat(near.flush()).containsOnly(SendOutcome.SENT);
        assertThat(near.errors(1))
                .containsOnly("refused " + UnderlayPeer.of(routers(ipv6), 0).address() + " 0");
        assertThat(far.receive(10))
                .extracting(message -> message.bytes().length)
                .contains(100, 118);
        assertThat(near.receiveNow()).isEmpty();
        assertThat(near.socket().receiver().failure()).isZero();
    }

    private static InetAddress routers(boolean ipv6) {
        return inet(ipv6 ? "fd77:1::254" : "10.77.1.254");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldTellThatItsHopsDidNotReach(boolean ipv6) throws Exception {
        UdpHost near = host(settings("near", ipv6).header(1, 0, true));
        UnderlayPeer to = peer("far", ipv6);
        assertThat(near.send(UdpHost.bytes(1, 100), to)).isEqualTo(SendOutcome.SENT);
        assertThat(near.errors(1)).containsExactly("unreachable " + to.address() + " 0");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldTellWhatAFirewallAnswers(boolean ipv6) throws Exception {
        UdpHost near = host(settings("near", ipv6));
        UnderlayPeer to = peer("far", ipv6);
        String family = ipv6 ? "-6 " : "";
        network.in("router", "ip " + family + "route add prohibit " + to.address());
        assertThat(near.send(UdpHost.bytes(1, 100), to)).isEqualTo(SendOutcome.SENT);
        assertThat(near.errors(1)).containsExactly("unreachable " + to.address() + " 0");
        network.in("near", "ip " + family + "route add unreachable " + to.address());
        assertThat(near.send(UdpHost.bytes(1, 100), to)).isEqualTo(SendOutcome.UNREACHABLE);
        assertThatThrownBy(() -> near.socket().pathMtu(to))
                .isInstanceOfSatisfying(
                        UnderlayException.class, e -> assertThat(e.kind()).isEqualTo(UnderlayException.Kind.NO_ROUTE));
    }

    // ---- where it is ----

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldSendAndReceiveByItsInterfaceOnly(boolean ipv6) throws Exception {
        UdpHost near = host(settings("near", ipv6));
        UdpHost far = host(settings("far", ipv6));
        UdpHost router = host(RawIpSettings.of(ipv6, PROTOCOL).in(network.name("router"), "far"));
        UnderlayPeer nearSide = UnderlayPeer.of(routers(ipv6), 0);
        UnderlayPeer farSide = UnderlayPeer.of(inet(ipv6 ? "fd77:2::254" : "10.77.2.254"), 0);
        near.send(UdpHost.bytes(1, 100), nearSide);
        far.send(UdpHost.bytes(2, 100), farSide);
        assertThat(router.receive(1)).extracting(UdpHost.Message::bytes).containsExactly(UdpHost.bytes(2, 100));
        assertThat(router.socket().sourceFor(peer("far", ipv6))).isEqualTo(inet(farSide.address()));
        assertThat(router.send(UdpHost.bytes(3, 100), peer("far", ipv6))).isEqualTo(SendOutcome.SENT);
        List<UdpHost.Message> received = far.receive(1);
        assertThat(received).extracting(UdpHost.Message::source).containsExactly(farSide);
        assertThat(near.receiveNow()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldReachTheMembersOfAGroup(boolean ipv6) throws Exception {
        UnderlayPeer group = UnderlayPeer.of(inet(ipv6 ? "ff05::77" : "239.77.7.7"), 0);
        InetAddress address = group.toSocketAddress().getAddress();
        UdpHost near = host(settings("near", ipv6));
        near.socket().join(address, "uplink");
        RawIpSettings any = RawIpSettings.of(ipv6, PROTOCOL).in(network.name("router"), null);
        UdpHost router = host(any);
        router.socket().join(address, "near");
        UdpHost bound = host(any.bindTo(routers(ipv6)));
        bound.socket().join(address, "near");
        UdpHost boundStranger = host(any.bindTo(routers(ipv6)));
        UdpHost stranger = host(any);
        assertThat(near.send(UdpHost.bytes(1, 100), group)).isEqualTo(SendOutcome.SENT);
        UdpHost.Message received = router.receive(1).get(0);
        assertThat(received.bytes()).isEqualTo(UdpHost.bytes(1, 100));
        assertThat(received.source()).isEqualTo(peer("near", ipv6));
        assertThat(UnderlayPeer.format(received.destinationHigh(), received.destinationLow()))
                .isEqualTo(group.address());
        assertThat(near.receiveNow()).isEmpty();
        assertThat(boundStranger.receiveNow()).isEmpty();
        assertThat(bound.receiveNow()).hasSize(ipv6 ? 1 : 0);
        assertThat(bound.socket().notes()).hasSize(ipv6 ? 0 : 1);
        assertThat(stranger.receiveNow()).hasSize(ipv6 ? 1 : 0); // the kernel does not ask who has joined
    }

    /** IPv4: what comes for the protocol and is routed on is none of a socket's here. */
    @Test
    void shouldReceiveAtTheAddressesOfItsHostOnly() throws Exception {
        UdpHost near = host(settings("near", false));
        UdpHost far = host(settings("far", false));
        UdpHost router = host(RawIpSettings.of(false, PROTOCOL).in(network.name("router"), null));
        near.add(UdpHost.bytes(1, 100), peer("far", false));
        near.add(UdpHost.bytes(2, 100), UnderlayPeer.of(routers(false), 0));
        near.flush();
        far.receive(1);
        assertThat(router.receive(1)).extracting(UdpHost.Message::bytes).containsExactly(UdpHost.bytes(2, 100));
    }
}
