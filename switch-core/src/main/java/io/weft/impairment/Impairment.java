package io.weft.impairment;

import java.time.Duration;
import java.util.Objects;
import java.util.SplittableRandom;

/**
 * What one direction of a port suffers. The names are those of Linux' {@code tc netem}.
 *
 * <pre>{@code
 * Impairment dsl = Impairment.builder()
 *         .delay(Duration.ofMillis(20)).jitter(Duration.ofMillis(3)).loss(0.5).rate(16_000_000).build();
 * }</pre>
 *
 * <p>Each frame, in this order: it may be lost; it may be duplicated; one bit may be corrupted; it waits until the line has
 * sent those before it at the rate, and then for the delay, unless it is reordered, which is to skip the delay.
 *
 * <p>Threads: immutable.
 *
 * @param loss percent of the frames that are lost, each independently of the others
 * @param gemodel loss in bursts instead, or {@code null}
 * @param duplicate percent of the frames that arrive twice
 * @param corrupt percent of the frames of which one bit is turned over
 * @param delayNs time on the line
 * @param jitterNs how much the delay of each frame differs from that, at most, either way and with even probability; frames
 *     overtake each other when it is more than the time between them
 * @param reorder percent of the frames that skip the delay and so overtake those that wait
 * @param rateBps bits of frames, from the destination address on without FCS, that the line takes in a second; 0 for any
 * @param limit frames that may wait; what comes on top is dropped
 * @param seed where the random numbers begin: with the same seed, frames and times the same happens
 */
public record Impairment(
        double loss,
        GilbertElliott gemodel,
        double duplicate,
        double corrupt,
        long delayNs,
        long jitterNs,
        double reorder,
        long rateBps,
        int limit,
        long seed) {
    /** Frames that may wait unless told otherwise, as in netem. */
    public static final int DEFAULT_LIMIT = 1_000;

    /** Frames that may wait at most. */
    public static final int MAX_LIMIT = 65_536;

    /** The longest delay. */
    public static final Duration MAX_DELAY = Duration.ofHours(1);

    /** Bits per second at most. */
    public static final long MAX_RATE_BPS = 1_000_000_000_000L;

    /** Nothing: every frame passes as it came. */
    public static final Impairment NONE = builder().seed(0).build();

    /** Checks the ranges, and that the settings go together. */
    public Impairment {
        requirePercent("loss", loss);
        requirePercent("duplicate", duplicate);
        requirePercent("corrupt", corrupt);
        requirePercent("reorder", reorder);
        if (delayNs < 0 || delayNs > MAX_DELAY.toNanos()) {
            throw new IllegalArgumentException(
                    "delay is " + format(delayNs) + "; accepted: 0.." + format(MAX_DELAY.toNanos()));
        }
        if (jitterNs < 0 || jitterNs > delayNs) {
            throw new IllegalArgumentException(
                    "jitter is " + format(jitterNs) + "; accepted: 0.." + format(delayNs) + ", which is the delay");
        }
        if (rateBps < 0 || rateBps > MAX_RATE_BPS) {
            throw new IllegalArgumentException(
                    "rate is " + rateBps + " bit/s; accepted: 1.." + MAX_RATE_BPS + ", or 0 for any");
        }
        if (limit < 1 || limit > MAX_LIMIT) {
            throw new IllegalArgumentException("limit is " + limit + " frames; accepted: 1.." + MAX_LIMIT);
        }
        if (loss > 0 && gemodel != null) {
            throw new IllegalArgumentException("loss is " + loss + " % and gemodel is given; accepted: one of the two");
        }
        if (reorder > 0 && delayNs == 0) {
            throw new IllegalArgumentException("reorder is " + reorder
                    + " % and delay is 0; accepted: reorder with a delay, for the others to wait");
        }
    }

    /** Settings to be made; unless given all are as in {@link #NONE}, and the seed is random. */
    public static Builder builder() {
        return new Builder();
    }

    static double requirePercent(String option, double value) {
        if (!(value >= 0 && value <= 100)) { // also not a number
            String text = value == Math.rint(value) && Math.abs(value) < 1e9 ? Long.toString((long) value) : "" + value;
            throw new IllegalArgumentException(option + " is " + text + " %; accepted: 0..100 %");
        }
        return value;
    }

    private static String format(long timeNs) {
        return timeNs % 1_000_000 == 0 ? timeNs / 1_000_000 + " ms" : timeNs + " ns";
    }

    /** Collects settings; every one is checked where it is given, what goes together in {@link #build}. */
    public static final class Builder {
        private double loss;
        private GilbertElliott gemodel;
        private double duplicate;
        private double corrupt;
        private long delayNs;
        private long jitterNs;
        private double reorder;
        private long rateBps;
        private int limit = DEFAULT_LIMIT;
        private long seed = new SplittableRandom().nextLong();

        private Builder() {}

        /** Percent of the frames that are lost. */
        public Builder loss(double percent) {
            loss = requirePercent("loss", percent);
            return this;
        }

        /** Loss in bursts, of every frame while the line is bad and of none while it is good; see {@link GilbertElliott}. */
        public Builder gemodel(double p, double r) {
            return gemodel(p, r, 100, 0);
        }

        /** Loss in bursts; see {@link GilbertElliott}. */
        public Builder gemodel(double p, double r, double lossInBad, double lossInGood) {
            gemodel = new GilbertElliott(p, r, lossInBad, lossInGood);
            return this;
        }

        /** Percent of the frames that arrive twice. */
        public Builder duplicate(double percent) {
            duplicate = requirePercent("duplicate", percent);
            return this;
        }

        /** Percent of the frames of which one bit is turned over. */
        public Builder corrupt(double percent) {
            corrupt = requirePercent("corrupt", percent);
            return this;
        }

        /** Time on the line, up to {@link Impairment#MAX_DELAY}. */
        public Builder delay(Duration time) {
            delayNs = nanos("delay", time);
            return this;
        }

        /** How much the delay of each frame differs, up to the delay itself. */
        public Builder jitter(Duration time) {
            jitterNs = nanos("jitter", time);
            return this;
        }

        private static long nanos(String option, Duration time) {
            Objects.requireNonNull(time, option);
            if (time.isNegative() || time.compareTo(MAX_DELAY) > 0) {
                throw new IllegalArgumentException(
                        option + " is " + time + "; accepted: 0.." + format(MAX_DELAY.toNanos()));
            }
            return time.toNanos();
        }

        /** Percent of the frames that skip the delay. */
        public Builder reorder(double percent) {
            reorder = requirePercent("reorder", percent);
            return this;
        }

        /** Bits per second, up to {@link Impairment#MAX_RATE_BPS}; 0 for any. */
        public Builder rate(long bitsPerSecond) {
            rateBps = bitsPerSecond;
            return this;
        }

        /** Frames that may wait, 1..{@link Impairment#MAX_LIMIT}. */
        public Builder limit(int frames) {
            limit = frames;
            return this;
        }

        /** Where the random numbers begin. */
        public Builder seed(long value) {
            seed = value;
            return this;
        }

        /**
         * The settings.
         *
         * @throws IllegalArgumentException naming what is out of range or does not go together
         */
        public Impairment build() {
            return new Impairment(loss, gemodel, duplicate, corrupt, delayNs, jitterNs, reorder, rateBps, limit, seed);
        }
    }
}
