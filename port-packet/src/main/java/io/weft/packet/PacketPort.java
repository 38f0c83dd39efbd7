package io.weft.packet;

import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.nativeio.Errno;
import io.weft.nativeio.VirtioNetHeader;
import io.weft.port.DescriptorWatch;
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
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * An existing network interface of Linux as a port: what comes in on the wire (or from the other end of a veth pair) is
 * received here, what is transmitted here goes out on it. The machine's own network stack shares the interface; what it
 * sends there is not received here, and what is transmitted here does not reach it.
 *
 * <p>Frames that wait are received and sent many with one system call. What is left to be done to a frame (a checksum, the
 * cutting of a super-frame) comes and goes with it, as far as {@link OffloadMode} says; frames that the kernel had no
 * room for are counted as received and dropped with {@link DropReason#RX_QUEUE_FULL}, once a second.
 *
 * <p>An interface that is down, or has no carrier, takes the port down until it is up again. One that was deleted, or moved
 * to another namespace, takes it down for good; remove the port and add it again.
 *
 * <p>Threads: as {@link PortDriver} says; {@link #transmit} is safe from any thread.
 */
public final class PacketPort implements PortDriver, Port {
    private static final long LOOK_INTERVAL_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long LOOK_INTERVAL_WHILE_DOWN_NS = TimeUnit.MILLISECONDS.toNanos(200);

    private final PacketSettings settings;
    private final Set<Integer> missing;
    private final Runnable look = this::look;
    private PacketSocket socket;
    private PortCapabilities capabilities = PortCapabilities.ofMaxFrameLength(Frame.MAX_LENGTH);
    private PortContext context;
    private PortHandle handle;
    private DescriptorWatch watch;
    private PacketReceiver receiver;
    private String obstacle;

    /** One for each account; only ever replaced by a longer one. */
    private volatile PacketSender[] senders = {};

    PacketPort(PacketSettings settings) {
        this(settings, Set.of());
    }

    /** As on a kernel that is missing some of the options of packet sockets. */
    PacketPort(PacketSettings settings, Set<Integer> missing) {
        this.settings = settings;
        this.missing = missing;
    }

    /** Begins a port for the interface called {@code name}. */
    public static PacketBuilder builder(String name) {
        return new PacketBuilder(name);
    }

    PacketSettings settings() {
        return settings;
    }

    /** The name it was given in the switch, or else that of the interface. */
    @Override
    public String name() {
        return settings.portName() != null ? settings.portName() : settings.interfaceName();
    }

    @Override
    public PortCapabilities capabilities() {
        return capabilities;
    }

    // Any length: the interface's MTU may change at any time, and the kernel refuses what is longer.
    private static PortCapabilities capabilities(PacketSocket socket, OffloadMode offload) {
        PortCapabilities plain =
                PortCapabilities.ofMaxFrameLength(Frame.MAX_LENGTH).withConcurrentTransmit();
        if (!socket.virtioHeader()) {
            return plain;
        }
        PortCapabilities able = plain.withHeadroom(VirtioNetHeader.LENGTH);
        return switch (offload) {
            case OFF -> able;
            case CSUM -> able.withOffloads(Offload.CHECKSUM);
            case ON -> {
                Set<Offload> offloads = EnumSet.of(Offload.CHECKSUM, Offload.TSO4, Offload.TSO6, Offload.TSO_ECN);
                if (socket.udpSegmentation()) {
                    offloads.add(Offload.USO);
                }
                yield able.withOffloads(offloads).withCoalescing();
            }
        };
    }

    @Override
    public void open(PortContext newContext) throws PortException {
        context = newContext;
        socket = PacketSocket.open(settings, missing);
        capabilities = capabilities(socket, settings.offload());
        handle = context.addPort(this);
        receiver = new PacketReceiver(socket, context.pool(), handle);
        watch = context.watch(socket.descriptor());
        socket.notes().forEach(context::report);
        context.execute(look);
    }

    // ---- receiving ----

    @Override
    public int poll(FrameBatch into, int limit) {
        if (watch == null) {
            return 0;
        }
        int added = receiver.receive(into, limit);
        if (receiver.failure() != 0 || (obstacle != null && added > 0)) {
            examine(receiver.failure());
        }
        if (added < limit && receiver.hasMore()) {
            context.wakeup(); // fewer than asked for would say that there is no more
        }
        return added;
    }

    // ---- how the interface is ----

    /** Looks at the interface and the kernel's account of it, now and then. */
    private void look() {
        if (watch == null) {
            return;
        }
        countKernelDrops();
        examine(0);
        context.schedule(obstacle == null ? LOOK_INTERVAL_NS : LOOK_INTERVAL_WHILE_DOWN_NS, look);
    }

    private void countKernelDrops() {
        int drops = socket.takeDrops();
        if (drops > 0) {
            PortCounters counters = handle.counters();
            counters.received(drops, 0);
            counters.dropped(DropReason.RX_QUEUE_FULL, drops);
        }
    }

    /** Takes the port down or up, as the interface is; {@code errno} is what receiving ended with, or 0. */
    private void examine(int errno) {
        if (socket.isGone()) {
            lose("interface " + settings.interfaceName() + " is gone");
            return;
        }
        if (errno != 0 && errno != Errno.ENETDOWN && errno != Errno.ENOBUFS && errno != Errno.ENOMEM) {
            lose("interface " + settings.interfaceName() + ": recvmmsg: " + Errno.describe(errno));
            return;
        }
        String now = socket.obstacle();
        if (now == null && obstacle != null) {
            handle.up();
        } else if (now != null && !now.equals(obstacle)) {
            handle.down(now);
        }
        obstacle = now;
    }

    /** For good: the socket will never receive anything again. */
    private void lose(String reason) {
        watch.close();
        watch = null;
        handle.down(reason);
    }

    // ---- sending ----

    @Override
    public void transmit(FrameBatch frames, PortCounters counters) {
        for (PacketSender sender : senders) {
            if (sender.counters() == counters) {
                sender.send(frames);
                return;
            }
        }
        newSender(counters).send(frames);
    }

    /** Once for each worker that ever sends here. */
    private synchronized PacketSender newSender(PortCounters counters) {
        PacketSender sender = new PacketSender(socket, counters);
        PacketSender[] more = Arrays.copyOf(senders, senders.length + 1);
        more[senders.length] = sender;
        senders = more;
        return sender;
    }

    /** The port leaves: what the kernel had no room for until now is still its own. */
    @Override
    public void detached() {
        countKernelDrops();
    }

    @Override
    public void close() {
        if (watch != null) {
            watch.close();
            watch = null;
        }
        if (socket != null) {
            socket.close();
        }
    }

    @Override
    public String toString() {
        return "packet:" + settings.interfaceName();
    }
}
