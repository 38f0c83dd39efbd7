package io.weft.frame;

/**
 * A bounded stock of frames that belongs to one thread.
 *
 * <p>The owner allocates and releases on two last-in-first-out stacks (small slots, large slots) without atomics, so that
 * the slot used next is the one still in cache. Another thread's release goes into a lock-free ring that the owner
 * empties when its stack runs dry; the ring has room for every frame of the pool, so a release never fails.
 *
 * <p>Memory is taken in arenas as it is first needed and kept; a pool that has reached its bound returns {@code null},
 * which the caller counts as {@code POOL_EMPTY}.
 *
 * <p>Threads: {@link #allocate} and {@link #copy} by the owner only, {@link #release} by any thread. The owner is the
 * thread that last called {@link #own()}.
 */
public final class FramePool {
    /** Bytes of a small slot, headroom counted: room for a 1,500-byte MTU, two VLAN tags and tunnel headers. */
    public static final int SMALL_SLOT = 2_048;

    /** Bytes of a large slot, headroom counted: room for the longest frame. */
    public static final int LARGE_SLOT = Frame.HEADROOM + 65_536;

    /** The longest frame that a small slot holds, in bytes. */
    public static final int SMALL_LENGTH = SMALL_SLOT - Frame.HEADROOM;

    /** Small frames a pool may have unless told otherwise: 8 MiB. */
    public static final int DEFAULT_SMALL = 4_096;

    /** Large frames a pool may have unless told otherwise: 16 MiB. */
    public static final int DEFAULT_LARGE = 256;

    private static final int SMALL_PER_ARENA = 128;
    private static final int LARGE_PER_ARENA = 8;

    private final Frame[] smallStack;
    private final Frame[] largeStack;
    private final MpscFrameRing returned;
    private int smallFree;
    private int largeFree;
    private int smallMade;
    private int largeMade;
    private boolean noMemory; // the JVM refused an arena
    private volatile Thread owner = Thread.currentThread();

    /** A pool with the default bounds, owned by the calling thread. */
    public FramePool() {
        this(DEFAULT_SMALL, DEFAULT_LARGE);
    }

    /**
     * A pool owned by the calling thread.
     *
     * @param maxSmall most frames of up to {@link #SMALL_LENGTH} bytes, at least 1
     * @param maxLarge most frames of up to {@link Frame#MAX_LENGTH} bytes, 0 for none
     */
    public FramePool(int maxSmall, int maxLarge) {
        if (maxSmall < 1 || maxLarge < 0) {
            throw new IllegalArgumentException(
                    "a pool needs at least 1 small and 0 large frames, not " + maxSmall + " and " + maxLarge);
        }
        smallStack = new Frame[maxSmall];
        largeStack = new Frame[maxLarge];
        returned = new MpscFrameRing(maxSmall + maxLarge);
    }

    /** Makes the calling thread the owner; the previous owner must have stopped using the pool. */
    public void own() {
        owner = Thread.currentThread();
    }

    /**
     * Leaves the pool without an owner, for one that several threads allocate from in turn: a thread that is not the owner
     * at the moment may still release, and must not take itself for the owner it was.
     */
    public void disown() {
        owner = null;
    }

    /**
     * A frame of {@code length} bytes, contents undefined, {@link Frame#HEADROOM} bytes free in front; or {@code null}
     * when the pool is dry. The caller owns it.
     *
     * @param length 0..{@link Frame#MAX_LENGTH}; the slot is chosen to hold it
     */
    public Frame allocate(int length) {
        assert Thread.currentThread() == owner : "pool of " + owner + " used by " + Thread.currentThread();
        if (length > SMALL_LENGTH) {
            return allocateLarge(length);
        }
        if (smallFree == 0 && !refillSmall()) {
            return null;
        }
        Frame frame = smallStack[--smallFree];
        assert frame.free;
        assert markInUse(frame);
        frame.reset(length);
        return frame;
    }

