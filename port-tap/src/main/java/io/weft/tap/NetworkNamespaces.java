package io.weft.tap;

import io.weft.nativeio.Errno;
import io.weft.nativeio.LibC;
import io.weft.nativeio.Linux;
import io.weft.nativeio.NativeException;
import java.io.IOException;

/**
 * Does something inside a network namespace.
 *
 * <p>A thread's namespace can be changed, a process's cannot; and a thread that could not change back would be lost to
 * whoever owns it. So the task runs on a thread of its own that ends with it. Descriptors opened there stay bound to the
 * namespace and work from everywhere.
 *
 * <p>Threads: any; {@link #call} waits for the task.
 */
final class NetworkNamespaces {
    private static final String NAMED = "/run/netns/"; // where `ip netns` keeps them

    private NetworkNamespaces() {}

    /** What is to be done there. */
    @FunctionalInterface
    interface Task<T> {
        T run() throws IOException;
    }

    /** The file of a namespace given by name or path. */
    static String path(String nameOrPath) {
        return nameOrPath.indexOf('/') >= 0 ? nameOrPath : NAMED + nameOrPath;
    }

    /**
     * Runs {@code task} in the namespace that the file {@code path} stands for.
     *
     * @throws NativeException when the namespace cannot be entered
     * @throws IOException what the task throws
     */
    static <T> T call(String path, Task<T> task) throws IOException {
        Excursion<T> excursion = new Excursion<>(path, task);
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
        return excursion.outcome();
    }

    private static final class Excursion<T> implements Runnable {
        private final String path;
        private final Task<T> task;
        private T result;
        private IOException failure;
        private RuntimeException mistake;

        Excursion(String path, Task<T> task) {
            this.path = path;
            this.task = task;
        }

        @Override
        public void run() {
            try {
                enter();
                result = task.run();
            } catch (IOException e) {
                failure = e;
            } catch (RuntimeException e) {
                mistake = e;
            }
        }

        private void enter() throws NativeException {
            LibC libc = Linux.libc();
            int namespace = NativeException.check("open " + path, libc.open(path, LibC.O_CLOEXEC));
            try {
                NativeException.check("setns to " + path, libc.setns(namespace, LibC.CLONE_NEWNET));
            } finally {
                libc.close(namespace);
            }
        }

        T outcome() throws IOException {
            if (failure != null) {
                throw failure;
            }
            if (mistake != null) {
                throw mistake;
            }
            return result;
        }
    }

    /** What helps when {@link #call} could not enter. */
    static String hint(String nameOrPath, NativeException failure) {
        return switch (failure.errno()) {
            case Errno.ENOENT, Errno.EINVAL ->
                "accepted: a name that `ip netns` lists (`ip netns add " + nameOrPath + "` makes one), or a path as"
                        + " /proc/PID/ns/net";
            case Errno.EPERM, Errno.EACCES -> "entering a namespace needs CAP_SYS_ADMIN: run as root";
            default -> "see `ip netns`";
        };
    }
}
