package io.weft.websocket;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import java.util.concurrent.TimeUnit;

/**
 * Ends a connection so that the peer gets to read our last words. To close a socket with bytes unread makes the kernel reset
 * the connection, and the reset takes what is still on its way with it. So we say that no more will come, and read on (and
 * ignore) until the peer has closed too or its time is up.
 *
 * <p>Threads: the connection's event loop.
 */
final class Farewell {
    /** Time that the peer has to close its side, in real time. */
    private static final long TIMEOUT_MS = 1_000;

    private Farewell() {}

    /** Call after the last write; {@code context} is a handler's that ignores what still comes in. */
    static void end(ChannelHandlerContext context) {
        // With TLS the peer learns of the end from the Close frame or the response itself: there is no half-close.
        if (context.pipeline().get(SslHandler.class) == null && context.channel() instanceof DuplexChannel channel) {
            context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(written -> channel.shutdownOutput());
        }
        context.channel().config().setAutoRead(true); // to see the peer's end
        context.executor().schedule(() -> context.close(), TIMEOUT_MS, TimeUnit.MILLISECONDS);
    }
}
