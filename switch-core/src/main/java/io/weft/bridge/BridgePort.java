package io.weft.bridge;

import io.weft.capture.PortCapture;
import io.weft.fdb.FdbKey;
import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import io.weft.frame.MacAddress;
import io.weft.offload.ChecksumCompletion;
import io.weft.offload.Coalescer;
import io.weft.offload.Segmenter;
import io.weft.offload.WireFrames;
import io.weft.port.DropReason;
import io.weft.port.Port;
import io.weft.port.PortCapabilities;
import io.weft.port.PortCounters;
import io.weft.port.ReceivingPort;

/**
 * One port as one worker sees it: its rules, the worker's account of it, and the batch that collects what is to leave by it
 * in this round.
 *
 * <p>Threads: confined to the worker, but for {@link PortState}.
 */
public final class BridgePort {
    private static final long ALARM_INTERVAL_NS = 1_000_000_000L;

    final int index;
    final PortState state;
    final PortCounters counters;
    PortRules rules = new PortRules();
    int features; // of the rules; here, so that the forwarding path reads one object less
    FramePool pool; // the worker's
    Segmenter segmenter; // the worker's
    Segmenter captureSegmenter; // another one: frames are recorded in the middle of being segmented
    private Coalescer coalescer; // null where nothing is merged
    boolean touched; // whether it is in EgressBatches' list of this round

    final ReceivingPort receiver; // the port, if it sees what comes in by it first; else null

    private final Port port;
    private final Handoff handoff;
    private final int maxFrameLength;
    private final AcceptedOffloads offloads;
    private final FrameBatch egress = new FrameBatch();
    private PortCapture[] captures;
    private final Alarm storm = new Alarm();
    private final Alarm violation = new Alarm();

    /**
     * A worker's view of a port, with default rules.
     *
     * @param index the port's index in the switch
     * @param handoff the way to the worker that owns the port, or {@code null} when this worker may transmit itself
     */
    public BridgePort(int index, Port port, PortState state, PortCounters counters, Handoff handoff) {
        this.index = index;
        this.port = port;
        this.receiver = port instanceof ReceivingPort receiving ? receiving : null;
        this.state = state;
        this.counters = counters;
        this.handoff = handoff;
        this.maxFrameLength = port.capabilities().maxFrameLength();
        this.offloads = new AcceptedOffloads(port.capabilities().offloads());
    }

    /** Gives it what it shares with the worker's other ports. */
    void attached(FramePool workersPool, Segmenter workersSegmenter, Segmenter workersCaptureSegmenter) {
        pool = workersPool;
        segmenter = workersSegmenter;
        captureSegmenter = workersCaptureSegmenter;
        PortCapabilities capabilities = port.capabilities();
        if (handoff == null && capabilities.coalescing()) {
            coalescer = new Coalescer(pool, capabilities.offloads(), maxFrameLength);
        }
    }

    /** Gives it other rules. */
    public void configure(PortRules newRules) {
        rules = newRules;
        features = newRules.features;
        captures = newRules.captures;
    }

    /** The port's index in the switch. */
    public int index() {
        return index;
    }

    /** This worker's account of the port. */
    public PortCounters counters() {
        return counters;
    }

    /** Shows a frame that came in to the port; returns whether it is to be forwarded. */
    boolean receives(Frame frame) {
        try {
            return receiver.receive(frame, counters);
        } catch (RuntimeException | Error e) {
            state.monitor().failed(e); // the port goes; the frame is one of those that still come in by it
            return true;
        }
    }

    /** Counts a frame that came in. */
    void received(Frame frame) {
        counters.received(frame.length());
        if (frame.gsoType() != 0) {
            counters.receivedSegments(WireFrames.count(frame));
        }
        captureReceived(frame);
    }

    void captureReceived(Frame frame) {
        if (captures != null) {
            for (PortCapture capture : captures) {
                capture.received(frame, captureSegmenter);
            }
        }
    }

    /** Adds a frame to the round's batch; takes ownership. */
    void add(Frame frame) {
        if (frame.hasPendingOffload() && handoff == null) { // else it is done once, by the worker that owns the port
            addPending(frame);
        } else {
            addFinished(frame);
        }
    }

