package io.weft.bridge;

/** Whether a port works, as all workers see it. Threads: any. */
public final class PortState {
    private volatile boolean up = true;
    private volatile String downReason = "";

    /** Whether frames may go in and out. */
    public boolean isUp() {
        return up;
    }

    /** Why not; empty while the port is up. */
    public String downReason() {
        return downReason;
    }

    /** The port works. */
    public void setUp() {
        downReason = "";
        up = true;
    }

    /** The port does not work for the time being, or has left the switch. */
    public void setDown(String reason) {
        downReason = reason;
        up = false;
    }
}
