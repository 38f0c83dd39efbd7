package io.weft.packet;

import java.io.IOException;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The pcapng format (draft-ietf-opsawg-pcapng): sections, each in a byte order and with interfaces of its own; enhanced,
 * simple and (obsolete) packet blocks. Blocks of other types are passed over, however long they are.
 *
 * <pre>
 *   block: type (4), total length (4), body, total length again (4)
 * </pre>
 *
 * <p>Threads: one at a time.
 */
final class PcapngReader extends PcapReader {
    static final int SECTION_HEADER = 0x0A0D0D0A; // the same in either byte order

    private static final int INTERFACE_DESCRIPTION = 1;
    private static final int OBSOLETE_PACKET = 2;
    private static final int SIMPLE_PACKET = 3;
    private static final int ENHANCED_PACKET = 6;
    private static final int BYTE_ORDER_MAGIC = 0x1A2B3C4D;

    private static final int BLOCK_HEADER_LENGTH = 8;
    private static final int BLOCK_TRAILER_LENGTH = 4;
    private static final int SECTION_BODY_LENGTH = 16;
    private static final int INTERFACE_BODY_LENGTH = 8;
    private static final int SIMPLE_BODY_LENGTH = 4;
    private static final int PACKET_BODY_LENGTH = 20; // of enhanced and obsolete ones

    // What is kept for each interface is little, but a file may have no end of them.
    private static final int MAX_INTERFACES = 65_536;

    private final List<PcapngInterface> interfaces = new ArrayList<>();
    private long blockLength; // of the block whose trailer comes next in the input; 0 for none
    private long lastTimestampNs = NO_TIMESTAMP;

    PcapngReader(PcapInput input) {
        super(input);
    }

    @Override
    void begin() throws IOException {
        blockLength = 0;
        lastTimestampNs = NO_TIMESTAMP;
        read(); // is a section header, by which the format was told
    }

    @Override
    Found read() throws IOException {
        endBlock();
        if (input.atEnd()) {
            return Found.END;
        }
        input.require(BLOCK_HEADER_LENGTH + BLOCK_TRAILER_LENGTH, "a block");
        int type = input.getInt(0);
        if (type == SECTION_HEADER) {
            chooseOrder();
        }
        long length = input.getUnsignedInt(4);
        if (length < BLOCK_HEADER_LENGTH + BLOCK_TRAILER_LENGTH || length % 4 != 0) {
            throw damaged("claims a length of " + length + " bytes; accepted: multiples of 4 from 12 on");
        }
        long body = length - BLOCK_HEADER_LENGTH - BLOCK_TRAILER_LENGTH;
        Found found =
                switch (type) {
                    case SECTION_HEADER -> section(body);
                    case INTERFACE_DESCRIPTION -> interfaceDescription(body);
                    case ENHANCED_PACKET, OBSOLETE_PACKET -> packetBlock(type, body);
                    case SIMPLE_PACKET -> simplePacket(body);
                    default -> passOver(body);
                };
        blockLength = length;
        return found;
    }

    private void endBlock() throws IOException {
        if (blockLength != 0) {
            input.require(BLOCK_TRAILER_LENGTH, "the end of a block");
            long again = input.getUnsignedInt(0);
            if (again != blockLength) {
                throw new PcapFormatException("the block that ends at byte " + input.position() + " claims "
                        + blockLength + " bytes in front and " + again + " behind");
            }
            input.skip(BLOCK_TRAILER_LENGTH, "the end of a block");
            blockLength = 0;
        }
    }

    private Found passOver(long body) throws IOException {
        input.skip(BLOCK_HEADER_LENGTH + body, "a block");
        return Found.NOTHING;
    }

    // ---- sections and interfaces ----

    private void chooseOrder() throws IOException {
        input.order(ByteOrder.BIG_ENDIAN);
        int magic = input.getInt(BLOCK_HEADER_LENGTH);
        if (magic == Integer.reverseBytes(BYTE_ORDER_MAGIC)) {
            input.order(ByteOrder.LITTLE_ENDIAN);
        } else if (magic != BYTE_ORDER_MAGIC) {
            throw damaged("is a section in no byte order");
        }
    }

