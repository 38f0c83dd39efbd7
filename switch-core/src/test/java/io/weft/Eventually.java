package io.weft;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waiting for what other threads do: looks until it is so, with a generous deadline that only fails. */
final class Eventually {
    private static final long DEADLINE_SECONDS = 60;

    private Eventually() {}

    static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - deadline)
                    .as("waited in vain for: " + what)
                    .isNegative();
            LockSupport.parkNanos(200_000);
        }
    }

    /** Waits until no thread whose name begins so is alive. */
    static void awaitNoThreads(String prefix) {
        await("no thread " + prefix + "...", () -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().startsWith(prefix)));
    }

    static void assertNoThreads(String prefix) {
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().startsWith(prefix));
    }
}
