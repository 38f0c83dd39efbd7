package io.weft.unix;

import io.weft.frame.Frame;
import io.weft.port.DropReason;
import io.weft.port.PortCounters;
import java.nio.ByteBuffer;

/**
 * Frames on their way into a socket, each with QEMU's length of 4 bytes in front, in one piece of direct memory: a whole
 * batch goes out with one write. A frame is queued as a whole or not at all, and counted as transmitted when the kernel has
 * taken its last byte.
 *
 * <pre>
 *   0        frameStart   written            end          capacity
 *   |  gone  | sent part  | still to write   |  free      |
 * </pre>
 *
 * <p>Threads: confined to the worker.
 */
final class TransmitQueue {
    private static final int PREFIX = ReceiveBuffer.PREFIX;

    private final ByteBuffer buffer; // its limit stays: for absolute access
    private final ByteBuffer window; // what a call is about
    private int frameStart; // of the prefix of the first frame that is not wholly written
    private int written; // of the first byte to write
    private int end; // behind the last byte to write

    /** A queue of {@code capacity} bytes, prefixes counted. */
    TransmitQueue(int capacity) {
        buffer = ByteBuffer.allocateDirect(capacity);
        window = buffer.duplicate();
    }

    boolean isEmpty() {
        return written == end;
    }

    /** Copies a frame, which the caller keeps; returns whether there was room for all of it. */
    boolean append(Frame frame) {
        int length = frame.length();
        if (buffer.capacity() - end < PREFIX + length && !makeRoom(PREFIX + length)) {
            return false;
        }
        buffer.putInt(end, length);
        window.limit(window.capacity()).position(end + PREFIX);
        window.put(frame.bytes());
        end += PREFIX + length;
        return true;
    }

    private boolean makeRoom(int needed) {
        if (buffer.capacity() - (end - frameStart) < needed) {
            return false;
        }
        window.limit(end).position(frameStart);
        window.compact();
        written -= frameStart;
        end -= frameStart;
        frameStart = 0;
        return true;
    }

    /**
     * Writes as much as the kernel takes, prefixes included, with one system call.
     *
     * @return 0 when the queue is empty now, {@link SocketIo#AGAIN} when the socket is full, or another negative errno
     */
    int writeStream(int descriptor, PortCounters counters) {
        if (written == end) {
            return 0;
        }
        int count = SocketIo.write(descriptor, window.limit(end).position(written));
        if (count < 0) {
            return count;
        }
        written += count;
        countWritten(counters);
        return rewindIfEmpty() ? 0 : SocketIo.AGAIN;
    }

    private void countWritten(PortCounters counters) {
        int frames = 0;
        int from = frameStart;
        while (written - frameStart >= PREFIX) {
            int next = frameStart + PREFIX + buffer.getInt(frameStart);
            if (next > written) {
                break;
            }
            frames++;
            frameStart = next;
        }
        counters.transmitted(frames, frameStart - from - (long) frames * PREFIX);
    }

    /** Sends the queued frames as datagrams, without prefixes; returns as {@link #writeStream}. */
    int writeDatagrams(int descriptor, PortCounters counters) {
        while (frameStart < end) {
            int length = buffer.getInt(frameStart);
            int first = frameStart + PREFIX;
            int count = SocketIo.write(descriptor, window.limit(first + length).position(first));
            if (count < 0) {
                return count;
            }
            counters.transmitted(length);
            frameStart = first + length;
            written = frameStart;
        }
        rewindIfEmpty();
        return 0;
    }

    private boolean rewindIfEmpty() {
        if (written < end) {
            return false;
        }
        frameStart = 0;
        written = 0;
        end = 0;
        return true;
    }

    /** Drops the first frame, which the kernel has refused as a whole. */
    void dropFirst(DropReason reason, PortCounters counters) {
        counters.dropped(reason);
        frameStart += PREFIX + buffer.getInt(frameStart);
        written = frameStart;
        rewindIfEmpty();
    }

    /** Drops everything that is not wholly written. */
    void dropAll(DropReason reason, PortCounters counters) {
        int frames = 0;
        while (frameStart < end) {
            frameStart += PREFIX + buffer.getInt(frameStart);
            frames++;
        }
        if (frames > 0) {
            counters.dropped(reason, frames);
        }
        written = end;
        rewindIfEmpty();
    }
}
