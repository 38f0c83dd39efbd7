package io.weft.srv6;

/**
 * Who may send packets to a SID (RFC 8754, 5.1): the source addresses of the segment routing domain.
 *
 * <p>Threads: any; allocates nothing.
 */
public interface SrDomain {
    /**
     * Whether a source address is within the domain.
     *
     * @param high its first eight octets
     * @param low its last eight
     */
    boolean contains(long high, long low);
}
