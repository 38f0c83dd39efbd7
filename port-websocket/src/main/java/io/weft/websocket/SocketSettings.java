package io.weft.websocket;

import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;

/**
 * Settings of every connection's socket.
 *
 * <p>The kernel sizes the socket buffers by itself: to set them would fix them, and at less than it would choose.
 */
final class SocketSettings {
    /** Bytes waiting in Netty at which a connection counts as full, and at which it has room again. */
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(128 * 1_024, 256 * 1_024);

    private static final int MAX_READ_BYTES = 128 * 1_024;

    private SocketSettings() {}

    /** Where options go: a client's or a server's bootstrap. */
    interface Target {
        <T> void option(ChannelOption<T> option, T value);
    }

    static void applyTo(Target target) {
        target.option(ChannelOption.TCP_NODELAY, true);
        target.option(ChannelOption.SO_KEEPALIVE, true);
        target.option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK);
        target.option(ChannelOption.RECVBUF_ALLOCATOR, new AdaptiveRecvByteBufAllocator(2_048, 16_384, MAX_READ_BYTES));
    }
}
