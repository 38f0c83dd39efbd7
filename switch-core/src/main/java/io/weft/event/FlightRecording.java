package io.weft.event;

import io.weft.event.FlightRecorderEvents.DriverMessage;
import io.weft.event.FlightRecorderEvents.EventsLost;
import io.weft.event.FlightRecorderEvents.FdbCounters;
import io.weft.event.FlightRecorderEvents.PortAdded;
import io.weft.event.FlightRecorderEvents.PortDown;
import io.weft.event.FlightRecorderEvents.PortEvent;
import io.weft.event.FlightRecorderEvents.PortRemoved;
import io.weft.event.FlightRecorderEvents.PortStorm;
import io.weft.event.FlightRecorderEvents.PortTraffic;
import io.weft.event.FlightRecorderEvents.PortUp;
import io.weft.event.FlightRecorderEvents.SecurityViolation;
import io.weft.event.FlightRecorderEvents.StationAged;
import io.weft.event.FlightRecorderEvents.StationEvent;
import io.weft.event.FlightRecorderEvents.StationEvicted;
import io.weft.event.FlightRecorderEvents.StationFlapping;
import io.weft.event.FlightRecorderEvents.StationFlushed;
import io.weft.event.FlightRecorderEvents.StationLearned;
import io.weft.event.FlightRecorderEvents.StationMoved;
import io.weft.fdb.FdbObserver.Change;
import io.weft.fdb.FdbStatistics;
import io.weft.frame.MacAddress;
import io.weft.port.DropReason;
import io.weft.port.PortStatistics;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import jdk.jfr.Event;
import jdk.jfr.EventType;
import jdk.jfr.FlightRecorder;
import jdk.jfr.FlightRecorderListener;
import jdk.jfr.Recording;
import jdk.jfr.RecordingState;

/**
 * A switch's events in the JDK's Flight Recorder.
 *
 * <p>Flight Recorder is not started by it, nor are the event types made known, before somebody records: until then, and
 * between recordings, {@link #running} is {@code null} and asking costs one volatile read.
 */
final class FlightRecording implements EventRecorder {
    /** The event types while any recording runs, {@code null} otherwise; the same for all switches of the JVM. */
    private static volatile Map<Change, EventType> running;

    private static final List<FlightRecording> OPEN = new CopyOnWriteArrayList<>();
    private static Map<Change, EventType> types; // made with the first recording; guarded by the class

    static {
        FlightRecorder.addListener(new FlightRecorderListener() {
            @Override
            public void recorderInitialized(FlightRecorder recorder) {
                look(recorder);
            }

            @Override
            public void recordingStateChanged(Recording recording) {
                look(FlightRecorder.getFlightRecorder());
            }
        });
    }

    private final String switchName;
    private final Consumer<CounterReader> counters;

    private FlightRecording(String switchName, Consumer<CounterReader> counters) {
        this.switchName = switchName;
        this.counters = counters;
    }

    /** A switch's, or nobody's where this JVM has Flight Recorder but cannot use it. */
    static EventRecorder of(String switchName, Consumer<CounterReader> counters) {
        if (!FlightRecorder.isAvailable()) {
            return NONE;
        }
        FlightRecording recording = new FlightRecording(switchName, counters);
        OPEN.add(recording);
        return recording;
    }

    private static synchronized void look(FlightRecorder recorder) {
        boolean any =
                recorder.getRecordings().stream().anyMatch(recording -> recording.getState() == RecordingState.RUNNING);
        if (any && types == null) {
            types = register();
        }
        running = any ? types : null;
    }

    private static Map<Change, EventType> register() {
        FlightRecorderEvents.ALL.forEach(FlightRecorder::register);
        FlightRecorder.addPeriodicEvent(PortTraffic.class, () -> OPEN.forEach(FlightRecording::recordPorts));
        FlightRecorder.addPeriodicEvent(FdbCounters.class, () -> OPEN.forEach(FlightRecording::recordFdb));
        Map<Change, EventType> byChange = new EnumMap<>(Change.class);
        for (Change change : Change.values()) {
            byChange.put(change, EventType.getEventType(eventClass(change)));
        }
        return byChange;
    }

    private static Class<? extends Event> eventClass(Change change) {
        return switch (change) {
            case LEARNED -> StationLearned.class;
            case MOVED -> StationMoved.class;
            case AGED -> StationAged.class;
            case EVICTED -> StationEvicted.class;
            case FLUSHED -> StationFlushed.class;
            case FLAPPING -> StationFlapping.class;
        };
    }

