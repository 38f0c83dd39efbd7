package io.weft.underlay;

import java.io.IOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;

/**
 * A thread that waits for a channel to have datagrams and then runs a task, once each time it was {@link #arm armed}.
 *
 * <p>Threads: any; the task runs on the thread of its own.
 */
final class ChannelWatch {
    private static final long END_TIMEOUT_MS = 1000;

    private final Selector selector;
    private final SelectionKey key;
    private final Thread thread;
    private volatile Runnable task;
    private volatile boolean armed = true;

    ChannelWatch(DatagramChannel channel, String name, Runnable task) throws IOException {
        this.task = task;
        selector = Selector.open();
        key = channel.register(selector, SelectionKey.OP_READ);
        thread = new Thread(this::run, name); // closes the selector itself: a task may take as long as it likes
        thread.setDaemon(true);
        thread.start();
    }

    void task(Runnable newTask) {
        task = newTask;
    }

    /** Has the task run when there are datagrams. Costs nothing while it is armed already. */
    void arm() {
        if (armed) {
            return;
        }
        armed = true;
        try {
            key.interestOps(SelectionKey.OP_READ);
        } catch (CancelledKeyException e) {
            return; // closed in the meantime
        }
        selector.wakeup();
    }

    private void run() {
        try (selector) {
            while (key.isValid()) {
                selector.select(this::ready);
            }
        } catch (ClosedSelectorException | CancelledKeyException e) {
            // the channel was closed in the meantime
        } catch (IOException e) {
            System.getLogger(ChannelWatch.class.getName())
                    .log(System.Logger.Level.ERROR, "waiting for datagrams has ended", e);
        }
    }

    /** Disarms before the task runs: what arms it again is a receive that comes after. */
    private void ready(SelectionKey ready) {
        ready.interestOps(0);
        armed = false;
        task.run();
    }

    /**
     * Ends the thread, and waits for that unless it is the caller: only when the selector is closed does the kernel's socket
     * end, too. The channel is to be closed before, which makes the key invalid.
     */
    void close() {
        selector.wakeup();
        if (Thread.currentThread() == thread) {
            return;
        }
        try {
            thread.join(END_TIMEOUT_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
