package io.weft.worker;

import java.time.Duration;

/**
 * How long a worker without work looks for more before it sleeps. Waking a sleeping thread costs tens of microseconds;
 * spinning costs a core.
 *
 * @param spinNs nanoseconds to spin, 0 or more
 */
public record IdleStrategy(long spinNs) {
    /** Sleeps at once. On a machine with few cores spinning takes the time from those who send and receive. */
    public static final IdleStrategy SLEEP = new IdleStrategy(0);

    /** Checks the range. */
    public IdleStrategy {
        if (spinNs < 0) {
            throw new IllegalArgumentException("idle spinning time " + spinNs + " ns is negative");
        }
    }

    /** Spins for {@code time} before it sleeps. */
    public static IdleStrategy spin(Duration time) {
        return new IdleStrategy(time.toNanos());
    }
}
