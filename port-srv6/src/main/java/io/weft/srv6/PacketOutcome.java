package io.weft.srv6;

import io.weft.route.NextHop;
import io.weft.srv6.SidProcessor.Verdict;
import io.weft.tunnel.TunnelBinding;
import io.weft.underlay.UnderlayPeer;

/**
 * What became of the packet that a {@link SidProcessor} had last.
 *
 * <p>Threads: confined to one worker.
 */
abstract class PacketOutcome {
    Verdict verdict;
    LocalSid sid;
    long argument;
    int payload;
    int trafficClass;
    NextHop nextHop;
    TunnelBinding binding;
    long sourceHigh;
    long sourceLow;
    UnderlayPeer gateway;
    Srv6Counter counter;
    long answer;
    boolean isOurs; // whether the outer header is one that was made here

    /** Until something else is found, a packet goes where its destination leads. */
    final void begin() {
        verdict = Verdict.FORWARD;
        sid = null;
        argument = 0;
        nextHop = null;
        binding = null;
        gateway = null;
        counter = null;
        answer = IcmpError.NONE;
        isOurs = false;
    }

    /** Returns {@code null}: no SID has its turn next. */
    final LocalSid drop(Srv6Counter reason) {
        verdict = Verdict.DROP;
        counter = reason;
        return null;
    }

    /** Returns {@code null}: no SID has its turn next. */
    final LocalSid deliver(NextHop where, int what, int outerTrafficClass) {
        verdict = Verdict.DELIVER;
        nextHop = where;
        payload = what;
        trafficClass = outerTrafficClass;
        return null;
    }

    /** The SID that decided; {@code null} when there was none for the packet. */
    public final LocalSid sid() {
        return sid;
    }

    /** When delivered: the SID's argument, its last 64 bits where it is longer, 0 for none. */
    public final long argument() {
        return argument;
    }

    /** When delivered: {@link Ipv6Header#ETHERNET}, {@link Ipv6Header#IPV4} or {@link Ipv6Header#IPV6}. */
    public final int payload() {
        return payload;
    }

    /** When delivered: the traffic class of the header that was taken off, -1 when none was (End.T out of a port). */
    public final int trafficClass() {
        return trafficClass;
    }

    /** Where the packet that the last SID had was from, first half: there may have been several headers. */
    public final long sourceHigh() {
        return sourceHigh;
    }

    /** Second half. */
    public final long sourceLow() {
        return sourceLow;
    }

    /** When an IP packet is delivered: by a port or a station; else {@code null}. */
    public final NextHop nextHop() {
        return nextHop;
    }

    /** When a frame is delivered: to which port; else {@code null}. */
    public final TunnelBinding binding() {
        return binding;
    }

    /** When forwarded: to whom, {@code null}: where the destination leads. */
    public final UnderlayPeer gateway() {
        return gateway;
    }

    /**
     * When forwarded or dropped: as whom its sender is told that it gets no further: the owner of the SID that had it last; {@code null} when
     * nobody is, as the packet's header was made here.
     */
    public final SrSource answering() {
        return sid == null || isOurs ? null : sid.source();
    }

    /** When dropped: why; else {@code null}. */
    public final Srv6Counter counter() {
        return counter;
    }

    /**
     * When dropped: the error that its source is told of, see {@link IcmpError}; 0 for none. If there is one, the packet is as it
     * came, or as the SID before passed it on.
     */
    public final long answer() {
        return answer;
    }
}
