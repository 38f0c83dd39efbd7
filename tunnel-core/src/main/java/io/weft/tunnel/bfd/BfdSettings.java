package io.weft.tunnel.bfd;

import java.time.Duration;
import java.util.Objects;

/**
 * How fast a session probes. Names and defaults are Open vSwitch's ({@code bfd:min_tx}, {@code bfd:min_rx},
 * {@code bfd:mult}), so that the same words mean the same on both ends of a tunnel: each end is ready to send every 100 ms and
 * asks to be sent no more than one packet a second, which is what goes over the wire until one end asks for more. A remote end
 * is found gone after three seconds then; {@code min_rx} of 100 ms makes it 0.3 s, for the side that sets it.
 *
 * <p>An end sends at its own {@code min_tx} or the remote's {@code min_rx}, whichever is longer, less a random part of up to a
 * quarter (RFC 5880, 6.8.7); once a second or less often while the session is not up (6.8.3).
 *
 * <p>Threads: immutable.
 *
 * @param minTransmit how far apart we would like to send, {@link #MIN_INTERVAL}..{@link #MAX_INTERVAL}, in whole microseconds
 * @param minReceive how far apart we are ready to receive, the same range
 * @param detectMultiplier how many of our packets in a row must be missing before the remote end takes us for gone, 1..255
 */
public record BfdSettings(Duration minTransmit, Duration minReceive, int detectMultiplier) {
    /** The shortest interval: a worker that is busy for longer than a few of them would make sessions flap. */
    public static final Duration MIN_INTERVAL = Duration.ofMillis(50);

    /** The longest interval. */
    public static final Duration MAX_INTERVAL = Duration.ofSeconds(60);

    /** 100 ms, 1000 ms and 3. */
    public static final BfdSettings DEFAULT = new BfdSettings(Duration.ofMillis(100), Duration.ofSeconds(1), 3);

    /** Checks the ranges. */
    public BfdSettings {
        requireInterval("min_tx", minTransmit);
        requireInterval("min_rx", minReceive);
        if (detectMultiplier < 1 || detectMultiplier > 255) {
            throw new IllegalArgumentException("mult is " + detectMultiplier + "; accepted: 1..255");
        }
    }

    private static void requireInterval(String option, Duration value) {
        Objects.requireNonNull(value, option);
        if (value.compareTo(MIN_INTERVAL) < 0 || value.compareTo(MAX_INTERVAL) > 0) {
            throw new IllegalArgumentException(option + " is " + value + "; accepted: " + MIN_INTERVAL.toMillis()
                    + " ms.." + MAX_INTERVAL.toSeconds() + " s");
        }
        if (value.toNanos() % 1_000 != 0) {
            throw new IllegalArgumentException(option + " is " + value + "; accepted: whole microseconds");
        }
    }

    long minTransmitUs() {
        return minTransmit.toNanos() / 1_000;
    }

    long minReceiveUs() {
        return minReceive.toNanos() / 1_000;
    }
}
