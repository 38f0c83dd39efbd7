package io.weft.underlay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.underlay.UnderlayException.Kind;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a {@link MemoryNetwork} does with raw sockets. */
class MemoryRawIpTest {
    private static final int GRE = RawIpSettings.GRE;
    private static final int OTHER_PROTOCOL = 143;

    private final MemoryNetwork network = new MemoryNetwork();
    private final FramePool pool = new FramePool(4096, 64);
    private final List<MemoryDatagram> sent = new ArrayList<>();
    private final InetAddress[] ones = {address("192.0.2.1"), address("2001:db8::1")};
    private final InetAddress[] others = {address("192.0.2.2"), address("2001:db8::2")};
    private final InetAddress secondAddress = address("192.0.2.3");
    private final MemoryHost oneHost = network.host(ones);
    private final MemoryHost otherHost = network.host(others[0], others[1], secondAddress);
    private final UnderlayPeer toOther = peer(others[0]);

    /** A datagram as a receiver tells it. */
    private record Received(byte[] bytes, UnderlayPeer from, UnderlayPeer to, boolean isReassembled) {}

    /** What {@link UnderlaySocket#readErrors} tells. */
    private static final class Told implements UnderlayErrorListener {
        private final List<String> all = new ArrayList<>();

        @Override
        public void unreachable(long high, long low, int port, boolean refused) {
            all.add(new UnderlayPeer(high, low, 0, port) + (refused ? " refused" : " unreachable"));
        }

        @Override
        public void tooBig(long high, long low, int port, int mtu) {
            all.add(new UnderlayPeer(high, low, 0, port) + " mtu " + mtu);
        }
    }

