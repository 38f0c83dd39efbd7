package io.weft.examples.hosts;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * This machine's own kernel as a VTEP: a {@code vxlan} device in a network namespace, on the other end of a cable (a veth pair)
 * from a second namespace, in which a switch's VXLAN port is to have its sockets. Needs root and {@code ip}.
 *
 * <p>Threads: confined.
 */
public final class KernelVtep implements AutoCloseable {
    /** The kernel's address in the underlay. */
    public static final String ADDRESS = "192.0.2.2";

    /** The other end of the cable: the address for the switch. */
    public static final String PEER = "192.0.2.1";

    private static final Duration COMMAND_LIMIT = Duration.ofSeconds(10);

    private final HostAddress address;
    private final String kernel = NamespaceHost.newNamespaceName();
    private final String underlay = NamespaceHost.newNamespaceName();
    private final List<String> made = new ArrayList<>();

    private KernelVtep(HostAddress address) {
        this.address = address;
    }

    /**
     * Makes both namespaces and what is in them.
     *
     * @param address of the {@code vxlan} device, inside the tunnel
     * @throws HostException if that cannot be done; nothing is left behind then
     */
    public static KernelVtep open(HostAddress address, int vni) throws HostException {
        KernelVtep vtep = new KernelVtep(address);
        boolean complete = false;
        try {
            vtep.layCable();
            vtep.addDevice(vni);
            complete = true;
        } finally {
            if (!complete) {
                vtep.close();
            }
        }
        return vtep;
    }

    /** The namespace for the switch's port, where {@link #PEER} is. */
    public String underlay() {
        return underlay;
    }

    /** Who is inside the tunnel. */
    public HostAddress address() {
        return address;
    }

    private void layCable() throws HostException {
        for (String namespace : List.of(kernel, underlay)) {
            ip("netns", "add", namespace);
            made.add(namespace);
        }
        ip("-n", kernel, "link", "add", "cable", "type", "veth", "peer", "name", "cable", "netns", underlay);
        ip("-n", kernel, "address", "add", ADDRESS + "/24", "dev", "cable");
        ip("-n", underlay, "address", "add", PEER + "/24", "dev", "cable");
        ip("-n", kernel, "link", "set", "dev", "cable", "up");
        ip("-n", underlay, "link", "set", "dev", "cable", "up");
    }

    private void addDevice(int vni) throws HostException {
        String id = Integer.toString(vni);
        ip(
                "-n",
                kernel,
                "link",
                "add",
                "vx0",
                "address",
                address.mac(),
                "type",
                "vxlan",
                "id",
                id,
                "local",
                ADDRESS,
                "remote",
                PEER,
                "dstport",
                "4789");
        ip("-n", kernel, "address", "add", address.ip4WithPrefix(), "dev", "vx0");
        ip("-n", kernel, "address", "add", address.ip6WithPrefix(), "dev", "vx0", "nodad");
        ip("-n", kernel, "link", "set", "dev", "vx0", "up");
    }

    private static void ip(String... arguments) throws HostException {
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
