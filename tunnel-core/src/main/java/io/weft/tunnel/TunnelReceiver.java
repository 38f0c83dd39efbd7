package io.weft.tunnel;

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
import io.weft.tunnel.RemoteEnd.Origin;
import io.weft.underlay.UnderlayReceiver;

/**
 * Takes frames out of what a listener's socket receives.
 *
 * <p>A message may be a whole burst of datagrams. The frames in it are copied out one by one: the segments of a flow into one
 * super-frame ({@link RunAssembler}), also across messages, small ones into small slots; only a message that is one long
 * datagram goes on in the slot it landed in. When there is no room left for what a burst still holds, the next call goes on with it.
 *
 * <p>Each kind of tunnel looks at its header, and says whose the frame is ({@link #open}). Then, for all of them: the tag inside,
 * congestion marks, probes. Datagrams that reach no port are counted by the listener, frames by the port's {@link
 * DropReason}s.
 *
 * <p>Threads: the listener's worker.
 */
public abstract class TunnelReceiver {
    private static final int CAPACITY = 32;
    private static final int LEAST_OFFERED = 2;

    /** Bytes after which a poll ends, so that what came is sent on while it is in some cache. */
    private static final int BURST_BYTES = 192 * 1024;

    private final UnderlayReceiver receiver;
    private final boolean mergesMessages;
    private final FramePool pool;
    private final RunAssembler assembler;
    private final Frame[] landings = new Frame[CAPACITY];
    private int offered = LEAST_OFFERED;

    // what was received and is not taken out yet
    private int messages;
    private int next;
    private int messageLength;
    private int remaining; // bytes of the message at `next`; -1 before it is begun
    private int stride;
    private int innerSegment;
    private int trafficClass;
    private long high;
    private long low;

    // whose the last datagrams are, until one comes from elsewhere, or the poll ends
    private TunnelBinding binding;
    private RemoteEnd remote;
    private int frames;
    private long bytes;
    private boolean timed; // whether the clock was read in this poll
    private long nowNs;
    private boolean begun; // a message of this poll, from `high` and `low` to these
    private long toHigh;
    private long toLow;

    private boolean drained; // the last call to the kernel found the end
    private boolean more;

    /**
     * A receiver.
     *
     * @param mergesMessages whether runs of segments come as messages of their own, since the underlay merges none
     */
    protected TunnelReceiver(UnderlayReceiver receiver, FramePool pool, boolean mergesMessages) {
        this.receiver = receiver;
        this.pool = pool;
        this.mergesMessages = mergesMessages;
        this.assembler = new RunAssembler(pool, Frame.MAX_LENGTH);
    }

    // ---- what each kind of tunnel knows ----

    /** A message is longer than any frame, and was cut. */
    protected abstract void countTooLong();

    /** A datagram has no byte. */
    protected abstract void countEmpty();

    /** A burst may be one frame or several: that is not to be told safely. */
    protected abstract void countAmbiguous();

    /**
     * Bytes of the tunnel's header at the beginning of a message; -1 when there is no Ethernet frame, and no packet that
     * {@link #packetType} says, behind it.
     */
    protected abstract int headerLength(Frame message);

    /** The EtherType of the IP packet behind that header; 0 when it is an Ethernet frame. */
    protected int packetType(Frame message) {
        return 0;
    }

    /**
     * Whether a datagram begins at an offset, with a header as whoever sends the message writes it: payload has such bytes there
     * so rarely by chance that it can be taken for one.
     */
    protected abstract boolean beginsDatagram(Frame message, int offset);

    /**
     * Looks at a datagram's header, finds the port and the remote end ({@link #target}), and takes the header off, so that an
     * Ethernet frame begins with the first byte.
     *
     * @return whether that is done; if not, the datagram has been counted, or {@link #drop}ped
     */
    protected abstract boolean open(Frame datagram);

    /** Whether the datagram that {@link #open} has just refused is somebody's who releases it: it goes on elsewhere. */
    protected boolean hasTaken() {
        return false;
    }

    /** The poll ends: what goes on elsewhere is to go now. */
    protected void polled() {}

    /** TOS, or traffic class, of the header that the frame was in; 0 where there was none. */
    protected int outerTrafficClass() {
        return trafficClass;
    }

    /**
     * Gives a frame the offload metadata that it should have come with, where the sender's kernel left something undone.
     *
     * @param mtu of the port inside
     * @return whether something was left undone
     */
    protected boolean isUnfinished(Frame frame, int mtu) {
        return EncapsulatedOffload.recognise(frame, mtu, innerSegment);
    }

    /** A frame is about to go on into the switch: the last chance to push a tag. */
    protected void accepted(Frame frame) {}

    // ---- for them ----

    /** Forgets whose the last datagram was: what comes now is from elsewhere, or of another poll. */
    protected void begun() {}

    /** Whether the datagram came in fragments. */
    protected final boolean isReassembled() {
        return receiver.isReassembled(next);
    }

