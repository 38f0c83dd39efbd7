package io.weft.websocket;

/** Status codes of a Close frame (RFC 6455 7.4 and the IANA registry). Threads: stateless. */
final class CloseCode {
    static final int NORMAL = 1000;
    /** The endpoint goes away: the port or the switch is closed. */
    static final int GOING_AWAY = 1001;

    static final int PROTOCOL_ERROR = 1002;
    /** Never sent: the peer's Close frame had no code. */
    static final int NONE = 1005;

    static final int INVALID_TEXT = 1007;
    static final int POLICY = 1008;
    static final int TOO_BIG = 1009;
    static final int INTERNAL_ERROR = 1011;
    static final int TRY_AGAIN_LATER = 1013;

    private CloseCode() {}

    /** Whether a peer may send this code. 1004, 1005, 1006 and 1015 are reserved for other uses. */
    static boolean mayBeSent(int code) {
        return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
    }
}
