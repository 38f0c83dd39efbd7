package io.weft.offload;

import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import java.util.ArrayList;
import java.util.List;

/** The ordinary frames that stand for any frame on the wire. */
public final class Segments {
    private Segments() {}

    /** Its segments, the frame with its checksum completed, or the frame as it is. Borrows the frame for the call. */
    public static List<byte[]> of(Frame frame, FramePool pool) {
        List<byte[]> frames = new ArrayList<>();
        if (frame.gsoType() == 0) {
            Frame copy = pool.copy(frame);
            ChecksumCompletion.complete(copy);
            add(copy, frames);
            return frames;
        }
        Segmenter segmenter = new Segmenter(pool);
        segmenter.begin(frame);
        for (int left = segmenter.remaining(); left > 0; left--) {
            if (segmenter.remaining() != left) {
                throw new AssertionError(segmenter.remaining() + " segments left, not " + left);
            }
            add(segmenter.next(), frames);
        }
        if (segmenter.remaining() != 0 || segmenter.next() != null) {
            throw new AssertionError("more segments than there were to be");
        }
        return frames;
    }

    private static void add(Frame frame, List<byte[]> frames) {
        if (frame.hasPendingOffload()) {
            throw new AssertionError("left to do: " + VirtioFrame.of(frame));
        }
        frames.add(frame.toByteArray());
        frame.release();
    }
}
