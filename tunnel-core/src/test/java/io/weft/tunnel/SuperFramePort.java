package io.weft.tunnel;

import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.offload.VirtioFrame;
import io.weft.offload.WireFrames;
import io.weft.port.DropReason;
import io.weft.port.Offload;
import io.weft.port.Port;
import io.weft.port.PortCapabilities;
import io.weft.port.PortContext;
import io.weft.port.PortCounters;
import io.weft.port.PortDriver;
import io.weft.port.PortException;
import io.weft.port.PortHandle;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/**
 * A port that a TAP with all offloads stands behind: what it is given comes in with metadata, and what it sends is kept.
 *
 * <p>Threads: confined to the test's.
 */
public final class SuperFramePort implements Port, PortDriver {
    private final String name;
    private final Queue<VirtioFrame> arriving = new ArrayDeque<>();
    private final List<VirtioFrame> sent = new ArrayList<>();
    private final List<Frame> held = new ArrayList<>();
    private boolean holding;
    private PortContext context;
    private PortHandle handle;

    /** One of this name. */
    public SuperFramePort(String name) {
        this.name = name;
    }

    /** Lets a frame come in, in the next poll. */
    public void send(VirtioFrame frame) {
        arriving.add(frame);
        context.wakeup();
    }

    /** What was sent since the last call. */
    public List<VirtioFrame> take() {
        List<VirtioFrame> taken = List.copyOf(sent);
        sent.clear();
        return taken;
    }

    /** From now on frames are not given back to their pool, as by a port that queues them. */
    public void hold() {
        holding = true;
    }

    /** Gives them back. */
    public void letGo() {
        holding = false;
        held.forEach(Frame::release);
        held.clear();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public PortCapabilities capabilities() {
        return PortCapabilities.ofMaxFrameLength(Frame.MAX_LENGTH)
                .withConcurrentTransmit()
                .withOffloads(Offload.values());
    }

    @Override
    public void open(PortContext newContext) throws PortException {
        context = newContext;
        handle = newContext.addPort(this);
    }

    @Override
    public int poll(FrameBatch into, int limit) {
        int added = 0;
        while (added < limit && !arriving.isEmpty()) {
            VirtioFrame next = arriving.remove();
            Frame frame = context.pool().allocate(next.bytes().length);
            if (frame == null) {
                handle.counters().received(next.bytes().length);
                handle.counters().dropped(DropReason.POOL_EMPTY);
                continue;
            }
            frame.putBytes(0, next.bytes(), 0, next.bytes().length);
            frame.offload(
                    next.flags(),
                    next.gsoType(),
                    next.gsoSize(),
                    next.headerLength(),
                    next.checksumStart(),
                    next.checksumOffset());
            frame.ingress(handle.index());
            into.add(frame);
            added++;
        }
        if (!arriving.isEmpty()) {
            context.wakeup();
        }
        return added;
    }

    @Override
    public void transmit(FrameBatch frames, PortCounters counters) {
        for (int i = 0; i < frames.size(); i++) {
            Frame frame = frames.get(i);
            counters.transmitted(frame.length());
            counters.transmittedSegments(WireFrames.count(frame));
            sent.add(VirtioFrame.of(frame));
        }
        if (holding) {
            for (int i = 0; i < frames.size(); i++) {
                held.add(frames.get(i));
            }
            frames.clear();
        } else {
            frames.release();
        }
    }

    @Override
    public void close() {}

    @Override
    public String toString() {
        return "superframes:" + name;
    }
}
