package io.weft.worker;

import io.weft.bridge.PortSettings;
import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import io.weft.port.DescriptorWatch;
import io.weft.port.FrameInbox;
import io.weft.port.Port;
import io.weft.port.PortContext;
import io.weft.port.PortDriver;
import io.weft.port.PortException;
import io.weft.port.PortHandle;
import io.weft.port.Reading;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * A driver in its worker: the context it was opened with, what it watches, and whether it wants to be polled. Each queue of
 * a driver is bound in the same way, to a worker of its own; it leaves and fails with its driver.
 *
 * <p>Threads: as {@link PortContext} says; {@code poll} and {@code takeReady} by the worker.
 */
final class DriverBinding implements PortContext {
    private static final Logger LOG = System.getLogger(DriverBinding.class.getName());

    private final Datapath datapath;
    private final Worker worker;
    private final PortDriver driver;
    private final PortSettings settings;
    private final DriverBinding parent; // of a queue: its driver's
    private final boolean shared;
    private final List<DriverBinding> queues = new CopyOnWriteArrayList<>();
    private final List<Watch> watches = new ArrayList<>();
    private final CopyOnWriteArrayList<PortInbox> inboxes = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Void> gone = new CompletableFuture<>();
    private final CopyOnWriteArrayList<SwitchPort> ports = new CopyOnWriteArrayList<>();
    private final AtomicBoolean unreadable = new AtomicBoolean();
    private int inboxTurn;
    private boolean ready = true; // polled once after it was opened, whatever its descriptors say
    private volatile boolean requested;
    private volatile boolean opened;
    private volatile boolean leaving;
    private volatile boolean closed;

    private record PortInbox(SwitchPort port, FrameInbox inbox) {}

    /**
     * A driver.
     *
     * @param shared whether it is there for other drivers, which have the ports
     */
    DriverBinding(Datapath datapath, Worker worker, PortDriver driver, PortSettings settings, boolean shared) {
        this.datapath = datapath;
        this.worker = worker;
        this.driver = driver;
        this.settings = settings;
        this.parent = null;
        this.shared = shared;
    }

    /** A queue of a driver. */
    private DriverBinding(DriverBinding parent, Worker worker, PortDriver queue) {
        this.datapath = parent.datapath;
        this.worker = worker;
        this.driver = queue;
        this.settings = parent.settings;
        this.parent = parent;
        this.shared = false;
    }

    // ---- opening ----

    /** Opens the driver, or the queue, which may be polled then. */
    void open() throws PortException {
        driver.open(this);
        opened = true;
    }

    /** Binds a queue of this driver to a worker. Called under the datapath's lock. */
    DriverBinding bindQueue(PortDriver queue, Worker queueWorker) {
        DriverBinding bound = new DriverBinding(this, queueWorker, queue);
        queues.add(bound);
        return bound;
    }

    /** Begins to poll, unless it failed meanwhile: its ports have been sent to since it was opened. */
    void attach() {
        datapath.workers().tell(worker, () -> {
            if (opened && !isLeaving()) {
                worker.attach(this);
            }
        });
        queues.forEach(DriverBinding::attach);
    }

    /** Ends polling, of its queues too. */
    void stopPolling() {
        worker.execute(() -> worker.detach(this));
        queues.forEach(DriverBinding::stopPolling);
    }

    /** What the driver tells of itself: nothing where it fails to, which is logged once. Any thread. */
    List<Reading> readings() {
        try {
            return List.copyOf(driver.readings());
        } catch (RuntimeException | Error e) {
            if (!unreadable.getAndSet(true)) {
                LOG.log(Level.ERROR, "driver " + driver + " fails to tell its readings, which are left out", e);
            }
            return List.of();
        }
    }

    // ---- the worker's side ----

    /** Takes frames that other threads sent in, then polls the driver; adds to an empty batch. */
    int poll(FrameBatch into) {
        int limit = into.remaining();
        int count = 0;
        int inboxCount = inboxes.size();
        for (int i = 0; i < inboxCount && count < limit; i++) {
            // Starts with another one every time: a busy inbox must not starve those behind it.
            inboxTurn = inboxTurn + 1 < inboxCount ? inboxTurn + 1 : 0;
            FrameInbox inbox = inboxes.get(inboxTurn).inbox;
            count += inbox.drain(into, limit - count);
            ready |= !inbox.isEmpty();
        }
        if (count == limit) {
            ready = true;
            return count;
        }
        int wanted = limit - count;
        try {
            int polled = driver.poll(into, wanted);
            ready |= polled >= wanted;
        } catch (RuntimeException | Error e) {
            ready = false;
            failed(e);
        }
        return into.size();
    }

    boolean takeReady() {
        if (requested) {
            requested = false; // before looking: a request that comes now is for the next round
            ready = true;
        }
        boolean wasReady = ready;
        ready = false;
        return wasReady;
    }

    boolean isReady() {
        return ready || requested;
    }

