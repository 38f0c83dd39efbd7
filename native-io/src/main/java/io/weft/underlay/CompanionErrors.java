package io.weft.underlay;

import io.weft.nativeio.LibC;
import io.weft.nativeio.Linux;
import io.weft.nativeio.NativeMemory;
import java.util.List;

/**
 * The {@link ErrorQueue}s of several raw sockets that belong together and from which nobody receives. One call says which of them have
 * something to tell.
 *
 * <p>Threads: as in {@link ErrorQueue}.
 */
final class CompanionErrors extends ErrorQueue {
    private static final int POLL_LENGTH = 8; // struct pollfd: descriptor, events, what happened
    private static final int POLL_HAPPENED = 6;
    private static final int SO_ERROR = 4;

    /** Most times in a row that nothing is looked at because packets keep coming, which do not tell of the other sockets' errors. */
    private static final int PATIENCE = 64;

    private static final LibC LIBC = Linux.libc();

    private final SocketDescriptor[] sockets;
    private final ErrorQueue[] queues;
    private final NativeMemory polled;
    private final NativeMemory atOnce = new NativeMemory(16); // struct timespec of zero
    private int skipped;

    /** Of sockets, the first of which is the one that is sent by. */
    CompanionErrors(List<SocketDescriptor> sockets) {
        super(sockets.get(0).number(), true);
        this.sockets = sockets.toArray(SocketDescriptor[]::new);
        queues = new ErrorQueue[this.sockets.length];
        queues[0] = this;
        polled = new NativeMemory(POLL_LENGTH * queues.length);
        for (int i = 0; i < queues.length; i++) {
            if (i > 0) {
                queues[i] = new ErrorQueue(this.sockets[i].number(), true);
            }
            polled.bytes().putInt(POLL_LENGTH * i, this.sockets[i].number());
        }
    }

    @Override
    void read(UnderlayErrorListener listener) {
        if (!isDue() && ++skipped < PATIENCE) {
            return;
        }
        skipped = 0;
        if (LIBC.ppoll(polled.address(), queues.length, atOnce.address(), 0) <= 0) {
            return;
        }
        for (int i = 0; i < queues.length; i++) {
            if (polled.bytes().getShort(POLL_LENGTH * i + POLL_HAPPENED) != 0) {
                queues[i].drain(listener);
                // An error for which the queue had no room is told in this way only, and would keep the descriptor
                // ready.
                sockets[i].has(LibC.SOL_SOCKET, SO_ERROR);
            }
        }
    }
}
