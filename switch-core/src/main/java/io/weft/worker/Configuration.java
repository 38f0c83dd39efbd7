package io.weft.worker;

import io.weft.bridge.BridgePort;
import io.weft.bridge.BridgeRules;
import io.weft.bridge.PortRules;
import io.weft.bridge.PortSettings;
import io.weft.bridge.Trace;
import io.weft.bridge.Tracer;
import io.weft.bridge.Tracer.TracedPort;
import io.weft.fdb.Fdb;
import io.weft.fdb.FdbEntry;
import io.weft.fdb.FdbKey;
import io.weft.fdb.FdbValue;
import io.weft.neighbour.NeighbourTable;
import io.weft.port.Port;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * What was configured for a datapath and its ports, and how a change reaches the workers: settings are compiled into rules
 * under the datapath's lock, and each worker takes the new rules between two rounds.
 *
 * <p>Threads: any.
 */
public final class Configuration {
    private final Datapath datapath;
    private final Object lock;
    private final PortRegistry ports;
    private final Workers workers;
    private final Fdb fdb;
    private final NanoClock clock;
    private final SwitchRules rules; // guarded by the lock
    private volatile BridgeRules bridgeRules; // written under the lock

    Configuration(
            Datapath datapath,
            Object lock,
            PortRegistry ports,
            Workers workers,
            Fdb fdb,
            NeighbourTable neighbours,
            NanoClock clock) {
        this.datapath = datapath;
        this.lock = lock;
        this.ports = ports;
        this.workers = workers;
        this.fdb = fdb;
        this.clock = clock;
        this.rules = new SwitchRules(neighbours);
        this.bridgeRules = rules.bridgeRules(name -> -1);
    }

    // ---- for ports and workers that come and go ----

    /** What a new worker's bridge begins with. Under the lock. */
    BridgeRules bridgeRules() {
        return bridgeRules;
    }

    /** The rules of a new port, which a mirror or a capture may have been waiting for. Under the lock. */
    PortRules rulesFor(Port port, PortSettings settings) {
        return new PortRules(settings, rules.of(port.name(), probes()), isShared(port), null);
    }

    /** Whether several workers may receive by a port: queues can come while its driver is opened. */
    private static boolean isShared(Port port) {
        return port.capabilities().concurrentTransmit();
    }

    // ---- changes ----

    /** Something to configure for the switch as a whole. */
    public interface RulesChange {
        /** Changes the rules; what it throws leaves them in force as they were if it changed nothing. */
        void change(SwitchRules rules);
    }

    /** Changes what holds for the whole switch; in force in all workers when this returns (to a thread that is none). */
    public void configure(RulesChange change) {
        List<SwitchPort> outputs;
        synchronized (lock) {
            List<SwitchPort> before = mirrorOutputs();
            change.change(rules);
            applyRules();
            outputs = mirrorOutputs();
            outputs.removeAll(before);
        }
        workers.awaitRound();
        outputs.forEach(datapath::flushSoon); // their stations are out of reach there, and may be behind other ports
    }

    private List<SwitchPort> mirrorOutputs() {
        return ports.all().stream()
                .filter(port -> port.rules().wide().mirrorOutput())
                .collect(Collectors.toCollection(ArrayList::new));
    }

    /** Makes all rules anew and tells the workers. Under the lock. */
    private void applyRules() {
        bridgeRules = rules.bridgeRules(name -> {
            SwitchPort port = ports.byName(name);
            return port == null ? -1 : port.index();
        });
        boolean probes = probes();
        for (SwitchPort port : ports.all()) {
            if (!port.isRemoved()) {
                port.rules(new PortRules(
                        port.rules().settings(),
                        rules.of(port.port().name(), probes),
                        isShared(port.port()),
                        port.rules()));
            }
        }
        for (Worker worker : workers) {
            workers.tell(worker, () -> worker.forwarder().configure(bridgeRules));
            for (SwitchPort port : ports.all()) {
                tellRules(worker, port);
            }
        }
    }

    private void tellRules(Worker worker, SwitchPort port) {
        workers.tell(worker, () -> {
            BridgePort view = worker.egress().port(port.index());
            if (view != null) {
                view.configure(port.rules()); // read now: a later change may have been quicker
            }
        });
    }

    /** A port has come: a mirror or a flood list may have waited for its name, and its probes may come back to any port. */
    void arrived(SwitchPort port) {
        synchronized (lock) {
            boolean unknownProbes = probes()
                    && ports.all().stream()
                            .anyMatch(other -> !other.rules().wide().probes());
            if (unknownProbes || rules.name(port.port().name())) {
                applyRules();
            }
        }
    }

