package io.weft.worker;

import java.io.IOException;

/**
 * Makes waiters. Found with {@code ServiceLoader}; {@code native-io} brings the one for Linux (epoll and an eventfd).
 * Without any, workers park and look at their drivers' descriptors at intervals.
 */
public interface WaiterProvider {
    /**
     * A new waiter.
     *
     * @throws IOException when this machine does not have what it needs; the next provider is tried
     */
    Waiter open() throws IOException;
}
