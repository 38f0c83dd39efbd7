package io.weft.impairment;

import io.weft.frame.Frame;
import java.util.Arrays;

/**
 * Frames that wait for their time: a binary heap, earliest first, those of one time in the order they came. Grows up to its
 * limit as it is needed, and allocates nothing after.
 *
 * <p>Threads: confined.
 */
final class WaitingFrames {
    private static final int FIRST_CAPACITY = 64;

    private final int limit;
    private Frame[] frames;
    private long[] dueNs;
    private long[] order;
    private int size;
    private long added;

    WaitingFrames(int limit) {
        this.limit = limit;
        int capacity = Math.min(limit, FIRST_CAPACITY);
        frames = new Frame[capacity];
        dueNs = new long[capacity];
        order = new long[capacity];
    }

    boolean isEmpty() {
        return size == 0;
    }

    boolean isFull() {
        return size == limit;
    }

    /** When the first is due; there is one. */
    long firstDueNs() {
        return dueNs[0];
    }

    /** Adds a frame; there is room. */
    void add(Frame frame, long frameDueNs) {
        if (size == frames.length) {
            int capacity = Math.min(limit, 2 * size);
            frames = Arrays.copyOf(frames, capacity);
            dueNs = Arrays.copyOf(dueNs, capacity);
            order = Arrays.copyOf(order, capacity);
        }
        int at = size++;
        set(at, frame, frameDueNs, added++);
        while (at > 0 && isBefore(at, (at - 1) / 2)) {
            swap(at, (at - 1) / 2);
            at = (at - 1) / 2;
        }
    }

    /** Takes the frame that is due first; there is one. */
    Frame take() {
        Frame first = frames[0];
        size--;
        set(0, frames[size], dueNs[size], order[size]);
        frames[size] = null;
        int at = 0;
        while (true) {
            int child = 2 * at + 1;
            if (child + 1 < size && isBefore(child + 1, child)) {
                child++;
            }
            if (child >= size || !isBefore(child, at)) {
                return first;
            }
            swap(at, child);
            at = child;
        }
    }

    private boolean isBefore(int a, int b) {
        long difference = dueNs[a] - dueNs[b]; // not a comparison: monotonic time may wrap around
        return difference != 0 ? difference < 0 : order[a] < order[b];
    }

    private void set(int at, Frame frame, long frameDueNs, long frameOrder) {
        frames[at] = frame;
        dueNs[at] = frameDueNs;
        order[at] = frameOrder;
    }

    private void swap(int a, int b) {
        Frame frame = frames[a];
        long due = dueNs[a];
        long place = order[a];
        set(a, frames[b], dueNs[b], order[b]);
        set(b, frame, due, place);
    }
}
