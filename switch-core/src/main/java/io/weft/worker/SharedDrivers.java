package io.weft.worker;

import io.weft.port.PortDriver;
import io.weft.port.PortException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/**
 * The drivers of a datapath that other drivers share, by key, and who shares them.
 *
 * <p>The life of one: it is being opened by the first driver that asks, then shared, then ending. One that is ending (its last
 * sharer has left, it has failed, or could not be opened) takes no more sharers, but keeps its key until it is closed: who asks
 * for that key meanwhile waits, and makes a new one.
 *
 * <p>Threads: any. The datapath's lock guards all of it and is never held while a driver or a worker is waited for.
 */
final class SharedDrivers {
    private final Datapath datapath;
    private final Object lock;
    private final Map<Object, Shared> byKey = new HashMap<>();

    SharedDrivers(Datapath datapath, Object lock) {
        this.datapath = datapath;
        this.lock = lock;
    }

    /** One of them; its fields are guarded by the lock. */
    private static final class Shared {
        final Object key;
        final Thread opener = Thread.currentThread();
        final Set<DriverBinding> sharers = new LinkedHashSet<>();
        final CompletableFuture<PortDriver> opened = new CompletableFuture<>();
        final CompletableFuture<Void> gone = new CompletableFuture<>();
        DriverBinding binding; // null until it was made
        boolean opening = true;
        boolean ending;
        boolean failed;

        Shared(Object key) {
            this.key = key;
        }

        @Override
        public String toString() {
            return "the driver shared under " + key;
        }
    }

    /** See {@link io.weft.port.PortContext#share}. */
    @SuppressWarnings("unchecked") // who asks under one key means one class
    <D extends PortDriver> D share(Object key, Supplier<D> maker, DriverBinding sharer) throws PortException {
        Objects.requireNonNull(key, "key");
        while (true) {
            Shared shared;
            boolean first = false;
            boolean ending;
            synchronized (lock) {
                requireBeingOpened(sharer);
                shared = byKey.get(key);
                if (shared == null) {
                    shared = new Shared(key);
                    byKey.put(key, shared);
                    first = true;
                } else if (shared.opening && shared.opener == Thread.currentThread()) {
                    throw new IllegalStateException(
                            shared + " is being opened by this thread and cannot be shared yet");
                }
                ending = shared.ending;
                if (!ending) {
                    shared.sharers.add(sharer);
                }
            }
            if (first) {
                open(shared, maker);
            }
            if (!ending) {
                return (D) opened(shared, sharer);
            }
            await(shared, shared.gone, "closed");
        }
    }

    private static void requireBeingOpened(DriverBinding sharer) throws PortException {
        if (sharer.isOpened()) {
            throw new IllegalStateException(
                    "driver " + sharer.driver() + " has been opened: it is too late to share a driver");
        }
        if (sharer.isLeaving()) {
            throw new PortException("driver " + sharer.driver() + " is being closed: it is too late to share a driver");
        }
    }

    private void open(Shared shared, Supplier<? extends PortDriver> maker) throws PortException {
        try {
            PortDriver driver = Objects.requireNonNull(maker.get(), "the shared driver that maker made");
            DriverBinding binding;
            synchronized (lock) {
                binding = datapath.bindShared(driver);
                shared.binding = binding;
            }
            binding.open();
            synchronized (lock) {
                if (shared.ending) {
                    throw new PortException("driver " + driver + " failed, or was given up, while it was opened");
                }
                shared.opening = false;
            }
            binding.attach();
            shared.opened.complete(driver);
        } catch (PortException | RuntimeException | Error e) {
            giveUp(shared, e);
            throw e;
        }
    }

    /** Closes and forgets one that could not be opened. */
    private void giveUp(Shared shared, Throwable failure) {
        boolean made;
        synchronized (lock) {
            shared.ending = true;
            shared.opening = false;
            made = shared.binding != null;
            if (!made) {
                byKey.remove(shared.key);
            }
        }
        shared.opened.completeExceptionally(failure);
        if (made) {
            datapath.depart(shared.binding);
            datapath.workers().await(shared.gone);
        } else {
            shared.gone.complete(null);
        }
    }

    /** The driver when whoever opens it has done so, and its sharer has not left meanwhile. */
    private PortDriver opened(Shared shared, DriverBinding sharer) throws PortException {
        await(shared, shared.opened.handle((driver, failure) -> driver), "opened");
        PortDriver driver;
        try {
            driver = shared.opened.join();
        } catch (CompletionException e) {
            datapath.workers().await(shared.gone);
            Throwable failure = e.getCause();
            throw new PortException(
                    failure instanceof PortException ? failure.getMessage() : shared + " failed to open: " + failure,
                    failure);
        }
        synchronized (lock) {
            requireBeingOpened(sharer);
        }
        return driver;
    }

    private void await(Shared shared, CompletableFuture<?> done, String what) throws PortException {
        datapath.workers().await(done);
        if (!done.isDone()) {
            throw new PortException(
                    shared + " is just being " + what + ", which a worker cannot wait for; add the port once more");
        }
    }

    /**
     * A driver has been closed and shares nothing any more. What nobody else shares is closed, too.
     *
     * @return completed when that is done
     */
    CompletableFuture<Void> left(DriverBinding sharer) {
        List<CompletableFuture<Void>> ends = new ArrayList<>();
        List<DriverBinding> unused = new ArrayList<>();
        synchronized (lock) {
            for (Shared shared : byKey.values()) {
                if (shared.sharers.remove(sharer) && shared.sharers.isEmpty()) {
                    shared.ending = true;
                    ends.add(shared.gone);
                    if (!shared.opening) { // else who opens it finds that it is ending
                        unused.add(shared.binding);
                    }
                }
            }
        }
        unused.forEach(datapath::depart);
        return CompletableFuture.allOf(ends.toArray(CompletableFuture<?>[]::new));
    }

    /**
     * A shared driver has failed: it takes no more sharers. Returns those there are, which go and take it with them; but for
     * those that are still being opened ({@link #requireWorking}).
     */
    List<DriverBinding> failed(DriverBinding binding) {
        synchronized (lock) {
            for (Shared shared : byKey.values()) {
                if (shared.binding == binding && !shared.ending) {
                    shared.ending = true;
                    shared.failed = true;
                    return shared.sharers.stream()
                            .filter(DriverBinding::isOpened)
                            .toList();
                }
            }
        }
        return List.of(); // it is on its way out
    }

    /**
     * Called when a driver has been opened.
     *
     * @throws PortException when one that it shares has failed meanwhile
     */
    void requireWorking(DriverBinding sharer) throws PortException {
        synchronized (lock) {
            for (Shared shared : byKey.values()) {
                if (shared.failed && shared.sharers.contains(sharer)) {
                    throw new PortException("driver " + shared.binding.driver() + ", which " + sharer.driver()
                            + " shares, failed meanwhile");
                }
            }
        }
    }

    /** A driver has been closed: if it was a shared one, its key is free. */
    void closed(DriverBinding binding) {
        Shared closed = null;
        synchronized (lock) {
            for (Shared shared : byKey.values()) {
                if (shared.binding == binding) {
                    closed = shared;
                }
            }
            if (closed != null) {
                byKey.remove(closed.key);
            }
        }
        if (closed != null) {
            closed.gone.complete(null);
        }
    }
}
