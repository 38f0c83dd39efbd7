package io.weft.bridge;

import io.weft.frame.Ethernet;
import java.util.Objects;

/**
 * How a port takes part in VLANs. Modes, words and behaviour are Open vSwitch's.
 *
 * <pre>
 *   mode             a frame comes in ...                               a frame of its VLAN goes out ...
 *   access           untagged or priority-tagged: into the VLAN;        untagged
 *                    tagged: dropped
 *   trunk            tagged: into its VLAN, if allowed;                 tagged (VLAN 0: untagged)
 *                    untagged: into VLAN 0, if allowed
 *   native-tagged    as trunk; untagged: into the native VLAN           tagged
 *   native-untagged  as native-tagged                                   tagged; in the native VLAN untagged
 *   dot1q-tunnel     whatever it carries: into the (service) VLAN,      without the service tag, as the customer sent it
 *                    if its customer VLAN is allowed
 * </pre>
 *
 * <p>A service tag has the priority of the customer's tag, unless the port it leaves by says {@link PriorityTags#NEVER}.
 *
 * @param mode one of them
 * @param vlan the access, native or service VLAN, 1..4094; 0 for a trunk
 * @param trunks VLANs that a trunk carries; a native VLAN is always carried, and VLAN 0 never by a port that has one
 * @param cvlans customer VLANs that a tunnel accepts, 0 for untagged frames
 * @param tpid of the tags that this port's frames get when they leave tagged and came without: 0x8100 or 0x88A8
 * @param priorityTags what becomes of the priority of frames that leave untagged
 */
public record VlanSettings(Mode mode, int vlan, VlanSet trunks, VlanSet cvlans, int tpid, PriorityTags priorityTags) {
    /** How a port takes part in VLANs. */
    public enum Mode {
        /** One VLAN, untagged. */
        ACCESS,
        /** Many VLANs, tagged. */
        TRUNK,
        /** A trunk whose untagged frames belong to a VLAN, which it sends tagged. */
        NATIVE_TAGGED,
        /** A trunk that receives and sends one VLAN untagged. */
        NATIVE_UNTAGGED,
        /** One service VLAN that carries a customer's frames with the customer's own tags (802.1ad). */
        DOT1Q_TUNNEL
    }

    /** A trunk of all VLANs: frames pass with the tags they have. What a port is unless told otherwise. */
    public static final VlanSettings TRUNK_ALL = trunk(VlanSet.ALL);

    /** Checks the ranges, and that a mode has what it needs and nothing that contradicts it. */
    public VlanSettings {
        Objects.requireNonNull(mode, "mode");
        Objects.requireNonNull(priorityTags, "priorityTags");
        if (mode == Mode.TRUNK ? vlan != 0 : vlan < 1 || vlan > 4_094) {
            throw new IllegalArgumentException("vlan is " + vlan + " in mode " + mode + "; accepted: "
                    + (mode == Mode.TRUNK ? "none, a trunk has no VLAN of its own (native-tagged has)" : "1..4094"));
        }
        if (tpid != Ethernet.TPID_CUSTOMER && tpid != Ethernet.TPID_SERVICE) {
            throw new IllegalArgumentException(
                    "tpid is 0x" + Integer.toHexString(tpid) + "; accepted: 0x8100 and 0x88a8");
        }
        boolean isTrunk = mode == Mode.TRUNK || mode == Mode.NATIVE_TAGGED || mode == Mode.NATIVE_UNTAGGED;
        if (!isTrunk && !trunks.equals(VlanSet.ALL)) {
            throw new IllegalArgumentException("trunks conflicts with mode " + mode + ": only trunk, native-tagged and"
                    + " native-untagged carry a list of VLANs");
        }
        if (mode != Mode.DOT1Q_TUNNEL && !cvlans.equals(VlanSet.ALL)) {
            throw new IllegalArgumentException(
                    "cvlans conflicts with mode " + mode + ": only dot1q-tunnel has customer VLANs");
        }
        if (mode == Mode.DOT1Q_TUNNEL && priorityTags != PriorityTags.NEVER) {
            throw new IllegalArgumentException("priorityTags conflicts with mode DOT1Q_TUNNEL: a tunnel gives the"
                    + " customer's frames back as they were");
        }
    }

    /** One VLAN, untagged. */
    public static VlanSettings access(int vlan) {
        return new VlanSettings(
                Mode.ACCESS, vlan, VlanSet.ALL, VlanSet.ALL, Ethernet.TPID_CUSTOMER, PriorityTags.NEVER);
    }

    /** These VLANs, tagged; VLAN 0 in the set lets untagged frames pass. */
    public static VlanSettings trunk(VlanSet vlans) {
        return new VlanSettings(Mode.TRUNK, 0, vlans, VlanSet.ALL, Ethernet.TPID_CUSTOMER, PriorityTags.AS_RECEIVED);
    }

    /** A trunk whose untagged frames belong to {@code vlan}, which it sends tagged. */
    public static VlanSettings nativeTagged(int vlan, VlanSet trunks) {
        return new VlanSettings(
                Mode.NATIVE_TAGGED, vlan, trunks, VlanSet.ALL, Ethernet.TPID_CUSTOMER, PriorityTags.AS_RECEIVED);
    }

    /** A trunk that receives and sends {@code vlan} untagged. */
    public static VlanSettings nativeUntagged(int vlan, VlanSet trunks) {
        return new VlanSettings(
                Mode.NATIVE_UNTAGGED, vlan, trunks, VlanSet.ALL, Ethernet.TPID_CUSTOMER, PriorityTags.NEVER);
    }

    /** A customer's port: all it sends travels in {@code serviceVlan}, under a tag with TPID 0x88A8. */
    public static VlanSettings tunnel(int serviceVlan) {
        return new VlanSettings(
                Mode.DOT1Q_TUNNEL, serviceVlan, VlanSet.ALL, VlanSet.ALL, Ethernet.TPID_SERVICE, PriorityTags.NEVER);
    }

    /** The same for these customer VLANs only. */
    public VlanSettings withCvlans(VlanSet newCvlans) {
        return new VlanSettings(mode, vlan, trunks, newCvlans, tpid, priorityTags);
    }

    /** The same with another TPID for new tags. */
    public VlanSettings withTpid(int newTpid) {
        return new VlanSettings(mode, vlan, trunks, cvlans, newTpid, priorityTags);
    }

    /** The same with another treatment of priorities. */
    public VlanSettings withPriorityTags(PriorityTags tags) {
        return new VlanSettings(mode, vlan, trunks, cvlans, tpid, tags);
    }

    /** Whether frames of a VLAN go out by the port (a tunnel looks at the customer VLAN, too). */
    public boolean carries(int aVlan) {
        return switch (mode) {
            case ACCESS, DOT1Q_TUNNEL -> aVlan == vlan;
            case TRUNK -> trunks.contains(aVlan);
            case NATIVE_TAGGED, NATIVE_UNTAGGED -> aVlan == vlan || aVlan != 0 && trunks.contains(aVlan);
        };
    }
}
