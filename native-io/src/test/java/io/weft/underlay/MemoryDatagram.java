package io.weft.underlay;

/**
 * An IP datagram on a {@link MemoryNetwork}.
 *
 * <p>Threads: immutable, if nobody writes to the bytes.
 *
 * @param protocol the protocol, or next header, 0..255
 * @param bytes its payload: behind the UDP header, or behind the IP header for another protocol
 * @param from the sender; port 0 unless it is UDP
 * @param to whom it is sent to: a host's address or a group; port 0 unless it is UDP
 * @param trafficClass TOS, or traffic class, 0..255
 * @param ttl time to live, or hop limit
 * @param flowLabel of IPv6, 0..0xfffff; 0 for IPv4
 * @param dontFragment whether it may not be cut on its way
 * @param fragmented whether it was cut, so that its receiver has put it together again
 * @param checksum whether it has a UDP checksum; true unless it is UDP
 */
public record MemoryDatagram(
        int protocol,
        byte[] bytes,
        UnderlayPeer from,
        UnderlayPeer to,
        int trafficClass,
        int ttl,
        int flowLabel,
        boolean dontFragment,
        boolean fragmented,
        boolean checksum) {
    /** The protocol number of UDP. */
    public static final int UDP = 17;

    /** Checks the protocol, and that it has no ports where there are none. */
    public MemoryDatagram {
        UdpSettings.require("protocol", protocol, 0, 255);
        if (protocol != UDP && (from.port() != 0 || to.port() != 0)) {
            throw new IllegalArgumentException("from " + from + " to " + to + " by protocol " + protocol
                    + ", which has no ports; accepted: port 0");
        }
    }

    /** One of UDP with an ordinary header. */
    public static MemoryDatagram of(byte[] bytes, UnderlayPeer from, UnderlayPeer to) {
        return of(UDP, bytes, from, to);
    }

    /** One of any protocol with an ordinary header. */
    public static MemoryDatagram of(int protocol, byte[] bytes, UnderlayPeer from, UnderlayPeer to) {
        return new MemoryDatagram(protocol, bytes, from, to, 0, 64, 0, false, false, true);
    }

    /** The same with another traffic class. */
    public MemoryDatagram withTrafficClass(int newTrafficClass) {
        return new MemoryDatagram(
                protocol, bytes, from, to, newTrafficClass, ttl, flowLabel, dontFragment, fragmented, checksum);
    }

    /** The same, cut on its way. */
    public MemoryDatagram inFragments() {
        return new MemoryDatagram(protocol, bytes, from, to, trafficClass, ttl, flowLabel, false, true, checksum);
    }

    @Override
    public String toString() {
        return protocol == UDP
                ? bytes.length + " bytes from " + from + " to " + to
                : bytes.length + " bytes of protocol " + protocol + " from " + from.address() + " to " + to.address();
    }
}
