package io.weft.srv6;

import io.weft.frame.Frame;

/**
 * Puts headers with segments in front of packets on their way (RFC 8986, 4.13 and 5.1).
 *
 * <p>Threads: confined to one worker; allocates nothing.
 */
final class Headend {
    private final SrHmac hmac;

    /**
     * With the keys of a node.
     *
     * @param hmac what signs lists that are to be signed; {@code null}: nothing does
     */
    Headend(SrHmac hmac) {
        this.hmac = hmac;
    }

    /** Why a list cannot be put in front of a packet, {@code null} when it can; a list that is {@code null} cannot. */
    Srv6Counter check(Frame packet, SegmentList list, Encapsulation encapsulation) {
        if (list == null) {
            return Srv6Counter.NO_ROUTE;
        }
        if (list.isSigned() && (hmac == null || !hmac.has(list.keyId()))) {
            return Srv6Counter.HMAC_KEY;
        }
        int headers = list.headerLength(encapsulation);
        return headers > packet.headroom() || packet.length() + headers > Frame.MAX_LENGTH
                ? Srv6Counter.ENCAPSULATION_TOO_LONG
                : null;
    }

    /**
     * Puts the headers in front of a packet, which {@link #check} said can have them. The traffic class is that of the packet, as
     * RFC 6040 and RFC 2473 have it.
     *
     * @param source whose headers they are
     * @param protocol what the packet is
     * @param flow of which the flow label is the last 20 bits
     */
    void push(
            Frame packet,
            SrSource source,
            SegmentList list,
            Encapsulation encapsulation,
            int protocol,
            int trafficClass,
            int flow) {
        int label = flow & 0xf_ffff;
        list.prepend(
                packet, encapsulation, protocol, source.high(), source.low(), trafficClass, label, source.hopLimit());
        shiftOffload(packet, list.headerLength(encapsulation));
        if (list.isSigned()) {
            hmac.sign(packet);
        }
    }

    /** Moves what the offload metadata counts from the frame's first byte, since a header in front of it came or went. */
    static void shiftOffload(Frame packet, int bytes) {
        if (packet.hasPendingOffload()) {
            packet.offload(
                    packet.offloadFlags(),
                    packet.gsoType(),
                    packet.gsoSize(),
                    packet.headerLength() + bytes,
                    packet.checksumStart() + bytes,
                    packet.checksumOffset());
        }
    }
}
