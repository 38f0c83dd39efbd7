package io.weft.examples.hosts;

/**
 * Hears what a host tells.
 *
 * <p>Threads: called from a thread of the host's, or of whoever drives it; one event of a host at a time.
 */
@FunctionalInterface
public interface HostListener {
    void event(Host host, HostEvent event);
}
