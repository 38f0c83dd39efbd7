package io.weft.bridge;

import io.weft.capture.PcapngWriter.Direction;
import io.weft.frame.Frame;
import io.weft.offload.Segmenter;
import io.weft.port.DropReason;

/**
 * Makes the copies that mirrors get: for a file, or to be sent by a port.
 *
 * <p>Threads: confined to the worker.
 */
final class MirrorCopies {
    private final BridgeRules rules;

    MirrorCopies(BridgeRules rules) {
        this.rules = rules;
    }

    /**
     * Gives those mirrors their copies that pick the frame; borrows it.
     *
     * @param in the port it came in by, whose copies these are
     * @param which bits of the mirrors that look at the port and have not seen the frame
     * @return bits of those that have a copy now
     */
    long copy(Frame frame, BridgePort in, long which, int vlan, Direction direction, EgressBatches egress) {
        long copied = 0;
        long remaining = which;
        while (remaining != 0) {
            long bit = Long.lowestOneBit(remaining);
            remaining ^= bit;
            ActiveMirror mirror = rules.mirror(Long.numberOfTrailingZeros(bit));
            if (mirror != null
                    && mirror.vlans().contains(vlan)
                    && mirror.filter().matches(frame, vlan)) {
                copied |= bit;
                copy(mirror, frame, in, direction, egress);
            }
        }
        return copied;
    }

    private static void copy(
            ActiveMirror mirror, Frame frame, BridgePort in, Direction direction, EgressBatches egress) {
        if (mirror.file() != null) {
            mirror.file().mirrored(frame, direction, in.captureSegmenter);
            return;
        }
        BridgePort out = egress.port(mirror.outputPort());
        if (out == null) {
            return; // it is leaving the switch
        }
        if (mirror.segmented() && frame.hasPendingOffload()) {
            sendFinished(mirror, frame, in, direction, out, egress);
            return;
        }
        in.counters.copied(1);
        boolean whole = frame.length() <= mirror.snapLength();
        Frame copy = whole ? in.pool.copy(frame) : in.pool.copyHead(frame, mirror.snapLength());
        if (copy == null) {
            out.counters.dropped(DropReason.COPY_POOL_EMPTY);
        } else {
            mark(copy, direction);
            egress.add(out, copy);
        }
    }

    /** Sends the frames of the wire that a frame stands for by a mirror's output port. */
    private static void sendFinished(
            ActiveMirror mirror,
            Frame frame,
            BridgePort in,
            Direction direction,
            BridgePort out,
            EgressBatches egress) {
        Segmenter segmenter = in.segmenter; // not that of captures: what the output port has may be recorded meanwhile
        segmenter.beginFinished(frame);
        in.counters.copied(segmenter.remaining());
        for (Frame copy = segmenter.next(); copy != null; copy = segmenter.next()) {
            copy.length(Math.min(copy.length(), mirror.snapLength()));
            mark(copy, direction);
            egress.add(out, copy);
        }
        if (segmenter.remaining() > 0) {
            out.counters.dropped(DropReason.COPY_POOL_EMPTY, segmenter.remaining());
        }
    }

    private static void mark(Frame copy, Direction direction) {
        copy.endpoint(0);
        copy.splitHorizonGroup(0); // whoever reads the copies is to have all of them
        copy.mirrored(direction == Direction.INBOUND ? Frame.MIRRORED_RECEIVED : Frame.MIRRORED_SENT);
    }
}
