package io.weft.event;

import io.weft.fdb.FdbKey;
import io.weft.fdb.FdbObserver;
import io.weft.fdb.FdbValue;
import io.weft.port.DropReason;
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
 * Carries events from whoever notices them to the listeners, to Flight Recorder while it records, and to the log.
 *
 * <p>FDB changes, which hostile traffic can cause at line rate, go through a ring that allocates nothing; the others are
 * rare. Both are bounded: what does not fit is lost, and the listeners are told how much. FDB changes are told in rounds, of
 * {@value #CAPACITY} at most, {@value #ROUND_MS} ms apart: a storm of them costs the event thread a part of a core, and a
 * worker that notices one wakes that thread once a round and not for each.
 *
 * <p>Threads: publishing by any; {@link #dispatch} by one at a time.
 */
public final class EventDispatcher implements FdbObserver {
    private static final int CAPACITY = 4_096;
    private static final int ROUND_MS = 50;

    // What the event thread does: it is awake, waits for anything but FDB changes, or waits for anything.
    private static final int AWAKE = 0;
    private static final int BETWEEN_ROUNDS = 1;
    private static final int IDLE = 2;

    private final List<SwitchListener> listeners = new CopyOnWriteArrayList<>();
    private final BlockingQueue<Consumer<SwitchListener>> queue = new ArrayBlockingQueue<>(CAPACITY);
    private final FdbChangeRing fdbChanges = new FdbChangeRing();
    private final AtomicLong queueLost = new AtomicLong();
    private final EventLog log = new EventLog(() -> !listeners.isEmpty());
    private final EventRecorder recorder;
    private final String switchName;
    private final IntFunction<String> portName;
    private volatile Consumer<CounterReader> counters = reader -> {};
    private long lostTold; // of the one that dispatches
    private Thread thread;
    private volatile boolean stopped;
    private volatile int waiting = AWAKE;

    /**
     * No listeners yet.
     *
     * @param switchName for recordings and the event thread's name
     * @param portName gives the name of the port with an index, also of one that has just left
     */
    public EventDispatcher(String switchName, IntFunction<String> portName) {
        this.switchName = switchName;
        this.portName = portName;
        this.recorder = EventRecorder.of(switchName, reader -> counters.accept(reader));
    }

    /** Says how the switch's counters are read, for recordings of them. Asked by any thread. */
    public void counters(Consumer<CounterReader> newCounters) {
        counters = newCounters;
    }

    /** Adds a listener, who hears what happens from now on. */
    public void add(SwitchListener listener) {
        listeners.add(listener);
    }

    /** Removes a listener. */
    public void remove(SwitchListener listener) {
        listeners.remove(listener);
    }

    /** Events lost so far, those included that the listeners will be told of. */
    public long lost() {
        return queueLost.get() + fdbChanges.lost();
    }

    // ---- publishing ----

    @Override
    public void changed(Change change, long key, long value) {
        if (listeners.isEmpty() && !recorder.isRecording(change)) {
            return;
        }
        fdbChanges.changed(change, key, value);
        VarHandle.fullFence(); // partner: the fence in await()
        if (waiting == IDLE) {
            wake();
        }
    }

    /** See {@link SwitchListener#portAdded}. */
    public void portAdded(String port) {
        publishIfWanted(listener -> listener.portAdded(port));
    }

    /** See {@link SwitchListener#portRemoved}. */
    public void portRemoved(String port) {
        publishIfWanted(listener -> listener.portRemoved(port));
    }

    /** See {@link SwitchListener#portUp}. */
    public void portUp(String port) {
        publish(listener -> listener.portUp(port));
    }

    /** See {@link SwitchListener#portDown}. */
    public void portDown(String port, String reason) {
        publish(listener -> listener.portDown(port, reason));
    }

    /** See {@link SwitchListener#storm}. */
    public void storm(String port, DropReason storm) {
        publish(listener -> listener.storm(port, storm));
    }

    /** See {@link SwitchListener#violation}. */
    public void violation(Station station) {
        publish(listener -> listener.violation(station));
    }

    /** See {@link SwitchListener#message}. */
    public void message(String driver, String text) {
        publishIfWanted(listener -> listener.message(driver, text));
    }

    /** Publishes what is not worth a line in the log when nobody hears it. */
    private void publishIfWanted(Consumer<SwitchListener> event) {
        if (!listeners.isEmpty() || recorder.isRecording() || EventLog.isDebugging()) {
            publish(event);
        }
    }

    private void publish(Consumer<SwitchListener> event) {
        if (!queue.offer(event)) {
            queueLost.incrementAndGet();
        }
        VarHandle.fullFence(); // partner: the fence in await()
        if (waiting != AWAKE) {
            wake();
        }
    }

    private void wake() {
        waiting = AWAKE;
        LockSupport.unpark(thread);
    }

    // ---- dispatching ----

    /** Starts the event thread. */
    public synchronized void start() {
        if (thread == null) {
            thread = new Thread(this::run, switchName + "-events");
            thread.setDaemon(true);
            thread.start();
        }
    }

    private void run() {
        long nextRoundNs = System.nanoTime();
        while (true) {
            boolean last = stopped; // read before the queues: what was published before the stop is still told
            boolean told = tellQueued();
            if (last || nextRoundNs - System.nanoTime() <= 0) {
                if (tellChanges()) {
                    told = true;
                    nextRoundNs = System.nanoTime() + ROUND_MS * 1_000_000L;
                }
                tellLost();
            }
            if (last && !told) {
                recorder.close();
                return;
            }
            await(nextRoundNs - System.nanoTime());
        }
    }

    /**
     * Waits until something was published.
     *
     * @param roundNs nanoseconds until FDB changes may be told again
     */
    private void await(long roundNs) {
        boolean betweenRounds = roundNs > 0;
        waiting = betweenRounds ? BETWEEN_ROUNDS : IDLE;
        VarHandle.fullFence(); // partner: the fences in changed() and publish()
        if (queue.isEmpty() && (betweenRounds || fdbChanges.isEmpty()) && !stopped) {
            if (betweenRounds) {
                LockSupport.parkNanos(this, roundNs);
            } else {
                LockSupport.park(this);
            }
        }
        waiting = AWAKE;
    }

    /**
     * Tells the listeners what waits; returns whether there was anything. Of each kind no more than fits its queue, so that
     * endless FDB changes do not keep the others waiting. One caller at a time.
     */
    public boolean dispatch() {
        boolean any = tellQueued();
        any |= tellChanges();
        tellLost();
        return any;
    }

    private boolean tellQueued() {
        int told = 0;
        Consumer<SwitchListener> event = queue.poll();
        while (event != null) {
            tell(event);
            told++;
            event = told < CAPACITY ? queue.poll() : null;
        }
        return told > 0;
    }

    private boolean tellChanges() {
        int told = 0;
        while (told < CAPACITY && fdbChanges.poll(this::tellChange)) {
            told++;
        }
        return told > 0;
    }

    private void tellLost() {
        long missed = lost() - lostTold;
        if (missed > 0) {
            lostTold += missed;
            tell(listener -> listener.lost(missed));
        }
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
                log.listenerFailed(e);
            }
        }
        if (recorder.isRecording()) {
            event.accept(recorder);
        }
        event.accept(log);
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
            recorder.close();
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
