package io.weft.examples.hosts;

/**
 * A network namespace with nothing but its loopback interface, over which tunnels of several switches in one program reach each other: all
 * addresses of a prefix are its own.
 * Needs root and {@code ip}.
 *
 * <p>Threads: confined.
 */
public final class LoopbackUnderlay implements AutoCloseable {
    private final String name = NamespaceHost.newNamespaceName();

    private LoopbackUnderlay() {}

    /**
     * Makes it.
     *
     * @param prefix whose addresses it has, as {@code fc00::/16}
     * @throws HostException if that cannot be done; nothing is left behind then
     */
    public static LoopbackUnderlay open(String prefix) throws HostException {
        LoopbackUnderlay underlay = new LoopbackUnderlay();
        UnderlayCable.ip("netns", "add", underlay.name);
        boolean complete = false;
        try {
            UnderlayCable.ip("-n", underlay.name, "link", "set", "dev", "lo", "up");
            UnderlayCable.ip("-n", underlay.name, "route", "add", "local", prefix, "dev", "lo");
            complete = true;
        } finally {
            if (!complete) {
                underlay.close();
            }
        }
        return underlay;
    }

    /** The namespace, for the option {@code netns}. */
    public String name() {
        return name;
    }

    @Override
    public void close() {
        try {
            UnderlayCable.ip("netns", "delete", name);
        } catch (HostException e) {
            System.err.println(e.getMessage());
        }
    }
}
