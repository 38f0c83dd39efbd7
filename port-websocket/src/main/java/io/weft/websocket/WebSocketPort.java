package io.weft.websocket;

import io.netty.channel.EventLoop;
import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.frame.MpscFrameRing;
import io.weft.port.DropReason;
import io.weft.port.FrameInbox;
import io.weft.port.Port;
import io.weft.port.PortCapabilities;
import io.weft.port.PortContext;
import io.weft.port.PortCounters;
import io.weft.port.PortException;
import io.weft.port.PortHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.RejectedExecutionException;

/**
 * One WebSocket peer as a port. Workers put frames into its ring; its event loop takes them out for as long as the connection
 * can take more. The ring is the bound: a peer that reads slowly loses frames to {@link DropReason#TX_QUEUE_FULL}, and nobody
 * waits for it. Without a connection they are dropped as {@link DropReason#PORT_DOWN}.
 *
 * <p>Threads: {@link #transmit} by every worker; {@link #connect}, {@link #writable}, {@link #disconnect} by the event loop.
 */
final class WebSocketPort implements Port {
    /** Received frames that may wait for the worker; the connection stops reading long before. */
    static final int INBOX_CAPACITY = 2_048;

    /** Bursts after which other connections of the event loop get their turn. */
    private static final int BURSTS_PER_TURN = 16;

    private static final VarHandle SCHEDULED;

    static {
        try {
            SCHEDULED = MethodHandles.lookup().findVarHandle(WebSocketPort.class, "scheduled", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final String name;
    private final PortCapabilities capabilities;
    private final MpscFrameRing ring;
    private final EventLoop loop;
    private final Runnable send = this::send;

    private PortHandle handle;
    private FrameInbox inbox;
    private PortCounters account; // the event loop's
    private LoopMemory memory; // the event loop's

    private WebSocketConnection connection; // confined to the event loop
    private boolean blocked; // confined to the event loop: send() waits for the connection to have room
    private volatile boolean paused;
    private volatile boolean connected; // for transmit(): a frame for nobody need not cross to the event loop

    /**
     * Whether {@link #send} runs, will run, or waits for the connection to become writable. A producer that finds it set
     * leaves its frames to that run.
     *
     * <p>No wake-up is lost: a producer publishes its frames, then reads the flag; the event loop clears the flag, then looks
     * for frames; between the two steps each has a full fence. In the order of the fences, if the producer's comes first the
     * event loop sees the frames, and if the event loop's comes first the producer sees the cleared flag.
     */
    @SuppressWarnings("unused") // through SCHEDULED
    private boolean scheduled;

    WebSocketPort(String name, int maxFrameLength, int queue, EventLoop loop) {
        this.name = name;
        this.capabilities = PortCapabilities.ofMaxFrameLength(maxFrameLength).withConcurrentTransmit();
        this.ring = new MpscFrameRing(queue);
        this.loop = loop;
    }

    /** Joins the switch. A port that is to be up at once is connected before. */
    void attach(PortContext context, LoopMemory loopMemory) throws PortException {
        handle = context.addPort(this);
        inbox = handle.openInbox(INBOX_CAPACITY, loopMemory.pool());
        account = handle.openCounters();
        memory = loopMemory;
    }

    PortHandle handle() {
        return handle;
    }

    FrameInbox inbox() {
        return inbox;
    }

    EventLoop loop() {
        return loop;
    }

    PortCounters account() {
        return account;
    }

    LoopMemory memory() {
        return memory;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public PortCapabilities capabilities() {
        return capabilities;
    }

    // ---- workers ----

    @Override
    public void transmit(FrameBatch frames, PortCounters counters) {
        int count = frames.size();
        if (!connected) {
            counters.dropped(DropReason.PORT_DOWN, count);
            frames.release();
            return;
        }
        int taken = ring.offer(frames, 0);
        if (taken < count) {
            counters.dropped(DropReason.TX_QUEUE_FULL, count - taken);
            for (int i = taken; i < count; i++) {
                frames.get(i).release();
            }
        }
        frames.clear();
        VarHandle.fullFence(); // partner: the fence in send()
        if (!(boolean) SCHEDULED.getOpaque(this) && SCHEDULED.compareAndSet(this, false, true)) {
            try {
                loop.execute(send);
            } catch (RejectedExecutionException closing) {
                // The event loop has ended, so nobody else takes frames out: with the flag set, that is up to us.
                discard(counters);
                SCHEDULED.setOpaque(this, false);
            }
        }
    }

    @Override
    public void detached() {
        connected = false;
        try {
            loop.execute(this::discardEverything);
        } catch (RejectedExecutionException closing) {
            discardEverything();
        }
    }

    /** The switch has forgotten this port: no worker touches the ring any more. */
    private void discardEverything() {
        if (connection != null) {
            connection.shutdown();
        }
        discard(account);
    }

    /** Lets the connection read again when the worker has taken everything it got. Worker only. */
    void resumeIfDrained() {
        if (paused && inbox.isEmpty()) {
            paused = false;
            loop.execute(() -> {
                if (connection != null) {
                    connection.resume();
                }
            });
        }
    }

    // ---- event loop ----

    /**
     * The connection has stopped reading. Set before the worker is woken: it empties the inbox, then looks at this; if it had
     * looked before, the wake-up makes it look again.
     */
    void paused() {
        paused = true;
    }

    /**
     * A connection is open. Frames for it may come from now on, and are sent from the event loop's next task on: the handler
     * is added in this one.
     */
    void connect(WebSocketConnection opened) {
        connection = opened;
        connected = true;
    }

    /** The connection is gone: what waits is dropped. */
    void disconnect() {
        connected = false;
        connection = null;
        blocked = false;
        SCHEDULED.setOpaque(this, true);
        send();
    }

    /** The connection has room again. */
    void writable() {
        if (blocked) {
            blocked = false;
            send();
        }
    }

    /** Sends what waits, for as long as the connection can take more. */
    private void send() {
        for (int bursts = 0; bursts < BURSTS_PER_TURN; bursts++) {
            if (connection != null && !connection.isWritable()) {
                blocked = true;
                return; // the flag stays set: writable() or disconnect() goes on
            }
            if (!sendBurst()) {
                SCHEDULED.setOpaque(this, false);
                VarHandle.fullFence(); // partner: the fence in transmit()
                if (!sendBurst()) {
                    return;
                }
                SCHEDULED.setOpaque(this, true); // if a producer was quicker, its run will find nothing to do
            }
        }
        loop.execute(send); // the flag stays set; other connections come first
    }

    /** Takes some frames out; {@code false} when there were none. */
    private boolean sendBurst() {
        return connection != null ? connection.write(ring) : discard(account);
    }

    private boolean discard(PortCounters counters) {
        int count = 0;
        for (Frame frame = ring.poll(); frame != null; frame = ring.poll()) {
            frame.release();
            count++;
        }
        counters.dropped(DropReason.PORT_DOWN, count);
        return count > 0;
    }

    @Override
    public String toString() {
        return name;
    }
}
