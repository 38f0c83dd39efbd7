package io.weft.unix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A program at the other end of a socket; it ends with the test. */
final class PeerProcess implements AutoCloseable {
    private final Process process;

    private PeerProcess(Process process) {
        this.process = process;
    }

    /** Starts a function of vm.py and waits until its sockets are open. */
    static PeerProcess python(Path directory, String... arguments) throws IOException {
        assumeTrue(isInstalled("python3"), "skipped: no python3; run: apt-get install python3-minimal");
        Path script = directory.resolve("vm.py");
        try (InputStream source = PeerProcess.class.getResourceAsStream("vm.py")) {
            Files.copy(source, script, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        }
        List<String> command = new ArrayList<>(List.of("python3", script.toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
        assertThat(output.readLine()).as("what %s says", command).isEqualTo("ready");
        return new PeerProcess(process);
    }

    /** Starts a virtual machine without a disk: its firmware looks for a boot server on the network. */
    static PeerProcess qemu(String netdev, String mac) throws IOException {
        assumeTrue(
                isInstalled("qemu-system-x86_64"),
                "skipped: no QEMU; run: apt-get install --no-install-recommends qemu-system-x86");
        List<String> command = List.of(
                "qemu-system-x86_64",
                "-accel",
                "tcg",
                "-m",
                "64",
                "-nodefaults",
                "-no-user-config",
                "-display",
                "none",
                "-boot",
                "n",
                "-netdev",
                netdev,
                "-device",
                "virtio-net-pci,netdev=n0,mac=" + mac);
        return new PeerProcess(new ProcessBuilder(command)
                .redirectErrorStream(true)
                .inheritIO()
                .start());
    }

    private static boolean isInstalled(String program) {
        for (String directory : System.getenv("PATH").split(File.pathSeparator)) {
            if (Files.isExecutable(Path.of(directory, program))) {
                return true;
            }
        }
        return false;
    }

    /** Ends it as kill -9 does. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }

    @Override
    public void close() throws Exception {
        kill();
    }
}
