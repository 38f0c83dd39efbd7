package io.weft;

import io.weft.bridge.PriorityTags;
import io.weft.bridge.VlanSettings;
import io.weft.frame.Ethernet;
import java.util.HexFormat;

/**
 * Where a switch and Open vSwitch (3.1, {@code vlan-limit=2}) differ: what is not asked of both, or put right before it is
 * compared. Besides these, Open vSwitch forwards VID 4095, learns the address zero, and sends a frame to a station that it
 * knows also when the station's port is not in the frame's VLAN, and floods in a VLAN without learning also what an entry was
 * set for; {@link OpenVSwitchIT} does not let it come to that.
 *
 * <p>Threads: stateless.
 */
final class OpenVSwitchDifferences {
    private OpenVSwitchDifferences() {}

    /**
     * Whether Open vSwitch would lose a tag of a frame: it knows two at most, the service tag of a tunnel included, takes a
     * customer's tag without a VLAN for none, and one behind a priority tag off.
     */
    static boolean losesTags(byte[] frame, VlanSettings in) {
        if (!isTaggedInside(frame, in)) {
            return false;
        }
        int own = in.mode() == VlanSettings.Mode.DOT1Q_TUNNEL ? 0 : 1;
        return tags(frame) > 1 + own || (tci(frame, own) & 0xfff) == 0 || (tci(frame, 0) & 0xfff) == 0;
    }

    /**
     * Whether what a port sends of a frame that is tagged inside is to be looked away from, as it sends untagged. Open vSwitch
     * floods none to access ports, and sends what it need not flood without any tag; where it may send priority tags, it changes
     * the inner tag's priority.
     */
    static boolean spoilsInnerTags(VlanSettings out) {
        return out.mode() == VlanSettings.Mode.ACCESS
                || out.mode() == VlanSettings.Mode.NATIVE_UNTAGGED && out.priorityTags() != PriorityTags.NEVER;
    }

    /** Open vSwitch does not look at a tunnel's {@code cvlans} when it knows the destination; a switch does. */
    static boolean isOfAnotherCustomerVlan(byte[] theirs, VlanSettings vlans) {
        return vlans.mode() == VlanSettings.Mode.DOT1Q_TUNNEL
                && (theirs[0] & 1) == 0
                && !vlans.cvlans().contains(tags(theirs) == 0 ? 0 : tci(theirs, 0) & 0xfff);
    }

    static boolean isTaggedInside(byte[] frame, VlanSettings in) {
        return tags(frame) > (in.mode() == VlanSettings.Mode.DOT1Q_TUNNEL ? 0 : 1);
    }

    /**
     * What Open vSwitch calls it. It has always retain tags that are there and never add any, and knows neither {@code never}
     * on a trunk nor {@code always} elsewhere: both are {@code if-nonzero} then.
     */
    static String priorityTags(VlanSettings vlans) {
        return switch (vlans.priorityTags()) {
            case NEVER -> "never";
            case IF_NONZERO -> "if-nonzero";
            case AS_RECEIVED -> "always";
            case ALWAYS -> throw new IllegalArgumentException("Open vSwitch adds no priority tags");
        };
    }

    /**
     * Open vSwitch learns nothing from frames to reserved addresses, while a switch, as the Linux bridge, learns their source:
     * here it is one that nobody sends to.
     */
    static byte[] forgettable(byte[] frame) {
        if (HexFormat.of().formatHex(frame, 0, 5).equals("0180c20000") && (frame[5] & 0xff) < 0x10) {
            frame[6] = 0x12;
        }
        return frame;
    }

    /**
     * A mirrored frame without its tags: Open vSwitch sends it as its output port sends frames of the VLAN, while a switch sends
     * it as it came in or goes out.
     */
    static byte[] withoutTags(byte[] frame) {
        int tags = tags(frame);
        byte[] rest = new byte[frame.length - 4 * tags];
        System.arraycopy(frame, 0, rest, 0, 12);
        System.arraycopy(frame, 12 + 4 * tags, rest, 12, rest.length - 12);
        return rest;
    }

    /** Takes the DEI off the tags of our frame where theirs has lost it: Open vSwitch needs the bit for something else. */
    static void loseDei(byte[] ours, byte[] theirs) {
        if (ours == null || ours.length != theirs.length) {
            return;
        }
        for (int i = 0; i < tags(theirs); i++) {
            int at = 14 + 4 * i;
            if ((theirs[at] & 0x10) == 0) {
                ours[at] &= ~0x10;
            }
        }
    }

    private static int tci(byte[] frame, int tag) {
        return (frame[14 + 4 * tag] & 0xff) << 8 | frame[15 + 4 * tag] & 0xff;
    }

    private static int tags(byte[] frame) {
        int count = 0;
        while (frame.length >= 16 + 4 * count
                && Ethernet.isTag((frame[12 + 4 * count] & 0xff) << 8 | frame[13 + 4 * count] & 0xff)) {
            count++;
        }
        return count;
    }
}
