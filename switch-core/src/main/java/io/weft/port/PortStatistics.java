package io.weft.port;

import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * What happened to a port's (or a whole switch's) frames so far.
 *
 * @param rxFrames frames received, a super-frame being one
 * @param rxBytes bytes of them, from the destination address on, without FCS
 * @param rxSegments frames of the wire that they stand for: a super-frame as many as its segments, any other one
 * @param copies copies made of received frames, to flood them
 * @param segmented frames that super-frames became more by being cut, for a port that does not do that itself
 * @param coalesced frames that went into super-frames
 * @param txFrames frames the transport has taken, a super-frame being one
 * @param txBytes bytes of them
 * @param txSegments frames of the wire that they stand for
 * @param drops frames dropped, by reason; only the reasons that occurred
 */
@SuppressWarnings("EnumOrdinal") // a reason's place in the enum is its place in an account; never stored
public record PortStatistics(
        long rxFrames,
        long rxBytes,
        long rxSegments,
        long copies,
        long segmented,
        long coalesced,
        long txFrames,
        long txBytes,
        long txSegments,
        Map<DropReason, Long> drops) {
    /** Everything at zero. */
    public static final PortStatistics ZERO = new PortStatistics(0, 0, 0, 0, 0, 0, 0, 0, 0, Map.of());

    /** Sums the accounts that the threads of a switch keep. */
    public static PortStatistics sum(Collection<PortCounters> accounts) {
        long[] sums = new long[PortCounters.length()];
        for (PortCounters account : accounts) {
            account.addTo(sums);
        }
        Map<DropReason, Long> drops = new EnumMap<>(DropReason.class);
        for (DropReason reason : DropReason.values()) {
            long count = sums[PortCounters.DROPS + reason.ordinal()];
            if (count != 0) {
                drops.put(reason, count);
            }
        }
        return new PortStatistics(
                sums[PortCounters.RX_FRAMES],
                sums[PortCounters.RX_BYTES],
                sums[PortCounters.RX_FRAMES] + sums[PortCounters.RX_MORE_SEGMENTS],
                sums[PortCounters.COPIES],
                sums[PortCounters.SEGMENTED],
                sums[PortCounters.COALESCED],
                sums[PortCounters.TX_FRAMES],
                sums[PortCounters.TX_BYTES],
                sums[PortCounters.TX_FRAMES] + sums[PortCounters.TX_MORE_SEGMENTS],
                Collections.unmodifiableMap(drops));
    }

    /** The sum of two. */
    public PortStatistics plus(PortStatistics other) {
        Map<DropReason, Long> sum = new EnumMap<>(DropReason.class);
        sum.putAll(drops);
        other.drops.forEach((reason, count) -> sum.merge(reason, count, Long::sum));
        return new PortStatistics(
                rxFrames + other.rxFrames,
                rxBytes + other.rxBytes,
                rxSegments + other.rxSegments,
                copies + other.copies,
                segmented + other.segmented,
                coalesced + other.coalesced,
                txFrames + other.txFrames,
                txBytes + other.txBytes,
                txSegments + other.txSegments,
                Collections.unmodifiableMap(sum));
    }

    /** Frames dropped for one reason. */
    public long dropped(DropReason reason) {
        return drops.getOrDefault(reason, 0L);
    }

    /** Frames dropped for any reason. */
    public long dropped() {
        return drops.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Frames dropped at one stage. */
    public long dropped(DropReason.Stage stage) {
        return drops.entrySet().stream()
                .filter(drop -> drop.getKey().stage() == stage)
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    /**
     * Received + copies + segmented - transmitted - coalesced - dropped. Of a whole switch at rest this is 0; while frames are in its queues it
     * is their number. (Of a single port it says nothing: frames come in by one port and leave by another.)
     */
    public long unaccounted() {
        return rxFrames + copies + segmented - txFrames - coalesced - dropped();
    }
}
