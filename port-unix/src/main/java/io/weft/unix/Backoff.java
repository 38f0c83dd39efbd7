package io.weft.unix;

import java.util.SplittableRandom;

/**
 * How long to wait before the next attempt: twice as long after each failure, up to a bound, and spread by half of it, so
 * that many clients of one server that restarts do not all come back at the same moment.
 *
 * <p>Threads: confined.
 */
final class Backoff {
    private final long minNs;
    private final long maxNs;
    private final SplittableRandom random;
    private long nextNs;

    Backoff(long minNs, long maxNs, SplittableRandom random) {
        this.minNs = minNs;
        this.maxNs = maxNs;
        this.random = random;
        this.nextNs = minNs;
    }

    /** Nanoseconds to wait now: half to all of the current step. */
    long nextDelayNs() {
        long step = nextNs;
        nextNs = Math.min(maxNs, 2 * step);
        return step / 2 + random.nextLong(step / 2 + 1);
    }

    /** After a success: the next failure starts from the shortest wait. */
    void reset() {
        nextNs = minNs;
    }
}
