package io.weft.tunnel;

import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.frame.MpscFrameRing;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What a tunnel answers for its remote ends to senders of frames that are too long for it ({@link PacketTooBig}): made by the workers
 * that send, as often as the limit allows, and received by the port's own.
 *
 * <p>Threads: {@link #make} and {@link #offer} by any worker; {@link #drain} by the port's; {@link #release} by whoever knows that
 * nobody offers any more.
 */
final class TooLongAnswers {
    private static final int ROOM = 64;
    private static final int PER_SECOND = 1_000;

    private final MpscFrameRing waiting = new MpscFrameRing(ROOM);
    private final AnswerLimit limit = new AnswerLimit(PER_SECOND, ROOM);
    private final AtomicLong given = new AtomicLong();

    /**
     * Makes an answer of a frame, if it may have one now.
     *
     * @param mtu bytes of an IP packet that fit, its header counted
     * @param ethernet whether stations are told; otherwise who has sent the packet, which is in a frame without addresses
     * @return whether the frame is an answer now; if not, it may be in part
     */
    boolean make(Frame frame, int mtu, boolean ethernet, long nowNs) {
        boolean isMade = ethernet ? PacketTooBig.answer(frame, mtu) : PacketTooBig.answerPacket(frame, mtu);
        return isMade && limit.take(nowNs);
    }

    /** Has an answer wait to be received, and takes ownership, if there is room. */
    boolean offer(Frame answer) {
        if (!waiting.offer(answer)) {
            return false;
        }
        given.getAndIncrement();
        return true;
    }

    /** Adds up to {@code max} answers; returns how many. */
    int drain(FrameBatch into, int max) {
        return waiting.drain(into, max);
    }

    /** Gives back what waits: not received yet, and so nobody's. */
    void release() {
        for (Frame answer = waiting.poll(); answer != null; answer = waiting.poll()) {
            answer.release();
        }
    }

    /** How many were given. */
    long given() {
        return given.get();
    }
}
