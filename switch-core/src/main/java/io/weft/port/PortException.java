package io.weft.port;

import java.io.IOException;

/**
 * A port cannot be opened or has failed. The message says what was tried, what the system answered and, where a command
 * mends it, which.
 */
public class PortException extends IOException {
    private static final long serialVersionUID = 1L;

    /** With a complete message. */
    public PortException(String message) {
        super(message);
    }

    /** With a complete message and the cause. */
    public PortException(String message, Throwable cause) {
        super(message, cause);
    }
}
