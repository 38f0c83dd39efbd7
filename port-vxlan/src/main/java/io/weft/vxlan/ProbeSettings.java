package io.weft.vxlan;

import java.time.Duration;

/**
 * How remotes are probed (BFD, RFC 5880, asynchronous mode).
 *
 * <p>Threads: immutable.
 *
 * @param minTransmit how far apart probes are sent at least, 50 ms..60 s
 * @param minReceive how far apart the remote is to send them at least, the same range
 * @param multiplier how many missing probes in a row make a remote down, 1..255
 */
public record ProbeSettings(Duration minTransmit, Duration minReceive, int multiplier) {
    static final Duration MIN_INTERVAL = Duration.ofMillis(50);
    static final Duration MAX_INTERVAL = Duration.ofSeconds(60);
    static final ProbeSettings DEFAULT = new ProbeSettings(Duration.ofMillis(100), Duration.ofSeconds(1), 3);
}
