package io.weft.underlay;

import io.weft.nativeio.LibC;
import io.weft.nativeio.Linux;
import io.weft.nativeio.NativeException;
import io.weft.nativeio.NativeMemory;

/**
 * A descriptor that is readable when one of several others is, or has an error to tell (an epoll instance, which can itself be
 * waited for: epoll(7)).
 *
 * <p>Threads: confined; the descriptor itself is as safe as the kernel makes it.
 */
final class DescriptorGroup implements AutoCloseable {
    private static final int EVENT_LENGTH =
            12; // struct epoll_event where it is packed; where it is not, 16 are allocated
    private static final LibC LIBC = Linux.libc();

    private int epoll;

    /** An empty one. */
    DescriptorGroup() throws NativeException {
        epoll = NativeException.check("epoll_create1", LIBC.epoll_create1(LibC.CLOEXEC));
    }

    /**
     * Adds a descriptor, which leaves when it is closed.
     *
     * @param readable whether what can be read counts, besides errors
     */
    void add(int descriptor, boolean readable) throws NativeException {
        NativeMemory event = new NativeMemory(EVENT_LENGTH + 4);
        event.bytes().putInt(0, readable ? LibC.EPOLLIN : 0);
        NativeException.check("epoll_ctl", LIBC.epoll_ctl(epoll, LibC.EPOLL_CTL_ADD, descriptor, event.address()));
    }

    /** The number. */
    int number() {
        return epoll;
    }

    @Override
    public void close() {
        if (epoll >= 0) {
            LIBC.close(epoll);
            epoll = -1;
        }
    }
}
