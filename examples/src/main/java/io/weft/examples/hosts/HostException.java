package io.weft.examples.hosts;

/** A host cannot be had here; the message says why, and with which command that changes. */
public final class HostException extends Exception {
    private static final long serialVersionUID = 1L;

    public HostException(String message) {
        super(message);
    }

    public HostException(String message, Throwable cause) {
        super(message, cause);
    }
}
