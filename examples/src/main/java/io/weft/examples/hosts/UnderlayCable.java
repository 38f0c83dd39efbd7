package io.weft.examples.hosts;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Two network namespaces joined by a cable (a veth pair): in the near one a switch's tunnel port is to have its sockets, in the
 * far one is whoever it talks to. Both call their end of the cable {@link #DEVICE}. Needs root and {@code ip}.
 *
 * <p>Threads: confined.
 */
final class UnderlayCable implements AutoCloseable {
    static final String DEVICE = "cable";

    private static final Duration COMMAND_LIMIT = Duration.ofSeconds(10);

    private final String near = NamespaceHost.newNamespaceName();
    private final String far = NamespaceHost.newNamespaceName();
    private final List<String> made = new ArrayList<>();

    private UnderlayCable() {}

    /**
     * Lays the cable.
     *
     * @param nearAddress of the near end, with its prefix's length; the far end has none yet
     * @throws HostException if that cannot be done; nothing is left behind then
     */
    static UnderlayCable lay(String nearAddress) throws HostException {
        UnderlayCable cable = new UnderlayCable();
        boolean complete = false;
        try {
            cable.make(nearAddress);
            complete = true;
        } finally {
            if (!complete) {
                cable.close();
            }
        }
        return cable;
    }

    private void make(String nearAddress) throws HostException {
        for (String namespace : List.of(near, far)) {
            ip("netns", "add", namespace);
            made.add(namespace);
        }
        ip("-n", far, "link", "add", DEVICE, "type", "veth", "peer", "name", DEVICE, "netns", near);
        List<String> address = new ArrayList<>(List.of("-n", near, "address", "add", nearAddress, "dev", DEVICE));
        if (nearAddress.indexOf(':') >= 0) {
            address.add("nodad"); // nobody else is there, and it is to be used at once
        }
        ip(address.toArray(String[]::new));
        ip("-n", near, "link", "set", "dev", DEVICE, "up");
        ipFar("link", "set", "dev", DEVICE, "up");
    }

    /** The namespace for a switch's port. */
    String near() {
        return near;
    }

    /** The other namespace. */
    String far() {
        return far;
    }

    /** Runs {@code ip} in the near namespace. */
    void ipNear(String... arguments) throws HostException {
        List<String> all = new ArrayList<>(List.of("-n", near));
        all.addAll(List.of(arguments));
        ip(all.toArray(String[]::new));
    }

    /** Sets a kernel parameter in the far namespace, as {@code net.ipv4.ip_forward=1}. */
    void sysctlFar(String setting) throws HostException {
        ip("netns", "exec", far, LocalMachine.requireProgram("sysctl", "procps").toString(), "-qw", setting);
    }

    /** Runs {@code ip} in the far namespace. */
    void ipFar(String... arguments) throws HostException {
        List<String> all = new ArrayList<>(List.of("-n", far));
        all.addAll(List.of(arguments));
        ip(all.toArray(String[]::new));
    }

    /** Runs {@code ip}. */
    static void ip(String... arguments) throws HostException {
        List<String> command = new ArrayList<>();
        command.add(LocalMachine.requireProgram("ip", "iproute2").toString());
        command.addAll(List.of(arguments));
        Command.run(COMMAND_LIMIT, command);
    }

    @Override
    public void close() {
        for (String namespace : made) {
            try {
                ip("netns", "delete", namespace);
            } catch (HostException e) {
                System.err.println(e.getMessage());
            }
        }
        made.clear();
    }
}
