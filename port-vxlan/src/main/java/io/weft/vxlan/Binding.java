package io.weft.vxlan;

import io.weft.port.PortCounters;
import io.weft.port.PortHandle;

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
        this.alone = port.settings().listenPorts().size() == 1;
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
