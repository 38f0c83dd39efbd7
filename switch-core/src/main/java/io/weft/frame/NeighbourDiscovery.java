package io.weft.frame;

/**
 * Neighbour solicitations and advertisements (RFC 4861, 4.3 and 4.4) with their options (4.6), read and written in place.
 *
 * <pre>
 *    0    1    2         4              8                  24
 *   +----+----+---------+--------------+------------------+---------
 *   |135 |code| checksum| reserved     | target address   | options        solicitation
 *   |136 |0   |         |R S O  0      |                  |                advertisement
 *   +----+----+---------+--------------+------------------+---------
 *
 *   option: | type | length in units of 8 bytes | ...      type 1: source, 2: target link-layer address, then 6 bytes
 * </pre>
 *
 * <p>Contract: {@link #isPresent} said so once for this frame and offset; after that no getter can fail. The offset is
 * that of the ICMPv6 header's first byte. Whether a message may be believed is for {@link #isValid}.
 *
 * <p>Threads: stateless.
 */
public final class NeighbourDiscovery {
    /** ICMPv6 type of a neighbour solicitation. */
    public static final int SOLICITATION = 135;

    /** ICMPv6 type of a neighbour advertisement. */
    public static final int ADVERTISEMENT = 136;

    /** Bytes of either message without options, ICMPv6 header counted. */
    public static final int HEADER_LENGTH = 24;

    /** Bytes of an advertisement with the target's link-layer address, as {@link #putAdvertisement} writes it. */
    public static final int ADVERTISEMENT_LENGTH = HEADER_LENGTH + 8;

    /** The hop limit of every valid message: a router would have lowered it. */
    public static final int HOP_LIMIT = 255;

    /** Flag of an advertisement: the sender is a router. */
    public static final int ROUTER = 1 << 31;

    /** Flag of an advertisement: it answers a solicitation from the address it is sent to. */
    public static final int SOLICITED = 1 << 30;

    /** Flag of an advertisement: it replaces what the receiver has cached. */
    public static final int OVERRIDE = 1 << 29;

    /** Option: the link-layer address of a solicitation's sender. */
    public static final int SOURCE_LINK_LAYER_ADDRESS = 1;

    /** Option: the link-layer address of an advertisement's target. */
    public static final int TARGET_LINK_LAYER_ADDRESS = 2;

    /** Bytes of a solicitation with the sender's link-layer address, as {@link #putSolicitation} writes it. */
    public static final int SOLICITATION_LENGTH = HEADER_LENGTH + 8;

    /** {@link #sourceLinkLayerAddress}: the option is not there. */
    public static final long ABSENT = -1;

    /** {@link #sourceLinkLayerAddress}: the options are malformed and the message is to be ignored. */
    public static final long MALFORMED = -2;

    private NeighbourDiscovery() {}

    /** Whether the frame reaches to the end of a message without options at {@code offset}. */
    public static boolean isPresent(Frame frame, int offset) {
        return frame.length() - offset >= HEADER_LENGTH;
    }

    /**
     * What RFC 4861, 7.1.1 and 7.1.2, asks of every message, but for its options: hop limit, code, lengths, checksum. The IPv6
     * header at {@code ipOffset} is present and says that ICMPv6 follows.
     */
    public static boolean isValid(Frame frame, int offset, int ipOffset) {
        int length = Ipv6.payloadLength(frame, ipOffset);
        return Ipv6.version(frame, ipOffset) == 6
                && Ipv6.hopLimit(frame, ipOffset) == HOP_LIMIT
                && length >= HEADER_LENGTH
                && length <= frame.length() - offset
                && Icmpv6.code(frame, offset) == 0
                && Icmpv6.hasValidChecksum(frame, offset, ipOffset, length);
    }

    /** The flags of an advertisement; other bits are reserved. */
    public static int flags(Frame frame, int offset) {
        return frame.getInt(offset + 4) & (ROUTER | SOLICITED | OVERRIDE);
    }

