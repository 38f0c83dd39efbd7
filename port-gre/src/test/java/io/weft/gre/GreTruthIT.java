package io.weft.gre;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.Scapy;
import io.weft.TestSeed;
import io.weft.capture.Tshark;
import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.tunnel.Packets;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** GRE packets that scapy made are read here, and made again byte for byte; Wireshark reads what was made here. */
@Timeout(120)
class GreTruthIT {
    private static List<String[]> cases; // flags, protocol type, key, sequence, IPv4 packet, its GRE packet

    private final Frame frame = new FramePool(1, 0).allocate(1_000);

    @TempDir
    Path folder;

    @BeforeAll
    static void askScapy() throws Exception {
        Scapy.assumeAvailable();
        long seed = TestSeed.random("GreTruthIT").nextLong(1L << 32);
        String printed = new String(Scapy.run(GreTruthIT.class, "gre.py", seed, 20), StandardCharsets.UTF_8);
        cases = printed.lines().map(line -> line.split(" ")).toList();
        assertThat(cases).hasSize(8 * 3 * 20);
    }

    @Test
    void shouldReadWhatScapyMakes() {
        for (String[] one : cases) {
            Packets.set(frame, Packets.bytes(one[5]));
            assertThat(GreHeader.check(frame, true)).isNull();
            int first = GreHeader.first(frame);
            assertThat(GreHeader.protocolType(first)).isEqualTo(Integer.parseInt(one[1]));
            assertThat(GreHeader.key(frame, first)).isEqualTo(Long.parseLong(one[2]));
            assertThat(GreHeader.sequence(frame, first)).isEqualTo(Long.parseLong(one[3]));
            assertThat(GreHeader.hasChecksum(first)).isEqualTo(!one[0].equals("0"));
            if (GreHeader.hasChecksum(first)) {
                assertThat(GreHeader.hasValidChecksum(frame)).isTrue();
            }
            frame.consume(GreHeader.length(first));
            assertThat(Packets.hex(frame)).isEqualTo(one[4]);
        }
    }

    private void write(String[] one) {
        Packets.set(frame, Packets.bytes(one[4]));
        GreHeader.prepend(
                frame,
                Integer.parseInt(one[1]),
                Integer.parseInt(one[0]),
                Long.parseLong(one[2]),
                Long.parseLong(one[3]));
    }

    @Test
    void shouldMakeWhatScapyMakes() {
        for (String[] one : cases) {
            write(one);
            assertThat(Packets.hex(frame)).isEqualTo(one[5]);
        }
    }

    @Test
    void shouldBeReadByWireshark() throws Exception {
        List<byte[]> packets = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        for (String[] one : cases) {
            write(one);
            packets.add(OuterIp.around(frame.toByteArray()));
            expected.add(String.join(
                    "|",
                    String.format("0x%04x", Integer.parseInt(one[1])),
                    one[2].equals("-1") ? "" : String.format("0x%08x", Long.parseLong(one[2])),
                    one[3].equals("-1") ? "" : one[3],
                    one[0].equals("0") ? "" : "1")); // a good checksum
        }
        Path file = folder.resolve("gre.pcapng");
        Tshark.write(file, packets);
        assertThat(Tshark.read(file, "-Y", Tshark.BAD + " || gre.checksum.status == 0"))
                .isEmpty();
        assertThat(Tshark.read(
                        file,
                        "-T",
                        "fields",
                        "-E",
                        "separator=|",
                        "-e",
                        "gre.proto",
                        "-e",
                        "gre.key",
                        "-e",
                        "gre.sequence_number",
                        "-e",
                        "gre.checksum.status"))
                .isEqualTo(expected);
    }
}
