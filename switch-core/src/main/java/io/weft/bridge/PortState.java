package io.weft.bridge;

import java.security.SecureRandom;

/**
 * Whether a port works, as all workers see it: it must be wanted (administratively up), work (operationally up), and not
 * have been shut down.
 *
 * <p>Threads: any.
 */
public final class PortState {
    private static final SecureRandom SECRETS = new SecureRandom();

    private final PortMonitor monitor;
    private final long probeSecret = SECRETS.nextLong();
    private volatile boolean up = true;
    private boolean adminUp = true;
    private String down = ""; // why it does not work; empty while it does
    private String shutDown = ""; // why the switch shut it down; empty while it has not

    /** A port that is up; its troubles are nobody's business. */
    public PortState() {
        this(PortMonitor.NONE);
    }

    /** A port that is up. */
    public PortState(PortMonitor monitor) {
        this.monitor = monitor;
    }

    /** Whom workers tell about the port. */
    PortMonitor monitor() {
        return monitor;
    }

    /** What the port's loop probes are known by. */
    long probeSecret() {
        return probeSecret;
    }

    /** Whether frames may go in and out. */
    public boolean isUp() {
        return up;
    }

    /** Why not; empty while the port is up. */
    public synchronized String downReason() {
        if (!adminUp) {
            return "administratively down";
        }
        return shutDown.isEmpty() ? down : shutDown;
    }

    /** The port works. Returns whether it is up now and was not before. */
    public synchronized boolean setUp() {
        down = "";
        return update();
    }

    /** The port does not work for the time being, or has left the switch. Returns whether it was up before. */
    public synchronized boolean setDown(String reason) {
        down = reason;
        return update();
    }

    /** Somebody wants the port up or down. Returns whether that changes anything. */
    public synchronized boolean setAdminUp(boolean wanted) {
        adminUp = wanted;
        return update();
    }

    /**
     * The switch shuts the port down until somebody clears that.
     *
     * @param reason empty to clear
     * @return whether that changes anything
     */
    public synchronized boolean setShutDown(String reason) {
        shutDown = reason;
        return update();
    }

    private boolean update() {
        boolean was = up;
        up = adminUp && down.isEmpty() && shutDown.isEmpty();
        return was != up;
    }
}
