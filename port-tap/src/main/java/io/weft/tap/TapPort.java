package io.weft.tap;

import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import io.weft.nativeio.Errno;
import io.weft.nativeio.FrameAddress;
import io.weft.nativeio.LibC;
import io.weft.nativeio.Linux;
import io.weft.nativeio.NativeMemory;
import io.weft.nativeio.VirtioNetHeader;
import io.weft.offload.OffloadCheck;
import io.weft.offload.WireFrames;
import io.weft.port.DescriptorWatch;
import io.weft.port.DropReason;
import io.weft.port.Offload;
import io.weft.port.Port;
import io.weft.port.PortCapabilities;
import io.weft.port.PortContext;
import io.weft.port.PortCounters;
import io.weft.port.PortDriver;
import io.weft.port.PortException;
import io.weft.port.PortHandle;
import java.nio.ByteBuffer;
import java.util.Set;

/**
 * A TAP device of Linux as a port: what the host sends out of the device is received here, what is transmitted here the
 * host receives. One read is one frame, one write is one frame; unless {@link TapOffload} says otherwise, a frame may be a
 * super-frame of up to 64 KiB, and its checksum be left to whoever sends it on.
 *
 * <p>A device that is administratively down goes on being a port: reads find nothing, frames to it are counted as
 * {@link DropReason#PORT_DOWN}, and when it is up again it works. A device that was deleted (or whose namespace was)
 * takes the port down for good; remove the port and add it again.
 *
 * <p>Threads: as {@link PortDriver} says; {@link #transmit} is safe from any thread.
 */
public final class TapPort implements PortDriver, Port {
    private static final LibC LIBC = Linux.libc();

    private final TapSettings settings;
    private TapDevice device;
    private PortCapabilities capabilities = PortCapabilities.ofMaxFrameLength(Frame.MAX_LENGTH);
    private PortContext context;
    private PortHandle handle;
    private DescriptorWatch watch;
    private int descriptor = -1;
    private int headerLength; // of the virtio header: VirtioNetHeader.LENGTH, or 0 for none

    // Where the next frame is read to, see land().
    private Frame landing;
    private NativeMemory scratch;
    private ByteBuffer scratchBytes;
    private long landingAddress;

    TapPort(TapSettings settings) {
        this.settings = settings;
    }

    /** Begins a port for the device called {@code name}, 1..15 characters, or for a pattern as {@code weft%d}. */
    public static TapBuilder builder(String name) {
        return new TapBuilder(name);
    }

    TapSettings settings() {
        return settings;
    }

    /** The name it was given in the switch, or else that of the device. */
    @Override
    public String name() {
        return settings.portName() != null ? settings.portName() : deviceName();
    }

    /** The name of the device; before {@link #open} the one asked for. */
    public String deviceName() {
        return device == null ? settings.name() : device.name();
    }

    @Override
    public PortCapabilities capabilities() {
        return capabilities;
    }

    // Any length the host can take: its MTU limits what it sends, not what it receives, and may change at any time.
    private static PortCapabilities capabilitiesOf(TapDevice device) {
        PortCapabilities plain =
                PortCapabilities.ofMaxFrameLength(Frame.MAX_LENGTH).withConcurrentTransmit();
        Set<Offload> offloads = device.offloads();
        PortCapabilities able = plain.withHeadroom(device.virtioHeader() ? VirtioNetHeader.LENGTH : 0)
                .withOffloads(offloads);
        return offloads.contains(Offload.TSO4) ? able.withCoalescing() : able;
    }

    @Override
    public void open(PortContext newContext) throws PortException {
        context = newContext;
        device = TapDevice.open(settings);
        descriptor = device.descriptor();
        headerLength = device.virtioHeader() ? VirtioNetHeader.LENGTH : 0;
        capabilities = capabilitiesOf(device);
        handle = context.addPort(this);
        watch = context.watch(descriptor);
        device.keepOrNot();
        if (device.leftDown()) {
            context.report("the device is down and only root may bring it up: ip link set " + deviceName() + " up");
        }
    }

    // ---- receiving ----

    /** The longest frame that is read; one that fills it may have been cut. */
    private static final int LANDING_LENGTH = FramePool.LARGE_SLOT - Frame.HEADROOM;

    /**
     * Bytes after which a poll ends: what was read is sent on while it is in the cache, and small frames do not wait behind a
     * batch of super-frames.
     */
    private static final int POLL_BYTES = Integer.getInteger("pb", 65_536);

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
            int length = (int) LIBC.read(descriptor, landingAddress, headerLength + LANDING_LENGTH);
            if (length < 0) {
                int errno = Linux.errno();
                if (errno != Errno.EAGAIN && errno != Errno.EINTR) {
                    lose(errno);
                }
                break;
            }
            Frame frame = land(length - headerLength);
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
     * no large slot left, memory of our own takes its place. The virtio header lands in front of the frame, in the headroom.
     */
    private void prepareLanding() {
        landing = context.pool().allocate(Frame.MAX_LENGTH);
        if (landing != null) {
            landingAddress = FrameAddress.of(landing) - headerLength;
            return;
        }
        if (scratch == null) {
            scratch = new NativeMemory(VirtioNetHeader.LENGTH + LANDING_LENGTH);
            scratchBytes = scratch.bytes().duplicate(); // in network byte order
        }
        landingAddress = scratch.address() + VirtioNetHeader.LENGTH - headerLength;
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

    /** A frame with what its virtio header says, which stands in front of {@code offset}; {@code null} if that is not so. */
    private Frame checked(Frame frame, ByteBuffer memory, int offset) {
        if (headerLength > 0) {
            VirtioNetHeader.read(memory, offset - headerLength, frame);
            if (!OffloadCheck.isSound(frame)) {
                int length = frame.length();
                frame.release();
                return drop(length, DropReason.MALFORMED);
            }
        }
        return frame;
    }

    private Frame drop(int length, DropReason reason) {
        PortCounters counters = handle.counters();
        counters.received(length);
        counters.dropped(reason);
        return null;
    }

    /** The device is gone: its descriptor would report an error for ever. */
    private void lose(int errno) {
        if (watch != null) {
            watch.close();
            watch = null;
            handle.down("TAP device " + deviceName() + " is gone: read: " + Errno.describe(errno));
        }
    }

    // ---- sending ----

    @Override
    public void transmit(FrameBatch frames, PortCounters counters) {
        int taken = 0;
        long bytes = 0;
        for (int i = 0; i < frames.size(); i++) {
            Frame frame = frames.get(i);
            int length = frame.length();
            int segments = WireFrames.count(frame);
            if (headerLength > 0) {
                VirtioNetHeader.prepend(frame);
            }
            if (LIBC.write(descriptor, FrameAddress.of(frame), headerLength + length) >= 0) {
                taken++;
                bytes += length;
                if (segments > 1) {
                    counters.transmittedSegments(segments);
                }
            } else {
                counters.dropped(reason(Linux.errno()));
            }
        }
        frames.release();
        counters.transmitted(taken, bytes);
    }

    private static DropReason reason(int errno) {
        return switch (errno) {
            case Errno.EAGAIN, Errno.ENOBUFS -> DropReason.TX_QUEUE_FULL;
            case Errno.EIO, Errno.EBADFD, Errno.EBADF -> DropReason.PORT_DOWN;
            default -> DropReason.TX_ERROR;
        };
    }

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
        descriptor = -1;
        if (device != null) {
            device.close();
        }
    }

    @Override
    public String toString() {
        return "tap:" + deviceName();
    }
}
