package io.weft.worker;

import io.weft.bridge.BridgePort;
import io.weft.bridge.BridgeRules;
import io.weft.bridge.Forwarder;
import io.weft.bridge.PortRules;
import io.weft.bridge.PortSettings;
import io.weft.bridge.Trace;
import io.weft.bridge.Tracer;
import io.weft.bridge.Tracer.TracedPort;
import io.weft.event.EventDispatcher;
import io.weft.fdb.Fdb;
import io.weft.fdb.FdbEntry;
import io.weft.neighbour.NeighbourTable;
import io.weft.port.Port;
import io.weft.port.PortCounters;
import io.weft.port.PortDriver;
import io.weft.port.PortException;
import io.weft.port.PortStatistics;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * The workers and ports of one switch (or wire), and how they change while traffic flows.
 *
 * <p>A change is a command to every worker, run between two rounds. Adding a port: each worker gets a view of it. Removing
 * one takes two steps, so that nothing is lost uncounted: first all workers but the owner forget it, then the owner sends
 * what they had handed over, forgets it, and lets the port release what its own queue still holds.
 *
 * <p>Threads: any. {@code lock} guards the lists of ports, drivers and workers; it is never held while a driver or a worker
 * is waited for.
 */
public final class Datapath {
    private static final Logger LOG = System.getLogger(Datapath.class.getName());

    private final DatapathConfig config;
    private final Supplier<Forwarder> forwarders;
    private final Fdb fdb;
    private final EventDispatcher events;
    private final Object lock = new Object();
    private final List<Worker> workers = new CopyOnWriteArrayList<>(); // changed under the lock, read by anyone
    private final List<DriverBinding> drivers = new ArrayList<>();
    private final List<DriverBinding> departing = new ArrayList<>();
    private final PortRegistry ports = new PortRegistry();
    private final SwitchRules rules; // guarded by the lock
    private final Housekeeper housekeeper;
    private BridgeRules bridgeRules; // guarded by the lock
    private int opening; // drivers being opened, which end() waits for
    private boolean closed;

    /** In invoker mode: who made or last stepped the switch. */
    private volatile Thread invokerThread = Thread.currentThread();

    /**
     * A datapath without ports; threads start with the first one.
     *
     * @param forwarders makes each worker its own
     * @param fdb the forwarders' table, swept and flushed here; {@code null} when it has none
     * @param neighbours whom the forwarders answer for
     */
    public Datapath(
            DatapathConfig config,
            Supplier<Forwarder> forwarders,
            Fdb fdb,
            NeighbourTable neighbours,
            EventDispatcher events) {
        this.config = config;
        this.forwarders = forwarders;
        this.fdb = fdb;
        this.events = events;
        this.rules = new SwitchRules(neighbours);
        this.bridgeRules = rules.bridgeRules(name -> -1);
        this.housekeeper = new Housekeeper(config, fdb);
        if (!config.invoker()) {
            events.start();
        }
        housekeeper.start();
    }

    // ---- drivers ----

    /**
     * Opens a driver and starts to poll it; frames reach the ports it has added when this returns.
     *
     * @throws PortException from its {@code open}; the driver has been closed then
     */
    public AttachedDriver add(PortDriver driver, PortSettings settings) throws PortException {
        DriverBinding binding;
        synchronized (lock) {
            if (closed) {
                throw new IllegalStateException("the switch is closed");
            }
            binding = new DriverBinding(this, workerForNextDriver(), driver, settings);
            drivers.add(binding);
            opening++;
        }
        try {
            open(binding);
        } finally {
            synchronized (lock) {
                opening--;
                lock.notifyAll();
            }
        }
        return new AttachedDriver(this, binding);
    }

