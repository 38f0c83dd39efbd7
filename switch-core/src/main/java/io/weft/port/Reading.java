package io.weft.port;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * A figure that a driver tells of itself beyond {@link PortStatistics}, as of one remote end of a tunnel; among the switch's
 * metrics it is {@code weft_} and the name, and {@code _total} for a counter.
 *
 * @param name {@code [a-z0-9_]+}, beginning with the kind of port and ending with the unit where there is one, as
 *     {@code vxlan_remote_transmit_frames}; without {@code _total}
 * @param counter whether it only grows; otherwise it goes up and down
 * @param help what it is, in a sentence
 * @param labels which of its kind it is, in the order they are written; names {@code [a-z][a-z0-9_]*}, but {@code switch},
 *     which comes before them
 * @param value now
 */
public record Reading(String name, boolean counter, String help, Map<String, String> labels, long value) {
    private static final Pattern NAME = Pattern.compile("[a-z0-9_]+");
    private static final Pattern LABEL = Pattern.compile("[a-z][a-z0-9_]*");
    private static final String TOTAL = "_total";

    /**
     * Checks the names and keeps a copy of the labels.
     *
     * @throws IllegalArgumentException naming the one that cannot be, and what is accepted
     */
    public Reading {
        Objects.requireNonNull(help, "help");
        if (!NAME.matcher(name).matches() || name.endsWith(TOTAL)) {
            throw new IllegalArgumentException(
                    "name of a reading is '" + name + "'; accepted: [a-z0-9_]+ that does not end in " + TOTAL);
        }
        Map<String, String> copy = new LinkedHashMap<>(labels);
        copy.forEach((label, labelValue) -> {
            if (!LABEL.matcher(label).matches() || label.equals("switch")) {
                throw new IllegalArgumentException("label of reading " + name + " is '" + label
                        + "'; accepted: [a-z][a-z0-9_]*, but switch, which every reading has");
            }
            Objects.requireNonNull(labelValue, label);
        });
        labels = Collections.unmodifiableMap(copy);
    }
}
