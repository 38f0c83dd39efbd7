package io.weft.nativeio;

import java.util.Map;

/**
 * The error numbers that Weft tells apart, as Linux has them on x86-64 and aarch64, and their names.
 *
 * <p>Threads: stateless.
 */
public final class Errno {
    /** Operation not permitted: a capability is missing. */
    public static final int EPERM = 1;

    /** No such file. */
    public static final int ENOENT = 2;

    /** No such process; of a route: there is none to delete. */
    public static final int ESRCH = 3;

    /** A signal came; try again. */
    public static final int EINTR = 4;

    /** Input/output error; of a TAP: the device is administratively down. */
    public static final int EIO = 5;

    /** No such device or address. */
    public static final int ENXIO = 6;

    /** Not an open descriptor. */
    public static final int EBADF = 9;

    /** Nothing there, or no room, right now. */
    public static final int EAGAIN = 11;

    /** Out of memory. */
    public static final int ENOMEM = 12;

    /** Permission denied: the file's mode forbids it. */
    public static final int EACCES = 13;

    /** Bad address. */
    public static final int EFAULT = 14;

    /** In use. */
    public static final int EBUSY = 16;

    /** Exists already. */
    public static final int EEXIST = 17;

    /** No such device. */
    public static final int ENODEV = 19;

    /** Invalid argument. */
    public static final int EINVAL = 22;

    /** This process has too many descriptors open. */
    public static final int EMFILE = 24;

    /** The machine has too many files open. */
    public static final int ENFILE = 23;

    /** Not a descriptor this request is for. */
    public static final int ENOTTY = 25;

    /** The kernel does not have this call. */
    public static final int ENOSYS = 38;

    /** Not a message, or not a whole one. */
    public static final int EBADMSG = 74;

    /** The descriptor is in a bad state; of a TAP: its device is gone. */
    public static final int EBADFD = 77;

    /** Longer than what may be sent at once. */
    public static final int EMSGSIZE = 90;

    /** The kernel does not have this socket option. */
    public static final int ENOPROTOOPT = 92;

    /** Not supported. */
    public static final int EOPNOTSUPP = 95;

    /** The kernel does not have this kind of socket. */
    public static final int EAFNOSUPPORT = 97;

    /** Another socket has the address and port. */
    public static final int EADDRINUSE = 98;

    /** The address cannot be assigned. */
    public static final int EADDRNOTAVAIL = 99;

    /** The network interface is down. */
    public static final int ENETDOWN = 100;

    /** There is no route to the network. */
    public static final int ENETUNREACH = 101;

    /** The other end, or something on the way, does not understand the packet. */
    public static final int EPROTO = 71;

    /** No buffer space. */
    public static final int ENOBUFS = 105;

    /** Nobody listens there. */
    public static final int ECONNREFUSED = 111;

    /** The host is down. */
    public static final int EHOSTDOWN = 112;

    /** There is no route to the host, or it does not answer. */
    public static final int EHOSTUNREACH = 113;

    private static final Map<Integer, String> NAMES = Map.ofEntries(
            Map.entry(EPERM, "EPERM"),
            Map.entry(ENOENT, "ENOENT"),
            Map.entry(ESRCH, "ESRCH"),
            Map.entry(EINTR, "EINTR"),
            Map.entry(EIO, "EIO"),
            Map.entry(ENXIO, "ENXIO"),
            Map.entry(EBADF, "EBADF"),
            Map.entry(EAGAIN, "EAGAIN"),
            Map.entry(ENOMEM, "ENOMEM"),
            Map.entry(EACCES, "EACCES"),
            Map.entry(EFAULT, "EFAULT"),
            Map.entry(EBUSY, "EBUSY"),
            Map.entry(EEXIST, "EEXIST"),
            Map.entry(ENODEV, "ENODEV"),
            Map.entry(EINVAL, "EINVAL"),
            Map.entry(ENFILE, "ENFILE"),
            Map.entry(EMFILE, "EMFILE"),
            Map.entry(ENOTTY, "ENOTTY"),
            Map.entry(ENOSYS, "ENOSYS"),
            Map.entry(EPROTO, "EPROTO"),
            Map.entry(EBADMSG, "EBADMSG"),
            Map.entry(EBADFD, "EBADFD"),
            Map.entry(EMSGSIZE, "EMSGSIZE"),
            Map.entry(ENOPROTOOPT, "ENOPROTOOPT"),
            Map.entry(EOPNOTSUPP, "EOPNOTSUPP"),
            Map.entry(EAFNOSUPPORT, "EAFNOSUPPORT"),
            Map.entry(EADDRINUSE, "EADDRINUSE"),
            Map.entry(EADDRNOTAVAIL, "EADDRNOTAVAIL"),
            Map.entry(ENETDOWN, "ENETDOWN"),
            Map.entry(ENETUNREACH, "ENETUNREACH"),
            Map.entry(ENOBUFS, "ENOBUFS"),
            Map.entry(ECONNREFUSED, "ECONNREFUSED"),
            Map.entry(EHOSTDOWN, "EHOSTDOWN"),
            Map.entry(EHOSTUNREACH, "EHOSTUNREACH"));

    private Errno() {}

    /** {@code EPERM (Operation not permitted)}: the name, where this class knows it, and the system's own words. */
    public static String describe(int errno) {
        LibC libc = Linux.libc();
        return NAMES.getOrDefault(errno, "errno " + errno) + (libc == null ? "" : " (" + libc.strerror(errno) + ")");
    }
}