    /** A port leaves, which a mirror or a flood list may name. */
    void leaving(SwitchPort port) {
        synchronized (lock) {
            rules.forget(port.port().name());
            if (rules.name(port.port().name())) {
                applyRules();
            }
        }
    }

    private boolean probes() {
        return ports.all().stream()
                .anyMatch(port -> !port.rules().settings().loopProbeInterval().isZero());
    }

    /** Gives a port other settings; in force in all workers when this returns (to a thread that is none). */
    void configure(SwitchPort port, UnaryOperator<PortSettings> change) {
        PortSettings old;
        PortSettings settings;
        synchronized (lock) {
            if (port.isRemoved()) {
                throw new IllegalStateException("port '" + port + "' has left the switch");
            }
            old = port.rules().settings();
            settings = change.apply(old);
            boolean probed = probes();
            port.rules(new PortRules(settings, port.rules().wide(), isShared(port.port()), port.rules()));
            if (probes() != probed) {
                applyRules(); // whether probes may come back concerns every port
            } else {
                workers.forEach(worker -> tellRules(worker, port));
            }
        }
        if (old.adminUp() != settings.adminUp()) {
            datapath.changeState(port, () -> port.state.setAdminUp(settings.adminUp()));
        }
        if (!old.loopProbeInterval().equals(settings.loopProbeInterval())) {
            probe(port);
        }
        workers.awaitRound();
        if (!old.vlans().equals(settings.vlans())) {
            datapath.flushSoon(port); // what was learned in VLANs that it is no longer in
        }
    }

    /** Sends a loop probe by a port, and goes on doing so for as long as its settings stay. */
    void probe(SwitchPort port) {
        Duration interval = port.rules().settings().loopProbeInterval();
        if (interval.isZero()) {
            return;
        }
        Worker worker = port.driver().worker();
        port.driver().schedule(interval.toNanos(), () -> {
            if (!port.isRemoved() && port.rules().settings().loopProbeInterval().equals(interval)) {
                worker.egress().sendProbe(port.index(), rules.switchId());
                probe(port);
            }
        });
    }

    /**
     * The control of a port.
     *
     * @throws IllegalArgumentException naming the ports there are
     */
    public PortControl port(String name) {
        return new PortControl(datapath, this, require(name));
    }

    private SwitchPort require(String name) {
        SwitchPort port = ports.byName(name);
        if (port == null) {
            throw new IllegalArgumentException("port is '" + name + "'; accepted: " + ports.names());
        }
        return port;
    }

    /** What would happen to a frame that came in by a port now. */
    public Trace trace(byte[] frame, String port, int endpoint, int splitHorizonGroup) {
        synchronized (lock) {
            List<TracedPort> traced = ports.all().stream()
                    .filter(each -> !each.isRemoved())
                    .sorted(Comparator.comparingInt(SwitchPort::index))
                    .map(Configuration::traced)
                    .toList();
            int index = require(port).index();
            TracedPort in = traced.stream()
                    .filter(each -> each.index() == index)
                    .findFirst()
                    .orElseThrow();
            return new Tracer(fdb, bridgeRules, rules.mirrorNames(), traced, clock.nanoTime())
                    .trace(frame, in, endpoint, splitHorizonGroup);
        }
    }

    private static TracedPort traced(SwitchPort port) {
        return new TracedPort(
                port.port().name(),
                port.index(),
                port.state,
                port.rules(),
                port.port().capabilities().maxFrameLength());
    }

    /** Index of a port, which may leave at any time. */
    public int portIndex(String name) {
        return require(name).index();
    }

    /** Sets an FDB entry at a port, which does not leave meanwhile; {@code false} when the FDB is full. */
    public boolean putEntry(long key, String port, int endpoint, FdbEntry.Kind kind) {
        synchronized (lock) {
            return fdb.put(key, require(port).index(), endpoint, kind, nowSeconds());
        }
    }

    /** See {@link io.weft.port.PortHandle#station}. */
    boolean putStation(SwitchPort port, int vlan, long mac, int endpoint) {
        long key = FdbKey.ofStation(vlan, mac);
        FdbValue.requireEndpoint(endpoint);
        synchronized (lock) {
            return fdb != null
                    && !port.isRemoved()
                    && fdb.put(key, port.index(), endpoint, FdbEntry.Kind.STATIC, nowSeconds());
        }
    }

    /** See {@link io.weft.port.PortHandle#forget}. */
    boolean deleteStation(SwitchPort port, int vlan, long mac) {
        long key = FdbKey.ofStation(vlan, mac);
        synchronized (lock) { // so that its index is not another port's meanwhile
            return fdb != null && !port.isRemoved() && fdb.delete(key, port.index());
        }
    }

    private int nowSeconds() {
        return (int) (clock.nanoTime() / 1_000_000_000L);
    }
}
