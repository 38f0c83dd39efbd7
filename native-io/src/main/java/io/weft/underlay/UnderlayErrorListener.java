package io.weft.underlay;

/** Is told what became of datagrams that had been sent (ICMP errors). Addresses are as in {@link UnderlayPeer}. */
public interface UnderlayErrorListener {
    /**
     * A datagram to a peer was not delivered.
     *
     * @param refused whether the peer's machine itself says so, as it does when nobody listens at the port, or to the
     *     protocol; otherwise there is no way to it, or the way does not let it through
     */
    void unreachable(long high, long low, int port, boolean refused);

    /**
     * A datagram was too long for the way.
     *
     * @param port 0 where it is not told, as for IPv4 when this machine itself refused the datagram
     * @param mtu of the way, IP header counted
     */
    void tooBig(long high, long low, int port, int mtu);
}
