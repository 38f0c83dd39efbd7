package io.weft.worker;

import io.weft.bridge.BridgeRules;
import io.weft.bridge.Forwarder;
import io.weft.port.PortCounters;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/**
 * The workers of one datapath, and how other threads have them do something between two rounds.
 *
 * <p>Threads: any; workers are added under the datapath's lock.
 */
final class Workers implements Iterable<Worker> {
    private final DatapathConfig config;
    private final Supplier<Forwarder> forwarders;
    private final List<Worker> all = new CopyOnWriteArrayList<>();

    /** In invoker mode: who made or last stepped the switch. */
    private volatile Thread invokerThread = Thread.currentThread();

    /**
     * None yet.
     *
     * @param forwarders makes each worker its own
     */
    Workers(DatapathConfig config, Supplier<Forwarder> forwarders) {
        this.config = config;
        this.forwarders = forwarders;
    }

    @Override
    public Iterator<Worker> iterator() {
        return all.iterator();
    }

    int count() {
        return all.size();
    }

    boolean isFull() {
        return all.size() >= config.workers();
    }

    /** A new worker with these rules, not yet among the others. */
    Worker make(BridgeRules rules) {
        String name = config.name() + "-worker-" + all.size();
        Worker worker = new Worker(name, forwarders.get(), config.clock(), config.idleStrategy());
        worker.forwarder().configure(rules);
        return worker;
    }

    /** Adds a worker and starts it. */
    void add(Worker worker) {
        all.add(worker);
        if (!config.invoker()) {
            worker.start();
        }
    }

    /** All but one. */
    List<Worker> others(Worker one) {
        List<Worker> others = new ArrayList<>(all);
        others.remove(one);
        return others;
    }

    /** Their accounts of frames whose port has left. */
    List<PortCounters> orphans() {
        return all.stream().map(Worker::orphans).toList();
    }

    /** One round of every worker on the calling thread; returns whether anything was done. Invoker mode only. */
    boolean step() {
        invokerThread = Thread.currentThread();
        boolean worked = false;
        for (Worker worker : all) {
            worked |= worker.step();
        }
        return worked;
    }

    /** Whether the calling thread may use a worker's confined state: it is that worker, or steps the switch. */
    boolean mayTouch(Worker worker) {
        return worker.isCurrentThread() || (config.invoker() && Thread.currentThread() == invokerThread);
    }

    /** Whether the calling thread is one of them. */
    boolean isCurrentThread() {
        return all.stream().anyMatch(Worker::isCurrentThread);
    }

    /** Has a worker run a command in its turn, or runs it now where the caller may. */
    void tell(Worker worker, Runnable command) {
        if (mayTouch(worker)) {
            command.run();
        } else {
            worker.execute(command);
        }
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
     * Waits until every worker has run the commands given so far: a frame that is sent after a port was added reaches it.
     * Workers do not wait, for one could be in a callback that adds a driver, too.
     */
    void awaitRound() {
        await(round());
    }

    /** Completed when every worker has run the commands given so far. */
    CompletableFuture<Void> round() {
        return CompletableFuture.allOf(all.stream()
                .map(worker -> {
                    CompletableFuture<Void> done = new CompletableFuture<>();
                    worker.execute(() -> done.complete(null));
                    return done;
                })
                .toArray(CompletableFuture<?>[]::new));
    }

    /**
     * Waits for something that workers' commands do. A worker does not wait (it would wait for itself): it finds the
     * commands in its next round. In invoker mode the caller runs them here, unless it is in the middle of a round.
     */
    void await(CompletableFuture<?> done) {
        if (config.invoker() && Thread.currentThread() == invokerThread) {
            while (!done.isDone() && all.stream().noneMatch(Worker::isInRound)) {
                all.forEach(Worker::runCommands);
            }
        } else if (!isCurrentThread()) {
            done.join(); // not interruptible: half a removal would leak a descriptor
        }
    }

    /** Ends them all and waits for that. Their drivers have been closed. */
    void stop() {
        all.forEach(worker -> worker.execute(worker::stop));
        all.forEach(Worker::awaitEnd);
    }
}
