package io.weft;

import static io.weft.OffloadLan.CHECKSUM;
import static io.weft.OffloadLan.EVERYTHING;
import static io.weft.OffloadLan.NOTHING;
import static io.weft.OffloadLan.TSO;
import static io.weft.OffloadLan.owned;
import static io.weft.SteppedLan.A;
import static io.weft.SteppedLan.B;
import static io.weft.SteppedLan.C;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.Conversation.Kind;
import io.weft.bridge.PortSettings;
import io.weft.bridge.VlanSet;
import io.weft.bridge.VlanSettings;
import io.weft.capture.Capture;
import io.weft.capture.PcapngReader;
import io.weft.capture.PortCapture.Point;
import io.weft.mirror.FrameFilter;
import io.weft.mirror.Mirror;
import io.weft.port.DropReason;
import io.weft.port.PortCapabilities;
import io.weft.port.PortStatistics;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mirrors of super-frames to ports: as they are, as the port takes them, and as they would be on the wire. */
class SuperFrameMirrorTest {
    private static final int MSS = 1_448;

    @TempDir
    Path folder;

    private static List<byte[]> wire(OffloadedFrame... frames) {
        return Arrays.stream(frames)
                .flatMap(frame -> frame.onTheWire().stream())
                .toList();
    }

    private static List<byte[]> bytes(List<OffloadedFrame> frames) {
        assertThat(frames).noneMatch(OffloadedFrame::isPartial).noneMatch(OffloadedFrame::isSuperFrame);
        return frames.stream().map(OffloadedFrame::bytes).toList();
    }

    private static OffloadedFrame[] frames(Kind kind) {
        Conversation talk = new Conversation(kind, A, B);
        return new OffloadedFrame[] {talk.superFrame(60_000, MSS), talk.plain(60), talk.partial(1_000)};
    }

    private static OffloadLan lan(PortCapabilities out, PortCapabilities ids) throws Exception {
        return lan(1, out, ids);
    }

    private static OffloadLan lan(int workers, PortCapabilities out, PortCapabilities ids) throws Exception {
        OffloadLan lan = new OffloadLan(workers);
        return lan.port("in", EVERYTHING).port("out", out).port("ids", ids);
    }

    @Test
    void shouldMirrorAsThePortsTake() throws Exception {
        for (Kind kind : Kind.values()) {
            for (PortCapabilities out : new PortCapabilities[] {NOTHING, EVERYTHING}) {
                for (int workers = 1; workers <= 3; workers++) {
                    try (OffloadLan lan = lan(workers, out, workers == 3 ? owned(EVERYTHING) : EVERYTHING)) {
                        lan.lan.mirror(Mirror.of("m").source("in").toPort("ids"));
                        lan.send("in", frames(kind));
                        assertThat(lan.take("ids")).containsExactly(frames(kind));
                        assertThat(lan.port("out").takeFromWire())
                                .containsExactly(wire(frames(kind)).toArray(byte[][]::new));
                    }
                    try (OffloadLan lan = lan(workers, out, workers == 3 ? owned(NOTHING) : NOTHING)) {
                        lan.lan.mirror(Mirror.of("m").destination("out").toPort("ids"));
                        lan.send("in", frames(kind));
                        assertThat(bytes(lan.take("ids")))
                                .containsExactly(wire(frames(kind)).toArray(byte[][]::new));
                        assertThat(lan.statistics("ids").segmented()).isEqualTo(41);
                        assertThat(lan.statistics("in").copies()).isEqualTo(3);
                    }
                }
            }
        }
    }

    @Test
    void shouldMirrorFramesOfTheWireWhereThatIsWanted() throws Exception {
        for (PortCapabilities ids : new PortCapabilities[] {EVERYTHING, NOTHING, CHECKSUM, owned(NOTHING)}) {
            try (OffloadLan lan = lan(3, EVERYTHING, ids)) {
                lan.lan.mirror(Mirror.of("m").source("in").segmented().toPort("ids"));
                lan.send("in", frames(Kind.TCP6));
                assertThat(bytes(lan.take("ids")))
                        .containsExactly(wire(frames(Kind.TCP6)).toArray(byte[][]::new));
                assertThat(lan.take("out")).containsExactly(frames(Kind.TCP6));
                assertThat(lan.statistics("in").copies()).isEqualTo(44);
                assertThat(lan.lan.statistics().segmented()).isZero();
            }
        }
    }

