package io.weft.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Asks tcpdump what it thinks of frames: somebody else's reading of the same bytes. */
public final class Tcpdump {
    private Tcpdump() {}

    /** Skips the calling test where there is no tcpdump. */
    public static void assumeInstalled() {
        boolean found = Arrays.stream(path().split(":")).anyMatch(path -> Files.isExecutable(Path.of(path, "tcpdump")));
        assumeTrue(found, "skipped: tcpdump is not installed");
    }

    private static String path() {
        return System.getenv("PATH") + ":/usr/sbin"; // which is not on every user's
    }

    /** A capture file of these frames; the timestamp of each is its number in microseconds. */
    public static Path write(Path file, List<byte[]> frames) throws IOException {
        FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
        try (PcapngWriter writer = new PcapngWriter(channel)) {
            int port = writer.addInterface("p", 0);
            for (int i = 0; i < frames.size(); i++) {
                byte[] frame = frames.get(i);
                ByteBuffer bytes = ByteBuffer.wrap(frame);
                writer.write(port, i * 1_000L, bytes, frame.length, PcapngWriter.Direction.INBOUND);
            }
        }
        return file;
    }

    /** How a run ended. */
    public record Result(int exitValue, String output, String errors) {}

    /** Runs tcpdump with these arguments in a directory for its output. */
    public static Result run(Path directory, String... arguments) throws Exception {
        Path output = directory.resolve("tcpdump.out");
        Path errors = directory.resolve("tcpdump.err");
        List<String> command = new ArrayList<>(List.of("tcpdump"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(output.toFile()).redirectError(errors.toFile());
        builder.environment().put("PATH", path());
        Process process = builder.start();
        try {
            assertThat(process.waitFor(30, TimeUnit.SECONDS))
                    .as("%s ended", command)
                    .isTrue();
        } finally {
            process.destroyForcibly();
        }
        return new Result(process.exitValue(), Files.readString(output), Files.readString(errors));
    }
}