    private Found section(long body) throws IOException {
        requireBody("a section header", body, SECTION_BODY_LENGTH);
        int major = input.getShort(BLOCK_HEADER_LENGTH + 4);
        if (major != 1) {
            throw damaged("is a section of version " + major + "; accepted: version 1");
        }
        interfaces.clear();
        return passOver(body);
    }

    private Found interfaceDescription(long body) throws IOException {
        requireBody("an interface", body, INTERFACE_BODY_LENGTH);
        if (body > PcapInput.MAX_REQUIRED - BLOCK_HEADER_LENGTH) {
            throw damaged("describes an interface in " + body + " bytes; accepted: up to 65536");
        }
        if (interfaces.size() == MAX_INTERFACES) {
            throw damaged("is one interface too many; accepted: up to " + MAX_INTERFACES + " in a section");
        }
        input.require(BLOCK_HEADER_LENGTH + (int) body, "an interface");
        interfaces.add(PcapngInterface.read(input, BLOCK_HEADER_LENGTH, (int) body));
        return passOver(body);
    }

    // ---- packets ----

    private Found packetBlock(int type, long body) throws IOException {
        requireBody("a packet", body, PACKET_BODY_LENGTH);
        int at = BLOCK_HEADER_LENGTH;
        long number = type == ENHANCED_PACKET ? input.getUnsignedInt(at) : input.getShort(at);
        if (number >= interfaces.size()) {
            throw damaged("is a packet of interface " + number + "; the section has " + interfaces.size());
        }
        PcapngInterface of = interfaces.get((int) number);
        lastTimestampNs = of.timestampNs(input.getUnsignedInt(at + 4) << 32 | input.getUnsignedInt(at + 8));
        long captured = input.getUnsignedInt(at + 12);
        long original = input.getUnsignedInt(at + 16);
        if (captured > body - PACKET_BODY_LENGTH) {
            throw damaged("is a packet that claims " + captured + " bytes of a block that has room for "
                    + (body - PACKET_BODY_LENGTH));
        }
        input.skip(BLOCK_HEADER_LENGTH + PACKET_BODY_LENGTH, "a packet");
        return packet(lastTimestampNs, captured, original, of.fcsLength(), of.linkType(), body - PACKET_BODY_LENGTH);
    }

    /** Its timestamp is that of the packet before it; how much was kept of it, the snap length says. */
    private Found simplePacket(long body) throws IOException {
        requireBody("a packet", body, SIMPLE_BODY_LENGTH);
        if (interfaces.isEmpty()) {
            throw damaged("is a packet of interface 0; the section has none");
        }
        PcapngInterface of = interfaces.get(0);
        long original = input.getUnsignedInt(BLOCK_HEADER_LENGTH);
        long captured = of.snapLength() == 0 ? original : Math.min(original, of.snapLength());
        if (captured > body - SIMPLE_BODY_LENGTH) {
            throw damaged("is a packet that claims " + captured + " bytes of a block that has room for "
                    + (body - SIMPLE_BODY_LENGTH));
        }
        input.skip(BLOCK_HEADER_LENGTH + SIMPLE_BODY_LENGTH, "a packet");
        return packet(lastTimestampNs, captured, original, of.fcsLength(), of.linkType(), body - SIMPLE_BODY_LENGTH);
    }

    private void requireBody(String what, long body, int atLeast) throws IOException {
        if (body < atLeast) {
            throw damaged("is " + what + " with a body of " + body + " bytes; accepted: " + atLeast + " or more");
        }
        input.require(BLOCK_HEADER_LENGTH + atLeast, what);
    }

    private PcapFormatException damaged(String how) {
        return new PcapFormatException("the block at byte " + input.position() + " " + how);
    }
}
