package io.weft.bridge;

import io.weft.frame.Frame;
import io.weft.port.DropReason;

/** Whether a frame from one port may leave by another. Threads: stateless. */
final class EgressRules {
    private EgressRules() {}

    /**
     * Why not, or {@code null} when it may. The ports differ, and the egress port is up.
     *
     * @param vlan the frame's
     */
    static DropReason refusal(PortRules in, PortRules out, int vlan, FrameClass frameClass) {
        if ((out.features & PortRules.VLANS) != 0 && !out.vlans.carries(vlan)) {
            return DropReason.VLAN_NOT_CARRIED;
        }
        if ((out.features & PortRules.EGRESS) == 0) {
            return null;
        }
        if (out.wide.mirrorOutput()) {
            return DropReason.NO_EGRESS;
        }
        if (in.settings.isolated() && out.settings.isolated()) {
            return DropReason.ISOLATED;
        }
        if (out.settings.splitHorizonGroup() != 0
                && in.settings.splitHorizonGroup() == out.settings.splitHorizonGroup()) {
            return DropReason.SPLIT_HORIZON;
        }
        return out.isFlooded(frameClass) ? null : DropReason.FLOODING_OFF;
    }

    /** Whether the frame says that it is not to be flooded to a port, be it the one that it came in by. */
    static boolean excludes(Frame frame, PortRules out) {
        int group = frame.splitHorizonGroup();
        return group != 0 && group == out.settings.splitHorizonGroup();
    }

    /**
     * Has a frame that is flooded say which group it comes from: the one that it said when it came, or its ingress port's. Only once
     * {@link #excludes} has been asked of all ports it goes to: a hub's frames go back to its own group.
     */
    static void stampGroup(Frame frame, BridgePort in) {
        if ((in.features & PortRules.EGRESS) != 0 && frame.splitHorizonGroup() == 0) {
            frame.splitHorizonGroup(in.rules.settings.splitHorizonGroup());
        }
    }
}
