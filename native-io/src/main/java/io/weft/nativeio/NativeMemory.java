package io.weft.nativeio;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jnr.ffi.Pointer;

/**
 * A block of memory for the structs that system calls want: a buffer to fill and read, and its address to pass. Cleared
 * when made; lives for as long as this object is reachable.
 *
 * <p>Threads: confined, as its user sees to.
 */
public final class NativeMemory {
    private final ByteBuffer bytes;
    private final long address;

    /** A block of {@code size} bytes. */
    public NativeMemory(int size) {
        bytes = ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
        address = addressOf(bytes);
    }

    /** The contents, in the machine's byte order, as C has its integers. The same buffer object every time. */
    public ByteBuffer bytes() {
        return bytes;
    }

    /** Where it lies. */
    public long address() {
        return address;
    }

    /** The address of a direct buffer's first byte, whatever its position. Some 100 ns: not for each frame. */
    static long addressOf(ByteBuffer direct) {
        return Pointer.wrap(Linux.runtime(), direct.duplicate().clear()).address();
    }
}
