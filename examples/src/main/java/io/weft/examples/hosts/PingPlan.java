package io.weft.examples.hosts;

import java.time.Duration;

/**
 * Whom a host pings once it is up: first over IPv4, then over IPv6.
 *
 * <p>Echo requests are counted from the peer's first answer on, so that a host that boots a second later than the other
 * loses nothing by it; one request follows the other after {@link #INTERVAL}.
 *
 * @param peer the host that answers
 * @param count how many echo requests with each IP version; 1 to 1,000
 * @param peerWait how long to wait for the peer's first answer, with each IP version; 1 second to 1 hour
 */
public record PingPlan(HostAddress peer, int count, Duration peerWait) {
    /** Between two echo requests; 200 ms is the least that {@code ping} lets everyone use. */
    public static final Duration INTERVAL = Duration.ofMillis(200);

    /** How long an answer is waited for after the last request. */
    public static final Duration LAST_ANSWER_WAIT = Duration.ofSeconds(2);

    public PingPlan {
        if (count < 1 || count > 1_000) {
            throw new IllegalArgumentException("count " + count + ": accepted is 1 to 1000");
        }
        if (peerWait.toSeconds() < 1 || peerWait.toSeconds() > 3_600) {
            throw new IllegalArgumentException("peerWait " + peerWait + ": accepted is 1 second to 1 hour");
        }
    }

    /** Five echo requests with each IP version, and a minute for the peer to come up, on however busy a machine. */
    public static PingPlan of(HostAddress peer) {
        return new PingPlan(peer, 5, Duration.ofSeconds(60));
    }

    public PingPlan withCount(int newCount) {
        return new PingPlan(peer, newCount, peerWait);
    }

    public PingPlan withPeerWait(Duration newPeerWait) {
        return new PingPlan(peer, count, newPeerWait);
    }
}
