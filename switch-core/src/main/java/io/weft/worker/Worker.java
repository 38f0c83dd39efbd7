package io.weft.worker;

import io.weft.bridge.EgressBatches;
import io.weft.bridge.Forwarder;
import io.weft.bridge.Handoff;
import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import io.weft.frame.MpscFrameRing;
import io.weft.port.PortCounters;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * One thread that owns the receiving side of some drivers and runs every frame they receive to completion.
 *
 * <p>A round: run the commands that came, send what other workers handed over, poll each driver that has something and
 * forward it, then flush every touched port once. A worker that found nothing sleeps in its {@link Waiter}.
 *
 * <p>Threads: {@link #execute}, {@link #wakeup} and the {@link Handoff} by any; the rest by the worker's own thread, or in
 * invoker mode by the one that steps the switch.
 */
final class Worker implements Runnable, Handoff {
    private static final Logger LOG = System.getLogger(Worker.class.getName());

    /** Frames that may wait for another worker: half of a pool, so that a full ring is what overload shows as. */
    private static final int HANDOFF_CAPACITY = FramePool.DEFAULT_SMALL / 2;

    /** Busy rounds after which even a worker with one descriptor asks whether that is ready. */
    private static final int ROUNDS_UNTIL_LOOK = 16;

    private static final int MAX_READY = 64;

    /** A wait that something else will end. */
    private static final long FOREVER_NS = 1L << 60;

    /** Commands in a round: a task that executes itself again does not stop traffic. */
    private static final int MAX_COMMANDS = 1_024;

    private static final VarHandle SLEEPING;

    static {
        try {
            SLEEPING = MethodHandles.lookup().findVarHandle(Worker.class, "sleeping", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final String name;
    private final Forwarder forwarder;
    private final NanoClock clock;
    private final SpinBudget spinning;
    private final FramePool pool = new FramePool();
    private final PortCounters orphans = new PortCounters();
    private final EgressBatches egress = new EgressBatches(pool, orphans);
    private final FrameBatch received = new FrameBatch();
    private final FrameBatch handedOver = new FrameBatch();
    private final MpscFrameRing handoff = new MpscFrameRing(HANDOFF_CAPACITY);
    private final Queue<Runnable> commands = new ConcurrentLinkedQueue<>();
    private final PriorityQueue<Timer> timers = new PriorityQueue<>(Comparator.comparingLong(Timer::dueNs));
    private final Waiter waiter = Waiters.open();
    private final int[] readyTokens = new int[MAX_READY];
    private final List<Runnable> byToken = new ArrayList<>();
    private DriverBinding[] drivers = new DriverBinding[0];
    private int watches;
    private int busyRounds;
    private Thread thread;
    private boolean stopped;
    private volatile boolean ended; // the thread
    private boolean inRound;

    @SuppressWarnings("unused") // through SLEEPING
    private volatile boolean sleeping;

    /** Something to do at a moment, for a driver or for the switch itself. */
    private record Timer(long dueNs, DriverBinding binding, Runnable task) {}

    Worker(String name, Forwarder forwarder, NanoClock clock, IdleStrategy idleStrategy) {
        this.name = name;
        this.forwarder = forwarder;
        this.clock = clock;
        this.spinning = new SpinBudget(idleStrategy);
    }

    // ---- from any thread ----

    void start() {
        thread = new Thread(this, name);
        thread.start();
    }

    /** Runs a command between two rounds, or on the calling thread when the worker's has ended: somebody may wait for it. */
    void execute(Runnable command) {
        commands.add(command);
        wakeup();
        if (ended) {
            runLateCommands();
        }
    }

    private synchronized void runLateCommands() {
        while (runCommands()) {
            // until nothing is left
        }
    }

    @Override
    public int offer(FrameBatch batch) {
        int taken = handoff.offer(batch, 0);
        wakeup();
        return taken;
    }

    /** Makes the worker look for work soon. The caller has published what there is to find. */
    void wakeup() {
        // Partner: the fence in idle(). Either we see that it sleeps, or it sees what we published.
        VarHandle.fullFence();
        if ((boolean) SLEEPING.getOpaque(this) && SLEEPING.compareAndSet(this, true, false)) {
            waiter.wakeup();
        }
    }

    boolean isCurrentThread() {
        return thread == Thread.currentThread();
    }

    /** Whether the thread is in the middle of a round; asked by that thread itself. */
    boolean isInRound() {
        return inRound;
    }

    PortCounters orphans() {
        return orphans;
    }

    // ---- the thread ----

    @Override
    public void run() {
        pool.own();
        while (!stopped) {
            try {
                if (!round()) {
                    idle();
                } else if (watches > 1 || (watches == 1 && ++busyRounds % ROUNDS_UNTIL_LOOK == 0)) {
                    markReady(0); // what is busy, descriptor or not, must not hide the other descriptors
                }
            } catch (RuntimeException | Error e) {
                failed(e);
            }
        }
        ended = true; // whoever executes from here on finds this, or we its command
        VarHandle.fullFence(); // partner: the fence in wakeup()
        runLateCommands();
    }

    /**
     * What drivers and ports throw is caught where they are called. Anything else ends this worker's drivers, and not the
     * thread: whoever closes the switch waits for the commands it is still to run.
     */
    private void failed(Throwable failure) {
        LOG.log(Level.ERROR, name + " failed; its drivers are taken out", failure);
        received.clear();
        handedOver.clear();
        for (DriverBinding driver : drivers) {
            driver.failed(failure);
        }
    }

    /** One round on the caller's thread; returns whether anything was done. Invoker mode. */
    boolean step() {
        pool.own();
        if (watches > 0) {
            markReady(0);
        }
        return round();
    }

    /** Ends the thread after this round. Run as a command. */
    void stop() {
        stopped = true;
    }

    /** Waits for the thread, then gives up what is left. The drivers have been closed. */
    void awaitEnd() {
        if (thread != null) {
            boolean interrupted = false;
            while (true) {
                try {
                    thread.join();
                    break;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        waiter.close();
    }

    private boolean round() {
        inRound = true;
        try {
            return work();
        } finally {
            inRound = false;
        }
    }

    private boolean work() {
        long nowNs = clock.nanoTime();
        pool.collect();
        boolean worked = runCommands();
        worked |= runTimers(nowNs);
        worked |= sendHandedOver();
        for (DriverBinding driver : drivers) {
            if (driver.takeReady()) {
                worked |= poll(driver, nowNs);
            }
        }
        egress.flush();
        if (worked) {
            spinning.worked(nowNs);
        }
        return worked;
    }

    private boolean poll(DriverBinding driver, long nowNs) {
        int count = driver.poll(received);
        if (count > 0) {
            egress.receive(received);
            forwarder.forward(received, egress, nowNs);
        }
        return count > 0;
    }

    private boolean sendHandedOver() {
        int count = handoff.drain(handedOver, handedOver.remaining());
        for (int i = 0; i < count; i++) {
            egress.addHandedOver(handedOver.get(i));
        }
        handedOver.clear();
        return count > 0;
    }

    /** Sends everything that other workers had handed over before this call. */
    void drainHandoff() {
        egress.flush();
        // No more than fits the ring: others may go on handing over.
        for (int sent = 0; sent < HANDOFF_CAPACITY && sendHandedOver(); sent += handedOver.remaining()) {
            egress.flush();
        }
    }

    boolean runCommands() {
        int ran = 0;
        while (ran < MAX_COMMANDS) {
            Runnable command = commands.poll();
            if (command == null) {
                break;
            }
            command.run();
            ran++;
        }
        return ran > 0;
    }

    private boolean runTimers(long nowNs) {
        boolean worked = false;
        for (Timer timer = timers.peek(); timer != null && nowNs - timer.dueNs >= 0; timer = timers.peek()) {
            timers.poll();
            if (!timer.binding.isClosed()) {
                timer.binding.run(timer.task);
            }
            worked = true;
        }
        return worked;
    }

    private void idle() {
        long nowNs = clock.nanoTime();
        if (spinning.spins(nowNs)) {
            Thread.onSpinWait();
            if (watches > 0) {
                markReady(0);
            }
            return;
        }
        SLEEPING.setVolatile(this, true);
        VarHandle.fullFence(); // partner: the fence in wakeup()
        if (stopped || hasWork()) {
            SLEEPING.setVolatile(this, false);
            return;
        }
        markReady(timers.isEmpty() ? FOREVER_NS : Math.max(0, timers.peek().dueNs - nowNs));
        SLEEPING.setVolatile(this, false);
    }

    /** Whether anything was published that no descriptor announces. */
    private boolean hasWork() {
        if (!commands.isEmpty() || !handoff.isEmpty()) {
            return true;
        }
        for (DriverBinding driver : drivers) {
            if (driver.isReady()) {
                return true;
            }
        }
        return false;
    }

    private void markReady(long timeoutNs) {
        int count = waiter.await(timeoutNs, readyTokens);
        for (int i = 0; i < count; i++) {
            Runnable report = byToken.get(readyTokens[i]);
            if (report != null) {
                report.run();
            }
        }
    }

    // ---- what the worker's own commands change ----

    FramePool pool() {
        return pool;
    }

    Forwarder forwarder() {
        return forwarder;
    }

    EgressBatches egress() {
        return egress;
    }

    Waiter waiter() {
        return waiter;
    }

    void watchesChanged(int difference) {
        watches += difference;
    }

    /** Starts to poll a driver. */
    void attach(DriverBinding driver) {
        List<DriverBinding> all = new ArrayList<>(List.of(drivers));
        all.add(driver);
        drivers = all.toArray(DriverBinding[]::new);
    }

    /** Stops polling a driver. */
    void detach(DriverBinding driver) {
        List<DriverBinding> all = new ArrayList<>(List.of(drivers));
        all.remove(driver);
        drivers = all.toArray(DriverBinding[]::new);
    }

    /** A token under which the waiter reports a descriptor, and what to do then. */
    int openToken(Runnable report) {
        int token = byToken.indexOf(null);
        if (token < 0) {
            byToken.add(report);
            return byToken.size() - 1;
        }
        byToken.set(token, report);
        return token;
    }

    /** Frees a token. */
    void closeToken(int token) {
        byToken.set(token, null);
    }

    void schedule(DriverBinding binding, long dueNs, Runnable task) {
        timers.add(new Timer(dueNs, binding, task));
    }

    @Override
    public String toString() {
        return name;
    }
}
