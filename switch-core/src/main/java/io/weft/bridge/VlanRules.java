package io.weft.bridge;

import io.weft.frame.Ethernet;
import io.weft.frame.Frame;
import io.weft.port.DropReason;

/**
 * {@link VlanSettings} at work: into which VLAN a received frame goes, and what tag a frame of a VLAN leaves with.
 *
 * <p>Between the two, a frame keeps the bytes it came with; beside it go its VLAN and whether its outer tag is the one that
 * says the VLAN ("tagged") or part of what is carried (on a tunnel).
 *
 * <p>Threads: immutable.
 */
final class VlanRules {
    /** Passes all VLANs as they are. */
    static final VlanRules TRANSPARENT = new VlanRules(VlanSettings.TRUNK_ALL);

    /** What {@link #classify} returns for frames that go nowhere, in place of a VLAN. */
    private static final int TRUNCATED = -1;

    private static final int RESERVED = -2;
    private static final int NOT_ALLOWED = -3;

    /** VLAN 0. A native port does not carry it: sent untagged, its frames would be taken for the native VLAN's. */
    private static final VlanSet UNTAGGED = VlanSet.of(0);

    private final VlanSettings.Mode mode;
    private final int vlan;
    private final VlanSet carried;
    private final VlanSet cvlans;
    private final boolean allCvlans;
    private final int tpid;
    private final PriorityTags priorityTags;

    VlanRules(VlanSettings settings) {
        mode = settings.mode();
        vlan = settings.vlan();
        carried = switch (mode) {
            case ACCESS, DOT1Q_TUNNEL -> VlanSet.of(vlan);
            case TRUNK -> settings.trunks();
            case NATIVE_TAGGED, NATIVE_UNTAGGED ->
                settings.trunks().plus(VlanSet.of(vlan)).minus(UNTAGGED);
        };
        cvlans = settings.cvlans();
        allCvlans = cvlans.equals(VlanSet.ALL);
        tpid = settings.tpid();
        priorityTags = settings.priorityTags();
    }

    /** Whether it is a trunk of all VLANs that changes nothing. */
    boolean isTransparent() {
        return mode == VlanSettings.Mode.TRUNK
                && carried.equals(VlanSet.ALL)
                && priorityTags == PriorityTags.AS_RECEIVED
                && tpid == Ethernet.TPID_CUSTOMER;
    }

    // ---- in ----

    /** The VLAN of a frame of at least an Ethernet header, or a negative number that {@link #refusal} explains. */
    int classify(Frame frame) {
        int vid = outerVid(frame);
        if (vid < 0) {
            return vid;
        }
        return switch (mode) {
            case ACCESS -> vid == 0 ? vlan : NOT_ALLOWED;
            case TRUNK -> carried.contains(vid) ? vid : NOT_ALLOWED;
            case NATIVE_TAGGED, NATIVE_UNTAGGED -> vid == 0 ? vlan : carried.contains(vid) ? vid : NOT_ALLOWED;
            case DOT1Q_TUNNEL -> cvlans.contains(vid) ? vlan : NOT_ALLOWED;
        };
    }

    /** The VID of the outer tag, 0 when there is none, or a negative number. */
    static int outerVid(Frame frame) {
        if (!Ethernet.isTag(Ethernet.type(frame))) {
            return 0;
        }
        if (frame.length() < Ethernet.VLAN_HEADER_LENGTH) {
            return TRUNCATED;
        }
        int vid = Ethernet.vid(frame);
        return vid == Ethernet.VID_RESERVED ? RESERVED : vid;
    }

    /** Why a frame has no VLAN. */
    static DropReason refusal(int classified) {
        return switch (classified) {
            case TRUNCATED -> DropReason.RUNT;
            case RESERVED -> DropReason.INVALID_VLAN;
            default -> DropReason.VLAN_NOT_ALLOWED;
        };
    }

    /** Whether the outer tag of a frame received here, if it has one, says the frame's VLAN. */
    boolean readsTag() {
        return mode != VlanSettings.Mode.DOT1Q_TUNNEL;
    }

    /** TPID of the tag that a frame received here untagged gets where it leaves tagged. */
    int tpid() {
        return tpid;
    }

    // ---- out ----

    /** Whether frames of a VLAN leave here. */
    boolean carries(int aVlan) {
        return carried.contains(aVlan);
    }

    /**
     * Whether the customer VLAN of a frame leaves here: always, but on a tunnel with a list.
     *
     * @param readsTag whether an outer tag, if the frame has one, says its VLAN, and the customer's comes behind it
     */
    boolean carriesCustomer(Frame frame, boolean readsTag) {
        if (allCvlans) {
            return true;
        }
        boolean tagged = readsTag && Ethernet.isTag(Ethernet.type(frame));
        int at = tagged ? Ethernet.VLAN_HEADER_LENGTH : Ethernet.HEADER_LENGTH;
        if (!Ethernet.isTag(frame.getShort(at - 2))) {
            return cvlans.contains(0);
        }
        return frame.length() >= at + Ethernet.TAG_LENGTH && cvlans.contains(frame.getShort(at) & 0xfff);
    }

    /**
     * Gives a frame the tag with which it leaves.
     *
     * @param tagged whether the outer tag it has says its VLAN
     * @param aVlan its VLAN
     * @param newTpid of a tag it has to be given
     */
    void retag(Frame frame, boolean tagged, int aVlan, int newTpid) {
        if (sendsTagged(aVlan)) {
            if (!tagged) {
                Ethernet.pushTag(frame, newTpid, priority(frame) | aVlan);
            } else if (Ethernet.vid(frame) != aVlan) {
                Ethernet.replaceVid(frame, aVlan);
            }
        } else if (tagged) {
            untag(frame);
        } else if (priorityTags == PriorityTags.ALWAYS) {
            Ethernet.pushTag(frame, Ethernet.TPID_CUSTOMER, 0);
        }
    }

    /** PCP and DEI, in their place in a TCI, that a frame gives to the tag put before it: those of the customer's tag. */
    private int priority(Frame frame) {
        return priorityTags != PriorityTags.NEVER && Ethernet.isTag(Ethernet.type(frame))
                ? Ethernet.tci(frame) & 0xf000
                : 0;
    }

    private void untag(Frame frame) {
        int tci = Ethernet.tci(frame);
        boolean kept =
                switch (priorityTags) {
                    case NEVER -> false;
                    case IF_NONZERO -> tci >>> 13 != 0;
                    case ALWAYS -> true;
                    case AS_RECEIVED -> (tci & 0xfff) == 0;
                };
        if (!kept) {
            Ethernet.popTag(frame);
        } else if (mode != VlanSettings.Mode.TRUNK) {
            frame.putShort(12, Ethernet.TPID_CUSTOMER); // what end systems know as a priority tag
            Ethernet.replaceVid(frame, 0);
        }
    }

    /** Whether frames of a VLAN leave with a tag that says it. */
    boolean sendsTagged(int aVlan) {
        return switch (mode) {
            case ACCESS, DOT1Q_TUNNEL -> false;
            case TRUNK, NATIVE_TAGGED -> aVlan != 0;
            case NATIVE_UNTAGGED -> aVlan != 0 && aVlan != vlan;
        };
    }
}
