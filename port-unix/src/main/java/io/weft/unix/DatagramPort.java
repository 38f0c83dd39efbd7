package io.weft.unix;

import io.weft.frame.Ethernet;
import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.port.DescriptorWatch;
import io.weft.port.DropReason;
import io.weft.port.Port;
import io.weft.port.PortCapabilities;
import io.weft.port.PortContext;
import io.weft.port.PortCounters;
import io.weft.port.PortDriver;
import io.weft.port.PortException;
import io.weft.port.PortHandle;
import java.io.IOException;
import java.nio.ByteBuffer;
import jnr.unixsocket.UnixDatagramChannel;
import jnr.unixsocket.UnixSocketAddress;

/**
 * A pair of datagram sockets, ours and the VM's: one datagram is one frame, without anything in front of it.
 *
 * <p>Our socket is connected to the VM's. The kernel then refuses everybody else's datagrams, and says when a full receive
 * queue has room again. Connecting is repeated at intervals, because only that tells whether the VM is still there: a
 * VM that comes back has a new socket under the same path, and until we are connected to it, it gets EPERM.
 *
 * <p>Threads: as {@link PortDriver} says; {@code transmit} by the worker that owns it.
 */
final class DatagramPort implements PortDriver, Port {
    private final QemuPort settings;
    private final SocketPath path;
    private final PortCapabilities capabilities;
    private final ByteBuffer received = ByteBuffer.allocateDirect(ReceiveBuffer.LONGEST_ANNOUNCED);
    private final TransmitQueue queue;

    private PortContext context;
    private PortHandle handle;
    private UnixDatagramChannel channel;
    private int descriptor;
    private DescriptorWatch watch;
    private boolean peerPresent;
    private boolean waitsForRoom; // the peer's receive queue was full: poll continues when there is room
    private String lastFailure = "";

    DatagramPort(QemuPort settings) {
        this.settings = settings;
        this.path = new SocketPath(settings.path());
        this.capabilities = PortCapabilities.ofMaxFrameLength(settings.maxFrameLength());
        this.queue = new TransmitQueue(settings.queueBytes());
    }

    @Override
    public String name() {
        return settings.name();
    }

    @Override
    public PortCapabilities capabilities() {
        return capabilities;
    }

    @Override
    public void open(PortContext portContext) throws PortException {
        context = portContext;
        path.prepare();
        try {
            channel = UnixDatagramChannel.open();
            channel.configureBlocking(false);
            channel.bind(new UnixSocketAddress(settings.path().toFile()));
        } catch (IOException e) {
            throw path.bindFailed(e);
        }
        path.bound(settings.permissions());
        descriptor = channel.getFD();
        handle = context.addPort(this);
        watch = context.watch(descriptor);
        lookForPeer();
        checkPeerAtIntervals();
    }

    // ---- the peer ----

    private void checkPeerAtIntervals() {
        context.schedule(settings.reconnectMin().toNanos(), () -> {
            if (channel != null) {
                lookForPeer();
                checkPeerAtIntervals();
            }
        });
    }

    /** Connects (again) to whoever has the peer's path now; returns whether there is somebody. */
    private boolean lookForPeer() {
        int answer = SocketIo.connect(descriptor, settings.peer());
        if (answer == 0) {
            if (!peerPresent) {
                peerPresent = true;
                lastFailure = "";
                handle.up();
                context.report(name() + ": " + settings.peer() + " is there");
            }
            return true;
        }
        peerGone(answer);
        return false;
    }

    private void peerGone(int error) {
        String failure = settings.peer() + " is not there: " + SocketIo.describe(error);
        queue.dropAll(DropReason.PORT_DOWN, handle.counters());
        waitForRoom(false);
        if (peerPresent || lastFailure.isEmpty()) {
            handle.down(failure);
        }
        peerPresent = false;
        if (!failure.equals(lastFailure)) {
            lastFailure = failure;
            context.report(name() + ": " + failure);
        }
    }

