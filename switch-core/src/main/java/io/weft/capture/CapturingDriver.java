package io.weft.capture;

import io.weft.capture.PcapngWriter.Direction;
import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import io.weft.port.DescriptorWatch;
import io.weft.port.FrameInbox;
import io.weft.port.Port;
import io.weft.port.PortCapabilities;
import io.weft.port.PortContext;
import io.weft.port.PortCounters;
import io.weft.port.PortDriver;
import io.weft.port.PortException;
import io.weft.port.PortHandle;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Records what any driver's ports receive and send.
 *
 * <p>It stands between the switch and the driver: frames are recorded after the driver received them and before a port
 * sends them. The recorded ports transmit on their own worker only, whatever the driver offers, since that worker's pool
 * makes the copies: recording costs a hand-over where ports are on different workers.
 *
 * <p>Threads: as {@link PortDriver}.
 */
public final class CapturingDriver implements PortDriver {
    private final PortDriver driver;
    private final CaptureFile file;
    private final List<RecordedPort> ports = new CopyOnWriteArrayList<>();
    private PortContext context;

    /** Records {@code driver} into {@code file}, which stays open when the driver is closed. */
    public CapturingDriver(PortDriver driver, CaptureFile file) {
        this.driver = driver;
        this.file = file;
    }

    @Override
    public void open(PortContext newContext) throws PortException {
        context = newContext;
        driver.open(new RecordedContext());
    }

    @Override
    public int poll(FrameBatch into, int limit) {
        int first = into.size();
        int wanted = limit;
        for (RecordedPort port : ports) {
            wanted -= port.drainInboxes(into, wanted);
        }
        if (wanted > 0) {
            wanted -= driver.poll(into, wanted);
        }
        for (int i = first; i < into.size(); i++) {
            int ingress = into.get(i).ingress();
            for (RecordedPort port : ports) {
                if (port.handle.index() == ingress) {
                    file.record(into.get(i), port.interfaceNumber, Direction.INBOUND, context.pool());
                }
            }
        }
        return limit - wanted;
    }

    @Override
    public void close() {
        driver.close();
    }

    @Override
    public String toString() {
        return driver.toString();
    }

    /** The port that the switch sees in place of the driver's. */
    private final class RecordedPort implements Port {
        private final Port port;
        private final int interfaceNumber;
        private final List<FrameInbox> inboxes = new CopyOnWriteArrayList<>();
        private PortHandle handle;

        RecordedPort(Port port, int interfaceNumber) {
            this.port = port;
            this.interfaceNumber = interfaceNumber;
        }

        int drainInboxes(FrameBatch into, int limit) {
            int count = 0;
            for (FrameInbox inbox : inboxes) {
                count += inbox.drain(into, limit - count);
            }
            return count;
        }

        @Override
        public String name() {
            return port.name();
        }

        @Override
        public PortCapabilities capabilities() {
            PortCapabilities original = port.capabilities();
            return new PortCapabilities(original.maxFrameLength(), original.headroom(), false);
        }

        @Override
        public void transmit(FrameBatch frames, PortCounters counters) {
            for (int i = 0; i < frames.size(); i++) {
                file.record(frames.get(i), interfaceNumber, Direction.OUTBOUND, context.pool());
            }
            port.transmit(frames, counters);
        }

        @Override
        public void detached() {
            ports.remove(this);
            inboxes.forEach(inbox -> inbox.close(handle.counters()));
            port.detached();
        }
    }

    /** The driver's context, with ports and inboxes that pass through here. */
    private final class RecordedContext implements PortContext {
        @Override
        public FramePool pool() {
            return context.pool();
        }

        @Override
        public long nanoTime() {
            return context.nanoTime();
        }

        @Override
        public PortHandle addPort(Port port) throws PortException {
            RecordedPort recorded;
            try {
                recorded = new RecordedPort(port, file.addInterface(port.name()));
            } catch (IOException e) {
                throw new PortException("port " + port.name() + " cannot be recorded: " + e.getMessage(), e);
            }
            recorded.handle = context.addPort(recorded);
            ports.add(recorded);
            return new RecordedHandle(recorded);
        }

        @Override
        public DescriptorWatch watch(int descriptor) throws PortException {
            return context.watch(descriptor);
        }

        @Override
        public void wakeup() {
            context.wakeup();
        }

        @Override
        public void execute(Runnable task) {
            context.execute(task);
        }

        @Override
        public void schedule(long delayNs, Runnable task) {
            context.schedule(delayNs, task);
        }

        @Override
        public void report(String message) {
            context.report(message);
        }
    }

    private final class RecordedHandle implements PortHandle {
        private final RecordedPort recorded;

        RecordedHandle(RecordedPort recorded) {
            this.recorded = recorded;
        }

        @Override
        public int index() {
            return recorded.handle.index();
        }

        @Override
        public Port port() {
            return recorded.port;
        }

        @Override
        public PortCounters counters() {
            return recorded.handle.counters();
        }

        @Override
        public PortCounters openCounters() {
            return recorded.handle.openCounters();
        }

        @Override
        public FrameInbox openInbox(int capacity, FramePool pool) {
            FrameInbox inbox = new FrameInbox(index(), capacity, pool, openCounters(), context::wakeup);
            recorded.inboxes.add(inbox);
            return inbox;
        }

        @Override
        public void up() {
            recorded.handle.up();
        }

        @Override
        public void down(String reason) {
            recorded.handle.down(reason);
        }

        @Override
        public void remove() {
            recorded.handle.remove();
        }
    }
}
