package io.weft.underlay;

import io.weft.nativeio.MessageVector;
import java.nio.ByteBuffer;

/**
 * The control messages (cmsg(3)) that come and go with datagrams: a length that counts its own header, a level, a type, and
 * data; each begins at a multiple of eight bytes.
 *
 * <p>Threads: stateless.
 */
final class ControlMessages {
    static final int HEADER_LENGTH = MessageVector.CONTROL_HEADER_LENGTH;

    private static final int LEVEL = 8;
    private static final int TYPE = 12;

    private ControlMessages() {}

    /** Bytes that a message takes with so much data, padding counted. */
    static int space(int dataLength) {
        return HEADER_LENGTH + aligned(dataLength);
    }

    private static int aligned(int length) {
        return (length + 7) & ~7;
    }

    /** Writes a header; the data belongs at {@link #data}. Returns the bytes taken, padding counted. */
    static int put(ByteBuffer bytes, int offset, int level, int type, int dataLength) {
        bytes.putLong(offset, HEADER_LENGTH + dataLength);
        bytes.putInt(offset + LEVEL, level);
        bytes.putInt(offset + TYPE, type);
        return space(dataLength);
    }

    /** Where the data of the message at {@code offset} lies. */
    static int data(int offset) {
        return offset + HEADER_LENGTH;
    }

    /** Whether there is a whole message at {@code offset}, of those that end at {@code end}. */
    static boolean isAt(ByteBuffer bytes, int offset, int end) {
        if (end - offset < HEADER_LENGTH) {
            return false;
        }
        long length = bytes.getLong(offset);
        return length >= HEADER_LENGTH && length <= end - offset;
    }

    /** Where the message behind the one at {@code offset} begins. */
    static int next(ByteBuffer bytes, int offset) {
        return offset + aligned((int) bytes.getLong(offset));
    }

    /** Bytes of data of the message at {@code offset}. */
    static int dataLength(ByteBuffer bytes, int offset) {
        return (int) bytes.getLong(offset) - HEADER_LENGTH;
    }

    static int level(ByteBuffer bytes, int offset) {
        return bytes.getInt(offset + LEVEL);
    }

    static int type(ByteBuffer bytes, int offset) {
        return bytes.getInt(offset + TYPE);
    }
}
