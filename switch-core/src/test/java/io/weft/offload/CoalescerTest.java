package io.weft.offload;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import io.weft.port.Offload;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Rule by rule: what is merged, into what, and what is not. After every call the frames that come out are, on the wire, those
 * that went in.
 */
class CoalescerTest {
    private static final Set<Offload> ALL = EnumSet.allOf(Offload.class);

    private final FramePool pool = new FramePool(512, 8);
    private final FrameBatch batch = new FrameBatch();

    /** The four kinds of segments that can be merged. */
    enum Kind {
        TCP4(1),
        TCP6(4),
        UDP4(5),
        UDP6(5);

        final int gsoType;

        Kind(int gsoType) {
            this.gsoType = gsoType;
        }

        SegmentBytes segment(int length) {
            return switch (this) {
                case TCP4 -> SegmentBytes.tcp4(length);
                case TCP6 -> SegmentBytes.tcp6(length);
                case UDP4 -> SegmentBytes.udp4(length);
                case UDP6 -> SegmentBytes.udp6(length);
            };
        }
    }

    @AfterEach
    void shouldLoseNoFrame() {
        assertThat(pool.inUse()).isEqualTo(batch.size());
        batch.release();
        assertThat(pool.inUse()).isZero();
    }

    private int coalesce(SegmentBytes... segments) {
        return coalesce(ALL, segments);
    }

    private int coalesce(Set<Offload> offloads, SegmentBytes... segments) {
        add(segments);
        return coalesceBatch(new Coalescer(pool, offloads));
    }

    private void add(SegmentBytes... segments) {
        for (SegmentBytes segment : segments) {
            batch.add(segment.frame(pool));
        }
    }

    /** Coalesces, and looks whether the same frames are still there, in an order that may differ between flows. */
    private int coalesceBatch(Coalescer coalescer) {
        int before = batch.size();
        List<byte[]> given = wire();
        int lost = coalescer.coalesce(batch);
        assertThat(batch.size()).isEqualTo(before - lost);
        assertThat(wire()).containsExactlyInAnyOrderElementsOf(given);
        return lost;
    }

