package io.weft.vxlan;

import io.weft.port.PortCounters;
import io.weft.port.PortHandle;

/**
 * A port in a {@link Vtep}: which VNIs it takes, and the VTEP's account of it.
 *
 * @param port the port
 * @param handle its place in the switch
 * @param counters written by the VTEP's worker only
 * @param vnis that it takes
 */
record Binding(VxlanPort port, PortHandle handle, PortCounters counters, int[] vnis) {
    int index() {
        return handle.index();
    }

    // A binding is itself only: two of one port are two.

    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }

    @Override
    public String toString() {
        return port.toString();
    }
}
