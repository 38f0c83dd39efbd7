package io.weft.worker;

import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;

/**
 * A waiter in pure Java, for where nothing better is on the class path: it parks. It cannot see descriptors, so while there
 * are any it reports all of them at short intervals.
 */
final class ParkingWaiter implements Waiter {
    private static final long DESCRIPTOR_INTERVAL_NS = 200_000;

    private int[] tokens = new int[0];
    private int[] descriptors = new int[0];
    private int turn; // where to go on when there are more than can be reported at once
    private volatile boolean woken;
    private volatile Thread sleeper;

    @Override
    public void add(int descriptor, int token, boolean readable, boolean writable) {
        tokens = Arrays.copyOf(tokens, tokens.length + 1);
        descriptors = Arrays.copyOf(descriptors, descriptors.length + 1);
        tokens[tokens.length - 1] = token;
        descriptors[descriptors.length - 1] = descriptor;
    }

    @Override
    public void modify(int descriptor, int token, boolean readable, boolean writable) {
        // All descriptors are reported whatever they are waited for.
    }

    @Override
    public void remove(int descriptor) {
        for (int i = 0; i < descriptors.length; i++) {
            if (descriptors[i] == descriptor) {
                int last = descriptors.length - 1;
                descriptors[i] = descriptors[last];
                tokens[i] = tokens[last];
                descriptors = Arrays.copyOf(descriptors, last);
                tokens = Arrays.copyOf(tokens, last);
                return;
            }
        }
    }

    @Override
    public int await(long timeoutNs, int[] ready) {
        long sleepNs = tokens.length == 0 ? timeoutNs : Math.min(timeoutNs, DESCRIPTOR_INTERVAL_NS);
        sleeper = Thread.currentThread();
        if (!woken && sleepNs > 0) {
            LockSupport.parkNanos(this, sleepNs);
        }
        woken = false;
        int count = Math.min(tokens.length, ready.length);
        for (int i = 0; i < count; i++) {
            turn = turn + 1 < tokens.length ? turn + 1 : 0;
            ready[i] = tokens[turn];
        }
        return count;
    }

    @Override
    public void wakeup() {
        woken = true;
        LockSupport.unpark(sleeper); // of null: nothing; the next await sees the flag
    }

    @Override
    public void close() {}
}
