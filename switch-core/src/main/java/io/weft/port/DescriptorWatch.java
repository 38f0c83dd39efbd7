package io.weft.port;

/** A file descriptor that makes its driver be polled. Threads: worker, except {@code close}, which is for any. */
public interface DescriptorWatch extends AutoCloseable {
    /** Whether to poll also when the descriptor is writable; off at first. */
    void writable(boolean interested);

    /** Whether to poll when the descriptor is readable; on at first. */
    void readable(boolean interested);

    /** Ends the watch. The descriptor stays open. */
    @Override
    void close();
}
