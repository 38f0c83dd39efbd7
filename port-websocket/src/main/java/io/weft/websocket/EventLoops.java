package io.weft.websocket;

import io.netty.channel.EventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads of all WebSocket ports of the process: one event loop for each core, started when a connection needs it, plus
 * two for what may take long (names, password hashes). They begin with the first driver and end with the last, so that fifty
 * clients cost as many threads as one.
 *
 * <p>Threads: any.
 */
final class EventLoops {
    private static final int SLOW_THREADS = 2;
    private static final int SLOW_QUEUE = 256;
    private static final long END_TIMEOUT_MS = 5_000;

    private static EventLoops current;
    private static int users;

    private final boolean epoll = Epoll.isAvailable();
    private final MultiThreadIoEventLoopGroup group;
    private final ThreadPoolExecutor slowWork;
    private final FastThreadLocal<LoopMemory> memory = new FastThreadLocal<>() {
        @Override
        protected LoopMemory initialValue() {
            return new LoopMemory();
        }

        @Override
        protected void onRemoval(LoopMemory value) {
            value.release();
        }
    };

    private EventLoops() {
        IoHandlerFactory io = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        group = new MultiThreadIoEventLoopGroup(
                Runtime.getRuntime().availableProcessors(), new DefaultThreadFactory("weft-websocket", true), io);
        slowWork = new ThreadPoolExecutor(
                SLOW_THREADS,
                SLOW_THREADS,
                1,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(SLOW_QUEUE),
                new DefaultThreadFactory("weft-websocket-slow", true));
        slowWork.allowCoreThreadTimeOut(true);
    }

    /** The event loops, for a driver that opens; it calls {@link #release()} once when it closes. */
    static synchronized EventLoops acquire() {
        if (users++ == 0) {
            current = new EventLoops();
        }
        return current;
    }

    /** Gives the event loops up; the last driver ends their threads and waits for that. */
    void release() {
        synchronized (EventLoops.class) {
            if (--users > 0) {
                return;
            }
            current = null;
        }
        slowWork.shutdownNow();
        group.shutdownGracefully(0, END_TIMEOUT_MS, TimeUnit.MILLISECONDS);
        boolean interrupted = false;
        try {
            group.awaitTermination(END_TIMEOUT_MS, TimeUnit.MILLISECONDS);
            // A name that is being looked up cannot be interrupted: its thread, a daemon, is given up after a second.
            slowWork.awaitTermination(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** An event loop for a new connection or driver. */
    EventLoop next() {
        return group.next();
    }

    /** All of them, for a server's accepted connections. */
    MultiThreadIoEventLoopGroup group() {
        return group;
    }

    /** The memory of the event loop that calls. */
    LoopMemory memory() {
        return memory.get();
    }

    /**
     * For work that may block or take milliseconds, which no event loop may. Its queue is bounded: it refuses work with a
     * {@link java.util.concurrent.RejectedExecutionException}.
     */
    ExecutorService slowWork() {
        return slowWork;
    }

    Class<? extends SocketChannel> channelType() {
        return epoll ? EpollSocketChannel.class : NioSocketChannel.class;
    }

    Class<? extends ServerSocketChannel> serverChannelType() {
        return epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    }
}
