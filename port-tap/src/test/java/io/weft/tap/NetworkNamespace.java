package io.weft.tap;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Assumptions;

/**
 * A network namespace that a test uses as a host: made under a name that no other process uses, and removed with all its
 * devices, and with the processes started in it, when closed.
 *
 * <p>Threads: any.
 */
public final class NetworkNamespace implements AutoCloseable {
    private static final long DEADLINE_S = 30; // only ever reached by a failure
    private static final AtomicInteger COUNT = new AtomicInteger();

    private final String name;
    private final List<Process> started = new ArrayList<>();

    private NetworkNamespace(String name) {
        this.name = name;
    }

    /** Skips the calling test where namespaces or TAP devices cannot be made, saying why. */
    public static void assumeAvailable() {
        Assumptions.assumeTrue(
                Files.isReadable(Path.of("/dev/net/tun")) && Files.isWritable(Path.of("/dev/net/tun")),
                "cannot open /dev/net/tun");
        assumeProgram("ip");
        try {
            NetworkNamespace probe = create("probe");
            probe.close();
        } catch (IllegalStateException e) {
            Assumptions.abort("network namespaces cannot be made: " + e.getMessage());
        }
    }

    /** Skips the calling test unless a program is installed. */
    public static void assumeProgram(String program) {
        for (String directory : System.getenv("PATH").split(File.pathSeparator)) {
            if (Files.isExecutable(Path.of(directory, program))) {
                return;
            }
        }
        Assumptions.abort(program + " is not installed");
    }

    /** A new namespace with its loopback up; {@code role} is for those who read process lists. */
    public static NetworkNamespace create(String role) {
        String name = "weft-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet() + "-" + role;
        NetworkNamespace namespace = new NetworkNamespace(name);
        namespace.exec("ip", "netns", "add", name);
        namespace.run("ip", "link", "set", "lo", "up");
        return namespace;
    }

    /** Its name, for the {@code netns} option of a port. */
    public String name() {
        return name;
    }

    /**
     * Runs a command in the namespace and returns what it printed.
     *
     * @throws IllegalStateException with the output, when it fails or does not end
     */
    public String run(String... command) {
        return exec(inside(command));
    }

    /** Whether a command run in the namespace succeeds. */
    public boolean succeeds(String... command) {
        try {
            run(command);
            return true;
        } catch (IllegalStateException e) {
            return false;
        }
    }

    /** Starts a command in the namespace, output to nowhere; it ends with the namespace at the latest. */
    public Process start(String... command) {
        try {
            Process process = new ProcessBuilder(inside(command))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            started.add(process);
            return process;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String[] inside(String... command) {
        List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", name));
        all.addAll(List.of(command));
        return all.toArray(String[]::new);
    }

    private String exec(String... command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String output;
            // A command that hangs is ended, which ends the reading below.
            try (InputStream printed = process.getInputStream()) {
                process.onExit().orTimeout(DEADLINE_S, TimeUnit.SECONDS).exceptionally(late -> {
                    process.destroyForcibly();
                    return process;
                });
                output = new String(printed.readAllBytes(), StandardCharsets.UTF_8);
            }
            int exit = process.waitFor();
            if (exit != 0) {
                throw new IllegalStateException(String.join(" ", command) + ": exit " + exit + ": " + output);
            }
            return output;
        } catch (IOException e) {
            throw new IllegalStateException(String.join(" ", command) + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(String.join(" ", command) + ": interrupted", e);
        }
    }

    /** Waits until something is so, looking every few milliseconds; fails after a generous deadline. */
    public static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_S);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("waited " + DEADLINE_S + " s in vain: " + what);
            }
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    /** Ends what runs in the namespace and removes it. */
    @Override
    public void close() {
        for (Process process : started) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        exec("ip", "netns", "delete", name);
    }

    @Override
    public String toString() {
        return name;
    }
}
