package io.weft.metrics;

import io.weft.metrics.Metric.Kind;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Every metric of the switch's own: this table is the manual. (Drivers add theirs: {@link io.weft.port.Reading}.) Names follow OpenMetrics 1.0: the unit at the end, then {@code _total} for
 * counters. A frame's bytes are those from its destination address on, without FCS.
 *
 * <p>Labels: {@code switch} is the switch's name, {@code port} the port's, {@code stage} and {@code reason} are a {@link
 * io.weft.port.DropReason} in lower case.
 */
public enum MetricName {
    // ---- the switch; ports that have left included ----

    /** Threads. */
    WORKERS("weft_workers", Kind.GAUGE, "", "Threads that forward frames.", "switch"),
    /** Ports. */
    PORTS("weft_ports", Kind.GAUGE, "", "Ports of the switch.", "switch"),
    /** Received frames. */
    RECEIVE_FRAMES("weft_receive_frames", Kind.COUNTER, "frames", "Frames received by all ports.", "switch"),
    /** Received bytes. */
    RECEIVE_BYTES("weft_receive_bytes", Kind.COUNTER, "bytes", "Bytes of frames received by all ports.", "switch"),
    /** Frames of the wire received. */
    RECEIVE_SEGMENTS(
            "weft_receive_segments",
            Kind.COUNTER,
            "segments",
            "Frames of the wire that the received frames stand for: a super-frame is several.",
            "switch"),
    /** Copies. */
    COPIED_FRAMES("weft_copied_frames", Kind.COUNTER, "frames", "Copies made to flood or mirror frames.", "switch"),
    /** Segmentation. */
    SEGMENTED_FRAMES(
            "weft_segmented_frames",
            Kind.COUNTER,
            "frames",
            "Frames that super-frames became more by being cut for a port.",
            "switch"),
    /** Coalescing. */
    COALESCED_FRAMES("weft_coalesced_frames", Kind.COUNTER, "frames", "Frames that went into super-frames.", "switch"),
    /** Sent frames. */
    TRANSMIT_FRAMES("weft_transmit_frames", Kind.COUNTER, "frames", "Frames sent by all ports.", "switch"),
    /** Sent bytes. */
    TRANSMIT_BYTES("weft_transmit_bytes", Kind.COUNTER, "bytes", "Bytes of frames sent by all ports.", "switch"),
    /** Frames of the wire sent. */
    TRANSMIT_SEGMENTS(
            "weft_transmit_segments",
            Kind.COUNTER,
            "segments",
            "Frames of the wire that the sent frames stand for.",
            "switch"),
    /** Dropped frames. */
    DROPPED_FRAMES(
            "weft_dropped_frames", Kind.COUNTER, "frames", "Frames dropped, by reason.", "switch", "stage", "reason"),
    /** Lost events. */
    EVENTS_LOST(
            "weft_events_lost",
            Kind.COUNTER,
            "",
            "Events that came faster than they could be told or recorded.",
            "switch"),

    // ---- the FDB ----

    /** Entries. */
    FDB_ENTRIES("weft_fdb_entries", Kind.GAUGE, "", "Stations in the forwarding database.", "switch"),
    /** Capacity. */
    FDB_CAPACITY("weft_fdb_capacity", Kind.GAUGE, "", "Stations the forwarding database may hold.", "switch"),
    /** Ageing time. */
    FDB_AGEING_SECONDS(
            "weft_fdb_ageing_seconds",
            Kind.GAUGE,
            "seconds",
            "Time after which an unseen station is forgotten.",
            "switch"),
    /** Learned. */
    FDB_LEARNED("weft_fdb_learned", Kind.COUNTER, "", "New stations, learned or set.", "switch"),
    /** Moved. */
    FDB_MOVED("weft_fdb_moved", Kind.COUNTER, "", "Stations seen behind another port than before.", "switch"),
    /** Expired. */
    FDB_EXPIRED("weft_fdb_expired", Kind.COUNTER, "", "Stations not seen within the ageing time.", "switch"),
    /** Evicted. */
    FDB_EVICTED("weft_fdb_evicted", Kind.COUNTER, "", "Stations that made room for others.", "switch"),
    /** Flushed. */
    FDB_FLUSHED("weft_fdb_flushed", Kind.COUNTER, "", "Stations removed by request, or with their port.", "switch"),
    /** Refused. */
    FDB_REFUSED("weft_fdb_refused", Kind.COUNTER, "", "Stations not learned for want of room.", "switch"),
    /** Flapping. */
    FDB_FLAPPING("weft_fdb_flapping", Kind.COUNTER, "", "Times a station moved too often and was held.", "switch"),

