package io.weft.bridge;

import io.weft.fdb.Fdb;
import io.weft.fdb.FdbKey;
import io.weft.fdb.FdbValue;
import io.weft.frame.Ethernet;
import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.port.DropReason;

/**
 * A learning, VLAN-aware bridge (IEEE 802.1Q): learn the source, look up the destination, send there or flood.
 *
 * <p>Every port is a trunk of all VLANs: frames pass with the tags they have. The VLAN of a frame is the VID of its outer
 * tag, 0x8100 or 0x88A8; untagged and priority-tagged frames are VLAN 0. One MAC address in two VLANs is two stations.
 *
 * <p>Not forwarded: runts, VID 4095, destinations 01-80-C2-00-00-00…0F, frames for a station behind the port they came
 * from, and frames between ports of one split-horizon group. Group and zero sources are forwarded but never learned.
 *
 * <p>Threads: confined; each worker has its own, all with the same FDB.
 */
public final class Bridge implements Forwarder {
    private static final int INVALID = -1;

    private final Fdb fdb;
    private final int[] buckets = new int[2 * FrameBatch.DEFAULT_CAPACITY];

    @SuppressWarnings("unused") // written, so that the loads in Fdb.touch are not left out as useless
    private long touched;

    /** A bridge with this table. */
    public Bridge(Fdb fdb) {
        this.fdb = fdb;
    }

    @Override
    public void forward(FrameBatch received, EgressBatches egress, int nowSeconds) {
        if (fdb.outgrowsCache()) {
            touch(received);
        }
        for (int i = 0; i < received.size(); i++) {
            Frame frame = received.get(i);
            BridgePort in = egress.port(frame.ingress());
            if (in == null) {
                egress.dropOrphan(frame);
            } else {
                in.counters.received(frame.length());
                forward(frame, in, egress, nowSeconds);
            }
        }
        received.clear();
    }

    /**
     * Has the FDB load what the frames' look-ups will need; not those of runts, whose header may reach over the end of the
     * slot when a tunnel has consumed nearly all of a long frame.
     */
    private void touch(FrameBatch received) {
        int count = 0;
        for (int i = 0; i < received.size() && count < buckets.length; i++) {
            Frame frame = received.get(i);
            if (frame.length() < Ethernet.VLAN_HEADER_LENGTH) {
                continue;
            }
            int vlan = Ethernet.isTag(Ethernet.type(frame)) ? Ethernet.vid(frame) : 0;
            buckets[count++] = fdb.bucketOf(FdbKey.of(vlan, Ethernet.source(frame)));
            buckets[count++] = fdb.bucketOf(FdbKey.of(vlan, Ethernet.destination(frame)));
        }
        touched = fdb.touch(buckets, count);
    }

    private void forward(Frame frame, BridgePort in, EgressBatches egress, int nowSeconds) {
        if (frame.length() < Ethernet.HEADER_LENGTH) {
            in.drop(frame, DropReason.RUNT);
            return;
        }
        if (!in.state.isUp()) {
            in.drop(frame, DropReason.RX_PORT_DOWN);
            return;
        }
        int vlan = 0;
        if (Ethernet.isTag(Ethernet.type(frame))) {
            vlan = outerVlan(frame, in);
            if (vlan == INVALID) {
                return;
            }
        }
        long source = Ethernet.source(frame);
        if (Ethernet.isLearnable(source)) {
            fdb.learn(FdbKey.of(vlan, source), in.index, frame.endpoint(), nowSeconds);
        }
        long destination = Ethernet.destination(frame);
        if (Ethernet.isGroup(destination)) {
            if (Ethernet.isReserved(destination)) {
                in.drop(frame, DropReason.RESERVED_MULTICAST);
            } else {
                flood(frame, in, egress);
            }
            return;
        }
        long place = fdb.lookup(FdbKey.of(vlan, destination), nowSeconds);
        BridgePort out = place == Fdb.MISS ? null : egress.port(FdbValue.port(place));
        if (out == null) {
            flood(frame, in, egress);
        } else if (out == in) {
            in.drop(frame, DropReason.SAME_PORT);
        } else if (splitHorizon(in, out)) {
            in.drop(frame, DropReason.SPLIT_HORIZON);
        } else {
            frame.endpoint(FdbValue.endpoint(place));
            egress.add(out, frame);
        }
    }

    /** The VID of a frame that has a tag, or {@link #INVALID} when the frame was dropped for it. */
    private static int outerVlan(Frame frame, BridgePort in) {
        if (frame.length() < Ethernet.VLAN_HEADER_LENGTH) {
            in.drop(frame, DropReason.RUNT);
            return INVALID;
        }
        int vid = Ethernet.vid(frame);
        if (vid == Ethernet.VID_RESERVED) {
            in.drop(frame, DropReason.INVALID_VLAN);
            return INVALID;
        }
        return vid;
    }

    /** Sends copies to all ports but the last, and the original to the last. */
    private static void flood(Frame frame, BridgePort in, EgressBatches egress) {
        BridgePort last = null;
        boolean hidden = false;
        int copies = 0;
        frame.endpoint(0); // all remote ends of a multipoint port
        for (BridgePort out : egress.attached()) {
            if (out == in || !out.state.isUp()) {
                continue;
            }
            if (splitHorizon(in, out)) {
                hidden = true;
                continue;
            }
            if (last != null) {
                egress.addCopy(last, frame);
                copies++;
            }
            last = out;
        }
        if (last == null) {
            in.drop(frame, hidden ? DropReason.SPLIT_HORIZON : DropReason.NO_EGRESS);
            return;
        }
        if (copies > 0) {
            in.counters.copied(copies);
        }
        egress.add(last, frame);
    }

    private static boolean splitHorizon(BridgePort in, BridgePort out) {
        return in.splitHorizonGroup != 0 && in.splitHorizonGroup == out.splitHorizonGroup;
    }
}
