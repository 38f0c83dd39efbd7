package io.weft;

import io.weft.bridge.PriorityTags;
import io.weft.bridge.VlanSet;
import io.weft.bridge.VlanSettings;
import io.weft.bridge.VlanSettings.Mode;
import io.weft.port.DropReason;
import java.util.Arrays;

/**
 * What {@link VlanSettings}' Javadoc says about VLANs and tags, on arrays of bytes. A frame's own tag is the outer one, where
 * the port it came in by reads it: what a tunnel's customer sends is payload.
 */
final class ReferenceVlans {
    private ReferenceVlans() {}

    // ---- in ----

    /** Why a frame of at least 14 bytes may not come in, or {@code null}. */
    static DropReason refusal(VlanSettings in, byte[] frame) {
        if (isTag(frame, 12) && frame.length < 18) {
            return DropReason.RUNT;
        }
        int vid = outerVid(frame);
        if (vid == 4_095) {
            return DropReason.INVALID_VLAN;
        }
        boolean allowed =
                switch (in.mode()) {
                    case ACCESS -> vid == 0;
                    case TRUNK -> in.trunks().contains(vid);
                    case NATIVE_TAGGED, NATIVE_UNTAGGED ->
                        vid == 0 || vid == in.vlan() || in.trunks().contains(vid);
                    case DOT1Q_TUNNEL -> in.cvlans().contains(vid);
                };
        return allowed ? null : DropReason.VLAN_NOT_ALLOWED;
    }

    /** The VLAN of a frame that may come in. */
    static int vlan(VlanSettings in, byte[] frame) {
        int vid = outerVid(frame);
        return switch (in.mode()) {
            case ACCESS, DOT1Q_TUNNEL -> in.vlan();
            case TRUNK -> vid;
            case NATIVE_TAGGED, NATIVE_UNTAGGED -> vid == 0 ? in.vlan() : vid;
        };
    }

    // ---- out ----

    /** Whether frames of a VLAN leave by a port. */
    static boolean carries(VlanSettings out, int vlan) {
        return switch (out.mode()) {
            case ACCESS, DOT1Q_TUNNEL -> vlan == out.vlan();
            case TRUNK -> out.trunks().contains(vlan);
            case NATIVE_TAGGED, NATIVE_UNTAGGED ->
                vlan == out.vlan() || vlan != 0 && out.trunks().contains(vlan);
        };
    }

    /** Whether a frame that came in by one port has a customer VLAN that a tunnel carries. */
    static boolean carriesCustomer(VlanSettings in, VlanSettings out, byte[] frame) {
        VlanSet cvlans = out.cvlans();
        byte[] payload = payload(in, frame);
        if (cvlans.equals(VlanSet.ALL)) {
            return true;
        }
        if (!isTag(payload, 12)) {
            return cvlans.contains(0);
        }
        return payload.length >= 18 && cvlans.contains(outerVid(payload));
    }

    /** A frame of a VLAN as it leaves. */
    static byte[] leaving(VlanSettings in, VlanSettings out, byte[] frame, int vlan) {
        boolean ownTag = hasOwnTag(in, frame);
        int tpid = ownTag ? number(frame, 12, 2) : in.tpid();
        int priority = ownTag ? number(frame, 14, 2) >> 12 : 0; // and the drop eligible bit
        byte[] payload = payload(in, frame);
        boolean tagged =
                switch (out.mode()) {
                    case ACCESS, DOT1Q_TUNNEL -> false;
                    case TRUNK, NATIVE_TAGGED -> vlan != 0;
                    case NATIVE_UNTAGGED -> vlan != 0 && vlan != out.vlan();
                };
        if (tagged) {
            boolean customersPriority = !ownTag && isTag(payload, 12) && out.priorityTags() != PriorityTags.NEVER;
            return withTag(payload, tpid, (customersPriority ? number(payload, 14, 2) >> 12 : priority) << 12 | vlan);
        }
        boolean priorityTag =
                switch (out.priorityTags()) {
                    case NEVER -> false;
                    case IF_NONZERO -> priority >> 1 != 0;
                    case ALWAYS -> true;
                    case AS_RECEIVED -> ownTag && outerVid(frame) == 0;
                };
        boolean unchanged = ownTag && out.mode() == Mode.TRUNK;
        return priorityTag ? withTag(payload, unchanged ? tpid : 0x8100, priority << 12) : payload;
    }

    private static boolean hasOwnTag(VlanSettings in, byte[] frame) {
        return in.mode() != Mode.DOT1Q_TUNNEL && isTag(frame, 12);
    }

    private static byte[] payload(VlanSettings in, byte[] frame) {
        return hasOwnTag(in, frame) ? withoutTag(frame) : frame;
    }

    // ---- bytes ----

    static byte[] withTag(byte[] frame, int tpid, int tci) {
        byte[] tagged = new byte[frame.length + 4];
        System.arraycopy(frame, 0, tagged, 0, 12);
        tagged[12] = (byte) (tpid >> 8);
        tagged[13] = (byte) tpid;
        tagged[14] = (byte) (tci >> 8);
        tagged[15] = (byte) tci;
        System.arraycopy(frame, 12, tagged, 16, frame.length - 12);
        return tagged;
    }

    static byte[] withoutTag(byte[] frame) {
        byte[] untagged = Arrays.copyOf(frame, frame.length - 4);
        System.arraycopy(frame, 16, untagged, 12, frame.length - 16);
        return untagged;
    }

    static int outerVid(byte[] frame) {
        return isTag(frame, 12) ? number(frame, 14, 2) % 4_096 : 0;
    }

    private static boolean isTag(byte[] frame, int offset) {
        int type = number(frame, offset, 2);
        return type == 0x8100 || type == 0x88a8;
    }

    static long mac(byte[] frame, int offset) {
        return (long) number(frame, offset, 3) << 24 | number(frame, offset + 3, 3);
    }

    private static int number(byte[] frame, int offset, int bytes) {
        int number = 0;
        for (int i = 0; i < bytes; i++) {
            number = number * 256 + (frame[offset + i] & 255);
        }
        return number;
    }
}
