package io.weft.bridge;

import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.port.DropReason;
import io.weft.port.Port;
import io.weft.port.PortCounters;

/**
 * One port as one worker sees it: its limits, the worker's account of it, and the batch that collects what is to leave by
 * it in this round.
 *
 * <p>Threads: confined to the worker, but for {@link PortState}.
 */
public final class BridgePort {
    final int index;
    final int splitHorizonGroup;
    final PortState state;
    final PortCounters counters;
    boolean touched; // whether it is in EgressBatches' list of this round

    private final Port port;
    private final Handoff handoff;
    private final int maxFrameLength;
    private final FrameBatch egress = new FrameBatch();

    /**
     * A worker's view of a port.
     *
     * @param index the port's index in the switch
     * @param splitHorizonGroup ports of one group, 1 or more, do not exchange frames; 0 for none
     * @param handoff the way to the worker that owns the port, or {@code null} when this worker may transmit itself
     */
    public BridgePort(
            int index, Port port, PortState state, int splitHorizonGroup, PortCounters counters, Handoff handoff) {
        this.index = index;
        this.port = port;
        this.state = state;
        this.splitHorizonGroup = splitHorizonGroup;
        this.counters = counters;
        this.handoff = handoff;
        this.maxFrameLength = port.capabilities().maxFrameLength();
    }

    /** The port's index in the switch. */
    public int index() {
        return index;
    }

    /** This worker's account of the port. */
    public PortCounters counters() {
        return counters;
    }

    /** Adds a frame to the round's batch; takes ownership. */
    void add(Frame frame) {
        if (frame.length() > maxFrameLength) {
            drop(frame, DropReason.TOO_LONG);
        } else if (frame.hasPendingOffload()) {
            drop(frame, DropReason.OFFLOAD_UNSUPPORTED); // no port declares offloads yet
        } else {
            egress.add(frame);
            if (egress.remaining() == 0) {
                send();
            }
        }
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
        try {
            port.transmit(egress, counters);
        } catch (RuntimeException | Error e) {
            // Which of the frames it had released nobody knows: what it left in the batch is counted, and lost to the
            // pool.
            counters.dropped(DropReason.TX_ERROR, egress.size());
            state.failed(e);
        }
    }

    private void dropFrom(int first, DropReason reason) {
        for (int i = first; i < egress.size(); i++) {
            drop(egress.get(i), reason);
        }
    }

    void drop(Frame frame, DropReason reason) {
        counters.dropped(reason);
        frame.release();
    }

    @Override
    public String toString() {
        return port.name();
    }
}
