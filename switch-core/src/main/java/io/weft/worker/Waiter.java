package io.weft.worker;

import java.io.IOException;

/**
 * How an idle worker sleeps until one of its descriptors is ready, somebody wakes it, or time is up.
 *
 * <p>Threads: {@link #wakeup} by any thread, everything else by the worker; {@link #close} by whoever ended the worker.
 */
public interface Waiter extends AutoCloseable {
    /**
     * Watches a descriptor, level-triggered, until {@link #remove}.
     *
     * @param token what {@link #await} reports when the descriptor is ready; 0 or more
     * @throws IOException when the descriptor cannot be watched, with the system's reason
     */
    void add(int descriptor, int token, boolean readable, boolean writable) throws IOException;

    /** Changes what a watched descriptor is waited for. */
    void modify(int descriptor, int token, boolean readable, boolean writable) throws IOException;

    /** Stops watching; a descriptor that was closed already is no error. */
    void remove(int descriptor);

    /**
     * Sleeps until a descriptor is ready, {@link #wakeup} is or was called since the last return, or the time is up.
     *
     * @param timeoutNs nanoseconds to sleep at most; 0 only looks
     * @param ready receives the tokens of ready descriptors, errors and hang-ups included
     * @return how many tokens were written; 0 after a wakeup or timeout
     */
    int await(long timeoutNs, int[] ready);

    /** Ends the current {@link #await}, or makes the next one return at once. */
    void wakeup();

    @Override
    void close();
}
