package io.weft;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** Threads of a test: what one of them throws fails the test, and one that hangs is shown where it hangs. */
final class TestThreads {
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    Thread start(Callable<?> task) {
        Thread thread = new Thread(() -> {
            try {
                task.call();
            } catch (Throwable e) {
                failure.compareAndSet(null, e);
            }
        });
        thread.setDaemon(true); // one that hangs must not keep the JVM
        thread.start();
        return thread;
    }

    void join(List<Thread> threads) throws InterruptedException {
        for (Thread thread : threads) {
            thread.join(TimeUnit.SECONDS.toMillis(120));
            if (thread.isAlive()) {
                AssertionError hangs = new AssertionError("a thread hangs");
                hangs.setStackTrace(thread.getStackTrace());
                throw hangs;
            }
        }
        assertThat(failure.get()).isNull();
    }
}
