package io.weft;

import static io.weft.OffloadLan.EVERYTHING;
import static io.weft.OffloadLan.NOTHING;
import static io.weft.OffloadLan.owned;
import static io.weft.SteppedLan.A;
import static io.weft.SteppedLan.B;
import static io.weft.SteppedLan.BROADCAST;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.Conversation.Kind;
import io.weft.patch.PatchPort;
import io.weft.port.DropReason;
import io.weft.port.PortCapabilities;
import io.weft.port.PortStatistics;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Super-frames on their way to another worker, over a wire, and to another switch. */
class SuperFrameHandoffTest {
    private static final int MSS = 1_448;

    private static List<byte[]> bytes(List<OffloadedFrame> frames) {
        assertThat(frames).noneMatch(OffloadedFrame::isPartial).noneMatch(OffloadedFrame::isSuperFrame);
        return frames.stream().map(OffloadedFrame::bytes).toList();
    }

    private static void step(Wire wire) {
        while (wire.step()) {
            // until nothing is left to do
        }
    }

    @Test
    void shouldLetTheOwnerOfThePortCut() throws Exception {
        try (OffloadLan lan = new OffloadLan(2)) {
            lan.port("in", EVERYTHING).port("out", owned(NOTHING)); // one worker each
            Conversation talk = new Conversation(Kind.TCP4, A, B);
            OffloadedFrame superFrame = talk.superFrame(60_000, MSS);
            OffloadedFrame partial = talk.partial(500);
            lan.send("in", talk.plain(1), superFrame, partial, talk.plain(2));
            List<OffloadedFrame> sent = lan.take("out");
            assertThat(sent).hasSize(45);
            assertThat(bytes(sent.subList(1, 43))).containsExactlyElementsOf(superFrame.onTheWire());
            assertThat(bytes(sent.subList(43, 44))).containsExactlyElementsOf(partial.onTheWire());
            PortStatistics all = lan.lan.statistics();
            assertThat(all.rxFrames()).isEqualTo(4);
            assertThat(all.segmented()).isEqualTo(41);
            assertThat(all.txFrames()).isEqualTo(45);
        }
    }

    @Test
    void shouldHandSuperFramesOverWhole() throws Exception {
        try (OffloadLan lan = new OffloadLan(2)) {
            lan.port("in", EVERYTHING).port("out", owned(EVERYTHING));
            OffloadedFrame superFrame = new Conversation(Kind.TCP6, A, B).superFrame(60_000, MSS);
            lan.send("in", superFrame);
            assertThat(lan.take("out")).containsExactly(superFrame);
            assertThat(lan.statistics("out").txSegments()).isEqualTo(42);
        }
    }

    /** A narrow port of another worker must not lose a super-frame before its owner has had the chance to cut it. */
    @Test
    void shouldMeasureSegmentsBehindTheHandoff() throws Exception {
        try (OffloadLan lan = new OffloadLan(2)) {
            lan.port("in", EVERYTHING).port("out", OffloadLan.narrow(owned(NOTHING)));
            OffloadedFrame superFrame = new Conversation(Kind.TCP4, A, B).superFrame(20_000, MSS);
            OffloadedFrame tooLong = new Conversation(Kind.TCP4, A, B).superFrame(2 * 1_500, 1_500);
            lan.send("in", superFrame, tooLong);
            assertThat(bytes(lan.take("out"))).containsExactlyElementsOf(superFrame.onTheWire());
            assertThat(lan.dropped("out", DropReason.TOO_LONG)).isEqualTo(2);
        }
    }

    @Test
    void shouldFloodAcrossWorkersToEachPortWhatItTakes() throws Exception {
        try (OffloadLan lan = new OffloadLan(3)) {
            PortCapabilities[] able = {NOTHING, EVERYTHING, owned(NOTHING), owned(EVERYTHING), NOTHING, owned(NOTHING)};
            lan.port("in", EVERYTHING);
            for (int i = 0; i < able.length; i++) {
                lan.port("out" + i, able[i]);
            }
            Conversation talk = new Conversation(Kind.UDP4, A, BROADCAST);
            OffloadedFrame superFrame = talk.superFrame(30_000, MSS);
            OffloadedFrame partial = talk.partial(100);
            lan.send("in", superFrame, partial);
            for (int i = 0; i < able.length; i++) {
                List<OffloadedFrame> sent = lan.take("out" + i);
                if (able[i].offloads().isEmpty()) {
                    List<byte[]> expected = new ArrayList<>(superFrame.onTheWire());
                    expected.addAll(partial.onTheWire());
                    assertThat(bytes(sent)).containsExactlyElementsOf(expected);
                } else {
                    assertThat(sent).containsExactly(superFrame, partial);
                }
            }
        }
    }

    // ---- wires ----

