package io.weft.worker;

/**
 * Decides before each sleep of a worker whether to look for work a little longer instead.
 *
 * <p>Every wait for work is timed, whether the worker slept or not, so that it is known whether spinning was or would have
 * been enough. A saturating count keeps the balance, as a branch predictor does: a wait within the spinning time adds
 * one, a longer one takes two away, and an adaptive worker spins while the count is at least half of the most it can be.
 * A worker of a busy port soon spins, one of an idle port wastes at most three spins after the last frame.
 *
 * <p>Threads: confined to the worker.
 */
final class SpinBudget {
    static final int MOST = 8;
    static final int ENOUGH = 4;
    static final int LONG_WAIT = 2;

    private final long spinNs;
    private final boolean adaptive;
    private int balance;
    private boolean waiting;
    private long waitingSinceNs;

    SpinBudget(IdleStrategy strategy) {
        this.spinNs = strategy.spinNs();
        this.adaptive = strategy.adaptive();
    }

    /** Nothing was found: whether to look again instead of sleeping. */
    boolean spins(long nowNs) {
        if (spinNs == 0) {
            return false;
        }
        if (!waiting) {
            waiting = true;
            waitingSinceNs = nowNs;
        }
        return (!adaptive || balance >= ENOUGH) && nowNs - waitingSinceNs < spinNs;
    }

    /** Work was found by a look that began at {@code nowNs}: if there was a wait, it is over. */
    void worked(long nowNs) {
        if (!waiting) {
            return;
        }
        waiting = false;
        balance = nowNs - waitingSinceNs < spinNs ? Math.min(MOST, balance + 1) : Math.max(0, balance - LONG_WAIT);
    }
}
