package io.weft.packet;

import static io.weft.packet.CaptureBytes.ETHERNET;
import static io.weft.packet.CaptureBytes.frame;
import static io.weft.packet.CaptureBytes.pcap;
import static io.weft.packet.CaptureBytes.pcapng;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.VirtualSwitch;
import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.packet.PcapReader.Found;
import io.weft.tap.NetworkNamespace;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that Wireshark's tools make, and what they make of ours. */
class PcapToolsIT {
    @TempDir
    Path folder;

    @BeforeAll
    static void probe() {
        for (String program : List.of("tshark", "editcap", "mergecap")) {
            NetworkNamespace.assumeProgram(program);
        }
    }

    private String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(String.join(" ", command)).isZero();
            return said;
        } finally {
            process.destroyForcibly();
        }
    }

    private Path file(String name) {
        return folder.resolve(name);
    }

    /** Frames at odd times, in nanoseconds, written in this order. */
    private static CaptureBytes captured(ByteOrder order) {
        CaptureBytes bytes = pcapng(order);
        bytes.link(ETHERNET, 0, bytes.options().option(9, (byte) 9).option(0));
        for (int i = 0; i < 40; i++) {
            bytes.enhanced(0, 1_700_000_000_000_000_000L + 123_456_789L * i, frame(i, 60 + 37 * i));
        }
        return bytes;
    }

    /** Each as "NANOSECONDS HEX". */
    private static List<String> read(Path file) throws IOException {
        List<String> frames = new ArrayList<>();
        FramePool pool = new FramePool(1, 1);
        try (PcapReader reader = PcapReader.open(file)) {
            for (Found found = reader.next(); found != Found.END; found = reader.next()) {
                if (found != Found.NOTHING) {
                    assertThat(found).isEqualTo(Found.FRAME);
                    Frame frame = pool.allocate(reader.length());
                    reader.copyTo(frame);
                    frames.add(reader.timestampNs() + " " + HexFormat.of().formatHex(frame.toByteArray()));
                    frame.release();
                }
            }
        }
        return frames;
    }

    /** What tshark sees of a file, as "NANOSECONDS LENGTH SOURCE". */
    private List<String> tshark(Path file) throws Exception {
        String[] command = {
            "tshark",
            "-r",
            file.toString(),
            "-T",
            "fields",
            "-e",
            "frame.time_epoch",
            "-e",
            "frame.len",
            "-e",
            "eth.src"
        };
        return run(command)
                .lines()
                .map(line -> line.split("\t"))
                .map(fields -> new BigDecimal(fields[0]).movePointRight(9).toBigInteger() + " " + fields[1] + " "
                        + fields[2].replace(":", ""))
                .toList();
    }

    private static List<String> summary(List<String> frames) {
        return frames.stream()
                .map(frame -> frame.split(" "))
                .map(frame -> frame[0] + " " + frame[1].length() / 2 + " " + frame[1].substring(12, 24))
                .toList();
    }

    @Test
    void shouldReadWhatTsharkReadsInBothByteOrders() throws Exception {
        for (ByteOrder order : List.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN)) {
            Path file = captured(order).writeTo(file(order + ".pcapng"));
            assertThat(summary(read(file))).hasSize(40).isEqualTo(tshark(file));
            Path older = pcap(order)
                    .packet(1_700_000_000, 999_999, frame(1, 60))
                    .packet(1_700_000_001, 1, frame(2, 1_514))
                    .writeTo(file(order + ".pcap"));
            assertThat(summary(read(older))).hasSize(2).isEqualTo(tshark(older));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"pcapng", "nsecpcap", "pcap"})
    void shouldReadWhatEditcapWrites(String format) throws Exception {
        Path original = captured(ByteOrder.BIG_ENDIAN).writeTo(file("original.pcapng"));
        Path edited = file("edited");
        run("editcap", "-F", format, original.toString(), edited.toString());
        List<String> expected = read(original).stream()
                .map(frame -> format.equals("pcap") ? inMicroseconds(frame) : frame)
                .toList();
        assertThat(read(edited)).isEqualTo(expected);
    }

    private static String inMicroseconds(String frame) {
        String[] parts = frame.split(" ");
        return Long.parseLong(parts[0]) / 1_000 * 1_000 + " " + parts[1];
    }

    @Test
    void shouldReadWhatMergecapMergesFromSeveralInterfaces() throws Exception {
        Path one = captured(ByteOrder.BIG_ENDIAN).writeTo(file("one.pcapng"));
        Path other = pcap(ByteOrder.LITTLE_ENDIAN)
                .packet(1_700_000_000, 5, frame(77, 99))
                .packet(1_700_000_003, 5, frame(78, 99))
                .writeTo(file("other.pcap"));
        Path merged = file("merged.pcapng");
        run("mergecap", "-F", "pcapng", "-I", "none", "-w", merged.toString(), one.toString(), other.toString());
        List<String> expected = new ArrayList<>(read(one));
        expected.addAll(read(other));
        expected.sort(null); // all have as many digits
        assertThat(read(merged)).isEqualTo(expected);
    }

    @Test
    void shouldRecordWhatTsharkReads() throws Exception {
        Path in = captured(ByteOrder.LITTLE_ENDIAN).writeTo(file("in.pcapng"));
        Path out = file("out.pcapng");
        try (PcapTestLan lan = new PcapTestLan()) {
            lan.add("pcap:" + out + "?record");
            lan.add("pcap:" + in + "?start=0s&speed=max");
        }
        assertThat(tshark(out)).hasSize(40).isEqualTo(summary(read(out)));
        assertThat(frames(read(out))).isEqualTo(frames(read(in)));
    }

    private static List<String> frames(List<String> stamped) {
        return stamped.stream()
                .map(frame -> frame.substring(frame.indexOf(' ')))
                .toList();
    }

    @Test
    void shouldReplayByTheMachinesClockNeverEarly() throws Exception {
        CaptureBytes bytes = pcap(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < 10; i++) {
            bytes.packet(0, 20_000 * i, frame(i, 60));
        }
        Path in = bytes.writeTo(file("in.pcap"));
        Path out = file("out.pcapng");
        try (VirtualSwitch lan = VirtualSwitch.builder().workers(2).build()) {
            lan.add("pcap:" + out + "?record");
            long before = System.nanoTime();
            lan.add("pcap:" + in + "?start=0s");
            NetworkNamespace.await(
                    "all frames to be recorded",
                    () -> lan.port("out.pcapng").status().statistics().txFrames() == 10);
            assertThat(System.nanoTime() - before).isGreaterThanOrEqualTo(180_000_000); // late perhaps, early never
        }
        assertThat(frames(read(out))).isEqualTo(frames(read(in)));
    }
}
