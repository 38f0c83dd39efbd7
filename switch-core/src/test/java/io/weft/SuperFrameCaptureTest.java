package io.weft;

import static io.weft.OffloadLan.EVERYTHING;
import static io.weft.OffloadLan.NOTHING;
import static io.weft.SteppedLan.A;
import static io.weft.SteppedLan.B;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.Conversation.Kind;
import io.weft.bridge.PortSettings;
import io.weft.bridge.RateLimit;
import io.weft.capture.Capture;
import io.weft.capture.PcapngReader;
import io.weft.capture.PcapngReader.Packet;
import io.weft.capture.PortCapture.Point;
import io.weft.mirror.Mirror;
import io.weft.port.DropReason;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Super-frames in pcapng files: whole with what is still to be done, or as they would be on the wire. */
class SuperFrameCaptureTest {
    private static final int MSS = 1_448;

    @TempDir
    Path folder;

    private static List<byte[]> wire(OffloadedFrame... frames) {
        return Arrays.stream(frames)
                .flatMap(frame -> frame.onTheWire().stream())
                .toList();
    }

    private static OffloadedFrame[] frames(Kind kind) {
        Conversation talk = new Conversation(kind, A, B);
        return new OffloadedFrame[] {talk.superFrame(60_000, MSS), talk.plain(60), talk.partial(1_000)};
    }

    @ParameterizedTest
    @EnumSource
    void shouldRecordBothEndsWholeOrCut(Kind kind) throws Exception {
        Path whole = folder.resolve("whole.pcapng");
        Path cut = folder.resolve("cut.pcapng");
        Path mirrored = folder.resolve("mirror.pcapng");
        Path mirroredCut = folder.resolve("mirror-cut.pcapng");
        try (OffloadLan lan = new OffloadLan()) {
            lan.port("in", EVERYTHING).port("out", NOTHING);
            lan.lan.capture(Capture.ports("in", "out"), whole);
            lan.lan.capture(Capture.ports("in", "out").segmented(), cut);
            lan.lan.mirror(Mirror.of("m").source("in").toFile(mirrored));
            lan.lan.mirror(Mirror.of("c").destination("out").segmented().toFile(mirroredCut));
            lan.send("in", frames(kind));
            assertThat(lan.port("out").takeFromWire())
                    .containsExactly(wire(frames(kind)).toArray(byte[][]::new));
        }
        byte[][] onTheWire = wire(frames(kind)).toArray(byte[][]::new);
        byte[][] asTheyAre =
                Arrays.stream(frames(kind)).map(OffloadedFrame::bytes).toArray(byte[][]::new);
        assertThat(packets(whole, "in")).extracting(Packet::bytes).containsExactly(asTheyAre);
        assertThat(packets(whole, "out")).extracting(Packet::bytes).containsExactly(onTheWire);
        assertThat(packets(cut, "in")).extracting(Packet::bytes).containsExactly(onTheWire);
        assertThat(packets(cut, "out")).extracting(Packet::bytes).containsExactly(onTheWire);
        assertThat(packets(mirrored, "mirror m")).extracting(Packet::bytes).containsExactly(asTheyAre);
        assertThat(packets(mirroredCut, "mirror c")).extracting(Packet::bytes).containsExactly(onTheWire);
        assertThat(packets(cut, "in"))
                .allMatch(packet -> OffloadedFrame.isRight(packet.bytes()))
                .allMatch(Packet::isInbound);
    }

    private static List<Packet> packets(Path file, String port) throws Exception {
        return PcapngReader.read(file).packets().stream()
                .filter(packet -> packet.port().equals(port))
                .toList();
    }

