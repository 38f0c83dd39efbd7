package io.weft.vxlan;

import io.weft.frame.EtherType;
import io.weft.frame.Ethernet;
import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import io.weft.frame.Ipv4;
import io.weft.frame.Ipv6;
import io.weft.offload.EncapsulatedOffload;
import io.weft.offload.RunAssembler;
import io.weft.port.DropReason;
import io.weft.tunnel.Ecn;
import io.weft.tunnel.MssClamp;
import io.weft.underlay.UnderlayReceiver;

/**
 * Takes frames out of what a VTEP's socket receives.
 *
 * <p>A message may be a whole burst of datagrams. The frames in it are copied out one by one: the segments of a flow into one
 * super-frame ({@link RunAssembler}), also across messages, small ones into small slots; only a message that is one long
 * datagram goes on in the slot it landed in. When there is no room left for what a burst still holds, the next call goes on with it.
 *
 * <p>What is checked, in this order: the header, the VNI, the remote end, the tag inside, congestion marks. Datagrams that
 * reach no port are counted by {@link VtepCounter}, frames by the port's {@link DropReason}s.
 *
 * <p>Threads: the VTEP's worker.
 */
final class VxlanReceiver {
    private static final int CAPACITY = 32;
    private static final int LEAST_OFFERED = 2;

    /** Bytes after which a poll ends, so that what came is sent on while it is in some cache. */
    private static final int BURST_BYTES = 192 * 1024;

    private final Vtep vtep;
    private final UnderlayReceiver receiver;
    private final FramePool pool;
    private final RunAssembler assembler;
    private final Frame[] landings = new Frame[CAPACITY];
    private int offered = LEAST_OFFERED;

    // what was received and is not taken out yet
    private int messages;
    private int next;
    private int remaining; // bytes of the message at `next`; -1 before it is begun
    private int stride;
    private int innerSegment;
    private int trafficClass;
    private long high;
    private long low;

    // of the message at `next`, while its datagrams have one VNI
    private int vni;
    private Binding binding;
    private VxlanRemote remote;
    private int frames;
    private long bytes;

    private boolean drained; // the last call to the kernel found the end
    private boolean more;

    VxlanReceiver(Vtep vtep, UnderlayReceiver receiver, FramePool pool) {
        this.vtep = vtep;
        this.receiver = receiver;
        this.pool = pool;
        this.assembler = new RunAssembler(pool, Frame.MAX_LENGTH);
    }

    /** Whether there may be more than the last call took. */
    boolean hasMore() {
        return more;
    }

    /** Adds up to {@code limit} frames. */
    int receive(FrameBatch into, int limit) {
        int before = into.size();
        int end = before + limit;
        int taken = 0; // bytes
        drained = false; // what came since, and was told, is not to be left behind what the last call could not take
        while (true) {
            while (next < messages) {
                if (!unpack(into, end)) {
                    more = true;
                    assembler.finish(into);
                    return into.size() - before;
                }
            }
            if (drained || taken >= BURST_BYTES || into.size() == end) {
                more = !drained;
                assembler.finish(into); // not before: a run may go on in the next message
                return into.size() - before;
            }
            taken += receive();
        }
    }

    /** Receives the next messages; returns their bytes. */
    private int receive() {
        int ready = offer();
        messages = ready == 0 ? 0 : Math.max(0, receiver.receive(landings, ready));
        next = 0;
        remaining = -1;
        takeBack(messages, ready);
        drained = ready > 0 && messages < ready; // without memory there may be more
        offered = Math.max(LEAST_OFFERED, Math.min(CAPACITY, messages == ready ? 2 * ready : messages + 1));
        int bytesReceived = 0;
        for (int i = 0; i < messages; i++) {
            bytesReceived += receiver.length(i);
        }
        return ready == 0 ? BURST_BYTES : bytesReceived;
    }

    /** Gives back what is held between two calls. */
    void close() {
        takeBack(next, messages);
        messages = 0;
    }

    private int offer() {
        for (int i = 0; i < offered; i++) {
            landings[i] = pool.allocate(Frame.MAX_LENGTH);
            if (landings[i] == null) {
                return i;
            }
        }
        return offered;
    }

    private void takeBack(int from, int to) {
        for (int i = to - 1; i >= from; i--) {
            if (landings[i] != null) {
                landings[i].release();
                landings[i] = null;
            }
        }
    }