    private void open(DriverBinding binding) throws PortException {
        boolean opened = false;
        try {
            binding.driver().open(binding);
            opened = true;
        } finally {
            if (!opened) {
                remove(binding);
            }
        }
        Worker worker = binding.worker();
        Runnable attach = () -> {
            if (!binding.isLeaving()) { // it may have failed meanwhile: its ports have been sent to since it was opened
                worker.attach(binding);
            }
        };
        if (mayTouch(worker)) {
            attach.run();
        } else {
            worker.execute(attach);
        }
        awaitRound();
    }

    /**
     * Waits until every worker has run the commands given so far: a frame that is sent after a port was added reaches it.
     * Workers do not wait, for one could be in a callback that adds a driver, too.
     */
    private void awaitRound() {
        await(everyWorker(worker -> () -> {}));
    }

    /** Completed when every worker has run its command. */
    private CompletableFuture<Void> everyWorker(Function<Worker, Runnable> command) {
        return CompletableFuture.allOf(workers.stream()
                .map(worker -> {
                    CompletableFuture<Void> done = new CompletableFuture<>();
                    Runnable own = command.apply(worker);
                    worker.execute(() -> {
                        own.run();
                        done.complete(null);
                    });
                    return done;
                })
                .toArray(CompletableFuture<?>[]::new));
    }

    /** The worker with the fewest drivers, or a new one while every worker has some and more are allowed. */
    private Worker workerForNextDriver() {
        Worker least = null;
        long fewest = Long.MAX_VALUE;
        for (Worker worker : workers) {
            long count =
                    drivers.stream().filter(other -> other.worker() == worker).count();
            if (count < fewest) {
                fewest = count;
                least = worker;
            }
        }
        if (least != null && (fewest == 0 || workers.size() >= config.workers())) {
            return least;
        }
        Worker worker = new Worker(
                config.name() + "-worker-" + workers.size(), forwarders.get(), config.clock(), config.idleStrategy());
        worker.forwarder().configure(bridgeRules);
        for (SwitchPort port : ports.all()) {
            if (!port.isRemoved()) { // nobody will tell this worker to forget it
                worker.egress().attach(view(port, worker));
            }
        }
        workers.add(worker);
        if (!config.invoker()) {
            worker.start();
        }
        return worker;
    }

    /** Takes a driver and its ports out and closes it; waits until that is done unless called by a worker. */
    void remove(DriverBinding binding) {
        boolean first;
        synchronized (lock) {
            first = drivers.remove(binding);
            if (first) {
                binding.leave();
                departing.add(binding);
            }
        }
        if (first) {
            Worker worker = binding.worker();
            worker.execute(() -> {
                worker.detach(binding);
                CompletableFuture<?>[] leaving = binding.ports().stream()
                        .map(port -> {
                            removePort(port);
                            return port.gone();
                        })
                        .toArray(CompletableFuture<?>[]::new);
                // The last port completes this on the worker, inside a command: the driver is closed by the next one.
                CompletableFuture.allOf(leaving).thenRun(() -> worker.execute(() -> close(binding)));
            });
        }
        await(binding.gone());
    }

    private void close(DriverBinding binding) {
        binding.close();
        synchronized (lock) {
            departing.remove(binding);
        }
    }

    /** A driver threw: it goes, the worker and the other drivers stay. Called by the worker. */
    void driverFailed(DriverBinding binding, Throwable failure) {
        LOG.log(Level.ERROR, "driver " + binding.driver() + " failed and is taken out", failure);
        for (SwitchPort port : binding.ports()) {
            portDown(port, "its driver failed: " + failure);
        }
        events.message(binding.driver().toString(), "failed and is taken out: " + failure);
        remove(binding);
    }

    void closeDriver(DriverBinding binding) {
        try {
            binding.driver().close();
        } catch (RuntimeException | Error e) {
            LOG.log(Level.ERROR, "driver " + binding.driver() + " failed to close", e);
        }
    }

    // ---- ports ----

