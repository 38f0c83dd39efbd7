package io.weft.nativeio;

import java.io.IOException;

/**
 * A system call failed, off the hot path. The message says what was tried and what the system answered; what to do about
 * it depends on the purpose, so whoever knows that says it.
 */
public final class NativeException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int errno;

    /**
     * With the error number at hand.
     *
     * @param attempt what was tried, as {@code open /dev/net/tun}
     */
    public NativeException(String attempt, int errno) {
        super(attempt + ": " + Errno.describe(errno));
        this.errno = errno;
    }

    /** The error number, to compare with those of {@link Errno}. */
    public int errno() {
        return errno;
    }

    /**
     * Passes a result on unless it is negative.
     *
     * @param attempt what was tried
     * @throws NativeException when it is, with the calling thread's errno
     */
    public static int check(String attempt, int result) throws NativeException {
        if (result < 0) {
            throw new NativeException(attempt, Linux.errno());
        }
        return result;
    }
}
