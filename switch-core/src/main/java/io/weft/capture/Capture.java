package io.weft.capture;

import io.weft.capture.PortCapture.Point;
import io.weft.frame.Frame;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What is recorded into one file: frames of some ports, each an interface of its own there. A port that comes later and is
 * among them is recorded from its first frame on.
 *
 * <pre>{@code
 * TrafficRecord all = lan.capture(Capture.allPorts().points(Point.RX, Point.TX).snapLength(128), path);
 * }</pre>
 *
 * <p>Threads: immutable.
 */
public final class Capture {
    private static final int MIN_SNAP_LENGTH = 14;

    private final Predicate<String> ports;
    private final Set<Point> points;
    private final int snapLength;
    private final boolean segmented;

    private Capture(Predicate<String> ports, Set<Point> points, int snapLength, boolean segmented) {
        this.ports = ports;
        this.points = points;
        this.snapLength = snapLength;
        this.segmented = segmented;
    }

    /** All ports. */
    public static Capture allPorts() {
        return portsWhere(name -> true);
    }

    /** The ports with these names. */
    public static Capture ports(String... names) {
        return portsWhere(Set.of(names)::contains);
    }

    /** The ports whose names match: those of a listener, say. {@code names} is asked when a port comes, by any thread. */
    public static Capture portsWhere(Predicate<String> names) {
        return new Capture(names, EnumSet.allOf(Point.class), Frame.MAX_LENGTH, false);
    }

    /** Where frames are recorded; at first at all points, so that a frame that is dropped is there twice. */
    public Capture points(Point first, Point... more) {
        EnumSet<Point> some = EnumSet.of(first, more);
        return new Capture(ports, some, snapLength, segmented);
    }

    /**
     * Bytes of each frame that are kept at most; at first all.
     *
     * @throws IllegalArgumentException below {@value #MIN_SNAP_LENGTH} or above {@link Frame#MAX_LENGTH}
     */
    public Capture snapLength(int bytes) {
        if (bytes < MIN_SNAP_LENGTH || bytes > Frame.MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "snapLength is " + bytes + "; accepted: " + MIN_SNAP_LENGTH + ".." + Frame.MAX_LENGTH);
        }
        return new Capture(ports, points, bytes, segmented);
    }

    /**
     * Super-frames are recorded as the frames of the wire that they stand for, and checksums completed. When not said, frames
     * are recorded as the switch has them, where a checksum that is still to be completed looks wrong.
     */
    public Capture segmented() {
        return new Capture(ports, points, snapLength, true);
    }

    boolean selects(String port) {
        return ports.test(port);
    }

    Set<Point> points() {
        return points;
    }

    int snapLength() {
        return snapLength;
    }

    boolean isSegmented() {
        return segmented;
    }
}
