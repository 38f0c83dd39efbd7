package io.weft.frame;

/**
 * The EtherType of a frame behind its VLAN tags, found without allocating.
 *
 * <pre>
 *    0                 6                12      14      16      18
 *   +-----------------+-----------------+-------+-------+-------+-------+-------+---------
 *   | destination     | source          | TPID  | TCI   | TPID  | TCI   | type  | payload
 *   +-----------------+-----------------+-------+-------+-------+-------+-------+---------
 *                                                                       ^ offset(frame), here 20
 * </pre>
 *
 * <p>Tags are 0x8100 (IEEE 802.1Q), 0x88A8 (802.1ad) and 0x9100 (its predecessor, still sent by some switches). At most
 * {@value #MAX_TAGS} are stepped over, so that a frame made of tags costs no more than another; the TPID of a tag after
 * those counts as the EtherType.
 *
 * <p>Threads: stateless.
 */
public final class EtherType {
    /** IPv4 (RFC 894). */
    public static final int IPV4 = 0x0800;

    /** ARP (RFC 826). */
    public static final int ARP = 0x0806;

    /** Reverse ARP (RFC 903), which has ARP's layout. */
    public static final int RARP = 0x8035;

    /** IPv6 (RFC 2464). */
    public static final int IPV6 = 0x86DD;

    /** TPID of the stacked tags that came before 802.1ad. */
    public static final int TPID_STACKED = 0x9100;

    /** The lowest value that is an EtherType (IEEE 802.3, 3.2.6); up to 1,500 the field is a length. */
    public static final int LOWEST = 0x0600;

    /** How many tags are stepped over. */
    public static final int MAX_TAGS = 4;

    /** The result of {@link #offset} for a frame that ends before its EtherType. */
    public static final int NONE = -1;

    private static final int TAG_LENGTH = 4;

    private EtherType() {}

    /**
     * Where the EtherType stands, in bytes from the frame's first: 12 for an untagged frame, 4 more for each tag; the
     * payload begins 2 bytes later. {@link #NONE} when the frame is too short to have one; never fails.
     */
    public static int offset(Frame frame) {
        int offset = 12;
        for (int tags = 0; frame.length() >= offset + 2; tags++) {
            if (tags == MAX_TAGS || !isTag(frame.getShort(offset))) {
                return offset;
            }
            offset += TAG_LENGTH;
        }
        return NONE;
    }

    /** The value at {@code offset}, which is one that {@link #offset(Frame)} returned. */
    public static int at(Frame frame, int offset) {
        return frame.getShort(offset);
    }

    /** Whether {@code type} is the TPID of a tag that {@link #offset} steps over. */
    public static boolean isTag(int type) {
        return type == Ethernet.TPID_CUSTOMER || type == Ethernet.TPID_SERVICE || type == TPID_STACKED;
    }
}
