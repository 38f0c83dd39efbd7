package io.weft.underlay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.frame.FramePool;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Groups, and sockets that are bound to one of several interfaces. */
class NativeUdpGroupIT {
    private static final int PORT = 4789;

    private final FramePool pool = new FramePool();
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
        hosts.forEach(UdpHost::close);
        network.close();
        assertThat(pool.inUse()).isZero();
    }

    private UdpHost host(String host, String networkInterface, boolean ipv6) throws UnderlayException {
        UdpSettings settings = ipv6 ? UdpSettings.ipv6Only() : UdpSettings.ipv4();
        UdpHost opened = new UdpHost(
                pool, NativeUdpSocket.open(settings.bindTo(null, PORT).in(network.name(host), networkInterface)));
        hosts.add(opened);
        return opened;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldReachTheMembersOfAGroupOnSeveralInterfaces(boolean ipv6) throws Exception {
        InetAddress group = InetAddress.getByName(ipv6 ? "ff05::77" : "239.77.7.7");
        UnderlayPeer to = UnderlayPeer.of(group, PORT);
        UdpHost near = host("near", null, ipv6);
        UdpHost far = host("far", "uplink", ipv6);
        UdpHost router = host("router", null, ipv6);
        near.socket().join(group, "uplink");
        far.socket().join(group, null); // where it is bound
        router.socket().join(group, "near");
        router.socket().join(group, "far"); // to which it sends from here on
        assertThat(near.send(UdpHost.bytes(1, 100), to)).isEqualTo(SendOutcome.SENT);
        assertThat(far.send(UdpHost.bytes(2, 100), to)).isEqualTo(SendOutcome.SENT);
        List<UdpHost.Message> atRouter = router.receive(2);
        assertThat(atRouter)
                .extracting(UdpHost.Message::bytes)
                .containsExactlyInAnyOrder(UdpHost.bytes(1, 100), UdpHost.bytes(2, 100));
        assertThat(atRouter)
                .allMatch(message -> UnderlayPeer.format(message.destinationHigh(), message.destinationLow())
                        .equals(to.address()));
        assertThat(router.send(UdpHost.bytes(3, 100), to)).isEqualTo(SendOutcome.SENT);
        assertThat(far.receive(1).get(0).bytes()).isEqualTo(UdpHost.bytes(3, 100));
        assertThat(near.receiveNow()).isEmpty(); // neither its own nor those of the other side
        assertThat(router.receiveNow()).isEmpty();
    }

    @Test
    void shouldNotReceiveForAGroupThatOnlyAnotherSocketHasJoined() throws Exception {
        InetAddress group = InetAddress.getByName("239.77.7.7");
        UdpHost near = host("near", null, false);
        near.socket().join(group, "uplink");
        UdpHost router = host("router", null, false);
        UdpSettings another = UdpSettings.ipv4().in(network.name("router"), null);
        try (UnderlaySocket member = NativeUdpSocket.open(another)) {
            member.join(group, "near");
            near.send(UdpHost.bytes(1, 100), UnderlayPeer.of(group, PORT));
            near.send(UdpHost.bytes(2, 100), UnderlayPeer.of(InetAddress.getByName("10.77.1.254"), PORT));
            assertThat(router.receive(1)).extracting(UdpHost.Message::bytes).containsExactly(UdpHost.bytes(2, 100));
        }
    }

    @Test
    void shouldNeedARouteToAGroupOrAnInterface() throws Exception {
        UdpHost near = host("near", null, false);
        network.in("near", "ip route del default");
        InetAddress group = InetAddress.getByName("239.77.7.7");
        assertThatThrownBy(() -> near.socket().join(group, null))
                .isInstanceOfSatisfying(
                        UnderlayException.class, e -> assertThat(e.kind()).isEqualTo(UnderlayException.Kind.NO_ROUTE))
                .hasMessageContaining("ip route add 239.77.7.7 dev INTERFACE");
        near.socket().join(group, "uplink");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldReceiveAndSendByItsInterfaceOnly(boolean ipv6) throws Exception {
        UdpHost near = host("near", null, ipv6);
        UdpHost far = host("far", null, ipv6);
        UdpHost router = host("router", "far", ipv6);
        UnderlayPeer nearSide = UnderlayPeer.of(InetAddress.getByName(ipv6 ? "fd77:1::254" : "10.77.1.254"), PORT);
        UnderlayPeer farSide = UnderlayPeer.of(InetAddress.getByName(ipv6 ? "fd77:2::254" : "10.77.2.254"), PORT);
        assertThat(near.send(UdpHost.bytes(1, 100), nearSide)).isEqualTo(SendOutcome.SENT);
        assertThat(near.errors(1).get(0)).startsWith("refused " + nearSide.address());
        assertThat(far.send(UdpHost.bytes(2, 100), farSide)).isEqualTo(SendOutcome.SENT);
        List<UdpHost.Message> received = router.receive(1);
        assertThat(received).extracting(UdpHost.Message::bytes).containsExactly(UdpHost.bytes(2, 100));
        assertThat(router.send(UdpHost.bytes(3, 100), received.get(0).source())).isEqualTo(SendOutcome.SENT);
        assertThat(far.receive(1)).hasSize(1);
        UnderlayPeer nearHost = UnderlayPeer.of(InetAddress.getByName(ipv6 ? "fd77:1::1" : "10.77.1.1"), PORT);
        if (ipv6) {
            assertThat(router.send(UdpHost.bytes(4, 100), nearHost)).isEqualTo(SendOutcome.UNREACHABLE);
        } else {
            router.send(UdpHost.bytes(4, 100), nearHost); // IPv4 takes it for a neighbour there
        }
        assertThat(near.receiveNow()).isEmpty();
    }
}
