package io.weft.srv6;

import io.weft.underlay.UnderlayPeer;

/**
 * How packets get to a remote end now: what {@link RemoteSegments} says, without what has failed.
 *
 * <p>Threads: any; workers read without a lock.
 */
final class RemotePaths {
    private final PathChoice unicast;
    private final PathChoice flood;
    private final FloodArguments arguments;
    private final boolean signed;
    private final int overhead;
    private final boolean spreads;
    private volatile UnderlayPeer heardOf;

    RemotePaths(RemoteSegments segments, Encapsulation encapsulation) {
        unicast = new PathChoice(segments.unicast());
        flood = segments.flood().equals(segments.unicast()) ? unicast : new PathChoice(segments.flood());
        arguments = segments.arguments();
        signed = segments.unicast().all().get(0).isSigned();
        overhead = segments.longestHeader(encapsulation) - Ipv6Header.LENGTH;
        spreads = segments.spreads();
    }

    /** The list that a frame of a flow takes. */
    SegmentList choose(boolean isUnicast, int flow) {
        return (isUnicast ? unicast : flood).choose(flow);
    }

    /** What the last segment of flooded frames' lists tells. */
    FloodArguments arguments() {
        return arguments;
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

    // ---- segments as packets had them in their destinations: the last one of a flooded frame with an argument,
    // perhaps ----

    /** Whether packets go by a segment now. */
    boolean uses(long high, long low) {
        return unicast.uses(high, low)
                || flood != unicast && flood.uses(high, low)
                || isWithArgument(high, low) && flood.uses(arguments.sidHigh(high), arguments.sidLow(low));
    }

    /** Whether a segment is in any of the lists. */
    boolean contains(long high, long low) {
        return unicast.contains(high, low)
                || flood != unicast && flood.contains(high, low)
                || isWithArgument(high, low);
    }

    /** Packets to a segment do not arrive; whether there are lists that are left aside for that from now on. */
    boolean fail(long high, long low, long nowNs) {
        boolean changed = unicast.fail(high, low, nowNs);
        changed |= flood != unicast && flood.fail(high, low, nowNs);
        return isWithArgument(high, low) && flood.fail(arguments.sidHigh(high), arguments.sidLow(low), nowNs)
                || changed;
    }

    /** An error was about a packet to this segment, which is one of these. */
    void heardOf(long high, long low) {
        if (isWithArgument(high, low)) {
            heardOf = new UnderlayPeer(high, low, 0, 0);
        }
    }

    /** The last segment with the argument that an error was about last; {@code null}: none was. */
    UnderlayPeer heardOf() {
        return heardOf;
    }

    /** Whether it is the last segment of what is flooded, with an argument. */
    private boolean isWithArgument(long high, long low) {
        return arguments.exist()
                && flood.path().all().stream()
                        .anyMatch(list -> list.endsWith(arguments.sidHigh(high), arguments.sidLow(low)));
    }

    /** Lists that have failed at a time, or before, are to be tried again. */
    void restore(long failedBeforeNs) {
        unicast.restore(failedBeforeNs);
        flood.restore(failedBeforeNs);
    }
}
