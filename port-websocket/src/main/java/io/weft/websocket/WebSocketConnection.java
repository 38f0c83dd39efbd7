package io.weft.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import io.weft.frame.Frame;
import io.weft.frame.MpscFrameRing;
import io.weft.port.DropReason;
import io.weft.worker.NanoClock;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One WebSocket connection after the upgrade: bytes to frames, frames to bytes, pings, and the closing handshake.
 *
 * <p>What a peer can make us do is bounded: pings (and jor1k's {@code ping:} texts) that arrive together get one answer, to
 * the latest (RFC 6455 5.5.3); while the worker is behind, nothing is read, so that TCP holds the peer back; text is counted
 * and ignored; whoever breaks the protocol gets a Close frame with the reason and nothing more is read.
 *
 * <p>Threads: the event loop, but for {@link #check}, {@link #shutdown}, which are for any.
 */
final class WebSocketConnection extends ChannelInboundHandlerAdapter implements MessageSink {
    /** Received frames that wait for the worker when reading stops. */
    private static final int PAUSE_FRAMES = 192;

    /** Time that peers have to answer when the port is closed, in real time: a worker waits for it. */
    private static final long GOOD_BYE_NS = 250_000_000L;

    private final boolean server;
    private final ConnectionLimits limits;
    private final WebSocketPort port;
    private final NanoClock clock;
    private final Consumer<String> closed;
    private final MessageDecoder decoder;
    private final MessageEncoder encoder;

    private final Channel channel;
    private ChannelHandlerContext context;
    private boolean closing;
    private String closeReason = "connection lost";
    private boolean offered;
    private boolean paused;

    // Answers that wait for the end of the read: only the latest of each is sent.
    private final ByteBuffer pong = ByteBuffer.allocate(WebSocketHeader.MAX_CONTROL_PAYLOAD);
    private final ByteBuffer textPong = ByteBuffer.allocate(WebSocketHeader.MAX_CONTROL_PAYLOAD);
    private boolean pongDue;
    private boolean textPongDue;

    private long lastReceivedNs;
    private long lastPingNs;

    /**
     * @param server whether we are the server of this connection
     * @param channel the connection; this becomes its last handler
     * @param port where frames come from and go to
     * @param closed told once when the connection is gone, with the reason for people
     */
    WebSocketConnection(
            boolean server,
            ConnectionLimits limits,
            Channel channel,
            WebSocketPort port,
            NanoClock clock,
            Consumer<String> closed) {
        this.server = server;
        this.channel = channel;
        this.limits = limits;
        this.port = port;
        this.clock = clock;
        this.closed = closed;
        this.decoder = new MessageDecoder(server, limits.maxFrameLength(), this);
        this.encoder = server ? MessageEncoder.forServer() : MessageEncoder.forClient();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
        lastReceivedNs = clock.nanoTime();
        lastPingNs = lastReceivedNs;
    }

    // ---- switch to peer ----

    boolean isWritable() {
        return channel.isWritable();
    }

    /** Writes and flushes one burst of waiting frames; {@code false} when none waited. */
    boolean write(MpscFrameRing ring) {
        Frame frame = ring.poll();
        if (frame == null) {
            return false;
        }
        int frames = 0;
        long bytes = 0;
        ByteBuf buffer = port.memory().burst();
        ByteBuffer out = buffer.internalNioBuffer(0, LoopMemory.BURST_BYTES);
        int begin = out.position();
        do {
            encoder.binary(frame, out);
            frames++;
            bytes += frame.length();
            frame.release();
            // The next one may be as long as a frame can be: to know how long, it would have to be taken out.
            boolean full = out.remaining() < encoder.encodedLength(limits.maxFrameLength());
            frame = full ? null : ring.poll();
        } while (frame != null);
        port.account().transmitted(frames, bytes);
        context.writeAndFlush(buffer.retainedSlice(0, out.position() - begin), context.voidPromise());
        return true;
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (ctx.channel().isWritable()) {
            answer();
            port.writable();
        }
    }

    private void writeMessage(int opcode, ByteBuffer payload) {
        int length = encoder.encodedLength(payload.remaining());
        ByteBuf buffer = context.alloc().directBuffer(length, length);
        encoder.message(opcode, payload, buffer.internalNioBuffer(0, length));
        buffer.writerIndex(length);
        context.writeAndFlush(buffer, context.voidPromise());
    }

    // ---- peer to switch ----

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            if (message instanceof ByteBuf bytes) {
                int violation = decoder.decode(
                        bytes.nioBufferCount() == 1
                                ? bytes.internalNioBuffer(bytes.readerIndex(), bytes.readableBytes())
                                : bytes.nioBuffer());
                if (violation != 0) {
                    fail(violation, decoder.violationReason());
                }
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
        deliver();
    }

    /** Wakes the worker for what it got, and stops reading when it is behind. */
    private void deliver() {
        if (!offered) {
            return;
        }
        offered = false;
        if (port.inbox().size() >= PAUSE_FRAMES && !paused) {
            paused = true;
            channel.config().setAutoRead(false);
            port.paused();
        }
        port.inbox().flush();
    }

    /** The worker has caught up. */
    void resume() {
        if (paused) {
            paused = false;
            lastReceivedNs = clock.nanoTime(); // the silence was ours
            channel.config().setAutoRead(true);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        lastReceivedNs = clock.nanoTime();
        answer();
    }

    @Override
    public Frame allocate(int length) {
        if (closing) {
            port.inbox().drop(length, DropReason.RX_PORT_DOWN);
            return null;
        }
        return port.inbox().allocate(length);
    }

    @Override
    public void frame(Frame frame) {
        port.inbox().offer(frame);
        offered = true;
    }

    @Override
    public void dropped(int length, DropReason reason) {
        port.inbox().drop(length, reason);
    }

    @Override
    public void authFrame(int length) {
        port.inbox().drop(length, DropReason.MALFORMED);
        if (limits.refuseAuthFrame()) {
            fail(CloseCode.POLICY, "authentication by frame is not accepted here");
        }
    }

    @Override
    public void text(ByteBuffer payload, int length) {
        // jor1k asks "ping:x" and wants "pong:x". Only who asks is ever sent text: v86 breaks on it.
        if (length == payload.remaining() && startsWithPing(payload)) {
            textPong.clear().put(payload).put(1, (byte) 'o').flip();
            textPongDue = true;
        } else {
            port.inbox().drop(length, DropReason.MALFORMED);
        }
    }

    private static boolean startsWithPing(ByteBuffer payload) {
        return payload.remaining() >= 5 && payload.getInt(0) == 0x7069_6e67 && payload.get(4) == ':';
    }

    @Override
    public void ping(ByteBuffer payload) {
        pong.clear().put(payload).flip();
        pongDue = true;
    }

    @Override
    public void pong() {
        // That something arrived is all that matters.
    }

    /** Sends the answers that wait, unless the peer does not take what it got. */
    private void answer() {
        if (closing || !isWritable()) {
            return;
        }
        if (pongDue) {
            pongDue = false; // first: the write may come back here
            writeMessage(WebSocketHeader.OPCODE_PONG, pong);
        }
        if (textPongDue) {
            textPongDue = false;
            writeMessage(WebSocketHeader.OPCODE_TEXT, textPong);
        }
    }

    // ---- silence ----

    /** Pings a peer that is silent and closes a connection that is dead. Any thread, now and then. */
    void check() {
        port.loop().execute(() -> {
            if (closing || paused) {
                return;
            }
            long nowNs = clock.nanoTime();
            long silentNs = nowNs - lastReceivedNs;
            long idleNs = limits.idle().toNanos();
            long pingNs = limits.ping().toNanos();
            if (idleNs > 0 && silentNs >= idleNs) {
                closeReason = "nothing received for " + limits.idle().toSeconds() + " s";
                context.close();
            } else if (pingNs > 0 && silentNs >= pingNs && nowNs - lastPingNs >= pingNs && isWritable()) {
                lastPingNs = nowNs;
                writeMessage(WebSocketHeader.OPCODE_PING, ByteBuffer.allocate(0));
            }
        });
    }

    // ---- the end ----

    /** The peer's Close: the answer has its code (RFC 6455 5.5.1), and the server ends the connection (7.1.1). */
    @Override
    public void close(int code, String reason) {
        if (closing) {
            context.close(); // it answers ours
            return;
        }
        closing = true;
        closeReason = "closed by the peer: " + (code == CloseCode.NONE ? "no code" : code)
                + (reason.isEmpty() ? "" : " ") + reason.replaceAll("\\p{Cntrl}", "?"); // it ends up in logs
        writeClose(code, "");
        if (server) {
            port.disconnect();
            context.close(); // after what was written before
        } else {
            endOutput();
        }
    }

    /** Closes with a code and a reason of ours, in ASCII. */
    private void fail(int code, String reason) {
        if (!closing) {
            closing = true;
            closeReason = "closed: " + code + " " + reason;
            writeClose(code, reason);
            endOutput();
        }
    }

    private void writeClose(int code, String reason) {
        ByteBuffer payload = ByteBuffer.allocate(WebSocketHeader.MAX_CONTROL_PAYLOAD);
        if (code != CloseCode.NONE) {
            payload.putShort((short) code).put(reason.getBytes(StandardCharsets.US_ASCII));
        }
        writeMessage(WebSocketHeader.OPCODE_CLOSE, payload.flip());
    }

    private void endOutput() {
        port.disconnect();
        Farewell.end(context);
    }

    /** Says good-bye because the port goes away. Any thread. */
    void shutdown() {
        port.loop().execute(() -> fail(CloseCode.GOING_AWAY, "the port is closed"));
    }

    /** Says good-bye on all of them, gives the peers a moment to answer, then cuts. Blocks: not for an event loop. */
    static void endAll(List<WebSocketConnection> connections) {
        connections.forEach(WebSocketConnection::shutdown);
        long endNs = System.nanoTime() + GOOD_BYE_NS;
        for (WebSocketConnection connection : connections) {
            ChannelFuture end = connection.channel.closeFuture();
            if (!end.awaitUninterruptibly(Math.max(0, endNs - System.nanoTime()), TimeUnit.NANOSECONDS)) {
                connection.channel.close();
            }
        }
        for (WebSocketConnection connection : connections) {
            connection.channel.closeFuture().awaitUninterruptibly(GOOD_BYE_NS, TimeUnit.NANOSECONDS);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        closing = true;
        decoder.release();
        deliver();
        port.disconnect();
        closed.accept(closeReason);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!closing) {
            closeReason = Causes.describe(cause);
        }
        ctx.close();
    }

    @Override
    public String toString() {
        return port.name() + " to " + channel.remoteAddress();
    }
}
