package io.weft.srv6;

/**
 * How packets get to a remote end now: what {@link RemoteSegments} says, without what has failed.
 *
 * <p>Threads: any; workers read without a lock.
 */
final class RemotePaths {
    private final PathChoice unicast;
    private final PathChoice flood;
    private final boolean signed;
    private final int overhead;
    private final boolean spreads;

    RemotePaths(RemoteSegments segments, Encapsulation encapsulation) {
        unicast = new PathChoice(segments.unicast());
        flood = segments.flood().equals(segments.unicast()) ? unicast : new PathChoice(segments.flood());
        signed = segments.unicast().all().get(0).isSigned();
        overhead = segments.longestHeader(encapsulation) - Ipv6Header.LENGTH;
        spreads = segments.spreads();
    }

    /** The list that a frame of a flow takes. */
    SegmentList choose(boolean isUnicast, int flow) {
        return (isUnicast ? unicast : flood).choose(flow);
    }

    /** Whether all lists have room for an HMAC; otherwise none has. */
    boolean isSigned() {
        return signed;
    }

    /** Bytes behind the IPv6 header of the longest list. */
    int overhead() {
        return overhead;
    }

    /** Whether flows are spread over several lists. */
    boolean spreads() {
        return spreads;
    }

    /** Whether packets go by a segment now. */
    boolean uses(long high, long low) {
        return unicast.uses(high, low) || flood != unicast && flood.uses(high, low);
    }

    /** Whether a segment is in any of the lists. */
    boolean contains(long high, long low) {
        return unicast.contains(high, low) || flood != unicast && flood.contains(high, low);
    }

    /** Packets to a segment do not arrive; whether there are lists that are left aside for that from now on. */
    boolean fail(long high, long low, long nowNs) {
        boolean changed = unicast.fail(high, low, nowNs);
        return flood != unicast && flood.fail(high, low, nowNs) || changed;
    }

    /** Lists that have failed at a time, or before, are to be tried again. */
    void restore(long failedBeforeNs) {
        unicast.restore(failedBeforeNs);
        flood.restore(failedBeforeNs);
    }
}
