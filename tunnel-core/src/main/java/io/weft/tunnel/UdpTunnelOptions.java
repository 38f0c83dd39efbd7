package io.weft.tunnel;

import io.weft.port.PortOption;
import io.weft.port.PortUri;

/**
 * The options that tunnels over UDP have beside {@link TunnelOptions}.
 *
 * <p>Threads: immutable.
 */
public final class UdpTunnelOptions {
    public static final PortOption<int[]> SRC_PORT_RANGE = PortOption.of(
                    "src_port_range", UdpTunnelCheck.RANGE, UdpTunnelOptions::range)
            .defaultValue(UdpTunnelBuilder.DEFAULT_FIRST_SOURCE_PORT + "-" + UdpTunnelBuilder.DEFAULT_LAST_SOURCE_PORT)
            .meaning("UDP ports to send from, the inner flow choosing one, so that the underlay can spread flows");

    public static final PortOption<Integer> SRC_PORTS = PortOption.integer(
                    "src_ports", 1, UdpTunnelCheck.MAX_SOURCE_PORTS)
            .defaultValue(String.valueOf(UdpTunnelBuilder.DEFAULT_SOURCE_PORTS))
            .meaning("how many ports of the range are used, each by a socket; all of a range that has fewer");

    public static final PortOption<Boolean> UDP6ZEROCSUMRX = PortOption.flag("udp6zerocsumrx")
            .defaultValue("false")
            .meaning("over IPv6: receive datagrams without UDP checksum too (RFC 6935)");

    public static final PortOption<Boolean> GRO = PortOption.flag("gro")
            .defaultValue("true")
            .meaning("whether datagrams that came together are received together (UDP_GRO)");

    private UdpTunnelOptions() {}

    /** Gives a builder those of the options that are given. */
    public static void take(PortUri uri, UdpTunnelBuilder<?> builder) {
        TunnelOptions.take(uri, SRC_PORT_RANGE, range -> builder.srcPortRange(range[0], range[1]));
        TunnelOptions.take(uri, SRC_PORTS, builder::srcPorts);
        TunnelOptions.take(uri, UDP6ZEROCSUMRX, builder::udp6ZeroCsumRx);
        TunnelOptions.take(uri, GRO, builder::gro);
    }

    private static int[] range(String text) {
        if (!text.matches("[0-9]{1,5}-[0-9]{1,5}")) {
            throw new IllegalArgumentException("no range");
        }
        int dash = text.indexOf('-');
        return new int[] {Integer.parseInt(text.substring(0, dash)), Integer.parseInt(text.substring(dash + 1))};
    }
}
