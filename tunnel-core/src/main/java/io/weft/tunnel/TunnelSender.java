package io.weft.tunnel;

import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.offload.FlowHash;
import io.weft.port.DropReason;
import io.weft.port.PortCounters;
import io.weft.underlay.SendOutcome;
import io.weft.underlay.UnderlaySender;

/**
 * One worker's way out of a tunnel's port: gives each frame its header, in its headroom, and its source port; then all leave
 * with few system calls. A frame that is flooded is sent to each remote end from where it is, without a copy.
 *
 * <p>Threads: confined to the worker whose account it is made for.
 */
final class TunnelSender {
    private final TunnelPort port;
    private final PortCounters counters;
    private final Lane[] lanes; // one for each source port
    private final boolean inheritsTos;
    private final int tos;
    private final boolean clampsMss;
    private boolean needsFlow; // whether anything is made of the number of a frame's flow
    private int[] accepted = new int[FrameBatch.DEFAULT_CAPACITY]; // remote ends that a frame went to
    private DropReason[] refusal = new DropReason[FrameBatch.DEFAULT_CAPACITY]; // why the last of them did not take it

    /**
     * Sends by these lanes, which the worker's other ports use too, between calls.
     */
    TunnelSender(TunnelPort port, PortCounters counters, Lane[] lanes) {
        this.port = port;
        this.counters = counters;
        this.inheritsTos = port.tunnel().tosInherit();
        this.tos = port.tunnel().tos();
        this.clampsMss = port.tunnel().clampMss();
        this.lanes = lanes;
    }

    /** Whose frames it sends. */
    PortCounters counters() {
        return counters;
    }

    /** Sends frames and leaves the batch empty; each is counted. */
    void send(FrameBatch frames) {
        int count = frames.size();
        needsFlow = lanes.length > 1 || port.needsFlow();
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
        long key = port.admit(frame);
        if (key < TunnelPort.KEY_OF_REMOTE) {
            refusal[index] = TunnelPort.refusal(key);
            return;
        }
        if (clampsMss && MssClamp.clamp(frame, port.innerMtu())) {
            port.countClamped();
        }
        int trafficClass = Ecn.encapsulate(Ecn.inner(frame), tos, inheritsTos);
        int flow = needsFlow ? FlowHash.of(frame) : 0;
        Lane lane = lanes.length == 1 ? lanes[0] : lanes[Integer.remainderUnsigned(flow, lanes.length)];
        int endpoint = frame.endpoint();
        if (endpoint > 0) {
            RemoteEnd remote = port.remoteTable().get(endpoint);
            if (remote != null) {
                port.prepend(frame, remote, key, flow);
                add(frames, index, lane, remote, trafficClass, flow);
            }
            return;
        }
        flood(frames, index, lane, key, trafficClass, flow);
    }

    private void flood(FrameBatch frames, int index, Lane lane, long key, int trafficClass, int flow) {
        Frame frame = frames.get(index);
        int excluded = -frame.endpoint(); // a hub does not relay to where the frame came from
        FloodList list = port.floodList();
        int size = list.size();
        if (size == 0) {
            return;
        }
        RemoteEnd written = list.get(0); // whose header the frame has
        port.prepend(frame, written, key, flow);
        for (int i = 0; i < size; i++) {
            RemoteEnd remote = list.get(i);
            if (remote.endpoint() == excluded) {
                continue;
            }
            if (remote != written && !port.sharesHeader(remote, written, key)) {
                flush(lane, frames); // before the header changes under those that were added
                port.strip(frame);
                port.prepend(frame, remote, key, flow);
                written = remote;
            }
            add(frames, index, lane, remote, trafficClass, flow);
        }
    }

    private void add(FrameBatch frames, int index, Lane lane, RemoteEnd remote, int trafficClass, int flow) {
        Frame frame = frames.get(index);
        if (!remote.isUsable()) {
            refuse(index, remote, DropReason.REMOTE_DOWN);
            return;
        }
        if (frame.length() - port.headerLength(frame) > port.longestPayload(remote, frame)) {
            refuse(index, remote, DropReason.TOO_LONG);
            return;
        }
        if (port.isOwnPacket(frame, remote)) {
            refuse(index, remote, DropReason.RECURSION);
            return;
        }
        if (lane.sender.size() == lane.sender.capacity()) {
            flush(lane, frames);
        }
        int place = lane.sender.size();
        lane.remotes[place] = remote;
        lane.frames[place] = index;
        port.enqueue(lane.sender, frame, remote, trafficClass, flow);
    }

    private void refuse(int index, RemoteEnd remote, DropReason reason) {
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
        RemoteEnd remote = lane.remotes[0];
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
                bytes += port.lengthWithoutHeader(frames.get(index));
            } else {
                if (outcome == SendOutcome.UNREACHABLE) {
                    port.unreached(remote, frames.get(index));
                } else if (outcome == SendOutcome.TOO_LONG) {
                    port.refusedAsTooLong(remote);
                }
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
                bytes += port.lengthWithoutHeader(frame);
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
