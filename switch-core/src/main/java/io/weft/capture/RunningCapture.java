package io.weft.capture;

import java.util.HashMap;
import java.util.Map;

/**
 * A capture at work: its file, and the part of each port that is there.
 *
 * <p>Threads: one at a time, by the datapath's lock.
 */
public final class RunningCapture {
    private final Capture capture;
    private final CaptureFile file;
    private final Map<String, PortCapture> parts = new HashMap<>();

    /** Begins with no port. */
    public RunningCapture(Capture capture, CaptureFile file) {
        this.capture = capture;
        this.file = file;
    }

    /** What is recorded of a port; {@code null} for nothing. */
    public PortCapture of(String port) {
        if (!capture.selects(port)) {
            return null;
        }
        return parts.computeIfAbsent(
                port,
                name -> new PortCapture(
                        file,
                        file.addInterface(name, capture.snapLength()),
                        capture.points(),
                        capture.snapLength(),
                        capture.isSegmented()));
    }

    /** A port has left; another one of its name becomes an interface of its own. */
    public void forget(String port) {
        parts.remove(port);
    }
}
