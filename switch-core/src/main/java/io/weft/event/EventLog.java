package io.weft.event;

import io.weft.port.DropReason;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.function.BooleanSupplier;

/**
 * Writes events to the log: what nobody hears as information or warning, what a listener hears (and may print) for debugging
 * only. A port that flaps, or a listener that always throws, does not fill the disk: there are at most {@value #LINES} lines a
 * second, and the next one says how many are missing.
 *
 * <p>Threads: the one that dispatches events.
 */
final class EventLog implements SwitchListener {
    static final int LINES = 20;

    private static final Logger LOG = System.getLogger(EventDispatcher.class.getName());
    private static final long SECOND_NS = 1_000_000_000L;

    private final BooleanSupplier heard;
    private long secondBeganNs = System.nanoTime();
    private int lines;
    private long missing;

    /**
     * A log.
     *
     * @param heard whether there are listeners
     */
    EventLog(BooleanSupplier heard) {
        this.heard = heard;
    }

    /** Whether events that are nobody's concern are logged, too. */
    static boolean isDebugging() {
        return LOG.isLoggable(Level.DEBUG);
    }

    @Override
    public void portAdded(String port) {
        log(Level.DEBUG, "port " + port + " added");
    }

    @Override
    public void portRemoved(String port) {
        log(Level.DEBUG, "port " + port + " removed");
    }

    @Override
    public void portUp(String port) {
        log(unheard(Level.INFO), "port " + port + " up");
    }

    @Override
    public void portDown(String port, String reason) {
        log(unheard(Level.WARNING), "port " + port + " down: " + reason);
    }

    @Override
    public void storm(String port, DropReason storm) {
        log(unheard(Level.WARNING), "port " + port + ": " + storm.label());
    }

    @Override
    public void violation(Station station) {
        log(unheard(Level.WARNING), "port security: " + station + " is not accepted");
    }

    @Override
    public void message(String driver, String text) {
        log(Level.DEBUG, driver + ": " + text);
    }

    /** A listener threw. */
    void listenerFailed(Throwable failure) {
        if (mayLog(Level.WARNING)) {
            LOG.log(Level.WARNING, "a listener failed", failure);
        }
    }

    private Level unheard(Level level) {
        return heard.getAsBoolean() ? Level.DEBUG : level;
    }

    private void log(Level level, String text) {
        if (mayLog(level)) {
            LOG.log(level, text);
        }
    }

    private boolean mayLog(Level level) {
        if (!LOG.isLoggable(level)) {
            return false;
        }
        long nowNs = System.nanoTime();
        if (nowNs - secondBeganNs >= SECOND_NS) {
            secondBeganNs = nowNs;
            lines = 0;
        }
        if (lines == LINES) {
            missing++;
            return false;
        }
        lines++;
        if (missing > 0) {
            LOG.log(Level.WARNING, missing + " events were not logged, to keep the log short");
            missing = 0;
        }
        return true;
    }
}
