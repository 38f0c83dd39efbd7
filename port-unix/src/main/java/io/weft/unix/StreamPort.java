package io.weft.unix;

import io.weft.frame.FrameBatch;
import io.weft.port.DescriptorWatch;
import io.weft.port.DropReason;
import io.weft.port.Port;
import io.weft.port.PortCapabilities;
import io.weft.port.PortContext;
import io.weft.port.PortCounters;
import io.weft.port.PortException;
import io.weft.port.PortHandle;
import java.io.IOException;
import jnr.unixsocket.UnixSocketChannel;

/**
 * One end of a stream connection: a port of the switch for as long as the connection lives (listener), or with one
 * connection after another (client).
 *
 * <p>Threads: confined to the worker that owns it; {@link #attach} also by the thread that opens the driver.
 */
final class StreamPort implements Port {
    /** Records cut at most per call of {@link #receive}, so that a flood of runts cannot hold the worker. */
    private static final int RECORDS_PER_TURN = 512;

    private final String name;
    private final PortCapabilities capabilities;
    private final PortContext context;
    private final Buffers buffers;
    private final ReceiveBuffer received;
    private final TransmitQueue queue;

    private PortHandle handle;
    private UnixSocketChannel channel;
    private int descriptor;
    private DescriptorWatch watch;
    private boolean waitsForRoom; // the socket was full: poll continues when it is writable
    private boolean peerReads; // false once a write has failed; what the peer sent before is still read
    private boolean mayRead; // the socket was reported readable and not yet emptied
    private String ended; // why, or null

    /** The memory for both directions, which outlives the connection: direct memory is slow to come and go. */
    record Buffers(ReceiveBuffer received, TransmitQueue queue) {
        static Buffers of(QemuPort settings) {
            return new Buffers(new ReceiveBuffer(settings.maxFrameLength()), new TransmitQueue(settings.queueBytes()));
        }
    }

    StreamPort(String name, QemuPort settings, PortContext context, Buffers buffers) {
        this.name = name;
        this.capabilities = PortCapabilities.ofMaxFrameLength(settings.maxFrameLength());
        this.context = context;
        this.buffers = buffers;
        this.received = buffers.received();
        this.queue = buffers.queue();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public PortCapabilities capabilities() {
        return capabilities;
    }

    /** Gives the port its place in the switch. */
    void attached(PortHandle portHandle) {
        handle = portHandle;
    }

    PortHandle handle() {
        return handle;
    }

    boolean isConnected() {
        return channel != null;
    }

    /** Takes a connected, non-blocking channel, which it closes in {@link #disconnect}, also when this fails. */
    void attach(UnixSocketChannel connected) throws PortException {
        channel = connected;
        descriptor = connected.getFD();
        waitsForRoom = false;
        peerReads = true;
        mayRead = false;
        ended = null;
        watch = context.watch(descriptor);
    }

    /** Why the connection is over, or {@code null} while it is not. */
    String ended() {
        return ended;
    }

    /** Lets go of the connection; accounts for what was under way in both directions. */
    void disconnect() {
        if (channel == null) {
            return;
        }
        received.clear(handle.counters());
        queue.dropAll(DropReason.PORT_DOWN, handle.counters());
        if (watch != null) {
            watch.close();
            watch = null;
        }
        closeQuietly(channel);
        channel = null;
    }

    @Override
    public void detached() {
        disconnect();
    }

    /** The memory, for another port; not before {@link #disconnect}. */
    Buffers buffers() {
        return buffers;
    }

    static void closeQuietly(UnixSocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            // The descriptor is gone in either case, and there is nobody to whom it would make a difference.
        }
    }

    // ---- receive ----

    /** Asks whether the socket was reported ready; if so, continues to write what waits. Once for each poll. */
    void look() {
        if (watch.takeReady()) {
            mayRead = true;
            if (waitsForRoom) {
                write(handle.counters());
            }
        }
    }

    /** Whether {@link #receive} has something to do. */
    boolean hasMore() {
        return ended == null && (mayRead || received.hasNext());
    }

    /** Adds up to {@code limit} frames to {@code into}; returns how many. */
    int receive(FrameBatch into, int limit) {
        int added = 0;
        int records = 0;
        while (hasMore()) {
            while (received.hasNext()) {
                if (added == limit || records == RECORDS_PER_TURN) {
                    return added;
                }
                records++;
                if (received.take(into, context.pool(), handle.index(), handle.counters())) {
                    added++;
                } else if (received.isMalformed()) {
                    end("the peer announced a frame of " + received.announcedLength()
                            + " bytes, so it does not speak QEMU's stream protocol");
                    return added;
                }
            }
            if (mayRead) {
                fill();
            }
        }
        return added;
    }

    private void fill() {
        int count = received.fill(descriptor);
        // A read that left room has emptied the socket: the next one would only say so.
        mayRead = count > 0 && received.isFull();
        if (count == 0) {
            end("closed by the peer");
        } else if (count < 0 && count != SocketIo.AGAIN) {
            end(SocketIo.describe(count));
        }
    }

    /** The connection is closed at the next poll: the frames already handed over are then through. */
    private void end(String reason) {
        ended = reason;
        context.wakeup();
    }

    // ---- transmit ----

    @Override
    public void transmit(FrameBatch frames, PortCounters counters) {
        if (channel == null || !peerReads) {
            counters.dropped(DropReason.PORT_DOWN, frames.size());
            frames.release();
            return;
        }
        int full = 0;
        for (int i = 0; i < frames.size(); i++) {
            if (queue.append(frames.get(i))) {
                continue;
            }
            writeUnlessFull(counters);
            if (!queue.append(frames.get(i))) {
                full++;
            }
        }
        frames.release();
        if (full > 0) {
            counters.dropped(peerReads ? DropReason.TX_QUEUE_FULL : DropReason.PORT_DOWN, full);
        }
        writeUnlessFull(counters);
    }

    private void writeUnlessFull(PortCounters counters) {
        if (!waitsForRoom) {
            write(counters);
        }
    }

    private void write(PortCounters counters) {
        int result = queue.writeStream(descriptor, counters);
        boolean full = result == SocketIo.AGAIN;
        if (result < 0 && !full) {
            peerReads = false;
            queue.dropAll(DropReason.PORT_DOWN, counters);
            mayRead = true; // reading says how the connection ended
            context.wakeup();
        }
        if (full != waitsForRoom) {
            waitsForRoom = full;
            watch.writable(full);
        }
    }
}