    private void addFinished(Frame frame) {
        if (frame.length() > maxFrameLength && frame.gsoType() == 0) {
            drop(frame, DropReason.TOO_LONG);
            return;
        }
        egress.add(frame);
        if (egress.remaining() == 0) {
            send();
        }
    }

    /** Does what a frame still needs and the port's transport does not do. */
    private void addPending(Frame frame) {
        int gsoType = frame.gsoType();
        if (gsoType != 0) {
            if (!offloads.segments(gsoType)) {
                addSegments(frame);
                return;
            }
            if (frame.length() > maxFrameLength) {
                drop(frame, DropReason.TOO_LONG);
                return;
            }
        } else if (!offloads.checksum()) {
            ChecksumCompletion.complete(frame);
        }
        addFinished(frame);
    }

    private void addSegments(Frame superFrame) {
        segmenter.begin(superFrame);
        counters.segmented(segmenter.remaining());
        for (Frame segment = segmenter.next(); segment != null; segment = segmenter.next()) {
            addFinished(segment);
        }
        if (segmenter.remaining() > 0) {
            counters.dropped(DropReason.COPY_POOL_EMPTY, segmenter.remaining());
        }
        superFrame.release();
    }

    /** Sends what the round has collected. */
    void send() {
        if (egress.isEmpty()) {
            return;
        }
        if (!state.isUp()) {
            dropFrom(0, DropReason.PORT_DOWN);
        } else if (handoff == null) {
            transmit();
        } else {
            for (int i = 0; i < egress.size(); i++) {
                egress.get(i).egress(index);
            }
            dropFrom(handoff.offer(egress), DropReason.TX_QUEUE_FULL);
        }
        egress.clear();
    }

    private void transmit() {
        if (coalescer != null && egress.size() > 1) {
            int gone = coalescer.coalesce(egress);
            if (gone > 0) {
                counters.coalesced(gone);
            }
        }
        if (captures != null) {
            captureSent();
        }
        try {
            port.transmit(egress, counters);
        } catch (RuntimeException | Error e) {
            // Which of the frames it had released nobody knows: what it left in the batch is counted, and lost to the
            // pool.
            counters.dropped(DropReason.TX_ERROR, egress.size());
            state.monitor().failed(e);
        }
    }

    private void captureSent() {
        for (int i = 0; i < egress.size(); i++) {
            for (PortCapture capture : captures) {
                capture.sent(egress.get(i), captureSegmenter);
            }
        }
    }

    private void dropFrom(int first, DropReason reason) {
        for (int i = first; i < egress.size(); i++) {
            drop(egress.get(i), reason);
        }
    }

    /** Counts and releases a frame. */
    void drop(Frame frame, DropReason reason) {
        counters.dropped(reason);
        if (captures != null) {
            for (PortCapture capture : captures) {
                capture.dropped(frame, reason, captureSegmenter);
            }
        }
        frame.release();
    }

    // ---- alarms: not on the way of a frame that is forwarded ----

    /** Storm control dropped a frame. */
    void alarmStorm(DropReason reason, long nowNs) {
        if (storm.isDue(nowNs)) {
            state.monitor().storm(reason);
        }
    }

    /** A station sent that the port does not accept; shuts the port down when its security says so. */
    void alarmViolation(long station, long nowNs) {
        if (rules.settings.security().violation() == PortSecurity.Violation.SHUT_DOWN) {
            shutDown("port security: it does not accept " + MacAddress.format(FdbKey.mac(station)));
        }
        if (violation.isDue(nowNs)) {
            state.monitor().violation(FdbKey.vlan(station), FdbKey.mac(station));
        }
    }

    /** Shuts the port down. */
    void shutDown(String reason) {
        if (state.setShutDown(reason)) {
            state.monitor().shutDown(reason);
        }
    }

    /** Something that is told at most once in an interval. */
    private static final class Alarm {
        private boolean told;
        private long lastNs;

        boolean isDue(long nowNs) {
            if (told && nowNs - lastNs < ALARM_INTERVAL_NS) {
                return false;
            }
            told = true;
            lastNs = nowNs;
            return true;
        }
    }

    @Override
    public String toString() {
        return port.name();
    }
}
