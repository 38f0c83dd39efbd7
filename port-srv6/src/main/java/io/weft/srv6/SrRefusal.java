package io.weft.srv6;

/**
 * Why the headers of a packet are refused, each of which a peer can cause. Where a length or an index is asked for, a refusal is a
 * negative number: {@link #code}.
 *
 * <p>Threads: immutable.
 */
public enum SrRefusal {
    /** The packet ends before a header does. */
    TOO_SHORT("shorter than its headers"),
    /** Not the IPv6 version number. */
    VERSION("another version than 6"),
    /** The IPv6 header says that there is more than came. */
    PAYLOAD_LENGTH("shorter than its IPv6 header says"),
    /** More extension headers than {@link ExtensionHeaders#MAX_HEADERS}. */
    TOO_MANY_HEADERS("too many extension headers"),
    /** A routing header of another type, with segments left: it is for nobody here (RFC 8200, 4.4). */
    ROUTING_TYPE("routing header of another type"),
    /** A routing header behind an SRH whose segments are used up. */
    SECOND_ROUTING_HEADER("second routing header"),
    /** Last Entry names a segment that is not within the header (RFC 8754, 4.3.1.1). */
    LAST_ENTRY("Last Entry beyond the header"),
    /** Segments Left is larger than Last Entry + 1 (RFC 8754, 4.3.1.1). */
    SEGMENTS_LEFT("Segments Left beyond Last Entry"),
    /** A TLV reaches over the header's end. */
    TLV("TLV beyond the header"),
    /** An HMAC is required and there is none. */
    HMAC_MISSING("no HMAC"),
    /** The HMAC is made with a key that is not known here. */
    HMAC_KEY("HMAC with an unknown key"),
    /** The HMAC is not that of the packet. */
    HMAC_WRONG("wrong HMAC");

    private static final SrRefusal[] ALL = values();

    private final String label;

    SrRefusal(String label) {
        this.label = label;
    }

    /** The reason for people. */
    public String label() {
        return label;
    }

    /** The negative number that says it. */
    @SuppressWarnings("EnumOrdinal") // in memory only
    public int code() {
        return -1 - ordinal();
    }

    /** What a negative number says. */
    public static SrRefusal of(long code) {
        return ALL[(int) (-1 - code)];
    }
}
