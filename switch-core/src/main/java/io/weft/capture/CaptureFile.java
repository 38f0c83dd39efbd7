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
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * A pcapng file that workers record into without waiting for the disk.
 *
 * <p>A worker copies the frame and puts the copy into a ring; a thread of the file's own writes it. When that thread does
 * not keep up, or the worker's pool is dry, the frame is not recorded and {@link #lost()} counts it; forwarding is not
 * affected. The file can be read while it grows: everything recorded is written out whenever the ring runs empty.
 *
 * <p>When the disk is full, or the file cannot be written for another reason, the recording ends: that is logged and told,
 * what did not reach the file is counted as lost, and traffic goes on.
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
    private final Consumer<String> report;
    private final FileChannel channel;
    private final PcapngWriter writer; // the thread's
    private final Queue<NewInterface> newInterfaces = new ConcurrentLinkedQueue<>();
    private final MpscFrameRing ring = new MpscFrameRing(RING_CAPACITY);
    private final AtomicLong lost = new AtomicLong();
    private final Thread thread;
    private final long epochNs;
    private int interfaces; // guarded by the lock of newInterfaces
    private volatile long recorded; // written by the thread
    private volatile boolean parked;
    private volatile boolean closed; // nothing more is taken
    private volatile boolean ended; // nobody empties the ring any more
    private volatile IOException failure;

    private record NewInterface(String name, int snapLength) {}

    /** Creates a file, or empties one, and tells nobody but the log when it cannot be written any more. */
    public CaptureFile(Path path) throws IOException {
        this(path, text -> {});
    }

    /**
     * Creates a file, or empties one.
     *
     * @param report told, by a thread of the file's, when the recording ends early
     * @throws IOException when it cannot be written, naming it
     */
    public CaptureFile(Path path, Consumer<String> report) throws IOException {
        this.path = path;
        this.report = report;
        try {
            this.channel = FileChannel.open(
                    path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
        } catch (IOException e) {
            throw new IOException("capture file " + path + " cannot be written: " + reason(e), e);
        }
        this.writer = new PcapngWriter(channel);
        // Frames are stamped by the monotonic clock, told apart from the calendar once: time never runs backwards in a
        // file.
        this.epochNs = System.currentTimeMillis() * 1_000_000L - System.nanoTime();
        this.thread = new Thread(this::run, "weft-capture-" + path.getFileName());
        this.thread.setDaemon(true);
        this.thread.start();
    }

    private static String reason(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "its folder does not exist";
        }
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        return e instanceof FileSystemException file && file.getReason() != null ? file.getReason() : e.getMessage();
    }

    /**
     * Describes a port; does not wait for the disk.
     *
     * @param snapLength bytes kept of a frame at most
     * @return the number to {@link #record} its frames with
     */
    public int addInterface(String portName, int snapLength) {
        int number;
        synchronized (newInterfaces) {
            newInterfaces.add(new NewInterface(portName, snapLength));
            number = interfaces++;
        }
        wakeup();
        return number;
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
        wakeup();
        if (ended) {
            discard(); // it came in behind the last look
        }
    }

    /** Counts frames that could not be copied to be recorded. */
    void lost(int frames) {
        lost.addAndGet(frames);
    }

    private void wakeup() {
        VarHandle.fullFence(); // partners: the fences in run()
        if (parked) {
            parked = false;
            LockSupport.unpark(thread);
        }
    }

    private void run() {
        FrameBatch batch = new FrameBatch();
        boolean last = false;
        while (!last) {
            last = closed; // read before the ring: what was recorded before the close is still written
            write(batch);
            if (last || failure != null) {
                break;
            }
            parked = true;
            VarHandle.fullFence(); // partner: the fence in wakeup()
            if (ring.isEmpty() && newInterfaces.isEmpty() && !closed) {
                LockSupport.park(this);
            }
            parked = false;
        }
        ended = true;
        VarHandle.fullFence(); // partner: the fence in wakeup(): either record() sees the end, or we what it left
        discard();
    }

    private void write(FrameBatch batch) {
        int written = 0;
        try {
            do {
                ring.drain(batch, batch.remaining());
                writeInterfaces(); // after the ring: a frame comes behind its interface
                for (written = 0; written < batch.size(); written++) {
                    write(batch.get(written));
                }
                batch.release();
                written = 0;
            } while (!ring.isEmpty());
            writer.flush();
        } catch (IOException e) {
            closed = true;
            lost.addAndGet(writer.written() - writer.flushed() + batch.size() - written);
            batch.release();
            failure = e;
            String text = "recording to " + path + " ends: " + reason(e);
            LOG.log(Level.ERROR, text);
            report.accept(text);
        }
        recorded = writer.flushed();
    }

    private void writeInterfaces() throws IOException {
        for (NewInterface each = newInterfaces.poll(); each != null; each = newInterfaces.poll()) {
            writer.addInterface(each.name, each.snapLength);
        }
    }

    /** Counts as lost what nobody will write. */
    private synchronized void discard() {
        for (Frame late = ring.poll(); late != null; late = ring.poll()) {
            lost.incrementAndGet();
            late.release();
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
    }

    /** Frames that have reached the file. */
    public long recorded() {
        return recorded;
    }

    /** Frames that should have been recorded and were not. */
    public long lost() {
        return lost.get();
    }

    /**
     * Writes what is left and closes the file.
     *
     * @throws IOException when the recording had ended early, or ends so now, saying why
     */
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
        channel.close();
        if (failure != null) {
            throw new IOException(
                    "recording to " + path + " ended early: " + reason(failure) + "; " + lost + " frames lost",
                    failure);
        }
    }

    @Override
    public String toString() {
        return path + " (" + recorded + " frames, " + lost + " lost)";
    }
}
