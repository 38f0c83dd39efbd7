package io.weft.nativeio;

import java.io.IOException;

/**
 * A way into a network namespace.
 *
 * <p>A thread's namespace can be changed, a process's cannot; and a thread that could not change back would be lost to
 * whoever owns it. So what is to be done there runs on a thread of its own that ends with it. Descriptors opened there
 * work from everywhere.
 *
 * <p>Threads: confined; {@link #call} waits for the task.
 */
public final class NamespaceEntry implements AutoCloseable {
    private static final String NAMED = "/run/netns/"; // where `ip netns` keeps them

    private final LibC libc = Linux.libc();
    private final String path;
    private final int descriptor;

    /** What is to be done there. */
    @FunctionalInterface
    public interface Task {
        /** Does it. */
        void run() throws IOException;
    }

    /** The namespace cannot be entered, as opposed to what went wrong inside. */
    public static final class UnreachableException extends IOException {
        private static final long serialVersionUID = 1L;

        private final NativeException reason;

        UnreachableException(NativeException reason) {
            super(reason);
            this.reason = reason;
        }

        /** What failed. */
        public NativeException reason() {
            return reason;
        }

        /**
         * What helps, for the end of a message that names the option.
         *
         * @param nameOrPath what was given
         */
        public String advice(String nameOrPath) {
            return switch (reason.errno()) {
                case Errno.ENOENT, Errno.EINVAL ->
                    "accepted: a name that `ip netns` lists, as `ip netns add " + nameOrPath
                            + "` makes it, or a path as /proc/PID/ns/net";
                case Errno.EPERM, Errno.EACCES -> "that needs CAP_SYS_ADMIN: run as root";
                default -> "see ip netns";
            };
        }
    }

    /** Opens a namespace by the name that {@code ip netns} lists, or by a path. */
    public NamespaceEntry(String nameOrPath) throws UnreachableException {
        path = nameOrPath.indexOf('/') >= 0 ? nameOrPath : NAMED + nameOrPath;
        descriptor = libc.open(path, LibC.O_CLOEXEC);
        if (descriptor < 0) {
            throw new UnreachableException(new NativeException("open " + path, Linux.errno()));
        }
    }

    /** For requests that name a namespace by a descriptor. */
    public int descriptor() {
        return descriptor;
    }

    /**
     * Runs {@code task} in the namespace.
     *
     * @throws UnreachableException when the namespace cannot be entered
     * @throws IOException what the task throws
     */
    public void call(Task task) throws IOException {
        Excursion excursion = new Excursion(task);
        Thread thread = new Thread(excursion, "weft-netns");
        thread.setDaemon(true);
        thread.start();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true; // a few system calls: sooner done than undone
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        excursion.rethrow();
    }

    private final class Excursion implements Runnable {
        private final Task task;
        private IOException failure;
        private RuntimeException mistake;

        Excursion(Task task) {
            this.task = task;
        }

        @Override
        public void run() {
            try {
                if (libc.setns(descriptor, LibC.CLONE_NEWNET) < 0) {
                    throw new UnreachableException(new NativeException("setns to " + path, Linux.errno()));
                }
                task.run();
            } catch (IOException e) {
                failure = e;
            } catch (RuntimeException e) {
                mistake = e;
            }
        }

        void rethrow() throws IOException {
            if (failure != null) {
                throw failure;
            }
            if (mistake != null) {
                throw mistake;
            }
        }
    }

    @Override
    public void close() {
        libc.close(descriptor);
    }
}
