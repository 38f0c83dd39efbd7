package io.weft;

import java.util.SplittableRandom;

/**
 * The seed of a randomised test: another one in every run, printed, and the one of a failed run when that is given as
 * {@code -Dweft.seed=...}.
 */
public final class TestSeed {
    private TestSeed() {}

    /** A generator for {@code test}, whose seed is printed. */
    public static SplittableRandom random(String test) {
        return new SplittableRandom(next(test));
    }

    /** The seed itself, for tests that need several generators. */
    public static long next(String test) {
        long seed = Long.getLong("weft.seed", System.nanoTime());
        System.out.println(test + ": -Dweft.seed=" + seed);
        return seed;
    }

    /** How many times longer than usual randomised tests run: {@code -Dweft.effort=...}, 1 unless given. */
    public static int effort() {
        return Integer.getInteger("weft.effort", 1);
    }
}
