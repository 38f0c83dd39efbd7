package io.weft.capture;

import io.weft.capture.PcapngWriter.Direction;
import io.weft.frame.Frame;
import io.weft.offload.Segmenter;
import io.weft.port.DropReason;
import java.util.Set;

/**
 * What of a port is recorded into a {@link CaptureFile}.
 *
 * <p>Threads: as {@link CaptureFile#record}; the segmenter is the calling worker's, and used by nothing else meanwhile.
 */
public final class PortCapture {
    /** Where frames are seen. */
    public enum Point {
        /** As the port received them, before anything else. */
        RX,
        /** As they are given to the port to send. */
        TX,
        /** Where they are dropped, with the reason as a comment. Drops inside the port's own driver have no frame left. */
        DROP
    }

    private final CaptureFile file;
    private final int interfaceNumber;
    private final int snapLength;
    private final boolean segmented;
    private final boolean rx;
    private final boolean tx;
    private final boolean drop;

    /**
     * A part of a file.
     *
     * @param interfaceNumber from {@link CaptureFile#addInterface}
     * @param snapLength bytes of a frame that are kept at most
     * @param segmented whether super-frames are recorded as the frames of the wire, and checksums completed
     */
    public PortCapture(CaptureFile file, int interfaceNumber, Set<Point> points, int snapLength, boolean segmented) {
        this.file = file;
        this.interfaceNumber = interfaceNumber;
        this.snapLength = snapLength;
        this.segmented = segmented;
        rx = points.contains(Point.RX);
        tx = points.contains(Point.TX);
        drop = points.contains(Point.DROP);
    }

    /** The port received a frame; borrows it. */
    public void received(Frame frame, Segmenter segmenter) {
        if (rx) {
            record(frame, Direction.INBOUND, null, segmenter);
        }
    }

    /** The port is to send a frame; borrows it. */
    public void sent(Frame frame, Segmenter segmenter) {
        if (tx) {
            record(frame, Direction.OUTBOUND, null, segmenter);
        }
    }

    /** A mirror saw a frame; borrows it. */
    public void mirrored(Frame frame, Direction direction, Segmenter segmenter) {
        record(frame, direction, null, segmenter);
    }

    /** A frame is dropped; borrows it. */
    public void dropped(Frame frame, DropReason reason, Segmenter segmenter) {
        if (drop) {
            Direction direction = reason.stage() == DropReason.Stage.INGRESS ? Direction.INBOUND : Direction.OUTBOUND;
            record(frame, direction, reason, segmenter);
        }
    }

    private void record(Frame frame, Direction direction, DropReason reason, Segmenter segmenter) {
        if (segmented && frame.hasPendingOffload()) {
            recordFinished(frame, direction, reason, segmenter);
        } else {
            file.record(frame, interfaceNumber, direction, reason, snapLength, segmenter.pool());
        }
    }

    private void recordFinished(Frame frame, Direction direction, DropReason reason, Segmenter segmenter) {
        segmenter.beginFinished(frame);
        for (Frame copy = segmenter.next(); copy != null; copy = segmenter.next()) {
            file.record(copy, interfaceNumber, direction, reason, snapLength, segmenter.pool());
            copy.release();
        }
        file.lost(segmenter.remaining());
    }
}
