package io.weft.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.weft.capture.PcapngWriter.Direction;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** Wireshark's own reader, for tests. */
public final class Tshark {
    /** A display filter that finds frames with a checksum that is wrong, or with headers that make no sense. */
    public static final String BAD = "_ws.malformed || ip.checksum.status == 0 || tcp.checksum.status == 0"
            + " || udp.checksum.status == 0 || icmpv6.checksum.status == 0";

    private Tshark() {}

    /** A capture of these frames, a microsecond apart. */
    public static void write(Path file, List<byte[]> frames) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                PcapngWriter writer = new PcapngWriter(channel)) {
            int port = writer.addInterface("test", 65_535);
            long timestampNs = 0;
            for (byte[] frame : frames) {
                writer.write(port, timestampNs += 1_000, ByteBuffer.wrap(frame), frame.length, Direction.INBOUND);
            }
        }
    }

    /** The lines that {@code tshark -r file options} prints, all checksums checked; skips the test where it is not installed. */
    public static List<String> read(Path file, String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of("tshark", "-r", file.toString()));
        for (String checksum : new String[] {"ip", "tcp", "udp"}) {
            command.addAll(List.of("-o", checksum + ".check_checksum:TRUE"));
        }
        // What looks like something else by chance is not to be taken for it: the ports that tests use carry data.
        command.addAll(List.of("-d", "tcp.port==50000-59999,data", "-d", "udp.port==50000-59999,data"));
        command.addAll(List.of(options));
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            assumeTrue(false, "skipped: no tshark");
            throw e;
        }
        try {
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(said).isZero();
            return said.lines().toList();
        } finally {
            process.destroyForcibly();
        }
    }
}
