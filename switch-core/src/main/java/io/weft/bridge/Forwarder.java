package io.weft.bridge;

import io.weft.frame.FrameBatch;

/** Decides where received frames go. Threads: confined; each worker has its own. */
public interface Forwarder {
    /**
     * Sends every frame of {@code received} on its way and leaves the batch empty.
     *
     * @param received frames stamped with their ingress port; takes ownership
     * @param egress the calling worker's ports
     * @param nowNs monotonic time, read once for the round
     */
    void forward(FrameBatch received, EgressBatches egress, long nowNs);

    /** Takes other rules, where it has any. Run as the worker's command. */
    default void configure(BridgeRules rules) {}
}
