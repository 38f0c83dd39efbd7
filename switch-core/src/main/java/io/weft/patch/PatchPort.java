package io.weft.patch;

import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.port.DropReason;
import io.weft.port.Offload;
import io.weft.port.Port;
import io.weft.port.PortCapabilities;
import io.weft.port.PortContext;
import io.weft.port.PortCounters;
import io.weft.port.PortDriver;
import io.weft.port.PortException;
import io.weft.port.PortHandle;
import java.util.Objects;

/**
 * One end of a link between two switches in the same JVM: what one end transmits, the other receives. What Open vSwitch
 * calls a patch port.
 *
 * <pre>{@code
 * PatchPort.Pair patch = PatchPort.pair("to-b", "to-a");
 * a.add(patch.first());
 * b.add(patch.second());
 * }</pre>
 *
 * <p>The frames themselves change hands; nothing is copied. Up to {@link #QUEUE_CAPACITY} frames wait for the other end's
 * worker, and what does not fit is dropped by the sender as {@link DropReason#TX_QUEUE_FULL}: switches joined in a loop
 * drop, and neither block nor grow.
 *
 * <p>While its peer is in no switch, or an end has said {@link #down}, a port is operationally down and says why. An end
 * that was removed may be added again, to the same switch or to another one, also to the one that has its peer.
 *
 * <p>Threads: {@code transmit} by every worker of its switch, {@code poll} by the one that owns it; {@link #up} and
 * {@link #down} by any.
 */
public final class PatchPort implements Port, PortDriver {
    /** Frames that may wait for the other end: a quarter of what a worker's pool has. */
    public static final int QUEUE_CAPACITY = 1_024;

    private static final PortCapabilities CAPABILITIES = PortCapabilities.ofMaxFrameLength(Frame.MAX_LENGTH)
            .withConcurrentTransmit()
            .withOffloads(Offload.values()); // left to the ports of the other switch

    private final PatchLink link;
    private final PatchLink.End end;
    private final PatchLink.End peer;

    /** The two ends of a link, neither of them in a switch yet. */
    public record Pair(PatchPort first, PatchPort second) {}

    PatchPort(PatchLink link, PatchLink.End end) {
        this.link = link;
        this.end = end;
        this.peer = link.peerOf(end);
    }

    /**
     * A link and its two ends.
     *
     * @param first the name of one end in the switch it will be added to
     * @param second the name of the other; it must differ only if both go into one switch
     */
    public static Pair pair(String first, String second) {
        PatchLink link =
                new PatchLink(Objects.requireNonNull(first, "first"), Objects.requireNonNull(second, "second"));
        return new Pair(new PatchPort(link, link.first()), new PatchPort(link, link.second()));
    }

    /** Takes the link down at this end, and with it the other end. */
    public void down(String reason) {
        link.down(end, Objects.requireNonNull(reason, "reason"));
    }

    /** Undoes {@link #down}: the link works again unless the other end has a reason of its own. */
    public void up() {
        link.up(end);
    }

    @Override
    public String name() {
        return end.name;
    }

    @Override
    public PortCapabilities capabilities() {
        return CAPABILITIES;
    }

    /**
     * Attaches this end.
     *
     * @throws PortException when it is in a switch already
     */
    @Override
    public void open(PortContext context) throws PortException {
        link.claim(end);
        boolean attached = false;
        try {
            PortHandle handle = context.addPort(this);
            link.attach(end, new PatchQueue(context, handle));
            attached = true;
        } finally {
            if (!attached) {
                link.detach(end);
            }
        }
    }

    @Override
    public int poll(FrameBatch into, int limit) {
        PatchQueue queue = end.queue;
        return queue == null ? 0 : queue.poll(into, limit);
    }

    @Override
    public void transmit(FrameBatch frames, PortCounters counters) {
        PatchQueue queue = peer.queue;
        if (queue == null) {
            counters.dropped(DropReason.PORT_DOWN, frames.size());
            frames.release();
        } else {
            queue.offer(frames, counters);
        }
    }

    /** Drops and counts what waits for this end as {@link DropReason#RX_PORT_DOWN}, and takes the other end down. */
    @Override
    public void detached() {
        PatchQueue queue = end.queue;
        link.detach(end);
        if (queue != null) {
            queue.close();
        }
    }

    /** Does nothing: whatever the port had it gave back when it was detached, and it may be opened again. */
    @Override
    public void close() {}

    @Override
    public String toString() {
        return "patch:" + end.name;
    }
}
