package io.weft.port;

import io.weft.frame.FramePool;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** What a switch gives a driver, for tests that need to hold it in their hand: nothing runs but what the test runs, and tasks at once. Threads: confined. */
public class StubContext implements PortContext {
    public final List<Long> delaysNs = new ArrayList<>();
    public final List<String> reports = new ArrayList<>();
    public int wakeups;

    private final List<Runnable> timers = new ArrayList<>();
    private final FramePool pool;
    private final PortCounters counters = new PortCounters();

    /** With memory, or {@code null} where none is asked for. */
    public StubContext(FramePool pool) {
        this.pool = pool;
    }

    /** Runs what was scheduled before this call. */
    public void runTimers() {
        List<Runnable> due = List.copyOf(timers);
        timers.clear();
        due.forEach(Runnable::run);
    }

    @Override
    public FramePool pool() {
        return pool;
    }

    @Override
    public long nanoTime() {
        return 0;
    }

    @Override
    public PortHandle addPort(Port port) {
        return handle();
    }

    @Override
    public void addQueue(PortDriver queue) {
        throw new UnsupportedOperationException("there is one queue");
    }

    @Override
    public <D extends PortDriver> D share(Object key, Supplier<D> maker) {
        throw new UnsupportedOperationException();
    }

    @Override
    public DescriptorWatch watch(int descriptor) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void wakeup() {
        wakeups++;
    }

    @Override
    public void execute(Runnable task) {
        task.run();
    }

    @Override
    public void schedule(long delayNs, Runnable task) {
        delaysNs.add(delayNs);
        timers.add(task);
    }

    @Override
    public void report(String message) {
        reports.add(message);
    }

    /** A place in the switch that counts, and has no FDB. */
    public PortHandle handle() {
        return new PortHandle() {
            @Override
            public int index() {
                return 0;
            }

            @Override
            public Port port() {
                throw new UnsupportedOperationException();
            }

            @Override
            public PortCounters counters() {
                return counters;
            }

            @Override
            public PortCounters openCounters() {
                return counters;
            }

            @Override
            public FrameInbox openInbox(int capacity, FramePool of) {
                throw new UnsupportedOperationException();
            }

            @Override
            public void up() {}

            @Override
            public void down(String reason) {}

            @Override
            public void remove() {}

            @Override
            public boolean station(int vlan, long mac, int endpoint) {
                throw new UnsupportedOperationException();
            }

            @Override
            public boolean forget(int vlan, long mac) {
                throw new UnsupportedOperationException();
            }

            @Override
            public void flush(int endpoint) {
                throw new UnsupportedOperationException();
            }
        };
    }
}
