package io.weft.gre;

/**
 * What the GRE header of NVGRE is like (RFC 7637, 3.2): K set, C and S not, Ethernet inside, and the key split in two.
 *
 * <pre>
 *   |          virtual subnet id (VSID)             |    flow id    |
 * </pre>
 *
 * The frame inside has no VLAN tag, and what comes with one is to be dropped (RFC 7637, 3.3). Who sends takes tags off, which the
 * switch does for a port that has one VLAN untagged; a frame that is to leave with one all the same is dropped ({@code NO_VNI}).
 *
 * <p>Threads: stateless.
 */
final class Nvgre {
    /** VSIDs below are reserved, and so is 0xffffff, for what vendors tell each other. */
    static final int MIN_VSID = 0x1000;

    static final int MAX_VSID = 0xff_fffe;

    private static final int PLAIN = GreHeader.KEY << 16 | GreHeader.TRANSPARENT_ETHERNET;
    private static final int PLAIN_MASK = (GreHeader.CHECKSUM | GreHeader.KEY | GreHeader.SEQUENCE) << 16 | 0xffff;

    private Nvgre() {}

    /** Whether a GRE header, of which these are the first four bytes, may be one of NVGRE. */
    static boolean isNvgre(int first) {
        return (first & PLAIN_MASK) == PLAIN;
    }

    /** Whether frames may be in a virtual subnet with this id. */
    static boolean isValidVsid(int vsid) {
        return vsid >= MIN_VSID && vsid <= MAX_VSID;
    }

    /**
     * The key of a header.
     *
     * @param flowId 0..255, the same for all frames of a flow; 0 for none
     */
    static long key(int vsid, int flowId) {
        return (vsid << 8 | flowId) & 0xffff_ffffL;
    }

    /** A flow id for a flow's hash, of which it takes all bits into account. */
    static int flowId(int hash) {
        int half = hash ^ hash >>> 16;
        return (half ^ half >>> 8) & 0xff;
    }

    static int vsid(long key) {
        return (int) (key >>> 8) & 0xff_ffff;
    }

    static int flowIdOf(long key) {
        return (int) key & 0xff;
    }
}
