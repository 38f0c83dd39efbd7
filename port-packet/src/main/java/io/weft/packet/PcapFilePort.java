package io.weft.packet;

import io.weft.capture.CaptureFile;
import io.weft.capture.PcapngWriter.Direction;
import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.port.DropReason;
import io.weft.port.Port;
import io.weft.port.PortCapabilities;
import io.weft.port.PortContext;
import io.weft.port.PortCounters;
import io.weft.port.PortDriver;
import io.weft.port.PortException;
import io.weft.port.PortHandle;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Capture files as a port: the frames of one come into the switch as if they were received, and what the switch sends goes
 * into another.
 *
 * <p>When the replay is over, or finds the file damaged, that is reported and the port stays, recording. Without a file to
 * record into, the port takes what it is sent and forgets it, as a wire does. Recorded frames have the time at which the
 * switch sent them by the machine's clock, also where the switch runs by a virtual one.
 *
 * <p>The file is read by the worker, 256 KiB at a time: replay from a disk that answers, not from one that sleeps.
 *
 * <p>Threads: as {@link PortDriver} says.
 */
public final class PcapFilePort implements PortDriver, Port {
    private static final PortCapabilities CAPABILITIES = PortCapabilities.ofMaxFrameLength(Frame.MAX_LENGTH);

    private final PcapFileSettings settings;
    private PortContext context;
    private PcapReplay replay;
    private CaptureFile record;
    private int recordInterface;

    PcapFilePort(PcapFileSettings settings) {
        this.settings = settings;
    }

    /** Begins a port called {@code name} in the switch. */
    public static PcapFileBuilder builder(String name) {
        return new PcapFileBuilder(name);
    }

    PcapFileSettings settings() {
        return settings;
    }

    @Override
    public String name() {
        return settings.name();
    }

    @Override
    public PortCapabilities capabilities() {
        return CAPABILITIES;
    }

    @Override
    public void open(PortContext newContext) throws PortException {
        context = newContext;
        PcapReader reader = settings.replay() == null ? null : openReplay(settings.replay());
        PortHandle handle;
        try {
            openRecord();
            handle = context.addPort(this);
        } catch (IOException | RuntimeException e) {
            closeQuietly(reader);
            throw e;
        }
        if (reader != null) {
            replay = new PcapReplay(
                    settings.replay(),
                    reader,
                    context,
                    handle,
                    settings.start().toNanos(),
                    settings.speed(),
                    settings.loop());
        }
    }

    private PcapReader openReplay(Path file) throws PortException {
        try {
            // Of a pipe nothing could be passed over or repeated, and reading it would stop the worker.
            if (Files.exists(file) && !Files.isRegularFile(file)) {
                throw new PcapFormatException("it is no regular file");
            }
            return PcapReader.open(file);
        } catch (IOException e) {
            throw new PortException("pcap port '" + name() + "': " + file + " cannot be replayed: " + reason(e), e);
        }
    }

    private static String reason(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "no such file; to record into it, say pcap:FILE?record";
        }
        return e instanceof AccessDeniedException ? "permission denied" : e.getMessage();
    }

    private void openRecord() throws PortException {
        if (settings.record() == null) {
            return;
        }
        try {
            record = new CaptureFile(settings.record(), context::report);
        } catch (IOException e) {
            throw new PortException("pcap port '" + name() + "': " + e.getMessage(), e);
        }
        recordInterface = record.addInterface(name(), Frame.MAX_LENGTH);
    }

    private static void closeQuietly(PcapReader reader) {
        if (reader != null) {
            try {
                reader.close();
            } catch (IOException e) {
                // the reason why the port was not opened says more
            }
        }
    }

    @Override
    public int poll(FrameBatch into, int limit) {
        return replay == null ? 0 : replay.poll(into, limit);
    }

    @Override
    public void transmit(FrameBatch frames, PortCounters counters) {
        for (int i = 0; i < frames.size(); i++) {
            Frame frame = frames.get(i);
            if (record == null || recorded(frame)) {
                counters.transmitted(frame.length());
            } else {
                counters.dropped(DropReason.TX_QUEUE_FULL);
            }
        }
        frames.release();
    }

    /** Whether the recording has taken a frame; it counts what it loses, be that this one or others, when the disk fails. */
    private boolean recorded(Frame frame) {
        long lost = record.lost();
        record.record(frame, recordInterface, Direction.OUTBOUND, null, Frame.MAX_LENGTH, context.pool());
        return record.lost() == lost;
    }

    @Override
    public void close() {
        if (replay != null) {
            replay.close();
        }
        if (record != null) {
            try {
                record.close();
            } catch (IOException e) {
                context.report(e.getMessage());
            }
        }
    }

    @Override
    public String toString() {
        return "pcap:" + (settings.replay() != null ? settings.replay() : settings.record());
    }
}
