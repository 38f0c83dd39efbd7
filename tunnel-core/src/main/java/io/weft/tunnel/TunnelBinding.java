package io.weft.tunnel;

import io.weft.port.PortCounters;
import io.weft.port.PortHandle;

/**
 * A port at a listener that several share, and the listener's account of it. What tells the ports apart is added by each kind of
 * tunnel.
 *
 * <p>Threads: immutable; the account is written by the listener's worker only.
 */
public class TunnelBinding {
    private final TunnelPort port;
    private final int index;
    private final PortCounters counters;
    private final boolean alone;

    /**
     * Binds a port.
     *
     * @param handle its place in the switch
     * @param alone whether the port receives by no other listener, so that one worker alone keeps its remote ends' accounts
     */
    public TunnelBinding(TunnelPort port, PortHandle handle, boolean alone) {
        this.port = port;
        this.index = handle.index();
        this.counters = handle.openCounters();
        this.alone = alone;
    }

    /** The port. */
    public TunnelPort port() {
        return port;
    }

    /** What its frames are stamped with. */
    final int index() {
        return index;
    }

    final boolean isAlone() {
        return alone;
    }

    final PortCounters counters() {
        return counters;
    }

    @Override
    public String toString() {
        return port.toString();
    }
}
