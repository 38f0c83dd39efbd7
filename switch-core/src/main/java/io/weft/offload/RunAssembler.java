package io.weft.offload;

import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import io.weft.port.Offload;
import java.util.EnumSet;

/**
 * Makes frames of what a tunnel receives in bursts, and merges runs of TCP segments and UDP datagrams into super-frames while
 * it copies them, so that a burst crosses the bridge as one frame.
 *
 * <pre>
 *   buffer:  | tunnel | inner frame 0 | tunnel | inner frame 1 | tunnel | inner frame 2 |
 *                     |&lt;--- view ----&gt;|        |&lt;--- view ----&gt;|        |&lt;--- view ----&gt;|
 *   batch:   | headers | payload 0 | payload 1 | payload 2 |
 * </pre>
 *
 * <p>What is merged is what a {@link Coalescer} merges, with checksums verified, and gives the same frames when it is cut
 * again; only what has an offload pending stays as it is. One run is open at a time: a burst is nearly always of one flow. So
 * frames never change places at all, not even those of different flows.
 *
 * <p>A merged frame never existed for the switch: the super-frame is what was received, and {@link WireFrames} says for how
 * many frames of the wire it stands.
 *
 * <p>Threads: confined, to the owner of the pool.
 */
public final class RunAssembler {
    private final FramePool pool;
    private final int maxFrameLength;
    private final TransportSegment segment = new TransportSegment(EnumSet.allOf(Offload.class));
    private final SegmentRun run = new SegmentRun();
    private boolean open; // whether the run may get another segment
    private int ingress; // of the run
    private boolean poolIsDry; // found so since the last finish

    /**
     * An assembler for one worker.
     *
     * @param pool where frames come from
     * @param maxFrameLength the longest super-frame to make, in bytes from the destination address on; a frame that is longer
     *     by itself stays as it is
     */
    public RunAssembler(FramePool pool, int maxFrameLength) {
        this.pool = pool;
        this.maxFrameLength = maxFrameLength;
    }

    /**
     * Adds a received frame: as the next segment of the frame that was added to {@code into} last, or as a frame of its own
     * behind it, with the same ingress, endpoint and offload metadata. Segments of different ingress, endpoint or
     * split-horizon group do not merge.
     *
     * @param view the frame; borrowed for the call. It may be a window over a larger buffer, moved there by
     *     {@link Frame#consume} and {@link Frame#length(int)}
     * @param moreFollow whether another frame follows before {@link #finish}, as far as is known: a run begins only with a
     *     frame that another one follows, so that single datagrams are copied without a look at their headers
     * @param into has room for one frame. From the first call to {@link #finish}, the same batch, in which frames stay where
     *     they are; the last one may be unfinished
     * @return false if there was no memory for the frame, which is not in the batch then
     */
    public boolean add(Frame view, boolean moreFollow, FrameBatch into) {
        boolean mergeable = (open || moreFollow)
                && !view.hasPendingOffload()
                && segment.read(view, false) == TransportSegment.MERGEABLE;
        if (open) {
            if (mergeable && view.ingress() == ingress) {
                switch (run.add(view, segment, maxFrameLength, into, pool, poolIsDry)) {
                    case SegmentRun.ADDED -> {
                        if (run.isEnded()) {
                            close();
                        }
                        return true;
                    }
                    case SegmentRun.WRONG -> mergeable = false;
                    case SegmentRun.ROOMLESS -> poolIsDry = true;
                    default -> {} // it may begin another run
                }
            }
            close();
        }
        Frame frame = pool.copy(view);
        if (frame == null) {
            return false;
        }
        if (mergeable && moreFollow && SegmentRun.canBegin(frame, segment)) {
            run.begin(frame, segment, into.size());
            ingress = frame.ingress();
            open = true;
        }
        into.add(frame);
        return true;
    }

    /** Whether the last frame may still get another segment. */
    public boolean isOpen() {
        return open;
    }

    /**
     * Finishes the last frame, so that all that were added are complete.
     *
     * @param into the batch of the calls before
     */
    public void finish(FrameBatch into) {
        if (open) {
            assert into.size() == run.slot + 1 : "the run is not the last of these " + into.size() + " frames";
            close();
        }
        poolIsDry = false;
    }

    private void close() {
        run.finish();
        open = false;
    }
}
