package io.weft.packet;

import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.nativeio.Errno;
import io.weft.nativeio.FrameAddress;
import io.weft.nativeio.LibC;
import io.weft.nativeio.Linux;
import io.weft.nativeio.MessageVector;
import io.weft.nativeio.VirtioNetHeader;
import io.weft.offload.WireFrames;
import io.weft.port.DropReason;
import io.weft.port.PortCounters;

/**
 * One worker's way out of a packet socket: sends a batch of frames with one call. Several workers send at once, each
 * through one of these; the kernel sees to it that frames stay whole.
 *
 * <p>Threads: confined to the worker whose account it is made for.
 */
final class PacketSender {
    private static final int CAPACITY = FrameBatch.DEFAULT_CAPACITY;

    private final int descriptor;
    private final int headerLength;
    private final PortCounters counters;
    private final int[] segments = new int[CAPACITY]; // that each frame stands for
    private final MessageVector vector = new MessageVector(CAPACITY, 1, 0, 0);

    PacketSender(PacketSocket socket, PortCounters counters) {
        this.descriptor = socket.descriptor();
        this.headerLength = socket.virtioHeader() ? VirtioNetHeader.LENGTH : 0;
        this.counters = counters;
    }

    /** Whose frames it sends. */
    PortCounters counters() {
        return counters;
    }

    /** Sends frames and leaves the batch empty; each is counted. */
    void send(FrameBatch frames) {
        for (int first = 0; first < frames.size(); first += CAPACITY) {
            int count = Math.min(CAPACITY, frames.size() - first);
            for (int i = 0; i < count; i++) {
                Frame frame = frames.get(first + i);
                segments[i] = WireFrames.count(frame);
                if (headerLength > 0) {
                    VirtioNetHeader.prepend(frame);
                }
                vector.part(i, FrameAddress.of(frame), frame.length());
            }
            send(frames, first, count);
        }
        frames.release();
    }

    /** A frame that fails does not keep the others back, unless it does so for a reason that concerns them all. */
    private void send(FrameBatch frames, int first, int count) {
        int done = 0;
        while (done < count) {
            int sent = vector.send(descriptor, done, count - done, LibC.MSG_DONTWAIT);
            if (sent > 0) {
                countSent(frames, first, done, sent);
                done += sent;
                continue;
            }
            int errno = Linux.errno();
            boolean concernsAll = errno == Errno.EAGAIN || errno == Errno.ENETDOWN || errno == Errno.ENXIO;
            int failed = concernsAll ? count - done : 1;
            counters.dropped(reason(errno), failed);
            done += failed;
        }
    }

    private void countSent(FrameBatch frames, int first, int done, int count) {
        long bytes = 0;
        for (int i = done; i < done + count; i++) {
            bytes += frames.get(first + i).length() - headerLength;
            if (segments[i] > 1) {
                counters.transmittedSegments(segments[i]);
            }
        }
        counters.transmitted(count, bytes);
    }

    private static DropReason reason(int errno) {
        return switch (errno) {
            case Errno.EAGAIN, Errno.ENOBUFS -> DropReason.TX_QUEUE_FULL;
            case Errno.EMSGSIZE -> DropReason.TOO_LONG; // than the interface's MTU allows just now
            case Errno.ENETDOWN, Errno.ENXIO, Errno.ENODEV -> DropReason.PORT_DOWN;
            default -> DropReason.TX_ERROR;
        };
    }
}
