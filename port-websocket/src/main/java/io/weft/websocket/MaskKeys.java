package io.weft.websocket;

import java.nio.ByteBuffer;
import java.security.SecureRandom;

/**
 * Masking keys that a peer cannot predict (RFC 6455 5.3), drawn from the system's generator a thousand at a time: one by one
 * they would cost more than the masking.
 *
 * <p>Threads: confined.
 */
final class MaskKeys {
    private static final int BLOCK = 4_096;

    private final SecureRandom random = new SecureRandom();
    private final byte[] bytes = new byte[BLOCK];
    private final ByteBuffer keys = ByteBuffer.wrap(bytes).limit(0);

    int next() {
        if (!keys.hasRemaining()) {
            random.nextBytes(bytes);
            keys.clear();
        }
        return keys.getInt();
    }
}
