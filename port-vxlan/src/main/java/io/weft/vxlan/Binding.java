package io.weft.vxlan;

import io.weft.port.PortCounters;
import io.weft.port.PortHandle;
import io.weft.underlay.UnderlayPeer;

/**
 * A port in a {@link Vtep}: which VNIs it takes, and the VTEP's account of it.
 *
 * <p>Threads: immutable; the account is written by the VTEP's worker only.
 */
final class Binding {
    private final VxlanPort port;
    private final PortHandle handle;
    private final PortCounters counters;
    private final int[] vnis;
    private final boolean alone;
    private final UnderlayPeer group; // null for none
    private final UnderlayPeer local; // null for any

    /**
     * Binds a port.
     *
     * @param handle its place in the switch
     * @param counters written by the VTEP's worker only
     * @param vnis that it takes
     */
    Binding(VxlanPort port, PortHandle handle, PortCounters counters, int[] vnis) {
        this.port = port;
        this.handle = handle;
        this.counters = counters;
        this.vnis = vnis.clone();
        VxlanSettings settings = port.settings();
        this.alone = settings.listenPorts().size() == 1;
        this.group = settings.group() == null ? null : UnderlayPeer.of(settings.group(), 0);
        this.local = settings.local() == null ? null : UnderlayPeer.of(settings.local(), 0);
    }

    VxlanPort port() {
        return port;
    }

    /** What its frames are stamped with. */
    int index() {
        return handle.index();
    }

    /** Whether the port receives by no other VTEP, so that one worker alone keeps its remote ends' accounts. */
    boolean isAlone() {
        return alone;
    }

    /** Whether the port has a group, for which its socket is bound to any address: what is not for it must be told here. */
    boolean isGroupPort() {
        return group != null;
    }

    /** Whether a group port takes what was sent to an address: its group's, or its own. Both halves are 0 when that is not known. */
    boolean isFor(long high, long low) {
        if (high == group.high() && low == group.low() || (high | low) == 0) {
            return true;
        }
        return !UnderlayPeer.isMulticast(high, low) && (local == null || high == local.high() && low == local.low());
    }

    PortCounters counters() {
        return counters;
    }

    /** The VNIs; not to be changed. */
    int[] vnis() {
        return vnis;
    }

    @Override
    public String toString() {
        return port.toString();
    }
}
