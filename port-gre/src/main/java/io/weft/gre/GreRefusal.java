package io.weft.gre;

/** Why a GRE header is refused, each of which a peer can cause. */
enum GreRefusal {
    /** The packet ends before its header does. */
    TOO_SHORT("shorter than its header"),
    /** Another version than 0: 1 is the enhanced GRE of PPTP (RFC 2637), the others are nothing. */
    VERSION("another version, as PPTP's"),
    /** The routing bit of RFC 1701, which has source routes behind the header; RFC 2784 has none. */
    ROUTING("source routed (RFC 1701)"),
    /** Another bit that must be zero: strict source route, recursion; to the strict also those that are ignored. */
    RESERVED("reserved bits"),
    /** Protocol type 0, as Cisco's keepalives have it: answered by nobody here. */
    KEEPALIVE("keepalive");

    private final String label;

    GreRefusal(String label) {
        this.label = label;
    }

    /** The reason for people, in lower case. */
    String label() {
        return label;
    }
}
