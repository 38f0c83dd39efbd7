package io.weft.tunnel.bfd;

/** The state of a session (RFC 5880, 4.1 and 6.2). */
public enum BfdState {
    /** Held down by whoever operates the system. */
    ADMIN_DOWN(0),

    /** The remote end does not answer, or has just begun to. */
    DOWN(1),

    /** The remote end is heard, and does not say yet that it hears us. */
    INIT(2),

    /** Both ends hear each other. */
    UP(3);

    private static final BfdState[] BY_CODE = {ADMIN_DOWN, DOWN, INIT, UP};

    private final int code;

    BfdState(int code) {
        this.code = code;
    }

    /** Its value in a packet, 0..3. */
    public int code() {
        return code;
    }

    /** The state with a value in a packet, 0..3. */
    public static BfdState of(int code) {
        return BY_CODE[code];
    }
}
