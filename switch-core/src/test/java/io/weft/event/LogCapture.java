package io.weft.event;

import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Collects what a class logs, and keeps it out of the build's output. */
final class LogCapture extends Handler implements AutoCloseable {
    private final Logger logger;
    private final List<String> lines;

    private LogCapture(Logger logger, List<String> lines) {
        this.logger = logger;
        this.lines = lines;
    }

    static LogCapture of(Class<?> logging, List<String> lines) {
        LogCapture capture = new LogCapture(Logger.getLogger(logging.getName()), lines);
        capture.logger.setLevel(Level.INFO);
        capture.logger.setUseParentHandlers(false);
        capture.logger.addHandler(capture);
        return capture;
    }

    @Override
    public synchronized void publish(LogRecord line) {
        lines.add(line.getMessage());
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        logger.removeHandler(this);
        logger.setUseParentHandlers(true);
        logger.setLevel(null);
    }
}
