package io.weft.examples.hosts;

/**
 * This machine's own kernel as an end of segment routing: a network namespace with routes that encapsulate (H.Encaps) and SIDs that take
 * packets out (End.DX4, End.DT6), on the other end of a cable (a veth pair) from a second namespace, in which a switch's SRv6 port
 * is to have its sockets. Needs root, {@code ip}, {@code sysctl}, and a kernel with seg6.
 *
 * <p>Threads: confined.
 */
public final class KernelEndpoint implements AutoCloseable {
    /** The kernel's address in the underlay, which its packets come from. */
    public static final String ADDRESS = "fd00:90::2";

    /** The kernel's SID for IPv4 packets. */
    public static final String SID4 = "fc00:2::d4";

    /** The kernel's SID for IPv6 packets. */
    public static final String SID6 = "fc00:2::d6";

    /** The SID that it sends to. */
    public static final String PEER_SID = "fc00:1::46";

    private static final String NEAR = "fd00:90::1";

    private final HostAddress address;
    private final UnderlayCable cable;

    private KernelEndpoint(HostAddress address, UnderlayCable cable) {
        this.address = address;
        this.cable = cable;
    }

    /**
     * Makes both namespaces and what is in them.
     *
     * @param address of the kernel, inside the tunnel
     * @param network4 what it sends into the tunnel, IPv4
     * @param network6 and IPv6
     * @throws HostException if that cannot be done; nothing is left behind then
     */
    public static KernelEndpoint open(HostAddress address, String network4, String network6) throws HostException {
        KernelEndpoint endpoint = new KernelEndpoint(address, UnderlayCable.lay(NEAR + "/64"));
        boolean complete = false;
        try {
            endpoint.configure(network4, network6);
            complete = true;
        } finally {
            if (!complete) {
                endpoint.close();
            }
        }
        return endpoint;
    }

    /** The namespace for the switch's port. */
    public String underlay() {
        return cable.near();
    }

    /** Who is inside the tunnel. */
    public HostAddress address() {
        return address;
    }

    private void configure(String network4, String network6) throws HostException {
        cable.ipNear("route", "add", "fc00:2::/32", "via", ADDRESS);
        cable.ipFar("address", "add", ADDRESS + "/64", "dev", UnderlayCable.DEVICE, "nodad");
        cable.ipFar("route", "add", "fc00:1::/32", "via", NEAR);
        cable.sysctlFar("net.ipv4.ip_forward=1");
        for (String setting : new String[] {"forwarding", "seg6_enabled"}) {
            cable.sysctlFar("net.ipv6.conf.all." + setting + "=1");
            cable.sysctlFar("net.ipv6.conf." + UnderlayCable.DEVICE + "." + setting + "=1");
        }
        cable.ipFar("address", "add", address.ip4() + "/32", "dev", "lo");
        cable.ipFar("address", "add", address.ip6() + "/128", "dev", "lo", "nodad");
        cable.ipFar("link", "set", "dev", "lo", "up");
        cable.ipFar("sr", "tunsrc", "set", ADDRESS);
        for (String network : new String[] {network4, network6}) {
            boolean ipv4 = network.indexOf(':') < 0;
            String source = ipv4 ? address.ip4() : address.ip6();
            cable.ipFar(
                    "route",
                    "add",
                    network,
                    "src",
                    source,
                    "encap",
                    "seg6",
                    "mode",
                    "encap",
                    "segs",
                    PEER_SID,
                    "dev",
                    UnderlayCable.DEVICE);
        }
        endpoint(SID4, "End.DX4", "nh4", address.ip4());
        endpoint(SID6, "End.DT6", "table", "local"); // End.DX6 gives nothing to the machine itself
    }

    private void endpoint(String sid, String behaviour, String word, String nextHop) throws HostException {
        cable.ipFar(
                "route",
                "add",
                sid + "/128",
                "encap",
                "seg6local",
                "action",
                behaviour,
                word,
                nextHop,
                "dev",
                UnderlayCable.DEVICE);
    }

    @Override
    public void close() {
        cable.close();
    }
}
