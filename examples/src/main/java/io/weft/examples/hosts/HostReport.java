package io.weft.examples.hosts;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A host's account of itself: passes its events to the listener and completes the futures that hang on them. Each kind
 * of host has one, so that all of them keep the same promises.
 *
 * <p>Threads: any; the listener hears one event at a time. Completing a future runs what others have hung on it, so that
 * happens outside the lock.
 */
public final class HostReport {
    private final Host host;
    private final CompletableFuture<Void> up = new CompletableFuture<>();
    private final Map<IpVersion, CompletableFuture<PingResult>> pingResults = new EnumMap<>(IpVersion.class);
    private HostListener listener = (someHost, event) -> {};
    private boolean ended;

    public HostReport(Host host, Optional<PingPlan> plan) {
        this.host = host;
        for (IpVersion version : IpVersion.values()) {
            CompletableFuture<PingResult> result = new CompletableFuture<>();
            pingResults.put(version, result);
            if (plan.isEmpty()) {
                result.completeExceptionally(
                        new HostException(host.address().name() + " only answers, it pings no one"));
            }
        }
    }

    public synchronized void tell(HostListener newListener) {
        listener = newListener;
    }

    public CompletableFuture<Void> up() {
        return up;
    }

    public CompletableFuture<PingResult> pingResult(IpVersion version) {
        return pingResults.get(version);
    }

    /** Tells the event, then completes what it completes. After the end nothing is told any more. */
    public void report(HostEvent event) {
        synchronized (this) {
            if (ended) {
                return;
            }
            listener.event(host, event);
        }
        if (event instanceof HostEvent.Up) {
            up.complete(null);
        } else if (event instanceof HostEvent.Pinged pinged) {
            pingResults.get(pinged.result().version()).complete(pinged.result());
        }
    }

    /** The host ended by itself: tells so, and whoever still waits for something gets this reason. */
    public void fail(String reason) {
        report(new HostEvent.Failed(reason));
        end(reason);
    }

    /** The host was closed: tells nothing, but whoever still waits for something is let go. */
    public void closed() {
        end("it was closed");
    }

    private void end(String reason) {
        synchronized (this) {
            ended = true;
        }
        HostException cause = new HostException(host.address().name() + ": " + reason);
        up.completeExceptionally(cause);
        pingResults.values().forEach(result -> result.completeExceptionally(cause));
    }
}