    /** First eight octets of the target address. */
    public static long targetHigh(Frame frame, int offset) {
        return frame.getLong(offset + 8);
    }

    /** Last eight octets of the target address. */
    public static long targetLow(Frame frame, int offset) {
        return frame.getLong(offset + 16);
    }

    /**
     * Walks a solicitation's options for the link-layer address of its sender.
     *
     * @param length bytes of the message, ICMPv6 header counted, at least {@link #HEADER_LENGTH}; they are within the frame
     * @return the address, the first one where there are several; {@link #ABSENT}; or {@link #MALFORMED} when an option has
     *     length 0 or does not fit, or the address is not one of Ethernet's length
     */
    public static long sourceLinkLayerAddress(Frame frame, int offset, int length) {
        return linkLayerAddress(frame, offset, length, SOURCE_LINK_LAYER_ADDRESS);
    }

    /**
     * Walks an advertisement's options for the link-layer address of its target; parameters and result are those of
     * {@link #sourceLinkLayerAddress}.
     */
    public static long targetLinkLayerAddress(Frame frame, int offset, int length) {
        return linkLayerAddress(frame, offset, length, TARGET_LINK_LAYER_ADDRESS);
    }

    private static long linkLayerAddress(Frame frame, int offset, int length, int type) {
        long found = ABSENT;
        int end = offset + length;
        int at = offset + HEADER_LENGTH;
        while (at < end) {
            if (end - at < 8) {
                return MALFORMED; // options are multiples of 8 bytes
            }
            int optionLength = frame.getByte(at + 1) * 8;
            if (optionLength == 0 || optionLength > end - at) {
                return MALFORMED;
            }
            if (frame.getByte(at) == type) {
                if (optionLength != 8) {
                    return MALFORMED;
                }
                found = found == ABSENT ? frame.getLong(at) & Ethernet.BROADCAST : found;
            }
            at += optionLength;
        }
        return found;
    }

    /**
     * Writes a solicitation with the option {@link #SOURCE_LINK_LAYER_ADDRESS}; {@link #SOLICITATION_LENGTH} bytes, for which
     * the frame's slot has room. The IPv6 header at {@code ipOffset} is complete: the checksum covers it.
     */
    public static void putSolicitation(
            Frame frame, int offset, int ipOffset, long targetHigh, long targetLow, long mac) {
        put(frame, offset, SOLICITATION, 0, targetHigh, targetLow);
        putOption(frame, offset, ipOffset, SOURCE_LINK_LAYER_ADDRESS, mac);
    }

    /**
     * Writes an advertisement with the option {@link #TARGET_LINK_LAYER_ADDRESS}; {@link #ADVERTISEMENT_LENGTH} bytes, for
     * which the frame's slot has room. The IPv6 header at {@code ipOffset} is complete: the checksum covers it.
     *
     * @param flags of {@link #ROUTER}, {@link #SOLICITED}, {@link #OVERRIDE}
     */
    public static void putAdvertisement(
            Frame frame, int offset, int ipOffset, int flags, long targetHigh, long targetLow, long mac) {
        put(frame, offset, ADVERTISEMENT, flags, targetHigh, targetLow);
        putOption(frame, offset, ipOffset, TARGET_LINK_LAYER_ADDRESS, mac);
    }

    private static void put(Frame frame, int offset, int type, int flags, long targetHigh, long targetLow) {
        frame.putInt(offset, type << 24);
        frame.putInt(offset + 4, flags);
        frame.putLong(offset + 8, targetHigh);
        frame.putLong(offset + 16, targetLow);
    }

    private static void putOption(Frame frame, int offset, int ipOffset, int option, long mac) {
        frame.putShort(offset + HEADER_LENGTH, option << 8 | 1);
        Ethernet.putMac(frame, offset + HEADER_LENGTH + 2, mac);
        Icmpv6.putChecksum(frame, offset, ipOffset, HEADER_LENGTH + 8);
    }
}
