package io.weft.tap;

import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.frame.IpFrame;
import io.weft.nativeio.Errno;
import io.weft.nativeio.FrameAddress;
import io.weft.nativeio.LibC;
import io.weft.nativeio.Linux;
import io.weft.nativeio.VirtioNetHeader;
import io.weft.offload.FlowHash;
import io.weft.offload.WireFrames;
import io.weft.port.DropReason;
import io.weft.port.Offload;
import io.weft.port.OffloadMode;
import io.weft.port.Port;
import io.weft.port.PortCapabilities;
import io.weft.port.PortContext;
import io.weft.port.PortCounters;
import io.weft.port.PortDriver;
import io.weft.port.PortException;
import io.weft.port.PortHandle;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A TAP or TUN device of Linux as a port: what the host sends out of the device is received here, what is transmitted here
 * the host receives. One read is one frame, one write is one frame; unless {@link OffloadMode} says otherwise, a frame may be a
 * super-frame of up to 64 KiB, and its checksum be left to whoever sends it on.
 *
 * <p>A TUN device carries IP packets. In the switch each of them is an Ethernet frame with zero addresses ({@link IpFrame});
 * a frame to be sent that is no such packet is counted as {@link DropReason#NOT_IP}, and what the host sends that is no IPv4
 * or IPv6 (through a raw socket) as {@link DropReason#MALFORMED}. Join it to another layer-3 port by a
 * {@link io.weft.Wire}: stations without addresses are not what a bridge is for.
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
    private final int missing; // in front of what is written, see TapKind
    private TapDevice device;
    private PortCapabilities capabilities = PortCapabilities.ofMaxFrameLength(Frame.MAX_LENGTH);
    private PortContext context;
    private PortHandle handle;
    private TapQueue[] queues = new TapQueue[0];
    private int[] descriptors;
    private int headerLength; // of the virtio header: VirtioNetHeader.LENGTH, or 0 for none
    private final AtomicBoolean lost = new AtomicBoolean();

    TapPort(TapSettings settings) {
        this.settings = settings;
        this.missing = settings.kind().missing();
    }

    /** Begins a port for the TAP device called {@code name}, 1..15 characters, or for a pattern as {@code weft%d}. */
    public static TapBuilder builder(String name) {
        return new TapBuilder(TapKind.TAP, name);
    }

    /** Begins a port for a TUN device, which carries IP packets; the name as for a TAP device. */
    public static TapBuilder tunBuilder(String name) {
        return new TapBuilder(TapKind.TUN, name);
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
    // (And
    // what limits frames limits super-frames.) The virtio header takes the place of the Ethernet header where that is
    // taken off.
    private PortCapabilities capabilitiesOf(TapDevice opened) {
        PortCapabilities plain =
                PortCapabilities.ofMaxFrameLength(Frame.MAX_LENGTH).withConcurrentTransmit();
        Set<Offload> offloads = opened.offloads();
        PortCapabilities able = plain.withHeadroom(opened.virtioHeader() && missing == 0 ? VirtioNetHeader.LENGTH : 0)
                .withOffloads(offloads);
        return offloads.contains(Offload.TSO4) ? able.withCoalescing() : able;
    }

    @Override
    public void open(PortContext newContext) throws PortException {
        context = newContext;
        device = TapDevice.open(settings);
        descriptors = device.descriptors();
        headerLength = device.virtioHeader() ? VirtioNetHeader.LENGTH : 0;
        capabilities = capabilitiesOf(device);
        handle = context.addPort(this);
        queues = new TapQueue[descriptors.length];
        for (int i = 0; i < queues.length; i++) {
            queues[i] = new TapQueue(this, i, descriptors[i], headerLength, missing, handle);
            if (i == 0) {
                queues[i].open(context);
            } else {
                context.addQueue(queues[i]);
            }
        }
        device.keepOrNot();
        if (device.leftDown()) {
            context.report("the device is down and only root may bring it up: ip link set " + deviceName() + " up");
        }
    }

    @Override
    public int poll(FrameBatch into, int limit) {
        return queues[0].poll(into, limit);
    }

    /** The device is gone, which each queue finds out. */
    void lost(String reason) {
        if (lost.compareAndSet(false, true)) {
            handle.down(settings.kind() + " device " + deviceName() + " is gone: " + reason);
        }
    }

    // ---- sending ----

    @Override
    public void transmit(FrameBatch frames, PortCounters counters) {
        int taken = 0;
        long bytes = 0;
        for (int i = 0; i < frames.size(); i++) {
            Frame frame = frames.get(i);
            if (missing > 0 && !IpFrame.isPacket(frame)) {
                counters.dropped(DropReason.NOT_IP);
                continue;
            }
            int length = frame.length();
            int segments = WireFrames.count(frame);
            int flow = descriptors.length > 1 ? FlowHash.of(frame) : 0; // before there is a header in front of it
            if (headerLength > 0) {
                VirtioNetHeader.prepend(frame, missing);
            } else {
                frame.consume(missing);
            }
            if (LIBC.write(descriptorFor(flow), FrameAddress.of(frame), frame.length()) >= 0) {
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

    /**
     * A flow leaves by one queue, so that it keeps its order. The kernel remembers by which, and has the flow's other
     * direction come in by the same: both are then one worker's, as far as it has both hosts.
     */
    private int descriptorFor(int flow) {
        return descriptors[(int) ((flow & 0xffff_ffffL) * descriptors.length >>> 32)];
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
        if (queues.length > 0) {
            queues[0].close(); // the others have been closed by their workers
        }
        if (device != null) {
            device.close();
        }
    }

    @Override
    public String toString() {
        return settings.kind().scheme() + ":" + deviceName();
    }
}
