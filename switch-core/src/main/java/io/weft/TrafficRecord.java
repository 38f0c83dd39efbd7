package io.weft;

import io.weft.capture.CaptureFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Consumer;

/**
 * A mirror or a capture that is at work; {@link #close()} ends it.
 *
 * <p>Threads: any.
 */
public final class TrafficRecord implements AutoCloseable {
    private final String name;
    private final CaptureFile file; // null when copies leave by a port
    private final Consumer<TrafficRecord> end;
    private boolean ended;

    TrafficRecord(String name, CaptureFile file, Consumer<TrafficRecord> end) {
        this.name = name;
        this.file = file;
        this.end = end;
    }

    /** Frames written to its file so far; 0 for a mirror to a port, whose counters say it. */
    public long recorded() {
        return file == null ? 0 : file.recorded();
    }

    /** Frames that should be in its file and are not, because the disk or a frame pool was too slow or too small. */
    public long lost() {
        return file == null ? 0 : file.lost();
    }

    /**
     * Ends it: writes what is left and closes its file. Frames that come afterwards are not recorded. Closing the switch does
     * it, too; a second call does nothing.
     *
     * @throws UncheckedIOException when the recording had ended early, as on a full disk, saying why
     */
    @Override
    public synchronized void close() {
        if (ended) {
            return;
        }
        ended = true;
        end.accept(this);
        if (file != null) {
            try {
                file.close();
            } catch (IOException e) {
                throw new UncheckedIOException(name + ": " + e.getMessage(), e);
            }
        }
    }

    @Override
    public String toString() {
        return file == null ? name : name + " to " + file;
    }
}
