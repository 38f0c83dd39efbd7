package io.weft;

import io.weft.bridge.Bridge;
import io.weft.event.EventDispatcher;
import io.weft.event.Station;
import io.weft.event.SwitchListener;
import io.weft.fdb.Fdb;
import io.weft.fdb.FdbStatistics;
import io.weft.port.PortDriver;
import io.weft.port.PortException;
import io.weft.port.PortProviders;
import io.weft.port.PortStatistics;
import io.weft.worker.AttachedDriver;
import io.weft.worker.Datapath;
import io.weft.worker.DatapathConfig;
import io.weft.worker.IdleStrategy;
import io.weft.worker.NanoClock;
import io.weft.worker.PortSettings;
import io.weft.worker.PortStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;

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
    private final Fdb fdb;
    private final Datapath datapath;
    private final EventDispatcher events;
    private final NanoClock clock;
    private final String name;

    private VirtualSwitch(Builder builder) {
        name = builder.name;
        clock = builder.clock;
        events = new EventDispatcher(name + "-events", this::portName);
        builder.listeners.forEach(events::add);
        fdb = new Fdb(
                builder.fdbCapacity, (int) builder.ageingTime.toSeconds(), new SplittableRandom().nextLong(), events);
        datapath = new Datapath(builder.datapathConfig(), () -> new Bridge(fdb), fdb, events);
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

    // ---- stations ----

    /** The stations in the FDB. */
    public List<Station> stations() {
        int nowSeconds = (int) (clock.nanoTime() / 1_000_000_000L);
        return fdb.list(nowSeconds).stream()
                .map(entry -> new Station(entry.vlan(), entry.mac(), portName(entry.port()), entry.endpoint()))
                .toList();
    }

    /** Counters of the FDB. */
    public FdbStatistics fdbStatistics() {
        return fdb.statistics();
    }

    /** Forgets all stations; returns how many. */
    public int flushFdb() {
        return fdb.flushAll();
    }

    /** Forgets the stations of a VLAN; returns how many. */
    public int flushFdb(int vlan) {
        return fdb.flushVlan(vlan);
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
        datapath.close();
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
