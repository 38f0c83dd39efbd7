package io.weft;

import static io.weft.OffloadLan.CHECKSUM;
import static io.weft.OffloadLan.EVERYTHING;
import static io.weft.OffloadLan.NOTHING;
import static io.weft.OffloadLan.TSO;
import static io.weft.OffloadLan.TSO4;
import static io.weft.OffloadLan.narrow;
import static io.weft.SteppedLan.A;
import static io.weft.SteppedLan.B;
import static io.weft.SteppedLan.BROADCAST;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.Conversation.Kind;
import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.offload.OffloadCheck;
import io.weft.offload.Segmenter;
import io.weft.port.DropReason;
import io.weft.port.PortCapabilities;
import io.weft.port.PortStatistics;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** In front of each port: what it takes goes out as it is, and everything else is finished first. */
class SuperFrameEgressTest {
    private static final int MSS = 1_448;

    private final OffloadLan lan = new OffloadLan();

    @AfterEach
    void close() {
        lan.close();
    }

    private void ports(PortCapabilities out) throws Exception {
        lan.port("in", NOTHING).port("out", out);
    }

    private static List<byte[]> bytes(List<OffloadedFrame> frames) {
        assertThat(frames).noneMatch(OffloadedFrame::isPartial).noneMatch(OffloadedFrame::isSuperFrame);
        return frames.stream().map(OffloadedFrame::bytes).toList();
    }

    /** What the segmenter makes of it. */
    private static List<byte[]> segments(OffloadedFrame superFrame) {
        FramePool pool = new FramePool(128, 1);
        Frame frame = superFrame.allocate(pool);
        assertThat(OffloadCheck.isSound(frame)).isTrue();
        Segmenter segmenter = new Segmenter(pool);
        segmenter.begin(frame);
        List<byte[]> all = new ArrayList<>();
        for (Frame segment = segmenter.next(); segment != null; segment = segmenter.next()) {
            all.add(segment.toByteArray());
            segment.release();
        }
        return all;
    }

    // ---- one port ----

    @ParameterizedTest
    @EnumSource
    void shouldPassSuperFramesUntouchedToAPortThatTakesThem(Kind kind) throws Exception {
        ports(EVERYTHING);
        Conversation talk = new Conversation(kind, A, B);
        OffloadedFrame[] frames = {
            talk.superFrame(60_000, MSS), talk.plain(100), talk.partial(100), talk.superFrame(2_000, 1_000)
        };
        lan.send("in", frames);
        assertThat(lan.take("out")).containsExactly(frames);
        PortStatistics out = lan.statistics("out");
        assertThat(out.segmented()).isZero();
        assertThat(out.txFrames()).isEqualTo(4);
        assertThat(out.txSegments()).isEqualTo(42 + 1 + 1 + 2);
        assertThat(lan.statistics("in").rxSegments()).isEqualTo(42 + 1 + 1 + 2);
    }

    @ParameterizedTest
    @EnumSource
    void shouldCutInPlaceForAPortThatTakesNothing(Kind kind) throws Exception {
        ports(NOTHING);
        Conversation talk = new Conversation(kind, A, B);
        OffloadedFrame first = talk.plain(64);
        OffloadedFrame superFrame = talk.superFrame(10_001, MSS);
        OffloadedFrame partial = talk.partial(333);
        OffloadedFrame another = talk.superFrame(MSS, MSS);
        OffloadedFrame last = talk.plain(65);
        lan.send("in", first, superFrame, partial, another, last);
        List<byte[]> expected = new ArrayList<>();
        expected.add(first.bytes());
        expected.addAll(segments(superFrame));
        expected.addAll(partial.onTheWire());
        expected.addAll(segments(another));
        expected.add(last.bytes());
        List<OffloadedFrame> sent = lan.take("out");
        assertThat(bytes(sent)).containsExactlyElementsOf(expected);
        assertThat(sent).allMatch(frame -> OffloadedFrame.isRight(frame.bytes()));
        assertThat(superFrame.onTheWire()).containsExactlyElementsOf(segments(superFrame)); // the slow reference agrees
        PortStatistics out = lan.statistics("out");
        assertThat(out.segmented()).isEqualTo(6);
        assertThat(out.txFrames()).isEqualTo(11).isEqualTo(out.txSegments());
        assertThat(lan.statistics("in").rxFrames()).isEqualTo(5);
        assertThat(lan.statistics("in").rxSegments()).isEqualTo(11);
    }

