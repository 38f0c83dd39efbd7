package io.weft.vxlan;

import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.offload.FlowHash;
import io.weft.port.DropReason;
import io.weft.port.PortCounters;
import io.weft.tunnel.Ecn;
import io.weft.tunnel.MssClamp;
import io.weft.underlay.SendOutcome;
import io.weft.underlay.UnderlaySender;

/**
 * One worker's way out of a VXLAN port: gives each frame its header, in its headroom, and its source port; then all leave
 * with few system calls. A frame that is flooded is sent to each remote end from where it is, without a copy.
 *
 * <p>Threads: confined to the worker whose account it is made for.
 */
final class VxlanSender {
    private final VxlanPort port;
    private final PortCounters counters;
    private final Lane[] lanes; // one for each source port
    private final boolean inheritsTos;
    private final int tos;
    private int[] accepted = new int[FrameBatch.DEFAULT_CAPACITY]; // remote ends that a frame went to
    private DropReason[] refusal = new DropReason[FrameBatch.DEFAULT_CAPACITY]; // why the last of them did not take it

    /**
     * Sends by these lanes, which the worker's other ports use too, between calls.
     */
    VxlanSender(VxlanPort port, PortCounters counters, Lane[] lanes) {
        this.port = port;
        this.counters = counters;
        this.inheritsTos = port.settings().tosInherit();
        this.tos = port.settings().tos();
        this.lanes = lanes;
    }

    /** Whose frames it sends. */
    PortCounters counters() {
        return counters;
    }

    /** Sends frames and leaves the batch empty; each is counted. */
    void send(FrameBatch frames) {
        int count = frames.size();
        if (accepted.length < count) {
            accepted = new int[count];
            refusal = new DropReason[count];
        }
        for (int i = 0; i < count; i++) {
            accepted[i] = 0;
            refusal[i] = DropReason.NO_REMOTE;
            send(frames, i);
        }
        for (Lane lane : lanes) {
            flush(lane, frames);
        }
        settle(frames);
    }

    private void send(FrameBatch frames, int index) {
        Frame frame = frames.get(index);
        int vni = port.popVni(frame);
        if (vni == VxlanPort.NO_VNI) {
            refusal[index] = DropReason.NO_VNI;
            return;
        }
        if (port.clampsMss() && MssClamp.clamp(frame, port.innerMtu())) {
            port.countClamped();
        }
        int trafficClass = Ecn.encapsulate(Ecn.inner(frame), tos, inheritsTos);
        Lane lane = lanes.length == 1 ? lanes[0] : lanes[Integer.remainderUnsigned(FlowHash.of(frame), lanes.length)];
        int endpoint = frame.endpoint();
        if (endpoint > 0) {
            VxlanRemote remote = port.remoteTable().get(endpoint);
            if (remote != null) {
                VxlanHeader.prepend(frame, vni == VxlanPort.VNI_OF_REMOTE ? remote.vni() : vni);
                add(frames, index, lane, remote, trafficClass);
            }
            return;
        }
        flood(frames, index, lane, vni, trafficClass);
    }

    private void flood(FrameBatch frames, int index, Lane lane, int vni, int trafficClass) {
        Frame frame = frames.get(index);
        int excluded = -frame.endpoint(); // a hub does not relay to where the frame came from
        VxlanRemote[] list = port.floodList();
        if (list.length == 0) {
            return;
        }
        int written = vni == VxlanPort.VNI_OF_REMOTE ? list[0].vni() : vni;
        VxlanHeader.prepend(frame, written);
        for (VxlanRemote remote : list) {
            if (remote.endpoint() == excluded) {
                continue;
            }
            int wanted = vni == VxlanPort.VNI_OF_REMOTE ? remote.vni() : vni;
            if (wanted != written) {
                flush(lane, frames); // before the header changes under those that were added
                frame.putLong(0, VxlanHeader.of(wanted));
                written = wanted;
            }
            add(frames, index, lane, remote, trafficClass);
        }
    }

    private void add(FrameBatch frames, int index, Lane lane, VxlanRemote remote, int trafficClass) {
        Frame frame = frames.get(index);
        if (!remote.isUsable()) {
            refuse(index, remote, DropReason.REMOTE_DOWN);
            return;
        }
        if (frame.length() - VxlanHeader.LENGTH > port.longestFrame(remote, frame)) {
            refuse(index, remote, DropReason.TOO_LONG);
            return;
        }
        if (lane.sender.size() == lane.sender.capacity()) {
            flush(lane, frames);
        }
        int place = lane.sender.size();
        lane.remotes[place] = remote;
        lane.frames[place] = index;
        lane.sender.add(frame, remote.peer(), trafficClass);
    }

    private void refuse(int index, VxlanRemote remote, DropReason reason) {
        remote.dropped(1);
        refusal[index] = reason;
    }

    /** Sends what a lane has, and keeps the remote ends' accounts. */
    private void flush(Lane lane, FrameBatch frames) {
        UnderlaySender sender = lane.sender;
        int count = sender.size();
        if (count == 0) {
            return;
        }
        sender.flush();
        VxlanRemote remote = lane.remotes[0];
        long sent = 0;
        long bytes = 0;
        for (int i = 0; i < count; i++) {
            if (lane.remotes[i] != remote) {
                remote.transmitted(sent, bytes);
                remote = lane.remotes[i];
                sent = 0;
                bytes = 0;
            }
            int index = lane.frames[i];
            SendOutcome outcome = sender.outcome(i);
            if (outcome == SendOutcome.SENT) {
                accepted[index]++;
                sent++;
                bytes += frames.get(index).length() - VxlanHeader.LENGTH;
            } else {
                refuse(index, remote, reason(outcome));
            }
        }
        remote.transmitted(sent, bytes);
        sender.clear();
    }

    private static DropReason reason(SendOutcome outcome) {
        return switch (outcome) {
            case TOO_LONG -> DropReason.TOO_LONG;
            case QUEUE_FULL -> DropReason.TX_QUEUE_FULL;
            case UNREACHABLE -> DropReason.REMOTE_DOWN;
            default -> DropReason.TX_ERROR;
        };
    }

    /** Counts each frame once, and answers to those that were too long. */
    private void settle(FrameBatch frames) {
        int sent = 0;
        long bytes = 0;
        for (int i = 0; i < frames.size(); i++) {
            Frame frame = frames.get(i);
            if (accepted[i] > 0) {
                sent++;
                bytes += frame.length() - VxlanHeader.LENGTH;
                frame.release();
                continue;
            }
            counters.dropped(refusal[i]);
            if (refusal[i] != DropReason.TOO_LONG || !port.answerTooLong(frame)) {
                frame.release();
            }
        }
        counters.transmitted(sent, bytes);
        frames.clear();
    }
}