    @Test
    void shouldCutEachFrameOfTheWireAtTheSnapLength() throws Exception {
        for (int snapLength : new int[] {14, 60, 1_000, 5_000}) {
            try (OffloadLan lan = lan(NOTHING, NOTHING)) {
                lan.lan.mirror(Mirror.of("m")
                        .source("in")
                        .segmented()
                        .snapLength(snapLength)
                        .toPort("ids"));
                lan.send("in", frames(Kind.TCP4));
                List<byte[]> expected = wire(frames(Kind.TCP4)).stream()
                        .map(frame -> Arrays.copyOf(frame, Math.min(frame.length, snapLength)))
                        .toList();
                assertThat(bytes(lan.take("ids"))).containsExactlyElementsOf(expected);
            }
        }
    }

    /** The head of a super-frame is an ordinary frame: nobody could cut or complete it. */
    @Test
    void shouldMirrorTheHeadOfASuperFrame() throws Exception {
        for (PortCapabilities ids : new PortCapabilities[] {EVERYTHING, NOTHING}) {
            try (OffloadLan lan = lan(NOTHING, ids)) {
                lan.lan.mirror(Mirror.of("m").source("in").snapLength(500).toPort("ids"));
                OffloadedFrame superFrame = frames(Kind.UDP4)[0];
                OffloadedFrame partial = frames(Kind.UDP4)[2];
                lan.send("in", superFrame, partial);
                assertThat(bytes(lan.take("ids")))
                        .containsExactly(Arrays.copyOf(superFrame.bytes(), 500), Arrays.copyOf(partial.bytes(), 500));
                assertThat(lan.port("out").takeFromWire())
                        .containsExactly(wire(superFrame, partial).toArray(byte[][]::new));
            }
        }
    }

    @Test
    void shouldMirrorWithTheTagItLeavesWith() throws Exception {
        try (OffloadLan lan = new OffloadLan()) {
            lan.port(
                            "in",
                            EVERYTHING,
                            PortSettings.builder()
                                    .vlans(VlanSettings.access(10))
                                    .build())
                    .port(
                            "out",
                            EVERYTHING,
                            PortSettings.builder()
                                    .vlans(VlanSettings.trunk(VlanSet.of(10)))
                                    .build())
                    .port("came", EVERYTHING)
                    .port("left", NOTHING)
                    .port("cut", EVERYTHING);
            lan.lan.mirror(Mirror.of("came").source("in").toPort("came"));
            lan.lan.mirror(Mirror.of("left").destination("out").toPort("left"));
            lan.lan.mirror(Mirror.of("cut").destination("out").segmented().toPort("cut"));
            OffloadedFrame superFrame = frames(Kind.TCP4)[0];
            lan.send("in", superFrame);
            OffloadedFrame tagged = superFrame.tagged(0x8100, 10);
            assertThat(lan.take("came")).containsExactly(superFrame);
            assertThat(bytes(lan.take("left"))).containsExactly(wire(tagged).toArray(byte[][]::new));
            assertThat(bytes(lan.take("cut"))).containsExactly(wire(tagged).toArray(byte[][]::new));
            assertThat(lan.take("out")).containsExactly(tagged);
        }
    }

    @Test
    void shouldFilterSuperFramesByTheirHeaders() throws Exception {
        try (OffloadLan lan = lan(EVERYTHING, EVERYTHING)) {
            lan.lan.mirror(Mirror.of("m")
                    .source("in")
                    .filter(FrameFilter.parse("tcp port 443"))
                    .segmented()
                    .toPort("ids"));
            OffloadedFrame tcp = frames(Kind.TCP4)[0];
            lan.send("in", frames(Kind.UDP4)[0], tcp, frames(Kind.UDP6)[0]);
            assertThat(bytes(lan.take("ids"))).containsExactly(wire(tcp).toArray(byte[][]::new));
        }
    }

