package io.weft.underlay;

/** What became of a datagram that was to be sent. */
public enum SendOutcome {
    /** The kernel has taken it. */
    SENT,
    /** Longer than the path's MTU allows without fragments, or than any datagram. */
    TOO_LONG,
    /** No room for it just now. */
    QUEUE_FULL,
    /** There is no way to the peer just now: no route, an interface that is down, or the peer refuses. */
    UNREACHABLE,
    /** Refused for any other reason. */
    FAILED
}
