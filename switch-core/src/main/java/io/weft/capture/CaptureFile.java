package io.weft.capture;

import io.weft.capture.PcapngWriter.Direction;
import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import io.weft.frame.MpscFrameRing;
import io.weft.port.DropReason;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.invoke.VarHandle;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A pcapng file that workers record into without waiting for the disk.
 *
 * <p>A worker copies the frame and puts the copy into a ring; a thread of the file's own writes it. When that thread does
 * not keep up, or the worker's pool is dry, the frame is not recorded and {@link #lost()} counts it; forwarding is not
 * affected. The file can be read while it grows: everything recorded is written out whenever the ring runs empty.
 *
 * <p>Threads: {@link #record} by workers, each with its own pool; the rest by any.
 */
public final class CaptureFile implements AutoCloseable {
    private static final Logger LOG = System.getLogger(CaptureFile.class.getName());
    private static final int RING_CAPACITY = 2_048;

    // In front of a recorded copy, in its headroom: timestamp (8), interface (4), original length (4), direction (2),
    // why it
    // was dropped (2; 0 when it was not).
    private static final int PREFIX_LENGTH = 20;

    private static final DropReason[] REASONS = DropReason.values();

    private final Path path;
    private final PcapngWriter writer;
    private final MpscFrameRing ring = new MpscFrameRing(RING_CAPACITY);
    private final AtomicLong recorded = new AtomicLong();
    private final AtomicLong lost = new AtomicLong();
    private final Thread thread;
    private final long epochNs;
    private volatile boolean parked;
    private volatile boolean closed;

    /**
     * Creates a file, or empties one.
     *
     * @throws IOException when it cannot be written, naming it
     */
    public CaptureFile(Path path) throws IOException {
        this.path = path;
        this.writer = new PcapngWriter(FileChannel.open(
                path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING));
        // Frames are stamped by the monotonic clock, told apart from the calendar once: time never runs backwards in a
        // file.
        this.epochNs = System.currentTimeMillis() * 1_000_000L - System.nanoTime();
        this.thread = new Thread(this::run, "weft-capture-" + path.getFileName());
        this.thread.setDaemon(true);
        this.thread.start();
    }

    /** Describes a port; returns the number to {@link #record} its frames with. */
    public int addInterface(String portName) throws IOException {
        synchronized (writer) {
            return writer.addInterface(portName, 0);
        }
    }

    /** Records a whole frame; borrows it for the call. */
    public void record(Frame frame, int interfaceNumber, Direction direction, FramePool pool) {
        record(frame, interfaceNumber, direction, null, Frame.MAX_LENGTH, pool);
    }

    /**
     * Records a frame; borrows it for the call.
     *
     * @param dropped why it goes no further; {@code null} when it does
     * @param snapLength bytes of it that are kept at most
     * @param pool the calling worker's
     */
    @SuppressWarnings("EnumOrdinal") // lives in the ring only
    public void record(
            Frame frame, int interfaceNumber, Direction direction, DropReason dropped, int snapLength, FramePool pool) {
        Frame copy = closed ? null : pool.copyHead(frame, snapLength);
        if (copy == null) {
            lost.incrementAndGet();
            return;
        }
        copy.prepend(PREFIX_LENGTH);
        copy.putLong(0, epochNs + System.nanoTime());
        copy.putInt(8, interfaceNumber);
        copy.putInt(12, frame.length());
        copy.putShort(16, direction == Direction.INBOUND ? 0 : 1);
        copy.putShort(18, dropped == null ? 0 : 1 + dropped.ordinal());
        if (!ring.offer(copy)) {
            lost.incrementAndGet();
            copy.release();
            return;
        }
        VarHandle.fullFence(); // partner: the fence in run()
        if (parked) {
            parked = false;
            LockSupport.unpark(thread);
        }
    }

    private void run() {
        FrameBatch batch = new FrameBatch();
        while (true) {
            boolean last = closed; // read before the ring: what was recorded before the close is still written
            write(batch);
            if (last) {
                return;
            }
            parked = true;
            VarHandle.fullFence(); // partner: the fence in record()
            if (ring.isEmpty() && !closed) {
                LockSupport.park(this);
            }
            parked = false;
        }
    }

    private void write(FrameBatch batch) {
        try {
            while (ring.drain(batch, batch.remaining()) > 0) {
                synchronized (writer) {
                    for (int i = 0; i < batch.size(); i++) {
                        write(batch.get(i));
                    }
                }
                batch.release();
            }
            synchronized (writer) {
                writer.flush();
            }
        } catch (IOException e) {
            LOG.log(Level.ERROR, "recording to " + path + " ends: " + e.getMessage());
            closed = true;
            lost.addAndGet(batch.size());
            batch.release();
        }
    }

    private void write(Frame copy) throws IOException {
        long timestampNs = copy.getLong(0);
        int interfaceNumber = copy.getInt(8);
        int originalLength = copy.getInt(12);
        Direction direction = copy.getShort(16) == 0 ? Direction.INBOUND : Direction.OUTBOUND;
        int dropped = copy.getShort(18);
        copy.consume(PREFIX_LENGTH);
        writer.write(
                interfaceNumber,
                timestampNs,
                copy.bytes(),
                originalLength,
                direction,
                dropped == 0 ? "" : "dropped: " + REASONS[dropped - 1].label());
        recorded.incrementAndGet();
    }

    /** Frames written so far. */
    public long recorded() {
        return recorded.get();
    }

    /** Frames that should have been recorded and were not. */
    public long lost() {
        return lost.get();
    }

    /** Writes what is left and closes the file. */
    @Override
    public void close() throws IOException {
        closed = true;
        LockSupport.unpark(thread);
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        for (Frame late = ring.poll(); late != null; late = ring.poll()) {
            lost.incrementAndGet();
            late.release();
        }
        synchronized (writer) {
            writer.close();
        }
    }

    @Override
    public String toString() {
        return path + " (" + recorded + " frames, " + lost + " lost)";
    }
}
