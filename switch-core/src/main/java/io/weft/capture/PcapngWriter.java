package io.weft.capture;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;

/**
 * Writes the pcapng capture format (IETF draft-ietf-opsawg-pcapng): a section, one interface block a port, one enhanced
 * packet block a frame with its direction. Little-endian; timestamps in nanoseconds.
 *
 * <p>Blocks are collected in a buffer and reach the channel when it is full, and on {@link #flush} and {@link #close}.
 *
 * <p>Threads: one at a time.
 */
public final class PcapngWriter implements Closeable {
    /** Which way a frame went, as seen by the switch. */
    public enum Direction {
        /** Received by the switch. */
        INBOUND(1),
        /** Sent by the switch. */
        OUTBOUND(2);

        private final int flag;

        Direction(int flag) {
            this.flag = flag;
        }
    }

    private static final int SECTION_HEADER = 0x0A0D0D0A;
    private static final int INTERFACE_DESCRIPTION = 1;
    private static final int ENHANCED_PACKET = 6;
    private static final int BYTE_ORDER_MAGIC = 0x1A2B3C4D;
    private static final int LINKTYPE_ETHERNET = 1;

    private static final int OPTION_END = 0;
    private static final int OPTION_COMMENT = 1;
    private static final int OPTION_USER_APPLICATION = 4;
    private static final int OPTION_INTERFACE_NAME = 2;
    private static final int OPTION_TIMESTAMP_RESOLUTION = 9;
    private static final int OPTION_PACKET_FLAGS = 2;
    private static final byte NANOSECONDS = 9; // 10^-9

    private static final int BUFFER_SIZE = 1 << 18;
    private static final int PACKET_OVERHEAD = 32 + 12; // fixed fields and lengths; flags and end of options

    private final WritableByteChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_SIZE).order(ByteOrder.LITTLE_ENDIAN);
    private int interfaces;
    private long written;
    private long flushed;

    /** Starts a section on a channel, which {@link #close} closes. */
    public PcapngWriter(WritableByteChannel channel) throws IOException {
        this.channel = channel;
        int start = beginBlock(SECTION_HEADER, 256);
        buffer.putInt(BYTE_ORDER_MAGIC).putShort((short) 1).putShort((short) 0).putLong(-1);
        putOption(OPTION_USER_APPLICATION, "Weft".getBytes(StandardCharsets.UTF_8));
        endOptionsAndBlock(start);
    }

    /**
     * Describes a port.
     *
     * @param snapLength bytes kept of a frame at most, 0 for all
     * @return the number that frames of this port are written with
     */
    public int addInterface(String name, int snapLength) throws IOException {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        int start = beginBlock(INTERFACE_DESCRIPTION, 64 + text.length);
        buffer.putShort((short) LINKTYPE_ETHERNET).putShort((short) 0).putInt(snapLength);
        putOption(OPTION_INTERFACE_NAME, text);
        putOption(OPTION_TIMESTAMP_RESOLUTION, new byte[] {NANOSECONDS});
        endOptionsAndBlock(start);
        return interfaces++;
    }

    /**
     * Writes a frame.
     *
     * @param interfaceNumber from {@link #addInterface}
     * @param timestampNs nanoseconds since 1970
     * @param bytes what was kept of the frame, from the destination address on, without FCS; fewer than
     *     {@value #BUFFER_SIZE} less a block header; its position moves to its limit
     * @param originalLength the frame's length in bytes
     */
    public void write(int interfaceNumber, long timestampNs, ByteBuffer bytes, int originalLength, Direction direction)
            throws IOException {
        write(interfaceNumber, timestampNs, bytes, originalLength, direction, "");
    }

    /**
     * The same with a comment, which Wireshark shows beside the frame.
     *
     * @param comment up to 1,000 bytes of UTF-8; empty for none
     */
    public void write(
            int interfaceNumber,
            long timestampNs,
            ByteBuffer bytes,
            int originalLength,
            Direction direction,
            String comment)
            throws IOException {
        int kept = bytes.remaining();
        byte[] text = comment.getBytes(StandardCharsets.UTF_8);
        int start = beginBlock(ENHANCED_PACKET, PACKET_OVERHEAD + kept + 4 + text.length + 8);
        buffer.putInt(interfaceNumber)
                .putInt((int) (timestampNs >>> 32))
                .putInt((int) timestampNs)
                .putInt(kept)
                .putInt(originalLength)
                .put(bytes);
        pad();
        buffer.putShort((short) OPTION_PACKET_FLAGS).putShort((short) 4).putInt(direction.flag);
        if (text.length > 0) {
            putOption(OPTION_COMMENT, text);
        }
        endOptionsAndBlock(start);
        written++;
    }

    private int beginBlock(int type, int room) throws IOException {
        if (buffer.remaining() < room) {
            flush();
        }
        int start = buffer.position();
        buffer.putInt(type).putInt(0);
        return start;
    }

    private void endOptionsAndBlock(int start) {
        buffer.putShort((short) OPTION_END).putShort((short) 0);
        int length = buffer.position() + 4 - start;
        buffer.putInt(length);
        buffer.putInt(start + 4, length);
    }

    private void putOption(int code, byte[] value) {
        buffer.putShort((short) code).putShort((short) value.length).put(value);
        pad();
    }

    private void pad() {
        while ((buffer.position() & 3) != 0) {
            buffer.put((byte) 0);
        }
    }

    /** Hands everything written so far to the channel. */
    public void flush() throws IOException {
        buffer.flip();
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        buffer.clear();
        flushed = written;
    }

    /** Frames written so far. */
    public long written() {
        return written;
    }

    /** Those of them that the channel has taken. */
    public long flushed() {
        return flushed;
    }

    @Override
    public void close() throws IOException {
        try (channel) {
            flush();
        }
    }
}
