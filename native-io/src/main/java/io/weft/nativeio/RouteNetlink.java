package io.weft.nativeio;

import java.nio.ByteBuffer;

/**
 * A netlink socket for requests about links, addresses and routes (rtnetlink(7)), in the namespace that the calling thread is in when it is made.
 * One request at a time: {@link #begin}, the request's own struct, attributes, {@link #exchange}.
 *
 * <pre>
 *   nlmsghdr                                  then a struct, then attributes: length of it all, type, value,
 *    0 length  4 type  6 flags  8 seq 12 pid  padded to 4 bytes. All in the machine's byte order.
 * </pre>
 *
 * <p>Threads: confined.
 */
public final class RouteNetlink implements AutoCloseable {
    /** Bytes in front of a request's, or an answer's, own struct. */
    public static final int HEADER_LENGTH = 16;

    /** {@link #begin}: add what is not there. */
    public static final int NLM_F_CREATE = 0x400;

    /** {@link #begin}: fail when it is there already. */
    public static final int NLM_F_EXCL = 0x200;

    /** {@link #begin}: take the place of what is there already. */
    public static final int NLM_F_REPLACE = 0x100;

    /** {@link #begin}: what changes something is acknowledged; a question is answered without. */
    public static final int NLM_F_ACK = 4;

    private static final short NLM_F_REQUEST = 1;
    private static final int NETLINK_ROUTE = 0;
    private static final int MESSAGE_LENGTH = 32_768; // of an answer; the kernel's about one link are a few KiB
    private static final int ERROR_LENGTH = HEADER_LENGTH + 4;
    private static final short NLMSG_ERROR = 2;

    private final LibC libc = Linux.libc();
    private final NativeMemory memory = new NativeMemory(MESSAGE_LENGTH);
    private final ByteBuffer message = memory.bytes();
    private final int descriptor;

    /** A new one. */
    public RouteNetlink() throws NativeException {
        descriptor = NativeException.check(
                "socket(AF_NETLINK)", libc.socket(LibC.AF_NETLINK, LibC.SOCK_RAW | LibC.CLOEXEC, NETLINK_ROUTE));
    }

    /** Its number, for questions that any socket can ask. */
    public int descriptor() {
        return descriptor;
    }

    /**
     * Begins a request.
     *
     * @param type RTM_NEWROUTE or another RTM number
     * @param flags the NLM_F ones above
     * @return the message, at the place where the request's own struct belongs
     */
    public ByteBuffer begin(short type, int flags) {
        message.clear();
        return message.putInt(0)
                .putShort(type)
                .putShort((short) (NLM_F_REQUEST | flags))
                .putInt(1)
                .putInt(0);
    }

    /** Begins an attribute; returns the message, at the place where the value, of {@code length} bytes, belongs. */
    public ByteBuffer attribute(short type, int length) {
        message.position((message.position() + 3) & ~3);
        return message.putShort((short) (4 + length)).putShort(type);
    }

    /**
     * Sends the request and returns the answer, at index 0 of the message.
     *
     * @param attempt what is tried, for the exception
     * @throws NativeException when the answer is an error, or none
     */
    public ByteBuffer exchange(String attempt) throws NativeException {
        int length = (message.position() + 3) & ~3;
        message.putInt(0, length);
        int received = libc.send(descriptor, memory.address(), length, 0) < 0
                ? -1
                : (int) libc.recv(descriptor, memory.address(), MESSAGE_LENGTH, 0);
        if (received < 0) {
            throw new NativeException(attempt + " (rtnetlink)", Linux.errno());
        }
        check(attempt, message, received);
        return message;
    }

    /**
     * Accepts an answer that is not an error. Nothing behind the bytes that were received is read, for the buffer still holds the request.
     *
     * @param attempt what was tried
     * @param answer in the machine's byte order, at index 0
     * @param length bytes received
     * @throws NativeException with the kernel's errno, or with EBADMSG when it is not a whole message
     */
    public static void check(String attempt, ByteBuffer answer, int length) throws NativeException {
        if (length < HEADER_LENGTH || answer.getInt(0) < HEADER_LENGTH || answer.getInt(0) > length) {
            throw malformed(attempt);
        }
        if (answer.getShort(4) == NLMSG_ERROR) {
            if (answer.getInt(0) < ERROR_LENGTH) {
                throw malformed(attempt);
            }
            int error = answer.getInt(HEADER_LENGTH);
            if (error != 0) {
                throw new NativeException(attempt, -error);
            }
        }
    }

    /**
     * Makes sure that an answer, which was checked, is what was asked for.
     *
     * @param type of the answer: RTM_NEWROUTE or another RTM number
     * @param structLength bytes of its own struct
     * @throws NativeException with EBADMSG when it is not
     */
    public static void require(String attempt, ByteBuffer answer, short type, int structLength) throws NativeException {
        if (answer.getShort(4) != type || answer.getInt(0) < HEADER_LENGTH + structLength) {
            throw malformed(attempt);
        }
    }

    private static NativeException malformed(String attempt) {
        return new NativeException(attempt + " (rtnetlink, of whose answer a part is missing)", Errno.EBADMSG);
    }

    @Override
    public void close() {
        libc.close(descriptor);
    }
}
