package io.weft.websocket;

import java.time.Duration;

/**
 * Limits of a WebSocket connection.
 *
 * @param maxFrameLength longest Ethernet frame in bytes, from the destination address on, without FCS
 * @param queue frames that may wait for the peer
 * @param ping silence after which the peer is pinged; zero for never
 * @param idle silence after which the connection is closed; zero for never
 * @param refuseAuthFrame whether a go-websockproxy authentication frame closes the connection instead of being ignored
 */
record ConnectionLimits(int maxFrameLength, int queue, Duration ping, Duration idle, boolean refuseAuthFrame) {
    private static final long SHORTEST_CHECK_NS = 10_000_000L;
    private static final long LONGEST_CHECK_NS = 1_000_000_000L;

    /** How often to look at the silence: often enough to be at most a quarter late. */
    long checkIntervalNs() {
        long shortest = LONGEST_CHECK_NS * 4;
        for (Duration limit : new Duration[] {ping, idle}) {
            if (!limit.isZero()) {
                shortest = Math.min(shortest, limit.toNanos());
            }
        }
        return Math.max(SHORTEST_CHECK_NS, shortest / 4);
    }
}
