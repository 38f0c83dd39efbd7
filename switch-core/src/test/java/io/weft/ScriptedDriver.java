package io.weft;

import io.weft.frame.FrameBatch;
import io.weft.port.Port;
import io.weft.port.PortCapabilities;
import io.weft.port.PortContext;
import io.weft.port.PortCounters;
import io.weft.port.PortDriver;
import io.weft.port.PortException;
import io.weft.port.PortHandle;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A driver with one port that does what a test says: polls once with the given script, transmits as the script says, and
 * counts how often it was called.
 */
final class ScriptedDriver implements Port, PortDriver {
    /** What {@code open} does after the port was added. */
    interface OnOpen {
        void open(ScriptedDriver driver) throws PortException;
    }

    /** What one poll does. */
    interface OnPoll {
        int poll(ScriptedDriver driver, FrameBatch into, int limit);
    }

    /** What transmit does; takes ownership of the frames. */
    interface OnTransmit {
        void transmit(FrameBatch frames, PortCounters counters);
    }

    final AtomicInteger opened = new AtomicInteger();
    final AtomicInteger polled = new AtomicInteger();
    final AtomicInteger closed = new AtomicInteger();
    final AtomicInteger detached = new AtomicInteger();

    private final String name;
    private PortCapabilities capabilities = PortCapabilities.ofMaxFrameLength(65_535);
    private OnOpen onOpen = driver -> {};
    private OnPoll onPoll;
    private OnTransmit onTransmit = (frames, counters) -> {
        for (int i = 0; i < frames.size(); i++) {
            counters.transmitted(frames.get(i).length());
        }
        frames.release();
    };
    private Runnable onClose = () -> {};
    private volatile PortContext context;
    private volatile PortHandle handle;

    ScriptedDriver(String name) {
        this.name = name;
    }

    ScriptedDriver onOpen(OnOpen script) {
        onOpen = script;
        return this;
    }

    /** Runs {@code script} in the next poll only. */
    ScriptedDriver onPoll(OnPoll script) {
        onPoll = script;
        return this;
    }

    ScriptedDriver onTransmit(OnTransmit script) {
        onTransmit = script;
        return this;
    }

    ScriptedDriver onClose(Runnable script) {
        onClose = script;
        return this;
    }

    ScriptedDriver withConcurrentTransmit() {
        capabilities = capabilities.withConcurrentTransmit();
        return this;
    }

    PortContext context() {
        return context;
    }

    PortHandle handle() {
        return handle;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public PortCapabilities capabilities() {
        return capabilities;
    }

    @Override
    public void open(PortContext newContext) throws PortException {
        opened.incrementAndGet();
        context = newContext;
        handle = newContext.addPort(this);
        onOpen.open(this);
    }

    @Override
    public int poll(FrameBatch into, int limit) {
        polled.incrementAndGet();
        OnPoll script = onPoll;
        onPoll = null;
        return script == null ? 0 : script.poll(this, into, limit);
    }

    @Override
    public void transmit(FrameBatch frames, PortCounters counters) {
        onTransmit.transmit(frames, counters);
    }

    @Override
    public void detached() {
        detached.incrementAndGet();
    }

    @Override
    public void close() {
        closed.incrementAndGet();
        onClose.run();
    }

    @Override
    public String toString() {
        return "scripted:" + name;
    }
}
