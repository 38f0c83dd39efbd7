package io.weft.examples.hosts;

import java.util.concurrent.CompletableFuture;

/**
 * Something with a MAC, an IPv4 and an IPv6 address that answers pings and, if it was given a {@link PingPlan}, pings
 * another host.
 *
 * <p>Threads: any thread may call any method.
 */
public interface Host extends AutoCloseable {

    HostAddress address();

    /**
     * Starts the host and returns; what becomes of it is told to the listener and through {@link #up()} and
     * {@link #pingResult}. Once only.
     *
     * @throws HostException if it cannot be started; the message names what is missing and the command that mends it
     */
    void start(HostListener listener) throws HostException;

    /** Completes when the host has its addresses; with a {@link HostException} if it ends before that. */
    CompletableFuture<Void> up();

    /**
     * Completes when the pings over this IP version are done, whether they were answered or not; with a
     * {@link HostException} if the host ends before that, or has no one to ping.
     */
    CompletableFuture<PingResult> pingResult(IpVersion version);

    /**
     * Waits until the pings over all IP versions are done; returns whether all were answered.
     *
     * @throws java.util.concurrent.CompletionException when the host ends before that, or has no one to ping
     */
    default boolean answered() {
        boolean answered = true;
        for (IpVersion version : IpVersion.values()) {
            answered &= pingResult(version).join().ok();
        }
        return answered;
    }

    /** Ends the host; nothing of it (process, namespace, thread) is left behind. Does nothing the second time. */
    @Override
    void close();
}
