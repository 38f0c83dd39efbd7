package io.weft.bridge;

/**
 * One of those whom a control plane has frames flooded to.
 *
 * @param port name of a port
 * @param endpoint the remote end within that port, 0 for all
 */
public record FloodTarget(String port, int endpoint) {
    /** A port with all its remote ends. */
    public static FloodTarget of(String port) {
        return new FloodTarget(port, 0);
    }
}
