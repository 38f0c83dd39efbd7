package io.weft.srv6;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.TestSeed;
import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.offload.Segments;
import io.weft.offload.VirtioFrame;
import io.weft.offload.WireFrame;
import io.weft.tunnel.Packets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is inside is held against what the core makes of the same frame without anything around it. */
class TransitSegmenterTest {
    private static final int ETHERNET = Ipv6Header.ETHERNET;
    private static final int IPV6 = Ipv6Header.IPV6;
    private static final String[][] HEADERS = {
        {},
        {Encapsulated.TWO_LEFT},
        {Encapsulated.NONE_LEFT},
        {Encapsulated.PADDING, Encapsulated.NONE_LEFT, Encapsulated.PADDING}
    };

    private final FramePool pool = new FramePool(64, 8);
    private final TransitSegmenter segmenter = new TransitSegmenter(pool);

    @AfterEach
    void shouldKeepNoFrame() {
        assertThat(pool.inUse()).isZero();
    }

    private static WireFrame frame(boolean ipv6, boolean udp, int payload) {
        WireFrame frame = new WireFrame();
        frame.ipv6 = ipv6;
        frame.udp = udp;
        frame.from = new byte[ipv6 ? 16 : 4];
        frame.to = new byte[ipv6 ? 16 : 4];
        Arrays.fill(frame.from, (byte) 0x3a);
        Arrays.fill(frame.to, (byte) 0x3b);
        frame.id = 0xffff;
        frame.seq = 0xffff_ff00;
        frame.flags = 0x99; // CWR, ACK, PSH, FIN
        frame.tcpOptions = new byte[12];
        frame.payload = new byte[payload];
        new SplittableRandom(payload).nextBytes(frame.payload);
        return frame;
    }

    private List<byte[]> segments(VirtioFrame frame) {
        Frame whole = frame.in(pool);
        List<byte[]> segments = Segments.of(whole, pool);
        whole.release();
        return segments;
    }

    /** What is to be sent; {@code null} when it is unsound. */
    private List<byte[]> send(VirtioFrame packet) {
        Frame frame = packet.in(pool);
        int count = segmenter.begin(frame);
        List<byte[]> sent = new ArrayList<>();
        if (count == TransitSegmenter.UNSOUND) {
            assertThat(VirtioFrame.of(frame)).hasToString(packet.toString());
            assertThat(frame.toByteArray()).isEqualTo(packet.bytes());
        } else if (count == 0) {
            assertThat(frame.hasPendingOffload()).isFalse();
            sent.add(frame.toByteArray());
        } else {
            for (int left = count; left > 0; left--) {
                assertThat(segmenter.remaining()).isEqualTo(left);
                Frame segment = segmenter.next();
                assertThat(segment.hasPendingOffload()).isFalse();
                assertThat(segment.headroom()).isEqualTo(Frame.HEADROOM);
                sent.add(segment.toByteArray());
                segment.release();
            }
            assertThat(segmenter.next()).isNull();
            assertThat(segmenter.remaining()).isZero();
            assertThat(frame.toByteArray()).isEqualTo(packet.bytes());
        }
        frame.release();
        return count == TransitSegmenter.UNSOUND ? null : sent;
    }

    private static List<byte[]> encapsulated(List<byte[]> inside, int nextHeader, String... headers) {
        return inside.stream()
                .map(bytes -> Encapsulated.of(bytes, nextHeader, headers))
                .toList();
    }

    private void assertSent(VirtioFrame packet, List<byte[]> expected) {
        assertThat(send(packet).toArray()).isEqualTo(expected.toArray());
    }

    // ---- what is cut ----

    @Test
    void shouldCutEveryShape() {
        for (String[] headers : HEADERS) {
            for (int i = 0; i < 4; i++) {
                for (int payload : new int[] {1, 1_000, 1_001, 4_000, 59_000}) {
                    WireFrame shape = frame((i & 1) != 0, (i & 2) != 0, payload);
                    VirtioFrame frame = shape.partial(1_000);
                    List<byte[]> packets =
                            segments(frame).stream().map(Encapsulated::packet).toList();
                    int protocol = Encapsulated.protocol(packets.get(0));
                    assertSent(
                            Encapsulated.of(Encapsulated.packet(frame), protocol, headers),
                            encapsulated(packets, protocol, headers));
                    for (int[] tags : new int[][] {{}, {0x8100_0064}, {0x88a8_2007, 0x8100_0064}}) {
                        shape.tags = tags;
                        frame = shape.partial(1_000);
                        assertSent(
                                Encapsulated.of(frame, ETHERNET, headers),
                                encapsulated(segments(frame), ETHERNET, headers));
                    }
                }
            }
        }
    }

