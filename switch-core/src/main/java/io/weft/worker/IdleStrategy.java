package io.weft.worker;

import java.time.Duration;

/**
 * How long a worker without work looks for more before it sleeps. Waking a sleeping thread costs tens of microseconds;
 * spinning costs a core.
 *
 * @param spinNs nanoseconds to spin at most before each sleep, 0 or more
 * @param adaptive whether to spin only while it pays, see {@link #adaptive}
 */
public record IdleStrategy(long spinNs, boolean adaptive) {
    /** Sleeps at once. On a machine with few cores spinning takes the time from those who send and receive. */
    public static final IdleStrategy SLEEP = new IdleStrategy(0, false);

    /** Checks the range. */
    public IdleStrategy {
        if (spinNs < 0) {
            throw new IllegalArgumentException("idle spinning time " + spinNs + " ns is negative; accepted: 0 or more");
        }
    }

    /** Spins for {@code time} before each sleep. */
    public static IdleStrategy spin(Duration time) {
        return new IdleStrategy(time.toNanos(), false);
    }

    /**
     * Spins for {@code most} before a sleep if that would have been enough for most of the last waits, and else sleeps at
     * once: some short waits in a row turn spinning on, two long ones turn it off. Worth trying where there are
     * more cores than workers and busy hosts, with 20 to 50 microseconds.
     */
    public static IdleStrategy adaptive(Duration most) {
        return new IdleStrategy(most.toNanos(), true);
    }
}