    // ---- a message ----

    /** Takes frames out of the message at {@code next} and goes on to the one behind; {@code false} when there is no room. */
    private boolean unpack(FrameBatch into, int end) {
        Frame landing = landings[next];
        if (remaining < 0) {
            begin(landing);
        }
        while (remaining > 0) {
            if (into.size() == end) {
                settle();
                return false;
            }
            int length = Math.min(stride, remaining);
            int whole = remaining;
            remaining -= length;
            if (length < VxlanHeader.LENGTH) {
                vtep.count(VtepCounter.TOO_SHORT);
                landing.consume(length);
                continue;
            }
            long header = landing.getLong(0);
            landing.length(length);
            landing.consume(VxlanHeader.LENGTH);
            if (isForUs(header) && decapsulate(landing, header, into)) {
                landings[next] = null; // it goes on as the frame
                break;
            }
            landing.length(whole - VxlanHeader.LENGTH);
            landing.consume(length - VxlanHeader.LENGTH);
        }
        settle();
        takeBack(next, next + 1);
        next++;
        remaining = -1;
        return true;
    }

    /** Keeps the account of the remote end that the last datagrams came from. */
    private void settle() {
        if (frames > 0) {
            remote.received(frames, bytes, binding.isAlone());
            frames = 0;
            bytes = 0;
        }
    }

    private void begin(Frame landing) {
        remaining = receiver.length(next);
        stride = remaining;
        innerSegment = 0;
        trafficClass = receiver.trafficClass(next);
        high = receiver.sourceHigh(next);
        low = receiver.sourceLow(next);
        vni = -1;
        binding = null;
        if (receiver.isCut(next)) {
            vtep.count(VtepCounter.TOO_LONG);
            remaining = 0;
            return;
        }
        if (remaining == 0) {
            vtep.count(VtepCounter.TOO_SHORT);
            return;
        }
        landing.length(remaining);
        int segment = receiver.segmentSize(next);
        if (segment > 0 && segment < remaining) {
            if (!isOneFrame(landing)) {
                stride = segment;
            } else if (isBurst(landing, segment)) {
                vtep.count(VtepCounter.AMBIGUOUS);
                remaining = 0;
            } else {
                innerSegment = segment;
            }
        }
    }

    /**
     * Whether the message is one datagram, made by a kernel that encapsulated a UDP super-frame: then the segment size that
     * it tells is that of the frame inside, whose IP header says that it reaches to the end.
     */
    private static boolean isOneFrame(Frame message) {
        int length = message.length();
        if (length < VxlanHeader.LENGTH + Ethernet.HEADER_LENGTH) {
            return false;
        }
        message.consume(VxlanHeader.LENGTH);
        int etherType = EtherType.offset(message);
        int ip = etherType + 2;
        boolean whole = false;
        if (etherType != EtherType.NONE) {
            int type = EtherType.at(message, etherType);
            if (type == EtherType.IPV4 && Ipv4.isPresent(message, ip)) {
                whole = ip + message.getShort(ip + 2) == message.length();
            } else if (type == EtherType.IPV6 && Ipv6.isPresent(message, ip)) {
                whole = ip + Ipv6.HEADER_LENGTH + message.getShort(ip + 4) == message.length();
            }
        }
        message.prepend(VxlanHeader.LENGTH);
        return whole;
    }

    /**
     * Whether a second datagram begins where the first segment ends, all reserved bits of its header zero as a VTEP sends
     * them. Payload has such bytes there once in 2^40 times by chance. If the message is one frame all the same, either a
     * station of the first datagram's segment lies about its packet's length, to get the frames of other segments that are
     * behind it, or it writes headers into its payload, to put frames into other segments: neither is to be had.
     */
    private static boolean isBurst(Frame message, int segment) {
        return segment + VxlanHeader.LENGTH <= message.length() && VxlanHeader.isPlain(message.getLong(segment));
    }

    // ---- a datagram ----

    private boolean isForUs(long header) {
        if (!VxlanHeader.hasVni(header)) {
            return refuse(VtepCounter.NO_VNI);
        }
        if (VxlanHeader.isGroupBasedPolicy(header)) {
            return refuse(VtepCounter.GROUP_BASED_POLICY);
        }
        if (VxlanHeader.isProtocolExtension(header)) {
            return refuse(VtepCounter.PROTOCOL_EXTENSION);
        }
        return true;
    }

