package io.weft;

import static io.weft.OffloadLan.EVERYTHING;
import static io.weft.OffloadLan.NOTHING;
import static io.weft.SteppedLan.A;
import static io.weft.SteppedLan.B;
import static io.weft.SteppedLan.BROADCAST;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.Conversation.Kind;
import io.weft.bridge.PortSettings;
import io.weft.bridge.VlanSettings;
import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.metrics.Metric;
import io.weft.offload.OffloadCheck;
import io.weft.patch.PatchPort;
import io.weft.port.DropReason;
import io.weft.port.FrameInbox;
import io.weft.port.PortStatistics;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is counted of super-frames, and told: a super-frame is one frame, and beside that so many segments. */
class SuperFrameCountersTest {
    @TempDir
    Path folder;

    private final Conversation talk = new Conversation(Kind.TCP4, A, B);

    private static Frame sound(OffloadedFrame frame, FramePool pool, int port) {
        Frame made = frame.allocate(pool);
        assertThat(OffloadCheck.isSound(made)).isTrue();
        made.ingress(port);
        return made;
    }

    /** A super-frame of 3 segments comes in, is flooded to one port that cuts and one that does not; then 4 are merged. */
    private static void somethingHappens(OffloadLan lan) throws Exception {
        lan.port("in", EVERYTHING).port("plain", NOTHING).port("merging", EVERYTHING.withCoalescing());
        Conversation flood = new Conversation(Kind.TCP4, A, BROADCAST);
        lan.send("in", flood.superFrame(1_500, 500));
        lan.send("in", flood.plain(100), flood.plain(100), flood.plain(100), flood.plain(100));
    }

    @Test
    void shouldTellMetricsOfSegments() throws Exception {
        try (OffloadLan lan = new OffloadLan()) {
            somethingHappens(lan);
            Map<String, Long> told = new HashMap<>();
            for (Metric sample : lan.lan.metrics().samples()) {
                told.put(sample.family() + " " + sample.labels().getOrDefault("port", "all"), sample.value());
            }
            assertThat(told)
                    .containsEntry("weft_receive_frames all", 5L)
                    .containsEntry("weft_receive_segments all", 7L)
                    .containsEntry("weft_segmented_frames all", 2L)
                    .containsEntry("weft_coalesced_frames all", 3L)
                    .containsEntry("weft_transmit_frames all", 7L + 2)
                    .containsEntry("weft_transmit_segments all", 14L)
                    .containsEntry("weft_port_receive_segments in", 7L)
                    .containsEntry("weft_port_segmented_frames plain", 2L)
                    .containsEntry("weft_port_segmented_frames merging", 0L)
                    .containsEntry("weft_port_coalesced_frames plain", 0L)
                    .containsEntry("weft_port_coalesced_frames merging", 3L)
                    .containsEntry("weft_port_transmit_segments plain", 7L)
                    .containsEntry("weft_port_transmit_segments merging", 7L)
                    .containsEntry("weft_port_transmit_frames merging", 2L);
        }
    }

    @Test
    void shouldTellFlightRecorderOfSegments() throws Exception {
        Path file = folder.resolve("segments.jfr");
        try (Recording recording = new Recording();
                OffloadLan lan = new OffloadLan()) {
            recording.enable("io.weft.event.PortTraffic").with("period", "endChunk");
            recording.start();
            somethingHappens(lan);
            recording.stop();
            recording.dump(file);
        }
        Map<String, List<Long>> told = new HashMap<>();
        for (RecordedEvent event : RecordingFile.readAllEvents(file)) {
            if (event.getEventType().getName().equals("io.weft.event.PortTraffic")) {
                told.put(
                        event.getString("port"),
                        List.of(
                                event.getLong("receivedFrames"),
                                event.getLong("receivedSegments"),
                                event.getLong("segmentedFrames"),
                                event.getLong("coalescedFrames"),
                                event.getLong("transmittedFrames"),
                                event.getLong("transmittedSegments")));
            }
        }
        assertThat(told)
                .containsEntry("in", List.of(5L, 7L, 0L, 0L, 0L, 0L))
                .containsEntry("plain", List.of(0L, 0L, 2L, 0L, 7L, 7L))
                .containsEntry("merging", List.of(0L, 0L, 0L, 3L, 2L, 7L));
    }

