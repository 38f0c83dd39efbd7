package io.weft;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Scapy, which builds packets that nobody here wrote; for scripts that print them.
 *
 * <p>Threads: any.
 */
public final class Scapy {
    private static final String PYTHON = "/usr/bin/python3";

    private Scapy() {}

    /** Skips the calling test where there is no scapy. */
    public static void assumeAvailable() throws Exception {
        assumeTrue(Files.isExecutable(Path.of(PYTHON)), "skipped: no " + PYTHON);
        Process probe = new ProcessBuilder(PYTHON, "-c", "import scapy")
                .redirectErrorStream(true)
                .start();
        probe.getInputStream().readAllBytes();
        assumeTrue(probe.waitFor() == 0, "skipped: no python3-scapy");
    }

    /**
     * What a script prints.
     *
     * @param beside the class in whose package the script is a resource
     * @throws IOException when it fails
     */
    public static byte[] run(Class<?> beside, String script, long seed, int effort) throws Exception {
        Process scapy = new ProcessBuilder(PYTHON, "-", Long.toString(seed), Integer.toString(effort))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (InputStream source = beside.getResourceAsStream(script);
                OutputStream in = scapy.getOutputStream()) {
            source.transferTo(in);
        }
        try (InputStream out = scapy.getInputStream()) {
            byte[] bytes = out.readAllBytes();
            if (scapy.waitFor() != 0) {
                throw new IOException(script + " failed");
            }
            return bytes;
        } finally {
            scapy.destroyForcibly();
        }
    }
}
