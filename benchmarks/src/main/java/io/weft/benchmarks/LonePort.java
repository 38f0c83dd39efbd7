package io.weft.benchmarks;

import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import io.weft.port.DescriptorWatch;
import io.weft.port.FrameInbox;
import io.weft.port.Port;
import io.weft.port.PortContext;
import io.weft.port.PortCounters;
import io.weft.port.PortDriver;
import io.weft.port.PortException;
import io.weft.port.PortHandle;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What a driver with one port needs around it, without a switch: its port's code can be measured by itself. It has no
 * descriptors, no timers and no FDB.
 *
 * <p>Threads: confined.
 */
final class LonePort implements PortContext, PortHandle, AutoCloseable {
    private static final int INDEX = 1;

    private final FramePool pool = new FramePool();
    private final PortCounters counters = new PortCounters();
    private final Map<Object, PortDriver> shared = new LinkedHashMap<>();
    private final PortDriver driver;
    private Port port;
    private PortDriver receiving; // of those that are shared; null before a frame has come

    /** Opens a driver. */
    LonePort(PortDriver driver) throws PortException {
        this.driver = driver;
        pool.own();
        driver.open(this);
    }

    /** Polls the driver that frames come from; returns how many there were. */
    int poll(FrameBatch into) {
        if (receiving != null) {
            return receiving.poll(into, into.remaining());
        }
        for (PortDriver candidate : shared.values()) {
            int added = candidate.poll(into, into.remaining());
            if (added > 0) {
                receiving = candidate;
                return added;
            }
        }
        return 0;
    }

    @Override
    public void close() {
        driver.close();
        shared.values().forEach(PortDriver::close);
    }

    // ---- as a context ----

    @Override
    public FramePool pool() {
        return pool;
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public PortHandle addPort(Port newPort) {
        port = newPort;
        return this;
    }

    @Override
    public void addQueue(PortDriver queue) {
        throw new UnsupportedOperationException("there is one queue here");
    }

    @Override
    public <D extends PortDriver> D share(Object key, Supplier<D> maker) throws PortException {
        @SuppressWarnings("unchecked") // what a key stands for is its maker's business
        D known = (D) shared.get(key);
        if (known != null) {
            return known;
        }
        D made = maker.get();
        shared.put(key, made);
        made.open(this);
        return made;
    }

    @Override
    public DescriptorWatch watch(int descriptor) {
        throw new UnsupportedOperationException("there are no descriptors here");
    }

    @Override
    public void wakeup() {}

    @Override
    public void execute(Runnable task) {
        task.run();
    }

    @Override
    public void schedule(long delayNs, Runnable task) {}

    @Override
    public void report(String message) {}

    // ---- as a handle ----

    @Override
    public int index() {
        return INDEX;
    }

    @Override
    public Port port() {
        return port;
    }

    @Override
    public PortCounters counters() {
        return counters;
    }

    @Override
    public PortCounters openCounters() {
        return new PortCounters();
    }

    @Override
    public FrameInbox openInbox(int capacity, FramePool from) {
        throw new UnsupportedOperationException("there is one thread here");
    }

    @Override
    public void up() {}

    @Override
    public void down(String reason) {}

    @Override
    public void remove() {}

    @Override
    public boolean station(int vlan, long mac, int endpoint) {
        return false;
    }

    @Override
    public boolean forget(int vlan, long mac) {
        return false;
    }

    @Override
    public void flush(int endpoint) {}
}
