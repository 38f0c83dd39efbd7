package io.weft.gre;

/** Why a packet became no frame of any port: what no port can be blamed for. */
public enum GreCounter {
    /** Shorter than its header. */
    TOO_SHORT,
    /** Longer than any frame, so that the kernel cut it. */
    TOO_LONG,
    /** Another version than 0: 1 is PPTP's (RFC 2637). */
    VERSION,
    /** The routing bit of RFC 1701. */
    ROUTING,
    /** Another bit of RFC 1701 that must be zero. */
    RESERVED,
    /** Protocol type 0, as Cisco's keepalives have it: answered by nobody here. */
    KEEPALIVE,
    /** Neither Ethernet nor IP inside: ERSPAN, MPLS and the like. */
    UNKNOWN_PROTOCOL,
    /** No port takes packets with this key, or without one, and this kind of payload. */
    UNKNOWN_KEY,
    /** Came in fragments, which the port does not accept. */
    FRAGMENT,
    /** In UDP: a burst whose first frame claims to reach to its end: whether it is one or several is not to be told safely. */
    AMBIGUOUS,
    /** Comes from this machine's own address, to a port that learns remote ends. */
    OWN_ADDRESS,
    /** The kernel had no room for it. */
    QUEUE_FULL;

    static GreCounter of(GreRefusal refusal) {
        return switch (refusal) {
            case TOO_SHORT -> TOO_SHORT;
            case VERSION -> VERSION;
            case ROUTING -> ROUTING;
            case RESERVED -> RESERVED;
            case KEEPALIVE -> KEEPALIVE;
        };
    }
}
