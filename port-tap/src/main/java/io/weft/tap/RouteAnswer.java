package io.weft.tap;

import io.weft.nativeio.Errno;
import io.weft.nativeio.NativeException;
import java.nio.ByteBuffer;

/**
 * What the kernel answers to one rtnetlink request: an acknowledgement, an error, or a link. Its fields are where
 * {@link RouteSocket} shows them; nothing behind the bytes that were received is read, for the buffer still holds the request.
 *
 * <p>Threads: stateless.
 */
final class RouteAnswer {
    private static final int HEADER_LENGTH = 16;
    private static final int ERROR_LENGTH = HEADER_LENGTH + 4;
    private static final int LINK_LENGTH = HEADER_LENGTH + 16;

    private static final short NLMSG_ERROR = 2;
    private static final short RTM_NEWLINK = 16;

    private static final int IFF_UP = 1;

    private RouteAnswer() {}

    /**
     * Accepts an answer that is not an error.
     *
     * @param attempt what was tried
     * @param message in the machine's byte order, the answer at index 0
     * @param length bytes received
     * @throws NativeException with the kernel's errno, or with EBADMSG when it is not a whole message
     */
    static void check(String attempt, ByteBuffer message, int length) throws NativeException {
        if (length < HEADER_LENGTH || message.getInt(0) < HEADER_LENGTH || message.getInt(0) > length) {
            throw malformed(attempt);
        }
        if (message.getShort(4) == NLMSG_ERROR) {
            if (message.getInt(0) < ERROR_LENGTH) {
                throw malformed(attempt);
            }
            int error = message.getInt(HEADER_LENGTH);
            if (error != 0) {
                throw new NativeException(attempt, -error);
            }
        }
    }

    /** The link that an answer, which was checked, tells of. */
    static RouteSocket.Link link(String attempt, ByteBuffer message) throws NativeException {
        if (message.getShort(4) != RTM_NEWLINK || message.getInt(0) < LINK_LENGTH) {
            throw malformed(attempt);
        }
        return new RouteSocket.Link(
                message.getInt(HEADER_LENGTH + 4), (message.getInt(HEADER_LENGTH + 8) & IFF_UP) != 0);
    }

    private static NativeException malformed(String attempt) {
        return new NativeException(attempt + " (rtnetlink, of whose answer a part is missing)", Errno.EBADMSG);
    }
}
