package io.weft;

import static io.weft.OffloadLan.CHECKSUM;
import static io.weft.OffloadLan.EVERYTHING;
import static io.weft.OffloadLan.NOTHING;
import static io.weft.OffloadLan.TSO4;
import static io.weft.OffloadLan.owned;
import static io.weft.SteppedLan.A;
import static io.weft.SteppedLan.B;
import static io.weft.SteppedLan.BROADCAST;
import static io.weft.SteppedLan.C;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.Conversation.Kind;
import io.weft.bridge.PortSettings;
import io.weft.bridge.VlanSet;
import io.weft.bridge.VlanSettings;
import io.weft.capture.Capture;
import io.weft.capture.PcapngReader;
import io.weft.capture.PortCapture.Point;
import io.weft.port.DropReason;
import io.weft.port.PortCapabilities;
import io.weft.port.PortStatistics;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Ports that want runs merged: what they are given is fewer frames, which stand for the same on the wire. */
class SuperFrameCoalescingTest {
    private static final PortCapabilities COALESCING = EVERYTHING.withCoalescing();

    @TempDir
    Path folder;

    private static OffloadedFrame[] run(Conversation talk, int count, int payload) {
        OffloadedFrame[] run = new OffloadedFrame[count];
        Arrays.setAll(run, i -> talk.plain(payload));
        return run;
    }

    private static List<byte[]> wire(OffloadedFrame... frames) {
        return Arrays.stream(frames)
                .flatMap(frame -> frame.onTheWire().stream())
                .toList();
    }

    @ParameterizedTest
    @EnumSource
    void shouldMergeARunAndCountIt(Kind kind) throws Exception {
        try (OffloadLan lan = new OffloadLan()) {
            lan.port("in", NOTHING).port("out", COALESCING);
            OffloadedFrame[] run = run(new Conversation(kind, A, B), 20, 1_000);
            lan.send("in", run);
            List<OffloadedFrame> sent = lan.take("out");
            assertThat(sent).hasSize(1).allMatch(OffloadedFrame::isSuperFrame);
            assertThat(sent.get(0).onTheWire()).containsExactly(wire(run).toArray(byte[][]::new));
            PortStatistics out = lan.statistics("out");
            assertThat(List.of(out.coalesced(), out.txFrames(), out.txSegments(), out.segmented()))
                    .containsExactly(19L, 1L, 20L, 0L);
            assertThat(out.txBytes()).isEqualTo(sent.get(0).bytes().length);
            assertThat(lan.lan.statistics().coalesced()).isEqualTo(19);
        }
    }

    @Test
    void shouldMergeOnlyForPortsThatWantIt() throws Exception {
        try (OffloadLan lan = new OffloadLan()) {
            lan.port("in", NOTHING)
                    .port("merging", COALESCING)
                    .port("able", EVERYTHING)
                    .port("tcp", TSO4.withCoalescing())
                    .port("checksum", CHECKSUM.withCoalescing())
                    .port("nothing", NOTHING.withCoalescing());
            OffloadedFrame[] tcp = run(new Conversation(Kind.TCP4, A, BROADCAST), 5, 900);
            OffloadedFrame[] udp = run(new Conversation(Kind.UDP4, A, BROADCAST), 5, 900);
            lan.send("in", tcp);
            lan.send("in", udp);
            assertThat(lan.take("merging")).hasSize(2);
            assertThat(lan.take("tcp")).hasSize(6);
            for (String other : List.of("able", "checksum", "nothing")) {
                assertThat(lan.take(other)).as(other).hasSize(10);
                assertThat(lan.statistics(other).coalesced()).isZero();
            }
        }
    }

    @Test
    void shouldNeverMergeAcrossBatches() throws Exception {
        try (OffloadLan lan = new OffloadLan()) {
            lan.port("in", NOTHING).port("out", COALESCING);
            Conversation talk = new Conversation(Kind.TCP4, A, B);
            for (int round = 0; round < 3; round++) {
                lan.send("in", run(talk, 2, 100));
            }
            assertThat(lan.take("out")).hasSize(3);
            OffloadedFrame[] long128 = run(talk, 128, 100);
            lan.send("in", long128); // the batches hold 64
            List<List<OffloadedFrame>> batches = lan.port("out").takeBatches();
            assertThat(batches).hasSize(2).allMatch(batch -> batch.size() == 1);
            assertThat(lan.statistics("out").coalesced()).isEqualTo(3 + 126);
            List<byte[]> all = new ArrayList<>();
            batches.forEach(batch -> batch.forEach(frame -> all.addAll(frame.onTheWire())));
            assertThat(all).containsExactly(wire(long128).toArray(byte[][]::new));
        }
    }

