package io.weft.offload;

import io.weft.frame.Frame;
import io.weft.frame.FramePool;

/**
 * A frame with offload metadata, as {@link Frame} has it.
 *
 * @param bytes the frame, from the destination address on
 */
public record VirtioFrame(
        byte[] bytes, int flags, int gsoType, int gsoSize, int headerLength, int checksumStart, int checksumOffset) {

    /** What a frame of the switch carries; borrows it for the call. */
    public static VirtioFrame of(Frame frame) {
        return new VirtioFrame(
                frame.toByteArray(),
                frame.offloadFlags(),
                frame.gsoType(),
                frame.gsoSize(),
                frame.headerLength(),
                frame.checksumStart(),
                frame.checksumOffset());
    }

    /** A frame without metadata. */
    public static VirtioFrame plain(byte[] bytes) {
        return new VirtioFrame(bytes, 0, 0, 0, 0, 0, 0);
    }

    /**
     * A frame of the switch that carries it, owned by the caller. It ends where its slot does, so that who reads or writes
     * behind its end does not do so unnoticed.
     */
    public Frame in(FramePool pool) {
        boolean small = bytes.length <= FramePool.SMALL_LENGTH;
        Frame frame = pool.allocate(small ? FramePool.SMALL_LENGTH : Frame.MAX_LENGTH);
        frame.length(frame.capacity());
        frame.consume(frame.length() - bytes.length);
        return fill(frame);
    }

    /** The same where a driver would have put it, with room behind it. */
    public Frame received(FramePool pool) {
        return fill(pool.allocate(bytes.length));
    }

    private Frame fill(Frame frame) {
        frame.putBytes(0, bytes, 0, bytes.length);
        frame.offload(flags, gsoType, gsoSize, headerLength, checksumStart, checksumOffset);
        return frame;
    }

    @Override
    public String toString() {
        return bytes.length + " bytes, flags " + flags + ", GSO type " + gsoType + ", size " + gsoSize + ", headers "
                + headerLength + ", checksum at " + checksumStart + " + " + checksumOffset;
    }
}
