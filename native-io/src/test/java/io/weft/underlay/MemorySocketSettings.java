package io.weft.underlay;

import java.net.InetAddress;

/**
 * What a {@link MemorySocket} heeds of {@link UdpSettings}, {@link RawIpSettings} or {@link Ipv6PacketSettings}.
 *
 * <p>Threads: immutable.
 *
 * @param receiveBuffer payload bytes that may wait, never 0
 */
record MemorySocketSettings(
        int protocol,
        boolean ipv6,
        InetAddress local,
        int receiveBuffer,
        int ttl,
        int trafficClass,
        boolean dontFragment,
        boolean checksum,
        boolean acceptZeroChecksum,
        boolean coalescing) {
    private static final int MAX_LENGTH = 65_535; // of an IPv4 packet, or of what an IPv6 header has behind it
    private static final int UDP_HEADER_LENGTH = 8;
    private static final int PACKETS = -1; // whole ones, of any protocol

    static MemorySocketSettings of(UdpSettings settings) {
        return new MemorySocketSettings(
                MemoryDatagram.UDP,
                settings.ipv6(),
                settings.local(),
                room(settings.receiveBuffer()),
                settings.ttl(),
                settings.trafficClass(),
                settings.dontFragment(),
                settings.checksum(),
                settings.acceptZeroChecksum(),
                settings.coalescing());
    }

    static MemorySocketSettings of(RawIpSettings settings) {
        return new MemorySocketSettings(
                settings.protocol(),
                settings.ipv6(),
                settings.local(),
                room(settings.receiveBuffer()),
                settings.ttl(),
                settings.trafficClass(),
                settings.dontFragment(),
                true,
                true,
                false);
    }

    static MemorySocketSettings of(Ipv6PacketSettings settings) {
        return new MemorySocketSettings(
                PACKETS,
                true,
                settings.local(),
                room(settings.receiveBuffer()),
                settings.ttl(),
                settings.trafficClass(),
                true,
                true,
                true,
                false);
    }

    private static int room(int receiveBuffer) {
        return receiveBuffer == 0 ? UdpSettings.DEFAULT_RECEIVE_BUFFER : receiveBuffer;
    }

    boolean isRaw() {
        return protocol != MemoryDatagram.UDP;
    }

    /** Whether it moves whole IPv6 packets. */
    boolean isPackets() {
        return protocol == PACKETS;
    }

    int ipHeaderLength() {
        return ipv6 ? 40 : 20;
    }

    /** Bytes of an IP packet with so much payload. */
    int packetLength(int payloadLength) {
        return ipHeaderLength() + (isRaw() ? 0 : UDP_HEADER_LENGTH) + payloadLength;
    }

    /** Whether no packet is long enough for so much payload. */
    boolean exceedsPackets(int payloadLength) {
        return packetLength(payloadLength) > MAX_LENGTH + (ipv6 ? ipHeaderLength() : 0);
    }
}
