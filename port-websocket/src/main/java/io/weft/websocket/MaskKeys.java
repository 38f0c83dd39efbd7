package io.weft.websocket;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.crypto.Cipher;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Masking keys that a peer cannot predict (RFC 6455 5.3): the key stream of AES in counter mode under a random key. Keys from
 * the system's generator would cost more than the masking, a few nanoseconds these.
 *
 * <p>Threads: confined.
 */
final class MaskKeys {
    private static final int KEY_BYTES = 16;
    private static final byte[] ZEROS = new byte[4_096];

    private final Cipher stream;
    private final byte[] bytes = new byte[ZEROS.length];
    private final ByteBuffer keys = ByteBuffer.wrap(bytes).limit(0);

    MaskKeys() {
        byte[] seed = new byte[2 * KEY_BYTES];
        new SecureRandom().nextBytes(seed);
        try {
            stream = Cipher.getInstance("AES/CTR/NoPadding");
            stream.init(
                    Cipher.ENCRYPT_MODE,
                    new SecretKeySpec(seed, 0, KEY_BYTES, "AES"),
                    new IvParameterSpec(seed, KEY_BYTES, KEY_BYTES));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES", e);
        }
    }

    int next() {
        if (!keys.hasRemaining()) {
            try {
                stream.update(ZEROS, 0, ZEROS.length, bytes);
            } catch (ShortBufferException e) {
                throw new IllegalStateException("as many bytes out as in", e);
            }
            keys.clear();
        }
        return keys.getInt();
    }
}
