package io.weft.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.ExpectedFailures;
import io.weft.VirtualSwitch;
import io.weft.event.Station;
import io.weft.event.SwitchListener;
import io.weft.fdb.FdbStatistics;
import io.weft.port.DropReason;
import io.weft.port.MemoryPort;
import io.weft.port.PortStatistics;
import io.weft.worker.PortStatus;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(ExpectedFailures.class)
class MetricsSnapshotTest {
    private static final byte[] A_BROADCAST = HexFormat.of().parseHex("ffffffffffff0200000000aa0806" + "00".repeat(46));
    private static final byte[] B_TO_A = HexFormat.of().parseHex("0200000000aa0200000000bb0800" + "00".repeat(86));
    private static final byte[] RUNT = new byte[13];

    private final MemoryPort a = new MemoryPort("a");
    private final MemoryPort b = new MemoryPort("b");
    private final MemoryPort c = new MemoryPort("c");
    private long nowNs;
    private VirtualSwitch lan;

    @BeforeEach
    void open() throws Exception {
        lan = VirtualSwitch.builder()
                .name("lan")
                .invoker(() -> nowNs)
                .fdbCapacity(100)
                .workers(2)
                .build();
        lan.add(a);
        lan.add(b);
        lan.add(c);
    }

    @AfterEach
    void close() {
        lan.close();
    }

    private void settle() {
        while (lan.step()) {
            // until nothing is left to do
        }
    }

    private void somethingHappens() {
        a.send(A_BROADCAST);
        settle();
        b.send(B_TO_A);
        a.send(RUNT);
        settle();
        c.down("unplugged");
        settle();
    }

    @Test
    void shouldWriteASmallSwitchAsText() throws Exception {
        somethingHappens();
        String golden = new String(
                MetricsSnapshotTest.class
                        .getResourceAsStream("small-switch.txt")
                        .readAllBytes(),
                StandardCharsets.UTF_8);
        // All drop reasons of the switch are listed; those that did not occur are left out of the golden text.
        String text = lan.metrics().toOpenMetrics().replaceAll("(?m)^weft_dropped_frames_total.* 0\n", "");
        assertThat(text).isEqualTo(golden);
    }

    @Test
    void shouldAgreeWithWhatTheSwitchItselfSays() {
        somethingHappens();
        nowNs += Duration.ofSeconds(302).toNanos();
        settle();
        b.send(B_TO_A);
        c.up();
        settle();
        MetricsSnapshot metrics = lan.metrics();
        for (PortStatus port : lan.ports()) {
            String name = port.name();
            PortStatistics counted = port.statistics();
            assertThat(metrics.value("weft_port_up", "lan", name)).isEqualTo(port.up() ? 1 : 0);
            assertThat(metrics.value("weft_port_receive_frames_total", "lan", name))
                    .isEqualTo(counted.rxFrames());
            assertThat(metrics.value("weft_port_receive_bytes_total", "lan", name))
                    .isEqualTo(counted.rxBytes());
            assertThat(metrics.value("weft_port_copied_frames_total", "lan", name))
                    .isEqualTo(counted.copies());
            assertThat(metrics.value("weft_port_transmit_frames_total", "lan", name))
                    .isEqualTo(counted.txFrames());
            assertThat(metrics.value("weft_port_transmit_bytes_total", "lan", name))
                    .isEqualTo(counted.txBytes());
            counted.drops().forEach((reason, count) -> assertThat(metrics.value(
                            "weft_port_dropped_frames_total",
                            "lan",
                            name,
                            reason.stage().name().toLowerCase(Locale.ROOT),
                            reason.name().toLowerCase(Locale.ROOT)))
                    .isEqualTo(count));
            long stations = lan.fdb().stations().stream()
                    .filter(station -> station.port().equals(name))
                    .count();
            assertThat(metrics.value("weft_port_stations", "lan", name)).isEqualTo(stations);
        }
        FdbStatistics fdb = lan.fdb().statistics();
        assertThat(fdb.expired()).isPositive();
        assertThat(metrics.value("weft_fdb_entries", "lan")).isEqualTo(fdb.entries());
        assertThat(metrics.value("weft_fdb_capacity", "lan")).isEqualTo(100);
        assertThat(metrics.value("weft_fdb_learned_total", "lan")).isEqualTo(fdb.learned());
        assertThat(metrics.value("weft_fdb_expired_total", "lan")).isEqualTo(fdb.expired());
        long dropped = 0;
        for (DropReason reason : DropReason.values()) {
            dropped += metrics.value(
                    "weft_dropped_frames_total",
                    "lan",
                    reason.stage().name().toLowerCase(Locale.ROOT),
                    reason.name().toLowerCase(Locale.ROOT));
        }
        assertThat(dropped).isPositive();
        assertThat(metrics.value("weft_receive_frames_total", "lan") + metrics.value("weft_copied_frames_total", "lan"))
                .as("nothing is lost silently")
                .isEqualTo(metrics.value("weft_transmit_frames_total", "lan") + dropped);
    }

