package io.weft;

import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.offload.OffloadCheck;
import io.weft.offload.WireFrames;
import io.weft.port.DropReason;
import io.weft.port.Port;
import io.weft.port.PortCapabilities;
import io.weft.port.PortContext;
import io.weft.port.PortCounters;
import io.weft.port.PortDriver;
import io.weft.port.PortException;
import io.weft.port.PortHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/**
 * A port that has the offloads a test gives it: receives frames with metadata as a TAP does, and keeps what it is given to
 * send, batch by batch.
 *
 * <p>Threads: {@link #send} by any; the rest of the test's side when the switch is at rest.
 */
final class OffloadPort implements Port, PortDriver {
    private final String name;
    private final PortCapabilities capabilities;
    private final Queue<OffloadedFrame> arriving = new ConcurrentLinkedQueue<>();
    private final List<List<OffloadedFrame>> sent = new ArrayList<>();
    private final List<Frame> held = new ArrayList<>();
    private boolean holding;
    private Consumer<OffloadedFrame> receiver; // null: what is sent is kept
    private volatile PortContext context;
    private volatile PortHandle handle;

    OffloadPort(String name, PortCapabilities capabilities) {
        this.name = name;
        this.capabilities = capabilities;
    }

    /** Gives what the switch sends to somebody instead of keeping it. */
    OffloadPort onFrame(Consumer<OffloadedFrame> newReceiver) {
        receiver = newReceiver;
        return this;
    }

    // ---- the test's side ----

    /** Lets a frame come in, in the next poll. */
    void send(OffloadedFrame frame) {
        arriving.add(frame);
        context.wakeup();
    }

    /** What the switch has sent since the last call. */
    List<OffloadedFrame> take() {
        List<OffloadedFrame> all = sent.stream().flatMap(List::stream).toList();
        sent.clear();
        return all;
    }

    /** The same, as it was given: in batches. */
    List<List<OffloadedFrame>> takeBatches() {
        List<List<OffloadedFrame>> all = List.copyOf(sent);
        sent.clear();
        return all;
    }

    /** What the switch has sent since the last call, as frames of the wire. */
    List<byte[]> takeFromWire() {
        return take().stream().flatMap(frame -> frame.onTheWire().stream()).toList();
    }

    /** From now on frames are not given back to their pool, as by a port that queues them. */
    void hold() {
        holding = true;
    }

    /** Gives all frames back. */
    void letGo() {
        holding = false;
        held.forEach(Frame::release);
        held.clear();
    }

    void down(String reason) {
        handle.down(reason);
    }

    /** Frames of its worker's pool that are in use. */
    int framesInUse() {
        return context.pool().inUse();
    }

    /** Whether nothing is left that was sent in. */
    boolean isIdle() {
        return arriving.isEmpty();
    }

    // ---- the switch's side ----

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
        context = newContext;
        handle = newContext.addPort(this);
    }

    @Override
    public int poll(FrameBatch into, int limit) {
        int added = 0;
        while (added < limit) {
            OffloadedFrame next = arriving.poll();
            if (next == null) {
                break;
            }
            Frame frame = next.allocate(context.pool());
            if (frame == null) {
                handle.counters().received(next.bytes().length);
                handle.counters().dropped(DropReason.POOL_EMPTY);
            } else if (!OffloadCheck.isSound(frame)) {
                throw new IllegalStateException("not sound: " + next);
            } else {
                frame.ingress(handle.index());
                into.add(frame);
                added++;
            }
        }
        if (!arriving.isEmpty()) {
            context.wakeup();
        }
        return added;
    }

    @Override
    public void transmit(FrameBatch frames, PortCounters counters) {
        List<OffloadedFrame> batch = new ArrayList<>();
        for (int i = 0; i < frames.size(); i++) {
            Frame frame = frames.get(i);
            counters.transmitted(frame.length());
            counters.transmittedSegments(WireFrames.count(frame));
            if (receiver != null) {
                receiver.accept(OffloadedFrame.of(frame));
            } else {
                batch.add(OffloadedFrame.of(frame));
            }
        }
        if (holding) {
            for (int i = 0; i < frames.size(); i++) {
                held.add(frames.get(i));
            }
            frames.clear();
        } else {
            frames.release();
        }
        if (receiver == null) {
            sent.add(batch);
        }
    }

    @Override
    public void close() {}

    @Override
    public String toString() {
        return "offload:" + name;
    }
}
