package io.weft.port;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * One thread's account of one port. Every thread that handles a port's frames has its own, so that counting is a plain
 * add to a line no other core writes; readers sum the accounts into {@link PortStatistics}.
 *
 * <p>The law it serves: received + copies + segmented = transmitted + coalesced + dropped by reason + still queued, for the
 * switch as a whole, once per frame. A super-frame is one frame in it; how many more segments it stands for is counted beside.
 *
 * <p>Threads: one writer; any number of readers, who see each counter's recent value (opaque reads), not a snapshot across
 * counters.
 */
@SuppressWarnings("EnumOrdinal") // a reason's place in the enum is its place in an account; never stored
public final class PortCounters {
    static final int RX_FRAMES = 0;
    static final int RX_BYTES = 1;
    static final int COPIES = 2;
    static final int TX_FRAMES = 3;
    static final int TX_BYTES = 4;
    static final int SEGMENTED = 5;
    static final int COALESCED = 6;
    static final int RX_MORE_SEGMENTS = 7;
    static final int TX_MORE_SEGMENTS = 8;
    static final int DROPS = 9;

    private static final DropReason[] REASONS = DropReason.values();
    private static final int PADDING = 16; // longs: keeps neighbours in the heap off the counters' cache lines
    private static final VarHandle ELEMENT = MethodHandles.arrayElementVarHandle(long[].class);

    private final long[] values = new long[PADDING + DROPS + REASONS.length + PADDING];

    /** An account with everything at zero, which nobody sums up: for benchmarks and tests of a single port. */
    public PortCounters() {}

    /** A frame of {@code bytes} bytes came in. */
    public void received(int bytes) {
        add(RX_FRAMES, 1);
        add(RX_BYTES, bytes);
    }

    /** {@code frames} frames of {@code bytes} bytes together came in. */
    public void received(int frames, long bytes) {
        add(RX_FRAMES, frames);
        add(RX_BYTES, bytes);
    }

    /** {@code copies} copies were made of a frame that came in, to flood it. */
    public void copied(int copies) {
        add(COPIES, copies);
    }

    /** A super-frame that came in, and is counted as a frame, stands for {@code segments} frames of the wire. */
    public void receivedSegments(int segments) {
        add(RX_MORE_SEGMENTS, segments - 1L);
    }

    /** A super-frame was cut into {@code segments} frames, each of which is transmitted or dropped in its place. */
    public void segmented(int segments) {
        add(SEGMENTED, segments - 1L);
    }

    /** {@code frames} frames went into others. */
    public void coalesced(int frames) {
        add(COALESCED, frames);
    }

    /** A super-frame that was taken by the transport, and is counted as a frame, stands for {@code segments} of the wire. */
    public void transmittedSegments(int segments) {
        add(TX_MORE_SEGMENTS, segments - 1L);
    }

    /** A frame of {@code bytes} bytes was taken by the transport. */
    public void transmitted(int bytes) {
        add(TX_FRAMES, 1);
        add(TX_BYTES, bytes);
    }

    /** {@code frames} frames of {@code bytes} bytes together were taken by the transport. */
    public void transmitted(int frames, long bytes) {
        add(TX_FRAMES, frames);
        add(TX_BYTES, bytes);
    }

    /** A frame was dropped. The caller releases it. */
    public void dropped(DropReason reason) {
        add(DROPS + reason.ordinal(), 1);
    }

    /** {@code frames} frames were dropped. */
    public void dropped(DropReason reason, int frames) {
        add(DROPS + reason.ordinal(), frames);
    }

    private void add(int counter, long amount) {
        int index = PADDING + counter;
        // Single writer: a plain read of our own value; opaque so that readers never see half a long or a stale
        // register.
        ELEMENT.setOpaque(values, index, values[index] + amount);
    }

    private long get(int counter) {
        return (long) ELEMENT.getOpaque(values, PADDING + counter);
    }

    /** Adds this account's values to {@code sums}, laid out as {@link PortStatistics} expects them. */
    void addTo(long[] sums) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] += get(i);
        }
    }

    static int length() {
        return DROPS + REASONS.length;
    }
}
