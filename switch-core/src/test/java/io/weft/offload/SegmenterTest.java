package io.weft.offload;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.frame.Ethernet;
import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.frame.Ipv4;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SegmenterTest {
    private final FramePool pool = new FramePool(64, 4);
    private final Segmenter segmenter = new Segmenter(pool);
    private final SuperFrames shape = new SuperFrames();
    private Frame superFrame;

    @AfterEach
    void shouldNotLeakFrames() {
        assertThat(pool.inUse()).isZero();
    }

    private List<Frame> segments() {
        superFrame = shape.allocate(pool);
        assertThat(OffloadCheck.isSound(superFrame)).isTrue();
        byte[] before = superFrame.toByteArray();
        List<Frame> segments = new ArrayList<>();
        segmenter.begin(superFrame);
        int expected = (shape.payloadLength + shape.gsoSize - 1) / shape.gsoSize;
        for (int left = expected; left > 0; left--) {
            assertThat(segmenter.remaining()).isEqualTo(left);
            segments.add(segmenter.next());
        }
        assertThat(segmenter.remaining()).isZero();
        assertThat(segmenter.next()).isNull();
        assertThat(superFrame.toByteArray()).isEqualTo(before);
        return segments;
    }

    private void release(List<Frame> segments) {
        segments.forEach(Frame::release);
        superFrame.release();
    }

    /** Compares with headers edited byte by byte, and checksums summed over the whole segment. */
    private void check(List<Frame> segments) {
        byte[] whole = superFrame.toByteArray();
        int headers = shape.headerLength();
        int network = shape.network();
        int transport = shape.transport();
        int at = headers;
        for (int i = 0; i < segments.size(); i++) {
            Frame segment = segments.get(i);
            boolean last = i == segments.size() - 1;
            int payload = last ? whole.length - at : shape.gsoSize;
            assertThat(segment.length()).isEqualTo(headers + payload);
            assertThat(segment.headroom()).isEqualTo(Frame.HEADROOM);
            assertThat(segment.offloadFlags()).isEqualTo(Frame.OFFLOAD_CHECKSUM_VALID);
            assertThat(segment.hasPendingOffload()).isFalse();
            byte[] bytes = segment.toByteArray();
            assertThat(Arrays.copyOfRange(bytes, headers, bytes.length))
                    .isEqualTo(Arrays.copyOfRange(whole, at, at + payload));

            byte[] expected = Arrays.copyOf(whole, headers);
            if (shape.ipv6) {
                put(expected, network + 4, bytes.length - network - 40);
            } else {
                put(expected, network + 2, bytes.length - network);
                put(expected, network + 4, SuperFrames.IPV4_ID + i);
                put(expected, network + 10, segment.getShort(network + 10));
                int ipHeader = Ipv4.headerLength(segment, network);
                assertThat(InternetChecksum.sum(segment, network, ipHeader)).isEqualTo(0xffff);
            }
            if (shape.udp) {
                put(expected, transport + 4, bytes.length - transport);
                put(expected, transport + 6, segment.getShort(transport + 6));
            } else {
                int sequence = SuperFrames.SEQUENCE + i * shape.gsoSize;
                put(expected, transport + 4, sequence >>> 16);
                put(expected, transport + 6, sequence);
                expected[transport + 13] &=
                        (byte) ~((last ? 0 : SuperFrames.FIN | SuperFrames.PSH) | (i == 0 ? 0 : SuperFrames.CWR));
                put(expected, transport + 16, segment.getShort(transport + 16));
            }
            assertThat(Arrays.copyOf(bytes, headers)).as("segment %d", i).isEqualTo(expected);
            int length = bytes.length - transport;
            int protocol = shape.udp ? Ipv4.UDP : Ipv4.TCP;
            long pseudo = shape.ipv6
                    ? InternetChecksum.ipv6PseudoHeader(segment, network, protocol, length)
                    : InternetChecksum.ipv4PseudoHeader(segment, network, protocol, length);
            assertThat(InternetChecksum.fold(pseudo + InternetChecksum.sum(segment, transport, length)))
                    .isEqualTo(0xffff);
            at += payload;
        }
        assertThat(at).isEqualTo(whole.length);
        release(segments);
    }

    private static void put(byte[] bytes, int at, int value) {
        bytes[at] = (byte) (value >>> 8);
        bytes[at + 1] = (byte) value;
    }

    @Test
    void shouldSegmentEveryShape() {
        for (int[] tags : new int[][] {{}, {0x8100}, {0x88a8, 0x8100}}) {
            shape.tags = tags;
            for (int i = 0; i < 8; i++) {
                shape.udp = (i & 1) != 0;
                shape.ipv6 = (i & 2) != 0;
                boolean plain = (i & 4) == 0;
                shape.ipv4OptionLength = plain ? 0 : 8;
                shape.extensionHeaders = plain ? new int[0] : new int[] {0, 60, 43, 60};
                shape.tcpOptionLength = plain ? 0 : 40;
                for (int payload : new int[] {1_449, 2 * 1_448 - 1, 2 * 1_448, 10_001}) {
                    shape.payloadLength = payload;
                    check(segments());
                }
            }
        }
    }

    @Test
    void shouldSegmentTheLongestFrame() {
        shape.payloadLength = Frame.MAX_LENGTH - shape.headerLength();
        check(segments());
    }

    @Test
    void shouldKeepFlagsWhereTheyBelong() {
        shape.tcpFlags = 0xff & ~2;
        for (boolean ecn : new boolean[] {false, true}) {
            shape.ecn = ecn;
            List<Frame> segments = segments();
            int flags = shape.transport() + 13;
            assertThat(segments).hasSize(4);
            assertThat(segments.get(0).getByte(flags)).isEqualTo(0xff & ~2 & ~9);
            assertThat(segments.get(1).getByte(flags)).isEqualTo(0x7f & ~2 & ~9);
            assertThat(segments.get(3).getByte(flags)).isEqualTo(0x7f & ~2);
            check(segments);
        }
    }

    @Test
    void shouldLetIdentificationAndSequenceWrapAround() {
        List<Frame> segments = segments();
        assertThat(segments.get(1).getShort(18)).isEqualTo(0xffff);
        assertThat(segments.get(2).getShort(18)).isZero();
        assertThat(segments.get(2).getInt(38)).isEqualTo(0xffff_f000 + 2 * 1_448);
        assertThat(segments.get(3).getInt(38)).isEqualTo(0xf8);
        check(segments);
    }

    @Test
    void shouldCarryStampsAlong() {
        superFrame = shape.allocate(pool);
        superFrame.ingress(3);
        superFrame.endpoint(77);
        superFrame.mirrored(Frame.MIRRORED_SENT);
        superFrame.egress(5);
        assertThat(OffloadCheck.isSound(superFrame)).isTrue();
        segmenter.begin(superFrame);
        for (Frame segment = segmenter.next(); segment != null; segment = segmenter.next()) {
            assertThat(segment.ingress()).isEqualTo(3);
            assertThat(segment.endpoint()).isEqualTo(77);
            assertThat(segment.mirrored()).isEqualTo(Frame.MIRRORED_SENT);
            assertThat(segment.egress()).isEqualTo(5);
            segment.release();
        }
        superFrame.release();
    }

    @Test
    void shouldFollowTagsThatCameAndWentSinceTheCheck() {
        shape.tags = new int[] {0x8100};
        superFrame = shape.allocate(pool);
        assertThat(OffloadCheck.isSound(superFrame)).isTrue();
        Ethernet.pushTag(superFrame, Ethernet.TPID_SERVICE, 7);
        Ethernet.pushTag(superFrame, Ethernet.TPID_SERVICE, 8);
        segmenter.begin(superFrame);
        Frame segment = segmenter.next();
        assertThat(segment.getShort(24)).isEqualTo(0x0800);
        assertThat(segment.length()).isEqualTo(shape.headerLength() + 8 + 1_448);
        assertThat(InternetChecksum.sum(segment, 26, 20)).isEqualTo(0xffff);
        segment.release();
        Ethernet.popTag(superFrame);
        Ethernet.popTag(superFrame);
        Ethernet.popTag(superFrame);
        shape.tags = new int[0];
        segmenter.begin(superFrame);
        List<Frame> segments = new ArrayList<>();
        for (segment = segmenter.next(); segment != null; segment = segmenter.next()) {
            segments.add(segment);
        }
        check(segments);
    }

    @Test
    void shouldMakeTensOfThousandsOfSegmentsOneByOne() {
        shape.gsoSize = 1;
        shape.payloadLength = 65_000;
        superFrame = shape.allocate(pool);
        assertThat(OffloadCheck.isSound(superFrame)).isTrue();
        segmenter.begin(superFrame);
        int count = 0;
        for (Frame segment = segmenter.next(); segment != null; segment = segmenter.next()) {
            assertThat(segment.getByte(shape.headerLength())).isEqualTo(count % 251);
            assertThat(segment.length()).isEqualTo(shape.headerLength() + 1);
            count++;
            segment.release();
        }
        assertThat(count).isEqualTo(65_000);
        superFrame.release();
    }

    @Test
    void shouldSayWhatADryPoolCost() {
        FramePool small = new FramePool(2, 0);
        Segmenter dry = new Segmenter(small);
        superFrame = shape.allocate(pool);
        assertThat(OffloadCheck.isSound(superFrame)).isTrue();
        dry.begin(superFrame);
        Frame first = dry.next();
        Frame second = dry.next();
        assertThat(dry.next()).isNull();
        assertThat(dry.remaining()).isEqualTo(2);
        first.release();
        Frame third = dry.next(); // goes on where it stopped
        assertThat(third.getInt(38)).isEqualTo(SuperFrames.SEQUENCE + 2 * 1_448);
        second.release();
        third.release();
        superFrame.release();
    }

    @Test
    void shouldNotHideAChecksumThatWasWrongOnArrival() {
        superFrame = shape.allocate(pool);
        superFrame.putShort(shape.transport() + 16, superFrame.getShort(shape.transport() + 16) ^ 1);
        assertThat(OffloadCheck.isSound(superFrame)).isTrue();
        segmenter.begin(superFrame);
        Frame segment = segmenter.next();
        int length = segment.length() - 34;
        assertThat(InternetChecksum.fold(InternetChecksum.ipv4PseudoHeader(segment, 14, Ipv4.TCP, length)
                        + InternetChecksum.sum(segment, 34, length)))
                .isNotEqualTo(0xffff);
        segment.release();
        superFrame.release();
    }

    @Test
    void shouldSendOnesForAUdpChecksumOfZero() {
        shape.udp = true;
        shape.payloadLength = 8;
        shape.gsoSize = 4;
        superFrame = shape.allocate(pool);
        assertThat(OffloadCheck.isSound(superFrame)).isTrue();
        segmenter.begin(superFrame);
        Frame segment = segmenter.next();
        int checksum = segment.getShort(shape.transport() + 6);
        segment.release();
        // adding the checksum to the payload makes the sum 0xffff
        int word = shape.headerLength();
        superFrame.putShort(word, InternetChecksum.fold((long) superFrame.getShort(word) + checksum));
        segmenter.begin(superFrame);
        segment = segmenter.next();
        assertThat(segment.getShort(shape.transport() + 6)).isEqualTo(0xffff);
        segment.release();
        superFrame.release();
    }
}
