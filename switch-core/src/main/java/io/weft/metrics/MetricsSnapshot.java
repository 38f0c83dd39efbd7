package io.weft.metrics;

import io.weft.fdb.FdbStatistics;
import io.weft.metrics.Metric.Kind;
import io.weft.port.DropReason;
import io.weft.port.PortStatistics;
import io.weft.port.Reading;
import io.weft.worker.PortStatus;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.ToIntFunction;

/**
 * What a switch (or several) has counted at a moment.
 *
 * <p>Taking one reads what the workers write and stops none of them. It is not a snapshot across counters: while frames flow,
 * those counted later in the list may be a little ahead. For the switch every drop reason is listed, for a port those that
 * occurred.
 *
 * @param samples in the order of {@link MetricName}, ports in the order they joined; then the drivers' readings
 */
public record MetricsSnapshot(List<Metric> samples) {
    private static final Logger LOG = System.getLogger(MetricsSnapshot.class.getName());

    /** Keeps a copy. */
    public MetricsSnapshot {
        samples = List.copyOf(samples);
    }

    /**
     * Makes one.
     *
     * @param stationsOfPort gives the number of stations behind the port with an index
     * @param readings what drivers tell of themselves; one that has the name of a sample of the switch's own, the name of a
     *     reading of the other kind, or name and labels of another reading, is left out
     */
    public static MetricsSnapshot of(
            String switchName,
            int workers,
            PortStatistics total,
            long eventsLost,
            FdbStatistics fdb,
            int ageingSeconds,
            List<PortStatus> ports,
            ToIntFunction<PortStatus> stationsOfPort,
            List<Reading> readings) {
        List<Metric> samples = new ArrayList<>();
        samples.add(MetricName.WORKERS.sample(workers, switchName));
        samples.add(MetricName.PORTS.sample(ports.size(), switchName));
        samples.add(MetricName.RECEIVE_FRAMES.sample(total.rxFrames(), switchName));
        samples.add(MetricName.RECEIVE_BYTES.sample(total.rxBytes(), switchName));
        samples.add(MetricName.RECEIVE_SEGMENTS.sample(total.rxSegments(), switchName));
        samples.add(MetricName.COPIED_FRAMES.sample(total.copies(), switchName));
        samples.add(MetricName.SEGMENTED_FRAMES.sample(total.segmented(), switchName));
        samples.add(MetricName.COALESCED_FRAMES.sample(total.coalesced(), switchName));
        samples.add(MetricName.TRANSMIT_FRAMES.sample(total.txFrames(), switchName));
        samples.add(MetricName.TRANSMIT_BYTES.sample(total.txBytes(), switchName));
        samples.add(MetricName.TRANSMIT_SEGMENTS.sample(total.txSegments(), switchName));
        for (DropReason reason : DropReason.values()) {
            samples.add(MetricName.DROPPED_FRAMES.sample(
                    total.dropped(reason), switchName, label(reason.stage()), label(reason)));
        }
        samples.add(MetricName.EVENTS_LOST.sample(eventsLost, switchName));
        addFdb(samples, switchName, fdb, ageingSeconds);
        for (PortStatus port : ports) {
            addPort(samples, switchName, port, stationsOfPort.applyAsInt(port));
        }
        addReadings(samples, switchName, readings);
        return new MetricsSnapshot(samples);
    }

    /** Two kinds under one name, or one sample twice, would make those who read the text refuse all of it. */
    private static void addReadings(List<Metric> samples, String switchName, List<Reading> readings) {
        Map<String, Kind> kinds = new HashMap<>();
        Set<List<Object>> known = new HashSet<>();
        for (Reading reading : readings) {
            Metric sample = sample(switchName, reading);
            Kind kind = kinds.putIfAbsent(sample.family(), sample.kind());
            if (MetricName.isFamily(sample.family())
                    || (kind != null && kind != sample.kind())
                    || !known.add(List.of(sample.name(), sample.labels()))) {
                LOG.log(Level.DEBUG, "left out, as another metric has its name: " + sample);
                continue;
            }
            samples.add(sample);
        }
    }

