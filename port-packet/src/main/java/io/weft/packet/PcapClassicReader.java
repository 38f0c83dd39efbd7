package io.weft.packet;

import java.io.IOException;
import java.nio.ByteOrder;

/**
 * The pcap format as tcpdump writes it (draft-ietf-opsawg-pcap): one header with the link type for all packets, then
 * packets with a header of their own, in either byte order, with timestamps in micro- or nanoseconds.
 *
 * <pre>
 *    0  magic, which tells order and resolution      0  seconds
 *    4  version 2.4                                  4  micro- or nanoseconds
 *    8  reserved (8)                                 8  bytes of the packet in the file
 *   16  snap length                                 12  bytes of the packet
 *   20  link type, and how long the FCS is
 * </pre>
 *
 * <p>Threads: one at a time.
 */
final class PcapClassicReader extends PcapReader {
    private static final int MICROSECONDS = 0xA1B2C3D4;
    private static final int NANOSECONDS = 0xA1B23C4D;
    private static final int FILE_HEADER_LENGTH = 24;
    private static final int PACKET_HEADER_LENGTH = 16;
    private static final int FCS_PRESENT = 0x0400_0000;

    // libpcap's own limit. Nothing but these lengths says where the next packet begins, so one that lies ends the file.
    private static final long MAX_CAPTURED_LENGTH = 262_144;

    private int linkType;
    private int fcsLength;
    private int fractionNs;

    PcapClassicReader(PcapInput input) {
        super(input);
    }

    /** Whether a file with these first four bytes, read big-endian, is one of this format. */
    static boolean isMagic(int magic) {
        int swapped = Integer.reverseBytes(magic);
        return magic == MICROSECONDS || magic == NANOSECONDS || swapped == MICROSECONDS || swapped == NANOSECONDS;
    }

    @Override
    void begin() throws IOException {
        input.order(ByteOrder.BIG_ENDIAN);
        input.require(FILE_HEADER_LENGTH, "the file header");
        int magic = input.getInt(0);
        if (magic != MICROSECONDS && magic != NANOSECONDS) {
            input.order(ByteOrder.LITTLE_ENDIAN);
            magic = input.getInt(0);
        }
        fractionNs = magic == NANOSECONDS ? 1 : 1_000;
        int major = input.getShort(4);
        if (major != 2) {
            throw new PcapFormatException("it is a pcap file of version " + major + "; accepted: version 2");
        }
        int network = input.getInt(20);
        linkType = network & 0xffff;
        fcsLength = (network & FCS_PRESENT) != 0 ? (network >>> 28) * 2 : 0; // in units of two bytes
        if (linkType != LINKTYPE_ETHERNET) {
            throw new PcapFormatException("its link type is " + linkType
                    + "; accepted: 1, which is Ethernet (a capture on tcpdump's interface `any` is not)");
        }
        input.skip(FILE_HEADER_LENGTH, "the file header");
    }

    @Override
    Found read() throws IOException {
        if (input.atEnd()) {
            return Found.END;
        }
        input.require(PACKET_HEADER_LENGTH, "a packet header");
        long seconds = input.getUnsignedInt(0);
        long fraction = input.getUnsignedInt(4);
        long captured = input.getUnsignedInt(8);
        long original = input.getUnsignedInt(12);
        if (captured > MAX_CAPTURED_LENGTH) {
            throw new PcapFormatException("the packet at byte " + input.position() + " claims " + captured
                    + " bytes; accepted: up to " + MAX_CAPTURED_LENGTH);
        }
        input.skip(PACKET_HEADER_LENGTH, "a packet header");
        long timestampNs = seconds * 1_000_000_000L + fraction * fractionNs;
        return packet(timestampNs, captured, original, fcsLength, linkType, captured);
    }
}
