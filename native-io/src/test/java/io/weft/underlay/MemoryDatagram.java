package io.weft.underlay;

/**
 * A datagram on a {@link MemoryNetwork} network.
 *
 * <p>Threads: immutable, if nobody writes to the bytes.
 *
 * @param bytes its payload
 * @param from the sender
 * @param to whom it is sent to: a host's address or a group
 * @param trafficClass TOS, or traffic class, 0..255
 * @param ttl time to live, or hop limit
 * @param dontFragment whether it may not be cut on its way
 * @param checksum whether it has a UDP checksum
 */
public record MemoryDatagram(
        byte[] bytes,
        UnderlayPeer from,
        UnderlayPeer to,
        int trafficClass,
        int ttl,
        boolean dontFragment,
        boolean checksum) {

    /** One with an ordinary header. */
    public static MemoryDatagram of(byte[] bytes, UnderlayPeer from, UnderlayPeer to) {
        return new MemoryDatagram(bytes, from, to, 0, 64, false, true);
    }

    @Override
    public String toString() {
        return bytes.length + " bytes from " + from + " to " + to;
    }
}
