package io.weft.bridge;

import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import io.weft.offload.Segmenter;
import io.weft.offload.WireFrames;
import io.weft.port.DropReason;
import io.weft.port.PortCounters;
import java.util.Arrays;

/**
 * One worker's ports, and what is to leave by each of them in this round: every touched port is sent to once, with all its
 * frames, when the round ends (or when its batch is full).
 *
 * <p>Threads: confined to the worker. Ports are attached and detached by commands that the worker runs itself, so that the
 * forwarding path reads plain fields.
 */
public final class EgressBatches {
    private final FramePool pool;
    private final Segmenter segmenter;
    private final Segmenter captureSegmenter;
    private final PortCounters orphans;
    private BridgePort[] byIndex = new BridgePort[16];
    private BridgePort[] attached = new BridgePort[0];
    private BridgePort[] touched = new BridgePort[0];
    private int touchedCount;
    private int receivers; // attached ports that see what comes in by them first

    /**
     * No ports yet.
     *
     * @param pool the worker's, for copies
     * @param orphans account of frames whose port has left the switch
     */
    public EgressBatches(FramePool pool, PortCounters orphans) {
        this.pool = pool;
        this.segmenter = new Segmenter(pool);
        this.captureSegmenter = new Segmenter(pool);
        this.orphans = orphans;
    }

    /** Adds a port. */
    public void attach(BridgePort port) {
        if (port.index >= byIndex.length) {
            byIndex = Arrays.copyOf(byIndex, Math.max(port.index + 1, 2 * byIndex.length));
        }
        byIndex[port.index] = port;
        port.attached(pool, segmenter, captureSegmenter);
        attached = Arrays.copyOf(attached, attached.length + 1);
        attached[attached.length - 1] = port;
        touched = Arrays.copyOf(touched, attached.length);
        receivers += port.receiver == null ? 0 : 1;
    }

    /** Removes a port, sending what it has collected first. */
    public void detach(int index) {
        BridgePort port = port(index);
        if (port != null) {
            flush();
            byIndex[index] = null;
            receivers -= port.receiver == null ? 0 : 1;
            attached = Arrays.stream(attached).filter(other -> other != port).toArray(BridgePort[]::new);
        }
    }

    /** The port with this index, or {@code null}. */
    public BridgePort port(int index) {
        return index >= 0 && index < byIndex.length ? byIndex[index] : null;
    }

    /** Shows frames that came in to those ports that want to see theirs first; what they keep or drop leaves the batch. */
    public void receive(FrameBatch received) {
        if (receivers == 0) {
            return;
        }
        int left = 0;
        for (int i = 0; i < received.size(); i++) {
            Frame frame = received.get(i);
            BridgePort in = port(frame.ingress());
            if (in == null || in.receiver == null || in.receives(frame)) {
                received.replace(left++, frame);
            }
        }
        received.truncate(left);
    }

    /** All ports, in the order they came; not to be changed. */
    BridgePort[] attached() {
        return attached;
    }

    /** Adds a frame to a port's batch; takes ownership. */
    public void add(BridgePort port, Frame frame) {
        if (!port.touched) {
            port.touched = true;
            touched[touchedCount++] = port;
        }
        port.add(frame);
    }

    /** A copy of a frame for a port to send; {@code null} when the pool is dry, which is counted as the port's drop. */
    Frame copyFor(BridgePort port, Frame frame) {
        Frame copy = pool.copy(frame);
        if (copy == null) {
            port.counters.dropped(DropReason.COPY_POOL_EMPTY);
        }
        return copy;
    }

    /** Sends a loop probe by a port that is up; a frame of the switch's own counts as a copy. */
    public void sendProbe(int index, long switchId) {
        BridgePort port = port(index);
        if (port == null || !port.state.isUp()) {
            return;
        }
        port.counters.copied(1);
        Frame probe = pool.allocate(LoopProbe.LENGTH);
        if (probe == null) {
            port.counters.dropped(DropReason.COPY_POOL_EMPTY);
        } else {
            LoopProbe.write(probe, switchId, index, port.state.probeSecret());
            add(port, probe);
        }
    }

    /** Counts and releases a frame that was received by a port no longer attached. */
    void dropOrphan(Frame frame) {
        orphans.received(frame.length());
        orphans.receivedSegments(WireFrames.count(frame));
        orphans.dropped(DropReason.RX_PORT_DOWN);
        frame.release();
    }

    /** Sends a frame handed over by another worker by the port it is stamped with; takes ownership. */
    public void addHandedOver(Frame frame) {
        BridgePort port = port(frame.egress());
        if (port == null) {
            orphans.dropped(DropReason.PORT_DOWN);
            frame.release();
        } else {
            add(port, frame);
        }
    }

    /** Ends the round: sends every touched port its batch. */
    public void flush() {
        for (int i = 0; i < touchedCount; i++) {
            BridgePort port = touched[i];
            touched[i] = null;
            port.touched = false;
            port.send();
        }
        touchedCount = 0;
    }
}