    /** The outer ones of a way that leads through a way, up to as many as there may be. */
    @Test
    void shouldCutInsideOfSeveral() {
        VirtioFrame frame = frame(false, false, 5_000).partial(1_400);
        List<byte[]> segments = encapsulated(segments(frame), ETHERNET, Encapsulated.TWO_LEFT);
        VirtioFrame packet = Encapsulated.of(frame, ETHERNET, Encapsulated.TWO_LEFT);
        for (int outer = 1; outer < TransitSegmenter.MAX_OUTER; outer++) {
            packet = Encapsulated.of(packet, IPV6, HEADERS[outer]);
            segments = encapsulated(segments, IPV6, HEADERS[outer]);
            assertSent(packet, segments);
        }
        assertThat(send(Encapsulated.of(packet, IPV6))).isNull();
    }

    /** As a host sends that is its own headend, and puts the SRH into its packets. */
    @Test
    void shouldCutWhatHasTheRoutingHeaderItself() {
        for (boolean udp : new boolean[] {false, true}) {
            WireFrame shape = frame(true, udp, 3_500);
            shape.ipOptions = Packets.bytes((udp ? "11" : "06") + "00 01 04 00000000");
            VirtioFrame frame = shape.partial(1_000);
            List<byte[]> packets =
                    segments(frame).stream().map(Encapsulated::packet).toList();
            assertThat(packets).hasSize(4);
            assertSent(Encapsulated.packet(frame), packets);
        }
    }

    // ---- what is completed ----

    @Test
    void shouldCompleteAChecksum() {
        for (String[] headers : HEADERS) {
            for (int i = 0; i < 4; i++) {
                WireFrame shape = frame((i & 1) != 0, (i & 2) != 0, 77);
                assertSent(
                        Encapsulated.of(shape.partial(0), ETHERNET, headers),
                        encapsulated(List.of(shape.bytes()), ETHERNET, headers));
                byte[] packet = Encapsulated.packet(shape.bytes());
                int protocol = Encapsulated.protocol(packet);
                assertSent(
                        Encapsulated.of(Encapsulated.packet(shape.partial(0)), protocol, headers),
                        encapsulated(List.of(packet), protocol, headers));
                assertSent( // said to be several, and is one
                        Encapsulated.of(shape.partial(77), ETHERNET, headers),
                        encapsulated(List.of(shape.bytes()), ETHERNET, headers));
            }
        }
    }

    @Test
    void shouldLeaveFinishedPacketsAlone() {
        byte[] packet = Encapsulated.of(frame(false, false, 77).bytes(), ETHERNET, Encapsulated.TWO_LEFT);
        assertSent(VirtioFrame.plain(packet), List.of(packet));
        assertSent(VirtioFrame.plain(new byte[0]), List.of(new byte[0]));
    }

    // ---- what is not true ----

    @Test
    void shouldRefuseWhatTheBytesDoNotBearOut() {
        VirtioFrame good = Encapsulated.of(frame(false, false, 3_000).partial(1_000), ETHERNET, Encapsulated.TWO_LEFT);
        assertThat(send(good)).hasSize(3);
        for (int length = 0; length < good.bytes().length; length++) {
            byte[] cut = Arrays.copyOf(good.bytes(), length);
            assertThat(send(with(good, cut, good.gsoType(), good.gsoSize(), good.checksumStart())))
                    .as("%d bytes", length)
                    .isNull();
        }
        int upper = good.checksumStart() - 34; // of the Ethernet frame
        int[] lying = {4, 5, 6, 41, 42, 44, upper + 12, upper + 13, upper + 14, upper + 17, upper + 23};
        for (int at : lying) {
            byte[] bytes = good.bytes().clone();
            bytes[at] ^= 0x41;
            assertThat(send(with(good, bytes, good.gsoType(), good.gsoSize(), good.checksumStart())))
                    .as("byte %d", at)
                    .isNull();
        }
        for (int type : new int[] {2, 3, 4, 5, 0x81, 0x40, 0xff}) {
            assertThat(send(with(good, good.bytes(), type, 1_000, good.checksumStart())) != null)
                    .as("GSO type %d", type)
                    .isEqualTo(type == 0x81);
        }
        assertThat(send(with(good, good.bytes(), good.gsoType(), 0, good.checksumStart())))
                .isNull();
        for (int start = 0; start < good.bytes().length; start++) {
            if (start != good.checksumStart()) {
                assertThat(send(with(good, good.bytes(), good.gsoType(), 1_000, start)))
                        .as("checksum from %d", start)
                        .isNull();
            }
        }
        VirtioFrame whole = new VirtioFrame(good.bytes(), 0, good.gsoType(), 1_000, 0, good.checksumStart(), 16);
        assertThat(send(whole)).as("without a partial checksum").isNull();
    }

