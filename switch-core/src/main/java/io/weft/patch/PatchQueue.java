package io.weft.patch;

import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.frame.MpscFrameRing;
import io.weft.offload.WireFrames;
import io.weft.port.DropReason;
import io.weft.port.PortContext;
import io.weft.port.PortCounters;
import io.weft.port.PortHandle;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The frames that wait for one end of a patch link, for as long as that end is in a switch.
 *
 * <p>A frame that was taken is counted as transmitted by the switch it left and will be counted as received by the one it
 * enters, also when the end leaves with the frame still waiting. Frames go home to the pools of the switch they came from,
 * wherever they are released, and also when that switch was closed meanwhile.
 *
 * <p>Threads: {@link #offer} by all workers of the sending switch; {@link #poll} and {@link #close} by the worker that owns
 * the receiving end.
 */
final class PatchQueue {
    private final MpscFrameRing ring = new MpscFrameRing(PatchPort.QUEUE_CAPACITY);
    private final FrameBatch taken = new FrameBatch();
    private final PortContext context;
    private final PortHandle handle;
    private final PortCounters discarded; // written by one thread at a time, see discard()
    private final AtomicInteger discards = new AtomicInteger();
    private volatile boolean closed;

    PatchQueue(PortContext context, PortHandle handle) {
        this.context = context;
        this.handle = handle;
        this.discarded = handle.openCounters();
    }

    /** The receiving end in its switch. */
    PortHandle handle() {
        return handle;
    }

    /**
     * Hands frames over; takes ownership and leaves the batch empty.
     *
     * @param counters the sending worker's account of the sending end
     */
    void offer(FrameBatch frames, PortCounters counters) {
        int size = frames.size();
        long bytes = 0;
        int segments = 0; // more than frames
        for (int i = 0; i < size; i++) { // before the offer, after which somebody else may be using the frame
            bytes += frames.get(i).length();
            segments += WireFrames.count(frames.get(i)) - 1;
        }
        int accepted = ring.offer(frames, 0);
        for (int i = accepted; i < size; i++) {
            bytes -= frames.get(i).length();
            segments -= WireFrames.count(frames.get(i)) - 1;
            frames.get(i).release();
        }
        if (accepted > 0) {
            counters.transmitted(accepted, bytes);
            counters.transmittedSegments(1 + segments);
        }
        if (accepted < size) {
            counters.dropped(DropReason.TX_QUEUE_FULL, size - accepted);
        }
        frames.clear();
        context.wakeup();
        VarHandle.fullFence(); // partner: the fence in close(). Either it sees our frames, or we see that it closed
        if (closed) {
            discard();
        }
    }

    /** Adds waiting frames, stamped as received by this end. */
    int poll(FrameBatch into, int limit) {
        int added = 0;
        while (added < limit) {
            int count = ring.drain(taken, limit - added);
            if (count == 0) {
                break;
            }
            for (int i = 0; i < count; i++) {
                Frame frame = withHeadroom(taken.get(i));
                if (frame != null) {
                    frame.ingress(handle.index());
                    frame.endpoint(0); // meant an endpoint in the switch that the frame has left
                    frame.splitHorizonGroup(0); // and this a group there
                    into.add(frame);
                    added++;
                }
            }
            taken.clear();
        }
        return added;
    }

    /**
     * Gives a frame the headroom of a newly received one: a tag that was pushed has used some, and in a loop of switches
     * tags would be pushed until there is none. Returns {@code null} when that takes a copy and the pool is dry.
     */
    private Frame withHeadroom(Frame frame) {
        int missing = Frame.HEADROOM - frame.headroom();
        if (missing <= 0) {
            return frame;
        }
        int length = frame.length();
        if (missing + length <= frame.capacity()) {
            frame.putBytes(missing, frame.bytes(), frame.headroom(), length); // may overlap: as if copied aside first
            frame.length(missing + length);
            frame.consume(missing);
            return frame;
        }
        Frame copy = context.pool().copy(frame);
        if (copy == null) {
            handle.counters().received(length);
            handle.counters().receivedSegments(WireFrames.count(frame));
            handle.counters().dropped(DropReason.POOL_EMPTY);
        }
        frame.release();
        return copy;
    }

    /** The end leaves: drops and counts what waits, and what senders that had looked before will still bring. */
    void close() {
        closed = true;
        VarHandle.fullFence(); // partner: the fence in offer()
        discard();
    }

    /**
     * Empties the ring as its only consumer. Whoever comes while another does so leaves it the work, so that nobody waits:
     * the count says that there may be more.
     */
    private void discard() {
        if (discards.getAndIncrement() != 0) {
            return;
        }
        int seen = 1;
        do {
            while (ring.drain(taken, taken.remaining()) > 0) {
                for (int i = 0; i < taken.size(); i++) {
                    discarded.received(taken.get(i).length());
                    discarded.receivedSegments(WireFrames.count(taken.get(i)));
                }
                discarded.dropped(DropReason.RX_PORT_DOWN, taken.size());
                taken.release();
            }
            seen = discards.addAndGet(-seen);
        } while (seen != 0);
    }
}
