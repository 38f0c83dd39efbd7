package io.weft.srv6;

import io.weft.frame.Frame;
import io.weft.frame.Ipv6;
import io.weft.port.PortContext;
import io.weft.tunnel.AnswerLimit;
import io.weft.tunnel.RemoteEnd;
import io.weft.tunnel.RemoteTable;
import io.weft.underlay.UnderlayPeer;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What a port does about segments that are not reached: the lists that have them are left aside for a while, where there are others.
 * ICMP says so, or the kernel; nobody authenticates ICMP, and so not too often.
 *
 * <p>Threads: any.
 */
final class SegmentFailures {
    /** After which lists that failed are tried again. */
    private static final long RETRY_NS = TimeUnit.SECONDS.toNanos(10);

    /** ICMP errors that are looked into. */
    private static final int ERRORS_PER_SECOND = 1_000;

    private static final int ERRORS = 64;

    private final PortContext context;
    private final AnswerLimit limit = new AnswerLimit(ERRORS_PER_SECOND, ERRORS);

    SegmentFailures(PortContext context) {
        this.context = context;
    }

    /**
     * The remote ends that a segment is on the way to. ICMP has the destination that a packet had then: any of the segments on its way,
     * of several remote ends perhaps. All are looked through, and so not for whoever floods this machine with errors.
     */
    List<RemoteEnd> behind(RemoteTable remotes, long high, long low) {
        if (!limit.take(context.nanoTime())) {
            return List.of();
        }
        List<RemoteEnd> behind = remotes.all().stream()
                .filter(remote -> Srv6Port.paths(remote).contains(high, low))
                .toList();
        behind.forEach(remote -> Srv6Port.paths(remote).heardOf(high, low));
        return behind;
    }

    /** A segment is not reached: other lists are used for a while, where there are any; returns whether there are. */
    boolean isWayAround(RemoteEnd remote, long high, long low) {
        RemotePaths paths = Srv6Port.paths(remote);
        if (!paths.fail(high, low, context.nanoTime())) {
            return !paths.uses(high, low); // of a packet that was on its way before
        }
        context.schedule(RETRY_NS, () -> paths.restore(context.nanoTime() - RETRY_NS));
        if (paths.uses(high, low)) {
            return false; // there is no other one
        }
        context.report("segment " + UnderlayPeer.format(high, low) + " on the way to remote end " + remote
                + " is not reached: its lists are left aside for " + TimeUnit.NANOSECONDS.toSeconds(RETRY_NS) + " s");
        return true;
    }

    /** The kernel says so at once where there is no route to the first segment, or its link is down. */
    void unreached(RemoteEnd remote, Frame encapsulated) {
        if (limit.take(context.nanoTime())) {
            isWayAround(remote, Ipv6.destinationHigh(encapsulated, 0), Ipv6.destinationLow(encapsulated, 0));
        }
    }
}
