package io.weft.underlay;

import io.weft.nativeio.Errno;

/**
 * What the error numbers of sockets mean. Because of IP_RECVERR, a call may end with the answer to an <em>earlier</em>
 * datagram, and then has done nothing.
 *
 * <p>Threads: stateless.
 */
final class SendErrors {
    private static final int PATIENCE = 4;

    private SendErrors() {}

    /** What became of a datagram that was refused with an error number. */
    static SendOutcome outcome(int errno) {
        return switch (errno) {
            case Errno.EMSGSIZE -> SendOutcome.TOO_LONG;
            case Errno.EAGAIN, Errno.ENOBUFS, Errno.ENOMEM -> SendOutcome.QUEUE_FULL;
            case Errno.ENETUNREACH,
                    Errno.EHOSTUNREACH,
                    Errno.EHOSTDOWN,
                    Errno.ENETDOWN,
                    Errno.ECONNREFUSED,
                    Errno.ENOPROTOOPT, // as ECONNREFUSED, of raw sockets
                    Errno.EADDRNOTAVAIL,
                    Errno.EACCES, // a route that prohibits
                    Errno.ENODEV,
                    Errno.ENXIO -> SendOutcome.UNREACHABLE;
            default ->
                SendOutcome.FAILED; // EPROTO, too: somebody found fault with an earlier datagram, not with the way
        };
    }

    /** How often to try again what failed with an error number, which may be the answer to something earlier. */
    static int retries(int errno) {
        return switch (errno) {
            case Errno.EAGAIN, Errno.ENOBUFS, Errno.ENOMEM, Errno.EIO, Errno.EINVAL, Errno.EBADF -> 0;
            case Errno.EINTR, Errno.ECONNREFUSED, Errno.ENOPROTOOPT, Errno.EPROTO ->
                PATIENCE; // never what the kernel says to this datagram
            default -> 1;
        };
    }

    /** Whether an error number may have left, or stand for, an entry in the socket's queue of errors. */
    static boolean isTold(int errno) {
        return errno != Errno.EAGAIN && errno != Errno.EINTR && errno != Errno.ENOBUFS && errno != Errno.ENOMEM;
    }
}