    private boolean refuse(VtepCounter reason) {
        vtep.count(reason);
        return false;
    }

    /** Takes the frame, whose header was {@code header}, out of the landing; whether the landing itself goes on as that frame. */
    private boolean decapsulate(Frame view, long header, FrameBatch into) {
        int newVni = VxlanHeader.vni(header);
        if (newVni != vni || binding == null) {
            settle();
            demultiplex(newVni);
        }
        if (binding == null) {
            return refuse(VtepCounter.UNKNOWN_VNI);
        }
        if (remote == RemoteEnds.OURSELVES) {
            return refuse(VtepCounter.OWN_ADDRESS);
        }
        if (remote == null) {
            return drop(view, DropReason.UNKNOWN_REMOTE);
        }
        view.offload(0, 0, 0, 0, 0, 0); // as the datagram before may have left it
        DropReason reason = admit(view, header);
        if (reason != null) {
            return drop(view, reason);
        }
        Probe probe = remote.probe;
        if (probe != null && probe.take(view)) {
            return false;
        }
        VxlanPort port = binding.port();
        frames++;
        bytes += view.length();
        boolean unfinished = EncapsulatedOffload.recognise(view, port.innerMtu(), innerSegment);
        if (port.clampsMss()) {
            clamp(view, port); // when it is known whether the checksum is a partial one
        }
        int pushed = port.pushTag(view, newVni);
        view.ingress(binding.index());
        view.endpoint(remote.endpoint());
        return pass(view, unfinished, into, pushed);
    }

    private void clamp(Frame view, VxlanPort port) {
        if (MssClamp.clamp(view, port.innerMtu())) {
            port.countClamped();
        }
    }

    /** Finds the port and the remote end of a datagram. */
    private void demultiplex(int newVni) {
        vni = newVni;
        binding = null;
        remote = null;
        for (Binding candidate : vtep.ports(newVni)) {
            if (candidate.isGroupPort()
                    && !candidate.isFor(receiver.destinationHigh(next), receiver.destinationLow(next))) {
                continue;
            }
            VxlanRemote found = candidate.port().remoteTable().find(high, low);
            if (found != null) {
                binding = candidate;
                remote = found;
                candidate.port().heardFrom(found);
                return;
            }
            if (binding == null || candidate.port().learnsRemotes()) {
                binding = candidate;
            }
        }
        if (binding != null && binding.port().learnsRemotes()) {
            remote = binding.port().learn(high, low);
        }
    }

    /** What is wrong with a frame; {@code null} when nothing is. Congestion marks are taken over. */
    private DropReason admit(Frame view, long header) {
        VxlanPort port = binding.port();
        if (port.isStrict() && !VxlanHeader.isPlain(header)) {
            return DropReason.MALFORMED;
        }
        if (!port.carriesTags() && view.length() >= Ethernet.HEADER_LENGTH && Ethernet.isTag(Ethernet.type(view))) {
            return DropReason.INNER_TAG;
        }
        if ((trafficClass & 0x3) != 0 && Ecn.decapsulate(view, trafficClass) == Ecn.DISCARD) {
            return DropReason.ECN_NOT_CAPABLE;
        }
        return null;
    }

    private boolean drop(Frame view, DropReason reason) {
        binding.counters().received(view.length());
        binding.counters().dropped(reason);
        return false;
    }

    /** Adds the frame, or its bytes, to the batch. */
    private boolean pass(Frame view, boolean unfinished, FrameBatch into, int pushed) {
        boolean last = remaining == 0;
        boolean alone = last && stride == view.length() - pushed + VxlanHeader.LENGTH;
        if (alone && view.length() > FramePool.SMALL_LENGTH && (unfinished || !assembler.isOpen())) {
            assembler.finish(into);
            into.add(view); // one long datagram: no copy
            return true;
        }
        boolean kept = assembler.add(view, !last, into); // only a burst begins a run; others may go on with it
        if (!kept) {
            drop(view, DropReason.POOL_EMPTY);
        }
        if (pushed > 0) {
            view.consume(pushed); // the landing goes on to the next datagram
        }
        return false;
    }
}
