package io.weft.nativeio;

import java.io.IOException;
import java.util.Locale;
import java.util.Set;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Runtime;
import jnr.ffi.types.intptr_t;

/**
 * The door to libc: loaded once, on first use.
 *
 * <p>Whoever opens something calls {@link #require()} first; after that {@link #libc()} cannot fail.
 *
 * <p>Threads: any.
 */
public final class Linux {
    private static final Set<String> ARCHITECTURES = Set.of("amd64", "x86_64", "aarch64");

    // Static and final, so that the compiler sees through them: a call costs no look-up.
    private static final Runtime RUNTIME;
    private static final LibC LIBC;
    private static final PreciseEpoll PRECISE_EPOLL;
    private static final String UNAVAILABLE;

    static {
        Runtime runtime = null;
        LibC libc = null;
        PreciseEpoll preciseEpoll = null;
        String unavailable = unsuitable(System.getProperty("os.name"), System.getProperty("os.arch"));
        if (unavailable == null) {
            try {
                libc = LibraryLoader.create(LibC.class).load("c");
                runtime = Runtime.getRuntime(libc);
                preciseEpoll = PreciseEpoll.load(runtime);
            } catch (LinkageError | RuntimeException e) {
                libc = null;
                unavailable = "libc cannot be called: " + e
                        + "; jnr-ffi unpacks a native library into java.io.tmpdir ("
                        + System.getProperty("java.io.tmpdir")
                        + "), which must be writable and not mounted noexec";
            }
        }
        RUNTIME = runtime;
        LIBC = libc;
        PRECISE_EPOLL = preciseEpoll;
        UNAVAILABLE = unavailable;
    }

    private Linux() {}

    /** Why native I/O cannot work on such a machine, or {@code null}. */
    static String unsuitable(String osName, String osArch) {
        boolean suitable = osName.toLowerCase(Locale.ROOT).equals("linux")
                && ARCHITECTURES.contains(osArch.toLowerCase(Locale.ROOT));
        return suitable ? null : "native I/O needs Linux on x86-64 or aarch64; this is " + osName + " on " + osArch;
    }

    /**
     * Makes sure that libc can be called.
     *
     * @throws IOException saying in a plain sentence why not
     */
    public static void require() throws IOException {
        if (UNAVAILABLE != null) {
            throw new IOException(UNAVAILABLE);
        }
    }

    /** libc; {@code null} where {@link #require()} throws. */
    public static LibC libc() {
        return LIBC;
    }

    /** Why the calling thread's last call failed. Meaningful only right after a negative result. */
    public static int errno() {
        return RUNTIME.getLastError();
    }

    static Runtime runtime() {
        return RUNTIME;
    }

    /** {@code epoll_pwait2}, or {@code null} where libc or the kernel does not have it. */
    static PreciseEpoll preciseEpoll() {
        return PRECISE_EPOLL;
    }

    /** {@code epoll_pwait2}: Linux 5.11 and glibc 2.35, so in an interface of its own that may be missing. */
    @SuppressWarnings("MemberName") // C's name
    public interface PreciseEpoll {
        /** {@code timeout} is the address of a {@code struct timespec}. */
        int epoll_pwait2(
                int epoll, @intptr_t long events, int capacity, @intptr_t long timeout, @intptr_t long signalMask);

        private static PreciseEpoll load(Runtime runtime) {
            PreciseEpoll found = LibraryLoader.create(PreciseEpoll.class).load("c");
            try {
                found.epoll_pwait2(-1, 0, 1, 0, 0); // must fail; how it does tells whether the kernel knows the call
                return runtime.getLastError() == Errno.ENOSYS ? null : found;
            } catch (UnsatisfiedLinkError olderLibc) {
                return null;
            }
        }
    }
}
