package io.weft.tunnel;

/**
 * A tunnel's port over UDP in the making. Each method is an option of the URI and takes what that takes.
 *
 * <p>Threads: confined.
 *
 * @param <B> the builder's own type
 */
public abstract class UdpTunnelBuilder<B extends UdpTunnelBuilder<B>> extends TunnelBuilder<B> {
    static final int DEFAULT_FIRST_SOURCE_PORT = 49_152; // RFC 7348, 5 and RFC 8086, 3.2.1: the dynamic range
    static final int DEFAULT_LAST_SOURCE_PORT = 65_535;
    static final int DEFAULT_SOURCE_PORTS = 8;

    private Integer firstSourcePort;
    private Integer lastSourcePort;
    private Integer srcPorts;
    private Boolean udp6ZeroCsumRx;
    private Boolean gro;

    /** Begins a port of this kind with this name. */
    protected UdpTunnelBuilder(String scheme, String name) {
        super(scheme, name);
    }

    /** The UDP ports to send from, 1..65535; 49152 to 65535 when not said. */
    public B srcPortRange(int first, int last) {
        firstSourcePort = first;
        lastSourcePort = last;
        return self();
    }

    /** How many ports of the range are used, each by a socket, 1..64; 8, or all of a smaller range, when not said. */
    public B srcPorts(int number) {
        srcPorts = number;
        return self();
    }

    /** Whether datagrams over IPv6 without a checksum are received; no when not said. Over IPv4 they are. */
    public B udp6ZeroCsumRx(boolean accept) {
        udp6ZeroCsumRx = accept;
        return self();
    }

    /** Whether datagrams that came together are received together; yes when not said. */
    public B gro(boolean coalescing) {
        gro = coalescing;
        return self();
    }

    /** The first of the UDP ports to send from. */
    protected final int firstSourcePort() {
        return firstSourcePort == null ? DEFAULT_FIRST_SOURCE_PORT : firstSourcePort;
    }

    /** The last of them. */
    protected final int lastSourcePort() {
        return lastSourcePort == null ? DEFAULT_LAST_SOURCE_PORT : lastSourcePort;
    }

    /** How many of them are used. */
    protected final int sourcePorts() {
        return sourcePorts(DEFAULT_SOURCE_PORTS);
    }

    /** How many of them are used, with another default, or all of a smaller range. */
    protected final int sourcePorts(int whenNotSaid) {
        return srcPorts != null
                ? srcPorts
                : Math.max(1, Math.min(whenNotSaid, lastSourcePort() - firstSourcePort() + 1));
    }

    /** Whether datagrams over IPv6 without a checksum are received. */
    protected final boolean zeroChecksumReceive() {
        return udp6ZeroCsumRx != null && udp6ZeroCsumRx;
    }

    /** Whether datagrams that came together are received together. */
    protected final boolean coalescing() {
        return gro == null || gro;
    }

    /**
     * For a tunnel that may do without UDP, and does.
     *
     * @throws io.weft.port.InvalidPortException naming an option that was given
     */
    protected final void refuseUdpOptions(String accepted) {
        refuseGiven(
                "src_port_range", firstSourcePort == null ? null : firstSourcePort + "-" + lastSourcePort, accepted);
        refuseGiven("src_ports", srcPorts, accepted);
        refuseGiven("udp6zerocsumrx", udp6ZeroCsumRx, accepted);
        refuseGiven("gro", gro, accepted);
    }
}
