package io.weft.bridge;

import java.util.function.Consumer;

/** Whether a port works, as all workers see it. Threads: any. */
public final class PortState {
    private final Consumer<Throwable> onFailure;
    private volatile boolean up = true;
    private volatile String downReason = "";

    /** A port that is up; its failures are nobody's business. */
    public PortState() {
        this(failure -> {});
    }

    /**
     * A port that is up.
     *
     * @param onFailure told what {@code transmit} threw, by the worker that called it
     */
    public PortState(Consumer<Throwable> onFailure) {
        this.onFailure = onFailure;
    }

    /** The port threw where it must not. */
    void failed(Throwable failure) {
        onFailure.accept(failure);
    }

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
