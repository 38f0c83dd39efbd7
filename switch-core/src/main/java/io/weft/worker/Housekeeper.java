package io.weft.worker;

import io.weft.fdb.Fdb;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Does what takes long, so that no worker has to: walks through the FDB, to let entries age and to forget those of a port that
 * went down. A walk through a million entries takes some tens of milliseconds, which are a worker's half a million frames.
 *
 * <p>Has a thread of its own; in invoker mode the caller's does the work at once.
 *
 * <p>Threads: any.
 */
final class Housekeeper {
    private static final Logger LOG = System.getLogger(Housekeeper.class.getName());
    private static final long SWEEP_INTERVAL_NS = 1_000_000_000L;

    /** Slots looked at in a second: a table of the default size in one, of a million entries in 16. */
    private static final int SWEEP_SLOTS = 1 << 18;

    private final Fdb fdb;
    private final NanoClock clock;
    private final ScheduledExecutorService executor; // null in invoker mode
    private volatile Thread thread; // the executor's, which begins with its first task
    private int sweepSlot;
    private long sweepDueNs;

    /**
     * A housekeeper.
     *
     * @param fdb {@code null} where there is none
     */
    Housekeeper(DatapathConfig config, Fdb fdb) {
        this.fdb = fdb;
        this.clock = config.clock();
        this.sweepDueNs = clock.nanoTime() + SWEEP_INTERVAL_NS;
        this.executor = config.invoker()
                ? null
                : Executors.newSingleThreadScheduledExecutor(task -> {
                    thread = new Thread(task, config.name() + "-housekeeper");
                    return thread;
                });
    }

    /** Begins to let entries age. */
    void start() {
        if (executor != null && fdb != null) {
            executor.scheduleWithFixedDelay(
                    () -> guarded(this::sweep), SWEEP_INTERVAL_NS, SWEEP_INTERVAL_NS, TimeUnit.NANOSECONDS);
        }
    }

    /** Invoker mode: lets entries age when it is time. */
    void step() {
        if (fdb != null && clock.nanoTime() - sweepDueNs >= 0) {
            sweepDueNs = clock.nanoTime() + SWEEP_INTERVAL_NS;
            sweep();
        }
    }

    private void sweep() {
        sweepSlot = fdb.sweep(sweepSlot, SWEEP_SLOTS, (int) (clock.nanoTime() / 1_000_000_000L));
    }

    /** Runs a task soon; in invoker mode, and when the switch has been closed, at once. */
    void execute(Runnable task) {
        if (executor == null) {
            task.run();
            return;
        }
        try {
            executor.execute(() -> guarded(task));
        } catch (RejectedExecutionException closed) {
            guarded(task); // a driver's thread reports a port that went down, a moment too late
        }
    }

    private static void guarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            LOG.log(Level.ERROR, "housekeeping failed", e); // and goes on: others wait for it
        }
    }

    /** Ends the thread when it has done what was asked for. */
    void stop() {
        if (executor == null) {
            return;
        }
        executor.shutdown();
        boolean interrupted = false;
        while (thread != null && thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
