package io.weft.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.TrafficRecord;
import io.weft.VirtualSwitch;
import io.weft.port.MemoryPort;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Has Wireshark's own reader read a capture. */
class CaptureTsharkIT {
    @TempDir
    Path folder;

    private static List<String> tshark(Path file, String... fields) throws Exception {
        List<String> options = new ArrayList<>(List.of("-T", "fields", "-E", "separator=|"));
        for (String field : fields) {
            options.addAll(List.of("-e", field));
        }
        return Tshark.read(file, options.toArray(String[]::new));
    }

    @Test
    void shouldBeReadByTshark() throws Exception {
        Path file = folder.resolve("lan.pcapng");
        byte[] ping = HexFormat.of().parseHex("ffffffffffff0200000000aa0800" + "00".repeat(100));
        byte[] bpdu = HexFormat.of().parseHex("0180c20000000200000000bb0027" + "00".repeat(46));
        try (VirtualSwitch lan =
                        VirtualSwitch.builder().invoker(System::nanoTime).build();
                TrafficRecord record = lan.capture(Capture.allPorts().snapLength(40), file)) {
            MemoryPort a = new MemoryPort("a");
            MemoryPort b = new MemoryPort("b, the \"second\"");
            lan.add(a);
            lan.add(b);
            a.send(ping);
            while (lan.step()) {
                // until nothing is left to do
            }
            b.send(bpdu);
            while (lan.step()) {
                // until nothing is left to do
            }
            assertThat(record.lost()).isZero();
        }
        assertThat(tshark(
                        file,
                        "frame.interface_name",
                        "frame.packet_flags_direction",
                        "frame.cap_len",
                        "frame.len",
                        "eth.src",
                        "frame.comment"))
                .containsExactly(
                        "a|0x00000001|40|114|02:00:00:00:00:aa|",
                        "b, the \"second\"|0x00000002|40|114|02:00:00:00:00:aa|",
                        "b, the \"second\"|0x00000001|40|60|02:00:00:00:00:bb|",
                        "b, the \"second\"|0x00000001|40|60|02:00:00:00:00:bb|dropped: destination in"
                                + " 01-80-C2-00-00-00..0F, which bridges keep to themselves");
    }
}
