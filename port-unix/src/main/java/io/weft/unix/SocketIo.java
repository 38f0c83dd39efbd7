package io.weft.unix;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import jnr.constants.platform.Errno;
import jnr.enxio.channels.Native;
import jnr.unixsocket.UnixSocketAddress;
import jnr.unixsocket.UnixSocketChannel;

/**
 * Reads and writes on a socket's descriptor that answer with numbers. The channels of jnr-unixsocket throw an
 * {@code IOException} for conditions that are daily bread here (nothing to read on a datagram socket, a peer that went
 * away), which costs microseconds and garbage for what a peer can cause.
 *
 * <p>Errors are negative errno values, as the kernel itself returns them: compare with {@link #AGAIN}, show with
 * {@link #describe}.
 *
 * <p>Threads: stateless.
 */
final class SocketIo {
    /** Nothing to read, or no room to write, right now. */
    static final int AGAIN = -Errno.EAGAIN.intValue();

    /** Too many descriptors are open in this process. */
    static final int PROCESS_FILES = -Errno.EMFILE.intValue();

    /** Too many descriptors are open in the whole system. */
    static final int SYSTEM_FILES = -Errno.ENFILE.intValue();

    /** Nobody listens or reads at the other end. */
    static final int REFUSED = -Errno.ECONNREFUSED.intValue();

    /** The other end went away. */
    static final int RESET = -Errno.ECONNRESET.intValue();

    /** Not connected, after the kernel found the peer dead. */
    static final int NOT_CONNECTED = -Errno.ENOTCONN.intValue();

    private SocketIo() {}

    /** Reads between position and limit of a direct buffer; returns bytes (0: end of a stream) or a negative errno. */
    static int read(int descriptor, ByteBuffer into) {
        try {
            int count = Native.read(descriptor, into);
            return count >= 0 ? count : lastError();
        } catch (IOException e) {
            throw new AssertionError("jnr-enxio reports errors by return value", e);
        }
    }

    /** Writes between position and limit of a direct buffer; returns bytes or a negative errno. */
    static int write(int descriptor, ByteBuffer from) {
        try {
            int count = Native.write(descriptor, from);
            return count >= 0 ? count : lastError();
        } catch (IOException e) {
            throw new AssertionError("jnr-enxio reports errors by return value", e);
        }
    }

    /**
     * Connects a socket of either type; returns 0 or a negative errno. For datagram sockets the kernel then lets only
     * that peer send to us, and says by poll when its receive queue has room again. (The connect of
     * {@code UnixDatagramChannel} only remembers the address, so this borrows the stream channel's, which makes the
     * system call on whatever descriptor it is given.)
     */
    static int connect(int descriptor, Path path) {
        try {
            boolean connected = UnixSocketChannel.fromFD(descriptor).connect(new UnixSocketAddress(path.toFile()));
            return connected ? 0 : AGAIN; // AGAIN: the listener's backlog is full
        } catch (IOException e) {
            return lastError();
        }
    }

    /** The negative errno of this thread's last call. */
    static int lastError() {
        return -Native.getLastError().intValue();
    }

    /** The system's words for a negative errno, as "Connection refused". */
    static String describe(int error) {
        return Errno.valueOf(-error).description();
    }
}
