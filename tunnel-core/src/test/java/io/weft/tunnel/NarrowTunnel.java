package io.weft.tunnel;

import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
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
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A tunnel without anything outside: what goes into its one end, {@code near}, comes out at the other, {@code far}, and back,
 * if it fits; if not, its sender is told.
 *
 * <p>Threads: those of a driver; the counts are for any.
 */
final class NarrowTunnel implements PortDriver {
    /** Frames whose sender was told. */
    final AtomicInteger answered = new AtomicInteger();

    /** SYNs that were changed. */
    final AtomicInteger clamped = new AtomicInteger();

    private final int mtu;
    private final boolean clamps;
    private final Queue<Frame> arriving = new ArrayDeque<>();
    private PortContext context;

    NarrowTunnel(int mtu, boolean clamps) {
        this.mtu = mtu;
        this.clamps = clamps;
    }

    /** One end of it. */
    private final class End implements Port {
        private final String name;
        private PortHandle handle;
        private End peer;

        End(String name) {
            this.name = name;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public PortCapabilities capabilities() {
            return PortCapabilities.ofMaxFrameLength(Frame.MAX_LENGTH).withOffloads(Offload.values());
        }

        @Override
        public void transmit(FrameBatch frames, PortCounters counters) {
            for (int i = 0; i < frames.size(); i++) {
                transmit(frames.get(i), counters);
            }
            frames.clear();
            context.wakeup();
        }

        private void transmit(Frame frame, PortCounters counters) {
            if (!PacketTooBig.exceeds(frame, mtu)) {
                if (clamps && MssClamp.clamp(frame, mtu)) {
                    clamped.incrementAndGet();
                }
                counters.transmitted(frame.length());
                counters.transmittedSegments(WireFrames.count(frame));
                frame.ingress(peer.handle.index());
                arriving.add(frame);
                return;
            }
            counters.dropped(DropReason.TOO_LONG);
            if (PacketTooBig.answer(frame, mtu)) {
                answered.incrementAndGet();
                frame.ingress(handle.index());
                arriving.add(frame);
            } else {
                frame.release();
            }
        }
    }

    @Override
    public void open(PortContext newContext) throws PortException {
        context = newContext;
        End near = new End("near");
        End far = new End("far");
        near.peer = far;
        far.peer = near;
        near.handle = newContext.addPort(near);
        far.handle = newContext.addPort(far);
    }

    @Override
    public int poll(FrameBatch into, int limit) {
        int added = 0;
        while (added < limit && !arriving.isEmpty()) {
            into.add(arriving.remove());
            added++;
        }
        return added;
    }

    @Override
    public void close() {
        arriving.forEach(Frame::release);
        arriving.clear();
    }

    @Override
    public String toString() {
        return "narrow";
    }
}
