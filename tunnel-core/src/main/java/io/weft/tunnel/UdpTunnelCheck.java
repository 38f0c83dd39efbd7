package io.weft.tunnel;

/**
 * What must hold of the settings that tunnels over UDP have beside {@link TunnelSettings}.
 *
 * <p>Threads: stateless.
 */
public final class UdpTunnelCheck {
    static final int MAX_SOURCE_PORTS = 64;
    static final String RANGE = "FIRST-LAST, 1..65535, the first not above the last";

    private UdpTunnelCheck() {}

    /**
     * Checks the UDP ports to send from.
     *
     * @throws io.weft.port.InvalidPortException naming the option, its value and what is accepted
     */
    public static void sourcePorts(Refusal refusal, int first, int last, int number) {
        if (first < 1 || last > 65_535 || first > last) {
            throw refusal.of("src_port_range", first + "-" + last, RANGE);
        }
        refusal.range("src_ports", number, 1, MAX_SOURCE_PORTS);
        int there = last - first + 1;
        if (number > there) {
            throw refusal.of(
                    "src_ports", number, "1.." + there + ", as many as src_port_range " + first + "-" + last + " has");
        }
    }

    /**
     * Checks that only an underlay that may be IPv6 is asked for datagrams without checksum.
     *
     * @throws io.weft.port.InvalidPortException naming the option, its value and what is accepted
     */
    public static void zeroChecksum(Refusal refusal, boolean receive, boolean ipv4) {
        if (receive && ipv4) {
            throw refusal.of(
                    "udp6zerocsumrx", true, "only over IPv6; over IPv4 datagrams without checksum are always received");
        }
    }
}
