package io.weft.underlay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.underlay.UnderlayException.Kind;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * How every raw socket moves datagrams: between two underlays, which may be the same one, on a way with an MTU of 9,000.
 * Subclasses say what those are, and who has which address.
 */
public abstract class RawIpSocketContractTest {
    /** For experiments (RFC 3692); nobody else has it. */
    protected static final int PROTOCOL = 253;

    private static final int ANOTHER_PROTOCOL = 254;
    private static final int MTU = 9000;
    private static final long PATIENCE_NS = 10_000_000_000L;

    /** A datagram that came. */
    private record Received(byte[] bytes, UnderlayPeer from, UnderlayPeer to, int trafficClass, boolean reassembled) {}

    private final FramePool pool = new FramePool(4096, 256);
    private final List<UnderlaySocket> opened = new ArrayList<>();
    private final Frame[] landings = new Frame[8];

    /** A subclass's test. */
    protected RawIpSocketContractTest() {}

    /** Where sockets at {@link #address} are opened. */
    protected abstract Underlay one();

    /** Where sockets at {@link #otherAddress} are opened. */
    protected abstract Underlay other();

    /** The first one's address. */
    protected abstract InetAddress address(boolean ipv6);

    /** The second one's, another one. */
    protected abstract InetAddress otherAddress(boolean ipv6);

    // ---- sockets and datagrams ----

    @BeforeEach
    void own() {
        pool.own();
        Arrays.setAll(landings, i -> pool.allocate(Frame.MAX_LENGTH));
    }

    @AfterEach
    void close() {
        opened.forEach(UnderlaySocket::close);
        for (Frame landing : landings) {
            landing.release();
        }
        assertThat(pool.inUse()).as("frames not given back").isZero();
    }

    private static RawIpSettings settings(boolean ipv6) {
        return RawIpSettings.of(ipv6, PROTOCOL);
    }

    private UnderlaySocket one(boolean ipv6) throws UnderlayException {
        return one(settings(ipv6).bindTo(address(ipv6)));
    }

    private UnderlaySocket one(RawIpSettings settings) throws UnderlayException {
        opened.add(one().open(settings));
        return opened.get(opened.size() - 1);
    }

    private UnderlaySocket other(boolean ipv6) throws UnderlayException {
        return other(settings(ipv6).bindTo(otherAddress(ipv6)));
    }

    private UnderlaySocket other(RawIpSettings settings) throws UnderlayException {
        opened.add(other().open(settings));
        return opened.get(opened.size() - 1);
    }

    private static UnderlayPeer peer(InetAddress address) {
        return UnderlayPeer.of(address, 0);
    }

