package io.weft.websocket;

import java.nio.ByteBuffer;

/**
 * Masking (RFC 6455 5.3): byte i of the payload is XORed with byte i modulo 4 of the key. The same operation unmasks.
 *
 * <p>Threads: stateless.
 */
final class Masking {
    private Masking() {}

    /**
     * Copies bytes, masking on the way, eight at a time. Both buffers are big-endian; positions do not move.
     *
     * @param key the masking key, its first byte highest, already rotated if {@code from} is not at the payload's first byte
     */
    static void copy(ByteBuffer source, int from, ByteBuffer target, int to, int count, int key) {
        long wideKey = (long) key << 32 | (key & 0xffff_ffffL);
        int i = 0;
        for (; i <= count - 32; i += 32) {
            long a = source.getLong(from + i) ^ wideKey;
            long b = source.getLong(from + i + 8) ^ wideKey;
            long c = source.getLong(from + i + 16) ^ wideKey;
            long d = source.getLong(from + i + 24) ^ wideKey;
            target.putLong(to + i, a);
            target.putLong(to + i + 8, b);
            target.putLong(to + i + 16, c);
            target.putLong(to + i + 24, d);
        }
        for (; i <= count - 8; i += 8) {
            target.putLong(to + i, source.getLong(from + i) ^ wideKey);
        }
        if (i <= count - 4) {
            target.putInt(to + i, source.getInt(from + i) ^ key);
            i += 4;
        }
        for (; i < count; i++) {
            target.put(to + i, (byte) (source.get(from + i) ^ keyByte(key, i)));
        }
    }

    /** The key byte for the payload byte at {@code index}. */
    static int keyByte(int key, int index) {
        return key >>> (24 - 8 * (index & 3)) & 0xff;
    }

    /** The key as it applies from the payload byte {@code consumed} on. */
    static int rotate(int key, int consumed) {
        return Integer.rotateLeft(key, 8 * (consumed & 3));
    }
}
