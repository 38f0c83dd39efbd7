package io.weft.metrics;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Writes samples as OpenMetrics 1.0 text, which Prometheus and most that collect metrics read:
 *
 * <pre>
 * # TYPE weft_port_receive_frames counter
 * # UNIT weft_port_receive_frames frames
 * # HELP weft_port_receive_frames Frames the port received.
 * weft_port_receive_frames_total{switch="lan",port="tap0"} 17
 * # EOF
 * </pre>
 *
 * <p>Threads: stateless.
 */
public final class OpenMetricsWriter {
    /** What an HTTP server says in Content-Type; the text is UTF-8. */
    public static final String CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    private OpenMetricsWriter() {}

    /** The text; the samples of a name are brought together, in the order the names first appear. */
    public static String write(Collection<Metric> samples) {
        Map<String, List<Metric>> families = new LinkedHashMap<>();
        for (Metric sample : samples) {
            families.computeIfAbsent(sample.family(), name -> new ArrayList<>()).add(sample);
        }
        StringBuilder text = new StringBuilder();
        families.forEach((name, members) -> writeFamily(text, name, members));
        return text.append("# EOF\n").toString();
    }

    private static void writeFamily(StringBuilder text, String name, List<Metric> members) {
        Metric first = members.get(0);
        String kind = first.kind().name().toLowerCase(Locale.ROOT);
        text.append("# TYPE ").append(name).append(' ').append(kind).append('\n');
        if (!first.unit().isEmpty()) {
            text.append("# UNIT ").append(name).append(' ').append(first.unit()).append('\n');
        }
        text.append("# HELP ").append(name).append(' ');
        escape(text, first.help());
        text.append('\n');
        for (Metric member : members) {
            text.append(member.name());
            String separator = "{";
            for (Map.Entry<String, String> label : member.labels().entrySet()) {
                text.append(separator).append(label.getKey()).append("=\"");
                escape(text, label.getValue());
                text.append('"');
                separator = ",";
            }
            text.append(member.labels().isEmpty() ? " " : "} ")
                    .append(member.value())
                    .append('\n');
        }
    }

    /** What may not stand between quotes as it is; ports are named by people, and by peers. */
    private static void escape(StringBuilder text, String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '\\' -> text.append("\\\\");
                case '"' -> text.append("\\\"");
                case '\n' -> text.append("\\n");
                default -> text.append(c);
            }
        }
    }
}
