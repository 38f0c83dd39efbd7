package io.weft.offload;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.TestSeed;
import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is recognised as unfinished, as what, and that nothing is changed by it but what is left to be done. */
class EncapsulatedOffloadTest {
    // Inner frames that a vxlan device of Linux 6.18 sent over a veth, as a UDP socket received them.
    private static final String ETHERNET = "020000000002020000000001";
    private static final String UDP4 =
            ETHERNET + "080045000022633640004011c3800a0900010a090002cd290007000e143468656c6c6f34";
    private static final String UDP6 = ETHERNET
            + "86dd6008ed7f000e1140fd090000000000000000000000000001fd090000000000000000000000000002b9740007000efa35"
            + "68656c6c6f36";
    /** Sent with UDP_SEGMENT 4; the control message said 4. */
    private static final String UDP4_SEGMENTS =
            ETHERNET + "080045000027633740004011c37a0a0900010a090002a4590007001314396162636465666768696a6b";

    private static final String SYN4 = ETHERNET
            + "08004500003ccbe9400040065abe0a0900010a090002c84a000978afb95900000000a002fd5c14430000020405820402080a"
            + "bd643bd5000000000103030a";
    private static final String SYN6 = ETHERNET
            + "86dd600ad0f300280640fd090000000000000000000000000001fd09000000000000000000000000000293f40009b3ae1a4c"
            + "00000000a002ff32fa4400000204056e0402080a12200775000000000103030a";
    /** The device's MTU was 120. */
    private static final String TCP4 = ETHERNET
            + "0800450000bea3f840004006822d0a0900010a090002ea9a000972cc493a000000025018ffff14c50000"
            + payload(150);
    /** What it sent when no answer came: one segment of that. */
    private static final String TCP4_AGAIN = ETHERNET
            + "080045000078a3fa4000400682710a0900010a090002ea9a000972cc493a000000025010ffff147f0000"
            + payload(80);
    /** The other end had asked for segments of 48 bytes: what an MTU of 108 makes. */
    private static final String TCP6 = ETHERNET
            + "86dd6004590800aa0640fd090000000000000000000000000001fd090000000000000000000000000002e2e400095f12fd23"
            + "000000025018fb40fac60000" + payload(150);

    private final FramePool pool = new FramePool(512, 8);