    /** The clock of the port whose the datagram is, in nanoseconds, as it was when it was first asked in this poll. */
    protected final long nowNs() {
        if (!timed) {
            timed = true;
            nowNs = binding.port().nanoTime();
        }
        return nowNs;
    }

    /** Says whose this datagram is, and those behind it until this is called again; {@code null} for nobody's. */
    protected final void target(TunnelBinding newBinding, RemoteEnd newRemote) {
        if (newBinding != binding || newRemote != remote) {
            settle();
            binding = newBinding;
            remote = newRemote;
        }
    }

    /**
     * Finds whose of some ports this datagram is, and those behind it: the one's that was given the sender as a remote end, or has
     * learned it, or learns it.
     * If there is none, one of them is to refuse it.
     *
     * @return whether there is a remote end, be it {@link RemoteEnds#OURSELVES}
     */
    protected final boolean target(TunnelBinding[] candidates) {
        TunnelBinding chosen = null;
        TunnelBinding learner = null;
        RemoteEnd learned = null;
        for (TunnelBinding candidate : candidates) {
            if (candidate.heedsDestination() && !candidate.isFor(toHigh, toLow)) {
                continue;
            }
            RemoteEnd found = candidate.port().remoteTable().find(high, low);
            if (found != null && found.origin() != Origin.LEARNED) {
                return known(candidate, found);
            }
            if (found != null) {
                learner = candidate; // unless another one was given it
                learned = found;
            } else if (chosen == null || candidate.port().learnsRemotes()) {
                chosen = candidate;
            }
        }
        if (learned != null) {
            return known(learner, learned);
        }
        boolean learns = chosen != null && chosen.port().learnsRemotes();
        target(chosen, learns ? chosen.port().learn(high, low) : null);
        return remote != null;
    }

    private boolean known(TunnelBinding whose, RemoteEnd sender) {
        target(whose, sender);
        whose.port().heardFrom(sender);
        return true;
    }

    /** Whose it is. */
    protected final TunnelBinding binding() {
        return binding;
    }

    /** From whom it is. */
    protected final RemoteEnd remote() {
        return remote;
    }

    /** Counts a datagram as received and dropped by the port whose it is; returns {@code false}. */
    protected final boolean drop(Frame view, DropReason reason) {
        binding.counters().received(view.length());
        binding.counters().dropped(reason);
        return false;
    }

    // ---- receiving ----

    /** Whether there may be more than the last call took. */
    boolean hasMore() {
        return more;
    }

    /** Adds up to {@code limit} frames. */
    int receive(FrameBatch into, int limit) {
        timed = false;
        begun = false; // remote ends may have come, gone or moved since the last call
        int added = unpackAll(into, limit);
        polled();
        settle();
        return added;
    }