    @Test
    void shouldCountCopiesForWhichThereIsNoMemory() throws Exception {
        try (OffloadLan lan = lan(EVERYTHING, EVERYTHING)) {
            lan.lan.mirror(Mirror.of("m").source("in").segmented().toPort("ids"));
            lan.port("ids").hold();
            lan.send("in", new Conversation(Kind.TCP4, A, B).superFrame(50_000, 10));
            PortStatistics ids = lan.statistics("ids");
            assertThat(ids.dropped(DropReason.COPY_POOL_EMPTY)).isPositive();
            assertThat(ids.txFrames() + ids.dropped(DropReason.COPY_POOL_EMPTY)).isEqualTo(5_000);
            assertThat(lan.take("out")).hasSize(1);
            assertThat(lan.lan.statistics().unaccounted()).isZero();
        }
    }

    @Test
    void shouldDropCopiesThatAreTooLongForTheirPort() throws Exception {
        try (OffloadLan lan = lan(EVERYTHING, OffloadLan.narrow(NOTHING))) {
            lan.lan.mirror(Mirror.of("m").source("in").segmented().toPort("ids"));
            OffloadedFrame superFrame = new Conversation(Kind.TCP4, A, B).superFrame(3 * 1_500 + 1, 1_500);
            lan.send("in", superFrame);
            assertThat(bytes(lan.take("ids")))
                    .containsExactly(superFrame.onTheWire().get(3));
            assertThat(lan.dropped("ids", DropReason.TOO_LONG)).isEqualTo(3);
        }
    }

    /**
     * The worst that can meet in one port: it gets super-frames by one mirror and cut ones by another, and all that it sends
     * is captured cut. Its batch is full in the midst of a super-frame.
     */
    @Test
    void shouldCaptureWhatIsSentInTheMidstOfCuttingForAMirror() throws Exception {
        Path file = folder.resolve("ids.pcapng");
        List<OffloadedFrame> sent;
        try (OffloadLan lan = lan(EVERYTHING, EVERYTHING)) {
            lan.lan.mirror(Mirror.of("whole").source("in").toPort("ids"));
            lan.lan.mirror(Mirror.of("cut").source("in").segmented().toPort("ids"));
            Conversation talk = new Conversation(Kind.TCP4, A, B);
            OffloadedFrame[] frames = {
                talk.superFrame(60_000, MSS), talk.superFrame(30_000, MSS), talk.superFrame(60_000, MSS)
            };
            List<byte[]> expected = new ArrayList<>();
            try (TrafficRecord record =
                    lan.lan.capture(Capture.ports("ids").points(Point.TX).segmented(), file)) {
                lan.send("in", frames);
                sent = lan.take("ids");
                for (OffloadedFrame frame : frames) {
                    expected.addAll(wire(frame)); // by the one
                    expected.addAll(wire(frame)); // and by the other
                }
                assertThat(record.lost()).isZero();
            }
            assertThat(sent).hasSize(3 + 42 + 21 + 42);
            assertThat(wire(sent.toArray(OffloadedFrame[]::new))).containsExactlyElementsOf(expected);
            assertThat(lan.lan.statistics().unaccounted()).isZero();
            assertThat(PcapngReader.read(file).packets().stream().map(PcapngReader.Packet::bytes))
                    .containsExactlyElementsOf(expected);
        }
    }

    /** A port that cuts UDP and takes TCP whole: its batch is sent, and captured, in the midst of cutting. */
    @Test
    void shouldCaptureWhatIsSentInTheMidstOfCuttingForThePort() throws Exception {
        Path file = folder.resolve("out.pcapng");
        try (OffloadLan lan = lan(TSO, EVERYTHING)) {
            Conversation udp = new Conversation(Kind.UDP6, C, B);
            Conversation tcp = new Conversation(Kind.TCP6, A, B);
            OffloadedFrame[] frames = new OffloadedFrame[12];
            Arrays.setAll(frames, i -> i % 3 == 0 ? tcp.superFrame(20_000, MSS) : udp.superFrame(30_000, 1_200));
            try (TrafficRecord record =
                    lan.lan.capture(Capture.ports("out").points(Point.TX).segmented(), file)) {
                lan.send("in", frames);
                assertThat(record.lost()).isZero();
            }
            List<OffloadedFrame> sent = lan.take("out");
            assertThat(sent).hasSize(4 + 8 * 25);
            assertThat(wire(sent.toArray(OffloadedFrame[]::new)))
                    .containsExactly(wire(frames).toArray(byte[][]::new));
            assertThat(PcapngReader.read(file).packets().stream().map(PcapngReader.Packet::bytes))
                    .containsExactly(wire(frames).toArray(byte[][]::new));
        }
    }
}
