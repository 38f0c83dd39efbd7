package io.weft.event;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.ExpectedFailures;
import io.weft.VirtualSwitch;
import io.weft.bridge.PortSecurity;
import io.weft.bridge.RateLimit;
import io.weft.bridge.StormControl;
import io.weft.fdb.FdbObserver.Change;
import io.weft.port.MemoryPort;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import jdk.jfr.consumer.RecordingStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What a switch tells Flight Recorder, read back from recordings. */
@ExtendWith(ExpectedFailures.class)
@Timeout(120)
class FlightRecordingTest {
    private static final String[] STATION_EVENTS = {
        "StationLearned", "StationMoved", "StationAged", "StationEvicted", "StationFlushed", "StationFlapping"
    };

    @TempDir
    Path folder;

    private long nowNs;

    private static byte[] frame(String destination, String source) {
        return HexFormat.of().parseHex(destination + source + "0800" + "00".repeat(46));
    }

    private static void settle(VirtualSwitch lan) {
        while (lan.step()) {
            // until nothing is left to do
        }
    }

    /** The switch's own events of a recording, in their order, with their fields but time and thread. */
    private List<RecordedEvent> stop(Recording recording, String switchName) throws Exception {
        recording.stop();
        Path file = folder.resolve(switchName + ".jfr");
        recording.dump(file);
        return RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().startsWith("io.weft."))
                .filter(event -> event.getString("switchName").equals(switchName))
                .toList();
    }

    private static Stream<String> names(List<RecordedEvent> events) {
        return events.stream().map(event -> event.getEventType().getName().replace("io.weft.event.", ""));
    }

    private static RecordedEvent only(List<RecordedEvent> events, String name) {
        List<RecordedEvent> found = events.stream()
                .filter(event -> event.getEventType().getName().equals("io.weft.event." + name))
                .toList();
        assertThat(found).as(name).hasSize(1);
        return found.get(0);
    }

    private static Recording recordingWithStations() {
        Recording recording = new Recording();
        for (String name : STATION_EVENTS) {
            recording.enable("io.weft.event." + name);
        }
        return recording;
    }

    /** Nobody listens: the worker must find out by itself that the changes are wanted. */
    @Test
    void shouldRecordPortsAndStationsWithoutAListener() throws Exception {
        List<RecordedEvent> events;
        try (Recording recording = recordingWithStations();
                VirtualSwitch lan = VirtualSwitch.builder()
                        .name("jfr-stations")
                        .invoker(() -> nowNs)
                        .fdbCapacity(2)
                        .build()) {
            recording.start();
            MemoryPort a = new MemoryPort("a");
            MemoryPort b = new MemoryPort("b");
            lan.add(a);
            lan.add(b);
            a.send(frame("ffffffffffff", "0200000000aa"));
            settle(lan);
            b.send(frame("ffffffffffff", "0200000000aa"));
            settle(lan);
            lan.fdb().flush();
            a.send(frame("ffffffffffff", "0200000000ab"));
            settle(lan);
            nowNs += Duration.ofSeconds(302).toNanos();
            settle(lan);
            for (int i = 0; i < 3; i++) {
                a.send(frame("ffffffffffff", "0200000000b" + i));
                settle(lan);
            }
            lan.fdb().flapDetection(1, Duration.ofSeconds(10), Duration.ofSeconds(10));
            for (int i = 0; i < 2; i++) {
                b.send(frame("ffffffffffff", "0200000000b2"));
                settle(lan);
                a.send(frame("ffffffffffff", "0200000000b2"));
                settle(lan);
            }
            a.down("unplugged");
            a.up();
            settle(lan);
            events = stop(recording, "jfr-stations");
        }
        assertThat(names(events))
                .contains("PortAdded", "PortDown", "PortUp")
                .contains(STATION_EVENTS)
                .doesNotContain("EventsLost");
        RecordedEvent moved = events.stream()
                .filter(event -> event.getEventType().getName().endsWith("StationMoved"))
                .findFirst()
                .orElseThrow();
        assertThat(moved.getString("mac")).isEqualTo("02:00:00:00:00:aa");
        assertThat(moved.getString("port")).isEqualTo("b");
        assertThat(moved.getString("kind")).isEqualTo("DYNAMIC");
        assertThat(moved.getInt("vlan")).isZero();
        assertThat(moved.getEventType().getCategoryNames()).containsExactly("Weft");
        assertThat(moved.getStackTrace()).isNull();
        assertThat(only(events, "PortDown").getString("reason")).isEqualTo("unplugged");
    }

    @Test
    void shouldRecordPortsAndAlarmsButNoStationsUnlessAsked() throws Exception {
        List<RecordedEvent> events;
        try (Recording recording = new Recording();
                VirtualSwitch lan = VirtualSwitch.builder()
                        .name("jfr-defaults")
                        .invoker(() -> nowNs)
                        .build()) {
            recording.start();
            MemoryPort a = new MemoryPort("a");
            MemoryPort b = new MemoryPort("b");
            var attached = lan.add(a);
            lan.add(b);
            StormControl oneFrame = new StormControl(RateLimit.frames(1, 1), RateLimit.NONE, RateLimit.NONE);
            lan.port("a").change(settings -> settings.stormControl(oneFrame));
            lan.port("b").change(settings -> settings.security(PortSecurity.locked(PortSecurity.Violation.DROP)));
            for (int i = 0; i < 3; i++) {
                a.send(frame("ffffffffffff", "0200000000aa"));
                b.send(frame("ffffffffffff", "0200000000bb"));
            }
            settle(lan);
            attached.close();
            settle(lan);
            events = stop(recording, "jfr-defaults");
        }
        assertThat(names(events).filter(name -> name.startsWith("Station"))).isEmpty();
        assertThat(only(events, "PortStorm").getString("reason")).isEqualTo("BROADCAST_STORM");
        assertThat(only(events, "SecurityViolation").getString("mac")).isEqualTo("02:00:00:00:00:bb");
        assertThat(only(events, "PortRemoved").getString("port")).isEqualTo("a");
    }

    @Test
    void shouldStreamEventsAndCountersOfARunningSwitch() throws Exception {
        CountDownLatch traffic = new CountDownLatch(1);
        CountDownLatch fdb = new CountDownLatch(1);
        CountDownLatch learned = new CountDownLatch(1);
        try (VirtualSwitch lan = VirtualSwitch.builder().name("jfr-stream").build();
                RecordingStream stream = new RecordingStream()) {
            MemoryPort a = new MemoryPort("a").onFrame(bytes -> {});
            MemoryPort b = new MemoryPort("b").onFrame(bytes -> {});
            lan.add(a);
            lan.add(b);
            stream.enable("io.weft.event.StationLearned");
            stream.enable("io.weft.event.PortTraffic").withPeriod(Duration.ofMillis(100));
            stream.enable("io.weft.event.FdbCounters").withPeriod(Duration.ofMillis(100));
            stream.onEvent("io.weft.event.StationLearned", event -> learned.countDown());
            stream.onEvent("io.weft.event.PortTraffic", event -> {
                if (event.getString("port").equals("b")
                        && event.getLong("transmittedFrames") == 1
                        && event.getLong("transmittedBytes") == 60
                        && event.getBoolean("up")) {
                    traffic.countDown();
                }
            });
            stream.onEvent("io.weft.event.FdbCounters", event -> {
                if (event.getString("switchName").equals("jfr-stream")
                        && event.getLong("entries") == 1
                        && event.getLong("learned") == 1) {
                    fdb.countDown();
                }
            });
            stream.startAsync();
            a.send(frame("ffffffffffff", "0200000000aa"));
            assertThat(learned.await(60, TimeUnit.SECONDS)).as("learned").isTrue();
            assertThat(traffic.await(60, TimeUnit.SECONDS)).as("traffic").isTrue();
            assertThat(fdb.await(60, TimeUnit.SECONDS)).as("FDB").isTrue();
        }
    }

    @Test
    void shouldAskForNothingBetweenRecordings() {
        EventRecorder recorder = EventRecorder.of("jfr-idle", reader -> {});
        try (recorder) {
            assertThat(recorder.isRecording()).isFalse();
            try (Recording recording = new Recording()) {
                recording.start();
                assertThat(recorder.isRecording()).isTrue();
                assertThat(recorder.isRecording(Change.LEARNED)).isFalse();
                recording.enable("io.weft.event.StationLearned"); // while it runs
                assertThat(recorder.isRecording(Change.LEARNED)).isTrue();
                assertThat(recorder.isRecording(Change.MOVED)).isFalse();
            }
            assertThat(recorder.isRecording()).isFalse();
            assertThat(recorder.isRecording(Change.LEARNED)).isFalse();
        }
    }

    /** Run-time images made by jlink need not have the module jdk.jfr. */
    @Test
    void shouldSwitchWithoutTheModule() throws Exception {
        Process program = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--limit-modules",
                        "java.base",
                        "-cp",
                        System.getProperty("java.class.path"),
                        WithoutFlightRecorder.class.getName())
                .redirectErrorStream(true)
                .start();
        try {
            String said = new String(program.getInputStream().readAllBytes());
            assertThat(program.waitFor()).as(said).isZero();
            assertThat(said).contains("learned 02:00:00:00:00:aa at a");
        } finally {
            program.destroyForcibly();
        }
    }

    /** A program without Flight Recorder. */
    static final class WithoutFlightRecorder {
        public static void main(String[] args) throws Exception {
            if (ModuleLayer.boot().findModule("jdk.jfr").isPresent()) {
                throw new AssertionError("the module is there");
            }
            SwitchListener listener = new SwitchListener() {
                @Override
                public void learned(Station station) {
                    System.out.println("learned " + station);
                }
            };
            try (VirtualSwitch lan = VirtualSwitch.builder()
                    .invoker(System::nanoTime)
                    .listener(listener)
                    .build()) {
                MemoryPort a = new MemoryPort("a");
                lan.add(a);
                a.send(frame("ffffffffffff", "0200000000aa"));
                settle(lan);
            }
        }
    }
}