    @Test
    void shouldCountTheSegmentsOfWhatIsReceivedForNobody() throws Exception {
        try (OffloadLan lan = new OffloadLan()) {
            ScriptedDriver driver = new ScriptedDriver("stray").onPoll((self, into, limit) -> {
                into.add(sound(talk.superFrame(1_500, 500), self.context().pool(), 99));
                return 1;
            });
            lan.lan.add(driver);
            driver.context().wakeup();
            lan.settle();
            PortStatistics all = lan.lan.statistics();
            assertThat(all.dropped(DropReason.RX_PORT_DOWN)).isEqualTo(1);
            assertThat(all.rxFrames()).isEqualTo(1);
            assertThat(all.rxSegments()).isEqualTo(3);
        }
    }

    @Test
    void shouldCountTheSegmentsOfWhatAnInboxCannotTake() throws Exception {
        try (OffloadLan lan = new OffloadLan()) {
            ScriptedDriver driver = new ScriptedDriver("in");
            var attached = lan.port("out", NOTHING).lan.add(driver);
            FramePool pool = new FramePool(16, 16);
            FrameInbox inbox = driver.handle().openInbox(2, pool);
            for (int i = 0; i < 3; i++) {
                inbox.offer(sound(talk.superFrame(2_500, 500), pool, 0));
            }
            inbox.flush();
            PortStatistics in = lan.statistics("in");
            assertThat(in.dropped(DropReason.RX_QUEUE_FULL)).isEqualTo(1);
            assertThat(in.rxSegments()).as("of the one that found no room").isEqualTo(5);
            lan.settle();
            assertThat(lan.statistics("in").rxSegments()).isEqualTo(15);
            inbox.offer(sound(talk.superFrame(2_500, 500), pool, 0));
            attached.close();
            assertThat(lan.lan.statistics().dropped(DropReason.RX_PORT_DOWN)).isEqualTo(1);
            assertThat(lan.lan.statistics().rxSegments())
                    .as("with what waited when the port left")
                    .isEqualTo(20);
            assertThat(pool.inUse()).isZero();
        }
    }

    /** A frame that has no room for its headroom in its slot is copied to another, of which there may be none. */
    @Test
    void shouldCountTheSegmentsOfWhatHasNoMemoryBehindAPatchPort() throws Exception {
        try (OffloadLan one = new OffloadLan();
                OffloadLan other = new OffloadLan()) {
            PatchPort.Pair patch = PatchPort.pair("to-other", "to-one");
            PortSettings tunnel =
                    PortSettings.builder().vlans(VlanSettings.tunnel(10)).build();
            one.port("in", EVERYTHING, tunnel).lan.add(patch.first());
            other.port("hog", EVERYTHING).port("hoard", EVERYTHING).lan.add(patch.second());
            other.port("hoard").hold();
            other.send("hoard", new Conversation(Kind.TCP4, B, A).plain(1));
            Conversation toHoard = new Conversation(Kind.TCP4, A, B);
            for (int i = 0; i < FramePool.DEFAULT_LARGE; i++) {
                other.send("hog", toHoard.plain(5_000));
            }
            one.settle(); // takes what was flooded to it
            other.settle();
            assertThat(other.port("hog").framesInUse()).isEqualTo(FramePool.DEFAULT_LARGE);
            int payload = FramePool.SMALL_LENGTH - talk.headerLength();
            one.send("in", talk.superFrame(payload, 500));
            other.settle();
            one.settle();
            PortStatistics in = other.lan.port("to-one").status().statistics();
            assertThat(in.dropped(DropReason.POOL_EMPTY)).isEqualTo(1);
            assertThat(in.rxSegments()).isEqualTo((payload + 499) / 500);
        }
    }
}
