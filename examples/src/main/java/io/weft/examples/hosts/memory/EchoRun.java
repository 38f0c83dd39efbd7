package io.weft.examples.hosts.memory;

import io.weft.examples.hosts.HostEvent;
import io.weft.examples.hosts.IpVersion;
import io.weft.examples.hosts.PingPlan;
import io.weft.examples.hosts.PingResult;
import java.time.Duration;

/**
 * The pings over one IP version, as a state machine: find the peer's MAC address, send the echo requests at their
 * times, and wait for the last answers.
 *
 * <p>Threads: confined to its host's lock.
 */
final class EchoRun {
    /** Between two questions for the peer's MAC address; Linux waits 1 s. */
    private static final long RESOLVE_INTERVAL_NS = Duration.ofMillis(500).toNanos();

    /** What a run has its host do. */
    interface Actions {
        /** Whether the peer's MAC address is known. */
        boolean isResolved(IpVersion version);

        void askForPeer(IpVersion version);

        /** @param sequence from 1 */
        void sendRequest(IpVersion version, int sequence);

        void report(HostEvent event);
    }

    private final IpVersion version;
    private final PingPlan plan;
    private final Actions actions;
    private final long[] sentNs; // by sequence number, from 1
    private final boolean[] answered;
    private boolean begun;
    private long giveUpNs;
    private long nextNs;
    private int asked;
    private int sent;
    private int received;
    private long minRttNs = Long.MAX_VALUE;
    private long maxRttNs;
    private long sumRttNs;
    private boolean done;

    EchoRun(IpVersion version, PingPlan plan, Actions actions) {
        this.version = version;
        this.plan = plan;
        this.actions = actions;
        sentNs = new long[plan.count() + 1];
        answered = new boolean[plan.count() + 1];
    }

    IpVersion version() {
        return version;
    }

    boolean done() {
        return done;
    }

    /** Does what is due. */
    void advance(long nowNs) {
        if (done) {
            return;
        }
        if (!begun) {
            begun = true;
            giveUpNs = nowNs + plan.peerWait().toNanos();
            nextNs = nowNs;
        }
        if (sent == 0 && !actions.isResolved(version)) {
            resolve(nowNs);
        } else if (sent == 0 || sent < plan.count() && nowNs - nextNs >= 0) {
            sent++;
            sentNs[sent] = nowNs;
            nextNs = nowNs + (sent < plan.count() ? PingPlan.INTERVAL : PingPlan.LAST_ANSWER_WAIT).toNanos();
            actions.sendRequest(version, sent);
        } else if (sent == plan.count() && (received == sent || nowNs - nextNs >= 0)) {
            finish(sent);
        }
    }

    private void resolve(long nowNs) {
        if (nowNs - giveUpNs >= 0) {
            finish(asked);
        } else if (nowNs - nextNs >= 0) {
            if (asked == 1) {
                actions.report(new HostEvent.Waiting(plan.peer().ip(version)));
            }
            asked++;
            nextNs = nowNs + RESOLVE_INTERVAL_NS;
            actions.askForPeer(version);
        }
    }

    /** Takes an answer from the peer; returns false if it answers nothing that is open. */
    boolean reply(int sequence, long nowNs) {
        if (done || sequence < 1 || sequence > sent || answered[sequence]) {
            return false;
        }
        long rttNs = nowNs - sentNs[sequence];
        answered[sequence] = true;
        received++;
        minRttNs = Math.min(minRttNs, rttNs);
        maxRttNs = Math.max(maxRttNs, rttNs);
        sumRttNs += rttNs;
        actions.report(new HostEvent.Reply(version, sequence, rttNs));
        return true;
    }

    private void finish(int requests) {
        done = true;
        PingResult result = received == 0
                ? new PingResult(version, requests, 0, 0, 0, 0)
                : new PingResult(version, requests, received, minRttNs, sumRttNs / received, maxRttNs);
        actions.report(new HostEvent.Pinged(result));
    }
}
