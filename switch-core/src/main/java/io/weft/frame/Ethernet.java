package io.weft.frame;

/**
 * The Ethernet header and the IEEE 802.1Q tag, read in place.
 *
 * <pre>
 *    0                 6                12      14
 *   +-----------------+-----------------+-------+---------
 *   | destination     | source          | type  | payload      untagged
 *   +-----------------+-----------------+-------+-------+-------+---------
 *   | destination     | source          | TPID  | TCI   | type  | payload   tagged
 *   +-----------------+-----------------+-------+-------+-------+---------
 *                                        TCI: PCP(3) DEI(1) VID(12)
 * </pre>
 *
 * <p>Contract: the frame has at least {@link #HEADER_LENGTH} bytes ({@code VLAN_HEADER_LENGTH} where a tag is read);
 * after that check no getter can fail. MAC addresses are the low 48 bits of a {@code long}, first byte highest.
 *
 * <p>Threads: stateless.
 */
public final class Ethernet {
    /** Bytes of an untagged header, and the shortest thing that is a frame. */
    public static final int HEADER_LENGTH = 14;

    /** Bytes of a header with one tag. */
    public static final int VLAN_HEADER_LENGTH = 18;

    /** Bytes of a tag. */
    public static final int TAG_LENGTH = 4;

    /** TPID of a customer tag (802.1Q). */
    public static final int TPID_CUSTOMER = 0x8100;

    /** TPID of a service tag (802.1ad). */
    public static final int TPID_SERVICE = 0x88A8;

    /** The reserved VID (802.1Q table 9-2): never valid in a frame. */
    public static final int VID_RESERVED = 4_095;

    /** ff:ff:ff:ff:ff:ff. */
    public static final long BROADCAST = 0xFFFF_FFFF_FFFFL;

    private static final long GROUP_BIT = 1L << 40;
    private static final long RESERVED_PREFIX = 0x0180_C200_0000L;

    private Ethernet() {}

    /** Destination address. */
    public static long destination(Frame frame) {
        return frame.getLong(0) >>> 16;
    }

    /** Source address. */
    public static long source(Frame frame) {
        return frame.getLong(6) >>> 16;
    }

    /** Writes an address at {@code offset}, where the slot has 6 bytes: 0 for the destination, 6 for the source. */
    public static void putMac(Frame frame, int offset, long mac) {
        frame.putShort(offset, (int) (mac >>> 32));
        frame.putInt(offset + 2, (int) mac);
    }

    /** The type field at byte 12: an EtherType, a TPID, or (below 0x600) a length. */
    public static int type(Frame frame) {
        return frame.getShort(12);
    }

    /** Whether {@code type} announces a VLAN tag. */
    public static boolean isTag(int type) {
        return type == TPID_CUSTOMER || type == TPID_SERVICE;
    }

    /** VID of the outer tag, 0..4095; the frame is known to have one and {@link #VLAN_HEADER_LENGTH} bytes. */
    public static int vid(Frame frame) {
        return frame.getShort(14) & 0xfff;
    }

    /** The outer tag's PCP (3 bits), DEI (1) and VID (12); the same condition as for {@link #vid}. */
    public static int tci(Frame frame) {
        return frame.getShort(14);
    }

    /** Replaces the VID of the outer tag and keeps its priority; the same condition as for {@link #vid}. */
    public static void replaceVid(Frame frame, int vid) {
        frame.putShort(14, frame.getShort(14) & 0xf000 | vid);
    }

    /** Puts a tag behind the addresses; the frame grows by four bytes at its front, of which there is headroom. */
    public static void pushTag(Frame frame, int tpid, int tci) {
        long addresses = frame.getLong(0);
        int rest = frame.getInt(8);
        frame.prepend(TAG_LENGTH);
        frame.putLong(0, addresses);
        frame.putInt(8, rest);
        frame.putShort(12, tpid);
        frame.putShort(14, tci);
        frame.shiftOffload(TAG_LENGTH);
    }

    /** Takes the outer tag off, which the frame is known to have; it shrinks by four bytes at its front. */
    public static void popTag(Frame frame) {
        long addresses = frame.getLong(0);
        int rest = frame.getInt(8);
        frame.consume(TAG_LENGTH);
        frame.putLong(0, addresses);
        frame.putInt(8, rest);
        frame.shiftOffload(-TAG_LENGTH);
    }

    /** Whether the address is a group address (multicast or broadcast). */
    public static boolean isGroup(long mac) {
        return (mac & GROUP_BIT) != 0;
    }

    /** Whether a bridge may learn this source: a station's own, non-zero address. */
    public static boolean isLearnable(long mac) {
        return (mac & GROUP_BIT) == 0 && mac != 0;
    }

    /** Whether the address is one of 01-80-C2-00-00-00…0F, which a bridge does not forward (802.1Q 8.6.3). */
    public static boolean isReserved(long mac) {
        return (mac & ~0xfL) == RESERVED_PREFIX;
    }
}