    /** What comes in cut, or is cut for the port, leaves merged; what the port takes whole stays as it is. */
    @Test
    void shouldKeepEachFlowsOrderAmongSuperFramesAndOthers() throws Exception {
        try (OffloadLan lan = new OffloadLan()) {
            lan.port("in", EVERYTHING).port("out", TSO4.withCoalescing());
            Conversation one = new Conversation(Kind.TCP4, A, B, 1);
            Conversation two = new Conversation(Kind.TCP4, C, B, 2);
            Conversation udp = new Conversation(Kind.UDP4, A, B, 3);
            OffloadedFrame[] frames = {
                one.plain(500),
                two.plain(600),
                one.plain(500),
                udp.superFrame(3_000, 900),
                one.superFrame(9_000, 1_000),
                two.partial(600),
                one.plain(500),
                udp.plain(5),
                one.plain(300),
                two.plain(600),
                one.plain(300)
            };
            lan.send("in", frames);
            List<OffloadedFrame> sent = lan.take("out");
            assertThat(lan.statistics("out").coalesced()).isEqualTo(4); // 1 + 2 + 1
            assertThat(lan.statistics("out").segmented()).isEqualTo(3);
            for (int port = 1; port <= 3; port++) {
                assertThat(wireOfPort(port, sent.toArray(OffloadedFrame[]::new)))
                        .as("flow " + port)
                        .containsExactly(wireOfPort(port, frames).toArray(byte[][]::new));
            }
        }
    }

    private static List<byte[]> wireOfPort(int port, OffloadedFrame... frames) {
        return wire(frames).stream().filter(frame -> frame[35] == port).toList();
    }

    @Test
    void shouldMergeWhatIsFloodedWithoutDisturbingTheOtherPorts() throws Exception {
        try (OffloadLan lan = new OffloadLan(2)) {
            VlanSettings trunk = VlanSettings.trunk(VlanSet.of(10));
            PortSettings access =
                    PortSettings.builder().vlans(VlanSettings.access(10)).build();
            lan.port("in", EVERYTHING, access)
                    .port("merging", COALESCING, access)
                    .port(
                            "merging-trunk",
                            owned(COALESCING),
                            PortSettings.builder().vlans(trunk).build())
                    .port("plain", NOTHING, access)
                    .port("merging-too", COALESCING, access);
            OffloadedFrame[] run = run(new Conversation(Kind.UDP6, A, BROADCAST), 30, 700);
            lan.send("in", run);
            for (String merging : List.of("merging", "merging-too")) {
                assertThat(lan.take(merging)).hasSize(1).first().satisfies(frame -> assertThat(frame.onTheWire())
                        .containsExactly(wire(run).toArray(byte[][]::new)));
            }
            assertThat(lan.port("plain").takeFromWire())
                    .containsExactly(wire(run).toArray(byte[][]::new));
            List<OffloadedFrame> onTrunk = lan.take("merging-trunk");
            assertThat(onTrunk).hasSize(1);
            assertThat(onTrunk.get(0).untagged().onTheWire())
                    .containsExactly(wire(run).toArray(byte[][]::new));
        }
    }

    @Test
    void shouldRecordWhatIsSentAndNotWhatItWasMadeOf() throws Exception {
        Path whole = folder.resolve("whole.pcapng");
        Path cut = folder.resolve("cut.pcapng");
        OffloadedFrame[] run = run(new Conversation(Kind.TCP4, A, B), 10, 1_000);
        List<OffloadedFrame> sent;
        try (OffloadLan lan = new OffloadLan()) {
            lan.port("in", NOTHING).port("out", COALESCING);
            try (TrafficRecord asSent = lan.lan.capture("out", whole, Point.TX);
                    TrafficRecord asOnTheWire = lan.lan.capture(
                            Capture.ports("out").points(Point.TX).segmented(), cut)) {
                lan.send("in", run);
                sent = lan.take("out");
            }
        }
        assertThat(PcapngReader.read(whole).packets().stream().map(PcapngReader.Packet::bytes))
                .containsExactly(sent.get(0).bytes());
        assertThat(PcapngReader.read(cut).packets().stream().map(PcapngReader.Packet::bytes))
                .containsExactly(wire(run).toArray(byte[][]::new));
    }

    /** A port that says how long a frame may be is given none that is longer, however it came about. */
    @Test
    void shouldNotMergeToMoreThanThePortTakes() throws Exception {
        try (OffloadLan lan = new OffloadLan()) {
            PortCapabilities shortFrames = new PortCapabilities(4_000, 0, true, EVERYTHING.offloads(), true);
            lan.port("in", NOTHING).port("out", shortFrames);
            for (Kind kind : Kind.values()) {
                OffloadedFrame[] run = run(new Conversation(kind, A, B), 20, 1_000);
                lan.send("in", run);
                List<OffloadedFrame> sent = lan.take("out");
                assertThat(sent)
                        .allMatch(frame -> frame.bytes().length <= 4_000)
                        .hasSize(7);
                assertThat(wire(sent.toArray(OffloadedFrame[]::new)))
                        .containsExactly(wire(run).toArray(byte[][]::new));
            }
            assertThat(lan.dropped("out", DropReason.TOO_LONG)).isZero();
        }
    }
}