    SwitchPort addPort(Port port, DriverBinding binding) throws PortException {
        SwitchPort added;
        synchronized (lock) {
            if (binding.isLeaving()) {
                throw new PortException("port '" + port.name() + "' comes too late: its driver is being closed");
            }
            ports.requireFree(port.name());
            added = new SwitchPort(ports.takeIndex(), port, binding);
            ports.add(added);
            // A name may stand in a mirror or a capture that was waiting for it.
            added.rules(new PortRules(binding.settings(), rules.of(port.name(), probes()), null));
            added.state.setAdminUp(binding.settings().adminUp());
            binding.ports().add(added);
            for (Worker worker : workers) {
                BridgePort view = view(added, worker);
                if (mayTouch(worker)) {
                    worker.egress().attach(view);
                } else {
                    worker.execute(() -> worker.egress().attach(view));
                }
            }
        }
        applyRulesThatName(port.name());
        probe(added);
        events.portAdded(port.name());
        return added;
    }

    private BridgePort view(SwitchPort port, Worker worker) {
        Worker owner = port.driver().worker();
        PortCounters account = port.openCounters();
        if (worker == owner) {
            port.ownerAccount(account);
        }
        boolean direct = worker == owner || port.port().capabilities().concurrentTransmit();
        BridgePort view = new BridgePort(port.index(), port.port(), port.state, account, direct ? null : owner);
        view.configure(port.rules());
        return view;
    }

    void portUp(SwitchPort port) {
        changeState(port, () -> port.state.setUp());
    }

    void portDown(SwitchPort port, String reason) {
        changeState(port, () -> port.state.setDown(reason));
    }

    /** Takes back that a port was shut down. */
    void clearShutDown(SwitchPort port) {
        changeState(port, () -> port.state.setShutDown(""));
    }

    private void changeState(SwitchPort port, BooleanSupplier change) {
        boolean up;
        String reason;
        synchronized (lock) {
            if (port.isRemoved() || !change.getAsBoolean()) {
                return;
            }
            up = port.state.isUp();
            reason = port.state.downReason();
        }
        if (up) {
            events.portUp(port.port().name());
        } else {
            wentDown(port, reason);
        }
    }

    /** A worker shut a port down. */
    void portShutDown(SwitchPort port, String reason) {
        if (!port.isRemoved()) {
            wentDown(port, reason);
        }
    }

    private void wentDown(SwitchPort port, String reason) {
        flushSoon(port);
        events.portDown(port.port().name(), reason);
    }

    /** Forgets what was learned behind a port, also in the rounds that the workers are in. */
    private void flushSoon(SwitchPort port) {
        if (fdb == null) {
            return;
        }
        housekeeper.execute(() -> {
            fdb.flushPort(port.index());
            if (!config.invoker()) {
                everyWorker(worker -> () -> {}).join();
                fdb.flushPort(port.index());
            }
        });
    }

    // ---- configuration ----

    /** Something to configure for the switch as a whole. */
    public interface RulesChange {
        /** Changes the rules; what it throws leaves them in force as they were if it changed nothing. */
        void change(SwitchRules rules);
    }

    /** Changes what holds for the whole switch; in force in all workers when this returns (to a thread that is none). */
    public void configure(RulesChange change) {
        synchronized (lock) {
            change.change(rules);
            applyRules();
        }
        awaitRound();
    }

    /** Makes all rules anew and tells the workers. Under the lock. */
    private void applyRules() {
        BridgeRules newBridgeRules = rules.bridgeRules(name -> {
            SwitchPort port = ports.byName(name);
            return port == null ? -1 : port.index();
        });
        bridgeRules = newBridgeRules;
        boolean probes = probes();
        for (SwitchPort port : ports.all()) {
            port.rules(
                    new PortRules(port.rules().settings(), rules.of(port.port().name(), probes), port.rules()));
        }
        for (Worker worker : workers) {
            tell(worker, () -> worker.forwarder().configure(newBridgeRules));
            for (SwitchPort port : ports.all()) {
                tellRules(worker, port);
            }
        }
    }