    private List<byte[]> wire() {
        List<byte[]> frames = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            frames.addAll(WireReference.frames(batch.get(i)));
        }
        return frames;
    }

    private List<Integer> segmentsInEach() {
        List<Integer> counts = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            counts.add(WireReference.frames(batch.get(i)).size());
        }
        return counts;
    }

    // ---- what is merged ----

    static Stream<Arguments> kindsAndTags() {
        return Stream.of(Kind.values())
                .flatMap(kind -> Stream.of(
                        Arguments.of(kind, new int[] {}),
                        Arguments.of(kind, new int[] {0x8100_0064}),
                        Arguments.of(kind, new int[] {0x88a8_2007, 0x8100_0064})));
    }

    @ParameterizedTest
    @MethodSource("kindsAndTags")
    void shouldMakeASuperFrame(Kind kind, int[] tags) {
        SegmentBytes first = kind.segment(1_000).tagged(tags);
        SegmentBytes second = first.next();
        SegmentBytes third = second.next(300);
        byte[] expected = first.build();

        assertThat(coalesce(first, second, third)).isEqualTo(2);

        Frame merged = batch.get(0);
        int transport = first.transportOffset();
        int payload = expected.length - 1_000;
        assertThat(merged.length()).isEqualTo(payload + 2_300);
        assertThat(merged.gsoType()).isEqualTo(kind.gsoType);
        assertThat(merged.gsoSize()).isEqualTo(1_000);
        assertThat(merged.headerLength()).isEqualTo(payload);
        assertThat(merged.offloadFlags()).isEqualTo(Frame.OFFLOAD_CHECKSUM_PARTIAL);
        assertThat(merged.checksumStart()).isEqualTo(transport);
        assertThat(merged.checksumOffset()).isEqualTo(first.udp ? 6 : 16);
        // The header is that of one long segment whose checksum is partial.
        SegmentBytes whole = first.copy();
        whole.payload = new byte[2_300];
        System.arraycopy(first.payload, 0, whole.payload, 0, 1_000);
        System.arraycopy(second.payload, 0, whole.payload, 1_000, 1_000);
        System.arraycopy(third.payload, 0, whole.payload, 2_000, 300);
        whole.partial = true;
        assertThat(merged.toByteArray()).isEqualTo(whole.build());
    }

    @ParameterizedTest
    @EnumSource
    void shouldMergeWithOffloadOnly(Kind kind) {
        Offload needed =
                switch (kind) {
                    case TCP4 -> Offload.TSO4;
                    case TCP6 -> Offload.TSO6;
                    case UDP4, UDP6 -> Offload.USO;
                };
        SegmentBytes first = kind.segment(100);
        EnumSet<Offload> without = EnumSet.complementOf(EnumSet.of(needed));
        assertThat(coalesce(without, first, first.next())).isZero();
        assertThat(coalesce(Set.of(needed), first, first.next())).isZero();
        assertThat(coalesce(Set.of(), first, first.next())).isZero();
        batch.release();
        assertThat(coalesce(EnumSet.of(Offload.CHECKSUM, needed), first, first.next()))
                .isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void shouldKeepWhereTheFrameComesFromAndGoesTo(Kind kind) {
        SegmentBytes first = kind.segment(1_400);
        for (SegmentBytes segment : List.of(first, first.next())) {
            Frame frame = segment.frame(pool);
            frame.ingress(3);
            frame.endpoint(77);
            frame.egress(5);
            batch.add(frame);
        }
        assertThat(coalesceBatch(new Coalescer(pool, ALL))).isEqualTo(1);
        assertThat(batch.get(0).ingress()).isEqualTo(3);
        assertThat(batch.get(0).endpoint()).isEqualTo(77);
        assertThat(batch.get(0).egress()).isEqualTo(5);
    }

    @Test
    void shouldNotMergeForDifferentEndpoints() {
        SegmentBytes first = SegmentBytes.tcp4(100);
        batch.add(first.frame(pool));
        Frame elsewhere = first.next().frame(pool);
        elsewhere.endpoint(1);
        batch.add(elsewhere);
        assertThat(coalesceBatch(new Coalescer(pool, ALL))).isZero();
    }

    @Test
    void shouldCountIdsAndSequenceNumbersAcrossZero() {
        SegmentBytes first = SegmentBytes.tcp4(100);
        first.id = 0xfffe;
        first.sequence = -150;
        SegmentBytes second = first.next();
        SegmentBytes third = second.next();
        assertThat(coalesce(first, second, third, third.next())).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, SegmentBytes.DF})
    void shouldMergeWithAndWithoutDontFragment(int fragment) {
        SegmentBytes first = SegmentBytes.tcp4(100);
        first.fragment = fragment;
        assertThat(coalesce(first, first.next())).isEqualTo(1);
    }

    @Test
    void shouldEndWithPushOrFin() {
        for (int flag : new int[] {TransportSegment.PSH, TransportSegment.FIN, 9}) {
            SegmentBytes first = SegmentBytes.tcp4(100);
            SegmentBytes second = first.next();
            second.flags |= flag;
            SegmentBytes third = second.next();
            third.flags = first.flags;
            assertThat(coalesce(first, second, third, third.next())).isEqualTo(2);
            assertThat(segmentsInEach()).containsExactly(2, 2);
            assertThat(batch.get(0).getByte(14 + 20 + 13)).isEqualTo(TransportSegment.ACK | flag);
            batch.release();
            assertThat(coalesce(second, third)).isZero(); // nothing follows it
            batch.release();
        }
    }

    @Test
    void shouldKeepCongestionEchoInAllSegments() {
        SegmentBytes first = SegmentBytes.tcp6(100);
        first.flags |= TransportSegment.ECE;
        first.trafficClass = 3; // CE
        assertThat(coalesce(first, first.next())).isEqualTo(1);
        assertThat(batch.get(0).gsoType()).isEqualTo(4);
    }

    @ParameterizedTest
    @EnumSource
    void shouldEndWithAShorterSegment(Kind kind) {
        SegmentBytes first = kind.segment(100);
        SegmentBytes second = first.next(99);
        SegmentBytes third = second.next(99);
        assertThat(coalesce(first, second, third, third.next(100))).isEqualTo(1);
        assertThat(segmentsInEach()).containsExactly(2, 1, 1);
    }

    @ParameterizedTest
    @EnumSource
    void shouldBeginAgainWithALongerSegment(Kind kind) {
        SegmentBytes first = kind.segment(100);
        SegmentBytes second = first.next(101);
        assertThat(coalesce(first, second, second.next())).isEqualTo(1);
        assertThat(segmentsInEach()).containsExactly(1, 2);
    }

    @Test
    void shouldNotCutTcpFinerThanLinuxDoes() {
        assertThat(coalesce(SegmentBytes.tcp4(7), SegmentBytes.tcp4(7).next())).isZero();
        assertThat(coalesce(SegmentBytes.tcp4(8), SegmentBytes.tcp4(8).next(1))).isEqualTo(1);
        batch.release();
        assertThat(coalesce(SegmentBytes.udp4(1), SegmentBytes.udp4(1).next())).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void shouldStopAtSixtyFourSegments(Kind kind) {
        FrameBatch many = new FrameBatch(130);
        SegmentBytes segment = kind.segment(10);
        for (int i = 0; i < 130; i++) {
            many.add(segment.frame(pool));
            segment = segment.next();
        }
        assertThat(new Coalescer(pool, ALL).coalesce(many)).isEqualTo(127);
        assertThat(WireReference.frames(many.get(0))).hasSize(64);
        assertThat(WireReference.frames(many.get(2))).hasSize(2);
        many.release();
    }

    @ParameterizedTest
    @EnumSource
    void shouldStopAtTheLongestFrame(Kind kind) {
        SegmentBytes segment = kind.segment(1_448);
        SegmentBytes[] segments = new SegmentBytes[50];
        for (int i = 0; i < 50; i++) {
            segments[i] = segment;
            segment = segment.next();
        }
        assertThat(coalesce(segments)).isEqualTo(48);
        int headers = segments[0].build().length - 1_448;
        assertThat(batch.get(0).length()).isEqualTo(headers + 45 * 1_448).isLessThanOrEqualTo(Frame.MAX_LENGTH);
        batch.release();
        // To the last byte.
        SegmentBytes half = kind.segment(32_768);
        assertThat(coalesce(half, half.next(32_767 - headers))).isEqualTo(1);
        assertThat(batch.get(0).length()).isEqualTo(Frame.MAX_LENGTH);
        batch.release();
        assertThat(coalesce(half, half.next(32_768 - headers))).isZero();
    }

    // ---- what is not ----

    /** How a frame can differ from the one that would be merged with the one before it. */
    static Map<String, Consumer<SegmentBytes>> differences() {
        Map<String, Consumer<SegmentBytes>> all = new LinkedHashMap<>();
        all.put("destination", s -> s.destination ^= 1L << 32);
        all.put("source", s -> s.source ^= 1);
        all.put("tag", s -> s.tags = new int[] {0x8100_0064});
        all.put("traffic class", s -> s.trafficClass ^= 1);
        all.put("TTL", s -> s.ttl--);
        all.put("padding", s -> s.padding = new byte[1]);
        all.put("wrong checksum", s -> s.checksumError = 1);
        all.put("wrong partial checksum", s -> {
            s.partial = true;
            s.checksumError = 1;
        });
        return all;
    }

    static Stream<Arguments> kindsAndDifferences() {
        Map<String, Consumer<SegmentBytes>> ipv4 = differences();
        ipv4.put("don't fragment", s -> s.fragment = 0);
        ipv4.put("reserved flag", s -> s.fragment = 0xc000);
        ipv4.put("more fragments", s -> s.fragment = 0x2000);
        ipv4.put("fragment offset", s -> s.fragment = 1);
        ipv4.put("options", s -> s.ipOptions = new byte[] {1, 1, 1, 1});
        ipv4.put("same id", s -> s.id--);
        ipv4.put("id skipped", s -> s.id++);
        ipv4.put("wrong header checksum", s -> s.ipChecksumError = 1);
        Map<String, Consumer<SegmentBytes>> ipv6 = differences();
        ipv6.put("flow label", s -> s.flowLabel = 1);
        ipv6.put("extension header", s -> {
            s.extensions = new byte[] {(byte) (s.udp ? 17 : 6), 0, 1, 4, 0, 0, 0, 0};
            s.extensionType = 60;
        });
        Map<String, Consumer<SegmentBytes>> tcp = new LinkedHashMap<>();
        tcp.put("sequence gap", s -> s.sequence++);
        tcp.put("repeated", s -> s.sequence -= s.payload.length);
        tcp.put("acknowledgement", s -> s.acknowledged++);
        tcp.put("window", s -> s.window++);
        tcp.put("urgent pointer", s -> s.urgent = 1);
        tcp.put("reserved bits", s -> s.reserved = 1);
        tcp.put("timestamps", s -> s.options = new byte[] {1, 1, 8, 10, 0, 0, 0, 2, 0, 0, 0, 2});
        tcp.put("fewer options", s -> s.options = new byte[] {1, 1, 1, 1});
        tcp.put("pure ACK", s -> s.payload = new byte[0]);
        tcp.put("SYN", s -> s.flags |= 2);
        tcp.put("RST", s -> s.flags |= 4);
        tcp.put("URG", s -> s.flags |= 0x20);
        tcp.put("ECE", s -> s.flags |= 0x40);
        tcp.put("CWR", s -> s.flags |= 0x80);
        tcp.put("no ACK", s -> s.flags = 0);
        Map<String, Consumer<SegmentBytes>> udp = new LinkedHashMap<>();
        udp.put("no checksum", s -> s.withoutChecksum = true);
        udp.put("no payload", s -> s.payload = new byte[0]);
        Stream.Builder<Arguments> rows = Stream.builder();
        for (Kind kind : Kind.values()) {
            boolean isIpv4 = kind == Kind.TCP4 || kind == Kind.UDP4;
            boolean isTcp = kind == Kind.TCP4 || kind == Kind.TCP6;
            (isIpv4 ? ipv4 : ipv6).forEach((name, change) -> rows.add(Arguments.of(kind, name, change)));
            (isTcp ? tcp : udp).forEach((name, change) -> rows.add(Arguments.of(kind, name, change)));
        }
        return rows.build();
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("kindsAndDifferences")
    void shouldNotMergeWhatDiffers(Kind kind, String name, Consumer<SegmentBytes> change) {
        SegmentBytes first = kind.segment(1_000);
        SegmentBytes second = first.next();
        change.accept(second);
        assertThat(coalesce(first, second)).isZero();
        assertThat(batch.get(0).toByteArray()).isEqualTo(first.build());
        assertThat(batch.get(1).toByteArray()).isEqualTo(second.build());
        assertThat(batch.get(0).hasPendingOffload()).isFalse();
    }

    /** What follows in the same flow must not get in front of it, though it would suit the frame before. */
    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("kindsAndDifferences")
    void shouldNotOvertakeAFrameOfTheFlow(Kind kind, String name, Consumer<SegmentBytes> change) {
        SegmentBytes first = kind.segment(1_000);
        SegmentBytes odd = first.next();
        change.accept(odd);
        add(first, odd, first.next());
        List<byte[]> given = wire();
        coalesceBatch(new Coalescer(pool, ALL));
        assertThat(wire()).containsExactlyElementsOf(given);
    }

    @ParameterizedTest
    @EnumSource
    void shouldLeaveSuperFramesAsTheyAre(Kind kind) {
        SegmentBytes first = kind.segment(500);
        SegmentBytes fourth = first.next().next().next();
        assertThat(coalesce(first.next(), first.next().next())).isEqualTo(1);
        Frame whole = batch.get(0);
        byte[] bytes = whole.toByteArray();
        batch.clear();
        add(first);
        batch.add(whole);
        add(fourth, fourth.next());
        assertThat(coalesceBatch(new Coalescer(pool, ALL))).isEqualTo(1);
        assertThat(segmentsInEach()).containsExactly(1, 2, 2);
        assertThat(batch.get(1)).isSameAs(whole);
        assertThat(whole.toByteArray()).isEqualTo(bytes);
    }

    @Test
    void shouldNotMergeWithoutAddressesOfIp() {
        SegmentBytes first = SegmentBytes.tcp4(100).tagged(0x8100_0001, 0x8100_0002, 0x8100_0003); // too many tags
        assertThat(coalesce(first, first.next())).isZero();
        for (int length : new int[] {0, 14, 33, 34, 37, 38, 53, 54}) {
            for (SegmentBytes segment : List.of(SegmentBytes.tcp4(9), SegmentBytes.tcp6(9), SegmentBytes.udp4(9))) {
                Frame cut = segment.frame(pool);
                cut.length(Math.min(length, cut.length()));
                batch.add(cut);
            }
        }
        assertThat(new Coalescer(pool, ALL).coalesce(batch)).isZero();
    }

    // ---- checksums ----

    @ParameterizedTest
    @EnumSource
    void shouldBeginAgainBehindAWrongChecksum(Kind kind) {
        SegmentBytes first = kind.segment(100);
        first.checksumError = 1;
        SegmentBytes second = first.next();
        second.checksumError = 0;
        SegmentBytes third = second.next();
        SegmentBytes fourth = third.next();
        fourth.checksumError = 1;
        SegmentBytes fifth = fourth.next();
        fifth.checksumError = 0;
        assertThat(coalesce(first, second, third, fourth, fifth, fifth.next())).isEqualTo(2);
        assertThat(segmentsInEach()).containsExactly(1, 2, 1, 2);
    }

    @ParameterizedTest
    @EnumSource
    void shouldTrustAChecksumThatIsKnownToBeValid(Kind kind) {
        SegmentBytes first = kind.segment(100);
        first.checksumError = 1; // shows that nobody looks
        for (SegmentBytes segment : List.of(first, first.next())) {
            Frame frame = segment.frame(pool);
            frame.offload(Frame.OFFLOAD_CHECKSUM_VALID, 0, 0, 0, 0, 0);
            batch.add(frame);
        }
        assertThat(new Coalescer(pool, ALL).coalesce(batch)).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void shouldMergePartialChecksums(Kind kind) {
        SegmentBytes first = kind.segment(700);
        first.partial = true;
        SegmentBytes second = first.next();
        SegmentBytes third = second.next();
        third.partial = false;
        assertThat(coalesce(first, second, third)).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource
    void shouldNotMergeAPartialChecksumOfAnotherPlace(Kind kind) {
        SegmentBytes first = kind.segment(700);
        first.partial = true;
        int start = first.transportOffset();
        int offset = first.checksumOffset();
        for (int[] place : new int[][] {{start + 2, offset}, {start, offset + 2}, {start - 2, offset + 2}}) {
            add(first, first.next());
            batch.get(1).offload(Frame.OFFLOAD_CHECKSUM_PARTIAL, 0, 0, 0, place[0], place[1]);
            assertThat(new Coalescer(pool, ALL).coalesce(batch)).isZero();
            batch.release();
        }
    }

    /** In ones' complement 0xffff is as right as 0, but a segmenter would write 0. */
    @Test
    void shouldNotMergeTheOtherZero() {
        SegmentBytes first = SegmentBytes.tcp4(100);
        SegmentBytes second = first.next();
        Frame frame = second.frame(pool);
        // Takes from the last payload word what makes the checksum 0.
        int last = frame.length() - 2;
        frame.putShort(last, WireReference.fold(frame.getShort(last) + frame.getShort(50)));
        frame.putShort(50, 0);
        batch.add(first.frame(pool));
        batch.add(frame);
        Frame other = pool.copy(frame);
        assertThat(coalesceBatch(new Coalescer(pool, ALL))).isEqualTo(1); // the sum is right
        batch.release();
        other.putShort(50, 0xffff);
        batch.add(first.frame(pool));
        batch.add(other);
        assertThat(coalesceBatch(new Coalescer(pool, ALL))).isZero();
    }

    // ---- flows ----

    @Test
    void shouldMergeFlowsThatAlternate() {
        SegmentBytes[] flows = {
            SegmentBytes.tcp4(100), SegmentBytes.tcp6(200), SegmentBytes.udp4(300), SegmentBytes.udp6(1)
        };
        for (int round = 0; round < 5; round++) {
            for (int i = 0; i < flows.length; i++) {
                add(flows[i]);
                flows[i] = flows[i].next();
            }
        }
        assertThat(coalesceBatch(new Coalescer(pool, ALL))).isEqualTo(16);
        assertThat(segmentsInEach()).containsExactly(5, 5, 5, 5);
    }

    @Test
    void shouldTellFlowsByAddressesAndPorts() {
        SegmentBytes first = SegmentBytes.tcp4(100);
        List<Consumer<SegmentBytes>> others =
                List.of(s -> s.host = 9, s -> s.sourcePort++, s -> s.destinationPort++, s -> s.udp = true);
        for (Consumer<SegmentBytes> change : others) {
            SegmentBytes other = first.copy();
            change.accept(other);
            assertThat(coalesce(first, other, first.next(), other.next())).isEqualTo(2);
            assertThat(segmentsInEach()).containsExactly(2, 2);
            batch.release();
        }
    }

    @Test
    void shouldCloseTheOldestOfNineFlows() {
        SegmentBytes[] flows = new SegmentBytes[9];
        for (int i = 0; i < 9; i++) {
            flows[i] = SegmentBytes.tcp4(100);
            flows[i].sourcePort = i;
            add(flows[i]);
        }
        for (int i = 8; i >= 0; i--) {
            add(flows[i].next());
        }
        assertThat(coalesceBatch(new Coalescer(pool, ALL))).isEqualTo(8);
        assertThat(segmentsInEach()).containsExactly(1, 2, 2, 2, 2, 2, 2, 2, 2, 1);
    }

    @Test
    void shouldStandWhereTheFirstSegmentStood() {
        SegmentBytes one = SegmentBytes.tcp4(100);
        SegmentBytes two = SegmentBytes.tcp4(100);
        two.sourcePort++;
        SegmentBytes acknowledgement = SegmentBytes.tcp4(0);
        acknowledgement.host = 3;
        add(acknowledgement, one, acknowledgement, two, acknowledgement, two.next(), one.next(), acknowledgement);
        assertThat(coalesceBatch(new Coalescer(pool, ALL))).isEqualTo(2);
        assertThat(segmentsInEach()).containsExactly(1, 2, 1, 2, 1, 1);
    }

    /** A fragment may belong to any flow between its hosts. */
    @Test
    void shouldNotLetSegmentsOvertakeFragmentsOfTheirHosts() {
        SegmentBytes first = SegmentBytes.tcp4(100);
        SegmentBytes fragment = SegmentBytes.udp4(100);
        fragment.fragment = 0x2000;
        assertThat(coalesce(first, fragment, first.next())).isZero();
        batch.release();
        fragment.host = 8;
        assertThat(coalesce(first, fragment, first.next())).isEqualTo(1);
        batch.release();
        SegmentBytes second = first.next();
        second.ipOptions = new byte[] {1, 1, 1, 1};
        assertThat(coalesce(first, second, first.next())).isZero();
    }

    @Test
    void shouldKeepNothingBetweenBatches() {
        Coalescer coalescer = new Coalescer(pool, ALL);
        SegmentBytes first = SegmentBytes.tcp4(100);
        add(first, SegmentBytes.udp4(5));
        assertThat(coalesceBatch(coalescer)).isZero();
        batch.release();
        add(first.next(), SegmentBytes.udp4(5));
        assertThat(coalesceBatch(coalescer)).isZero();
    }

    // ---- memory ----

    @Test
    void shouldTakeALargeSlotOnlyWhenTheSmallOneIsFull() {
        SegmentBytes first = SegmentBytes.tcp4(200);
        add(first, first.next());
        Frame head = batch.get(0);
        assertThat(coalesceBatch(new Coalescer(pool, ALL))).isEqualTo(1);
        assertThat(batch.get(0)).isSameAs(head);
        batch.release();
        SegmentBytes jumbo = SegmentBytes.tcp4(8_900);
        add(jumbo, jumbo.next());
        head = batch.get(0);
        assertThat(coalesceBatch(new Coalescer(pool, ALL))).isEqualTo(1);
        assertThat(batch.get(0)).isSameAs(head);
    }

    @Test
    void shouldLeaveFramesAloneWhenThereIsNoMemory() {
        FramePool small = new FramePool(64, 1);
        SegmentBytes segment = SegmentBytes.tcp4(1_448);
        FrameBatch frames = new FrameBatch();
        for (int i = 0; i < 6; i++) {
            frames.add(segment.frame(small));
            segment = segment.next();
        }
        Frame onlyLarge = small.allocate(Frame.MAX_LENGTH);
        Coalescer coalescer = new Coalescer(small, ALL);
        assertThat(coalescer.coalesce(frames)).isZero();
        for (int i = 0; i < 6; i++) {
            assertThat(frames.get(i).hasPendingOffload()).isFalse();
        }
        onlyLarge.release();
        assertThat(coalescer.coalesce(frames)).isEqualTo(5);
        assertThat(small.inUse()).isEqualTo(1);
        assertThat(WireReference.frames(frames.get(0))).hasSize(6);
        frames.release();
    }

    /** What fits into the small slot is merged; what does not, begins another run. */
    @Test
    void shouldMergeWithinSmallSlotsWhenThereAreNoLargeOnes() {
        FramePool small = new FramePool(64, 0);
        SegmentBytes segment = SegmentBytes.tcp4(500);
        FrameBatch frames = new FrameBatch();
        for (int i = 0; i < 9; i++) {
            frames.add(segment.frame(small));
            segment = segment.next();
        }
        assertThat(new Coalescer(small, ALL).coalesce(frames)).isEqualTo(5);
        List<byte[]> wire = new ArrayList<>();
        for (int i = 0; i < frames.size(); i++) {
            wire.addAll(WireReference.frames(frames.get(i)));
        }
        SegmentBytes expected = SegmentBytes.tcp4(500);
        for (byte[] bytes : wire) {
            assertThat(bytes).isEqualTo(expected.build());
            expected = expected.next();
        }
        assertThat(wire).hasSize(9);
        frames.release();
        assertThat(small.inUse()).isZero();
    }
}
