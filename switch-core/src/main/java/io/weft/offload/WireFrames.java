package io.weft.offload;

import io.weft.frame.Frame;

/**
 * What a frame counts for on the wire: a super-frame stands for several, each with its own copy of the headers.
 *
 * <p>Contract: a frame with a GSO type passed {@link OffloadCheck#isSound} when it was received.
 *
 * <p>Threads: stateless; the caller owns the frame.
 */
public final class WireFrames {
    private WireFrames() {}

    /** Frames on the wire: the segments of a super-frame, 1 for any other. */
    public static int count(Frame frame) {
        return frame.gsoType() == 0 ? 1 : segments(frame);
    }

    /** Bytes of all those frames, from the destination address on, without FCS; the frame's length when it is one. */
    public static long bytes(Frame frame) {
        return frame.gsoType() == 0 ? frame.length() : frame.length() + (segments(frame) - 1L) * frame.headerLength();
    }

    private static int segments(Frame superFrame) {
        int gsoSize = superFrame.gsoSize();
        return (superFrame.length() - superFrame.headerLength() + gsoSize - 1) / gsoSize;
    }
}
