package io.weft.examples.hosts;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Runs other programs, and ends them: never for longer than it was told. */
final class Command {
    private static final Duration END_LIMIT = Duration.ofSeconds(2);

    private Command() {}

    /**
     * Runs a program to its end and returns the lines it printed, on standard output and standard error alike.
     *
     * @throws HostException if it cannot be started, ends with another exit code than 0, or takes longer than the limit;
     *     the message has what it said
     */
    static List<String> run(Duration limit, List<String> arguments) throws HostException {
        return run(limit, arguments, line -> {});
    }

    /** As {@link #run(Duration, List)}, and passes each line on as it comes, from a thread of its own. */
    static List<String> run(Duration limit, List<String> arguments, Consumer<String> eachLine) throws HostException {
        String commandLine = String.join(" ", arguments);
        Process process;
        try {
            process = new ProcessBuilder(arguments).redirectErrorStream(true).start();
            process.getOutputStream().close();
        } catch (IOException e) {
            throw new HostException("cannot run " + commandLine + ": " + e.getMessage(), e);
        }
        List<String> lines = new ArrayList<>();
        Thread reader = new Thread(
                () -> readLines(process, line -> {
                    lines.add(line);
                    eachLine.accept(line);
                }),
                "weft-command-output");
        reader.setDaemon(true);
        reader.start();
        try {
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new HostException(commandLine + " took longer than " + limit.toSeconds() + " s");
            }
            reader.join(END_LIMIT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HostException("interrupted while waiting for " + commandLine, e);
        } finally {
            end(process);
        }
        if (reader.isAlive()) {
            throw new HostException(commandLine + " ended, but something that it started holds on to its output");
        }
        if (process.exitValue() != 0) {
            throw new HostException(commandLine + " failed: " + String.join("; ", lines));
        }
        return lines;
    }

    /** Passes on each line that a process prints, until it prints no more. */
    static void readLines(Process process, Consumer<String> eachLine) {
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                eachLine.accept(line);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends a process and waits for that: asked politely first, then not. */
    static void end(Process process) {
        // Through the handle: Process.destroy would close the streams under whoever reads what it says at the end.
        process.toHandle().destroy();
        if (!hasEnded(process)) {
            process.toHandle().destroyForcibly();
            if (!hasEnded(process)) {
                System.getLogger(Command.class.getName())
                        .log(System.Logger.Level.WARNING, "process {0} does not end", process.pid());
            }
        }
    }

    /** Waits for a thread that reads a process which has ended; not for itself, and null is none. */
    static void join(Thread reader) {
        if (reader == null || reader == Thread.currentThread()) {
            return;
        }
        waitUninterrupted(remainingNs -> {
            TimeUnit.NANOSECONDS.timedJoin(reader, remainingNs);
            return !reader.isAlive();
        });
    }

    private static boolean hasEnded(Process process) {
        return waitUninterrupted(remainingNs -> process.waitFor(remainingNs, TimeUnit.NANOSECONDS));
    }

    private interface Wait {
        boolean await(long remainingNs) throws InterruptedException;
    }

    /** A thread that was interrupted still has to end what it started; it stays interrupted. */
    private static boolean waitUninterrupted(Wait wait) {
        boolean interrupted = Thread.interrupted();
        long deadlineNs = System.nanoTime() + END_LIMIT.toNanos();
        try {
            while (true) {
                try {
                    return wait.await(deadlineNs - System.nanoTime());
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
