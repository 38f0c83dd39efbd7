package io.weft.vxlan;

import java.time.Duration;

/**
 * How remotes are probed (BFD, RFC 5880, asynchronous mode).
 *
 * <p>Threads: immutable.
 *
 * @param minTransmit how often a probe is sent at most
 * @param minReceive how often probes are taken at most
 * @param multiplier how many missing probes in a row make a remote down
 */
public record ProbeSettings(Duration minTransmit, Duration minReceive, int multiplier) {}
