package io.weft.srv6;

/**
 * Why a packet became no frame and was not sent on: what no port can be blamed for (RFC 8754, 4.3.1; RFC 8986, 4). In metrics the
 * reason has its name in lower case.
 *
 * <p>Threads: immutable.
 */
enum Srv6Counter {
    /** Longer than any frame, so that the kernel cut it. */
    TOO_LONG,
    /** The kernel had no room for it. */
    QUEUE_FULL,

    // ---- what SrRefusal says ----

    /** The packet ends before a header does, one that is inside counted. */
    TOO_SHORT,
    /** Not the IPv6 version number; inside, not the one that the header in front says. */
    VERSION,
    /** The IPv6 header says that there is more than came. */
    PAYLOAD_LENGTH,
    /** More extension headers than are walked past. */
    TOO_MANY_HEADERS,
    /** A routing header of another type, with segments left. */
    ROUTING_TYPE,
    /** A routing header behind an SRH whose segments are used up. */
    SECOND_ROUTING_HEADER,
    /** Last Entry names a segment that is not within the header. */
    LAST_ENTRY,
    /** Segments Left is larger than Last Entry + 1. */
    SEGMENTS_LEFT,
    /** A TLV reaches over the header's end. */
    TLV,
    /** An HMAC is required and there is none. */
    HMAC_MISSING,
    /** The HMAC is made with a key that is not known here, or one is to be made with it. */
    HMAC_KEY,
    /** The HMAC is not that of the packet. */
    HMAC_WRONG,

    // ---- what comes of the SID ----

    /** Comes from an address that is not within the segment routing domain (RFC 8754, 5.1). */
    OUTSIDE_DOMAIN,
    /** Goes to an address that is no SID here. */
    UNKNOWN_SID,
    /** The hop limit, or the TTL of an IPv4 packet inside, is used up. */
    HOP_LIMIT,
    /** What is inside is not what the SID's behaviour takes. */
    UPPER_LAYER,
    /** Came in fragments, which are put together by nobody here. */
    FRAGMENT,
    /** No segment is left at a SID that goes on to the next one, and that takes no headers off. */
    NO_SEGMENT,
    /** Segments are left at a SID that takes the headers off. */
    MORE_SEGMENTS,
    /** The next segment is no unicast address that packets can travel to. */
    SEGMENT_ADDRESS,
    /** The SID's table has no route, or one into a tunnel that takes no such packet or has no way at present. */
    NO_ROUTE,
    /** No port is for the frame's VLAN. */
    NO_VLAN,
    /** With further headers the packet would be longer than an IPv6 packet, or than its slot. */
    ENCAPSULATION_TOO_LONG,
    /** Longer than the way to the next segment allows. */
    NEXT_TOO_LONG,
    /** There is no way to the next segment. */
    NEXT_UNREACHABLE,
    /** The kernel had no room for it on its way to the next segment. */
    NEXT_QUEUE_FULL,
    /** There was no memory for the packets that it was to be cut into on its way to the next segment. */
    NEXT_POOL_EMPTY,
    /** The kernel did not take it on its way to the next segment. */
    NEXT_ERROR,
    /** What the kernel says was left undone in the packet is not true of it. */
    OFFLOAD,
    /** A router saw congestion, and who sent the packet inside would not understand the mark (RFC 6040, 4.2). */
    CONGESTION;

    /** The counter of a refusal. */
    static Srv6Counter of(SrRefusal refusal) {
        return switch (refusal) {
            case TOO_SHORT -> TOO_SHORT;
            case VERSION -> VERSION;
            case PAYLOAD_LENGTH -> PAYLOAD_LENGTH;
            case TOO_MANY_HEADERS -> TOO_MANY_HEADERS;
            case ROUTING_TYPE -> ROUTING_TYPE;
            case SECOND_ROUTING_HEADER -> SECOND_ROUTING_HEADER;
            case LAST_ENTRY -> LAST_ENTRY;
            case SEGMENTS_LEFT -> SEGMENTS_LEFT;
            case TLV -> TLV;
            case HMAC_MISSING -> HMAC_MISSING;
            case HMAC_KEY -> HMAC_KEY;
            case HMAC_WRONG -> HMAC_WRONG;
        };
    }
}
