package io.weft.worker;

/** Monotonic time. Threads: any. */
@FunctionalInterface
public interface NanoClock {
    /** The machine's monotonic clock. */
    NanoClock SYSTEM = System::nanoTime;

    /** Nanoseconds since some fixed moment; never goes back. */
    long nanoTime();
}