    @Test
    void shouldFinishFramesAtTheEndOfAWire() throws Exception {
        for (PortCapabilities end : new PortCapabilities[] {NOTHING, owned(NOTHING), EVERYTHING, owned(EVERYTHING)}) {
            OffloadPort left = new OffloadPort("left", EVERYTHING);
            OffloadPort right = new OffloadPort("right", end);
            Conversation talk = new Conversation(Kind.TCP4, A, B);
            OffloadedFrame superFrame = talk.superFrame(10_000, MSS);
            OffloadedFrame partial = talk.partial(300);
            try (Wire wire = Wire.invoker(System::nanoTime, left, right)) {
                left.send(superFrame);
                left.send(partial);
                step(wire);
                right.send(superFrame);
                step(wire);
                assertThat(left.take()).containsExactly(superFrame);
                List<OffloadedFrame> sent = right.take();
                if (end.offloads().isEmpty()) {
                    List<byte[]> expected = new ArrayList<>(superFrame.onTheWire());
                    expected.addAll(partial.onTheWire());
                    assertThat(bytes(sent)).containsExactlyElementsOf(expected);
                    assertThat(wire.statistics().segmented()).isEqualTo(6);
                } else {
                    assertThat(sent).containsExactly(superFrame, partial);
                }
                assertThat(wire.statistics().rxSegments()).isEqualTo(15);
                assertThat(wire.statistics().txSegments()).isEqualTo(15);
                assertThat(wire.statistics().unaccounted()).isZero();
                assertThat(left.framesInUse()).isZero();
                assertThat(right.framesInUse()).isZero();
            }
        }
    }

    // ---- patch ports ----

    @Test
    void shouldCarrySuperFramesWholeFromSwitchToSwitch() throws Exception {
        try (OffloadLan one = new OffloadLan();
                OffloadLan other = new OffloadLan()) {
            PatchPort.Pair patch = PatchPort.pair("to-other", "to-one");
            one.port("in", EVERYTHING).lan.add(patch.first());
            other.port("able", EVERYTHING).port("plain", NOTHING).lan.add(patch.second());
            Conversation talk = new Conversation(Kind.TCP6, A, BROADCAST);
            OffloadedFrame superFrame = talk.superFrame(60_000, MSS);
            OffloadedFrame partial = talk.partial(100);
            one.send("in", superFrame, partial);
            other.settle();
            one.settle(); // frames come home
            assertThat(other.take("able")).containsExactly(superFrame, partial);
            List<byte[]> expected = new ArrayList<>(superFrame.onTheWire());
            expected.addAll(partial.onTheWire());
            assertThat(bytes(other.take("plain"))).containsExactlyElementsOf(expected);
            PortStatistics sent = one.lan.port("to-other").status().statistics();
            PortStatistics received = other.lan.port("to-one").status().statistics();
            assertThat(List.of(sent.txFrames(), sent.txBytes(), sent.txSegments()))
                    .isEqualTo(List.of(received.rxFrames(), received.rxBytes(), received.rxSegments()))
                    .isEqualTo(List.of(2L, 60_000L + 86 + 186, 43L));
        }
    }

    @Test
    void shouldCountTheSegmentsOfWhatAPatchPortCannotTake() throws Exception {
        try (OffloadLan one = new OffloadLan();
                OffloadLan other = new OffloadLan()) {
            PatchPort.Pair patch = PatchPort.pair("to-other", "to-one");
            one.port("in", EVERYTHING).lan.add(patch.first());
            other.lan.add(patch.second());
            Conversation talk = new Conversation(Kind.TCP4, A, B);
            int sent = PatchPort.QUEUE_CAPACITY + 100;
            for (int i = 0; i < sent; i += 20) {
                OffloadedFrame[] some = new OffloadedFrame[Math.min(20, sent - i)];
                for (int k = 0; k < some.length; k++) {
                    some[k] = talk.superFrame(1_500, 500);
                }
                one.send("in", some);
            }
            PortStatistics patched = one.lan.port("to-other").status().statistics();
            assertThat(patched.txFrames()).isEqualTo(PatchPort.QUEUE_CAPACITY);
            assertThat(patched.txSegments()).isEqualTo(3L * PatchPort.QUEUE_CAPACITY);
            assertThat(patched.dropped(DropReason.TX_QUEUE_FULL)).isEqualTo(100);
            other.settle();
            one.settle();
            assertThat(other.lan.statistics().rxSegments()).isEqualTo(3L * PatchPort.QUEUE_CAPACITY);
        }
    }

    @Test
    void shouldCountTheSegmentsOfWhatWaitsWhenAPatchPortLeaves() throws Exception {
        try (OffloadLan one = new OffloadLan();
                OffloadLan other = new OffloadLan()) {
            PatchPort.Pair patch = PatchPort.pair("to-other", "to-one");
            one.port("in", EVERYTHING).lan.add(patch.first());
            var attached = other.lan.add(patch.second());
            one.send("in", new Conversation(Kind.TCP4, A, B).superFrame(1_500, 500));
            attached.close();
            one.settle();
            PortStatistics all = other.lan.statistics();
            assertThat(all.rxFrames()).isEqualTo(1);
            assertThat(all.rxSegments()).isEqualTo(3);
            assertThat(all.dropped(DropReason.RX_PORT_DOWN)).isEqualTo(1);
        }
    }
}
