package io.weft.examples.transfer;

import io.weft.tap.NetworkNamespace;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * The program {@code peer.py} in a host's namespace, which does one command after another.
 *
 * <p>Threads: confined; {@link #ask} does not wait for the answer.
 */
final class TransferPeer implements AutoCloseable {
    private static final long DEADLINE_S = 90; // longer than the program's own

    private final Process process;
    private final Writer commands;
    private final BufferedReader answers;

    /**
     * Starts the program.
     *
     * @param program where to put it
     * @param content the file that it sends
     */
    TransferPeer(NetworkNamespace host, Path program, Path content) throws IOException {
        try (InputStream source = TransferPeer.class.getResourceAsStream("peer.py")) {
            Files.write(program, source.readAllBytes());
        }
        process = new ProcessBuilder(
                        "ip", "netns", "exec", host.name(), "python3", program.toString(), content.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        commands = process.outputWriter(StandardCharsets.UTF_8);
        answers = process.inputReader(StandardCharsets.UTF_8);
    }

    /** Gives it a command; what comes of it is its answer, or that it failed or is late. */
    CompletableFuture<String> ask(String command) throws IOException {
        commands.write(command + "\n");
        commands.flush();
        return CompletableFuture.supplyAsync(this::answer)
                .orTimeout(DEADLINE_S, TimeUnit.SECONDS)
                .thenApply(answer -> {
                    if (answer == null || answer.startsWith("failed")) {
                        throw new IllegalStateException(command + ": " + answer);
                    }
                    return answer;
                });
    }

    /** Gives it a command and waits for the answer. */
    String tell(String command) throws Exception {
        return ask(command).get();
    }

    private String answer() {
        try {
            return answers.readLine();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly); // the interpreter may be a script's child
        process.destroyForcibly();
    }
}
