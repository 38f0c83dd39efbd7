package io.weft.tunnel;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How often a switch may answer for others, as with {@link PacketTooBig}: so many answers a second, and some at once after a
 * pause. Whoever sends floods of what calls for an answer then gets no flood back (RFC 4443, 2.4(f)).
 *
 * <p>It is one number, the moment at which as many as ever may be given at once (GCRA, ITU-T I.371): an answer puts it off by
 * the time between two, and is not given when that would be more than a burst ahead.
 *
 * <p>Threads: any.
 */
public final class AnswerLimit {
    private static final long SECOND_NS = 1_000_000_000L;
    private static final int MAX_PER_SECOND = 1_000_000;

    private final long intervalNs;
    private final long aheadNs; // how far ahead that moment may be for another answer
    private final AtomicLong fullAtNs = new AtomicLong(Long.MIN_VALUE);

    /**
     * A limit that allows a whole burst at first.
     *
     * @param perSecond answers a second in the long run, 1..1,000,000
     * @param burst answers at once after a pause, 1..1,000,000
     */
    public AnswerLimit(int perSecond, int burst) {
        require("perSecond", perSecond);
        require("burst", burst);
        intervalNs = SECOND_NS / perSecond;
        aheadNs = (burst - 1) * intervalNs;
    }

    private static void require(String option, int value) {
        if (value < 1 || value > MAX_PER_SECOND) {
            throw new IllegalArgumentException(option + " is " + value + "; accepted: 1.." + MAX_PER_SECOND);
        }
    }

    /**
     * Whether another answer may be given now; if so, it counts as given.
     *
     * @param nowNs of one monotonic clock, as {@link io.weft.port.PortContext#nanoTime()}
     */
    public boolean take(long nowNs) {
        while (true) {
            long seen = fullAtNs.get();
            long full = Math.max(seen, nowNs);
            if (full - nowNs > aheadNs) {
                return false;
            }
            if (fullAtNs.compareAndSet(seen, full + intervalNs)) {
                return true;
            }
        }
    }
}
