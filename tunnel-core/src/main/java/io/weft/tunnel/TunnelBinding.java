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
    private final long[] keys;

    /**
     * Binds a port.
     *
     * @param handle its place in the switch
     * @param keys under which it is found in the listener's {@link BindingTable}
     * @param alone whether the port receives by no other listener, so that one worker alone keeps its remote ends' accounts
     */
    public TunnelBinding(TunnelPort port, PortHandle handle, long[] keys, boolean alone) {
        this.port = port;
        this.index = handle.index();
        this.counters = handle.openCounters();
        this.alone = alone;
        this.keys = keys.clone();
    }

    /** The port. */
    public TunnelPort port() {
        return port;
    }

    /** Whether it matters to which address a datagram was sent. */
    protected boolean heedsDestination() {
        return false;
    }

    /** Whether it takes what was sent to an address, both halves of which are 0 when it is not known. */
    protected boolean isFor(long destinationHigh, long destinationLow) {
        return true;
    }

    final long[] keys() {
        return keys;
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
