package io.weft;

import io.weft.bridge.Bridge;
import io.weft.bridge.PortSettings;
import io.weft.bridge.Trace;
import io.weft.capture.Capture;
import io.weft.capture.CaptureFile;
import io.weft.capture.PortCapture;
import io.weft.capture.RunningCapture;
import io.weft.event.CounterReader;
import io.weft.event.EventDispatcher;
import io.weft.event.SwitchListener;
import io.weft.fdb.Fdb;
import io.weft.frame.Frame;
import io.weft.metrics.MetricsSnapshot;
import io.weft.mirror.Mirror;
import io.weft.neighbour.NeighbourTable;
import io.weft.port.PortDriver;
import io.weft.port.PortException;
import io.weft.port.PortProviders;
import io.weft.port.PortStatistics;
import io.weft.worker.AttachedDriver;
import io.weft.worker.Configuration;
import io.weft.worker.Datapath;
import io.weft.worker.DatapathConfig;
import io.weft.worker.IdleStrategy;
import io.weft.worker.NanoClock;
import io.weft.worker.PortControl;
import io.weft.worker.PortStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A learning Ethernet switch with pluggable ports.
 *
 * <pre>{@code
 * try (VirtualSwitch lan = VirtualSwitch.create()) {
 *     lan.add("tap:tap0");
 *     lan.add("ws-listen://127.0.0.1:8080/");
 *     System.in.read();
 * }
 * }</pre>
 *
 * <p>A switch starts with its first port and forwards until it is closed; ports come and go while traffic flows. Its
 * threads are not daemons: a program ends when it has closed its switches.
 *
 * <p><b>Invoker mode</b> ({@link Builder#invoker}) has no threads: the caller runs {@link #step()}, with a clock of its own.
 * Tests use it to be deterministic.
 *
 * <p>Threads: any; in invoker mode one thread makes, steps and closes the switch.
 */
public final class VirtualSwitch implements AutoCloseable {
    private static final Logger LOG = System.getLogger(VirtualSwitch.class.getName());

    private final FdbControl fdbControl;
    private final NeighbourTable neighbours = new NeighbourTable();
    private final Datapath datapath;
    private final EventDispatcher events;
    private final String name;
    private final Set<TrafficRecord> records = ConcurrentHashMap.newKeySet();
    private volatile boolean closed; // and its records are

    private VirtualSwitch(Builder builder) {
        name = builder.name;
        events = new EventDispatcher(name, this::portName);
        builder.listeners.forEach(events::add);
        Fdb fdb = new Fdb(
                builder.fdbCapacity, (int) builder.ageingTime.toSeconds(), new SplittableRandom().nextLong(), events);
        datapath = new Datapath(builder.datapathConfig(), () -> new Bridge(fdb), fdb, neighbours, events);
        fdbControl = new FdbControl(fdb, datapath, builder.clock);
        events.counters(this::readCounters);
    }

    private void readCounters(CounterReader reader) {
        ports().forEach(port -> reader.port(port.name(), port.up(), port.statistics()));
        reader.fdb(fdbControl.statistics());
    }

    /** A switch with the defaults. */
    public static VirtualSwitch create() {
        return builder().build();
    }

    /** A switch to be configured. */
    public static Builder builder() {
        return new Builder();
    }

    // ---- ports ----

    /**
     * Adds the port or ports that a URI describes, as {@code tap:tap0?mtu=9000}.
     *
     * @throws io.weft.port.InvalidPortException when the URI or an option is wrong: it names the option, the value and what
     *     is accepted
     * @throws PortException when the port cannot be opened: it says what would help
     */
    public AttachedDriver add(String uri) throws PortException {
        return add(PortProviders.create(uri));
    }

    /**
     * The same with settings for the port or ports, as {@code add("tap:desk7", PortSettings.builder()...build())}.
     *
     * @throws io.weft.port.InvalidPortException as {@link #add(String)}
     * @throws PortException as {@link #add(String)}
     */
    public AttachedDriver add(String uri, PortSettings settings) throws PortException {
        return add(PortProviders.create(uri), settings);
    }

    /** Adds the ports of a driver; takes the driver over and closes it in the end. */
    public AttachedDriver add(PortDriver driver) throws PortException {
        return add(driver, PortSettings.DEFAULT);
    }

    /** Adds the ports of a driver with settings of their own. */
    public AttachedDriver add(PortDriver driver, PortSettings settings) throws PortException {
        return datapath.add(driver, settings);
    }

    /** All ports, in the order they joined, with their counters. */
    public List<PortStatus> ports() {
        return datapath.ports();
    }

    /**
     * A port, to be looked at and changed while traffic flows.
     *
     * @throws IllegalArgumentException naming the ports there are
     */
    public PortControl port(String portName) {
        return datapath.configuration().port(portName);
    }

    /** The forwarding database: which stations are known, and where. */
    public FdbControl fdb() {
        return fdbControl;
    }

    /**
     * The (VLAN, IP, MAC) bindings for which the switch answers ARP requests and neighbour solicitations on ports with
     * {@link io.weft.bridge.PortSettings#suppressNeighbours}.
     */
    public NeighbourTable neighbours() {
        return neighbours;
    }

    // ---- looking at traffic ----

    /**
     * What would happen to a frame that came in by a port now, step by step, and why. Changes nothing.
     *
     * @param frame from the destination address on, without FCS, up to {@link Frame#MAX_LENGTH} bytes
     * @throws IllegalArgumentException naming the ports there are, or the length that is accepted
     */
    public Trace trace(byte[] frame, String port) {
        return trace(frame, port, 0);
    }

    /**
     * The same for one that its port says is not to be flooded into a split-horizon group ({@link Frame#splitHorizonGroup}).
     *
     * @throws IllegalArgumentException naming the ports there are, or what is accepted
     */
    public Trace trace(byte[] frame, String port, int splitHorizonGroup) {
        if (splitHorizonGroup < 0) {
            throw new IllegalArgumentException(
                    "splitHorizonGroup is " + splitHorizonGroup + "; accepted: 0 (none) or more");
        }
        if (frame.length > Frame.MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "frame has " + frame.length + " bytes; accepted: up to " + Frame.MAX_LENGTH);
        }
        return datapath.configuration().trace(frame, port, 0, splitHorizonGroup);
    }

    /**
     * Copies traffic to a port or a file until it is closed, or the switch is.
     *
     * @throws IOException when the file cannot be written, naming it
     * @throws IllegalArgumentException when a mirror of this name is at work
     */
    public TrafficRecord mirror(Mirror mirror) throws IOException {
        String what = "mirror " + mirror.name();
        CaptureFile file = mirror.file() == null ? null : captureFile(mirror.file(), what);
        PortCapture part = file == null
                ? null
                : new PortCapture(
                        file,
                        file.addInterface(what, mirror.snapLength()),
                        Set.of(),
                        mirror.snapLength(),
                        mirror.segmented());
        return begin(what, file, rules -> rules.addMirror(mirror, part), rules -> rules.removeMirror(mirror));
    }

    /**
     * Records what a port receives, sends and drops, to a pcapng file that can be read while it grows, until it is closed, or
     * the switch is.
     *
     * @param points all of them when none is given
     * @throws IOException when the file cannot be written, naming it
     * @throws IllegalArgumentException when there is no such port, naming those there are
     */
    public TrafficRecord capture(String port, Path path, PortCapture.Point... points) throws IOException {
        datapath.configuration().port(port);
        Capture capture = Capture.ports(port);
        return capture(points.length == 0 ? capture : capture.points(points[0], points), path);
    }

    /** The same for several ports, those included that come later. */
    public TrafficRecord capture(Capture capture, Path path) throws IOException {
        CaptureFile file = captureFile(path, "capture");
        RunningCapture running = new RunningCapture(capture, file);
        return begin("capture", file, rules -> rules.addCapture(running), rules -> rules.removeCapture(running));
    }

    private CaptureFile captureFile(Path path, String what) throws IOException {
        return new CaptureFile(path, text -> events.message(what, text));
    }

    private TrafficRecord begin(
            String what, CaptureFile file, Configuration.RulesChange beginning, Configuration.RulesChange ending)
            throws IOException {
        TrafficRecord record = new TrafficRecord(what, file, ended -> {
            datapath.configuration().configure(ending);
            records.remove(ended);
        });
        boolean begun = false;
        try {
            datapath.configuration().configure(beginning);
            begun = true;
        } finally {
            if (!begun && file != null) {
                file.close();
            }
        }
        records.add(record);
        if (closed) {
            closeRecords(); // the switch was closed meanwhile
        }
        return record;
    }

    private void closeRecords() {
        closed = true;
        for (TrafficRecord record : records) {
            try {
                record.close();
            } catch (UncheckedIOException e) {
                LOG.log(Level.DEBUG, "told when it happened", e);
            }
        }
    }

    private String portName(int index) {
        return datapath.portName(index);
    }

    // ---- the switch ----

    /** The switch's name. */
    public String name() {
        return name;
    }

    /**
     * What happened to all frames so far, those of ports that have left included. At rest,
     * {@link PortStatistics#unaccounted()} is 0.
     */
    public PortStatistics statistics() {
        return datapath.statistics();
    }

    /** Everything the switch and its drivers count, for programs that collect metrics. Disturbs no worker. */
    public MetricsSnapshot metrics() {
        return MetricsSnapshot.of(
                name,
                datapath.workerCount(),
                statistics(),
                events.lost(),
                fdbControl.statistics(),
                (int) fdbControl.ageingTime().toSeconds(),
                ports(),
                port -> fdbControl.entriesOfPort(port.index()),
                datapath.readings());
    }

    /** Adds a listener, who hears what happens from now on. */
    public void addListener(SwitchListener listener) {
        events.add(listener);
    }

    /** Removes a listener. */
    public void removeListener(SwitchListener listener) {
        events.remove(listener);
    }

    /**
     * Invoker mode: runs one round of every worker on the calling thread.
     *
     * @return whether anything was done
     * @throws IllegalStateException when the switch has threads of its own
     */
    public boolean step() {
        return datapath.step();
    }

    /**
     * Closes all ports and ends all threads; waits for that, except when called from a port's callback on a worker. Leaves
     * no thread, descriptor or device behind.
     */
    @Override
    public void close() {
        datapath.close(this::closeRecords);
    }

    @Override
    public String toString() {
        return "VirtualSwitch[" + name + ", " + ports().size() + " ports]";
    }

    /** Settings of a switch. Every one has a default; all are checked where they are given. */
    public static final class Builder {
        private String name = "weft";
        private int workers = Runtime.getRuntime().availableProcessors();
        private boolean invoker;
        private NanoClock clock = NanoClock.SYSTEM;
        private IdleStrategy idleStrategy = IdleStrategy.SLEEP;
        private int fdbCapacity = Fdb.DEFAULT_CAPACITY;
        private Duration ageingTime = Duration.ofSeconds(Fdb.DEFAULT_AGEING_SECONDS);
        private final List<SwitchListener> listeners = new ArrayList<>();

        private Builder() {}

        /** What the switch calls itself and its threads; default "weft". */
        public Builder name(String newName) {
            name = Objects.requireNonNull(newName, "name");
            return this;
        }

        /**
         * Threads at most; default as many as there are cores. A switch never has more than drivers.
         *
         * @throws IllegalArgumentException below 1 or above 256
         */
        public Builder workers(int count) {
            if (count < 1 || count > 256) {
                throw new IllegalArgumentException("workers is " + count + "; accepted: 1..256");
            }
            workers = count;
            return this;
        }

        /** No threads: the caller runs {@link VirtualSwitch#step()} and provides the clock. */
        public Builder invoker(NanoClock virtualClock) {
            invoker = true;
            clock = Objects.requireNonNull(virtualClock, "clock");
            return this;
        }

        /** What a worker without work does; default {@link IdleStrategy#SLEEP}. */
        public Builder idleStrategy(IdleStrategy strategy) {
            idleStrategy = Objects.requireNonNull(strategy, "idleStrategy");
            return this;
        }

        /**
         * Stations the FDB holds at most; default {@link Fdb#DEFAULT_CAPACITY}.
         *
         * @throws IllegalArgumentException outside of 1..{@link Fdb#MAX_CAPACITY}
         */
        public Builder fdbCapacity(int entries) {
            if (entries < 1 || entries > Fdb.MAX_CAPACITY) {
                throw new IllegalArgumentException("fdbCapacity is " + entries + "; accepted: 1.." + Fdb.MAX_CAPACITY);
            }
            fdbCapacity = entries;
            return this;
        }

        /**
         * Time after which an unseen station is forgotten, in whole seconds; default 300 s.
         *
         * @throws IllegalArgumentException outside of 1 s..{@link Fdb#MAX_AGEING_SECONDS}
         */
        public Builder ageingTime(Duration time) {
            if (time.toSeconds() < 1 || time.toSeconds() > Fdb.MAX_AGEING_SECONDS) {
                throw new IllegalArgumentException(
                        "ageingTime is " + time + "; accepted: 1 s.." + Fdb.MAX_AGEING_SECONDS + " s");
            }
            ageingTime = time;
            return this;
        }

        /** Adds a listener that hears everything from the first port on. */
        public Builder listener(SwitchListener listener) {
            listeners.add(Objects.requireNonNull(listener, "listener"));
            return this;
        }

        /** The switch, without ports. */
        public VirtualSwitch build() {
            return new VirtualSwitch(this);
        }

        private DatapathConfig datapathConfig() {
            return new DatapathConfig(name, workers, invoker, clock, idleStrategy);
        }
    }
}
