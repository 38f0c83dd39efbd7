package io.weft.metrics;

import java.util.Map;
import java.util.Objects;

/**
 * One sample.
 *
 * @param name the sample's name as OpenMetrics has it: of a counter with {@code _total}
 * @param kind what may be done with the value
 * @param unit the value's unit, also the end of the name (before {@code _total}); empty for a mere number
 * @param help what is counted, in a sentence
 * @param labels which of its kind it is, in the order they are written
 * @param value now
 */
public record Metric(String name, Kind kind, String unit, String help, Map<String, String> labels, long value) {
    /** Kinds of metrics. */
    public enum Kind {
        /** Only grows, from 0 at the start of the switch (or the port). */
        COUNTER,
        /** Goes up and down. */
        GAUGE
    }

    private static final String TOTAL = "_total";

    /** Checks that nothing is missing. */
    public Metric {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(unit, "unit");
        Objects.requireNonNull(help, "help");
        Objects.requireNonNull(labels, "labels");
        if (kind == Kind.COUNTER && !name.endsWith(TOTAL)) {
            throw new IllegalArgumentException(
                    "name of a counter is '" + name + "'; accepted: one that ends in _total");
        }
    }

    /** The name of all samples of its kind: the sample's without {@code _total}. */
    public String family() {
        return kind == Kind.COUNTER ? name.substring(0, name.length() - TOTAL.length()) : name;
    }
}