    @Test
    void shouldCutWhatTheEcnBitAsksForUnlessThePortCanDoThat() throws Exception {
        ports(TSO);
        lan.port("able", EVERYTHING);
        for (Kind kind : new Kind[] {Kind.TCP4, Kind.TCP6}) {
            OffloadedFrame plain = new Conversation(kind, A, BROADCAST).superFrame(4_000, MSS);
            OffloadedFrame ecn = new Conversation(kind, A, BROADCAST).superFrameWithEcn(4_000, MSS);
            lan.send("in", plain, ecn);
            List<OffloadedFrame> sent = lan.take("out");
            assertThat(sent).hasSize(4).first().isEqualTo(plain);
            assertThat(bytes(sent.subList(1, 4))).containsExactlyElementsOf(ecn.onTheWire());
            int flags = ecn.checksumStart() + 13;
            assertThat(sent.get(1).bytes()[flags] & 0x80).as("CWR of the first").isEqualTo(0x80);
            assertThat(sent.get(2).bytes()[flags] & 0x80)
                    .as("CWR of the second")
                    .isZero();
            assertThat(lan.take("able")).containsExactly(plain, ecn);
        }
    }

    @Test
    void shouldCutWhatThePortsOffloadsDoNotName() throws Exception {
        ports(TSO4);
        for (Kind kind : Kind.values()) {
            Conversation talk = new Conversation(kind, A, B);
            OffloadedFrame superFrame = talk.superFrame(3_000, MSS);
            OffloadedFrame partial = talk.partial(77);
            lan.send("in", superFrame, partial);
            List<OffloadedFrame> sent = lan.take("out");
            assertThat(sent).last().as("a partial checksum it takes").isEqualTo(partial);
            List<OffloadedFrame> before = sent.subList(0, sent.size() - 1);
            if (kind == Kind.TCP4) {
                assertThat(before).containsExactly(superFrame);
            } else {
                assertThat(bytes(before)).as("" + kind).containsExactlyElementsOf(superFrame.onTheWire());
            }
        }
    }

    @Test
    void shouldCompleteSegmentsAlsoForAPortThatWouldDoChecksums() throws Exception {
        ports(CHECKSUM);
        Conversation talk = new Conversation(Kind.UDP6, A, B);
        OffloadedFrame superFrame = talk.superFrame(3_000, MSS);
        OffloadedFrame partial = talk.partial(77);
        lan.send("in", partial, superFrame);
        List<OffloadedFrame> sent = lan.take("out");
        assertThat(sent).hasSize(4).first().isEqualTo(partial);
        assertThat(bytes(sent.subList(1, 4))).containsExactlyElementsOf(superFrame.onTheWire());
    }

    // ---- several ports ----

    @ParameterizedTest
    @EnumSource
    void shouldFloodToEachPortWhatItCanTake(Kind kind) throws Exception {
        PortCapabilities[] able = {NOTHING, EVERYTHING, CHECKSUM, TSO, NOTHING, TSO4, EVERYTHING};
        for (int turn = 0; turn < able.length; turn++) { // so that each is the one who gets the original once
            List<String> names = new ArrayList<>();
            try (OffloadLan mix = new OffloadLan()) {
                mix.port("in", EVERYTHING);
                for (int i = 0; i < able.length; i++) {
                    names.add("out" + i);
                    mix.port("out" + i, able[(i + turn) % able.length]);
                }
                Conversation talk = new Conversation(kind, A, BROADCAST);
                OffloadedFrame superFrame = talk.superFrame(7_000, MSS);
                OffloadedFrame partial = talk.partial(200);
                mix.send("in", superFrame, partial);
                for (int i = 0; i < able.length; i++) {
                    PortCapabilities capabilities = able[(i + turn) % able.length];
                    List<OffloadedFrame> sent = mix.take("out" + i);
                    boolean whole = capabilities == EVERYTHING
                            || (kind == Kind.TCP4 && capabilities == TSO4)
                            || (!kind.isUdp() && capabilities == TSO);
                    int first = whole ? 1 : 5;
                    if (whole) {
                        assertThat(sent.get(0)).isEqualTo(superFrame);
                    } else {
                        assertThat(bytes(sent.subList(0, first))).containsExactlyElementsOf(superFrame.onTheWire());
                    }
                    assertThat(sent).hasSize(first + 1);
                    if (capabilities == NOTHING) {
                        assertThat(bytes(sent.subList(5, 6))).containsExactlyElementsOf(partial.onTheWire());
                    } else {
                        assertThat(sent.get(first)).isEqualTo(partial);
                    }
                }
                assertThat(mix.statistics("in").copies()).isEqualTo(2L * (able.length - 1));
            }
        }
    }

