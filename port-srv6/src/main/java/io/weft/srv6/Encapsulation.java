package io.weft.srv6;

/**
 * What a headend puts in front of a packet (RFC 8986, 5.1 to 5.4): an IPv6 header, and an SRH with all segments, or a reduced one
 * without the first, which is the destination anyway. Reduced with one segment there is no SRH at all.
 *
 * <p>Threads: immutable.
 */
public enum Encapsulation {
    /** An IP packet behind a whole list (H.Encaps). */
    ENCAPS(false, false),
    /** An IP packet behind a reduced list (H.Encaps.Red). */
    ENCAPS_RED(true, false),
    /** An Ethernet frame behind a whole list (H.Encaps.L2). */
    L2ENCAPS(false, true),
    /** An Ethernet frame behind a reduced list (H.Encaps.L2.Red). */
    L2ENCAPS_RED(true, true);

    private final boolean reduced;
    private final boolean ethernet;

    Encapsulation(boolean reduced, boolean ethernet) {
        this.reduced = reduced;
        this.ethernet = ethernet;
    }

    /** Whether the first segment is left out of the list. */
    public boolean isReduced() {
        return reduced;
    }

    /** Whether Ethernet frames are encapsulated, and not IP packets. */
    public boolean isEthernet() {
        return ethernet;
    }
}
