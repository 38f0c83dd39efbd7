package io.weft.bridge;

import io.weft.frame.Frame;
import io.weft.offload.WireFrames;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A {@link RateLimit} at work: two token buckets, one for bits and one for frames; a frame passes when both have enough.
 *
 * <p>A bucket is one number: the moment at which it will be full again (the virtual scheduling of ATM's generic cell rate
 * algorithm). A frame puts that moment off by what it costs; it does not pass when that would be further ahead than a
 * burst. One number is changed by one compare-and-set, so that the workers that send by one port can share its bucket; what
 * one worker alone uses spares that.
 *
 * <p>Threads: any when it is shared, else confined.
 */
final class TokenBucket {
    private final Meter bits;
    private final Meter frames;

    private TokenBucket(RateLimit limit, boolean shared) {
        bits = limit.bitsPerSecond() == 0 ? null : new Meter(limit.bitsPerSecond(), limit.burstBits(), shared);
        frames = limit.framesPerSecond() == 0 ? null : new Meter(limit.framesPerSecond(), limit.burstFrames(), shared);
    }

    /**
     * A bucket, or {@code null} when the limit limits nothing.
     *
     * @param shared whether it is for all workers, and not for one
     */
    static TokenBucket of(RateLimit limit, boolean shared) {
        return limit.isLimited() ? new TokenBucket(limit, shared) : null;
    }

    /**
     * Takes what a frame costs, if there is enough. A super-frame costs what the frames of the wire do that it stands for. It
     * may be more than a burst: it passes when the bucket is full, and what is missing is owed, so that the rate is kept and
     * the burst exceeded by one super-frame at most.
     */
    boolean take(Frame frame, long nowNs) {
        int count = 1;
        long bytes = frame.length();
        if (frame.gsoType() != 0) {
            count = WireFrames.count(frame);
            bytes = WireFrames.bytes(frame);
        }
        if (frames != null && !frames.take(count, nowNs)) {
            return false;
        }
        if (bits != null && !bits.take(8 * bytes, nowNs)) {
            if (frames != null) {
                frames.giveBack(count);
            }
            return false;
        }
        return true;
    }

    /** Whether {@link #take} would say yes; takes nothing. */
    boolean has(Frame frame, long nowNs) {
        return (frames == null || frames.has(WireFrames.count(frame), nowNs))
                && (bits == null || bits.has(8 * WireFrames.bytes(frame), nowNs));
    }

    /** One bucket. Times are in sixteenths of a nanosecond, so that a small frame at a high rate costs more than nothing. */
    private static final class Meter {
        private static final int SHIFT = 4;
        private static final VarHandle FULL_AT;

        static {
            try {
                FULL_AT = MethodHandles.lookup().findVarHandle(Meter.class, "fullAt", long.class);
            } catch (ReflectiveOperationException e) {
                throw new ExceptionInInitializerError(e);
            }
        }

        private final double costOfOne;
        private final long burst;
        private final boolean shared;
        private long fullAt = Long.MIN_VALUE;

        Meter(long perSecond, long burstUnits, boolean shared) {
            costOfOne = 1e9 * (1 << SHIFT) / perSecond;
            burst = Math.min(cost(burstUnits), Long.MAX_VALUE / 4);
            this.shared = shared;
        }

        private long cost(long units) {
            return (long) (units * costOfOne);
        }

        boolean take(long units, long nowNs) {
            long cost = cost(units);
            long now = nowNs << SHIFT;
            if (!shared) {
                long full = Math.max(fullAt, now);
                if (full - now > spare(cost)) {
                    return false;
                }
                fullAt = full + cost;
                return true;
            }
            while (true) {
                long seen = (long) FULL_AT.getOpaque(this);
                long full = Math.max(seen, now);
                if (full - now > spare(cost)) {
                    return false;
                }
                if (FULL_AT.compareAndSet(this, seen, full + cost)) {
                    return true;
                }
            }
        }

        /** What the bucket may lack for something of this cost to pass: nothing, if that is more than a burst. */
        private long spare(long cost) {
            return Math.max(0, burst - cost);
        }

        boolean has(long units, long nowNs) {
            long now = nowNs << SHIFT;
            return Math.max((long) FULL_AT.getOpaque(this), now) - now <= spare(cost(units));
        }

        void giveBack(long units) {
            FULL_AT.getAndAdd(this, -cost(units));
        }
    }
}
