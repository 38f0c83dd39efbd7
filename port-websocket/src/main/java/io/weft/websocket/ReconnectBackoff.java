package io.weft.websocket;

import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * How long to wait before the next attempt to connect: doubled after every failure up to a limit, and shortened at random by
 * up to a half, so that the clients of a server that was restarted do not all come back at once.
 *
 * <p>Threads: confined.
 */
final class ReconnectBackoff {
    private final long minNs;
    private final long maxNs;
    private final DoubleSupplier random;
    private long nextNs;

    /** @param random uniform in [0, 1) */
    ReconnectBackoff(Duration min, Duration max, DoubleSupplier random) {
        this.minNs = min.toNanos();
        this.maxNs = Math.max(minNs, max.toNanos());
        this.random = random;
        this.nextNs = minNs;
    }

    /** Nanoseconds to wait after one more failure. */
    long nextDelayNs() {
        long delayNs = nextNs;
        nextNs = Math.min(maxNs, 2 * delayNs);
        return (long) (delayNs * (1 - random.getAsDouble() / 2));
    }

    /** A connection proved itself: start again from the shortest time. */
    void reset() {
        nextNs = minNs;
    }
}
