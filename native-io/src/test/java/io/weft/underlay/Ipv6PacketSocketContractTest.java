package io.weft.underlay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.frame.IpPrefix;
import io.weft.underlay.UnderlayException.Kind;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * How every socket for whole IPv6 packets moves them: from one host to another on a way with an MTU of 1,500. The first has the address {@link
 * #ADDRESS}, the other {@link #OTHER_ADDRESS}; addresses of {@link #LOCATOR} lead to the first, those of {@link #OTHER_LOCATOR} to the
 * other, and are none of theirs.
 */
public abstract class Ipv6PacketSocketContractTest {
    /** The first one's address. */
    protected static final String ADDRESS = "fd78::1";

    /** The second one's. */
    protected static final String OTHER_ADDRESS = "fd78::2";

    /** What leads to the first one besides. */
    protected static final String LOCATOR = "fc78:1::/32";

    /** What leads to the second one besides. */
    protected static final String OTHER_LOCATOR = "fc78:2::/32";

    private static final String SID = "fc78:2:0:d2::7";
    private static final int MTU = 1500;
    private static final int EXPERIMENTAL = 253; // a next header for experiments (RFC 3692)
    private static final int ETHERNET = 143;
    private static final long PATIENCE_NS = 10_000_000_000L;

    /** A packet that came, and what was told about it. */
    private record Received(byte[] bytes, UnderlayPeer from, UnderlayPeer to, int trafficClass) {}

    private final FramePool pool = new FramePool(4096, 256);
    private final List<UnderlaySocket> opened = new ArrayList<>();
    private final Frame[] landings = new Frame[8];

    /** A subclass's test. */
    protected Ipv6PacketSocketContractTest() {}

    /** Where the first one's sockets are opened. */
    protected abstract Underlay one();

    /** Where the second one's are. */
    protected abstract Underlay other();

    /** The second one's address as a neighbour of the first. */
    protected abstract UnderlayPeer neighbour();

    // ---- sockets and packets ----

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

    private UnderlaySocket sender() throws UnderlayException {
        opened.add(one().open(Ipv6PacketSettings.sending()));
        return opened.get(opened.size() - 1);
    }

    private UnderlaySocket receiver(String... prefixes) throws UnderlayException {
        opened.add(other().open(Ipv6PacketSettings.of(prefixes(prefixes))));
        return opened.get(opened.size() - 1);
    }

    private static List<IpPrefix> prefixes(String... texts) {
        return Stream.of(texts).map(IpPrefix::parse).toList();
    }

    private static UnderlayPeer peer(String address) {
        try {
            return UnderlayPeer.of(InetAddress.getByName(address), 0);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e); // an address, not a name
        }
    }

    private static byte[] packet(int nextHeader, String source, String destination, int payloadLength) {
        ByteBuffer packet = ByteBuffer.allocate(40 + payloadLength);
        packet.putInt(6 << 28 | 0xb9 << 20 | 0x5_4321).putShort((short) payloadLength);
        packet.put((byte) nextHeader).put((byte) 7);
        packet.putLong(peer(source).high()).putLong(peer(source).low());
        packet.putLong(peer(destination).high()).putLong(peer(destination).low());
        while (packet.hasRemaining()) {
            packet.put((byte) (packet.position() * 7 + payloadLength));
        }
        return packet.array();
    }

    private static byte[] packet(String destination, int payloadLength) {
        return packet(EXPERIMENTAL, "2001:db8::77", destination, payloadLength);
    }

    private Frame frame(byte[] packet) {
        Frame frame = pool.allocate(packet.length);
        frame.putBytes(0, packet, 0, packet.length);
        return frame;
    }

    private List<SendOutcome> send(UnderlaySocket from, UnderlayPeer to, byte[]... packets) {
        UnderlaySender sender = from.newSender();
        List<Frame> frames = new ArrayList<>();
        for (byte[] packet : packets) {
            frames.add(frame(packet));
            sender.add(frames.get(frames.size() - 1), to, -1);
        }
        sender.flush();
        List<SendOutcome> outcomes =
                IntStream.range(0, sender.size()).mapToObj(sender::outcome).toList();
        sender.clear();
        frames.forEach(Frame::release);
        return outcomes;
    }

    /** Sends a packet to where its destination leads. */
    private SendOutcome send(UnderlaySocket from, byte[] packet) {
        ByteBuffer header = ByteBuffer.wrap(packet);
        return send(from, new UnderlayPeer(header.getLong(24), header.getLong(32), 0, 0), packet)
                .get(0);
    }

    /** What waits, with one call; none of the landings has moved. */
    private List<Received> poll(UnderlaySocket at) {
        UnderlayReceiver receiver = at.receiver();
        for (Frame landing : landings) {
            landing.length(7);
            landing.offload(Frame.OFFLOAD_CHECKSUM_PARTIAL, 1, 2, 3, 4, 5);
        }
        int received = receiver.receive(landings, Math.min(landings.length, receiver.capacity()));
        assertThat(receiver.failure()).as("errno").isZero();
        List<Received> all = new ArrayList<>();
        for (int i = 0; i < received; i++) {
            assertThat(receiver.isCut(i)).as("cut").isFalse();
            assertThat(receiver.segmentSize(i)).isZero();
            assertThat(receiver.sourcePort(i)).isZero();
            assertThat(receiver.isReassembled(i)).isFalse();
            assertThat(landings[i].offloadFlags() | landings[i].gsoType())
                    .as("of a packet before")
                    .isZero();
            landings[i].length(receiver.length(i));
            all.add(new Received(
                    landings[i].toByteArray(),
                    new UnderlayPeer(receiver.sourceHigh(i), receiver.sourceLow(i), 0, 0),
                    new UnderlayPeer(receiver.destinationHigh(i), receiver.destinationLow(i), 0, 0),
                    receiver.trafficClass(i)));
        }
        for (int i = 0; i < landings.length; i++) {
            assertThat(landings[i].headroom()).isEqualTo(Frame.HEADROOM);
            assertThat(i < received || landings[i].length() == 7)
                    .as("landing as it was")
                    .isTrue();
        }
        return all;
    }

    private List<Received> receive(UnderlaySocket at, int packets) {
        List<Received> all = new ArrayList<>();
        long end = System.nanoTime() + PATIENCE_NS;
        while (all.size() < packets && System.nanoTime() < end) {
            all.addAll(poll(at));
        }
        assertThat(all).as("packets received").hasSize(packets);
        return all;
    }

    private List<byte[]> packets(UnderlaySocket at, int packets) {
        return receive(at, packets).stream().map(Received::bytes).toList();
    }

    // ---- whole packets ----

    @Test
    void shouldCarryPacketsAsTheyAre() throws Exception {
        UnderlaySocket receiver = receiver("fc78:2::/48");
        for (int length : new int[] {0, 1, 59, 700, MTU - 40}) {
            byte[] packet = packet(ETHERNET, "2001:db8::77", SID, length);
            assertThat(send(sender(), packet)).isEqualTo(SendOutcome.SENT);
            Received came = receive(receiver, 1).get(0);
            assertThat(came.bytes()).isEqualTo(packet);
            assertThat(came.from()).isEqualTo(peer("2001:db8::77"));
            assertThat(came.to()).isEqualTo(peer(SID));
            assertThat(came.trafficClass()).isEqualTo(0xb9);
        }
    }

    @Test
    void shouldCarryManyInTheirOrder() throws Exception {
        UnderlaySocket receiver = receiver("fc78:2::/48");
        byte[][] packets =
                IntStream.range(0, 40).mapToObj(i -> packet(SID, 100 + i)).toArray(byte[][]::new);
        assertThat(send(sender(), peer(SID), packets)).hasSize(40).containsOnly(SendOutcome.SENT);
        assertThat(packets(receiver, 40)).containsExactly(packets);
        assertThat(receiver.receiver().takeOverflow()).isZero();
    }

    @Test
    void shouldCarryEveryNextHeader() throws Exception {
        UnderlaySocket receiver = receiver("fc78:2::/48");
        UnderlaySocket sender = sender();
        for (int nextHeader : new int[] {0, 4, 41, 43, 44, 58, 59, 60, 143, 255}) {
            byte[] packet = packet(nextHeader, ADDRESS, SID, 48);
            assertThat(send(sender, packet)).isEqualTo(SendOutcome.SENT);
            assertThat(packets(receiver, 1)).as("next header " + nextHeader).containsExactly(packet);
        }
    }

    // ---- whose they are ----

    @Test
    void shouldReceiveWhatGoesToItsPrefixesOnly() throws Exception {
        UnderlaySocket receiver = receiver("fc78:2:0:d2::/64", "fc78:2:8000::/37", "fc78:2:0:1:2:3:4:5/128");
        UnderlaySocket sender = sender();
        List<String> wanted = List.of(
                "fc78:2:0:d2::", "fc78:2:0:d2:ffff::1", "fc78:2:8000::9", "fc78:2:87ff:1::", "fc78:2:0:1:2:3:4:5");
        List<String> others = List.of(
                "fc78:2:0:d3::", "fc78:2:1:d2::", "fc78:2:8800::9", "fc78:2::1", "fc78:2:0:1:2:3:4:4", OTHER_ADDRESS);
        for (String other : others) {
            send(sender, packet(other, 80));
        }
        for (String one : wanted) {
            send(sender, packet(one, 80));
        }
        assertThat(receive(receiver, wanted.size()).stream().map(Received::to))
                .containsExactlyElementsOf(
                        wanted.stream().map(Ipv6PacketSocketContractTest::peer).toList());
        assertThat(poll(receiver)).isEmpty();
    }

    @Test
    void shouldReceiveNothingUntilItIsToldWhat() throws Exception {
        UnderlaySocket receiver = receiver();
        UnderlaySocket witness = receiver(OTHER_LOCATOR);
        UnderlaySocket sender = sender();
        send(sender, packet(SID, 1));
        receive(witness, 1);
        receiver.receiveTo(prefixes("fc78:2:0:d2::/64"));
        send(sender, packet(SID, 2));
        assertThat(packets(receiver, 1)).containsExactly(packet(SID, 2));
        receiver.receiveTo(prefixes("fc78:2:0:d3::/64"));
        send(sender, packet(SID, 3));
        send(sender, packet("fc78:2:0:d3::1", 4));
        assertThat(packets(receiver, 1)).containsExactly(packet("fc78:2:0:d3::1", 4));
        receiver.receiveTo(List.of());
        send(sender, packet("fc78:2:0:d3::1", 5));
        receive(witness, 4);
        assertThat(poll(receiver)).isEmpty();
    }

    @Test
    void shouldGiveEachSocketItsCopy() throws Exception {
        UnderlaySocket one = receiver("fc78:2::/48");
        UnderlaySocket other = receiver("fc78:2:0:d2::/64");
        send(sender(), packet(SID, 300));
        assertThat(packets(one, 1)).containsExactly(packet(SID, 300));
        assertThat(packets(other, 1)).containsExactly(packet(SID, 300));
        assertThat(poll(one)).isEmpty();
    }

    @Test
    void shouldReceiveWhatGoesToAnAddressOfTheHost() throws Exception {
        UnderlaySocket receiver = receiver(OTHER_ADDRESS + "/128");
        send(sender(), packet(ETHERNET, ADDRESS, OTHER_ADDRESS, 90));
        assertThat(packets(receiver, 1)).containsExactly(packet(ETHERNET, ADDRESS, OTHER_ADDRESS, 90));
    }

    @Test
    void shouldRefusePrefixesThatItCannotHave() throws Exception {
        UnderlaySocket receiver = receiver();
        assertThatThrownBy(() -> receiver.receiveTo(prefixes("10.0.0.0/8")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("destination is 10.0.0.0/8; accepted: an IPv6 network");
        List<IpPrefix> many = IntStream.rangeClosed(0, Ipv6PacketSettings.MOST_DESTINATIONS)
                .mapToObj(i -> IpPrefix.parse("fc78:2:" + Integer.toHexString(i) + "::1/127"))
                .toList();
        assertThatThrownBy(() -> receiver.receiveTo(many))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("there are 257 destinations; accepted: at most 256");
        receiver.receiveTo(many.subList(1, many.size()));
        UnderlaySocket sender = sender();
        send(sender, packet("fc78:2:0::1", 1));
        send(sender, packet("fc78:2:100::0", 2));
        assertThat(packets(receiver, 1)).containsExactly(packet("fc78:2:100::0", 2));
        assertThatThrownBy(() -> sender.receiveTo(List.of())).isInstanceOf(UnsupportedOperationException.class);
    }

    // ---- ways ----

    @Test
    void shouldSendByTheWayToThePeer() throws Exception {
        UnderlaySocket receiver = receiver("fc78:99::/32");
        byte[] packet = packet(ETHERNET, "2001:db8::77", "fc78:99::1", 60);
        assertThat(send(sender(), neighbour(), packet)).containsExactly(SendOutcome.SENT);
        assertThat(packets(receiver, 1)).containsExactly(packet);
    }

    @Test
    void shouldSendPacketsWhereTheirHeadersLead() throws Exception {
        UnderlaySocket receiver = receiver(OTHER_LOCATOR, OTHER_ADDRESS + "/128");
        byte[][] packets = {
            packet(SID, 60),
            packet(ETHERNET, ADDRESS, OTHER_ADDRESS, 60),
            packet("2001:db8:99::1", 60),
            new byte[39],
            new byte[0],
            packet(SID, MTU - 39),
            packet("fc78:2::", 0),
            packet(OTHER_ADDRESS, MTU - 40),
        };
        UnderlaySender sender = sender().newSender();
        for (int round = 0; round < 2; round++) {
            List<Frame> frames = new ArrayList<>();
            for (byte[] packet : packets) {
                frames.add(frame(packet));
                sender.addPacket(frames.get(frames.size() - 1));
            }
            byte[] byPeer = packet(SID, 60 + round); // of the length of one before, and another
            frames.add(frame(byPeer));
            sender.add(frames.get(packets.length), neighbour(), -1);
            sender.flush();
            assertThat(IntStream.range(0, sender.size()).mapToObj(sender::outcome))
                    .containsExactly(
                            SendOutcome.SENT,
                            SendOutcome.SENT,
                            SendOutcome.UNREACHABLE,
                            SendOutcome.FAILED,
                            SendOutcome.FAILED,
                            SendOutcome.TOO_LONG,
                            SendOutcome.SENT,
                            SendOutcome.SENT,
                            SendOutcome.SENT);
            sender.clear();
            frames.forEach(Frame::release);
            assertThat(packets(receiver, 5)).containsExactly(packets[0], packets[1], packets[6], packets[7], byPeer);
        }
    }

    @Test
    void shouldSendWholePacketsOnlyWhereItMakesNoHeaders() throws Exception {
        opened.add(one().open(UdpSettings.ipv6Only()));
        opened.add(one().open(RawIpSettings.of(true, ETHERNET)));
        Frame frame = frame(packet(SID, 60));
        for (UnderlaySocket socket : opened) {
            UnderlaySender sender = socket.newSender();
            assertThatThrownBy(() -> sender.addPacket(frame)).isInstanceOf(UnsupportedOperationException.class);
            assertThat(sender.size()).isZero();
        }
        frame.release();
    }

    @Test
    void shouldTellWhatIsTooLong() throws Exception {
        UnderlaySocket receiver = receiver(OTHER_LOCATOR);
        UnderlaySocket sender = sender();
        assertThat(sender.pathMtu(peer(SID))).isEqualTo(MTU);
        assertThat(send(sender, peer(SID), packet(SID, 10), packet(SID, MTU - 39), packet(SID, 11)))
                .containsExactly(SendOutcome.SENT, SendOutcome.TOO_LONG, SendOutcome.SENT);
        assertThat(packets(receiver, 2)).containsExactly(packet(SID, 10), packet(SID, 11));
    }

    @Test
    void shouldTellThatThereIsNoWay() throws Exception {
        UnderlaySocket sender = sender();
        assertThat(send(sender, packet("2001:db8:99::1", 10))).isEqualTo(SendOutcome.UNREACHABLE);
        assertThatThrownBy(() -> sender.pathMtu(peer("2001:db8:99::1")))
                .isInstanceOfSatisfying(
                        UnderlayException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NO_ROUTE));
        assertThat(sender.sourceFor(peer(SID))).isEqualTo(InetAddress.getByName(ADDRESS));
    }

    @Test
    void shouldBeWhereItIsBound() throws Exception {
        UnderlaySocket any = sender();
        assertThat(any.local().getAddress().isAnyLocalAddress()).isTrue();
        assertThat(any.local().getPort()).isZero();
        InetAddress own = InetAddress.getByName(ADDRESS);
        try (UnderlaySocket bound = one().open(Ipv6PacketSettings.sending().from(own))) {
            assertThat(bound.local().getAddress()).isEqualTo(own);
            assertThat(bound.sourceFor(peer(SID))).isEqualTo(own);
        }
    }

    @Test
    void shouldSendFromWhatTheMachineDoesNotHave() throws Exception {
        UnderlaySocket receiver = receiver(SID + "/128");
        InetAddress foreign = InetAddress.getByName("2001:db8:77::1");
        try (UnderlaySocket bound = one().open(Ipv6PacketSettings.sending().from(foreign))) {
            assertThat(bound.local().getAddress()).isEqualTo(foreign);
            assertThat(bound.sourceFor(peer(SID))).isEqualTo(foreign);
            assertThat(bound.pathMtu(peer(SID))).isEqualTo(MTU);
            assertThat(send(bound, packet(SID, 10))).isEqualTo(SendOutcome.SENT);
            assertThat(packets(receiver, 1)).containsExactly(packet(SID, 10));
        }
    }
}