    private int unpackAll(FrameBatch into, int limit) {
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
        } else if (!begun) {
            arrived(); // the rest of it
        }
        while (remaining > 0) {
            if (into.size() == end) {
                return false;
            }
            int whole = remaining;
            int length = Math.min(stride, whole);
            int headroom = landing.headroom();
            remaining -= length;
            landing.length(length);
            if (decapsulate(landing, length, into)) {
                landings[next] = null; // it goes on as the frame
                break;
            }
            if (remaining > 0) {
                int moved = landing.headroom() - headroom;
                landing.length(whole - moved);
                landing.consume(length - moved);
                landing.offload(0, 0, 0, 0, 0, 0); // which was that of the datagram before
            }
        }
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
        messageLength = remaining;
        stride = remaining;
        innerSegment = 0;
        if (receiver.isCut(next)) {
            countTooLong();
            remaining = 0;
            return;
        }
        if (remaining == 0) {
            countEmpty();
            return;
        }
        trafficClass = receiver.trafficClass(next);
        arrived();
        landing.length(remaining);
        int segment = receiver.segmentSize(next);
        if (segment > 0 && segment < remaining) {
            divide(landing, segment);
        }
    }

    /** Reads between whom the message is; another than before is another one's, perhaps. */
    private void arrived() {
        long fromHigh = receiver.sourceHigh(next);
        long fromLow = receiver.sourceLow(next);
        long newHigh = receiver.destinationHigh(next);
        long newLow = receiver.destinationLow(next);
        if (begun && fromLow == low && fromHigh == high && newLow == toLow && newHigh == toHigh) {
            return;
        }
        high = fromHigh;
        low = fromLow;
        toHigh = newHigh;
        toLow = newLow;
        begun = true;
        target(null, null);
        begun();
    }

    /**
     * Decides what a message is whose segment size was told: a burst of datagrams, or one, made by a kernel that encapsulated a
     * UDP super-frame. If a second datagram begins where the first segment ends and the message is one frame all the same,
     * either a station of the first datagram's segment lies about its packet's length, to get the frames of other segments that
     * are behind it, or it writes headers into its payload, to put frames into other segments: neither is to be had.
     */
    private void divide(Frame message, int segment) {
        if (!isOneFrame(message)) {
            stride = segment;
        } else if (beginsDatagram(message, segment)) {
            countAmbiguous();
            remaining = 0;
        } else {
            innerSegment = segment;
        }
    }

    /**
     * Whether the message is one datagram, made by a kernel that encapsulated a UDP super-frame: then the segment size that
     * it tells is that of the frame inside, whose IP header says that it reaches to the end.
     */
    private boolean isOneFrame(Frame message) {
        int header = headerLength(message);
        if (header < 0) {
            return false;
        }
        int packet = packetType(message);
        if (packet != 0) {
            return reachesEnd(message, header, packet);
        }
        if (message.length() < header + Ethernet.HEADER_LENGTH) {
            return false;
        }
        message.consume(header);
        int etherType = EtherType.offset(message);
        boolean whole =
                etherType != EtherType.NONE && reachesEnd(message, etherType + 2, EtherType.at(message, etherType));
        message.prepend(header);
        return whole;
    }

    /** Whether an IP packet's header says that the packet reaches to the message's end. */
    private static boolean reachesEnd(Frame message, int ip, int type) {
        if (type == EtherType.IPV4 && Ipv4.isPresent(message, ip)) {
            return ip + message.getShort(ip + 2) == message.length();
        }
        return type == EtherType.IPV6
                && Ipv6.isPresent(message, ip)
                && ip + Ipv6.HEADER_LENGTH + message.getShort(ip + 4) == message.length();
    }

    // ---- a datagram ----

    /** Takes the frame out of the landing; whether the landing itself goes on as that frame. */
    private boolean decapsulate(Frame view, int length, FrameBatch into) {
        if (!open(view)) {
            return hasTaken();
        }
        TunnelPort port = binding.port();
        DropReason reason = admit(view, port);
        if (reason != null) {
            return drop(view, reason);
        }
        Probe probe = remote.probe;
        if (probe != null && probe.take(view)) {
            return false;
        }
        frames++;
        bytes += view.length();
        boolean unfinished = isUnfinished(view, port.innerMtu());
        if (port.tunnel().clampMss()) {
            clamp(view, port); // when it is known whether the checksum is a partial one
        }
        accepted(view);
        view.ingress(binding.index());
        view.endpoint(remote.endpoint());
        return pass(view, length, unfinished, into);
    }

    private static void clamp(Frame view, TunnelPort port) {
        if (MssClamp.clamp(view, port.innerMtu())) {
            port.countClamped();
        }
    }

    /** What is wrong with a frame; {@code null} when nothing is. Congestion marks are taken over. */
    private DropReason admit(Frame view, TunnelPort port) {
        if (!port.tunnel().carryTags()
                && view.length() >= Ethernet.HEADER_LENGTH
                && Ethernet.isTag(Ethernet.type(view))) {
            return DropReason.INNER_TAG;
        }
        int outer = outerTrafficClass();
        if ((outer & 0x3) != 0 && Ecn.decapsulate(view, outer) == Ecn.DISCARD) {
            return DropReason.ECN_NOT_CAPABLE;
        }
        return null;
    }

    /**
     * Whether the message behind this one looks as if it had the next frame of the same flow: with the same 12 bytes from where
     * IPv4 has its addresses and the ports behind them; IPv6 has addresses there. That spares what is of many flows all that
     * merging takes, and the assembler says what is really merged. What is behind the next message's end is an older one's,
     * and does no harm.
     */
    private boolean resemblesNext(Frame view) {
        int etherType = EtherType.offset(view);
        int addresses = etherType + 2 + 12;
        if (etherType == EtherType.NONE
                || view.length() < addresses + 12
                || receiver.length(next + 1) > messageLength) {
            return false;
        }
        Frame other = landings[next + 1];
        int there = messageLength - view.length() + addresses; // behind a tunnel's header that is as long as this one's
        return view.getLong(addresses) == other.getLong(there) && view.getInt(addresses + 8) == other.getInt(there + 8);
    }

    /** Adds the frame, or its bytes, to the batch. */
    private boolean pass(Frame view, int length, boolean unfinished, FrameBatch into) {
        boolean alone = length == messageLength; // and so no copy is needed for the sake of another datagram behind it
        boolean followed = remaining > 0 || mergesMessages && next + 1 < messages && resemblesNext(view);
        if (alone && view.length() > FramePool.SMALL_LENGTH && (unfinished || !assembler.isOpen() && !followed)) {
            assembler.finish(into);
            into.add(view); // one long datagram: no copy
            return true;
        }
        if (assembler.add(view, followed, into)) { // only a burst begins a run; others may go on with it
            return false;
        }
        if (alone && view.length() > FramePool.SMALL_LENGTH) { // no room for a copy, and none is needed
            assembler.finish(into);
            into.add(view);
            return true;
        }
        return drop(view, DropReason.POOL_EMPTY);
    }
}
