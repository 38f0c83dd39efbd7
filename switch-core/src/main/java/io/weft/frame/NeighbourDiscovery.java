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
 * that of the ICMPv6 header's first byte. Whether a message may be believed (hop limit 255, checksum; 7.1.1) is for the
 * caller to find out.
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

    /** {@link #sourceLinkLayerAddress}: the option is not there. */
    public static final long ABSENT = -1;

    /** {@link #sourceLinkLayerAddress}: the options are malformed and the message is to be ignored. */
    public static final long MALFORMED = -2;

    private NeighbourDiscovery() {}

    /** Whether the frame reaches to the end of a message without options at {@code offset}. */
    public static boolean isPresent(Frame frame, int offset) {
        return frame.length() - offset >= HEADER_LENGTH;
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
            if (frame.getByte(at) == SOURCE_LINK_LAYER_ADDRESS) {
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
     * Writes an advertisement with the option {@link #TARGET_LINK_LAYER_ADDRESS}; {@link #ADVERTISEMENT_LENGTH} bytes, for
     * which the frame's slot has room. The IPv6 header at {@code ipOffset} is complete: the checksum covers it.
     *
     * @param flags of {@link #ROUTER}, {@link #SOLICITED}, {@link #OVERRIDE}
     */
    public static void putAdvertisement(
            Frame frame, int offset, int ipOffset, int flags, long targetHigh, long targetLow, long mac) {
        frame.putInt(offset, ADVERTISEMENT << 24);
        frame.putInt(offset + 4, flags);
        frame.putLong(offset + 8, targetHigh);
        frame.putLong(offset + 16, targetLow);
        frame.putShort(offset + 24, TARGET_LINK_LAYER_ADDRESS << 8 | 1);
        Ethernet.putMac(frame, offset + 26, mac);
        Icmpv6.putChecksum(frame, offset, ipOffset, ADVERTISEMENT_LENGTH);
    }
}
