package io.weft.bridge;

/**
 * A rate that frames may have, in bits, in frames, or both; a token bucket each. A frame's bits are those from its
 * destination address to its last byte: no FCS, preamble or gap. A super-frame counts as the frames of the wire that it
 * stands for; one that is more than a burst passes when the bucket is full, and those after it wait for longer.
 *
 * @param bitsPerSecond 0 for no limit, up to 10<sup>12</sup>
 * @param burstBits what may pass at once after a pause, up to 8 x 10<sup>9</sup>
 * @param framesPerSecond 0 for no limit, up to 10<sup>9</sup>
 * @param burstFrames what may pass at once after a pause, up to 10<sup>9</sup>
 */
public record RateLimit(long bitsPerSecond, long burstBits, long framesPerSecond, long burstFrames) {
    /** No limit. */
    public static final RateLimit NONE = new RateLimit(0, 0, 0, 0);

    private static final long MAX_BITS = 1_000_000_000_000L;
    private static final long MAX_BURST_BITS = 8_000_000_000L;
    private static final long MAX_FRAMES = 1_000_000_000L;

    /** The longest frame, which must fit a burst. */
    private static final long MIN_BURST_BITS = 8L * 65_536;

    /** Checks the ranges. */
    public RateLimit {
        require("bitsPerSecond", bitsPerSecond, 0, MAX_BITS);
        require("framesPerSecond", framesPerSecond, 0, MAX_FRAMES);
        if (bitsPerSecond > 0) {
            require("burstBits", burstBits, MIN_BURST_BITS, MAX_BURST_BITS);
        } else {
            require("burstBits without bitsPerSecond", burstBits, 0, 0);
        }
        if (framesPerSecond > 0) {
            require("burstFrames", burstFrames, 1, MAX_FRAMES);
        } else {
            require("burstFrames without framesPerSecond", burstFrames, 0, 0);
        }
    }

    private static void require(String option, long value, long from, long to) {
        if (value < from || value > to) {
            throw new IllegalArgumentException(
                    option + " is " + value + "; accepted: " + (from == to ? "" + from : from + ".." + to));
        }
    }

    /** So many bits a second, in bursts of up to 10 ms (at least one frame of 64 KiB). */
    public static RateLimit bits(long perSecond) {
        return bits(perSecond, Math.min(MAX_BURST_BITS, Math.max(MIN_BURST_BITS, perSecond / 100)));
    }

    /** So many bits a second, in bursts of up to {@code burst} bits. */
    public static RateLimit bits(long perSecond, long burst) {
        return new RateLimit(perSecond, burst, 0, 0);
    }

    /** So many frames a second, in bursts of up to 10 ms (at least one frame). */
    public static RateLimit frames(long perSecond) {
        return frames(perSecond, Math.max(1, perSecond / 100));
    }

    /** So many frames a second, in bursts of up to {@code burst} frames. */
    public static RateLimit frames(long perSecond, long burst) {
        return new RateLimit(0, 0, perSecond, burst);
    }

    /** Both this limit and another: one in bits, the other in frames. */
    public RateLimit and(RateLimit other) {
        if ((bitsPerSecond > 0 && other.bitsPerSecond > 0) || (framesPerSecond > 0 && other.framesPerSecond > 0)) {
            throw new IllegalArgumentException(this + " conflicts with " + other + ": both limit the same");
        }
        return new RateLimit(
                bitsPerSecond + other.bitsPerSecond,
                burstBits + other.burstBits,
                framesPerSecond + other.framesPerSecond,
                burstFrames + other.burstFrames);
    }

    /** Whether it limits anything. */
    public boolean isLimited() {
        return bitsPerSecond > 0 || framesPerSecond > 0;
    }
}
