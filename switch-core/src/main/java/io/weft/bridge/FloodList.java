package io.weft.bridge;

import java.util.List;

/**
 * Where a control plane wants the broadcast, unknown unicast and multicast frames of a VLAN to go, in place of all ports of
 * the VLAN. The ports' own rules (VLANs, isolation, flood switches) hold nevertheless.
 *
 * @param targets in the order in which they are sent to
 */
public record FloodList(List<Target> targets) {
    /**
     * One of them.
     *
     * @param port index in the switch
     * @param endpoint the remote end within that port, 0 for all
     */
    public record Target(int port, int endpoint) {}

    /** Copies the list. */
    public FloodList {
        targets = List.copyOf(targets);
    }
}
