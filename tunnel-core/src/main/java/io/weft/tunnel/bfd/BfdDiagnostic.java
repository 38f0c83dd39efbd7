package io.weft.tunnel.bfd;

/** Why a session left a state (RFC 5880, 4.1). It stays until the next such reason, also while the session is up again. */
public enum BfdDiagnostic {
    /** Nothing has happened. */
    NONE(0),

    /** Nothing was heard for the detection time. */
    DETECTION_TIME_EXPIRED(1),

    /** The echo function failed. */
    ECHO_FAILED(2),

    /** The remote end said that its session is down. */
    NEIGHBOR_SIGNALED_DOWN(3),

    /** The forwarding plane was reset. */
    FORWARDING_PLANE_RESET(4),

    /** Something said that the path is down. */
    PATH_DOWN(5),

    /** What is behind the path is down: Open vSwitch's {@code cpath_down}. */
    CONCATENATED_PATH_DOWN(6),

    /** Somebody took the session down. */
    ADMINISTRATIVELY_DOWN(7),

    /** What is behind the path in the other direction is down. */
    REVERSE_CONCATENATED_PATH_DOWN(8),

    /** One of the values that mean nothing yet, 9..31. */
    RESERVED(9);

    private static final BfdDiagnostic[] BY_CODE = {
        NONE,
        DETECTION_TIME_EXPIRED,
        ECHO_FAILED,
        NEIGHBOR_SIGNALED_DOWN,
        FORWARDING_PLANE_RESET,
        PATH_DOWN,
        CONCATENATED_PATH_DOWN,
        ADMINISTRATIVELY_DOWN,
        REVERSE_CONCATENATED_PATH_DOWN,
    };

    private final int code;

    BfdDiagnostic(int code) {
        this.code = code;
    }

    /** Its value in a packet, 0..8. */
    public int code() {
        return code;
    }

    /** The diagnostic with a value in a packet, 0..31. */
    public static BfdDiagnostic of(int code) {
        return code < BY_CODE.length ? BY_CODE[code] : RESERVED;
    }

    /**
     * Whether a remote end that gives this as its diagnostic can forward nothing, although its session may be up (RFC 5880,
     * 6.8.17); Open vSwitch treats the tunnel as down, too.
     */
    public boolean isPathDown() {
        return this == PATH_DOWN || this == CONCATENATED_PATH_DOWN || this == REVERSE_CONCATENATED_PATH_DOWN;
    }
}
