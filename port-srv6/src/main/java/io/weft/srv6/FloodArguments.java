package io.weft.srv6;

import io.weft.frame.IpPrefix;
import java.util.Arrays;
import java.util.Objects;

/**
 * What a remote end's End.DT2M SID is told of where a flooded frame is from, so that it is not flooded back into a segment that several
 * ends have: the argument Arg.FE2 (RFC 8986, 4.12). The remote end says which argument stands for which segment; here a segment is
 * a split-horizon group of the switch's ports ({@link io.weft.frame.Frame#splitHorizonGroup}). Unless told otherwise, the argument of
 * a group is the group's number.
 *
 * <p>Where the argument is, is said as the remote end's own {@link SidSpec} says it: behind locator and function. In a container of
 * NEXT-C-SID (RFC 9800) all that is in front of the argument counts.
 *
 * <p>Threads: immutable; {@link #of} allocates nothing.
 */
public final class FloodArguments {
    /** The SID has no argument. */
    public static final FloodArguments NONE = new FloodArguments(128, 0, new int[0], new long[0]);

    /** The longest argument, in bits. */
    public static final int MAX_LENGTH = 64;

    private final int sidLength;
    private final int length;
    private final int[] groups; // those whose argument is another number, ascending
    private final long[] arguments; // of each of them

    private FloodArguments(int sidLength, int length, int[] groups, long[] arguments) {
        this.sidLength = sidLength;
        this.length = length;
        this.groups = groups;
        this.arguments = arguments;
    }

    /**
     * Each group's number is its argument, where it fits.
     *
     * @param sidLength bits in front of the argument, 1..127: of locator and function
     * @param length bits of the argument, 1..{@value #MAX_LENGTH}, and together at most 128
     * @throws IllegalArgumentException naming what is out of range, and what is accepted
     */
    public static FloodArguments at(int sidLength, int length) {
        if (length < 1 || length > MAX_LENGTH) {
            throw new IllegalArgumentException("arglen is " + length + "; accepted: 1.." + MAX_LENGTH);
        }
        if (sidLength < 1 || sidLength > 128 - length) {
            throw new IllegalArgumentException("the SID's length is " + sidLength + "; accepted: 1.." + (128 - length)
                    + ", which leaves room for arglen " + length);
        }
        return new FloodArguments(sidLength, length, new int[0], new long[0]);
    }

    /**
     * The same with another argument for a group.
     *
     * @param group 1..2147483647, one that has no argument of its own yet
     * @param argument 0, for none, to 2<sup>length</sup>-1; one of 64 bits may be negative
     * @throws IllegalArgumentException naming what is out of range, and what is accepted
     */
    public FloodArguments with(int group, long argument) {
        if (group < 1) {
            throw new IllegalArgumentException("group is " + group + "; accepted: 1.." + Integer.MAX_VALUE);
        }
        if (!fits(argument)) {
            throw new IllegalArgumentException("argument of group " + group + " is " + Long.toUnsignedString(argument)
                    + "; accepted: 0.." + Long.toUnsignedString(most()) + ", of arglen " + length);
        }
        int found = Arrays.binarySearch(groups, group);
        if (found >= 0) {
            throw new IllegalArgumentException("group " + group + " has two arguments; accepted: one");
        }
        int place = -1 - found;
        int[] moreGroups = Arrays.copyOf(groups, groups.length + 1);
        long[] moreArguments = Arrays.copyOf(arguments, arguments.length + 1);
        System.arraycopy(groups, place, moreGroups, place + 1, groups.length - place);
        System.arraycopy(arguments, place, moreArguments, place + 1, groups.length - place);
        moreGroups[place] = group;
        moreArguments[place] = argument;
        return new FloodArguments(sidLength, length, moreGroups, moreArguments);
    }

    private boolean fits(long argument) {
        return (argument & ~most()) == 0;
    }

    /** Bits in front of the argument. */
    public int sidLength() {
        return sidLength;
    }

    /** Bits of the argument; 0 for none. */
    public int length() {
        return length;
    }

    /** Whether the SID has an argument. */
    public boolean exist() {
        return length != 0;
    }

    /**
     * The argument of a group.
     *
     * @return 0 for no group, and for one that has no other argument and a number that does not fit
     */
    public long of(int group) {
        if (group <= 0) {
            return 0;
        }
        if (groups.length != 0) {
            int place = Arrays.binarySearch(groups, group);
            if (place >= 0) {
                return arguments[place];
            }
        }
        return fits(group) ? group : 0;
    }

    /** What an argument is in the first half of a SID. */
    long high(long argument) {
        int behind = 128 - sidLength - length;
        return behind >= 64 ? argument << behind - 64 : behind == 0 ? 0 : argument >>> 64 - behind;
    }

    /** What an argument is in the second half of a SID. */
    long low(long argument) {
        int behind = 128 - sidLength - length;
        return behind >= 64 ? 0 : argument << behind;
    }

    /** The first half of a SID without its argument. */
    long sidHigh(long high) {
        return high & ~high(most());
    }

    /** Its second half. */
    long sidLow(long low) {
        return low & ~low(most());
    }

    /** The largest argument: all bits set. */
    private long most() {
        return length == 0 ? 0 : -1L >>> 64 - length;
    }

    /**
     * Checks that the last segment of a list, which is to have the arguments, has nothing where they go, nor behind.
     *
     * @throws IllegalArgumentException naming it, and what is accepted
     */
    void check(SegmentList list) {
        long high = list.segmentHigh(list.size() - 1);
        long low = list.segmentLow(list.size() - 1);
        IpPrefix sid = new IpPrefix(high, low, sidLength);
        if (length != 0 && !sid.isNetwork()) {
            throw new IllegalArgumentException("the last segment of bum is " + sid + "; accepted: " + sid.network()
                    + ", or a longer prefix: the bits behind it are the argument's, and arglen is " + length);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FloodArguments others
                && sidLength == others.sidLength
                && length == others.length
                && Arrays.equals(groups, others.groups)
                && Arrays.equals(arguments, others.arguments);
    }

    @Override
    public int hashCode() {
        return Objects.hash(sidLength, length, Arrays.hashCode(groups), Arrays.hashCode(arguments));
    }

    /** In the words of {@link RemoteSegments#parse}; empty for none. */
    @Override
    public String toString() {
        if (length == 0) {
            return "";
        }
        StringBuilder text = new StringBuilder("arglen ").append(length);
        for (int i = 0; i < groups.length; i++) {
            text.append(" arg ").append(groups[i]).append('=').append(Long.toUnsignedString(arguments[i]));
        }
        return text.toString();
    }
}
