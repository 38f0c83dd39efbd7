package io.weft.unix;

import io.weft.frame.Ethernet;
import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import io.weft.port.DropReason;
import io.weft.port.PortCounters;
import java.nio.ByteBuffer;

/**
 * Cuts frames out of QEMU's stream: a length of 4 bytes, big-endian, then that many bytes of frame.
 *
 * <p>One large read brings many frames, and a frame may arrive in any number of pieces. The memory is fixed; what a peer
 * announces is never allocated. A frame longer than the port's limit is skipped when it is one that QEMU can send, and
 * ends the connection when it is not, because then the peer does not speak this protocol.
 *
 * <p>Threads: confined to the worker.
 */
final class ReceiveBuffer {
    /** Bytes of the length in front of each frame. */
    static final int PREFIX = 4;

    /** The longest frame that QEMU sends, in bytes: its NET_BUFSIZE. */
    static final int LONGEST_ANNOUNCED = 4_096 + 65_536;

    private static final int CAPACITY = 131_072;

    private final ByteBuffer buffer = ByteBuffer.allocateDirect(CAPACITY); // its limit stays: for absolute access
    private final ByteBuffer window = buffer.duplicate(); // what a call is about
    private final int maxFrameLength;
    private int start; // of the first byte not yet cut
    private int end; // behind the last byte read
    private boolean malformed;

    ReceiveBuffer(int maxFrameLength) {
        this.maxFrameLength = maxFrameLength;
    }

    /**
     * Reads once; there must be no whole frame left.
     *
     * @return bytes read, 0 at the end of the stream, or a negative errno
     */
    int fill(int descriptor) {
        if (start > 0) {
            window.limit(end).position(start);
            window.compact();
            end -= start;
            start = 0;
        }
        int count = SocketIo.read(descriptor, window.limit(CAPACITY).position(end));
        if (count > 0) {
            end += count;
        }
        return count;
    }

    /** Whether the last {@link #fill} ended for want of room here; otherwise it has emptied the socket. */
    boolean isFull() {
        return end == CAPACITY;
    }

    /** Whether the next frame, or a length that is none, is here as a whole. */
    boolean hasNext() {
        if (end - start < PREFIX) {
            return false;
        }
        int length = buffer.getInt(start);
        return length < 0 || length > LONGEST_ANNOUNCED || end - start - PREFIX >= length;
    }

    /**
     * Takes the next frame, after {@link #hasNext}: adds it to {@code into}, or counts it as received and dropped.
     *
     * @return whether a frame was added; {@link #isMalformed} says when there will be no other
     */
    boolean take(FrameBatch into, FramePool pool, int portIndex, PortCounters counters) {
        int length = buffer.getInt(start);
        if (length < 0 || length > LONGEST_ANNOUNCED) {
            malformed = true;
            counters.received(0);
            counters.dropped(DropReason.MALFORMED);
            return false;
        }
        int first = start + PREFIX;
        start = first + length;
        if (length < Ethernet.HEADER_LENGTH || length > maxFrameLength) {
            counters.received(length);
            counters.dropped(length < Ethernet.HEADER_LENGTH ? DropReason.RUNT : DropReason.RX_TOO_LONG);
            return false;
        }
        Frame frame = pool.allocate(length);
        if (frame == null) {
            counters.received(length);
            counters.dropped(DropReason.POOL_EMPTY);
            return false;
        }
        frame.putBytes(0, buffer, first, length);
        frame.ingress(portIndex);
        into.add(frame);
        return true;
    }

    /** Whether the peer announced a length that QEMU cannot send. */
    boolean isMalformed() {
        return malformed;
    }

    /** The length that made the stream malformed, 0..2<sup>32</sup>-1. */
    long announcedLength() {
        return Integer.toUnsignedLong(buffer.getInt(start));
    }

    /** Empties it for another connection. What is left of a frame that never came whole is counted as malformed. */
    void clear(PortCounters counters) {
        if (end > start && !malformed) {
            counters.received(Math.max(0, end - start - PREFIX));
            counters.dropped(DropReason.MALFORMED);
        }
        start = 0;
        end = 0;
        malformed = false;
    }
}
