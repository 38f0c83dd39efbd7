package io.weft.offload;

import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import io.weft.port.Offload;
import java.util.Set;

/**
 * Merges runs of TCP segments and UDP datagrams into super-frames, just before a port that takes those gets a batch: what
 * Linux calls GRO. A TAP is then written to once for up to 64 frames.
 *
 * <p>The frames on the wire stay what they were: cut into segments again, a super-frame gives its frames back, byte for
 * byte. So two frames are merged only if all that a segmenter copies from the first header is the same in both (MAC
 * addresses, tags, IP header, TCP header with options), if what it counts up is one step further (IPv4 id, sequence
 * number), if both have the same length or the second is shorter and the last, and if their checksums are right. A frame
 * with a wrong one passes by unmerged, for its receiver to judge.
 *
 * <p>Frames of a flow never change places. A super-frame stands where its first segment stood, so that it may overtake
 * frames of other flows. Nothing is kept from one batch to the next.
 *
 * <p>Threads: confined, to the owner of the pool.
 */
public final class Coalescer {
    /** Flows that are merged at the same time; of more than that, the one whose run began first makes room. */
    static final int OPEN_RUNS = 8;

    private final FramePool pool;
    private final int maxFrameLength;
    private final TransportSegment segment;
    private final SegmentRun[] runs = new SegmentRun[OPEN_RUNS];
    private int open; // runs before this index
    private boolean poolIsDry; // found so during this batch

    /** A coalescer in front of a port for frames of any length. */
    public Coalescer(FramePool pool, Set<Offload> offloads) {
        this(pool, offloads, Frame.MAX_LENGTH);
    }

    /**
     * A coalescer in front of one port.
     *
     * @param pool gives the large slots that super-frames need; owned by the calling thread whenever it coalesces
     * @param offloads what the port does itself: TCP over IPv4 is merged for {@link Offload#TSO4}, over IPv6 for
     *     {@link Offload#TSO6}, UDP for {@link Offload#USO}, and nothing without {@link Offload#CHECKSUM}
     * @param maxFrameLength the longest frame the port takes, in bytes from the destination address on, which a super-frame
     *     does not exceed
     */
    public Coalescer(FramePool pool, Set<Offload> offloads, int maxFrameLength) {
        this.pool = pool;
        this.maxFrameLength = maxFrameLength;
        segment = new TransportSegment(offloads);
        for (int i = 0; i < OPEN_RUNS; i++) {
            runs[i] = new SegmentRun();
        }
    }

    /**
     * Merges what can be merged. Frames whose bytes have moved into another one are released; the others stay in their
     * order. When the pool has no large slot, frames stay unmerged.
     *
     * @param frames rewritten in place; still the caller's
     * @return how many frames the batch has lost, to be counted as coalesced
     */
    public int coalesce(FrameBatch frames) {
        int size = frames.size();
        if (size < 2 || !segment.acceptsAny()) {
            return 0;
        }
        poolIsDry = false;
        int kept = 0;
        for (int i = 0; i < size; i++) {
            Frame frame = frames.get(i);
            if (merge(frame, frames, kept)) {
                frame.release();
            } else {
                frames.replace(kept++, frame);
            }
        }
        while (open > 0) {
            close(open - 1);
        }
        frames.truncate(kept);
        return size - kept;
    }

    /** Whether the frame is now part of another one; if not, it will be at {@code slot}. */
    private boolean merge(Frame frame, FrameBatch frames, int slot) {
        switch (segment.read(frame, open > 0)) {
            case TransportSegment.BETWEEN_HOSTS -> closeBetweenHosts();
            case TransportSegment.SINGLE -> {
                int index = indexOfRun();
                if (index >= 0) {
                    close(index);
                }
            }
            case TransportSegment.MERGEABLE -> {
                int index = indexOfRun();
                return index < 0 ? begin(frame, slot) : mergeInto(index, frame, frames, slot);
            }
            default -> {} // nothing that it could get before
        }
        return false;
    }

    private boolean mergeInto(int index, Frame frame, FrameBatch frames, int slot) {
        SegmentRun run = runs[index];
        switch (run.add(frame, segment, maxFrameLength, frames, pool, poolIsDry)) {
            case SegmentRun.ADDED -> {
                if (run.isEnded()) {
                    close(index);
                }
                return true;
            }
            case SegmentRun.UNSUITED -> {
                close(index);
                return begin(frame, slot);
            }
            case SegmentRun.ROOMLESS -> poolIsDry = true;
            default -> {} // a wrong checksum
        }
        close(index);
        return false;
    }

    private boolean begin(Frame frame, int slot) {
        if (SegmentRun.canBegin(frame, segment)) {
            if (open == OPEN_RUNS) {
                close(indexOfOldest());
            }
            runs[open++].begin(frame, segment, slot);
        }
        return false;
    }

    private int indexOfRun() {
        for (int i = 0; i < open; i++) {
            if (runs[i].flow == segment.flow) {
                return i;
            }
        }
        return -1;
    }

    private int indexOfOldest() {
        int oldest = 0;
        for (int i = 1; i < open; i++) {
            if (runs[i].slot < runs[oldest].slot) {
                oldest = i;
            }
        }
        return oldest;
    }

    private void closeBetweenHosts() {
        for (int i = open - 1; i >= 0; i--) {
            if (runs[i].hosts == segment.hosts) {
                close(i);
            }
        }
    }

    private void close(int index) {
        SegmentRun run = runs[index];
        run.finish();
        open--;
        runs[index] = runs[open];
        runs[open] = run;
    }
}