    private static Metric sample(String switchName, Reading reading) {
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put("switch", switchName);
        labels.putAll(reading.labels());
        return new Metric(
                "weft_" + reading.name() + (reading.counter() ? "_total" : ""),
                reading.counter() ? Kind.COUNTER : Kind.GAUGE,
                "",
                reading.help(),
                Collections.unmodifiableMap(labels),
                reading.value());
    }

    private static void addFdb(List<Metric> samples, String switchName, FdbStatistics fdb, int ageingSeconds) {
        samples.add(MetricName.FDB_ENTRIES.sample(fdb.entries(), switchName));
        samples.add(MetricName.FDB_CAPACITY.sample(fdb.capacity(), switchName));
        samples.add(MetricName.FDB_AGEING_SECONDS.sample(ageingSeconds, switchName));
        samples.add(MetricName.FDB_LEARNED.sample(fdb.learned(), switchName));
        samples.add(MetricName.FDB_MOVED.sample(fdb.moved(), switchName));
        samples.add(MetricName.FDB_EXPIRED.sample(fdb.expired(), switchName));
        samples.add(MetricName.FDB_EVICTED.sample(fdb.evicted(), switchName));
        samples.add(MetricName.FDB_FLUSHED.sample(fdb.flushed(), switchName));
        samples.add(MetricName.FDB_REFUSED.sample(fdb.refused(), switchName));
        samples.add(MetricName.FDB_FLAPPING.sample(fdb.flapping(), switchName));
    }

    private static void addPort(List<Metric> samples, String switchName, PortStatus status, int stations) {
        String port = status.name();
        PortStatistics counted = status.statistics();
        samples.add(MetricName.PORT_UP.sample(status.up() ? 1 : 0, switchName, port));
        samples.add(MetricName.PORT_STATIONS.sample(stations, switchName, port));
        samples.add(MetricName.PORT_RECEIVE_FRAMES.sample(counted.rxFrames(), switchName, port));
        samples.add(MetricName.PORT_RECEIVE_BYTES.sample(counted.rxBytes(), switchName, port));
        samples.add(MetricName.PORT_RECEIVE_SEGMENTS.sample(counted.rxSegments(), switchName, port));
        samples.add(MetricName.PORT_COPIED_FRAMES.sample(counted.copies(), switchName, port));
        samples.add(MetricName.PORT_SEGMENTED_FRAMES.sample(counted.segmented(), switchName, port));
        samples.add(MetricName.PORT_COALESCED_FRAMES.sample(counted.coalesced(), switchName, port));
        samples.add(MetricName.PORT_TRANSMIT_FRAMES.sample(counted.txFrames(), switchName, port));
        samples.add(MetricName.PORT_TRANSMIT_BYTES.sample(counted.txBytes(), switchName, port));
        samples.add(MetricName.PORT_TRANSMIT_SEGMENTS.sample(counted.txSegments(), switchName, port));
        counted.drops()
                .forEach((reason, count) -> samples.add(MetricName.PORT_DROPPED_FRAMES.sample(
                        count, switchName, port, label(reason.stage()), label(reason))));
    }

    private static String label(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /** This and the samples of another switch: what a program with several switches exports. */
    public MetricsSnapshot plus(MetricsSnapshot other) {
        List<Metric> all = new ArrayList<>(samples);
        all.addAll(other.samples);
        return new MetricsSnapshot(all);
    }

    /**
     * The value of a sample.
     *
     * @param name as in {@link Metric#name}
     * @param labelValues all of its labels' values, in their order
     * @throws IllegalArgumentException when there is none
     */
    public long value(String name, String... labelValues) {
        List<String> wanted = Arrays.asList(labelValues);
        return samples.stream()
                .filter(sample -> sample.name().equals(name)
                        && List.copyOf(sample.labels().values()).equals(wanted))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no sample " + name + " " + wanted))
                .value();
    }

    /** The text that a Prometheus server reads: see {@link OpenMetricsWriter}. */
    public String toOpenMetrics() {
        return OpenMetricsWriter.write(samples);
    }

    /** Names only: the samples are many. */
    @Override
    public String toString() {
        return "MetricsSnapshot[" + samples.size() + " samples]";
    }
}
