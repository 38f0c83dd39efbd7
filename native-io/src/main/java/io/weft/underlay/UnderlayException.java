package io.weft.underlay;

import java.io.IOException;

/** A socket of the underlay cannot be had. The kind says which option to blame; the message says it in words. */
public final class UnderlayException extends IOException {
    private static final long serialVersionUID = 1L;

    /** Why. */
    public enum Kind {
        /** Another program, or another socket of this one, has the port, or all of the range. */
        PORT_IN_USE,
        /** The local address is none of this machine's. */
        NO_SUCH_ADDRESS,
        /** There is no such network interface. */
        NO_SUCH_INTERFACE,
        /** The network namespace cannot be entered; the message ends with what is accepted or helps. */
        NO_NAMESPACE,
        /** A right is missing; the message says which and how to get it. */
        NO_PERMISSION,
        /** There is no route to an address. */
        NO_ROUTE,
        /** What was asked for needs native calls, or a kernel that has it. */
        UNSUPPORTED,
        /** Anything else. */
        OTHER
    }

    private final Kind kind;

    /** With the reason in words. */
    public UnderlayException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /** Why. */
    public Kind kind() {
        return kind;
    }
}
