package io.weft.tunnel;

import io.weft.frame.Frame;
import io.weft.tunnel.bfd.BfdEncapsulation;
import io.weft.tunnel.bfd.BfdSession;
import io.weft.tunnel.bfd.BfdStatus;

/**
 * The BFD session with one remote end.
 *
 * <p>Threads: as {@link Probes} says.
 */
final class Probe {
    private static final long NEVER = Long.MAX_VALUE;

    final RemoteEnd remote;
    final BfdSession session;
    final BfdEncapsulation encapsulation;
    private final Probes probes;
    private long scheduledNs = NEVER;
    private boolean ended;

    Probe(Probes probes, RemoteEnd remote, BfdSession session, BfdEncapsulation encapsulation) {
        this.probes = probes;
        this.remote = remote;
        this.session = session;
        this.encapsulation = encapsulation;
    }

    /** Takes a frame that came out of the tunnel, if it is the session's; the bridge does not get it then. Any worker. */
    boolean take(Frame frame) {
        if (!BfdEncapsulation.isBfd(frame, BfdEncapsulation.NO_MAC)) {
            return false;
        }
        synchronized (probes) {
            if (!ended) {
                session.onFrame(frame, probes.nanoTime());
                drive();
            }
        }
        return true;
    }

    /** Sends what is due, and sees to it that this is called again in time. The caller has the lock. */
    void drive() {
        if (ended) {
            return;
        }
        long nowNs = probes.nanoTime();
        while (session.poll(nowNs)) {
            probes.send(this);
        }
        long dueNs = session.nextDueNs();
        if (scheduledNs == NEVER || dueNs - scheduledNs < 0) {
            scheduledNs = dueNs;
            probes.schedule(this, dueNs, Math.max(0, dueNs - nowNs));
        }
    }

    /**
     * A time has come that was asked for. If an earlier one was asked for afterwards, it is that one's turn to ask again: else
     * every answer out of turn would leave one more timer behind, for good. The caller has the lock.
     */
    void fire(long dueNs) {
        if (dueNs == scheduledNs) {
            scheduledNs = NEVER;
            drive();
        }
    }

    void end() {
        ended = true;
    }

    /** How the session is, for people. Any thread. */
    BfdStatus status() {
        return session.status();
    }
}
