package io.weft.underlay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.frame.FramePool;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the kernel's sockets make of a way with a narrow part, and of one that is cut. */
class NativeUdpPathIT {
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

    private static InetAddress address(String host, boolean ipv6) throws UnknownHostException {
        int number = host.equals("near") ? 1 : 2;
        return InetAddress.getByName(ipv6 ? "fd77:" + number + "::1" : "10.77." + number + ".1");
    }

    private UdpSettings settings(String host, boolean ipv6) throws UnknownHostException {
        UdpSettings settings = ipv6 ? UdpSettings.ipv6Only() : UdpSettings.ipv4();
        return settings.bindTo(address(host, ipv6), 0).in(network.name(host), null);
    }

    private UdpHost host(UdpSettings settings) throws UnderlayException {
        UdpHost host = new UdpHost(pool, Underlay.SYSTEM.open(settings));
        hosts.add(host);
        return host;
    }

    private static String text(UnderlayPeer peer) {
        return peer.address() + " " + peer.port();
    }

    private static int payload(int mtu, boolean ipv6) {
        return mtu - (ipv6 ? 48 : 28);
    }

    // ---- MTU ----

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldLearnThatAWayIsNarrower(boolean ipv6) throws Exception {
        UdpHost near = host(settings("near", ipv6));
        UdpHost far = host(settings("far", ipv6));
        UnderlayPeer to = far.peer();
        byte[] fitting = UdpHost.bytes(1, payload(TestNetwork.NARROW_MTU, ipv6));
        byte[] tooLong = UdpHost.bytes(2, payload(TestNetwork.NARROW_MTU, ipv6) + 1);
        assertThat(near.socket().pathMtu(to)).isEqualTo(TestNetwork.WIDE_MTU);
        assertThat(near.send(UdpHost.bytes(3, payload(TestNetwork.WIDE_MTU, ipv6) + 1), to))
                .isEqualTo(SendOutcome.TOO_LONG);
        assertThat(near.errors(1)).allMatch(error -> error.startsWith("tooBig " + to.address() + " "));

        assertThat(near.send(tooLong, to)).isEqualTo(SendOutcome.SENT); // nobody knows it yet
        assertThat(near.errors(1)).containsExactly("tooBig " + text(to) + " mtu " + TestNetwork.NARROW_MTU);
        assertThat(near.socket().pathMtu(to)).isEqualTo(TestNetwork.NARROW_MTU);
        assertThat(near.send(tooLong, to)).isEqualTo(SendOutcome.TOO_LONG);
        assertThat(near.errors(1)).allMatch(error -> error.endsWith(" mtu " + TestNetwork.NARROW_MTU));
        assertThat(near.send(fitting, to)).isEqualTo(SendOutcome.SENT);
        assertThat(far.receive(1).get(0).bytes()).isEqualTo(fitting);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldSendWhatFitsOfARunThatDoesNot(boolean ipv6) throws Exception {
        UdpHost near = host(settings("near", ipv6));
        UdpHost far = host(settings("far", ipv6));
        UnderlayPeer to = far.peer();
        near.send(UdpHost.bytes(1, 1400), to);
        near.errors(1); // the narrow part is known now
        for (int i = 0; i < 20; i++) {
            near.add(UdpHost.bytes(i, i < 19 ? 1400 : 1000), to);
        }
        near.add(UdpHost.bytes(20, 1100), to);
        List<SendOutcome> expected = new ArrayList<>(Collections.nCopies(19, SendOutcome.TOO_LONG));
        expected.add(SendOutcome.SENT);
        expected.add(SendOutcome.SENT);
        assertThat(near.flush()).isEqualTo(expected);
        List<UdpHost.Message> received = far.receive(2);
        assertThat(received.get(0).bytes()).isEqualTo(UdpHost.bytes(19, 1000));
        assertThat(received.get(1).bytes()).isEqualTo(UdpHost.bytes(20, 1100));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldFragmentWhereThatIsAllowed(boolean ipv6) throws Exception {
        UdpHost near = host(settings("near", ipv6).header(64, 0, false));
        UdpHost far = host(settings("far", ipv6));
        List<byte[]> expected = new ArrayList<>();
        if (ipv6) {
            near.send(UdpHost.bytes(1, 1400), far.peer()); // routers do not fragment IPv6: the sender must know
            near.errors(1);
        }
        for (int i = 0; i < 4; i++) {
            byte[] bytes = UdpHost.bytes(i, 3000);
            expected.add(bytes);
            near.add(bytes, far.peer());
        }
        assertThat(near.flush()).containsOnly(SendOutcome.SENT);
        List<UdpHost.Message> received = far.receive(4);
        assertThat(received.stream().map(UdpHost.Message::bytes).toList())
                .usingRecursiveComparison()
                .isEqualTo(expected);
        assertThat(received).allMatch(UdpHost.Message::reassembled);
    }

    // ---- the header ----

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldWriteTheHeaderThatIsAskedFor(boolean ipv6) throws Exception {
        UdpHost near = host(settings("near", ipv6).header(17, 0x28, true).checksums(false, false));
        UdpHost far = host(settings("far", ipv6).checksums(true, true));
        UdpHost plain = host(settings("near", ipv6).header(64, 0, false));
        try (WireTap tap = new WireTap(network.name("router"), "near")) {
            near.add(UdpHost.bytes(1, 100), far.peer());
            near.add(UdpHost.bytes(2, 100), far.peer(), 0xbb);
            assertThat(near.flush()).containsOnly(SendOutcome.SENT);
            assertThat(plain.send(UdpHost.bytes(3, 100), far.peer())).isEqualTo(SendOutcome.SENT);
            far.receive(3);
            List<ByteBuffer> seen = tap.datagrams(far.peer().port());
            assertThat(seen).hasSize(3);
            assertHeader(seen.get(0), 17, 0x28, true, false);
            assertHeader(seen.get(1), 17, 0xbb, true, false);
            assertHeader(seen.get(2), 64, 0, false, true);
        }
    }

    private static void assertHeader(
            ByteBuffer packet, int ttl, int trafficClass, boolean dontFragment, boolean checksum) {
        boolean ipv6 = packet.get(0) >>> 4 == 6;
        assertThat(packet.get(ipv6 ? 7 : 8)).isEqualTo((byte) ttl);
        assertThat(ipv6 ? packet.getShort(0) >>> 4 & 0xff : packet.get(1) & 0xff)
                .isEqualTo(trafficClass);
        if (!ipv6) {
            assertThat((packet.get(6) & 0x40) != 0).isEqualTo(dontFragment);
        }
        assertThat(WireTap.udp(packet).getShort(6) != 0).isEqualTo(checksum);
    }

    @Test
    void shouldNotReceiveOverIpv6WithoutAChecksumUnlessAskedTo() throws Exception {
        UdpHost near = host(settings("near", true).checksums(false, false));
        UdpHost strict = host(settings("far", true));
        UdpHost lenient = host(settings("far", true).checksums(true, true));
        near.add(UdpHost.bytes(1, 100), strict.peer());
        near.add(UdpHost.bytes(2, 100), lenient.peer());
        near.flush();
        assertThat(lenient.receive(1)).hasSize(1); // which was sent later
        assertThat(strict.receiveNow()).isEmpty();
    }

    // ---- ways that end ----

    @Test
    void shouldGoOnWhenItsInterfaceWasDown() throws Exception {
        UdpHost near = host(settings("near", false));
        UdpHost far = host(settings("far", false));
        UnderlayPeer to = far.peer();
        assertThat(near.send(UdpHost.bytes(1, 10), to)).isEqualTo(SendOutcome.SENT);
        network.in("near", "ip link set uplink down");
        assertThat(near.send(UdpHost.bytes(2, 10), to)).isEqualTo(SendOutcome.UNREACHABLE);
        assertThatThrownBy(() -> near.socket().pathMtu(to))
                .isInstanceOfSatisfying(
                        UnderlayException.class, e -> assertThat(e.kind()).isEqualTo(UnderlayException.Kind.NO_ROUTE))
                .hasMessageContaining("no route to 10.77.2.1")
                .hasMessageContaining("ip route get 10.77.2.1");
        network.in("near", "ip link set uplink up");
        network.in("near", "ip route replace default via 10.77.1.254"); // which went with it
        near.receiveNow();
        assertThat(near.socket().pathMtu(to)).isEqualTo(TestNetwork.WIDE_MTU);
        assertThat(near.send(UdpHost.bytes(3, 10), to)).isEqualTo(SendOutcome.SENT);
        List<UdpHost.Message> received = far.receive(2);
        assertThat(received.get(1).bytes()).isEqualTo(UdpHost.bytes(3, 10));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldTellThatAHostDoesNotAnswerAndSendToOthersMeanwhile(boolean ipv6) throws Exception {
        UdpHost near = host(settings("near", ipv6));
        UdpHost far = host(settings("far", ipv6));
        near.send(UdpHost.bytes(0, 10), far.peer());
        far.receive(1); // the router knows it now, and may be hasty with the other
        network.in(
                "router",
                "sysctl -q -w net.ipv4.neigh.far.mcast_solicit=1 net.ipv4.neigh.far.retrans_time_ms=20"
                        + " net.ipv6.neigh.far.mcast_solicit=1 net.ipv6.neigh.far.retrans_time_ms=20");
        UnderlayPeer nobody = UnderlayPeer.of(InetAddress.getByName(ipv6 ? "fd77:2::99" : "10.77.2.99"), 4789);
        assertThat(near.send(UdpHost.bytes(1, 10), nobody)).isEqualTo(SendOutcome.SENT);
        while (!near.isReady(100)) {
            assertThat(near.send(UdpHost.bytes(2, 10), far.peer())).isEqualTo(SendOutcome.SENT);
        }
        // The answer is pending: the next call is told of it, and is to do its work nevertheless.
        assertThat(near.send(UdpHost.bytes(3, 10), far.peer())).isEqualTo(SendOutcome.SENT);
        assertThat(near.errors(1)).containsExactly("unreachable " + text(nobody));
        List<byte[]> received = new ArrayList<>();
        while (received.stream().noneMatch(bytes -> Arrays.equals(bytes, UdpHost.bytes(3, 10)))) {
            far.receive(1).forEach(message -> received.addAll(message.datagrams()));
        }
    }

    /** What waits for a neighbour's address takes room of the send buffer. */
    @Test
    void shouldSayThatThereIsNoRoom() throws Exception {
        UdpHost near = host(settings("near", false).buffers(0, 16_384));
        UdpHost far = host(settings("far", false));
        UnderlayPeer nobody = UnderlayPeer.of(InetAddress.getByName("10.77.1.99"), 4789);
        for (int i = 0; i < 100; i++) {
            near.add(UdpHost.bytes(i, 1400 - i), nobody);
        }
        List<SendOutcome> outcomes = near.flush();
        int sent = outcomes.indexOf(SendOutcome.QUEUE_FULL);
        assertThat(sent).isBetween(1, 99);
        assertThat(outcomes.subList(0, sent)).containsOnly(SendOutcome.SENT);
        assertThat(outcomes.subList(sent, 100)).containsOnly(SendOutcome.QUEUE_FULL);
        network.in("near", "ip neigh replace 10.77.1.99 lladdr 02:00:00:00:00:99 dev uplink"); // they leave
        assertThat(near.send(UdpHost.bytes(1, 10), far.peer())).isEqualTo(SendOutcome.SENT);
        assertThat(far.receive(1)).hasSize(1);
    }

    @Test
    void shouldKnowTheAddressesOfTheHostItIsIn() throws Exception {
        UdpHost near = host(UdpSettings.ipv4().in(network.name("near"), "uplink"));
        assertThat(near.socket().sourceFor(UnderlayPeer.of(address("far", false), 1)))
                .isEqualTo(address("near", false));
        network.in("near", "ip route del default");
        assertThat(near.socket().sourceFor(UnderlayPeer.of(address("far", false), 1)))
                .isNull();
    }
}
