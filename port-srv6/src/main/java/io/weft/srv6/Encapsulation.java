package io.weft.srv6;

/**
 * What a headend puts in front of a packet (RFC 8986, 5.1 to 5.4): an IPv6 header, and an SRH with all segments, or a reduced one
 * without the first, which is the destination anyway. Reduced with one segment there is no SRH at all.
 *
 * <p>Threads: immutable.
 */
public enum Encapsulation {
    /** An IP packet behind a whole list. */
    ENCAPS("H.Encaps", "encap", false, false),
    /** An IP packet behind a reduced list. */
    ENCAPS_RED("H.Encaps.Red", "encap.red", true, false),
    /** An Ethernet frame behind a whole list. */
    L2ENCAPS("H.Encaps.L2", "l2encap", false, true),
    /** An Ethernet frame behind a reduced list. */
    L2ENCAPS_RED("H.Encaps.L2.Red", "l2encap.red", true, true);

    private final String label;
    private final String linuxMode;
    private final boolean reduced;
    private final boolean ethernet;

    Encapsulation(String label, String linuxMode, boolean reduced, boolean ethernet) {
        this.label = label;
        this.linuxMode = linuxMode;
        this.reduced = reduced;
        this.ethernet = ethernet;
    }

    /** The name that RFC 8986 has for it. */
    public String label() {
        return label;
    }

    /** What {@code ip route add … encap seg6 mode} calls it. */
    public String linuxMode() {
        return linuxMode;
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
