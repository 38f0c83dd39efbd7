package io.weft.gre;

import io.weft.frame.EtherType;
import io.weft.frame.Ethernet;
import io.weft.frame.Frame;
import io.weft.frame.Ipv4;
import io.weft.frame.Ipv6;

/**
 * The headers of ERSPAN types II and III (draft-foschiano-erspan-03), between a GRE header with a sequence number and a
 * mirrored frame. We write them; nobody sends them to us.
 *
 * <pre>
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   |  1    |          VLAN         | COS |En |T|    session id     |   type II
 *   |       reserved        |                 index                 |
 *
 *   |  2    |          VLAN         | COS |BSO|T|    session id     |   type III
 *   |                           timestamp                           |
 *   |              SGT              |P|   FT    |   Hw ID   |D|Gra|O|
 *   |  5        |   switch id       |          port id              |   if O: the subheader of platform 5
 *   |                   seconds of the timestamp                    |
 * </pre>
 *
 * <p>VLAN and COS are those of the mirrored frame's outermost tag, which stays in the frame (En is 3; Linux does the same):
 * what a mirror saw is what its reader sees. They are 0 for a frame without one, whichever VLAN the switch has put it in.
 *
 * <p>T says that the frame was cut: by whoever sends it ({@code cut}), or before, by the mirror's snap length, which the length
 * in its IP header tells. BSO is 0, good or unknown: without an FCS and without padding nothing here is bad, short or
 * oversized. SGT is 0, P is 1 and FT 0: an Ethernet frame.
 *
 * <p>Threads: stateless; the caller owns the frame.
 */
final class ErspanHeader {
    /** GRE protocol type of type II. */
    static final int TYPE_2 = 0x88be;

    /** GRE protocol type of type III. */
    static final int TYPE_3 = 0x22eb;

    static final int LENGTH_2 = 8;
    static final int LENGTH_3 = 12;

    /** Bytes that a type III header with seconds has behind it. */
    static final int SUBHEADER_LENGTH = 8;

    static final int MAX_SESSION_ID = 0x3ff;
    static final int MAX_INDEX = 0xf_ffff;
    static final int MAX_HARDWARE_ID = 0x3f;

    private static final int TAG_PRESERVED = 3 << 11; // En
    private static final int CUT = 1 << 10; // T
    private static final int ETHERNET_FRAME = 1 << 15; // P, and FT 0
    private static final int EGRESS = 1 << 3; // D
    private static final int SUBHEADER = 1; // O
    private static final int PLATFORM_WITH_SECONDS = 5;

    /** What the timestamp of type III counts (Gra). */
    enum Granularity {
        /** Units of 100 microseconds; the 32 bits wrap around after five days. */
        MICROSECONDS_100(0, "100us", 100_000),
        /** Units of 100 nanoseconds; after seven minutes. */
        NANOSECONDS_100(1, "100ns", 100),
        /** Nanoseconds of the current second, and the second in a subheader, as IEEE 1588 has time. */
        NANOSECONDS(2, "ns", 1);

        final int code;

        /** As options have it. */
        final String text;

        final int unitNs;

        Granularity(int code, String text, int unitNs) {
            this.code = code;
            this.text = text;
            this.unitNs = unitNs;
        }

        /** Bytes of the header that has it. */
        int headerLength() {
            return this == NANOSECONDS ? LENGTH_3 + SUBHEADER_LENGTH : LENGTH_3;
        }
    }

    private static final long SECOND_NS = 1_000_000_000L;

    private ErspanHeader() {}

    /**
     * Puts a header of type II in front of a frame.
     *
     * @param sessionId 0..{@link #MAX_SESSION_ID}
     * @param index 0..{@link #MAX_INDEX}; what it means is between who sends and who reads
     * @param cut whether the frame was longer
     */
    static void prepend2(Frame frame, int sessionId, int index, boolean cut) {
        int tag = tag(frame);
        int bits = tag >= 0 ? vlanAndCos(tag) | TAG_PRESERVED : 0;
        bits |= cut || isCut(frame) ? CUT : 0;
        frame.prepend(LENGTH_2);
        frame.putInt(0, 1 << 28 | bits | sessionId);
        frame.putInt(4, index);
    }

    /**
     * Puts a header of type III in front of a frame.
     *
     * @param sessionId 0..{@link #MAX_SESSION_ID}
     * @param hardwareId 0..{@link #MAX_HARDWARE_ID}, of the engine that mirrors within its system
     * @param egress whether the frame was mirrored as it left, not as it came
     * @param cut whether the frame was longer
     * @param timeNs when it was mirrored, in nanoseconds: of any clock, but since 1970 for {@link Granularity#NANOSECONDS}
     */
    static void prepend3(
            Frame frame,
            int sessionId,
            int hardwareId,
            boolean egress,
            boolean cut,
            Granularity granularity,
            long timeNs) {
        int tag = tag(frame);
        int bits = tag >= 0 ? vlanAndCos(tag) : 0;
        bits |= cut || isCut(frame) ? CUT : 0;
        boolean withSeconds = granularity == Granularity.NANOSECONDS;
        frame.prepend(granularity.headerLength());
        frame.putInt(0, 2 << 28 | bits | sessionId);
        frame.putInt(
                4, (int) (withSeconds ? Math.floorMod(timeNs, SECOND_NS) : Math.floorDiv(timeNs, granularity.unitNs)));
        frame.putInt(
                8,
                ETHERNET_FRAME
                        | hardwareId << 4
                        | (egress ? EGRESS : 0)
                        | granularity.code << 1
                        | (withSeconds ? SUBHEADER : 0));
        if (withSeconds) {
            frame.putInt(12, PLATFORM_WITH_SECONDS << 26);
            frame.putInt(16, (int) Math.floorDiv(timeNs, SECOND_NS));
        }
    }

    /** The outermost tag's control information; -1 when there is none. */
    private static int tag(Frame frame) {
        return frame.length() >= Ethernet.VLAN_HEADER_LENGTH && Ethernet.isTag(Ethernet.type(frame))
                ? Ethernet.tci(frame)
                : -1;
    }

    private static int vlanAndCos(int tci) {
        return (tci & 0xfff) << 16 | tci >>> 13 << 13;
    }

    /** Whether an IP header says that there was more of the frame. */
    private static boolean isCut(Frame frame) {
        int etherType = EtherType.offset(frame);
        if (etherType == EtherType.NONE) {
            return false;
        }
        int ip = etherType + 2;
        int there = frame.length() - ip;
        return switch (EtherType.at(frame, etherType)) {
            case EtherType.IPV4 -> there < Ipv4.HEADER_LENGTH || Ipv4.totalLength(frame, ip) > there;
            case EtherType.IPV6 ->
                there < Ipv6.HEADER_LENGTH || Ipv6.payloadLength(frame, ip) > there - Ipv6.HEADER_LENGTH;
            default -> false;
        };
    }
}
