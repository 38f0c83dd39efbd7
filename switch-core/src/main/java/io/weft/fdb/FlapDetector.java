package io.weft.fdb;

import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Notices stations that move between ports too often, which is how a loop, or two hosts with one address, look to a bridge.
 * Off unless {@link #configure} was called.
 *
 * <p>Remembers a bounded number of movers, each in the one place its hash gives; a newcomer replaces who was there. So a
 * flood of movers can hide one of them, and costs no memory. Counts are approximate when two workers see one station move in
 * the same instant.
 *
 * <p>Threads: any.
 */
final class FlapDetector {
    private static final int MOVERS = 1_024;

    private final AtomicLongArray stations = new AtomicLongArray(MOVERS);
    private final AtomicLongArray windows =
            new AtomicLongArray(MOVERS); // begin of the window in seconds << 32 | moves in it
    private final long seed = new SplittableRandom().nextLong();
    private volatile int maxMoves; // 0: off
    private volatile int windowSeconds;
    private volatile int holdDownSeconds;

    /**
     * Says when a station flaps.
     *
     * @param newMaxMoves moves within the window that are still taken for mobility; 0 to switch off
     */
    void configure(int newMaxMoves, int newWindowSeconds, int newHoldDownSeconds) {
        windowSeconds = newWindowSeconds;
        holdDownSeconds = newHoldDownSeconds;
        maxMoves = newMaxMoves;
    }

    /** Notes that a station moves; whether that is once too often. */
    boolean moves(long key, int nowSeconds) {
        int allowed = maxMoves;
        if (allowed == 0) {
            return false;
        }
        int place = place(key);
        long window = windows.get(place);
        int begin = (int) (window >>> 32);
        int moves = (int) window;
        if (stations.get(place) != key || nowSeconds - begin >= windowSeconds) {
            stations.set(place, key);
            begin = nowSeconds;
            moves = 0;
        }
        moves++;
        boolean tooMany = moves > allowed;
        windows.set(place, (long) begin << 32 | (tooMany ? 0 : moves));
        return tooMany;
    }

    /** Whether {@link #moves} would say yes; notes nothing. */
    boolean wouldFlap(long key, int nowSeconds) {
        int place = place(key);
        long window = windows.get(place);
        return maxMoves != 0
                && stations.get(place) == key
                && nowSeconds - (int) (window >>> 32) < windowSeconds
                && (int) window + 1 > maxMoves;
    }

    private int place(long key) {
        return (int) ((key ^ seed) * 0x9E37_79B9_7F4A_7C15L >>> 54); // ten bits
    }

    /** Whether a held entry's time is not over; {@code value}'s time is when the hold began. */
    boolean isHeld(long value, int nowSeconds) {
        return FdbValue.ageSeconds(value, nowSeconds) < holdDownSeconds;
    }
}
