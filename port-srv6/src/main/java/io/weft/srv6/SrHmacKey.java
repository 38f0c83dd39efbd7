package io.weft.srv6;

import java.security.MessageDigest;
import java.util.Locale;

/**
 * A key that both ends of a segment routing domain know, by its number.
 *
 * <p>Threads: immutable.
 */
public final class SrHmacKey {
    /** The largest number of a key. */
    public static final long MAX_ID = 0xffff_ffffL;

    /** The longest secret in bytes: what the hash functions take in at once, and Linux accepts. */
    public static final int MAX_SECRET_LENGTH = 64;

    /** How the digest is made, as Linux has it. */
    public enum Algorithm {
        /** HMAC-SHA-1, digests of 20 bytes: for those who have nothing else. */
        SHA1("SHA-1", 20),
        /** HMAC-SHA-256, digests of 32 bytes. */
        SHA256("SHA-256", 32);

        private final String digestName;
        private final int digestLength;

        Algorithm(String digestName, int digestLength) {
            this.digestName = digestName;
            this.digestLength = digestLength;
        }

        /** As Java has it. */
        String digestName() {
            return digestName;
        }

        /** Bytes of a digest. */
        public int digestLength() {
            return digestLength;
        }

        /** As options and {@code ip sr hmac set} have it: {@code sha1}, {@code sha256}. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final long id;
    private final Algorithm algorithm;
    private final byte[] secret;

    /**
     * A key.
     *
     * @param id its number, 1..4294967295, which is in the packets
     * @param secret 1..64 bytes; copied
     * @throws IllegalArgumentException naming what is not accepted; the secret is not told
     */
    public SrHmacKey(long id, Algorithm algorithm, byte[] secret) {
        checkId(id);
        if (secret.length < 1 || secret.length > MAX_SECRET_LENGTH) {
            throw new IllegalArgumentException(
                    "secret of HMAC key " + id + " has " + secret.length + " bytes; accepted: 1.." + MAX_SECRET_LENGTH);
        }
        this.id = id;
        this.algorithm = algorithm;
        this.secret = secret.clone();
    }

    static void checkId(long id) {
        if (id < 1 || id > MAX_ID) {
            throw new IllegalArgumentException("HMAC key id is " + id + "; accepted: 1.." + MAX_ID);
        }
    }

    /** The key's number. */
    public long id() {
        return id;
    }

    /** How the digest is made. */
    public Algorithm algorithm() {
        return algorithm;
    }

    /** The secret, padded with zeros to a block of the hash function, each byte XORed with {@code pad} (RFC 2104, 2). */
    byte[] block(int pad) {
        byte[] block = new byte[MAX_SECRET_LENGTH];
        for (int i = 0; i < block.length; i++) {
            block[i] = (byte) ((i < secret.length ? secret[i] : 0) ^ pad);
        }
        return block;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SrHmacKey key
                && id == key.id
                && algorithm == key.algorithm
                && MessageDigest.isEqual(secret, key.secret);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(id);
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return "HMAC key " + id + " (" + algorithm + ")";
    }
}