    private static String payload(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (0x41 + i);
        }
        return HexFormat.of().formatHex(bytes);
    }

    @AfterEach
    void shouldKeepNoFrame() {
        assertThat(pool.inUse()).isZero();
    }

    /** The frame as it has become, or {@code null} when nothing was recognised; it must be as it was then. */
    private VirtioFrame recognise(byte[] bytes, int mtu, int segmentSize) {
        return recognise(VirtioFrame.plain(bytes), mtu, segmentSize);
    }

    private VirtioFrame recognise(VirtioFrame received, int mtu, int segmentSize) {
        Frame frame = received.in(pool);
        boolean recognised = EncapsulatedOffload.recognise(frame, mtu, segmentSize);
        VirtioFrame after = VirtioFrame.of(frame);
        assertThat(frame.hasPendingOffload()).isEqualTo(recognised || received.flags() == 1);
        assertThat(OffloadCheck.isSound(frame)).isTrue();
        if (recognised) { // OffloadCheck found nothing to put right
            assertThat(VirtioFrame.of(frame)).hasToString(after.toString());
        } else {
            assertThat(after).hasToString(received.toString());
        }
        assertThat(frame.toByteArray()).isEqualTo(received.bytes());
        frame.release();
        return recognised ? after : null;
    }

    private List<byte[]> wire(VirtioFrame virtio) {
        Frame frame = virtio.in(pool);
        List<byte[]> frames = Segments.of(frame, pool);
        frame.release();
        return frames;
    }

    private static void assertPartial(VirtioFrame frame, int start, int offset) {
        assertThat(frame.flags()).isEqualTo(Frame.OFFLOAD_CHECKSUM_PARTIAL);
        assertThat(frame.gsoType()).isZero();
        assertThat(frame.checksumStart()).isEqualTo(start);
        assertThat(frame.checksumOffset()).isEqualTo(offset);
    }

    private static void assertSuperFrame(VirtioFrame frame, int type, int size, int headers, int start) {
        assertThat(frame.flags()).isEqualTo(Frame.OFFLOAD_CHECKSUM_PARTIAL);
        assertThat(frame.gsoType()).isEqualTo(type);
        assertThat(frame.gsoSize()).isEqualTo(size);
        assertThat(frame.headerLength()).isEqualTo(headers);
        assertThat(frame.checksumStart()).isEqualTo(start);
        assertThat(frame.checksumOffset()).isEqualTo(type == Frame.GSO_UDP_L4 ? 6 : 16);
    }

    // ---- what Linux sends ----

    @Test
    void shouldRecogniseWhatLinuxLeftUnfinished() {
        HexFormat hex = HexFormat.of();
        assertPartial(recognise(hex.parseHex(UDP4), 1_450, 0), 34, 6);
        assertPartial(recognise(hex.parseHex(UDP6), 1_450, 0), 54, 6);
        assertPartial(recognise(hex.parseHex(UDP4_SEGMENTS), 1_450, 0), 34, 6);
        assertSuperFrame(recognise(hex.parseHex(UDP4_SEGMENTS), 1_450, 4), 5, 4, 42, 34);
        assertPartial(recognise(hex.parseHex(SYN4), 1_450, 0), 34, 16);
        assertPartial(recognise(hex.parseHex(SYN6), 1_450, 0), 54, 16);
        assertSuperFrame(recognise(hex.parseHex(TCP4), 120, 0), 1, 80, 54, 34);
        assertPartial(recognise(hex.parseHex(TCP4), 190, 0), 34, 16);
        assertPartial(recognise(hex.parseHex(TCP4_AGAIN), 120, 0), 34, 16);
        assertSuperFrame(recognise(hex.parseHex(TCP6), 108, 0), 4, 48, 74, 54);
    }

    /** The segment that Linux repeated is the one that its super-frame began with, but for id, PSH and checksum. */
    @Test
    void shouldCutWhereLinuxDoes() {
        List<byte[]> segments = wire(recognise(HexFormat.of().parseHex(TCP4), 120, 0));
        assertThat(segments).hasSize(2);
        byte[] again =
                wire(recognise(HexFormat.of().parseHex(TCP4_AGAIN), 120, 0)).get(0);
        ByteBuffer.wrap(again).putShort(18, (short) 0xa3f8);
        ByteBuffer.wrap(again).putShort(24, (short) (0x8271 + 2)); // the header checksum of an id 2 lower
        assertThat(segments.get(0)).isEqualTo(again);
        assertThat(segments.get(1)).hasSize(54 + 70);
    }

    // ---- of every kind ----

    private static WireFrame random(SplittableRandom random) {
        WireFrame frame = new WireFrame();
        frame.tags = new int[][] {{}, {0x8100_0064}, {0x88a8_2007, 0x8100_0064}}[random.nextInt(3)];
        frame.udp = random.nextInt(3) == 0;
        frame.ipv6 = random.nextBoolean();
        frame.ipOptions = new byte[frame.ipv6 ? 0 : 4 * random.nextInt(11)];
        if (frame.ipv6) {
            frame.from = new byte[16];
            frame.to = new byte[16];
            if (random.nextInt(3) == 0) {
                frame.ipOptions = new byte[] {(byte) (frame.udp ? 17 : 6), 0, 1, 4, 0, 0, 0, 0};
            }
        }
        random.nextBytes(frame.from);
        random.nextBytes(frame.to);
        frame.id = random.nextInt(0x10000);
        frame.seq = random.nextInt();
        frame.flags = 0x10 | random.nextInt(256) & 0xc9;
        frame.tcpOptions = new byte[4 * random.nextInt(11)];
        frame.payload = new byte[random.nextInt(2_000)];
        random.nextBytes(frame.payload);
        return frame;
    }

    @Test
    void shouldGiveWhatTheSenderWouldHaveSaid() {
        SplittableRandom random = TestSeed.random("EncapsulatedOffloadTest");
        int cut = 0;
        for (int i = 0; i < 20_000 * TestSeed.effort(); i++) {
            WireFrame frame = random(random);
            int headers = frame.bytes().length - frame.payload.length;
            int gsoSize = 1 + random.nextInt(1_500);
            boolean several = frame.payload.length > gsoSize;
            VirtioFrame told = frame.partial(several ? gsoSize : 0);
            int mtu = headers - 14 - 4 * frame.tags.length + gsoSize;
            VirtioFrame recognised = recognise(told.bytes(), frame.udp ? 1 : mtu, frame.udp ? gsoSize : 0);
            assertThat(recognised.flags()).isEqualTo(told.flags());
            assertThat(recognised.gsoType()).isEqualTo(told.gsoType());
            assertThat(recognised.checksumStart()).isEqualTo(told.checksumStart());
            assertThat(recognised.checksumOffset()).isEqualTo(told.checksumOffset());
            if (several) {
                cut++;
                assertThat(recognised.gsoSize()).isEqualTo(gsoSize);
                assertThat(recognised.headerLength()).isEqualTo(headers);
            } else {
                assertThat(wire(recognised).get(0)).isEqualTo(frame.bytes());
            }
        }
        assertThat(cut).isPositive();
    }

    @Test
    void shouldLeaveFinishedFramesAlone() {
        SplittableRandom random = TestSeed.random("EncapsulatedOffloadTest");
        int recognised = 0;
        for (int i = 0; i < 20_000; i++) {
            recognised += recognise(random(random).bytes(), 100 + random.nextInt(2_000), 0) == null ? 0 : 1;
        }
        assertThat(recognised).isLessThan(20); // 1 in 65,536 by chance, which the next test is about
    }

    /** A checksum may be right and have the value of an unfinished one; completed, it is the same. */
    @Test
    void shouldDoNoHarmToAValidChecksumThatLooksUnfinished() {
        SplittableRandom random = TestSeed.random("EncapsulatedOffloadTest");
        for (int i = 0; i < 10_000; i++) {
            WireFrame frame = random(random);
            frame.payload = Arrays.copyOf(frame.payload, frame.payload.length + 2 & ~1);
            if (random.nextInt(3) == 0) {
                frame.payload = Arrays.copyOf(frame.payload, frame.payload.length + 1);
            }
            if (!lookUnfinished(frame)) {
                continue;
            }
            byte[] bytes = frame.bytes();
            VirtioFrame recognised = recognise(bytes, 65_535, 0);
            assertThat(recognised).isNotNull();
            assertThat(wire(recognised)).hasSize(1);
            assertThat(HexFormat.of().formatHex(wire(recognised).get(0)))
                    .isEqualTo(HexFormat.of().formatHex(bytes));
        }
    }

    /** Chooses the payload's first word such that the right checksum is the pseudo header's sum; not all can be reached. */
    private static boolean lookUnfinished(WireFrame frame) {
        frame.payload[0] = frame.payload[1] = 0;
        VirtioFrame partial = frame.partial(0);
        int wanted = ByteBuffer.wrap(partial.bytes()).getShort(partial.checksumStart() + partial.checksumOffset());
        if (wanted == -1) { // TCP writes 0 instead
            return false;
        }
        // checksum = ~(rest + word), so word = ~checksum - rest = ~checksum + checksum of the frame with 0 there
        int word = WireReference.fold((~wanted & 0xffff) + frame.trueChecksum());
        frame.payload[0] = (byte) (word >>> 8);
        frame.payload[1] = (byte) word;
        assertThat((short) frame.trueChecksum()).isEqualTo((short) wanted);
        return true;
    }

    // ---- what is not ----

    static List<Consumer<WireFrame>> otherFrames() {
        List<Consumer<WireFrame>> changes = new ArrayList<>();
        changes.add(f -> f.tags = new int[] {0x8100_0001, 0x8100_0002, 0x8100_0003});
        changes.add(f -> f.tags = new int[] {0x9100_0001});
        changes.add(f -> f.fragment = 0x2000);
        changes.add(f -> f.fragment = 1);
        changes.add(f -> f.ipLength = 20 + 20 + 100 + 1); // longer than the frame
        changes.add(f -> f.ipLength = 39); // no whole header
        changes.add(f -> f.ipLength = 10);
        changes.add(f -> f.udpLength = 107);
        changes.add(f -> f.padding = 3); // not a short frame
        return changes;
    }

    @ParameterizedTest
    @MethodSource("otherFrames")
    void shouldLeaveOtherFramesAlone(Consumer<WireFrame> change) {
        for (boolean udp : new boolean[] {false, true}) {
            WireFrame frame = new WireFrame();
            frame.udp = udp;
            frame.payload = SegmentBytes.bytes(udp ? 112 : 100, 3);
            assertThat(recognise(frame.partial(0).bytes(), 1_500, 0)).isNotNull();
            change.accept(frame);
            if (udp || frame.udpLength < 0) {
                assertThat(recognise(partial(frame), 1_500, 0)).isNull();
            }
        }
    }

    /** With a checksum field that goes with the length that the IP header tells. */
    private static byte[] partial(WireFrame frame) {
        byte[] bytes = frame.partial(0).bytes();
        if (frame.ipLength >= 0) {
            int length = frame.ipLength - 20;
            int sum = 0x0a00 + 1 + 0x0a00 + 2 + (frame.udp ? 17 : 6) + length;
            ByteBuffer.wrap(bytes).putShort(34 + (frame.udp ? 6 : 16), (short) WireReference.fold(sum));
        }
        return bytes;
    }

    @Test
    void shouldLeaveUdpWithoutAChecksumAlone() {
        WireFrame frame = new WireFrame();
        frame.udp = true;
        frame.checksum = 0;
        frame.payload = new byte[50];
        assertThat(recognise(frame.bytes(), 20, 10)).isNull();
    }

    @Test
    void shouldLeaveFramesWithMetadataAlone() {
        WireFrame frame = new WireFrame();
        frame.payload = new byte[50];
        VirtioFrame partial = frame.partial(0);
        assertThat(recognise(partial, 60, 0)).isNull();
        byte[] bytes = partial.bytes();
        assertThat(recognise(new VirtioFrame(bytes, Frame.OFFLOAD_CHECKSUM_VALID, 0, 0, 0, 0, 0), 60, 0))
                .isNull();
    }

    /** Short frames are padded with zeros, which a checksum may be completed over; not with anything else. */
    @Test
    void shouldLookAtThePaddingOfShortFrames() {
        WireFrame frame = new WireFrame();
        frame.padding = 6;
        for (int tag = 0; tag < 2; tag++) {
            byte[] bytes = frame.partial(0).bytes();
            VirtioFrame recognised = recognise(bytes, 1_500, 0);
            assertPartial(recognised, 34 + 4 * tag, 16);
            assertThat(wire(recognised).get(0)).isEqualTo(frame.bytes());
            assertThat(recognise(bytes, 30, 0).gsoType()).isZero();
            bytes[bytes.length - 1] = 1;
            assertThat(recognise(bytes, 1_500, 0)).isNull();
            frame.tags = new int[] {0x8100_0005};
        }
    }

    /** An MTU that leaves nothing for payload makes no super-frame. */
    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 20, 39, 40})
    void shouldNotCutIntoNothing(int mtu) {
        WireFrame frame = new WireFrame();
        frame.payload = new byte[100];
        assertPartial(recognise(frame.partial(0).bytes(), mtu, 0), 34, 16);
        assertThat(recognise(frame.partial(0).bytes(), 41, 0).gsoSize()).isEqualTo(1);
    }

    /** The checksum is the pseudo header's, the rest is whatever it is. */
    @Test
    void shouldSurviveEveryByte() {
        SplittableRandom random = TestSeed.random("EncapsulatedOffloadTest");
        OffloadClaims claims = new OffloadClaims();
        int recognised = 0;
        for (int i = 0; i < 50_000 * TestSeed.effort(); i++) {
            byte[] bytes = random(random).partial(0).bytes();
            for (int changes = random.nextInt(3); changes > 0; changes--) {
                bytes[random.nextInt(Math.min(bytes.length, 120))] ^= (byte) (1 << random.nextInt(8));
            }
            int length = random.nextInt(4) == 0 ? random.nextInt(bytes.length + 1) : bytes.length;
            byte[] cut = Arrays.copyOf(bytes, length);
            int mtu = random.nextInt(2_000) - 5;
            VirtioFrame frame = recognise(cut, mtu, random.nextInt(3) == 0 ? random.nextInt(2_000) : 0);
            if (frame != null) {
                recognised++;
                assertThat(claims.check(frame)).isTrue();
            }
        }
        assertThat(recognised).isPositive();
    }
}
