package io.weft.frame;

/**
 * A frame of a layer-3 port: an IP packet without tags behind an Ethernet header that the port made up, for a frame in the
 * switch is always an Ethernet frame.
 *
 * <pre>
 *    0                 6                12      14
 *   +-----------------+-----------------+-------+---------
 *   | zero            | zero            | type  | packet       type: 0x0800 or 0x86DD, as the packet's version says
 *   +-----------------+-----------------+-------+---------
 * </pre>
 *
 * <p>Such a port gives what it receives this header, and takes the header off what it sends, whatever the addresses there.
 *
 * <p>Threads: stateless; the caller owns the frame.
 */
public final class IpFrame {
    private static final int TYPE = 12;

    private IpFrame() {}

    /**
     * Writes the header in front of a packet that begins at byte {@value Ethernet#HEADER_LENGTH} of the frame, which is long
     * enough to have the header.
     *
     * @return whether there is a packet of IPv4 or IPv6; if not, the frame is as it was
     */
    public static boolean putHeader(Frame frame) {
        int type = typeOf(frame);
        if (type == 0) {
            return false;
        }
        frame.putLong(0, 0);
        frame.putInt(8, 0);
        frame.putShort(TYPE, type);
        return true;
    }

    /**
     * Whether this is an untagged packet of IPv4 or IPv6, of the version that the EtherType says: what a layer-3 port can
     * send. More of the packet is not looked at.
     */
    public static boolean isPacket(Frame frame) {
        int type = typeOf(frame);
        return type != 0 && frame.getShort(TYPE) == type;
    }

    /** The EtherType by the version in the packet's first four bits, 0 for none. */
    private static int typeOf(Frame frame) {
        if (frame.length() <= Ethernet.HEADER_LENGTH) {
            return 0;
        }
        return switch (frame.getByte(Ethernet.HEADER_LENGTH) >>> 4) {
            case 4 -> EtherType.IPV4;
            case 6 -> EtherType.IPV6;
            default -> 0;
        };
    }
}
