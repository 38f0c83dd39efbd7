package io.weft.frame;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A piece of direct memory that a {@link FramePool} cuts into slots.
 *
 * <p>The core is pure Java and has no native addresses; whoever does native I/O resolves the base address once per arena
 * and keeps it here, so that a frame's address is one addition.
 *
 * <p>Threads: any; the address is the same whoever resolves it.
 */
public final class FrameArena {
    private final ByteBuffer memory;
    private final ByteBuffer nativeMemory;
    private volatile long address;

    FrameArena(int bytes) {
        this.memory = ByteBuffer.allocateDirect(bytes);
        this.nativeMemory = memory.duplicate().order(ByteOrder.nativeOrder());
    }

    /** The whole arena; big-endian; for resolving its address. Do not move its position. */
    public ByteBuffer memory() {
        return memory;
    }

    /**
     * The same bytes in the machine's own order, for work over many bytes in which their order is put right once at the end.
     * Absolute access only.
     */
    public ByteBuffer nativeMemory() {
        return nativeMemory;
    }

    /** The native address of the first byte, or 0 while nobody has resolved it. */
    public long address() {
        return address;
    }

    /** Keeps a resolved address. */
    public void address(long resolved) {
        address = resolved;
    }
}