    private static VirtioFrame with(VirtioFrame good, byte[] bytes, int gsoType, int gsoSize, int start) {
        return new VirtioFrame(bytes, good.flags(), gsoType, gsoSize, 0, start, good.checksumOffset());
    }

    /** Addresses, segments and what says how many are left are not the sender's alone. */
    @Test
    void shouldCompleteNoChecksumInTheHeadersOfTheWay() {
        VirtioFrame good = Encapsulated.of(frame(false, false, 60).partial(0), ETHERNET, Encapsulated.TWO_LEFT);
        int upper = good.checksumStart() - 34;
        for (int start = 0; start <= good.bytes().length; start++) {
            boolean inside = start >= upper && start + good.checksumOffset() + 2 <= good.bytes().length;
            assertThat(send(with(good, good.bytes(), 0, 0, start)) != null)
                    .as("checksum from %d", start)
                    .isEqualTo(inside);
        }
    }

    @Test
    void shouldRefuseAFrameThatIsNoIpPacket() {
        byte[] arp = Packets.bytes("ffffffffffff 020000000001 0806 0001 0800 06 04 0001");
        for (int protocol : new int[] {ETHERNET, IPV6, 4, 58, 59, 17}) {
            byte[] packet = Encapsulated.of(Arrays.copyOf(arp, 200), protocol, Encapsulated.NONE_LEFT);
            assertThat(send(new VirtioFrame(packet, 1, Frame.GSO_TCPV4, 10, 0, 120, 16)))
                    .isNull();
        }
    }

    // ---- without memory ----

    @Test
    void shouldTellThatThePoolIsDry() {
        VirtioFrame packet = Encapsulated.of(frame(false, true, 3_000).partial(1_000), ETHERNET);
        Frame frame = packet.in(pool);
        assertThat(segmenter.begin(frame)).isEqualTo(3);
        Frame first = segmenter.next();
        List<Frame> all = new ArrayList<>();
        for (Frame taken = pool.allocate(100); taken != null; taken = pool.allocate(100)) {
            all.add(taken);
        }
        for (Frame taken = pool.allocate(9_000); taken != null; taken = pool.allocate(9_000)) {
            all.add(taken);
        }
        assertThat(segmenter.next()).isNull();
        assertThat(segmenter.remaining()).isEqualTo(2);
        all.forEach(Frame::release);
        Frame second = segmenter.next();
        assertThat(second.length()).isEqualTo(40 + 42 + 1_000);
        assertThat(segmenter.remaining()).isEqualTo(1);
        List.of(first, second, frame).forEach(Frame::release);
    }

    @Test
    void shouldEndureAnything() {
        SplittableRandom random = TestSeed.random("TransitSegmenterTest");
        int sent = 0;
        for (int i = 0; i < 20_000 * TestSeed.effort(); i++) {
            WireFrame shape = frame(random.nextBoolean(), random.nextBoolean(), 1 + random.nextInt(400));
            VirtioFrame good = Encapsulated.of(
                    shape.partial(random.nextInt(3) == 0 ? 0 : 1 + random.nextInt(200)),
                    ETHERNET,
                    HEADERS[random.nextInt(HEADERS.length)]);
            byte[] bytes = good.bytes().clone();
            for (int spoilt = random.nextInt(3); spoilt > 0; spoilt--) {
                bytes[random.nextInt(Math.min(bytes.length, 200))] = (byte) random.nextInt();
            }
            boolean lies = random.nextInt(4) == 0;
            int start = lies ? random.nextInt(-20, bytes.length + 20) : good.checksumStart();
            int offset = lies ? random.nextInt(-3, 70) : good.checksumOffset();
            sent += send(new VirtioFrame(bytes, 1, good.gsoType(), good.gsoSize(), 0, start, offset)) == null ? 0 : 1;
        }
        assertThat(sent).isPositive();
    }
}
