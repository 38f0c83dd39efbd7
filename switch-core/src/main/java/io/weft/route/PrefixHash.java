package io.weft.route;

/**
 * Where hash tables of prefixes begin to look for one. Every bit of the key bears on the low bits of the hash, which choose the slot:
 * prefixes are often alike but for some 16 bits.
 *
 * <p>Threads: stateless.
 */
public final class PrefixHash {
    private PrefixHash() {}

    /** The hash of a prefix that one {@code long} holds, with a table's own random number. */
    public static int of(long key, long seed) {
        long h = (key ^ seed) * 0x9E37_79B9_7F4A_7C15L;
        h = (h ^ h >>> 32) * 0xC4CE_B9FE_1A85_EC53L;
        return (int) (h >>> 32);
    }

    /** The hash of one that two hold, which is none of {@link #of(long, long)} with the same bits. */
    public static int of(long high, long low, long seed) {
        long a = high ^ seed;
        long b = low ^ 0x9E37_79B9_7F4A_7C15L;
        return (int) ((Math.multiplyHigh(a, b) ^ a * b) * 0xC4CE_B9FE_1A85_EC53L >>> 32);
    }
}