    // ---- receive ----

    @Override
    public int poll(FrameBatch into, int limit) {
        if (waitsForRoom) {
            sendWaiting();
        }
        int added = 0;
        for (int datagrams = 0; added < limit; datagrams++) {
            if (datagrams == 2 * limit) {
                context.wakeup(); // mostly runts: let the others have their turn
                break;
            }
            int length = SocketIo.read(descriptor, received.clear());
            if (length < 0) {
                if (length == SocketIo.RESET) {
                    continue; // the peer's socket was closed or connected elsewhere, reported once; more may be queued
                }
                break;
            }
            added += take(into, length);
        }
        if (added > 0 && !peerPresent) {
            lookForPeer(); // it has just shown that it is there
        }
        return added;
    }

    private int take(FrameBatch into, int length) {
        DropReason fault = length < Ethernet.HEADER_LENGTH
                ? DropReason.RUNT
                : length > capabilities.maxFrameLength() ? DropReason.RX_TOO_LONG : null;
        Frame frame = fault == null ? context.pool().allocate(length) : null;
        if (frame == null) {
            handle.counters().received(length);
            handle.counters().dropped(fault == null ? DropReason.POOL_EMPTY : fault);
            return 0;
        }
        frame.putBytes(0, received, 0, length);
        frame.ingress(handle.index());
        into.add(frame);
        return 1;
    }

    // ---- transmit ----

    @Override
    public void transmit(FrameBatch frames, PortCounters counters) {
        for (int i = 0; i < frames.size(); i++) {
            Frame frame = frames.get(i);
            if (!peerPresent) {
                counters.dropped(DropReason.PORT_DOWN);
            } else if (!waitsForRoom) {
                send(frame, counters);
            } else if (!queue.append(frame)) {
                counters.dropped(DropReason.TX_QUEUE_FULL);
            }
        }
        frames.release();
    }

    private void send(Frame frame, PortCounters counters) {
        int result = SocketIo.write(descriptor, frame.bytes());
        if (isGone(result) && lookForPeer()) {
            result = SocketIo.write(descriptor, frame.bytes()); // a VM restarted at once
        }
        if (result >= 0) {
            counters.transmitted(frame.length());
        } else if (result == SocketIo.AGAIN) {
            queue.append(frame); // always room: the queue is empty whenever we are not waiting
            waitForRoom(true);
        } else if (isGone(result)) {
            counters.dropped(DropReason.PORT_DOWN);
            if (peerPresent) {
                peerGone(result);
            }
        } else {
            counters.dropped(DropReason.TX_ERROR); // as EMSGSIZE: longer than net.core.wmem_default allows
        }
    }

    private void sendWaiting() {
        PortCounters counters = handle.counters();
        int result = queue.writeDatagrams(descriptor, counters);
        while (result < 0 && result != SocketIo.AGAIN && !isGone(result)) {
            queue.dropFirst(DropReason.TX_ERROR, counters);
            result = queue.writeDatagrams(descriptor, counters);
        }
        if (isGone(result) && lookForPeer()) {
            result = queue.writeDatagrams(descriptor, counters);
        }
        if (isGone(result)) {
            peerGone(result);
        } else {
            waitForRoom(!queue.isEmpty());
        }
    }

    private static boolean isGone(int result) {
        return result == SocketIo.REFUSED || result == SocketIo.RESET || result == SocketIo.NOT_CONNECTED;
    }

    private void waitForRoom(boolean waits) {
        if (waits != waitsForRoom) {
            waitsForRoom = waits;
            watch.writable(waits);
        }
    }

    @Override
    public void detached() {
        queue.dropAll(DropReason.PORT_DOWN, handle.counters());
    }

    @Override
    public void close() {
        if (watch != null) {
            watch.close();
        }
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                context.report("closing " + path + ": " + e.getMessage());
            }
            channel = null;
            path.remove();
        }
    }

    @Override
    public String toString() {
        return settings.toString();
    }
}
