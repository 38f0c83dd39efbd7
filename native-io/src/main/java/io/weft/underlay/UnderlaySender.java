package io.weft.underlay;

import io.weft.frame.Frame;

/**
 * Sends datagrams, many with one call: those of one length that follow each other to one peer go as one message, which the
 * kernel (or the network interface) segments.
 *
 * <p>Use: {@link #add} each, {@link #flush}, look at each {@link #outcome}, {@link #clear}. Nothing allocates.
 *
 * <p>Threads: confined.
 */
public interface UnderlaySender {
    /** Datagrams that fit between two {@link #clear}s. */
    int capacity();

    /** Datagrams added since the last {@link #clear}. */
    int size();

    /**
     * Adds a frame's bytes as one datagram. The frame is borrowed, and must not change, until {@link #clear}; it may be added
     * several times, for several peers.
     *
     * @param trafficClass TOS, or traffic class, 0..255; -1 for the socket's
     * @param flowLabel of IPv6 (RFC 6437), 0..0xfffff; 0 for none, or what the machine makes of it. IPv4 has none
     */
    void add(Frame frame, UnderlayPeer to, int trafficClass, int flowLabel);

    /** Adds a frame's bytes as one datagram without a flow label. */
    default void add(Frame frame, UnderlayPeer to, int trafficClass) {
        add(frame, to, trafficClass, 0);
    }

    /**
     * Adds a whole IPv6 packet, which begins with the frame's first byte and goes where the destination in its own header leads,
     * with the header's traffic class and flow label: to a socket for whole packets what {@link #add} with a peer made of them is. A
     * frame that is shorter than an IPv6 header is FAILED. Where a link-local destination leads is the machine's choice, since the packet
     * does not say on which link it is.
     *
     * @throws UnsupportedOperationException unless the socket was opened for whole packets ({@link Ipv6PacketSettings})
     */
    default void addPacket(Frame packet) {
        throw new UnsupportedOperationException("this socket makes the headers of what it sends");
    }

    /** Sends what was added, in order. A datagram that fails does not keep those behind it back. */
    void flush();

    /** What became of the datagram that was added as the {@code index}th, from 0. After {@link #flush}. */
    SendOutcome outcome(int index);

    /** Forgets what was added. */
    void clear();
}
