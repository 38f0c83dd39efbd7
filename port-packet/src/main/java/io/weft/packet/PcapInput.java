package io.weft.packet;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;

/**
 * The bytes of a capture file, read from front to end through one buffer, however long the file is.
 *
 * <p>The caller asks for so many bytes with {@link #require}, reads them with the getters, whose indexes count from the
 * current position, and moves on with {@link #skip}.
 *
 * <p>Threads: one at a time.
 */
final class PcapInput implements Closeable {
    /** Bytes that can be required at a time: the longest frame and the headers of its block. */
    static final int MAX_REQUIRED = 65_536 + 256;

    private static final int BUFFER_LENGTH = 1 << 18;

    private final SeekableByteChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_LENGTH);
    private long bufferStart; // where in the file the buffer begins

    /** Begins at the file's first byte; closes the channel in the end. */
    PcapInput(SeekableByteChannel channel) throws IOException {
        this.channel = channel;
        rewind();
    }

    /** Back to the file's first byte. */
    void rewind() throws IOException {
        moveTo(0);
    }

    private void moveTo(long position) throws IOException {
        channel.position(position);
        bufferStart = position;
        buffer.clear().limit(0);
    }

    /** The byte order of what follows. */
    void order(ByteOrder order) {
        buffer.order(order);
    }

    /** Bytes in front of the current position. */
    long position() {
        return bufferStart + buffer.position();
    }

    /**
     * Makes the next {@code count} bytes readable, up to {@link #MAX_REQUIRED}.
     *
     * @return whether the file has as many
     */
    boolean has(int count) throws IOException {
        if (buffer.remaining() >= count) {
            return true;
        }
        ByteOrder order = buffer.order();
        bufferStart += buffer.position();
        buffer.compact();
        int read = 0;
        while (read >= 0 && buffer.position() < count) {
            read = channel.read(buffer);
        }
        buffer.flip().order(order);
        return buffer.remaining() >= count;
    }

    /** Whether the file ends here. */
    boolean atEnd() throws IOException {
        return !has(1);
    }

    /**
     * As {@link #has}, where the file must not end.
     *
     * @param what is being read, for the message
     * @throws PcapFormatException when it does
     */
    void require(int count, String what) throws IOException {
        if (!has(count)) {
            throw new PcapFormatException("the file ends at byte " + (position() + buffer.remaining()) + ", within "
                    + what + " that begins at byte " + position());
        }
    }

    /**
     * Moves on, also over what was not required; reads nothing of what lies far ahead.
     *
     * @param what is passed over, for the message
     * @throws PcapFormatException when the file ends before
     */
    void skip(long count, String what) throws IOException {
        if (count <= buffer.remaining()) {
            buffer.position(buffer.position() + (int) count);
            return;
        }
        long target = position() + count;
        if (target > channel.size()) {
            throw new PcapFormatException(
                    "the file ends at byte " + channel.size() + ", within " + what + " that reaches to byte " + target);
        }
        moveTo(target);
    }

    /** Two bytes as 0..65535. */
    int getShort(int index) {
        return buffer.getShort(buffer.position() + index) & 0xffff;
    }

    /** Four bytes. */
    int getInt(int index) {
        return buffer.getInt(buffer.position() + index);
    }

    /** Four bytes as 0..2<sup>32</sup>-1. */
    long getUnsignedInt(int index) {
        return getInt(index) & 0xffff_ffffL;
    }

    /** Eight bytes. */
    long getLong(int index) {
        return buffer.getLong(buffer.position() + index);
    }

    /** One byte, 0..255. */
    int getByte(int index) {
        return buffer.get(buffer.position() + index) & 0xff;
    }

    /** The memory that the getters read. */
    ByteBuffer buffer() {
        return buffer;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