    @BeforeEach
    void watch() {
        network.observe(sent::add);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldTellWhereADatagramComesFromAndGoesTo(boolean ipv6) throws Exception {
        MemorySocket one = oneHost.open(RawIpSettings.of(ipv6, GRE));
        MemorySocket other = otherHost.open(RawIpSettings.of(ipv6, GRE));
        UnderlayPeer from = peer(ones[ipv6 ? 1 : 0]);
        UnderlayPeer to = peer(others[ipv6 ? 1 : 0]);
        assertThat(one.local().getPort()).isZero();
        UnderlaySender sender = one.newSender();
        sender.add(frame(bytes(7, 100)), to, 0xb8, 0x12345);
        sender.flush();
        assertThat(sender.outcome(0)).isEqualTo(SendOutcome.SENT);
        assertThat(receive(other)).singleElement().satisfies(received -> {
            assertThat(received.bytes).isEqualTo(bytes(7, 100));
            assertThat(received.from).isEqualTo(from);
            assertThat(received.to).isEqualTo(to);
            assertThat(received.isReassembled).isFalse();
        });
        assertThat(other.receiver().trafficClass(0)).isEqualTo(0xb8);
        assertThat(other.receiver().segmentSize(0)).isZero();
        assertThat(sent).singleElement().satisfies(datagram -> {
            assertThat(datagram.protocol()).isEqualTo(GRE);
            assertThat(datagram.flowLabel()).isEqualTo(ipv6 ? 0x12345 : 0);
            assertThat(datagram.dontFragment()).isTrue();
            assertThat(datagram).hasToString("100 bytes of protocol 47 from " + from.address() + " to " + to.address());
        });
    }

    @Test
    void shouldGiveEverySocketOfTheAddressAndProtocolACopy() throws Exception {
        MemorySocket one = oneHost.open(RawIpSettings.of(false, GRE));
        MemorySocket any = otherHost.open(RawIpSettings.of(false, GRE));
        MemorySocket bound = otherHost.open(RawIpSettings.of(false, GRE).bindTo(others[0]));
        MemorySocket elsewhere = otherHost.open(RawIpSettings.of(false, GRE).bindTo(secondAddress));
        MemorySocket stranger = otherHost.open(RawIpSettings.of(false, OTHER_PROTOCOL));
        MemorySocket ipv6 = otherHost.open(RawIpSettings.of(true, GRE));
        send(one, toOther, bytes(1, 10));
        send(one, peer(secondAddress), bytes(2, 10));
        assertThat(numbers(any)).containsExactly(1, 2);
        assertThat(numbers(bound)).containsExactly(1);
        assertThat(numbers(elsewhere)).containsExactly(2);
        assertThat(numbers(stranger)).isEmpty();
        assertThat(numbers(ipv6)).isEmpty();
        assertThat(numbers(one)).isEmpty();
    }

    /** A run of equal datagrams comes one by one, and a frame's first byte stays where it is, though Linux puts the IP header before it. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldReceiveDatagramsOneByOneBehindTheIpHeader(boolean ipv6) throws Exception {
        MemorySocket one = oneHost.open(RawIpSettings.of(ipv6, GRE));
        MemorySocket other = otherHost.open(RawIpSettings.of(ipv6, GRE));
        send(one, peer(others[ipv6 ? 1 : 0]), bytes(1, 50), bytes(2, 50), bytes(3, 50));
        Frame landing = pool.allocate(Frame.MAX_LENGTH);
        int headroom = landing.headroom();
        assertThat(other.receiver().receive(new Frame[] {landing}, 1)).isEqualTo(1);
        assertThat(landing.headroom() - headroom).isZero();
        landing.length(other.receiver().length(0));
        assertThat(landing.toByteArray()).isEqualTo(bytes(1, 50));
        assertThat(numbers(other)).containsExactly(2, 3);
    }

    @Test
    void shouldReceiveFromSomeOnlyAndCountTheRestNowhere() throws Exception {
        MemoryHost third = network.host(address("192.0.2.9"));
        MemorySocket one = oneHost.open(RawIpSettings.of(false, GRE));
        MemorySocket unwanted = third.open(RawIpSettings.of(false, GRE));
        MemorySocket other = otherHost.open(RawIpSettings.of(false, GRE));
        other.receiveFrom(List.of(UnderlayPeer.of(ones[0], 4789)));
        network.queueLimit(1);
        send(one, toOther, bytes(1, 10));
        send(unwanted, toOther, bytes(2, 10));
        network.inject(GRE, bytes(3, 10), peer(address("192.0.2.9")), toOther);
        assertThat(numbers(other)).containsExactly(1);
        assertThat(other.receiver().takeOverflow()).isZero();
        assertThat(network.discarded() + network.overflowed() + network.lost()).isZero();
        Told told = new Told();
        unwanted.readErrors(told); // there is a socket, and what it does with the datagram is its own business
        assertThat(told.all).isEmpty();

        other.receiveFrom(List.of());
        send(one, toOther, bytes(4, 10));
        assertThat(numbers(other)).isEmpty();
        other.receiveFrom(null);
        send(unwanted, toOther, bytes(5, 10));
        assertThat(numbers(other)).containsExactly(5);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldTellAllSocketsOfTheProtocolThatNobodyListens(boolean ipv6) throws Exception {
        int family = ipv6 ? 1 : 0;
        MemorySocket one = oneHost.open(RawIpSettings.of(ipv6, GRE));
        MemorySocket sibling = oneHost.open(RawIpSettings.of(ipv6, GRE).bindTo(ones[family]));
        MemorySocket stranger = oneHost.open(RawIpSettings.of(ipv6, OTHER_PROTOCOL));
        List<String> woken = new ArrayList<>();
        one.onReadable(() -> woken.add("one"));
        otherHost.open(RawIpSettings.of(ipv6, OTHER_PROTOCOL));
        assertThat(send(one, peer(others[family]), bytes(1, 10))).containsExactly(SendOutcome.SENT);
        assertThat(woken).containsExactly("one");
        assertThat(network.discarded()).isEqualTo(1);
        String refused = peer(others[family]) + " refused";
        assertThat(errors(one)).containsExactly(refused);
        assertThat(errors(one)).isEmpty();
        assertThat(errors(sibling)).containsExactly(refused);
        assertThat(errors(stranger)).isEmpty();
    }

    /** The longest payload is the MTU without an IP header. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldRefuseWhatIsLongerThanThePath(boolean ipv6) throws Exception {
        int family = ipv6 ? 1 : 0;
        int longest = 1400 - (ipv6 ? 40 : 20);
        network.pathMtu(ones[family], others[family], 1400);
        MemorySocket one = oneHost.open(RawIpSettings.of(ipv6, GRE));
        MemorySocket other = otherHost.open(RawIpSettings.of(ipv6, GRE));
        UnderlayPeer to = peer(others[family]);
        assertThat(one.pathMtu(to)).isEqualTo(1400);
        assertThat(send(one, to, bytes(1, longest), bytes(2, longest + 1)))
                .containsExactly(SendOutcome.SENT, SendOutcome.TOO_LONG);
        assertThat(numbers(other)).containsExactly(1);
        assertThat(errors(one)).containsExactly(to + " mtu 1400");
    }

    @Test
    void shouldLearnARoutersMtuFromItsAnswer() throws Exception {
        network.routerMtu(ones[0], others[0], 1280);
        MemorySocket one = oneHost.open(RawIpSettings.of(false, GRE));
        MemorySocket other = otherHost.open(RawIpSettings.of(false, GRE));
        assertThat(send(one, toOther, bytes(1, 1261))).containsExactly(SendOutcome.SENT);
        assertThat(numbers(other)).isEmpty();
        assertThat(errors(one)).containsExactly(toOther + " mtu 1280");
        assertThat(send(one, toOther, bytes(2, 1261), bytes(3, 1260)))
                .containsExactly(SendOutcome.TOO_LONG, SendOutcome.SENT);
        assertThat(numbers(other)).containsExactly(3);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldTellWhatCameInFragments(boolean ipv6) throws Exception {
        int family = ipv6 ? 1 : 0;
        int fits = 1500 - (ipv6 ? 40 : 20);
        MemorySocket one = oneHost.open(RawIpSettings.of(ipv6, GRE).header(64, 0, false));
        MemorySocket other = otherHost.open(RawIpSettings.of(ipv6, GRE));
        UnderlayPeer to = peer(others[family]);
        send(one, to, bytes(1, fits), bytes(2, fits + 1), bytes(3, 65_515));
        List<Received> whole = receive(other);
        assertThat(whole).extracting(Received::isReassembled).containsExactly(false, true, true);
        assertThat(whole).extracting(received -> received.bytes.length).containsExactly(fits, fits + 1, 65_515);
        if (!ipv6) {
            assertThat(send(one, to, bytes(4, 65_516))).containsExactly(SendOutcome.TOO_LONG);
            network.routerMtu(ones[0], others[0], 1400);
            send(one, to, bytes(5, fits));
            assertThat(receive(other)).extracting(Received::isReassembled).containsExactly(true);
        }
    }

    @Test
    void shouldImpairLimitAndInject() throws Exception {
        MemorySocket one = oneHost.open(RawIpSettings.of(false, GRE));
        MemorySocket other = otherHost.open(RawIpSettings.of(false, GRE).buffers(250, 0));
        network.impair(1, 1, 0, 0);
        send(one, toOther, bytes(1, 100));
        assertThat(network.lost()).isEqualTo(1);
        network.impair(1, 0, 1, 0);
        send(one, toOther, bytes(2, 100), bytes(3, 100));
        assertThat(numbers(other)).containsExactly(2, 2);
        assertThat(other.receiver().takeOverflow()).isEqualTo(2);
        network.impair(1, 0, 0, 0);
        sent.clear();
        UnderlayPeer stranger = UnderlayPeer.ofIpv4(0xc6336401, 0);
        network.inject(GRE, bytes(4, 20), stranger, toOther);
        network.inject(OTHER_PROTOCOL, bytes(5, 20), stranger, toOther);
        network.inject(MemoryDatagram.of(GRE, bytes(6, 20), stranger, toOther).inFragments());
        assertThat(sent).hasSize(3);
        assertThat(network.discarded()).isEqualTo(1);
        List<Received> received = receive(other);
        assertThat(received).extracting(Received::from).containsExactly(stranger, stranger);
        assertThat(received).extracting(Received::isReassembled).containsExactly(false, true);
    }

    @Test
    void shouldLeaveUdpAlone() throws Exception {
        MemorySocket udp = otherHost.open(UdpSettings.ipv4().bindTo(null, 4789));
        MemorySocket raw = otherHost.open(RawIpSettings.of(false, GRE));
        MemorySocket one = oneHost.open(RawIpSettings.of(false, GRE));
        MemorySocket oneUdp = oneHost.open(UdpSettings.ipv4());
        send(one, toOther, bytes(1, 10));
        send(oneUdp, UnderlayPeer.of(others[0], 4789), bytes(2, 10));
        assertThat(numbers(raw)).containsExactly(1);
        assertThat(numbers(udp)).containsExactly(2);
    }

    @Test
    void shouldRefuseWhatAHostHasNot() {
        assertRefused(Kind.NO_SUCH_ADDRESS, RawIpSettings.of(false, GRE).bindTo(others[0]));
        assertRefused(Kind.NO_SUCH_INTERFACE, RawIpSettings.of(false, GRE).in(null, "eth9"));
        assertRefused(Kind.NO_NAMESPACE, RawIpSettings.of(false, GRE).in("none", null));
        assertRefused(Kind.UNSUPPORTED, RawIpSettings.of(false, MemoryDatagram.UDP));
        oneHost.refuseOpens(Kind.NO_PERMISSION);
        assertRefused(Kind.NO_PERMISSION, RawIpSettings.of(false, GRE));
        assertThat(oneHost.sockets()).isEmpty();
    }

    // ---- sending and receiving ----

    private void assertRefused(Kind kind, RawIpSettings settings) {
        assertThatThrownBy(() -> oneHost.open(settings))
                .isInstanceOfSatisfying(
                        UnderlayException.class, e -> assertThat(e.kind()).isEqualTo(kind));
    }

    private static InetAddress address(String literal) {
        return UdpContract.inet(literal);
    }

    private static UnderlayPeer peer(InetAddress address) {
        return UnderlayPeer.of(address, 0);
    }

    /** A payload whose bytes are its number. */
    private static byte[] bytes(int number, int length) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) number);
        return bytes;
    }

    private Frame frame(byte[] bytes) {
        Frame frame = pool.allocate(bytes.length);
        frame.putBytes(0, bytes, 0, bytes.length);
        return frame;
    }

    private List<SendOutcome> send(UnderlaySocket from, UnderlayPeer to, byte[]... payloads) {
        UnderlaySender sender = from.newSender();
        List<Frame> frames = Arrays.stream(payloads).map(this::frame).toList();
        frames.forEach(frame -> sender.add(frame, to, -1));
        sender.flush();
        frames.forEach(Frame::release);
        return UdpContract.outcomes(sender);
    }

    private static List<String> errors(UnderlaySocket at) {
        Told told = new Told();
        at.readErrors(told);
        return told.all;
    }

    private List<Integer> numbers(UnderlaySocket at) {
        return receive(at).stream().map(received -> (int) received.bytes[0]).toList();
    }

    private List<Received> receive(UnderlaySocket at) {
        List<Received> all = new ArrayList<>();
        UnderlayReceiver receiver = at.receiver();
        Frame[] landings = {pool.allocate(Frame.MAX_LENGTH)};
        while (receiver.receive(landings, 1) == 1) {
            assertThat(receiver.isCut(0)).isFalse();
            landings[0].length(receiver.length(0));
            all.add(new Received(
                    landings[0].toByteArray(),
                    new UnderlayPeer(receiver.sourceHigh(0), receiver.sourceLow(0), 0, receiver.sourcePort(0)),
                    new UnderlayPeer(receiver.destinationHigh(0), receiver.destinationLow(0), 0, 0),
                    receiver.isReassembled(0)));
            landings[0].release();
            landings[0] = pool.allocate(Frame.MAX_LENGTH);
        }
        landings[0].release();
        return all;
    }
}
