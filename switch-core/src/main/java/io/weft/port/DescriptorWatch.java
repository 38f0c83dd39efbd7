package io.weft.port;

/** A file descriptor that makes its driver be polled. Threads: worker, except {@code close}, which is for any. */
public interface DescriptorWatch extends AutoCloseable {
    /** Whether to poll also when the descriptor is writable; off at first. */
    void writable(boolean interested);

    /** Whether to poll when the descriptor is readable; on at first. */
    void readable(boolean interested);

    /**
     * Whether the descriptor was reported ready (or failed) since the last call; {@code true} also where that is not known.
     * For a driver with many descriptors, which need not ask each of them with a system call. Watching is
     * level-triggered: a descriptor that is still ready when the worker has nothing else to do is reported again.
     */
    default boolean takeReady() {
        return true;
    }

    /** Ends the watch. The descriptor stays open. */
    @Override
    void close();
}
