package io.weft.packet;

import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.port.DropReason;
import io.weft.port.PortContext;
import io.weft.port.PortCounters;
import io.weft.port.PortHandle;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The frames of a capture file on their way into the switch, each when it is due.
 *
 * <p>A frame is due as long after the first one as it was captured after it, divided by the speed. One whose timestamp is
 * earlier than that of the one before it is due at once. A repetition begins when the last frame of the one before it was
 * due. A replay that is late (the machine was busy) catches up.
 *
 * <p>Frames of which the file has only the beginning, and packets of other links than Ethernet, are counted as received and
 * dropped as {@link DropReason#MALFORMED}. While the pool is dry the replay waits.
 *
 * <p>Threads: the worker's, but for {@link #close}, which comes last.
 */
final class PcapReplay implements Closeable {
    // When the pool is dry: long enough for a switch to send something, short enough to be unnoticed.
    private static final long RETRY_NS = 1_000_000;

    private static final int MIN_FRAME_LENGTH = 14;

    private final Path path;
    private final PcapReader reader;
    private final PortContext context;
    private final PortHandle handle;
    private final double speed;
    private final int times;
    private final Runnable timer = this::timerFired;

    private boolean timerSet;
    private boolean pending; // a frame was read and is not yet due
    private boolean over;
    private long dueNs; // of the pending frame, or of the last one
    private long firstNs = PcapReader.NO_TIMESTAMP; // the timestamp of this pass's first frame
    private long passStartNs; // when that frame was due
    private int passes;
    private long framesBefore; // in earlier passes
    private long frames;
    private long cut;
    private long notEthernet;
    private long tooLong;

    /**
     * Replays from now on.
     *
     * @param startDelayNs until the first frame
     * @param speed how many times faster than captured; {@link Double#POSITIVE_INFINITY} for as fast as the switch takes them
     * @param times how often, 0 for ever
     */
    PcapReplay(
            Path path,
            PcapReader reader,
            PortContext context,
            PortHandle handle,
            long startDelayNs,
            double speed,
            int times) {
        this.path = path;
        this.reader = reader;
        this.context = context;
        this.handle = handle;
        this.speed = speed;
        this.times = times;
        dueNs = context.nanoTime() + startDelayNs;
        passStartNs = dueNs;
    }

    /** As {@link io.weft.port.PortDriver#poll}. */
    int poll(FrameBatch into, int limit) {
        int added = 0;
        // Counts what was looked at, not frames: a file without any must not keep the worker here.
        for (int looked = 0; looked < limit && !over; looked++) {
            if (!pending && !findFrame()) {
                continue;
            }
            long leftNs = dueNs - context.nanoTime();
            if (leftNs > 0) {
                comeBackIn(leftNs);
                return added;
            }
            Frame frame = context.pool().allocate(reader.length());
            if (frame == null) {
                comeBackIn(RETRY_NS);
                return added;
            }
            reader.copyTo(frame);
            frame.ingress(handle.index());
            into.add(frame);
            added++;
            frames++;
            pending = false;
        }
        if (!over && added < limit) {
            context.wakeup(); // there is more to look at
        }
        return added;
    }

    private void comeBackIn(long delayNs) {
        if (!timerSet) {
            timerSet = true;
            context.schedule(delayNs, timer);
        }
    }

    private void timerFired() {
        timerSet = false;
        context.wakeup();
    }

    /** Reads on; whether a frame is pending then. */
    private boolean findFrame() {
        try {
            switch (reader.next()) {
                case FRAME -> {
                    if (reader.length() < MIN_FRAME_LENGTH) {
                        drop(DropReason.RUNT);
                    } else {
                        pending = true;
                        setDue(reader.timestampNs());
                    }
                }
                case CUT -> {
                    cut++;
                    drop(DropReason.MALFORMED);
                }
                case NOT_ETHERNET -> {
                    notEthernet++;
                    drop(DropReason.MALFORMED);
                }
                case TOO_LONG -> {
                    tooLong++;
                    drop(DropReason.RX_TOO_LONG);
                }
                case END -> endPass();
                case NOTHING -> {
                    // look again
                }
            }
        } catch (IOException e) {
            end("replay of " + path + " ends early: " + e.getMessage());
        }
        return pending;
    }

    private void setDue(long timestampNs) {
        if (speed == Double.POSITIVE_INFINITY || timestampNs == PcapReader.NO_TIMESTAMP) {
            return; // with the one before
        }
        if (firstNs == PcapReader.NO_TIMESTAMP) {
            firstNs = timestampNs;
        }
        double offsetNs = timestampNs - firstNs;
        long due = passStartNs + (speed == 1 ? timestampNs - firstNs : (long) (offsetNs / speed));
        if (due - dueNs > 0) {
            dueNs = due;
        }
    }

    private void drop(DropReason reason) {
        PortCounters counters = handle.counters();
        counters.received(reader.length());
        counters.dropped(reason);
    }

    private void endPass() throws IOException {
        passes++;
        if (passes == times || frames == framesBefore) {
            end("replay of " + path + " is over");
            return;
        }
        framesBefore = frames;
        firstNs = PcapReader.NO_TIMESTAMP;
        passStartNs = dueNs;
        reader.rewind();
    }

    private void end(String how) {
        over = true;
        StringBuilder text = new StringBuilder(how).append("; ").append(frames).append(" frames were replayed");
        append(text, cut, "cut when captured");
        append(text, notEthernet, "not Ethernet");
        append(text, tooLong, "longer than " + Frame.MAX_LENGTH + " bytes");
        context.report(text.toString());
        close();
    }

    private static void append(StringBuilder text, long count, String what) {
        if (count > 0) {
            text.append(", ").append(count).append(" were dropped as ").append(what);
        }
    }

    @Override
    public void close() {
        over = true;
        try {
            reader.close();
        } catch (IOException e) {
            context.report(path + " cannot be closed: " + e.getMessage());
        }
    }
}