    private Frame allocateLarge(int length) {
        if (length > Frame.MAX_LENGTH || (largeFree == 0 && !refillLarge())) {
            return null;
        }
        Frame frame = largeStack[--largeFree];
        assert frame.free;
        assert markInUse(frame);
        frame.reset(length);
        return frame;
    }

    /** A copy of {@code original} with metadata, or {@code null} when the pool is dry. Borrows the original. */
    public Frame copy(Frame original) {
        Frame copy = allocate(original.length());
        if (copy != null) {
            copy.copyFrom(original);
        }
        return copy;
    }

    /**
     * A copy of a frame's first bytes without its offload metadata, for those who only look at it; or {@code null} when the
     * pool is dry. Borrows the original.
     *
     * @param bytes copied at most
     */
    public Frame copyHead(Frame original, int bytes) {
        Frame copy = allocate(Math.min(bytes, original.length()));
        if (copy != null) {
            copy.copyHeadFrom(original);
        }
        return copy;
    }

    /** Takes a frame of this pool back. Same as {@link Frame#release()}. */
    public void release(Frame frame) {
        if (Thread.currentThread() == owner) {
            push(frame);
        } else {
            boolean accepted = returned.offer(frame);
            assert accepted : "more frames returned than the pool has: one was released twice";
        }
    }

    private void push(Frame frame) {
        assert !frame.free : "released twice: " + frame;
        assert markFree(frame);
        if (frame.large) {
            largeStack[largeFree++] = frame;
        } else {
            smallStack[smallFree++] = frame;
        }
    }

    /**
     * Frames that are out of the pool right now. Exact only while no other thread releases; for tests and statistics.
     * Owner only.
     */
    public int inUse() {
        takeReturned();
        return smallMade - smallFree + largeMade - largeFree;
    }

    /**
     * Takes in what other threads have released, so that those frames are used next, which are still in some cache, and not
     * the coldest of the stack. Without it a pool whose frames all leave for other workers goes round and round through its
     * whole memory. Cheap when there is nothing. Owner only.
     */
    public void collect() {
        if (!returned.isEmpty()) {
            takeReturned();
        }
    }

    private void takeReturned() {
        for (Frame frame = returned.poll(); frame != null; frame = returned.poll()) {
            push(frame);
        }
    }

    private boolean refillSmall() {
        takeReturned();
        if (smallFree == 0 && smallMade < smallStack.length && !noMemory) {
            int count = Math.min(SMALL_PER_ARENA, smallStack.length - smallMade);
            smallFree = fill(smallStack, count, SMALL_SLOT, false);
            smallMade += smallFree;
        }
        return smallFree > 0;
    }

    private boolean refillLarge() {
        takeReturned();
        if (largeFree == 0 && largeMade < largeStack.length && !noMemory) {
            int count = Math.min(LARGE_PER_ARENA, largeStack.length - largeMade);
            largeFree = fill(largeStack, count, LARGE_SLOT, true);
            largeMade += largeFree;
        }
        return largeFree > 0;
    }

    private int fill(Frame[] stack, int count, int slotSize, boolean large) {
        FrameArena arena;
        try {
            arena = new FrameArena(count * slotSize);
        } catch (OutOfMemoryError noDirectMemory) {
            // A dry pool is a counted drop; -XX:MaxDirectMemorySize is what the operator may raise. Not asked for
            // again:
            // before it gives up, the JVM collects garbage and sleeps for half a second, which no worker can do per
            // frame.
            noMemory = true;
            return 0;
        }
        for (int i = 0; i < count; i++) {
            stack[i] = new Frame(this, arena, i * slotSize, slotSize, large);
        }
        return count;
    }

    private static boolean markInUse(Frame frame) {
        frame.free = false;
        return true;
    }

    private static boolean markFree(Frame frame) {
        frame.free = true;
        return true;
    }
}
