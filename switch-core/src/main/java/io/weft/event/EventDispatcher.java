package io.weft.event;

import io.weft.fdb.FdbKey;
import io.weft.fdb.FdbObserver;
import io.weft.fdb.FdbValue;
import io.weft.port.DropReason;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/**
 * Carries events from whoever notices them to the listeners.
 *
 * <p>FDB changes, which hostile traffic can cause at line rate, go through a ring that allocates nothing; the others are
 * rare. Both are bounded: what does not fit is lost, and the listeners are told how much.
 *
 * <p>Threads: publishing by any; {@link #dispatch} by one at a time.
 */
public final class EventDispatcher implements FdbObserver {
    private static final Logger LOG = System.getLogger(EventDispatcher.class.getName());
    private static final int CAPACITY = 4_096;

    private final List<SwitchListener> listeners = new CopyOnWriteArrayList<>();
    private final BlockingQueue<Consumer<SwitchListener>> queue = new ArrayBlockingQueue<>(CAPACITY);
    private final FdbChangeRing fdbChanges = new FdbChangeRing();
    private final AtomicLong lost = new AtomicLong();
    private final String name;
    private final IntFunction<String> portName;
    private Thread thread;
    private volatile boolean stopped;
    private volatile boolean parked;

    /**
     * No listeners yet.
     *
     * @param name of the event thread
     * @param portName gives the name of the port with an index, also of one that has just left
     */
    public EventDispatcher(String name, IntFunction<String> portName) {
        this.name = name;
        this.portName = portName;
    }

    /** Adds a listener, who hears what happens from now on. */
    public void add(SwitchListener listener) {
        listeners.add(listener);
    }

    /** Removes a listener. */
    public void remove(SwitchListener listener) {
        listeners.remove(listener);
    }

    // ---- publishing ----

    @Override
    public void changed(Change change, long key, long value) {
        if (!listeners.isEmpty()) {
            fdbChanges.changed(change, key, value);
            signal();
        }
    }

    /** See {@link SwitchListener#portAdded}. */
    public void portAdded(String port) {
        LOG.log(Level.DEBUG, "port {0} added", port);
        publish(listener -> listener.portAdded(port));
    }

    /** See {@link SwitchListener#portRemoved}. */
    public void portRemoved(String port) {
        LOG.log(Level.DEBUG, "port {0} removed", port);
        publish(listener -> listener.portRemoved(port));
    }

    /** See {@link SwitchListener#portUp}. */
    public void portUp(String port) {
        LOG.log(unheard(Level.INFO), "port {0} up", port);
        publish(listener -> listener.portUp(port));
    }

    /** See {@link SwitchListener#portDown}. */
    public void portDown(String port, String reason) {
        LOG.log(unheard(Level.WARNING), "port {0} down: {1}", port, reason);
        publish(listener -> listener.portDown(port, reason));
    }

    /** See {@link SwitchListener#storm}. */
    public void storm(String port, DropReason storm) {
        LOG.log(unheard(Level.WARNING), "port {0}: {1}", port, storm.label());
        publish(listener -> listener.storm(port, storm));
    }

    /** See {@link SwitchListener#violation}. */
    public void violation(Station station) {
        LOG.log(unheard(Level.WARNING), "port security: {0} is not accepted", station);
        publish(listener -> listener.violation(station));
    }

    /** See {@link SwitchListener#message}. */
    public void message(String driver, String text) {
        LOG.log(Level.DEBUG, "{0}: {1}", driver, text);
        publish(listener -> listener.message(driver, text));
    }

    /** What a listener hears is the listener's to print; only what nobody hears is worth a line in the log. */
    private Level unheard(Level level) {
        return listeners.isEmpty() ? level : Level.DEBUG;
    }

    private void publish(Consumer<SwitchListener> event) {
        if (listeners.isEmpty()) {
            return;
        }
        if (!queue.offer(event)) {
            lost.incrementAndGet();
        }
        signal();
    }

    private void signal() {
        VarHandle.fullFence(); // partner: the fence in run()
        if (parked) {
            parked = false;
            LockSupport.unpark(thread);
        }
    }

    // ---- dispatching ----

    /** Starts the event thread. */
    public synchronized void start() {
        if (thread == null) {
            thread = new Thread(this::run, name);
            thread.setDaemon(true);
            thread.start();
        }
    }

    private void run() {
        while (true) {
            boolean last = stopped; // read before the queues: what was published before the stop is still told
            boolean told = dispatch();
            if (last && !told) {
                return;
            }
            parked = true;
            VarHandle.fullFence(); // partner: the fence in signal()
            if (queue.isEmpty() && fdbChanges.isEmpty() && !stopped) {
                LockSupport.park(this);
            }
            parked = false;
        }
    }

    /**
     * Tells the listeners what waits; returns whether there was anything. Of each kind no more than fits its queue, so that
     * endless FDB changes do not keep the others waiting. One caller at a time.
     */
    public boolean dispatch() {
        boolean any = false;
        Consumer<SwitchListener> event = queue.poll();
        for (int told = 1; event != null; told++) {
            tell(event);
            any = true;
            event = told < CAPACITY ? queue.poll() : null;
        }
        for (int told = 0; told < CAPACITY && fdbChanges.poll(this::tellChange); told++) {
            any = true;
        }
        long missed = lost.getAndSet(0) + fdbChanges.takeLost();
        if (missed > 0) {
            tell(listener -> listener.lost(missed));
        }
        return any;
    }

    private void tellChange(Change change, long key, long value) {
        Station station = new Station(
                FdbKey.vlan(key),
                FdbKey.mac(key),
                portName.apply(FdbValue.port(value)),
                FdbValue.endpoint(value),
                FdbValue.kindOf(value),
                0);
        tell(listener -> {
            switch (change) {
                case LEARNED -> listener.learned(station);
                case MOVED -> listener.moved(station);
                case AGED -> listener.aged(station);
                case EVICTED -> listener.evicted(station);
                case FLUSHED -> listener.flushed(station);
                case FLAPPING -> listener.flapping(station);
            }
        });
    }

    private void tell(Consumer<SwitchListener> event) {
        for (SwitchListener listener : listeners) {
            try {
                event.accept(listener);
            } catch (RuntimeException | Error e) { // also of an Error: the other listeners go on hearing
                LOG.log(Level.WARNING, "a listener failed", e);
            }
        }
    }

    /** Tells what is left and ends the thread. */
    public void stop() {
        stopped = true;
        Thread running;
        synchronized (this) {
            running = thread;
        }
        if (running == null) {
            while (dispatch()) {
                // until everything is told
            }
            return;
        }
        LockSupport.unpark(running);
        if (Thread.currentThread() == running) {
            return; // a listener closes the switch
        }
        boolean interrupted = false;
        while (running.isAlive()) {
            try {
                running.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
