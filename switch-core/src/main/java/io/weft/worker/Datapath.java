package io.weft.worker;

import io.weft.bridge.BridgePort;
import io.weft.bridge.Forwarder;
import io.weft.bridge.PortSettings;
import io.weft.event.EventDispatcher;
import io.weft.fdb.Fdb;
import io.weft.neighbour.NeighbourTable;
import io.weft.port.Port;
import io.weft.port.PortCounters;
import io.weft.port.PortDriver;
import io.weft.port.PortException;
import io.weft.port.PortStatistics;
import io.weft.port.Reading;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;

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
    private final Fdb fdb;
    private final EventDispatcher events;
    private final Object lock = new Object();
    private final Workers workers;
    private final List<DriverBinding> drivers = new ArrayList<>();
    private final List<DriverBinding> departing = new ArrayList<>();
    private final PortRegistry ports = new PortRegistry();
    private final SharedDrivers shared = new SharedDrivers(this, lock);
    private final Configuration configuration;
    private final Housekeeper housekeeper;
    private int opening; // drivers being opened, which end() waits for
    private boolean closed;

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
        this.workers = new Workers(config, forwarders);
        this.fdb = fdb;
        this.events = events;
        this.configuration = new Configuration(this, lock, ports, workers, fdb, neighbours, config.clock());
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
            binding = new DriverBinding(this, workerForNextDriver(), driver, settings, false);
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
            binding.open();
            shared.requireWorking(binding);
            opened = true;
        } finally {
            if (!opened) {
                remove(binding);
            }
        }
        binding.attach();
        workers.awaitRound();
    }

    /** Binds a driver that others share to a worker of its own choice; it is to be opened. Under the lock. */
    DriverBinding bindShared(PortDriver driver) {
        DriverBinding binding = new DriverBinding(this, workerForNextDriver(), driver, PortSettings.DEFAULT, true);
        drivers.add(binding);
        return binding;
    }

    /** Opens a queue of a driver that is being opened, on a worker of its own choice. */
    void addQueue(PortDriver queue, DriverBinding binding) throws PortException {
        DriverBinding bound;
        synchronized (lock) {
            if (binding.isOpened()) {
                throw new IllegalStateException("queue " + queue + " comes too late: its driver has been opened");
            }
            for (SwitchPort port : binding.ports()) {
                requireConcurrentTransmit(port.port());
            }
            if (binding.isLeaving()) {
                throw new PortException("queue " + queue + " comes too late: its driver is being closed");
            }
            bound = binding.bindQueue(queue, workerForNextDriver());
        }
        bound.open();
    }

    private static void requireConcurrentTransmit(Port port) {
        if (!port.capabilities().concurrentTransmit()) {
            throw new IllegalArgumentException("port '" + port.name()
                    + "' has concurrentTransmit=false; accepted for a driver with several queues: true");
        }
    }

    /** The worker with the fewest drivers and queues, or a new one while every worker has some and more are allowed. */
    private Worker workerForNextDriver() {
        Worker least = null;
        long fewest = Long.MAX_VALUE;
        for (Worker worker : workers) {
            long count = drivers.stream()
                    .flatMap(other -> Stream.concat(Stream.of(other), other.queues().stream()))
                    .filter(other -> other.worker() == worker)
                    .count();
            if (count < fewest) {
                fewest = count;
                least = worker;
            }
        }
        if (least != null && (fewest == 0 || workers.isFull())) {
            return least;
        }
        Worker worker = workers.make(configuration.bridgeRules());
        for (SwitchPort port : ports.all()) {
            if (!port.isRemoved()) { // nobody will tell this worker to forget it
                worker.egress().attach(view(port, worker));
            }
        }
        workers.add(worker);
        return worker;
    }

    /** Takes a driver and its ports out and closes it; waits until that is done unless called by a worker. */
    void remove(DriverBinding binding) {
        depart(binding);
        workers.await(binding.gone());
    }

    /** Starts to take a driver out; {@link DriverBinding#gone} says when that is done. */
    void depart(DriverBinding binding) {
        synchronized (lock) {
            if (!drivers.remove(binding)) {
                return;
            }
            binding.leave();
            departing.add(binding);
        }
        binding.stopPolling(); // queues too, before their workers forget the ports
        Worker worker = binding.worker();
        worker.execute(() -> {
            CompletableFuture<?>[] leaving = binding.ports().stream()
                    .map(port -> {
                        removePort(port);
                        return port.gone();
                    })
                    .toArray(CompletableFuture<?>[]::new);
            // The last port completes this on the worker, inside a command: the driver is closed by a later one.
            CompletableFuture.allOf(leaving)
                    .thenCompose(gone -> closeQueues(binding))
                    .thenRun(() -> worker.execute(() -> close(binding)));
        });
    }

    /** Closes the queues of a driver whose ports have left, each on its worker: nobody sends by their descriptors any more. */
    private static CompletableFuture<Void> closeQueues(DriverBinding binding) {
        return CompletableFuture.allOf(binding.queues().stream()
                .map(queue -> {
                    queue.worker().execute(() -> {
                        queue.close();
                        queue.gone().complete(null);
                    });
                    return queue.gone();
                })
                .toArray(CompletableFuture<?>[]::new));
    }

    /** Closes a driver; it is gone when what only it still shared is. Run by its worker. */
    private void close(DriverBinding binding) {
        binding.close();
        shared.left(binding).thenRun(() -> {
            synchronized (lock) {
                departing.remove(binding);
            }
            shared.closed(binding);
            binding.gone().complete(null);
        });
    }

    /** A driver threw: it goes, with those that share it; the worker and the other drivers stay. Called by the worker. */
    void driverFailed(DriverBinding binding, Throwable failure) {
        LOG.log(Level.ERROR, "driver " + binding.driver() + " failed and is taken out", failure);
        binding.stopPolling();
        List<DriverBinding> leaving = binding.isShared() ? shared.failed(binding) : List.of(binding);
        for (DriverBinding each : leaving) {
            for (SwitchPort port : each.ports()) {
                portDown(port, "its driver failed: " + failure);
            }
        }
        events.message(binding.driver().toString(), "failed and is taken out: " + failure);
        leaving.forEach(this::depart);
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
            if (!binding.queues().isEmpty()) {
                requireConcurrentTransmit(port);
            }
            added = new SwitchPort(ports.takeIndex(), port, binding);
            ports.add(added);
            added.rules(configuration.rulesFor(port, binding.settings()));
            added.state.setAdminUp(binding.settings().adminUp());
            binding.ports().add(added);
            for (Worker worker : workers) {
                BridgePort view = view(added, worker);
                added.announced();
                workers.tell(worker, () -> {
                    worker.egress().attach(view);
                    added.attached();
                });
            }
            added.announcedToAll();
        }
        configuration.arrived(added);
        configuration.probe(added);
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

    void changeState(SwitchPort port, BooleanSupplier change) {
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
    void flushSoon(SwitchPort port) {
        walkSoon(() -> fdb.flushPort(port.index()));
    }

    /** The same for one remote end of a port. */
    void flushSoon(SwitchPort port, int endpoint) {
        walkSoon(() -> fdb.flushEndpoint(port.index(), endpoint));
    }

    private void walkSoon(Runnable walk) {
        if (fdb == null) {
            return;
        }
        housekeeper.execute(() -> {
            walk.run();
            if (!config.invoker()) {
                workers.round().join();
                walk.run();
            }
        });
    }

    /** Starts to take a port out; {@link SwitchPort#gone} says when that is done. */
    void removePort(SwitchPort port) {
        synchronized (lock) {
            if (!port.beginRemoval()) {
                return;
            }
            port.state.setDown("removed");
            ports.freeName(port);
        }
        configuration.leaving(port);
        Worker owner = port.driver().worker();
        AtomicInteger remaining = new AtomicInteger(1);
        Runnable forgotten = () -> {
            if (remaining.decrementAndGet() == 0) {
                owner.execute(() -> retire(port));
            }
        };
        for (Worker other : workers.others(owner)) {
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
        return listed(ports.all());
    }

    /**
     * Of some ports those that whoever asks may send to: a port that came by itself is listed when every worker sends to it.
     * In invoker mode the next step sees to that before any frame.
     */
    List<PortStatus> listed(Collection<SwitchPort> some) {
        return status(some.stream()
                .filter(port -> config.invoker() || port.isAttached())
                .toList());
    }

    List<PortStatus> status(Collection<SwitchPort> some) {
        return ports.status(some);
    }

    /** What happened to all frames so far, those of removed ports included. */
    public PortStatistics statistics() {
        return ports.statistics().plus(PortStatistics.sum(workers.orphans()));
    }

    /** What the drivers that are polled tell of themselves, in the order they were added. */
    public List<Reading> readings() {
        List<DriverBinding> attached;
        synchronized (lock) {
            attached = List.copyOf(drivers);
        }
        return attached.stream()
                .filter(DriverBinding::isOpened)
                .flatMap(binding -> binding.readings().stream())
                .toList();
    }

    /** What is configured, to be looked at and changed. */
    public Configuration configuration() {
        return configuration;
    }

    // ---- threads ----

    /** How many workers there are; in invoker mode they are the caller's thread. */
    public int workerCount() {
        return workers.count();
    }

    /** One round of every worker on the calling thread; returns whether anything was done. Invoker mode only. */
    public boolean step() {
        if (!config.invoker()) {
            throw new IllegalStateException("the switch has threads of its own: step() is for invoker mode");
        }
        boolean worked = workers.step();
        housekeeper.step();
        worked |= events.dispatch();
        return worked;
    }

    SharedDrivers shared() {
        return shared;
    }

    Workers workers() {
        return workers;
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
     *
     * @param forwarded run when the last frame was forwarded and listeners still hear
     */
    public void close(Runnable forwarded) {
        synchronized (lock) {
            if (closed) {
                return;
            }
            closed = true;
        }
        if (workers.isCurrentThread()) {
            new Thread(() -> end(forwarded), config.name() + "-close").start();
        } else {
            end(forwarded);
        }
    }

    private void end(Runnable forwarded) {
        List<DriverBinding> all = new ArrayList<>();
        synchronized (lock) {
            awaitOpening();
            all.addAll(drivers);
            all.removeIf(DriverBinding::isShared); // they go with the last that shares them
            all.addAll(departing);
        }
        all.forEach(this::remove);
        housekeeper.stop(); // before the workers, for whose rounds it may be waiting
        workers.stop();
        forwarded.run();
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
