package io.weft.bridge;

import io.weft.port.DropReason;

/**
 * Told by workers what went wrong at a port. Called in the middle of a batch, at most about once a second for each port and
 * kind: returns at once.
 */
public interface PortMonitor {
    /** Tells nobody. */
    PortMonitor NONE = new PortMonitor() {};

    /** The port threw where it must not. */
    default void failed(Throwable failure) {}

    /** The port was shut down for its own good; it forwards nothing any more. */
    default void shutDown(String reason) {}

    /** Storm control drops frames. */
    default void storm(DropReason storm) {}

    /**
     * A station that the port does not accept sent a frame.
     *
     * @param vlan the frame's
     * @param mac its source
     */
    default void violation(int vlan, long mac) {}
}