    @Test
    void shouldKeepCountingWhatPortsDidThatLeft() throws Exception {
        MemoryPort d = new MemoryPort("d");
        try (var attached = lan.add(d)) {
            assertThat(lan.metrics().value("weft_ports", "lan")).isEqualTo(4);
            d.send(A_BROADCAST);
            settle();
            assertThat(attached.ports()).hasSize(1);
        }
        assertThat(lan.metrics().value("weft_ports", "lan")).isEqualTo(3);
        assertThat(lan.metrics().value("weft_receive_frames_total", "lan")).isEqualTo(1);
        assertThatThrownBy(() -> lan.metrics().value("weft_port_receive_frames_total", "lan", "d"))
                .hasMessageContaining("weft_port_receive_frames_total [lan, d]");
    }

    @Test
    void shouldCountLostEventsAlsoBeforeTheyAreTold() {
        lan.addListener(new SwitchListener() {
            @Override
            public void flushed(Station station) {}
        });
        lan.fdb().resize(10_000);
        for (int i = 0; i < 4_999; i++) {
            lan.fdb().set(0, String.format(Locale.ROOT, "02:00:00:00:%02x:%02x", i >> 8, i & 0xff), "a");
        }
        assertThat(lan.metrics().value("weft_events_lost_total", "lan")).isEqualTo(4_999 - 4_096);
        settle();
        assertThat(lan.metrics().value("weft_events_lost_total", "lan")).isEqualTo(4_999 - 4_096);
        assertThat(lan.metrics().value("weft_port_stations", "lan", "a")).isEqualTo(4_999);
    }

    @Test
    void shouldHaveEveryNameOnceInTheTableAndFollowTheRules() {
        Set<String> families = new HashSet<>();
        for (MetricName name : MetricName.values()) {
            String[] labels = name.labels().stream().map(label -> "x").toArray(String[]::new);
            Metric sample = name.sample(0, labels);
            assertThat(families.add(sample.family())).as(sample.family()).isTrue();
            assertThat(sample.family()).matches("weft_[a-z_]+").doesNotEndWith("_total");
            assertThat(sample.family()).endsWith(sample.unit().isEmpty() ? "" : "_" + sample.unit());
            assertThat(sample.help()).endsWith(".");
        }
        Set<String> written =
                lan.metrics().samples().stream().map(Metric::family).collect(Collectors.toSet());
        families.remove("weft_port_dropped_frames"); // nothing was dropped
        assertThat(written).isEqualTo(families);
    }

    @Test
    void shouldBringTheSwitchesOfAProgramTogether() {
        try (VirtualSwitch other =
                VirtualSwitch.builder().name("other").invoker(() -> nowNs).build()) {
            List<String> lines = Arrays.asList(
                    lan.metrics().plus(other.metrics()).toOpenMetrics().split("\n"));
            assertThat(lines)
                    .containsSequence(
                            "# TYPE weft_ports gauge",
                            "# HELP weft_ports Ports of the switch.",
                            "weft_ports{switch=\"lan\"} 3",
                            "weft_ports{switch=\"other\"} 0");
            assertThat(lines).endsWith("# EOF").containsOnlyOnce("# TYPE weft_ports gauge", "# EOF");
        }
    }
}
