package io.weft.bridge;

import io.weft.capture.PortCapture;
import io.weft.fdb.FdbKey;
import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import io.weft.frame.MacAddress;
import io.weft.port.DropReason;
import io.weft.port.Port;
import io.weft.port.PortCounters;

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
    boolean touched; // whether it is in EgressBatches' list of this round

    private final Port port;
    private final Handoff handoff;
    private final int maxFrameLength;
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
        this.state = state;
        this.counters = counters;
        this.handoff = handoff;
        this.maxFrameLength = port.capabilities().maxFrameLength();
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

    /** Counts a frame that came in. */
    void received(Frame frame) {
        counters.received(frame.length());
        captureReceived(frame);
    }

    void captureReceived(Frame frame) {
        if (captures != null) {
            for (PortCapture capture : captures) {
                capture.received(frame, pool);
            }
        }
    }

    /** Adds a frame to the round's batch; takes ownership. */
    void add(Frame frame) {
        DropReason refusal = refusal(frame);
        if (refusal != null) {
            drop(frame, refusal);
        } else {
            egress.add(frame);
            if (egress.remaining() == 0) {
                send();
            }
        }
    }

    /** Why the port cannot send a frame, or {@code null}. */
    DropReason refusal(Frame frame) {
        if (frame.length() > maxFrameLength) {
            return DropReason.TOO_LONG;
        }
        return frame.hasPendingOffload() ? DropReason.OFFLOAD_UNSUPPORTED : null; // no port declares offloads yet
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
                capture.sent(egress.get(i), pool);
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
                capture.dropped(frame, reason, pool);
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