    /** Runs a driver's task; what it throws takes the driver out, not the worker. */
    void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            failed(e);
        }
    }

    /** The driver, or one of its ports, threw where it must not: it goes. Workers. */
    void failed(Throwable failure) {
        datapath.driverFailed(parent == null ? this : parent, failure);
    }

    /** Ends the watches and closes the driver, whose ports have left. Worker only. */
    void close() {
        closed = true;
        for (Watch watch : List.copyOf(watches)) {
            watch.end();
        }
        datapath.closeDriver(this);
    }

    /** Drops and counts what came in by a port that leaves. Worker only. */
    void closeInboxes(SwitchPort port) {
        for (PortInbox open : inboxes) {
            if (open.port == port) {
                inboxes.remove(open);
                open.inbox.close(port.counters());
            }
        }
    }

    /** Completed when the driver has been closed, and what only it still shared. */
    CompletableFuture<Void> gone() {
        return gone;
    }

    /** From now on it takes no more ports. Called under the datapath's lock. */
    void leave() {
        leaving = true;
    }

    boolean isLeaving() {
        return parent == null ? leaving : parent.leaving;
    }

    /** Whether it is there for other drivers, which have the ports. */
    boolean isShared() {
        return shared;
    }

    boolean isOpened() {
        return opened;
    }

    boolean isClosed() {
        return closed;
    }

    Datapath datapath() {
        return datapath;
    }

    Worker worker() {
        return worker;
    }

    PortDriver driver() {
        return driver;
    }

    PortSettings settings() {
        return settings;
    }

    List<DriverBinding> queues() {
        return queues;
    }

    List<SwitchPort> ports() {
        return ports;
    }

    FrameInbox openInbox(SwitchPort port, int capacity, FramePool pool) {
        FrameInbox inbox = new FrameInbox(port.index(), capacity, pool, port.openCounters(), this::wakeup);
        inboxes.add(new PortInbox(port, inbox));
        if (port.isRemoved()) {
            worker.execute(() -> closeInboxes(port)); // again: the port leaves, and may have closed them a moment ago
        }
        return inbox;
    }

    // ---- PortContext ----

    @Override
    public FramePool pool() {
        return worker.pool();
    }

    @Override
    public long nanoTime() {
        return datapath.clock().nanoTime();
    }

    @Override
    public PortHandle addPort(Port port) throws PortException {
        requireNoQueue("add a port");
        requireNotShared("add a port");
        return datapath.addPort(port, this);
    }

    @Override
    public void addQueue(PortDriver queue) throws PortException {
        requireNoQueue("add a queue");
        datapath.addQueue(queue, this);
    }

    @Override
    public <D extends PortDriver> D share(Object key, Supplier<D> maker) throws PortException {
        requireNoQueue("share a driver");
        requireNotShared("share a driver");
        return datapath.shared().share(key, maker, this);
    }

    private void requireNoQueue(String what) {
        if (parent != null) {
            throw new IllegalStateException(
                    "queue " + driver + " cannot " + what + ": that is for its driver, " + parent.driver);
        }
    }

    private void requireNotShared(String what) {
        if (shared) {
            throw new IllegalStateException(
                    "driver " + driver + ", which others share, cannot " + what + ": that is for those that share it");
        }
    }

    @Override
    public DescriptorWatch watch(int descriptor) throws PortException {
        Watch watch = new Watch(descriptor);
        if (datapath.workers().mayTouch(worker)) {
            watch.begin();
        } else {
            worker.execute(() -> run(() -> watch.beginOrReport()));
        }
        return watch;
    }

    @Override
    public void wakeup() {
        requested = true;
        worker.wakeup();
    }

    @Override
    public void execute(Runnable task) {
        worker.execute(() -> {
            if (!closed) {
                run(task);
            }
        });
    }

    @Override
    public void schedule(long delayNs, Runnable task) {
        long dueNs = nanoTime() + delayNs;
        worker.execute(() -> worker.schedule(this, dueNs, task));
    }

    @Override
    public void report(String message) {
        datapath.events().message(driver.toString(), message);
    }

    /** One watched descriptor. Confined to the worker, but for {@link #close}. */
    private final class Watch implements DescriptorWatch {
        private final int descriptor;
        private int token;
        private boolean reported = true; // looked at once, whatever the waiter says
        private boolean readable = true;
        private boolean writable;
        private boolean watching;
        private volatile boolean ended;

        Watch(int descriptor) {
            this.descriptor = descriptor;
        }

        void begin() throws PortException {
            if (ended || closed) {
                return;
            }
            token = worker.openToken(this::becameReady);
            try {
                worker.waiter().add(descriptor, token, readable, writable);
            } catch (IOException e) {
                worker.closeToken(token);
                throw new PortException("descriptor " + descriptor + " cannot be watched: " + e.getMessage(), e);
            }
            watching = true;
            watches.add(this);
            worker.watchesChanged(1);
            ready = true;
        }

        void beginOrReport() {
            try {
                begin();
            } catch (PortException e) {
                report(e.getMessage());
            }
        }

        /** The waiter found the descriptor ready. */
        private void becameReady() {
            reported = true;
            ready = true;
        }

        @Override
        public boolean takeReady() {
            boolean was = reported;
            reported = false;
            return was;
        }

        @Override
        public void writable(boolean interested) {
            if (writable != interested) {
                writable = interested;
                modify();
            }
        }

        @Override
        public void readable(boolean interested) {
            if (readable != interested) {
                readable = interested;
                modify();
            }
        }

        private void modify() {
            if (!watching) {
                return;
            }
            try {
                worker.waiter().modify(descriptor, token, readable, writable);
            } catch (IOException e) {
                report("descriptor " + descriptor + " cannot be watched: " + e.getMessage());
            }
        }

        @Override
        public void close() {
            ended = true;
            if (datapath.workers().mayTouch(worker)) {
                end();
            } else if (!closed) { // else it ended with the driver, and the worker may be gone
                datapath.workers().runOn(worker, this::end);
            }
        }

        void end() {
            ended = true;
            if (watching) {
                watching = false;
                watches.remove(this);
                worker.waiter().remove(descriptor);
                worker.closeToken(token);
                worker.watchesChanged(-1);
            }
        }
    }
}
