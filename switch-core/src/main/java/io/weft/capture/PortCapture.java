package io.weft.capture;

import io.weft.capture.PcapngWriter.Direction;
import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.port.DropReason;
import java.util.Set;

/**
 * What of a port is recorded into a {@link CaptureFile}.
 *
 * <p>Threads: as {@link CaptureFile#record}.
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
    private final boolean rx;
    private final boolean tx;
    private final boolean drop;

    /**
     * A part of a file.
     *
     * @param interfaceNumber from {@link CaptureFile#addInterface}
     * @param snapLength bytes of a frame that are kept at most
     */
    public PortCapture(CaptureFile file, int interfaceNumber, Set<Point> points, int snapLength) {
        this.file = file;
        this.interfaceNumber = interfaceNumber;
        this.snapLength = snapLength;
        rx = points.contains(Point.RX);
        tx = points.contains(Point.TX);
        drop = points.contains(Point.DROP);
    }

    /** The port received a frame; borrows it. */
    public void received(Frame frame, FramePool pool) {
        if (rx) {
            file.record(frame, interfaceNumber, Direction.INBOUND, null, snapLength, pool);
        }
    }

    /** The port is to send a frame; borrows it. */
    public void sent(Frame frame, FramePool pool) {
        if (tx) {
            file.record(frame, interfaceNumber, Direction.OUTBOUND, null, snapLength, pool);
        }
    }

    /** A mirror saw a frame; borrows it. */
    public void mirrored(Frame frame, Direction direction, FramePool pool) {
        file.record(frame, interfaceNumber, direction, null, snapLength, pool);
    }

    /** A frame is dropped; borrows it. */
    public void dropped(Frame frame, DropReason reason, FramePool pool) {
        if (drop) {
            Direction direction = reason.stage() == DropReason.Stage.INGRESS ? Direction.INBOUND : Direction.OUTBOUND;
            file.record(frame, interfaceNumber, direction, reason, snapLength, pool);
        }
    }
}
