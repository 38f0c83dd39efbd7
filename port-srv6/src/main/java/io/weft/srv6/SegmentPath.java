package io.weft.srv6;

import java.util.ArrayList;
import java.util.List;

/**
 * How packets get to a remote end: by one list of segments, by several over which flows are spread by their weights, and by
 * another one when none of those can be used.
 *
 * <p>Threads: immutable.
 *
 * @param lists 1..{@value #MAX_LISTS} lists
 * @param backup what is used in place of them; {@code null} for none
 */
public record SegmentPath(List<Weighted> lists, SegmentList backup) {
    /** Most lists, without the backup. */
    public static final int MAX_LISTS = 16;

    /** The largest weight. */
    public static final int MAX_WEIGHT = 64;

    /**
     * One of the lists.
     *
     * @param list the segments
     * @param weight its share of the flows, 1..{@value #MAX_WEIGHT}: so much of the sum of all weights
     */
    public record Weighted(SegmentList list, int weight) {
        /** Checks the weight. */
        public Weighted {
            if (weight < 1 || weight > MAX_WEIGHT) {
                throw new IllegalArgumentException("weight is " + weight + "; accepted: 1.." + MAX_WEIGHT);
            }
        }
    }

    /** Takes a copy of the lists. */
    public SegmentPath {
        lists = List.copyOf(lists);
        if (lists.isEmpty() || lists.size() > MAX_LISTS) {
            throw new IllegalArgumentException(
                    "there are " + lists.size() + " segment lists; accepted: 1.." + MAX_LISTS);
        }
    }

    /** One list. */
    public static SegmentPath of(SegmentList list) {
        return new SegmentPath(List.of(new Weighted(list, 1)), null);
    }

    /** The same with room for an HMAC in each list, see {@link SegmentList#signed}. */
    public SegmentPath signed(long keyId, boolean linuxFlag) {
        return new SegmentPath(
                lists.stream()
                        .map(one -> new Weighted(one.list().signed(keyId, linuxFlag), one.weight()))
                        .toList(),
                backup == null ? null : backup.signed(keyId, linuxFlag));
    }

    /** All lists, the backup last. */
    public List<SegmentList> all() {
        List<SegmentList> all = new ArrayList<>();
        lists.forEach(one -> all.add(one.list()));
        if (backup != null) {
            all.add(backup);
        }
        return all;
    }

    /** Bytes that are put in front of a frame at most, the IPv6 header counted. */
    public int longestHeader(Encapsulation encapsulation) {
        return all().stream()
                .mapToInt(list -> list.headerLength(encapsulation))
                .max()
                .orElse(0);
    }

    /** In the words of {@link RemoteSegments#parse}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (Weighted one : lists) {
            text.append(text.length() == 0 ? "segs " : " segs ").append(one.list());
            if (one.weight() != 1) {
                text.append(" weight ").append(one.weight());
            }
        }
        return backup == null ? text.toString() : text + " backup " + backup;
    }
}
