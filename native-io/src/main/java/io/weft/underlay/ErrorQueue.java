package io.weft.underlay;

import io.weft.nativeio.Errno;
import io.weft.nativeio.LibC;
import io.weft.nativeio.MessageVector;
import java.nio.ByteBuffer;

/**
 * The queue in which the kernel keeps what became of datagrams (IP_RECVERR in ip(7)): ICMP errors, and its own refusals.
 * What waits there takes room of the receive buffer and keeps the socket's descriptor ready, so it must be read.
 *
 * <p>Each entry makes some call of the socket fail, which {@link #expect} is told of. So where datagrams come without end
 * the queue is looked at only then; and always when nothing else is to be received.
 *
 * <p>Threads: {@link #expect} any; the rest is the receiving thread's.
 */
class ErrorQueue {
    private static final int ENTRIES = 16;
    private static final int CALLS = 4; // for each look, so that a flood of errors does not keep the worker

    private static final int SOCK_EXTENDED_ERR_LENGTH = 16; // error, origin, type, code, padding, info, data
    private static final int ORIGIN = 4;
    private static final int TYPE = 5;
    private static final int CODE = 6;
    private static final int INFO = 8;
    private static final int ORIGIN_LOCAL = 1;
    private static final int ORIGIN_ICMP = 2;
    private static final int ORIGIN_ICMP6 = 3;

    /** ICMPv6 (RFC 4443, 3.4): a parameter problem, of the kind that the host does not know the next header. */
    private static final int PARAMETER_PROBLEM = 4;

    private static final int UNKNOWN_NEXT_HEADER = 1;

    private final int descriptor;
    private final int level;
    private final int type;
    private final MessageVector vector;
    private final ByteBuffer told;
    private volatile boolean expected;
    private boolean idle = true;

    /** Of a socket. */
    ErrorQueue(int descriptor, boolean ipv6) {
        this.descriptor = descriptor;
        level = ipv6 ? SocketDescriptor.SOL_IPV6 : SocketDescriptor.SOL_IP;
        type = ipv6 ? IpSetup.IPV6_RECVERR : IpSetup.IP_RECVERR;
        int control = NativeReceiver.CONTROL_CAPACITY
                + ControlMessages.space(SOCK_EXTENDED_ERR_LENGTH + Sockaddr.IPV6_LENGTH);
        vector = new MessageVector(ENTRIES, 1, Sockaddr.length(ipv6), control);
        told = vector.bytes();
        for (int entry = 0; entry < ENTRIES; entry++) {
            vector.parts(entry, 0); // of the datagram itself nothing is wanted
        }
    }

    /** A call on the socket has failed, as it does when there is something to read. */
    void expect() {
        expected = true;
    }

    /** Whether datagrams still wait, as far as the receiver knows. */
    void idle(boolean nothingWaits) {
        idle = nothingWaits;
    }

    /** Tells what is in the queue, up to a bound. */
    void read(UnderlayErrorListener listener) {
        if (isDue()) {
            drain(listener);
        }
    }

    /** Whether it is time to look, which is forgotten: what is told from here on is looked at again. */
    final boolean isDue() {
        boolean due = expected || idle;
        expected = false;
        return due;
    }

    /** Tells what is in the queue, up to a bound, after which it is to be looked at again. */
    final void drain(UnderlayErrorListener listener) {
        for (int call = 0; call < CALLS; call++) {
            int count = vector.receive(descriptor, ENTRIES, LibC.MSG_ERRQUEUE | LibC.MSG_DONTWAIT);
            for (int entry = 0; entry < count; entry++) {
                tell(entry, listener);
            }
            if (count < ENTRIES) {
                return;
            }
        }
        expected = true;
    }

    private void tell(int entry, UnderlayErrorListener listener) {
        int end = vector.controlOffset(entry) + vector.controlLength(entry);
        for (int at = vector.controlOffset(entry);
                ControlMessages.isAt(told, at, end);
                at = ControlMessages.next(told, at)) {
            if (ControlMessages.level(told, at) == level
                    && ControlMessages.type(told, at) == type
                    && ControlMessages.dataLength(told, at) >= SOCK_EXTENDED_ERR_LENGTH) {
                tell(entry, ControlMessages.data(at), listener);
                return;
            }
        }
    }

    private void tell(int entry, int error, UnderlayErrorListener listener) {
        int origin = told.get(error + ORIGIN);
        if (origin != ORIGIN_LOCAL && origin != ORIGIN_ICMP && origin != ORIGIN_ICMP6) {
            return; // a timestamp, or another thing that is no error
        }
        int name = vector.nameOffset(entry);
        long high = Sockaddr.high(told, name);
        long low = Sockaddr.low(told, name);
        int port = Sockaddr.port(told, name);
        int errno = told.getInt(error);
        if (errno == Errno.EMSGSIZE) {
            listener.tooBig(high, low, port, told.getInt(error + INFO));
        } else if (errno != Errno.EPROTO || isRefusal(errno, error)) { // other parameter problems are the packet's own
            listener.unreachable(high, low, port, isRefusal(errno, error));
        }
    }

    /** Whether the peer itself answered that nobody wants the port, or the protocol. */
    private boolean isRefusal(int errno, int error) {
        return switch (errno) {
            case Errno.ECONNREFUSED, Errno.ENOPROTOOPT -> true;
            case Errno.EPROTO ->
                told.get(error + ORIGIN) == ORIGIN_ICMP6
                        && told.get(error + TYPE) == PARAMETER_PROBLEM
                        && told.get(error + CODE) == UNKNOWN_NEXT_HEADER;
            default -> false;
        };
    }
}
