package io.weft.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Certificates made on the spot by OpenSSL. */
final class Certificates {
    /** A PEM certificate and its key. */
    record Pair(Path certificate, Path key) {}

    private final Path directory;

    Certificates(Path directory) {
        assumeTrue(isInstalled(), "skipped: no openssl; run: apt-get install openssl");
        this.directory = directory;
    }

    private static boolean isInstalled() {
        for (String folder : System.getenv("PATH").split(":")) {
            if (Files.isExecutable(Path.of(folder, "openssl"))) {
                return true;
            }
        }
        return false;
    }

    /** A certificate that signs itself. */
    Pair authority(String name) throws Exception {
        return selfSigned(name, "basicConstraints=critical,CA:TRUE");
    }

    /** A server's certificate that signs itself. */
    Pair selfSigned(String name, String extension) throws Exception {
        Pair pair = new Pair(directory.resolve(name + ".pem"), directory.resolve(name + ".key"));
        openssl(
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=" + name,
                "-addext",
                extension,
                "-keyout",
                pair.key().toString(),
                "-out",
                pair.certificate().toString());
        return pair;
    }

    /** A certificate signed by an authority, with extensions such as {@code subjectAltName=IP:127.0.0.1}. */
    Pair signed(Pair authority, String name, String extension) throws Exception {
        Pair pair = new Pair(directory.resolve(name + ".pem"), directory.resolve(name + ".key"));
        Path request = directory.resolve(name + ".csr");
        Path extensions = directory.resolve(name + ".ext");
        Files.writeString(extensions, extension + "\n");
        openssl(
                "req",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-subj",
                "/CN=" + name,
                "-keyout",
                pair.key().toString(),
                "-out",
                request.toString());
        openssl(
                "x509",
                "-req",
                "-in",
                request.toString(),
                "-CA",
                authority.certificate().toString(),
                "-CAkey",
                authority.key().toString(),
                "-CAcreateserial",
                "-days",
                "2",
                "-extfile",
                extensions.toString(),
                "-out",
                pair.certificate().toString());
        return pair;
    }

    private static void openssl(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as("%s: %s", command, output).isZero();
    }
}
