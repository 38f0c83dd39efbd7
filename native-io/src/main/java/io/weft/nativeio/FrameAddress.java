package io.weft.nativeio;

import io.weft.frame.Frame;
import io.weft.frame.FrameArena;

/**
 * Where a frame's first byte lies in memory, for reads and writes without a copy.
 *
 * <p>Threads: any; the frame is the caller's.
 */
public final class FrameAddress {
    private FrameAddress() {}

    /** The address of {@code frame}'s first byte; valid until the frame grows or shrinks at its front. */
    public static long of(Frame frame) {
        FrameArena arena = frame.arena();
        long base = arena.address();
        if (base == 0) {
            base = resolve(arena);
        }
        return base + frame.arenaOffset();
    }

    /** Once per arena. Two threads may do it at the same time, with the same result. */
    private static long resolve(FrameArena arena) {
        long base = NativeMemory.addressOf(arena.memory());
        arena.address(base);
        return base;
    }
}