    @Override
    public boolean isRecording() {
        return running != null;
    }

    @Override
    public boolean isRecording(Change change) {
        Map<Change, EventType> now = running;
        return now != null && now.get(change).isEnabled();
    }

    @Override
    public void close() {
        OPEN.remove(this);
    }

    // ---- stations ----

    @Override
    public void learned(Station station) {
        record(new StationLearned(), station);
    }

    @Override
    public void moved(Station station) {
        record(new StationMoved(), station);
    }

    @Override
    public void aged(Station station) {
        record(new StationAged(), station);
    }

    @Override
    public void evicted(Station station) {
        record(new StationEvicted(), station);
    }

    @Override
    public void flushed(Station station) {
        record(new StationFlushed(), station);
    }

    @Override
    public void flapping(Station station) {
        record(new StationFlapping(), station);
    }

    @Override
    public void violation(Station station) {
        record(new SecurityViolation(), station);
    }

    private void record(StationEvent event, Station station) {
        if (event.shouldCommit()) {
            event.switchName = switchName;
            event.vlan = station.vlan();
            event.mac = MacAddress.format(station.mac());
            event.port = station.port();
            event.endpoint = station.endpoint();
            event.kind = station.kind().name();
            event.commit();
        }
    }

    // ---- ports ----

    @Override
    public void portAdded(String port) {
        record(new PortAdded(), port);
    }

    @Override
    public void portRemoved(String port) {
        record(new PortRemoved(), port);
    }

    @Override
    public void portUp(String port) {
        record(new PortUp(), port);
    }

    @Override
    public void portDown(String port, String reason) {
        PortDown event = new PortDown();
        event.reason = reason;
        record(event, port);
    }

    @Override
    public void storm(String port, DropReason storm) {
        PortStorm event = new PortStorm();
        event.reason = storm.name();
        record(event, port);
    }

    private void record(PortEvent event, String port) {
        if (event.shouldCommit()) {
            event.switchName = switchName;
            event.port = port;
            event.commit();
        }
    }

    // ---- the switch ----

    @Override
    public void message(String driver, String text) {
        DriverMessage event = new DriverMessage();
        if (event.shouldCommit()) {
            event.switchName = switchName;
            event.driver = driver;
            event.text = text;
            event.commit();
        }
    }

    @Override
    public void lost(long events) {
        EventsLost event = new EventsLost();
        if (event.shouldCommit()) {
            event.switchName = switchName;
            event.events = events;
            event.commit();
        }
    }

    // ---- counters, on Flight Recorder's own thread ----

    private void recordPorts() {
        counters.accept(new CounterReader() {
            @Override
            public void port(String port, boolean up, PortStatistics statistics) {
                PortTraffic event = new PortTraffic();
                event.up = up;
                event.receivedFrames = statistics.rxFrames();
                event.receivedBytes = statistics.rxBytes();
                event.receivedSegments = statistics.rxSegments();
                event.copiedFrames = statistics.copies();
                event.segmentedFrames = statistics.segmented();
                event.coalescedFrames = statistics.coalesced();
                event.transmittedFrames = statistics.txFrames();
                event.transmittedBytes = statistics.txBytes();
                event.transmittedSegments = statistics.txSegments();
                event.ingressDrops = statistics.dropped(DropReason.Stage.INGRESS);
                event.egressDrops = statistics.dropped(DropReason.Stage.EGRESS);
                record(event, port);
            }

            @Override
            public void fdb(FdbStatistics statistics) {}
        });
    }

    private void recordFdb() {
        counters.accept(new CounterReader() {
            @Override
            public void port(String port, boolean up, PortStatistics statistics) {}

            @Override
            public void fdb(FdbStatistics statistics) {
                FdbCounters event = new FdbCounters();
                event.switchName = switchName;
                event.entries = statistics.entries();
                event.capacity = statistics.capacity();
                event.learned = statistics.learned();
                event.moved = statistics.moved();
                event.expired = statistics.expired();
                event.evicted = statistics.evicted();
                event.flushed = statistics.flushed();
                event.refused = statistics.refused();
                event.flapping = statistics.flapping();
                event.commit();
            }
        });
    }
}