    // ---- lengths ----

    @Test
    void shouldMeasureSegmentsWhereThePortNeedsThem() throws Exception {
        ports(narrow(NOTHING));
        OffloadedFrame fits = new Conversation(Kind.TCP4, A, B).superFrame(30_000, 1_452); // 1,518 with the headers
        lan.send("in", fits);
        assertThat(bytes(lan.take("out"))).containsExactlyElementsOf(fits.onTheWire());
        assertThat(lan.dropped("out", DropReason.TOO_LONG)).isZero();
        OffloadedFrame tooLong = new Conversation(Kind.TCP4, A, B).superFrame(3 * 1_453 + 5, 1_453);
        lan.send("in", tooLong);
        assertThat(bytes(lan.take("out")))
                .as("the short last one")
                .containsExactly(tooLong.onTheWire().get(3));
        assertThat(lan.dropped("out", DropReason.TOO_LONG)).isEqualTo(3);
    }

    @Test
    void shouldMeasureASuperFrameAsAWholeWhereThePortCutsItself() throws Exception {
        ports(narrow(EVERYTHING));
        Conversation talk = new Conversation(Kind.TCP4, A, B);
        OffloadedFrame small = talk.superFrame(1_400, 700);
        lan.send("in", small, talk.superFrame(1_500, 700));
        assertThat(lan.take("out")).containsExactly(small);
        assertThat(lan.dropped("out", DropReason.TOO_LONG)).isEqualTo(1);
    }

    @Test
    void shouldSendBatchAfterBatchOfATinySegmentSize() throws Exception {
        ports(NOTHING);
        OffloadedFrame superFrame = new Conversation(Kind.TCP4, A, B).superFrame(60_000, 40);
        OffloadedFrame behind = new Conversation(Kind.UDP4, A, B).plain(50);
        lan.send("in", superFrame, behind);
        List<List<OffloadedFrame>> batches = lan.port("out").takeBatches();
        assertThat(batches).hasSize(24).allMatch(batch -> batch.size() <= 64);
        List<byte[]> expected = new ArrayList<>(superFrame.onTheWire());
        expected.add(behind.bytes());
        assertThat(bytes(batches.stream().flatMap(List::stream).toList())).containsExactlyElementsOf(expected);
    }

    @Test
    void shouldCountSegmentsForWhichThereIsNoMemory() throws Exception {
        ports(NOTHING);
        lan.port("out").hold(); // every segment stays out of the pool
        OffloadedFrame superFrame = new Conversation(Kind.TCP4, A, B).superFrame(60_000, 10);
        lan.send("in", superFrame);
        int had = FramePool.DEFAULT_SMALL;
        assertThat(bytes(lan.take("out")))
                .containsExactlyElementsOf(superFrame.onTheWire().subList(0, had));
        assertThat(lan.dropped("out", DropReason.COPY_POOL_EMPTY)).isEqualTo(6_000 - had);
        assertThat(lan.statistics("out").segmented()).isEqualTo(5_999);
        assertThat(lan.lan.statistics().unaccounted()).isZero();
        lan.port("out").letGo();
        OffloadedFrame next = new Conversation(Kind.UDP4, A, B).superFrame(3_000, MSS);
        lan.send("in", next);
        assertThat(bytes(lan.take("out"))).as("and on it goes").containsExactlyElementsOf(next.onTheWire());
    }

    @Test
    void shouldCountASuperFrameThatIsDroppedOnce() throws Exception {
        ports(EVERYTHING);
        lan.port("out").down("unplugged");
        lan.settle();
        lan.send("in", new Conversation(Kind.TCP4, A, B).superFrame(60_000, MSS));
        assertThat(lan.dropped("in", DropReason.NO_EGRESS)).isEqualTo(1);
        assertThat(lan.statistics("in").rxSegments()).isEqualTo(42);
        assertThat(lan.lan.statistics().unaccounted()).isZero();
    }
}
