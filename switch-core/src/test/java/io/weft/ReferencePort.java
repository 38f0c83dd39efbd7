package io.weft;

import io.weft.bridge.PortSettings;
import io.weft.bridge.RateLimit;
import io.weft.port.DropReason;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** A port as the reference sees it. */
final class ReferencePort {
    final String name;
    final int maxFrameLength;
    final List<byte[]> sent = new ArrayList<>();
    final Map<DropReason, Long> drops = new EnumMap<>(DropReason.class);
    PortSettings settings;
    Bucket ingress;
    Bucket egress;
    Bucket broadcast;
    Bucket multicast;
    Bucket unknownUnicast;
    boolean linkUp = true;
    boolean shutDown;

    /** A token bucket as textbooks have it: tokens drop in at a rate until it is full. Tokens are counted in billionths. */
    static final class Bucket {
        private static final long ONE = 1_000_000_000L;

        final RateLimit limit;
        private long bits;
        private long frames;
        private long seenNs;

        Bucket(RateLimit limit) {
            this.limit = limit;
            bits = limit.burstBits() * ONE;
            frames = limit.burstFrames() * ONE;
        }

        boolean take(int length, long nowNs) {
            long passed = nowNs - seenNs;
            seenNs = nowNs;
            bits = filled(bits, limit.bitsPerSecond(), limit.burstBits() * ONE, passed);
            frames = filled(frames, limit.framesPerSecond(), limit.burstFrames() * ONE, passed);
            long costInBits = limit.bitsPerSecond() == 0 ? 0 : 8L * length * ONE;
            long costInFrames = limit.framesPerSecond() == 0 ? 0 : ONE;
            if (bits < costInBits || frames < costInFrames) {
                return false;
            }
            bits -= costInBits;
            frames -= costInFrames;
            return true;
        }

        private static long filled(long level, long rate, long full, long passedNs) {
            return rate == 0 || passedNs >= (full - level) / rate + 1 ? full : level + passedNs * rate;
        }
    }

    ReferencePort(String name, PortSettings settings, int maxFrameLength) {
        this.name = name;
        this.maxFrameLength = maxFrameLength;
        configure(settings);
    }

    void configure(PortSettings newSettings) {
        settings = newSettings;
        ingress = bucket(ingress, settings.ingressPolicing());
        egress = bucket(egress, settings.egressPolicing());
        broadcast = bucket(broadcast, settings.stormControl().broadcast());
        multicast = bucket(multicast, settings.stormControl().multicast());
        unknownUnicast = bucket(unknownUnicast, settings.stormControl().unknownUnicast());
    }

    /** A limit that stays the same goes on with what its bucket holds. */
    private static Bucket bucket(Bucket old, RateLimit limit) {
        return old != null && old.limit.equals(limit) ? old : new Bucket(limit);
    }

    boolean isUp() {
        return linkUp && settings.adminUp() && !shutDown;
    }

    void drop(DropReason reason) {
        drops.merge(reason, 1L, Long::sum);
    }
}
