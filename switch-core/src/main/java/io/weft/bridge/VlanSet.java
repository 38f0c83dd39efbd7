package io.weft.bridge;

import java.util.Arrays;
import java.util.StringJoiner;

/**
 * A set of VLAN ids, 0..4095; VLAN 0 stands for untagged frames.
 *
 * <p>Threads: immutable.
 */
public final class VlanSet {
    /** No VLAN. */
    public static final VlanSet NONE = new VlanSet(new long[64]);

    /** All of 0..4094. */
    public static final VlanSet ALL = range(0, 4_094);

    private final long[] words;

    private VlanSet(long[] words) {
        this.words = words;
    }

    /** Some VLANs. */
    public static VlanSet of(int... vlans) {
        long[] words = new long[64];
        for (int vlan : vlans) {
            add(words, vlan, vlan);
        }
        return new VlanSet(words);
    }

    /** All VLANs from one to another, both included. */
    public static VlanSet range(int from, int to) {
        long[] words = new long[64];
        add(words, from, to);
        return new VlanSet(words);
    }

    /**
     * Reads a list of ids and ranges, as {@code 1-10,20}.
     *
     * @throws IllegalArgumentException naming the text and what is accepted
     */
    public static VlanSet parse(String text) {
        long[] words = new long[64];
        for (String part : text.split(",", -1)) {
            String[] ends = part.strip().split("-", -1);
            try {
                int from = Integer.parseInt(ends[0]);
                int to = ends.length == 1 ? from : Integer.parseInt(ends[1]);
                if (ends.length > 2 || from > to) {
                    throw new NumberFormatException();
                }
                add(words, from, to);
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(
                        "VLANs are '" + text + "'; accepted: ids 0..4094 and ranges, as 1-10,20", e);
            }
        }
        return new VlanSet(words);
    }

    private static void add(long[] words, int from, int to) {
        if (from < 0 || to > 4_094 || from > to) {
            throw new IllegalArgumentException(
                    "VLAN is " + (from < 0 || from > to ? from : to) + "; accepted: 0..4094");
        }
        for (int vlan = from; vlan <= to; vlan++) {
            words[vlan >> 6] |= 1L << vlan;
        }
    }

    /** Whether a VLAN, 0..4095, is in it. */
    public boolean contains(int vlan) {
        return (words[vlan >> 6] >>> vlan & 1) != 0;
    }

    /** Whether it has no VLAN. */
    public boolean isEmpty() {
        return equals(NONE);
    }

    /** The VLANs of both. */
    public VlanSet plus(VlanSet other) {
        long[] sum = words.clone();
        for (int i = 0; i < sum.length; i++) {
            sum[i] |= other.words[i];
        }
        return new VlanSet(sum);
    }

    /** The VLANs of this that are not in {@code other}. */
    public VlanSet minus(VlanSet other) {
        long[] difference = words.clone();
        for (int i = 0; i < difference.length; i++) {
            difference[i] &= ~other.words[i];
        }
        return new VlanSet(difference);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof VlanSet set && Arrays.equals(words, set.words);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(words);
    }

    /** As {@link #parse} reads it; empty for none. */
    @Override
    public String toString() {
        StringJoiner parts = new StringJoiner(",");
        for (int vlan = 0; vlan < 4_095; vlan++) {
            if (contains(vlan)) {
                int to = vlan;
                while (contains(to + 1)) {
                    to++;
                }
                parts.add(to == vlan ? "" + vlan : vlan + "-" + to);
                vlan = to;
            }
        }
        return parts.toString();
    }
}
