package io.weft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.SharedSocket.Host;
import io.weft.SharedSocket.Tunnel;
import io.weft.impairment.ImpairedDriver;
import io.weft.impairment.Impairment;
import io.weft.metrics.Metric;
import io.weft.metrics.MetricsSnapshot;
import io.weft.port.MemoryPort;
import io.weft.port.Reading;
import io.weft.worker.AttachedDriver;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What drivers tell of themselves, among the switch's metrics. */
class DriverReadingsTest {
    private final Host host = new Host();
    private final VirtualSwitch lan =
            VirtualSwitch.builder().name("lan").invoker(() -> 0).workers(2).build();
    private final Tunnel a = new Tunnel(host, "a", "1");
    private final Tunnel b = new Tunnel(host, "b", "1");

    @AfterEach
    void close() {
        lan.close();
    }

    private static Map<String, String> labels(String... namesAndValues) {
        Map<String, String> labels = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            labels.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return labels;
    }

    private static Reading counter(String name, long value, String... labels) {
        return new Reading(name, true, "Counted.", labels(labels), value);
    }

    private static Reading gauge(String name, long value, String... labels) {
        return new Reading(name, false, "Measured.", labels(labels), value);
    }

    /** Lines of the text that are about drivers' readings. */
    private List<String> lines() {
        return lan.metrics()
                .toOpenMetrics()
                .lines()
                .filter(line -> line.contains("weft_x_"))
                .toList();
    }

    @Test
    void shouldComeAfterTheSwitchsOwnMetrics() throws Exception {
        lan.add(a);
        a.readings = () -> List.of(
                counter("x_remote_frames", 7, "port", "a", "remote", "10.0.0.1"),
                counter("x_remote_frames", 8, "port", "a", "remote", "10.0.0.2"),
                gauge("x_remote_up", 1, "remote", "10.0.0.\"1\"", "port", "a"));
        assertThat(lines())
                .containsExactly(
                        "# TYPE weft_x_remote_frames counter",
                        "# HELP weft_x_remote_frames Counted.",
                        "weft_x_remote_frames_total{switch=\"lan\",port=\"a\",remote=\"10.0.0.1\"} 7",
                        "weft_x_remote_frames_total{switch=\"lan\",port=\"a\",remote=\"10.0.0.2\"} 8",
                        "# TYPE weft_x_remote_up gauge",
                        "# HELP weft_x_remote_up Measured.",
                        "weft_x_remote_up{switch=\"lan\",remote=\"10.0.0.\\\"1\\\"\",port=\"a\"} 1");
        assertThat(lan.metrics().value("weft_x_remote_frames_total", "lan", "a", "10.0.0.2"))
                .isEqualTo(8);
    }

    @Test
    void shouldTellASharedDriversOnceAndOnlyWhileItIsThere() throws Exception {
        AttachedDriver first = lan.add(a);
        AttachedDriver second = lan.add(b);
        a.socket.readings = () -> List.of(counter("x_datagrams", 3, "address", "1"));
        a.readings = () -> List.of(gauge("x_remotes", 1, "port", "a"));
        b.readings = () -> List.of(gauge("x_remotes", 2, "port", "b"));
        assertThat(lines())
                .filteredOn(line -> !line.startsWith("#"))
                .containsExactlyInAnyOrder(
                        "weft_x_datagrams_total{switch=\"lan\",address=\"1\"} 3",
                        "weft_x_remotes{switch=\"lan\",port=\"a\"} 1",
                        "weft_x_remotes{switch=\"lan\",port=\"b\"} 2");
        first.close();
        assertThat(lines())
                .filteredOn(line -> !line.startsWith("#"))
                .containsExactlyInAnyOrder(
                        "weft_x_datagrams_total{switch=\"lan\",address=\"1\"} 3",
                        "weft_x_remotes{switch=\"lan\",port=\"b\"} 2");
        second.close();
        assertThat(lines()).isEmpty();
    }

    @Test
    void shouldTellThoseOfAnImpairedDriver() throws Exception {
        Impairment none = Impairment.builder().build();
        a.readings = () -> List.of(gauge("x_remotes", 1));
        lan.add(new ImpairedDriver(a, none, none));
        assertThat(lines()).contains("weft_x_remotes{switch=\"lan\"} 1");
    }

    @Test
    void shouldAskNoDriverThatIsNotOpenYet() throws Exception {
        List<List<String>> seen = new ArrayList<>();
        a.readings = () -> List.of(gauge("x_remotes", 1));
        a.onOpen(tunnel -> seen.add(lines()));
        lan.add(a);
        assertThat(seen).containsExactly(List.of());
        assertThat(lines()).isNotEmpty();
    }

    @Test
    void shouldLogADriverOnceThatFailsToTellAndLeaveItOut() throws Exception {
        List<String> logged = new ArrayList<>();
        Logger logger = Logger.getLogger("io.weft.worker.DriverBinding");
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord line) {
                logged.add(line.getLevel() + " " + line.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        logger.setLevel(Level.INFO);
        logger.setUseParentHandlers(false);
        logger.addHandler(handler);
        try {
            lan.add(new MemoryPort("plain"));
            lan.add(a);
            lan.add(b);
            a.readings = () -> List.of(gauge("x_remotes", 1), gauge("no name", 2));
            b.readings = () -> List.of(gauge("x_remotes", 2));
            assertThat(lines()).containsOnlyOnce("weft_x_remotes{switch=\"lan\"} 2");
            a.readings = () -> {
                throw new AssertionError("a bug");
            };
            assertThat(lines()).hasSize(3);
            a.readings = () -> null;
            assertThat(lines()).hasSize(3);
            assertThat(logged).singleElement().satisfies(line -> assertThat(line)
                    .startsWith("SEVERE driver tunnel:a fails to tell its readings"));
            a.readings = () -> List.of(gauge("x_other", 1));
            assertThat(lines()).as("it is asked again").hasSize(6);
        } finally {
            logger.removeHandler(handler);
            logger.setUseParentHandlers(true);
            logger.setLevel(null);
        }
    }

    @Test
    void shouldLeaveOutWhatWouldMakeTheTextInvalid() throws Exception {
        lan.add(a);
        MetricsSnapshot without = lan.metrics();
        a.readings = () -> List.of(
                gauge("ports", 99), // the switch's own
                counter("receive_frames", 99),
                gauge("x_remotes", 1),
                gauge("x_remotes", 2), // twice
                counter("x_remotes", 3)); // another kind
        List<Metric> samples = new ArrayList<>(lan.metrics().samples());
        samples.removeAll(without.samples());
        assertThat(samples).extracting(Metric::name).containsExactly("weft_x_remotes");
        assertThat(samples).extracting(Metric::value).containsExactly(1L);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "X", "a-b", "a b", "a.b", "é", "frames_total", "a\n"})
    void shouldRefuseANameThatNoMetricHas(String name) {
        assertThatThrownBy(() -> gauge(name, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + name + "'")
                .hasMessageContaining("[a-z0-9_]+");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Port", "1st", "_x", "a-b", "switch"})
    void shouldRefuseALabelThatNoMetricHas(String label) {
        assertThatThrownBy(() -> gauge("x", 0, label, "value"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + label + "'");
    }

    @Test
    void shouldKeepItsLabelsWhateverBecomesOfTheMapTheyCameIn() {
        Map<String, String> labels = labels("z", "1", "a", "2");
        Reading reading = new Reading("x", false, "Measured.", labels, 0);
        labels.clear();
        assertThat(reading.labels().keySet()).containsExactly("z", "a");
    }
}
