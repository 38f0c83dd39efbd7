package io.weft.port;

/** A port's URI or options are wrong. The message names the option, its value and what is accepted. */
public class InvalidPortException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /** With a complete message. */
    public InvalidPortException(String message) {
        super(message);
    }

    /** With a complete message and the cause. */
    public InvalidPortException(String message, Throwable cause) {
        super(message, cause);
    }
}
