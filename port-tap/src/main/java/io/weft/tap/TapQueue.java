package io.weft.tap;

import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import io.weft.frame.IpFrame;
import io.weft.nativeio.Errno;
import io.weft.nativeio.FrameAddress;
import io.weft.nativeio.LibC;
import io.weft.nativeio.Linux;
import io.weft.nativeio.NativeMemory;
import io.weft.nativeio.VirtioNetHeader;
import io.weft.offload.OffloadCheck;
import io.weft.port.DescriptorWatch;
import io.weft.port.DropReason;
import io.weft.port.PortContext;
import io.weft.port.PortCounters;
import io.weft.port.PortDriver;
import io.weft.port.PortException;
import io.weft.port.PortHandle;
import java.nio.ByteBuffer;

/**
 * One receive queue of a TAP or TUN device: reads its descriptor.
 *
 * <p>Threads: {@code poll} and {@code close} by its worker; shares nothing that changes with the other queues.
 */
final class TapQueue implements PortDriver {
    private static final LibC LIBC = Linux.libc();

    private final TapPort port;
    private final int number;
    private final int descriptor;
    private final int headerLength;
    private final int missing; // in front of what is read, see TapKind
    private final PortHandle handle;
    private PortContext context;
    private DescriptorWatch watch;
    private PortCounters account; // of what is dropped here; the first queue has the owner's

    // Where the next frame is read to, see land().
    private Frame landing;
    private NativeMemory scratch;
    private ByteBuffer scratchBytes;
    private long landingAddress;

    TapQueue(TapPort port, int number, int descriptor, int headerLength, int missing, PortHandle handle) {
        this.port = port;
        this.number = number;
        this.descriptor = descriptor;
        this.headerLength = headerLength;
        this.missing = missing;
        this.handle = handle;
    }

    @Override
    public void open(PortContext newContext) throws PortException {
        context = newContext;
        if (number > 0) {
            account = handle.openCounters();
        }
        watch = context.watch(descriptor);
    }

    /** The longest frame that is read; one that fills it may have been cut. */
    private static final int LANDING_LENGTH = FramePool.LARGE_SLOT - Frame.HEADROOM;

    /**
     * Bytes after which a poll ends: what was read is sent on while it is in the cache, and small frames do not wait behind a
     * batch of super-frames.
     */
    private static final int POLL_BYTES = 65_536;

    @Override
    public int poll(FrameBatch into, int limit) {
        int added = 0;
        int bytes = 0;
        // Counts reads, not frames, so that a dry pool does not keep the worker here; what is left is still readable.
        for (int reads = 0; reads < limit; reads++) {
            if (bytes >= POLL_BYTES) {
                context.wakeup(); // there may be more
                break;
            }
            if (landing == null) {
                prepareLanding();
            }
            int length = (int) LIBC.read(descriptor, landingAddress, headerLength + LANDING_LENGTH - missing);
            if (length < 0) {
                int errno = Linux.errno();
                if (errno != Errno.EAGAIN && errno != Errno.EINTR) {
                    lose(errno);
                }
                break;
            }
            Frame frame = land(missing + length - headerLength);
            if (frame != null) {
                frame.ingress(handle.index());
                into.add(frame);
                added++;
            }
            bytes += length;
        }
        return added;
    }

    /**
     * Frames are read into a large slot, so that none is ever cut, whatever the device's MTU becomes. One that fits in a
     * small slot is copied there, which costs some 20 ns of the microseconds that a frame takes (scattering the read over
     * two slots costs 80), and the large slot is used again; a longer one goes on in the slot itself. Where the pool has
     * no large slot left, memory of our own takes its place. The virtio header lands in front of the frame, in the headroom,
     * or of a TUN in front of the packet, where the Ethernet header is written when it has been read.
     */
    private void prepareLanding() {
        landing = context.pool().allocate(Frame.MAX_LENGTH);
        if (landing != null) {
            landingAddress = FrameAddress.of(landing) + missing - headerLength;
            return;
        }
        if (scratch == null) {
            scratch = new NativeMemory(VirtioNetHeader.LENGTH + LANDING_LENGTH);
            scratchBytes = scratch.bytes().duplicate(); // in network byte order
        }
        landingAddress = scratch.address() + VirtioNetHeader.LENGTH + missing - headerLength;
    }

    /** Turns what was read into a frame, or counts why not and returns {@code null}. */
    private Frame land(int length) {
        if (length > Frame.MAX_LENGTH) {
            return drop(length, DropReason.RX_TOO_LONG);
        }
        if (length > FramePool.SMALL_LENGTH) {
            Frame frame = landing;
            if (frame == null) {
                return drop(length, DropReason.POOL_EMPTY);
            }
            landing = null;
            frame.length(length);
            return checked(frame, frame.arena().memory(), frame.arenaOffset());
        }
        Frame frame = context.pool().allocate(length);
        if (frame == null) {
            return drop(length, DropReason.POOL_EMPTY);
        }
        ByteBuffer memory = landing != null ? landing.arena().memory() : scratchBytes;
        int offset = landing != null ? landing.arenaOffset() : VirtioNetHeader.LENGTH;
        frame.putBytes(0, memory, offset, length);
        return checked(frame, memory, offset);
    }

    /**
     * A frame with what its virtio header says, which stands in front of what was read to {@code offset}; {@code null} if
     * that is not so, or if it is to be an IP packet and is none.
     */
    private Frame checked(Frame frame, ByteBuffer memory, int offset) {
        if (headerLength > 0) {
            VirtioNetHeader.read(memory, offset + missing - headerLength, frame, missing);
        }
        boolean whole = missing == 0 || IpFrame.putHeader(frame);
        if (!whole || !OffloadCheck.isSound(frame)) {
            int length = frame.length();
            frame.release();
            return drop(length, DropReason.MALFORMED);
        }
        return frame;
    }

    private Frame drop(int length, DropReason reason) {
        PortCounters counters = number == 0 ? handle.counters() : account;
        counters.received(length);
        counters.dropped(reason);
        return null;
    }

    /** The device is gone: its descriptor would report an error for ever. */
    private void lose(int errno) {
        if (watch != null) {
            watch.close();
            watch = null;
            port.lost("read: " + Errno.describe(errno));
        }
    }

    /** Lets go of what is watched and held; the descriptor is the device's to close. */
    @Override
    public void close() {
        if (watch != null) {
            watch.close();
            watch = null;
        }
        if (landing != null) {
            landing.release();
            landing = null;
        }
    }

    @Override
    public String toString() {
        return "queue " + number + " of " + port;
    }
}
