package io.weft.srv6;

/**
 * As whom the owner of a SID sends what it makes itself: ICMPv6 errors, and the headers that a binding SID or a route adds.
 *
 * <p>Threads: immutable.
 *
 * @param high the first eight octets of its address
 * @param low its last eight
 * @param hopLimit 1..255
 */
public record SrSource(long high, long low, int hopLimit) {
    /**
     * Checks the hop limit.
     *
     * @throws IllegalArgumentException when it is not within its range
     */
    public SrSource {
        if (hopLimit < 1 || hopLimit > 255) {
            throw new IllegalArgumentException("hop limit is " + hopLimit + "; accepted: 1..255");
        }
    }
}
