package io.weft.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A WebSocket peer in another language, see peer.py and peer.js; it ends with the test. */
final class PeerProgram implements AutoCloseable {
    /** Whose WebSocket it is. */
    enum Language {
        PYTHON("peer.py", "/usr/bin/python3", "import websockets", "python3-websockets"),
        NODE("peer.js", "node", "require('ws')", "nodejs node-ws");

        private final String script;
        private final String interpreter;
        private final String probe;
        private final String packages;

        Language(String script, String interpreter, String probe, String packages) {
            this.script = script;
            this.interpreter = interpreter;
            this.probe = probe;
            this.packages = packages;
        }
    }

    private final Process process;
    private final BufferedReader output;

    private PeerProgram(Process process) {
        this.process = process;
        this.output = process.inputReader(StandardCharsets.UTF_8);
    }

    static PeerProgram start(Language language, Path directory, String... arguments)
            throws IOException, InterruptedException {
        assumeTrue(
                hasLibrary(language),
                "skipped: no WebSocket library for " + language.interpreter
                        + "; run: apt-get install --no-install-recommends " + language.packages);
        Path script = directory.resolve(language.script);
        try (InputStream source = PeerProgram.class.getResourceAsStream(language.script)) {
            Files.copy(source, script, StandardCopyOption.REPLACE_EXISTING);
        }
        List<String> command = new ArrayList<>(List.of(language.interpreter, script.toString()));
        command.addAll(List.of(arguments));
        return new PeerProgram(builder(command).start());
    }

    private static ProcessBuilder builder(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("NODE_PATH", "/usr/share/nodejs"); // where Debian puts packages
        return builder;
    }

    private static boolean hasLibrary(Language language) throws InterruptedException {
        String option = language == Language.PYTHON ? "-c" : "-e";
        try {
            return builder(List.of(language.interpreter, option, language.probe))
                            .redirectErrorStream(true)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException notInstalled) {
            return false;
        }
    }

    /** The next line it says. */
    String line() throws IOException {
        return output.readLine();
    }

    /** The port of one that serves. */
    int servedPort() throws IOException {
        String line = line();
        assertThat(line).startsWith("ready ");
        return Integer.parseInt(line.substring(6));
    }

    /** Ends it as kill -9 does. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }

    @Override
    public void close() throws Exception {
        kill();
        output.close();
    }
}
