package io.weft.examples;

import io.weft.VirtualSwitch;
import io.weft.Wire;
import io.weft.event.Station;
import io.weft.frame.MacAddress;
import io.weft.port.PortStatistics;
import io.weft.worker.PortStatus;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A switch's ports, counters and stations as text tables, or a wire's ports and counters.
 *
 * <p>Threads: one at a time; {@link #rates} compares with its own last call.
 */
final class SwitchReport {
    private final Supplier<List<PortStatus>> ports;
    private final Supplier<List<Station>> stations;
    private final Map<String, PortStatistics> last = new HashMap<>();
    private long lastNs = System.nanoTime();

    SwitchReport(VirtualSwitch lan) {
        this(lan::ports, () -> lan.fdb().stations());
    }

    /** Of a wire, which learns no stations. */
    SwitchReport(Wire wire) {
        this(wire::ports, List::of);
    }

    private SwitchReport(Supplier<List<PortStatus>> ports, Supplier<List<Station>> stations) {
        this.ports = ports;
        this.stations = stations;
    }

    /** What the ports are called. */
    String portNames() {
        return String.join(", ", ports.get().stream().map(PortStatus::name).toList());
    }

    /** The ports with everything they have counted so far. */
    String ports() {
        List<String[]> rows = new ArrayList<>();
        rows.add(new String[] {"port", "state", "rx frames", "rx bytes", "tx frames", "tx bytes", "dropped"});
        for (PortStatus port : ports.get()) {
            PortStatistics counted = port.statistics();
            rows.add(new String[] {
                port.name(),
                port.up() ? "up" : "down",
                number(counted.rxFrames()),
                number(counted.rxBytes()),
                number(counted.txFrames()),
                number(counted.txBytes()),
                number(counted.dropped())
            });
        }
        return table(rows) + superFrames() + drops();
    }

    /** The ports with what they moved a second since the last call. */
    String rates() {
        long nowNs = System.nanoTime();
        double seconds = Math.max(1, nowNs - lastNs) / 1e9;
        lastNs = nowNs;
        List<String[]> rows = new ArrayList<>();
        rows.add(new String[] {"port", "state", "rx frames/s", "rx Mbit/s", "tx frames/s", "tx Mbit/s", "dropped/s"});
        for (PortStatus port : ports.get()) {
            PortStatistics now = port.statistics();
            PortStatistics before = last.getOrDefault(port.name(), PortStatistics.ZERO);
            last.put(port.name(), now);
            rows.add(new String[] {
                port.name(),
                port.up() ? "up" : "down",
                number(Math.round((now.rxFrames() - before.rxFrames()) / seconds)),
                "%.1f".formatted((now.rxBytes() - before.rxBytes()) * 8 / seconds / 1e6),
                number(Math.round((now.txFrames() - before.txFrames()) / seconds)),
                "%.1f".formatted((now.txBytes() - before.txBytes()) * 8 / seconds / 1e6),
                number(Math.round((now.dropped() - before.dropped()) / seconds))
            });
        }
        return table(rows);
    }

    /** What stood for more frames of the wire than one, was cut or was merged. */
    private String superFrames() {
        StringBuilder text = new StringBuilder();
        for (PortStatus port : ports.get()) {
            PortStatistics counted = port.statistics();
            boolean any = counted.rxSegments() > counted.rxFrames()
                    || counted.txSegments() > counted.txFrames()
                    || counted.coalesced() > 0;
            if (any || counted.segmented() > 0) {
                text.append("  %s segments: %,d received, %,d sent; %,d more by cutting, %,d fewer by merging%n"
                        .formatted(
                                port.name(),
                                counted.rxSegments(),
                                counted.txSegments(),
                                counted.segmented(),
                                counted.coalesced()));
            }
        }
        return text.toString();
    }

    /** Every port that dropped something or is down, and why. */
    private String drops() {
        StringBuilder text = new StringBuilder();
        for (PortStatus port : ports.get()) {
            if (!port.up()) {
                text.append("  ")
                        .append(port.name())
                        .append(" is down: ")
                        .append(port.downReason())
                        .append('\n');
            }
            port.statistics().drops().forEach((reason, count) -> text.append("  ")
                    .append(port.name())
                    .append(" dropped ")
                    .append(number(count))
                    .append(": ")
                    .append(reason.label())
                    .append('\n'));
        }
        return text.toString();
    }

    /** The stations in the FDB. */
    String stations() {
        List<String[]> rows = new ArrayList<>();
        rows.add(new String[] {"station", "VLAN", "port"});
        stations.get().stream()
                .sorted(Comparator.comparing(Station::port).thenComparingLong(Station::mac))
                .forEach(station -> rows.add(new String[] {
                    MacAddress.format(station.mac()),
                    station.vlan() == 0 ? "-" : Integer.toString(station.vlan()),
                    station.port()
                }));
        return table(rows);
    }

    private static String number(long value) {
        return "%,d".formatted(value);
    }

    /** Columns as wide as their widest cell; the first two to the left, the others to the right if they hold numbers. */
    private static String table(List<String[]> rows) {
        int columns = rows.get(0).length;
        int[] widths = new int[columns];
        for (String[] row : rows) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], row[i].length());
            }
        }
        StringBuilder text = new StringBuilder();
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder(" ");
            for (int i = 0; i < columns; i++) {
                boolean left = i < 2 || columns == 3;
                line.append(' ').append(("%" + (left ? "-" : "") + widths[i] + "s").formatted(row[i]));
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }
}
