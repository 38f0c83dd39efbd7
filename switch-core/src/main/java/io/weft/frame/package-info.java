/**
 * Frames and how they move between threads.
 *
 * <p>A {@link io.weft.frame.Frame} is a slot of pooled direct memory with headroom in front, so that every encapsulation
 * is a prepend. It has one owner at any time. A {@link io.weft.frame.FramePool} belongs to one thread, which allocates
 * from it without atomics; any thread may give a frame back. A {@link io.weft.frame.FrameBatch} carries frames within a
 * thread, a {@link io.weft.frame.FrameRing} between two.
 */
package io.weft.frame;
