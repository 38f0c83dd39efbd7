package io.weft.examples.hosts;

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

    private final HostAddress address;
    private final UnderlayCable cable;

    private KernelVtep(HostAddress address, UnderlayCable cable) {
        this.address = address;
        this.cable = cable;
    }

    /**
     * Makes both namespaces and what is in them.
     *
     * @param address of the {@code vxlan} device, inside the tunnel
     * @throws HostException if that cannot be done; nothing is left behind then
     */
    public static KernelVtep open(HostAddress address, int vni) throws HostException {
        KernelVtep vtep = new KernelVtep(address, UnderlayCable.lay(PEER + "/24"));
        boolean complete = false;
        try {
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
        return cable.near();
    }

    /** Who is inside the tunnel. */
    public HostAddress address() {
        return address;
    }

    private void addDevice(int vni) throws HostException {
        cable.ipFar("address", "add", ADDRESS + "/24", "dev", UnderlayCable.DEVICE);
        cable.ipFar(
                "link",
                "add",
                "vx0",
                "address",
                address.mac(),
                "type",
                "vxlan",
                "id",
                Integer.toString(vni),
                "local",
                ADDRESS,
                "remote",
                PEER,
                "dstport",
                "4789");
        cable.ipFar("address", "add", address.ip4WithPrefix(), "dev", "vx0");
        cable.ipFar("address", "add", address.ip6WithPrefix(), "dev", "vx0", "nodad");
        cable.ipFar("link", "set", "dev", "vx0", "up");
    }

    @Override
    public void close() {
        cable.close();
    }
}