    @Test
    void shouldKeepTheHeadOfEachFrameAndSayHowLongItWas() throws Exception {
        Path whole = folder.resolve("whole.pcapng");
        Path cut = folder.resolve("cut.pcapng");
        OffloadedFrame superFrame = frames(Kind.TCP4)[0];
        try (OffloadLan lan = new OffloadLan()) {
            lan.port("in", EVERYTHING).port("out", EVERYTHING);
            lan.lan.capture(Capture.ports("in").points(Point.RX).snapLength(100), whole);
            lan.lan.capture(Capture.ports("in").points(Point.RX).snapLength(100).segmented(), cut);
            lan.send("in", superFrame);
        }
        assertThat(packets(whole, "in")).singleElement().satisfies(packet -> {
            assertThat(packet.bytes()).isEqualTo(Arrays.copyOf(superFrame.bytes(), 100));
            assertThat(packet.originalLength()).isEqualTo(60_066);
        });
        assertThat(packets(cut, "in"))
                .extracting(Packet::bytes)
                .containsExactly(superFrame.onTheWire().stream()
                        .map(frame -> Arrays.copyOf(frame, 100))
                        .toArray(byte[][]::new));
        assertThat(packets(cut, "in"))
                .extracting(Packet::originalLength)
                .containsOnly(66 + MSS, 66 + 60_000 % MSS)
                .hasSize(42);
    }

    @Test
    void shouldRecordWhySuperFramesAreDropped() throws Exception {
        Path whole = folder.resolve("whole.pcapng");
        Path cut = folder.resolve("cut.pcapng");
        OffloadedFrame[] sent = {frames(Kind.UDP4)[0], frames(Kind.UDP4)[0]};
        try (OffloadLan lan = new OffloadLan()) {
            lan.port("in", EVERYTHING)
                    .port(
                            "out",
                            NOTHING,
                            PortSettings.builder()
                                    .egressPolicing(RateLimit.frames(1, 1))
                                    .build());
            lan.lan.capture(Capture.ports("out").points(Point.DROP), whole);
            lan.lan.capture(Capture.ports("out").points(Point.DROP).segmented(), cut);
            lan.send("in", sent);
            assertThat(lan.dropped("out", DropReason.TX_POLICED)).isEqualTo(1);
        }
        String why = "dropped: " + DropReason.TX_POLICED.label();
        assertThat(packets(whole, "out"))
                .singleElement()
                .satisfies(packet -> assertThat(packet.bytes()).isEqualTo(sent[1].bytes()))
                .satisfies(packet -> assertThat(packet.comment()).isEqualTo(why));
        assertThat(packets(cut, "out"))
                .extracting(Packet::bytes)
                .containsExactly(sent[1].onTheWire().toArray(byte[][]::new));
        assertThat(packets(cut, "out")).extracting(Packet::comment).containsOnly(why);
    }

    /** Segments that are too long are dropped, and recorded, in the midst of cutting. */
    @Test
    void shouldRecordSegmentsThatAreTooLong() throws Exception {
        Path file = folder.resolve("cut.pcapng");
        OffloadedFrame superFrame = new Conversation(Kind.TCP4, A, B).superFrame(3 * 1_500 + 1, 1_500);
        try (OffloadLan lan = new OffloadLan()) {
            lan.port("in", EVERYTHING).port("out", OffloadLan.narrow(NOTHING));
            lan.lan.capture(Capture.ports("out").segmented(), file);
            lan.send("in", superFrame);
        }
        String why = "dropped: " + DropReason.TOO_LONG.label();
        assertThat(packets(file, "out")).extracting(Packet::comment).containsExactly(why, why, why, "");
        assertThat(packets(file, "out"))
                .extracting(Packet::bytes)
                .containsExactly(superFrame.onTheWire().toArray(byte[][]::new));
    }

    @Test
    void shouldCountWhatThereIsNoMemoryToRecord() throws Exception {
        Path file = folder.resolve("cut.pcapng");
        OffloadedFrame hoarded = new Conversation(Kind.TCP4, A, B).superFrame(50_000, 10);
        try (OffloadLan lan = new OffloadLan()) {
            lan.port("in", EVERYTHING).port("out", NOTHING);
            lan.port("out").hold();
            lan.send("in", hoarded);
            assertThat(lan.dropped("out", DropReason.COPY_POOL_EMPTY)).isPositive();
            try (TrafficRecord record =
                    lan.lan.capture(Capture.ports("in").points(Point.RX).segmented(), file)) {
                lan.send("in", frames(Kind.TCP4)[0]);
                record.close();
                assertThat(record.lost() + record.recorded()).isEqualTo(42);
                assertThat(record.lost()).isPositive();
            }
        }
    }
}
