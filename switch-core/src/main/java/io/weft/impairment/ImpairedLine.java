package io.weft.impairment;

import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import io.weft.port.DropReason;
import io.weft.port.PortCounters;
import java.util.SplittableRandom;

/**
 * One direction of one port: decides what happens to each frame, and keeps those that wait.
 *
 * <p>What waits are copies from a pool of the line's own, so that a long delay does not run the switch's pools dry.
 *
 * <p>Threads: confined to the worker that owns the port.
 */
final class ImpairedLine {
    /** Frames of the line's pool that may be on their way beyond the line while {@code limit} wait. */
    private static final int PASSED_ON = 1_024;

    /** Long frames (over {@link FramePool#SMALL_LENGTH}) that may wait at most: 16 MiB. */
    private static final int MAX_LARGE = 256;

    /** Which way the line leads, and what its drops are called. */
    enum Direction {
        RX(DropReason.RX_IMPAIRMENT, DropReason.RX_QUEUE_FULL, DropReason.POOL_EMPTY, DropReason.RX_PORT_DOWN),
        TX(DropReason.IMPAIRMENT, DropReason.TX_QUEUE_FULL, DropReason.COPY_POOL_EMPTY, DropReason.PORT_DOWN);

        final DropReason lost;
        final DropReason full;
        final DropReason poolEmpty;
        final DropReason portDown;

        Direction(DropReason lost, DropReason full, DropReason poolEmpty, DropReason portDown) {
            this.lost = lost;
            this.full = full;
            this.poolEmpty = poolEmpty;
            this.portDown = portDown;
        }
    }

    private final Impairment impairment;
    private final Direction direction;
    private final SplittableRandom random;
    private final WaitingFrames waiting;
    private FramePool pool; // made when the first frame waits
    private boolean bad; // the Gilbert-Elliott state
    private boolean busy; // whether freeNs means anything yet
    private long freeNs; // when the line has sent what it has

    private PortCounters counters;
    private FrameBatch out;
    private int outSize;
    private long nowNs;

    /** A line with its own random numbers: {@code stream} tells the lines of one driver apart. */
    ImpairedLine(Impairment impairment, Direction direction, int stream) {
        this.impairment = impairment;
        this.direction = direction;
        this.random = new SplittableRandom(impairment.seed() + 2L * stream + (direction == Direction.TX ? 1 : 0));
        this.waiting = new WaitingFrames(impairment.limit());
    }

    /**
     * Says what the following calls work with.
     *
     * @param newOut takes what leaves the line now
     * @param newOutSize size that {@code newOut} may grow to
     */
    void begin(FrameBatch newOut, int newOutSize, PortCounters account, long newNowNs) {
        out = newOut;
        outSize = newOutSize;
        counters = account;
        nowNs = newNowNs;
        if (pool != null) {
            pool.own(); // in invoker mode another thread may step the switch now
        }
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** Whether a frame is due; those that are not wait on. */
    boolean isDue(long timeNs) {
        return !waiting.isEmpty() && timeNs - waiting.firstDueNs() >= 0;
    }

    /** When the next frame is due; there is one. */
    long nextDueNs() {
        return waiting.firstDueNs();
    }

    /** Moves frames that are due out, as many as there is room for. */
    void release() {
        while (out.size() < outSize && isDue(nowNs)) {
            out.add(waiting.take());
        }
    }

    /** Takes a frame in, and over. */
    void accept(Frame frame, FramePool switchPool) {
        if (isLost()) {
            drop(frame, direction.lost);
            return;
        }
        if (chance(impairment.duplicate())) {
            duplicate(frame, switchPool);
        }
        pass(frame);
    }

    private boolean isLost() {
        GilbertElliott model = impairment.gemodel();
        if (model == null) {
            return chance(impairment.loss());
        }
        boolean lost = chance(bad ? model.lossInBad() : model.lossInGood());
        if (chance(bad ? model.r() : model.p())) {
            bad = !bad;
        }
        return lost;
    }

    private void duplicate(Frame frame, FramePool switchPool) {
        if (direction == Direction.TX) {
            counters.copied(1); // on the way in the line delivers two frames, and each is received
        }
        Frame copy = switchPool.copy(frame);
        if (copy == null) {
            count(frame.length(), direction.poolEmpty);
        } else {
            pass(copy);
        }
    }

    /** Corrupts, times and forwards a frame that was not lost. */
    private void pass(Frame frame) {
        if (chance(impairment.corrupt()) && frame.length() > 0) {
            corrupt(frame);
        }
        long sentNs = nowNs;
        if (impairment.rateBps() > 0) {
            long bits = 8L * frame.length();
            long sendingNs = (bits * 1_000_000_000L + impairment.rateBps() - 1) / impairment.rateBps();
            sentNs = (busy && freeNs - nowNs > 0 ? freeNs : nowNs) + sendingNs;
        }
        long dueNs = sentNs;
        if (!chance(impairment.reorder())) {
            dueNs += impairment.delayNs() + jitter();
        }
        if (dueNs == nowNs && out.size() < outSize) {
            out.add(frame);
        } else if (waiting.isFull()) {
            drop(frame, direction.full); // takes no time of the line
            return;
        } else if (!keep(frame, dueNs)) {
            return;
        }
        busy = true;
        freeNs = sentNs;
    }

    private boolean keep(Frame frame, long dueNs) {
        if (pool == null) {
            pool = new FramePool(impairment.limit() + PASSED_ON, Math.min(impairment.limit() + PASSED_ON, MAX_LARGE));
        }
        Frame copy = pool.copy(frame);
        if (copy == null) {
            drop(frame, direction.poolEmpty);
            return false;
        }
        frame.release();
        waiting.add(copy, dueNs);
        return true;
    }

    private long jitter() {
        long jitterNs = impairment.jitterNs();
        return jitterNs == 0 ? 0 : random.nextLong(-jitterNs, jitterNs + 1);
    }

    private void corrupt(Frame frame) {
        int index = random.nextInt(frame.length());
        frame.putByte(index, frame.getByte(index) ^ 1 << random.nextInt(8));
        frame.offload( // whoever verified a checksum did so before
                frame.offloadFlags() & ~Frame.OFFLOAD_CHECKSUM_VALID,
                frame.gsoType(),
                frame.gsoSize(),
                frame.headerLength(),
                frame.checksumStart(),
                frame.checksumOffset());
    }

    /** Without a draw when it is not asked for: switching one thing on leaves the others as they were. */
    private boolean chance(double percent) {
        return percent > 0 && random.nextDouble() * 100 < percent;
    }

    /** Drops what waits, since the port leaves or has gone down. */
    void discard(PortCounters account) {
        counters = account;
        while (!waiting.isEmpty()) {
            drop(waiting.take(), direction.portDown);
        }
    }

    private void drop(Frame frame, DropReason reason) {
        count(frame.length(), reason);
        frame.release();
    }

    /** On the way in, what the line does not deliver the core does not see: it is received here. */
    private void count(int length, DropReason reason) {
        if (direction == Direction.RX) {
            counters.received(length);
        }
        counters.dropped(reason);
    }
}