    // ---- each port ----

    /** State. */
    PORT_UP("weft_port_up", Kind.GAUGE, "", "Whether the port works: 1 or 0.", "switch", "port"),
    /** Stations. */
    PORT_STATIONS("weft_port_stations", Kind.GAUGE, "", "Stations known behind the port.", "switch", "port"),
    /** Received frames. */
    PORT_RECEIVE_FRAMES(
            "weft_port_receive_frames", Kind.COUNTER, "frames", "Frames the port received.", "switch", "port"),
    /** Received bytes. */
    PORT_RECEIVE_BYTES(
            "weft_port_receive_bytes", Kind.COUNTER, "bytes", "Bytes of frames the port received.", "switch", "port"),
    /** Frames of the wire received. */
    PORT_RECEIVE_SEGMENTS(
            "weft_port_receive_segments",
            Kind.COUNTER,
            "segments",
            "Frames of the wire that the frames the port received stand for.",
            "switch",
            "port"),
    /** Copies. */
    PORT_COPIED_FRAMES(
            "weft_port_copied_frames",
            Kind.COUNTER,
            "frames",
            "Copies made of frames the port received, to flood or mirror them.",
            "switch",
            "port"),
    /** Segmentation. */
    PORT_SEGMENTED_FRAMES(
            "weft_port_segmented_frames",
            Kind.COUNTER,
            "frames",
            "Frames that super-frames became more by being cut for the port.",
            "switch",
            "port"),
    /** Coalescing. */
    PORT_COALESCED_FRAMES(
            "weft_port_coalesced_frames",
            Kind.COUNTER,
            "frames",
            "Frames that went into super-frames for the port.",
            "switch",
            "port"),
    /** Sent frames. */
    PORT_TRANSMIT_FRAMES(
            "weft_port_transmit_frames", Kind.COUNTER, "frames", "Frames the port sent.", "switch", "port"),
    /** Sent bytes. */
    PORT_TRANSMIT_BYTES(
            "weft_port_transmit_bytes", Kind.COUNTER, "bytes", "Bytes of frames the port sent.", "switch", "port"),
    /** Frames of the wire sent. */
    PORT_TRANSMIT_SEGMENTS(
            "weft_port_transmit_segments",
            Kind.COUNTER,
            "segments",
            "Frames of the wire that the frames the port sent stand for.",
            "switch",
            "port"),
    /** Dropped frames, for reasons that occurred. */
    PORT_DROPPED_FRAMES(
            "weft_port_dropped_frames",
            Kind.COUNTER,
            "frames",
            "Frames the port received (stage ingress) or was to send (stage egress) that were dropped, by reason.",
            "switch",
            "port",
            "stage",
            "reason");

    private final String family;
    private final Kind kind;
    private final String unit;
    private final String help;

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of
    private final List<String> labels;

    MetricName(String family, Kind kind, String unit, String help, String... labels) {
        this.family = family;
        this.kind = kind;
        this.unit = unit;
        this.help = help;
        this.labels = List.of(labels);
    }

    /** Whether samples of one of these have this name, without {@code _total}. */
    static boolean isFamily(String name) {
        for (MetricName each : values()) {
            if (each.family.equals(name)) {
                return true;
            }
        }
        return false;
    }

    /** Names of its labels. */
    public List<String> labels() {
        return labels;
    }

    /** A sample of it; label values in the order of {@link #labels}. */
    Metric sample(long value, String... labelValues) {
        Map<String, String> values = new LinkedHashMap<>();
        for (int i = 0; i < labelValues.length; i++) {
            values.put(labels.get(i), labelValues[i]);
        }
        String name = kind == Kind.COUNTER ? family + "_total" : family;
        return new Metric(name, kind, unit, help, Collections.unmodifiableMap(values), value);
    }
}
