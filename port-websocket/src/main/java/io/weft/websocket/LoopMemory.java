package io.weft.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.weft.frame.FramePool;

/**
 * The memory of one event loop: the pool of the frames it receives, and the buffer in which it writes.
 *
 * <p>Threads: confined to the event loop.
 */
final class LoopMemory {
    /** Bytes written at a time: enough to make a system call cheap, little enough to stay in the cache. */
    static final int BURST_BYTES = 128 * 1_024;

    /** Frames of one event loop; memory is taken as it is needed. */
    private static final int SMALL_FRAMES = 8_192;

    private static final int LARGE_FRAMES = 1_024;

    private final FramePool pool = new FramePool(SMALL_FRAMES, LARGE_FRAMES);
    private final ByteBufAllocator allocator = PooledByteBufAllocator.DEFAULT;
    private ByteBuf burst;

    /** For received frames. */
    FramePool pool() {
        return pool;
    }

    /**
     * A buffer of {@link #BURST_BYTES} bytes to write a burst into: the same one, still warm in the cache, as soon as the
     * transport has sent the one before, which it mostly has. The caller writes a retained slice of it.
     */
    ByteBuf burst() {
        if (burst == null || burst.refCnt() > 1) {
            release();
            burst = allocator.directBuffer(BURST_BYTES, BURST_BYTES);
        }
        return burst;
    }

    /** At the end of the event loop. */
    void release() {
        if (burst != null) {
            burst.release();
            burst = null;
        }
    }
}
