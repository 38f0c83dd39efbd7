package io.weft.impairment;

import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import io.weft.offload.ChecksumCompletion;
import io.weft.offload.Segmenter;
import io.weft.offload.WireFrames;
import io.weft.port.DescriptorWatch;
import io.weft.port.DropReason;
import io.weft.port.FrameInbox;
import io.weft.port.Port;
import io.weft.port.PortCapabilities;
import io.weft.port.PortContext;
import io.weft.port.PortCounters;
import io.weft.port.PortDriver;
import io.weft.port.PortException;
import io.weft.port.PortHandle;
import io.weft.port.Reading;
import io.weft.port.ReceivingPort;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * Makes any driver's ports worse on purpose, each direction in its own way: for seeing how a program or a protocol bears
 * loss, delay and the rest.
 *
 * <pre>{@code
 * Impairment satellite = Impairment.builder().delay(Duration.ofMillis(300)).loss(1).seed(42).build();
 * lan.add(new ImpairedDriver(driver, satellite, satellite));
 * }</pre>
 *
 * <p>Every port of the driver has lines of its own, with random numbers of their own. What is lost, or finds
 * {@link Impairment#limit} frames waiting, is dropped and counted. A frame on its way in is received when it comes to the
 * end of the line; one on its way out is transmitted when the port has sent it. What waits when the port leaves, or goes
 * down, is dropped as for any port.
 *
 * <p>The ports transmit on their own worker only, whatever the driver offers, and that worker polls all queues of the
 * driver: what waits in a line waits in one order. What a driver that they share with others receives for them
 * ({@link PortContext#share}) is not impaired. Times are those of {@link PortContext}: as
 * fine as the worker wakes up.
 *
 * <p>Threads: as {@link PortDriver}.
 */
public final class ImpairedDriver implements PortDriver {
    private final PortDriver driver;
    private final Impairment rx;
    private final Impairment tx;
    private final FrameBatch arrived = new FrameBatch(); // between polls those for which there was no room
    private final Runnable timer = this::timerFired;
    private volatile ImpairedPort[] ports = new ImpairedPort[0]; // replaced under the driver's lock
    private PortDriver[] pollers; // the driver and its queues
    private PortContext context;
    private Segmenter segmenter; // made by the worker, when first needed
    private boolean cutting; // segments of the first frame that arrived are still to come
    private int portCount;
    private int inboxTurn;
    private int pollerTurn;
    private boolean timerSet;
    private long timerDueNs;

    /**
     * Impairs {@code driver}, which is closed with this one.
     *
     * @param rx what frames suffer that the driver receives
     * @param tx what frames suffer that the switch sends
     */
    public ImpairedDriver(PortDriver driver, Impairment rx, Impairment tx) {
        this.driver = Objects.requireNonNull(driver, "driver");
        this.pollers = new PortDriver[] {driver};
        this.rx = Objects.requireNonNull(rx, "rx");
        this.tx = Objects.requireNonNull(tx, "tx");
    }

    @Override
    public void open(PortContext newContext) throws PortException {
        context = newContext;
        driver.open(new ImpairedContext());
    }

    @Override
    public int poll(FrameBatch into, int limit) {
        long nowNs = context.nanoTime();
        int before = into.size();
        int most = before + limit;
        ImpairedPort[] all = ports;
        for (ImpairedPort port : all) {
            port.sendDue(nowNs);
            port.rxLine.begin(into, most, port.handle.counters(), nowNs);
            port.rxLine.release();
        }
        boolean more = receive(into, most, all);
        for (ImpairedPort port : all) {
            more |= port.rxLine.isDue(nowNs);
            setTimer(port.rxLine, nowNs);
        }
        if (more && into.size() < most) {
            context.wakeup(); // fewer than asked for would say that there is no more
        }
        return into.size() - before;
    }

    /** Takes as many frames in as there is room for if none is to wait; says whether there may be more. */
    private boolean receive(FrameBatch into, int most, ImpairedPort[] all) {
        accept(into, most, all);
        int room = most - into.size();
        int wanted = Math.min(rx.duplicate() > 0 ? (room + 1) / 2 : room, arrived.remaining());
        if (wanted == 0 || !arrived.isEmpty()) {
            return true;
        }
        int left = wanted;
        for (int i = 0; i < all.length; i++) {
            inboxTurn = inboxTurn + 1 < all.length ? inboxTurn + 1 : 0; // a busy inbox must not starve those behind it
            for (FrameInbox inbox : all[inboxTurn].inboxes) {
                left -= inbox.drain(arrived, left);
            }
        }
        try {
            for (int i = 0; i < pollers.length && left > 0; i++) {
                pollerTurn = pollerTurn + 1 < pollers.length ? pollerTurn + 1 : 0; // nor a busy queue those behind it
                left -= pollers[pollerTurn].poll(arrived, left);
            }
        } finally { // also when it throws: it is taken out then, and what it had received counts
            accept(into, most, all);
        }
        return left == 0 || !arrived.isEmpty();
    }

    /** Gives the lines what arrived, until there is no room: a super-frame may be thousands of frames. */
    private void accept(FrameBatch into, int most, ImpairedPort[] all) {
        int accepted = 0;
        while (accepted < arrived.size() && into.size() < most) {
            Frame frame = arrived.get(accepted);
            ImpairedPort port = portOf(frame, all);
            if (port == null) {
                cutting = false;
                into.add(frame); // its port has just left: the core counts it
            } else if (frame.gsoType() != 0) {
                if (!acceptSegments(frame, port, into, most)) {
                    break;
                }
            } else {
                ChecksumCompletion.complete(frame);
                port.rxLine.accept(frame, context.pool());
            }
            accepted++;
        }
        for (int i = accepted; i < arrived.size(); i++) {
            arrived.replace(i - accepted, arrived.get(i));
        }
        arrived.truncate(arrived.size() - accepted);
    }

    /**
     * A line carries frames of the wire, each of which may be lost, and a flipped bit is to make their checksum wrong. (On the
     * way out the core has seen to that, since an impaired port has no offloads.)
     *
     * @return whether the super-frame is done with; if not, there is no room, and it goes on with the next poll
     */
    private boolean acceptSegments(Frame superFrame, ImpairedPort port, FrameBatch into, int most) {
        if (segmenter == null) {
            segmenter = new Segmenter(context.pool());
        }
        if (!cutting) {
            segmenter.begin(superFrame);
            cutting = true;
        }
        while (into.size() < most) {
            Frame segment = segmenter.next();
            if (segment == null) {
                PortCounters counters = port.handle.counters();
                counters.received(segmenter.remaining(), 0);
                counters.dropped(DropReason.POOL_EMPTY, segmenter.remaining());
                superFrame.release();
                cutting = false;
                return true;
            }
            port.rxLine.accept(segment, context.pool());
        }
        return false;
    }

    /** Drops what arrived by a port and found no room yet. */
    private void discardArrived(PortHandle port) {
        int kept = 0;
        for (int i = 0; i < arrived.size(); i++) {
            Frame frame = arrived.get(i);
            if (frame.ingress() != port.index()) {
                arrived.replace(kept++, frame);
                continue;
            }
            boolean begun = i == 0 && cutting; // what has been cut off is received already
            port.counters().received(frame.length());
            port.counters().receivedSegments(begun ? Math.max(1, segmenter.remaining()) : WireFrames.count(frame));
            port.counters().dropped(DropReason.RX_PORT_DOWN);
            cutting &= !begun;
            frame.release();
        }
        arrived.truncate(kept);
    }

    private static ImpairedPort portOf(Frame frame, ImpairedPort[] all) {
        for (ImpairedPort port : all) {
            if (port.handle.index() == frame.ingress()) {
                return port;
            }
        }
        return null;
    }

    /** Has the worker poll again when the line's next frame is due. One timer is enough for all lines. */
    private void setTimer(ImpairedLine line, long nowNs) {
        if (line.isEmpty()) {
            return;
        }
        long dueNs = line.nextDueNs();
        if (!timerSet || timerDueNs - dueNs > 0) {
            timerSet = true;
            timerDueNs = dueNs;
            context.schedule(Math.max(0, dueNs - nowNs), timer);
        }
    }

    private void timerFired() {
        if (timerSet && timerDueNs - context.nanoTime() <= 0) { // else it is one that an earlier one has overtaken
            timerSet = false;
        }
        context.wakeup();
    }

    @Override
    public List<Reading> readings() {
        return driver.readings();
    }

    @Override
    public void close() {
        arrived.release();
        for (int i = pollers.length - 1; i >= 0; i--) {
            pollers[i].close(); // the queues, then the driver
        }
    }

    @Override
    public String toString() {
        return driver.toString();
    }

    private synchronized void add(ImpairedPort port) {
        ImpairedPort[] more = Arrays.copyOf(ports, ports.length + 1);
        more[ports.length] = port;
        ports = more;
    }

    private synchronized void remove(ImpairedPort port) {
        ports = Arrays.stream(ports).filter(other -> other != port).toArray(ImpairedPort[]::new);
    }

    private synchronized int nextStream() {
        return portCount++;
    }

    /** The port that the switch sees in place of the driver's. */
    private final class ImpairedPort implements Port {
        private final Port port;
        private final ImpairedLine rxLine;
        private final ImpairedLine txLine;
        private final FrameBatch departing = new FrameBatch();
        private volatile FrameInbox[] inboxes = new FrameInbox[0]; // replaced under the driver's lock
        private volatile PortHandle handle;
        private PortCounters account; // the owning worker's, as no other worker transmits

        ImpairedPort(Port port, int stream) {
            this.port = port;
            this.rxLine = new ImpairedLine(rx, ImpairedLine.Direction.RX, stream);
            this.txLine = new ImpairedLine(tx, ImpairedLine.Direction.TX, stream);
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
            account = counters;
            long nowNs = context.nanoTime();
            int accepted = 0;
            try {
                sendDue(nowNs);
                while (accepted < frames.size()) {
                    if (departing.remaining() < 2) { // a frame may become two
                        depart();
                    }
                    txLine.accept(frames.get(accepted++), context.pool());
                }
                depart();
            } finally { // what the port throws takes it out; these are the frames it was not given yet
                for (int i = accepted; i < frames.size(); i++) {
                    counters.dropped(DropReason.TX_ERROR);
                    frames.get(i).release();
                }
                frames.clear();
            }
            setTimer(txLine, nowNs);
        }

        /** Sends frames that have waited long enough. */
        private void sendDue(long nowNs) {
            if (account == null) {
                return; // nothing was ever sent
            }
            txLine.begin(departing, FrameBatch.DEFAULT_CAPACITY, account, nowNs);
            while (txLine.isDue(nowNs)) {
                txLine.release();
                depart();
            }
            setTimer(txLine, nowNs);
        }

        private void depart() {
            if (departing.isEmpty()) {
                return;
            }
            try {
                port.transmit(departing, account);
            } finally {
                // Empty unless the port threw. Which of the frames it had released nobody knows.
                account.dropped(DropReason.TX_ERROR, departing.size());
                departing.clear();
            }
        }

        /** Drops what waits, since the port leaves or has gone down. */
        private void discardWaiting() {
            discardArrived(handle);
            rxLine.discard(handle.counters());
            if (account != null) {
                txLine.discard(account);
            }
        }

        @Override
        public void detached() {
            remove(this);
            discardWaiting();
            for (FrameInbox inbox : inboxes) {
                inbox.close(handle.counters());
            }
            port.detached();
        }
    }

    /** The driver's context, with ports, inboxes and queues that pass through here. */
    private final class ImpairedContext implements PortContext {
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
            if (port instanceof ReceivingPort) {
                throw new PortException(
                        "port " + port.name() + " cannot be impaired: it has to see what comes in by it before"
                                + " anything else does; impair the driver inside of it");
            }
            ImpairedPort impaired = new ImpairedPort(port, nextStream());
            impaired.handle = context.addPort(impaired);
            add(impaired);
            context.wakeup(); // for what the switch has sent by it before it was in the list
            return new ImpairedHandle(impaired);
        }

        @Override
        public void addQueue(PortDriver queue) throws PortException {
            pollers = Arrays.copyOf(pollers, pollers.length + 1);
            pollers[pollers.length - 1] = queue; // closed with the driver, also when it cannot be opened
            queue.open(this);
        }

        @Override
        public <D extends PortDriver> D share(Object key, Supplier<D> maker) throws PortException {
            return context.share(key, maker);
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

    private final class ImpairedHandle implements PortHandle {
        private final ImpairedPort impaired;

        ImpairedHandle(ImpairedPort impaired) {
            this.impaired = impaired;
        }

        @Override
        public int index() {
            return impaired.handle.index();
        }

        @Override
        public Port port() {
            return impaired.port;
        }

        @Override
        public PortCounters counters() {
            return impaired.handle.counters();
        }

        @Override
        public PortCounters openCounters() {
            return impaired.handle.openCounters();
        }

        @Override
        public FrameInbox openInbox(int capacity, FramePool pool) {
            FrameInbox inbox = new FrameInbox(index(), capacity, pool, openCounters(), context::wakeup);
            synchronized (ImpairedDriver.this) {
                FrameInbox[] more = Arrays.copyOf(impaired.inboxes, impaired.inboxes.length + 1);
                more[impaired.inboxes.length] = inbox;
                impaired.inboxes = more;
            }
            return inbox;
        }

        @Override
        public void up() {
            impaired.handle.up();
        }

        @Override
        public void down(String reason) {
            impaired.handle.down(reason);
            context.execute(impaired::discardWaiting);
        }

        @Override
        public void remove() {
            impaired.handle.remove();
        }

        @Override
        public boolean station(int vlan, long mac, int endpoint) {
            return impaired.handle.station(vlan, mac, endpoint);
        }

        @Override
        public boolean forget(int vlan, long mac) {
            return impaired.handle.forget(vlan, mac);
        }

        @Override
        public void flush(int endpoint) {
            impaired.handle.flush(endpoint);
        }
    }
}