    private static InetAddress inet(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e); // an address, not a name
        }
    }

    /** A payload that shows its number, in every byte as far as it has any. */
    private static byte[] payload(int number, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (number * 31 + i * 7);
        }
        return bytes;
    }

    private List<SendOutcome> send(UnderlaySocket from, InetAddress to, byte[]... payloads) {
        UnderlaySender sender = from.newSender();
        List<Frame> frames = new ArrayList<>();
        for (byte[] payload : payloads) {
            frames.add(frame(payload));
            sender.add(frames.get(frames.size() - 1), peer(to), -1);
        }
        return flush(sender, frames);
    }

    private Frame frame(byte[] bytes) {
        Frame frame = pool.allocate(bytes.length);
        frame.putBytes(0, bytes, 0, bytes.length);
        return frame;
    }

    private static List<SendOutcome> flush(UnderlaySender sender, List<Frame> frames) {
        sender.flush();
        List<SendOutcome> outcomes =
                IntStream.range(0, sender.size()).mapToObj(sender::outcome).toList();
        sender.clear();
        frames.forEach(Frame::release);
        return outcomes;
    }

    /** What waits, with one call; none of the landings has moved. */
    private List<Received> poll(UnderlaySocket at) {
        UnderlayReceiver receiver = at.receiver();
        for (Frame landing : landings) {
            landing.length(7);
        }
        int count = Math.min(landings.length, receiver.capacity());
        int received = receiver.receive(landings, count);
        assertThat(receiver.failure()).as("errno").isZero();
        List<Received> all = new ArrayList<>();
        for (int i = 0; i < received; i++) {
            assertThat(receiver.isCut(i)).as("cut").isFalse();
            assertThat(receiver.segmentSize(i)).isZero();
            assertThat(receiver.sourcePort(i)).isZero();
            landings[i].length(receiver.length(i));
            all.add(new Received(
                    landings[i].toByteArray(),
                    new UnderlayPeer(receiver.sourceHigh(i), receiver.sourceLow(i), 0, 0),
                    new UnderlayPeer(receiver.destinationHigh(i), receiver.destinationLow(i), 0, 0),
                    receiver.trafficClass(i),
                    receiver.isReassembled(i)));
        }
        for (int i = 0; i < landings.length; i++) {
            assertThat(landings[i].headroom()).isEqualTo(Frame.HEADROOM);
            assertThat(i < received || landings[i].length() == 7)
                    .as("landing as it was")
                    .isTrue();
        }
        return all;
    }

    private List<Received> receive(UnderlaySocket at, int datagrams) {
        List<Received> all = new ArrayList<>();
        long end = System.nanoTime() + PATIENCE_NS;
        while (all.size() < datagrams && System.nanoTime() < end) {
            all.addAll(poll(at));
        }
        assertThat(all).as("datagrams received").hasSize(datagrams);
        return all;
    }

    private List<byte[]> payloads(UnderlaySocket at, int datagrams) {
        return receive(at, datagrams).stream().map(Received::bytes).toList();
    }

    private static List<String> errors(UnderlaySocket at) {
        List<String> told = new ArrayList<>();
        at.readErrors(new UnderlayErrorListener() {
            @Override
            public void unreachable(long high, long low, int port, boolean refused) {
                told.add((refused ? "refused " : "unreachable ") + UnderlayPeer.format(high, low) + " " + port);
            }

            @Override
            public void tooBig(long high, long low, int port, int mtu) {
                told.add("too big " + UnderlayPeer.format(high, low) + " " + port + " " + mtu);
            }
        });
        return told;
    }

    // ---- one datagram ----

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldTellWhereADatagramComesFromAndGoesTo(boolean ipv6) throws Exception {
        UnderlaySocket one = one(ipv6);
        UnderlaySocket other = other(ipv6);
        assertThat(one.local().getPort()).isZero();
        assertThat(one.local().getAddress()).isEqualTo(address(ipv6));
        assertThat(send(one, otherAddress(ipv6), payload(1, 100))).containsExactly(SendOutcome.SENT);
        Received received = receive(other, 1).get(0);
        assertThat(received.bytes()).isEqualTo(payload(1, 100));
        assertThat(received.from()).isEqualTo(peer(address(ipv6)));
        assertThat(received.to()).isEqualTo(peer(otherAddress(ipv6)));
        assertThat(received.reassembled()).isFalse();
        assertThat(poll(one)).isEmpty();
        assertThat(poll(other)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldReceiveAtAnyAddressAndAnswer(boolean ipv6) throws Exception {
        UnderlaySocket one = one(ipv6);
        UnderlaySocket any = other(settings(ipv6));
        assertThat(any.local().getAddress().isAnyLocalAddress()).isTrue();
        send(one, otherAddress(ipv6), payload(1, 100));
        Received received = receive(any, 1).get(0);
        assertThat(received.to()).isEqualTo(peer(otherAddress(ipv6)));
        assertThat(send(any, received.from().toSocketAddress().getAddress(), payload(2, 50)))
                .containsExactly(SendOutcome.SENT);
        assertThat(payloads(one, 1)).containsExactly(payload(2, 50));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldCarryTheShortestAndTheLongestInOrder(boolean ipv6) throws Exception {
        UnderlaySocket one = one(ipv6);
        UnderlaySocket other = other(ipv6);
        byte[] longest = payload(3, MTU - header(ipv6));
        byte[] empty = new byte[0];
        assertThat(send(one, otherAddress(ipv6), empty, payload(1, 1), longest, empty, payload(2, 60)))
                .containsOnly(SendOutcome.SENT);
        List<Received> received = receive(other, 5);
        assertThat(received)
                .extracting(Received::bytes)
                .containsExactly(empty, payload(1, 1), longest, empty, payload(2, 60));
        assertThat(received).noneMatch(Received::reassembled);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldKeepTheOrderOfMany(boolean ipv6) throws Exception {
        UnderlaySocket one = one(ipv6);
        UnderlaySocket other = other(ipv6);
        byte[][] payloads = new byte[200][];
        Arrays.setAll(payloads, i -> payload(i, i % 5 == 4 ? 200 + i : 700));
        assertThat(send(one, otherAddress(ipv6), payloads)).hasSize(200).containsOnly(SendOutcome.SENT);
        assertThat(payloads(other, payloads.length)).containsExactly(payloads);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldSetTheTrafficClassOfTheSocketOrTheDatagram(boolean ipv6) throws Exception {
        UnderlaySocket one = one(settings(ipv6).bindTo(address(ipv6)).header(64, 0x28, true));
        UnderlaySocket other = other(ipv6);
        UnderlaySender sender = one.newSender();
        List<Frame> frames = new ArrayList<>();
        for (int trafficClass : new int[] {-1, 0xb8, 0, 3, 0xff, -1}) {
            frames.add(frame(payload(1, 100)));
            sender.add(frames.get(frames.size() - 1), peer(otherAddress(ipv6)), trafficClass, 0xabcde);
        }
        assertThat(flush(sender, frames)).containsOnly(SendOutcome.SENT);
        assertThat(receive(other, 6)).extracting(Received::trafficClass).containsExactly(0x28, 0xb8, 0, 3, 0xff, 0x28);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldRefuseAPeerOfTheOtherFamilyOrWithAPort(boolean ipv6) throws Exception {
        UnderlaySender sender = one(ipv6).newSender();
        Frame frame = frame(payload(1, 100));
        UnderlayPeer wrong = peer(address(!ipv6));
        assertThatThrownBy(() -> sender.add(frame, wrong, -1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("peer is " + wrong)
                .hasMessageContaining("accepted");
        UnderlayPeer ported = UnderlayPeer.of(otherAddress(ipv6), 47);
        assertThatThrownBy(() -> sender.add(frame, ported, -1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("peer is " + ported)
                .hasMessageContaining("accepted: port 0");
        assertThat(sender.size()).isZero();
        frame.release();
    }

    // ---- length ----

    private static int header(boolean ipv6) {
        return ipv6 ? 40 : 20;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldRefuseWhatIsLongerThanTheWayAndSendTheRest(boolean ipv6) throws Exception {
        UnderlaySocket one = one(ipv6);
        UnderlaySocket other = other(ipv6);
        byte[] tooLong = payload(2, MTU - header(ipv6) + 1);
        byte[] longest = payload(4, Frame.MAX_LENGTH);
        assertThat(send(one, otherAddress(ipv6), payload(1, 100), tooLong, payload(3, 100), longest))
                .containsExactly(SendOutcome.SENT, SendOutcome.TOO_LONG, SendOutcome.SENT, SendOutcome.TOO_LONG);
        assertThat(payloads(other, 2)).containsExactly(payload(1, 100), payload(3, 100));
        assertThat(errors(one))
                .isNotEmpty()
                .allMatch(error -> error.startsWith("too big ") && error.endsWith(" " + MTU));
    }

    /** The length in IPv6's header leaves that out; the one in IPv4's counts it. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldFragmentWhereThatIsAllowed(boolean ipv6) throws Exception {
        UnderlaySocket one = one(settings(ipv6).bindTo(address(ipv6)).header(64, 0, false));
        UnderlaySocket other = other(ipv6);
        byte[] fitting = payload(1, MTU - header(ipv6));
        byte[] longer = payload(2, MTU - header(ipv6) + 1);
        byte[] longest = payload(3, ipv6 ? 65_535 : 65_535 - header(false));
        assertThat(send(one, otherAddress(ipv6), longest, fitting, longer)).containsOnly(SendOutcome.SENT);
        List<Received> received = receive(other, 3);
        assertThat(received).extracting(Received::bytes).containsExactly(longest, fitting, longer);
        assertThat(received).extracting(Received::reassembled).containsExactly(true, false, true);
        if (!ipv6) {
            assertThat(send(one, otherAddress(false), payload(4, 65_516))).containsExactly(SendOutcome.TOO_LONG);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldKnowTheWay(boolean ipv6) throws Exception {
        UnderlaySocket one = one(settings(ipv6).bindTo(null));
        assertThat(one.pathMtu(peer(otherAddress(ipv6)))).isEqualTo(MTU);
        assertThat(one(ipv6).sourceFor(peer(otherAddress(ipv6)))).isEqualTo(address(ipv6));
    }

    // ---- who gets what ----

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldGiveEachSocketOfAProtocolAndAddressACopy(boolean ipv6) throws Exception {
        UnderlaySocket one = one(ipv6);
        UnderlaySocket first = other(ipv6);
        UnderlaySocket second = other(ipv6);
        UnderlaySocket any = other(settings(ipv6));
        UnderlaySocket another = other(RawIpSettings.of(ipv6, ANOTHER_PROTOCOL));
        byte[][] payloads = {payload(1, 100), payload(2, 2000), payload(3, 0)};
        send(one, otherAddress(ipv6), payloads);
        for (UnderlaySocket at : List.of(first, second, any)) {
            assertThat(payloads(at, 3)).containsExactly(payloads);
        }
        assertThat(poll(another)).isEmpty();
        assertThat(poll(one)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldReceiveFromThePeersThatItIsToldOf(boolean ipv6) throws Exception {
        UnderlaySocket one = one(ipv6);
        UnderlaySocket other = other(ipv6);
        UnderlayPeer stranger = peer(inet(ipv6 ? "2001:db8::77" : "198.51.100.77"));
        UnderlayPeer ofTheOtherFamily = peer(address(!ipv6));
        List<UnderlayPeer> many = new ArrayList<>();
        for (int i = 0; i < 63; i++) {
            many.add(
                    ipv6 ? new UnderlayPeer(stranger.high(), 1000 + i, 0, 0) : UnderlayPeer.ofIpv4(0xc633_6400 + i, 0));
        }
        InetAddress to = otherAddress(ipv6);
        List<List<UnderlayPeer>> closed = List.of(List.of(), List.of(stranger, ofTheOtherFamily), many);
        for (List<UnderlayPeer> sources : closed) {
            other.receiveFrom(sources);
            assertThat(send(one, to, payload(1, 100))).containsExactly(SendOutcome.SENT);
            assertThat(poll(other)).isEmpty();
        }
        many.add(UnderlayPeer.of(address(ipv6), 99));
        List<List<UnderlayPeer>> open = new ArrayList<>();
        open.add(List.of(peer(address(ipv6))));
        open.add(many);
        open.add(null);
        for (List<UnderlayPeer> sources : open) {
            other.receiveFrom(List.of());
            send(one, to, payload(2, 100));
            other.receiveFrom(sources);
            send(one, to, payload(3, 3000));
            assertThat(payloads(other, 1)).containsExactly(payload(3, 3000));
        }
        assertThat(other.receiver().takeOverflow()).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldTellThatThePeerHasNoSuchProtocolAndGoOn(boolean ipv6) throws Exception {
        UnderlaySocket one = one(ipv6);
        UnderlaySocket gone = other(ipv6);
        gone.close();
        InetAddress to = otherAddress(ipv6);
        assertThat(send(one, to, payload(1, 100))).containsExactly(SendOutcome.SENT);
        assertThat(poll(one)).isEmpty(); // an error that waits is no failure to receive
        assertThat(errors(one))
                .containsExactly("refused " + UnderlayPeer.format(peer(to).high(), peer(to).low()) + " 0");
        assertThat(errors(one)).isEmpty();
        send(one, to, payload(2, 100), payload(2, 200));
        UnderlaySocket other = other(ipv6);
        assertThat(send(one, to, payload(3, 100), payload(4, 100))).containsOnly(SendOutcome.SENT);
        assertThat(payloads(other, 2)).containsExactly(payload(3, 100), payload(4, 100));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldCountWhatThereIsNoRoomFor(boolean ipv6) throws Exception {
        UnderlaySocket one = one(ipv6);
        UnderlaySocket other = other(settings(ipv6).bindTo(otherAddress(ipv6)).buffers(8192, 0));
        int sent = 100;
        for (int i = 0; i < sent; i++) {
            send(one, otherAddress(ipv6), payload(i, 1000));
        }
        int received = 0;
        for (List<Received> some = poll(other); !some.isEmpty(); some = poll(other)) {
            received += some.size();
        }
        assertThat(received).isBetween(1, sent - 1);
        assertThat(other.receiver().takeOverflow()).isEqualTo(sent - received);
        assertThat(other.receiver().takeOverflow()).isZero();
    }

    // ---- opening and closing ----

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldSayWhyItCannotBeOpened(boolean ipv6) {
        InetAddress elsewhere = inet(ipv6 ? "2001:db8::77" : "198.51.100.77");
        assertRefused(Kind.NO_SUCH_ADDRESS, settings(ipv6).bindTo(elsewhere));
        assertRefused(Kind.NO_SUCH_INTERFACE, settings(ipv6).in(null, "weft-none"));
        assertRefused(Kind.NO_NAMESPACE, settings(ipv6).in("weft-none", null));
    }

    private void assertRefused(Kind kind, RawIpSettings settings) {
        assertThatThrownBy(() -> opened.add(one().open(settings)))
                .isInstanceOfSatisfying(
                        UnderlayException.class,
                        e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldSayThatItIsClosedAndNotThrow(boolean ipv6) throws Exception {
        UnderlaySocket one = one(ipv6);
        UnderlaySocket other = other(ipv6);
        one.close();
        one.close();
        one.receiveFrom(List.of());
        assertThat(send(one, otherAddress(ipv6), payload(1, 100))).containsExactly(SendOutcome.FAILED);
        assertThat(one.receiver().receive(landings, 1)).isZero();
        assertThat(one.receiver().failure()).isNotZero();
        assertThat(poll(other)).isEmpty();
    }
}
