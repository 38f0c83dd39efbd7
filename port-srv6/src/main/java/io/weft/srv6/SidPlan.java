package io.weft.srv6;

import io.weft.frame.IpPrefix;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The SIDs that an endpoint has been given, none of which overlaps another ({@link SidSpec#overlaps}). For configuration; packets
 * are looked up in a {@link LocalSidTable}.
 *
 * <p>Threads: any; one after the other.
 */
final class SidPlan {
    private static final Comparator<IpPrefix> IN_ORDER = (a, b) -> {
        int high = Long.compareUnsigned(a.high(), b.high());
        int low = high != 0 ? high : Long.compareUnsigned(a.low(), b.low());
        return low != 0 ? low : a.length() - b.length();
    };

    private final TreeMap<IpPrefix, List<SidSpec>> sids = new TreeMap<>(IN_ORDER); // several only of End.DX2V
    private final int[] counts = new int[129]; // by prefix length

    /**
     * Adds a SID.
     *
     * @throws IllegalArgumentException naming both SIDs, when it overlaps one that is there
     */
    synchronized void add(SidSpec sid) {
        SidSpec other = overlapping(sid);
        if (other != null) {
            throw new IllegalArgumentException("SID '" + sid + "' overlaps '" + other
                    + "'; accepted: a SID that no other begins with, or one behind another with flavors next-csid");
        }
        sids.computeIfAbsent(sid.prefix(), prefix -> new ArrayList<>()).add(sid);
        counts[sid.prefix().length()]++;
    }

    /** A SID that this one overlaps, or {@code null}. */
    synchronized SidSpec overlapping(SidSpec sid) {
        IpPrefix prefix = sid.prefix();
        for (int length = 1; length <= prefix.length(); length++) {
            if (counts[length] > 0) {
                SidSpec covering =
                        overlapping(sids.get(new IpPrefix(prefix.high(), prefix.low(), length).network()), sid);
                if (covering != null) {
                    return covering;
                }
            }
        }
        // What begins with the prefix comes right behind it in the order.
        Map.Entry<IpPrefix, List<SidSpec>> next = sids.higherEntry(prefix);
        return next == null ? null : overlapping(next.getValue(), sid);
    }

    private static SidSpec overlapping(List<SidSpec> there, SidSpec sid) {
        return there == null
                ? null
                : there.stream()
                        .filter(other -> other.overlaps(sid))
                        .findFirst()
                        .orElse(null);
    }

    /** Removes a SID; returns whether it was there. */
    synchronized boolean remove(SidSpec sid) {
        List<SidSpec> there = sids.get(sid.prefix());
        if (there == null || !there.remove(sid)) {
            return false;
        }
        if (there.isEmpty()) {
            sids.remove(sid.prefix());
        }
        counts[sid.prefix().length()]--;
        return true;
    }

    /** A copy of all, in the order of their addresses. */
    synchronized List<SidSpec> list() {
        return sids.values().stream().flatMap(List::stream).toList();
    }
}
