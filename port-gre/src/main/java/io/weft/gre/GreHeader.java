package io.weft.gre;

import io.weft.frame.Frame;
import io.weft.offload.InternetChecksum;

/**
 * The GRE header (RFC 2784 with the key and the sequence number of RFC 2890), 4 to 16 bytes long.
 *
 * <pre>
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   |C|R|K|S|s|r| reserved, ignored |version|     protocol type     |
 *   |    checksum, if C             |     reserved, if C            |
 *   |                    key, if K                                  |
 *   |                    sequence number, if S                      |
 * </pre>
 *
 * <p>R, s and r (routing present, strict source route, the first of three recursion bits) are RFC 1701's: who does not
 * speak that must discard what has them (RFC 2784, 2.3). The bits behind them are ignored; whoever sends leaves all zero.
 *
 * <p>Use on receipt: {@link #check}, then {@link #first}, from which everything else follows; after the check no accessor
 * reads behind the frame's end.
 *
 * <p>Threads: stateless; the caller owns the frame.
 */
final class GreHeader {
    static final int MIN_LENGTH = 4;
    static final int MAX_LENGTH = 16;

    /** C, of the 16 bits that the header begins with. */
    static final int CHECKSUM = 0x8000;

    /** K. */
    static final int KEY = 0x2000;

    /** S. */
    static final int SEQUENCE = 0x1000;

    /** Ethernet frames inside; the other protocol types are EtherTypes. */
    static final int TRANSPARENT_ETHERNET = 0x6558;

    /** No key, or no sequence number: others are 0..2<sup>32</sup>-1. */
    static final long NONE = -1;

    private static final int ROUTING = 0x4000;
    private static final int OTHER_RESERVED = 0x0c00;
    private static final int IGNORED = 0x03f8;
    private static final int VERSION = 0x0007;
    private static final int PRESENT = CHECKSUM | KEY | SEQUENCE;

    private GreHeader() {}

    // ---- reading ----

    /**
     * Why the packet that the frame consists of is refused; {@code null} when it is not. The checksum is not looked at.
     *
     * @param strict whether reserved bits are refused that RFC 2784 says to ignore
     */
    static GreRefusal check(Frame frame, boolean strict) {
        int length = frame.length();
        if (length < MIN_LENGTH) {
            return GreRefusal.TOO_SHORT;
        }
        int first = frame.getInt(0);
        int zero = (ROUTING | OTHER_RESERVED | VERSION | (strict ? IGNORED : 0)) << 16;
        if ((first & zero) != 0) {
            return refusedBits(first >>> 16);
        }
        if (length < length(first)) {
            return GreRefusal.TOO_SHORT;
        }
        return protocolType(first) == 0 ? GreRefusal.KEEPALIVE : null;
    }

    /** The version comes first: in another one the other bits mean something else. */
    private static GreRefusal refusedBits(int bits) {
        if ((bits & VERSION) != 0) {
            return GreRefusal.VERSION;
        }
        return (bits & ROUTING) != 0 ? GreRefusal.ROUTING : GreRefusal.RESERVED;
    }

    /** Whether a header that begins with these four bytes is as {@link #prepend} writes them: no bit but C, K and S. */
    static boolean isPlain(int first) {
        return first >>> 16 == (first >>> 16 & PRESENT);
    }

    /** The header's first four bytes: bits and protocol type. */
    static int first(Frame frame) {
        return frame.getInt(0);
    }

    /** Bytes of the whole header, 4, 8, 12 or 16. */
    static int length(int first) {
        return 4 + 4 * Integer.bitCount(first & PRESENT << 16);
    }

    /** What is inside: an EtherType, or {@link #TRANSPARENT_ETHERNET}. */
    static int protocolType(int first) {
        return first & 0xffff;
    }

    static boolean hasChecksum(int first) {
        return (first & CHECKSUM << 16) != 0;
    }

    static boolean hasKey(int first) {
        return (first & KEY << 16) != 0;
    }

    static boolean hasSequence(int first) {
        return (first & SEQUENCE << 16) != 0;
    }

    /** The key, 0..2<sup>32</sup>-1, or {@link #NONE}. */
    static long key(Frame frame, int first) {
        return hasKey(first) ? frame.getInt(keyAt(first)) & 0xffff_ffffL : NONE;
    }

    /** The sequence number, 0..2<sup>32</sup>-1, or {@link #NONE}. */
    static long sequence(Frame frame, int first) {
        return hasSequence(first) ? frame.getInt(length(first) - 4) & 0xffff_ffffL : NONE;
    }

    /** Where the key is, in a header that has one. */
    static int keyAt(int first) {
        return hasChecksum(first) ? 8 : 4;
    }

    /**
     * Whether the checksum of a packet that {@linkplain #hasChecksum has one} is right. It covers header and payload to the
     * frame's end (RFC 2784, 2.3): with the field as it came, the sum has only ones.
     */
    static boolean hasValidChecksum(Frame frame) {
        return InternetChecksum.sum(frame, 0, frame.length()) == 0xffff;
    }

    // ---- writing ----

    /** Bytes of the header that {@link #prepend} writes. */
    static int length(int flags, long key, long sequence) {
        return 4 + ((flags & CHECKSUM) == 0 ? 0 : 4) + (key == NONE ? 0 : 4) + (sequence == NONE ? 0 : 4);
    }

    /**
     * Puts a header in front of a frame.
     *
     * <p>With a checksum the frame must be finished: the sum covers the payload as it is, so one whose own transport checksum
     * is still partial, or that stands for several segments, would leave with a wrong one. The core finishes frames for ports
     * that do not declare {@link io.weft.port.Offload#CHECKSUM}.
     *
     * @param protocolType what the frame is, an EtherType or {@link #TRANSPARENT_ETHERNET}
     * @param flags {@link #CHECKSUM} or 0; K and S follow from what comes behind
     * @param key 0..2<sup>32</sup>-1, or {@link #NONE}
     * @param sequence 0..2<sup>32</sup>-1, or {@link #NONE}
     */
    static void prepend(Frame frame, int protocolType, int flags, long key, long sequence) {
        frame.prepend(length(flags, key, sequence));
        int bits = flags & CHECKSUM;
        int at = 4;
        if (bits != 0) {
            frame.putInt(4, 0); // the checksum counts as zero in its own sum
            at = 8;
        }
        if (key != NONE) {
            bits |= KEY;
            frame.putInt(at, (int) key);
            at += 4;
        }
        if (sequence != NONE) {
            bits |= SEQUENCE;
            frame.putInt(at, (int) sequence);
        }
        frame.putInt(0, bits << 16 | protocolType);
        if ((bits & CHECKSUM) != 0) {
            frame.putShort(4, InternetChecksum.checksum(InternetChecksum.sum(frame, 0, frame.length())));
        }
    }
}