    private void tellRules(Worker worker, SwitchPort port) {
        PortRules portRules = port.rules();
        tell(worker, () -> {
            BridgePort view = worker.egress().port(port.index());
            if (view != null) {
                view.configure(portRules);
            }
        });
    }

    /** Has a worker run a command in its turn, or runs it now where the caller may. */
    private void tell(Worker worker, Runnable command) {
        if (mayTouch(worker)) {
            command.run();
        } else {
            worker.execute(command);
        }
    }

    /** A port has come whose name a mirror or a flood list may have waited for. */
    private void applyRulesThatName(String name) {
        synchronized (lock) {
            if (rules.name(name)) {
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
            old = port.rules().settings();
            settings = change.apply(old);
            boolean probed = probes();
            port.rules(new PortRules(settings, port.rules().wide(), port.rules()));
            if (probes() != probed) {
                applyRules(); // whether probes may come back concerns every port
            } else {
                workers.forEach(worker -> tellRules(worker, port));
            }
        }
        if (old.adminUp() != settings.adminUp()) {
            changeState(port, () -> port.state.setAdminUp(settings.adminUp()));
        }
        if (!old.loopProbeInterval().equals(settings.loopProbeInterval())) {
            probe(port);
        }
        awaitRound();
        if (!old.vlans().equals(settings.vlans())) {
            flushSoon(port); // what was learned in VLANs that it is no longer in
        }
    }

    /** Sends a loop probe by a port, and goes on doing so for as long as its settings stay. */
    private void probe(SwitchPort port) {
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
        return new PortControl(this, require(name));
    }

    private SwitchPort require(String name) {
        SwitchPort port = ports.byName(name);
        if (port == null) {
            throw new IllegalArgumentException("port is '" + name + "'; accepted: " + ports.names());
        }
        return port;
    }

    /** What would happen to a frame that came in by a port now. */
    public Trace trace(byte[] frame, String port, int endpoint) {
        synchronized (lock) {
            List<TracedPort> traced = ports.all().stream()
                    .filter(each -> !each.isRemoved())
                    .sorted(Comparator.comparingInt(SwitchPort::index))
                    .map(Datapath::traced)
                    .toList();
            int index = require(port).index();
            TracedPort in = traced.stream()
                    .filter(each -> each.index() == index)
                    .findFirst()
                    .orElseThrow();
            return new Tracer(
                            fdb,
                            bridgeRules,
                            rules.mirrorNames(),
                            traced,
                            config.clock().nanoTime())
                    .trace(frame, in, endpoint);
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
            int nowSeconds = (int) (config.clock().nanoTime() / 1_000_000_000L);
            return fdb.put(key, require(port).index(), endpoint, kind, nowSeconds);
        }
    }

    /** Starts to take a port out; {@link SwitchPort#gone} says when that is done. */
    void removePort(SwitchPort port) {
        List<Worker> others;
        synchronized (lock) {
            if (!port.beginRemoval()) {
                return;
            }
            port.state.setDown("removed");
            ports.freeName(port);
            if (rules.name(port.port().name())) {
                applyRules();
            }
            others = new ArrayList<>(workers);
        }
        Worker owner = port.driver().worker();
        others.remove(owner);
        AtomicInteger remaining = new AtomicInteger(1);
        Runnable forgotten = () -> {
            if (remaining.decrementAndGet() == 0) {
                owner.execute(() -> retire(port));
            }
        };
        for (Worker other : others) {
            remaining.incrementAndGet();
            other.execute(() -> {
                other.egress().detach(port.index());
                forgotten.run();
            });
        }
        forgotten.run();
    }

    /** The last step of a removal, on the owner: no other worker can send to the port any more. */
    private void retire(SwitchPort port) {
        Worker owner = port.driver().worker();
        owner.drainHandoff();
        owner.egress().detach(port.index());
        port.driver().closeInboxes(port);
        try {
            port.port().detached();
        } catch (RuntimeException | Error e) {
            LOG.log(Level.ERROR, "port " + port + " failed to let go", e);
        }
        housekeeper.execute(() -> {
            if (fdb != null) {
                fdb.forgetPort(port.index()); // no worker learns there any more
            }
            ports.retire(port);
            port.driver().ports().remove(port);
            events.portRemoved(port.port().name());
            port.gone().complete(null);
        });
    }

    /** The name of the port with an index, also of one that has just left. */
    public String portName(int index) {
        return ports.name(index);
    }

    /** All ports, in the order of their indexes. */
    public List<PortStatus> ports() {
        return ports.status(ports.all());
    }

    List<PortStatus> status(Collection<SwitchPort> some) {
        return ports.status(some);
    }

    /** What happened to all frames so far, those of removed ports included. */
    public PortStatistics statistics() {
        return ports.statistics()
                .plus(PortStatistics.sum(workers.stream().map(Worker::orphans).toList()));
    }

    // ---- threads ----

    /** One round of every worker on the calling thread; returns whether anything was done. Invoker mode only. */
    public boolean step() {
        if (!config.invoker()) {
            throw new IllegalStateException("the switch has threads of its own: step() is for invoker mode");
        }
        invokerThread = Thread.currentThread();
        boolean worked = false;
        for (Worker worker : workers) {
            worked |= worker.step();
        }
        housekeeper.step();
        worked |= events.dispatch();
        return worked;
    }

    /** Whether the calling thread may use a worker's confined state: it is that worker, or steps the switch. */
    boolean mayTouch(Worker worker) {
        return worker.isCurrentThread() || (config.invoker() && Thread.currentThread() == invokerThread);
    }

    /** Runs a command on a worker and waits for it; at once when that is the calling thread's own. */
    void runOn(Worker worker, Runnable command) {
        if (mayTouch(worker)) {
            command.run();
            return;
        }
        CompletableFuture<Void> done = new CompletableFuture<>();
        worker.execute(() -> {
            try {
                command.run();
            } finally {
                done.complete(null);
            }
        });
        await(done);
    }

    /**
     * Waits for something that workers' commands do. A worker does not wait (it would wait for itself): it finds the
     * commands in its next round. In invoker mode the caller runs them here, unless it is in the middle of a round.
     */
    private void await(CompletableFuture<?> done) {
        if (config.invoker() && Thread.currentThread() == invokerThread) {
            while (!done.isDone() && workers.stream().noneMatch(Worker::isInRound)) {
                workers.forEach(Worker::runCommands);
            }
        } else if (workers.stream().noneMatch(Worker::isCurrentThread)) {
            done.join(); // not interruptible: half a removal would leak a descriptor
        }
    }

    NanoClock clock() {
        return config.clock();
    }

    EventDispatcher events() {
        return events;
    }

    /**
     * Closes all drivers and ends all threads, and waits for that. Called by a worker (from a port's callback) it returns at
     * once and the rest happens behind it. A second call does nothing.
     */
    public void close() {
        synchronized (lock) {
            if (closed) {
                return;
            }
            closed = true;
        }
        if (workers.stream().anyMatch(Worker::isCurrentThread)) {
            new Thread(this::end, config.name() + "-close").start();
        } else {
            end();
        }
    }

    private void end() {
        List<DriverBinding> all = new ArrayList<>();
        synchronized (lock) {
            awaitOpening();
            all.addAll(drivers);
            all.addAll(departing);
        }
        all.forEach(this::remove);
        housekeeper.stop(); // before the workers, for whose rounds it may be waiting
        workers.forEach(worker -> worker.execute(worker::stop));
        workers.forEach(Worker::awaitEnd);
        events.stop();
    }

    private void awaitOpening() {
        boolean interrupted = false;
        while (opening > 0) {
            try {
                lock.wait();
            } catch (InterruptedException e) {
                interrupted = true; // not interruptible: half a removal would leak a descriptor
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
