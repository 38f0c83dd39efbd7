package io.weft.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.VirtualSwitch;
import io.weft.port.MemoryPort;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CapturingDriverTest {
    private static final byte[] PING = HexFormat.of().parseHex("ffffffffffff0200000000aa0806" + "00".repeat(47));
    private static final byte[] PONG = HexFormat.of().parseHex("0200000000aa0200000000bb0806" + "11".repeat(46));

    @TempDir
    Path folder;

    /** One enhanced packet block, as another program would read it. */
    private record Packet(int port, long timestampNs, byte[] bytes, int originalLength, int flags) {}

    @Test
    void shouldRecordBothDirectionsWithInterfaceTimeAndLength() throws Exception {
        Path path = folder.resolve("a.pcapng");
        long before = System.currentTimeMillis();
        try (CaptureFile file = new CaptureFile(path);
                VirtualSwitch lan =
                        VirtualSwitch.builder().invoker(System::nanoTime).build()) {
            MemoryPort a = new MemoryPort("a");
            MemoryPort b = new MemoryPort("b");
            lan.add(new CapturingDriver(a, file));
            lan.add(b);
            a.send(PING);
            settle(lan);
            b.send(PONG);
            settle(lan);
            assertThat(a.receive()).isEqualTo(PONG);
            assertThat(b.receive()).isEqualTo(PING);
            assertThat(lan.statistics().unaccounted()).isZero();
        }
        List<Packet> packets = read(path);
        assertThat(packets).hasSize(2);
        assertThat(packets.get(0).bytes()).isEqualTo(PING);
        assertThat(packets.get(0).flags()).isEqualTo(1); // inbound
        assertThat(packets.get(1).bytes()).isEqualTo(PONG);
        assertThat(packets.get(1).flags()).isEqualTo(2); // outbound
        assertThat(packets.get(0).originalLength()).isEqualTo(PING.length);
        assertThat(packets.get(0).timestampNs()).isBetween((before - 1_000) * 1_000_000L, Long.MAX_VALUE);
        assertThat(packets.get(1).timestampNs())
                .isGreaterThanOrEqualTo(packets.get(0).timestampNs());
    }

    @Test
    void shouldCountWhatIsOnItsWayWhenAPortLeaves() throws Exception {
        try (CaptureFile file = new CaptureFile(folder.resolve("b.pcapng"));
                VirtualSwitch lan =
                        VirtualSwitch.builder().invoker(System::nanoTime).build()) {
            MemoryPort a = new MemoryPort("a");
            try (var attached = lan.add(new CapturingDriver(a, file))) {
                a.send(PING);
                assertThat(attached.ports()).hasSize(1);
            }
            assertThat(lan.statistics().unaccounted()).isZero();
            assertThat(lan.statistics().rxFrames()).isEqualTo(1);
        }
    }

    private static void settle(VirtualSwitch lan) {
        while (lan.step()) {
            // until nothing is left to do
        }
    }

    private static List<Packet> read(Path path) throws Exception {
        ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(file.getInt(0)).isEqualTo(0x0A0D0D0A);
        assertThat(file.getInt(8)).isEqualTo(0x1A2B3C4D);
        List<Packet> packets = new ArrayList<>();
        int interfaces = 0;
        for (int at = 0; at < file.limit(); at += file.getInt(at + 4)) {
            int length = file.getInt(at + 4);
            assertThat(length % 4).isZero();
            assertThat(file.getInt(at + length - 4)).isEqualTo(length);
            if (file.getInt(at) == 1) {
                interfaces++;
                assertThat(file.getShort(at + 8)).isEqualTo((short) 1); // LINKTYPE_ETHERNET
            } else if (file.getInt(at) == 6) {
                int kept = file.getInt(at + 20);
                byte[] bytes = new byte[kept];
                file.get(at + 28, bytes);
                int options = at + 28 + (kept + 3) / 4 * 4;
                assertThat(file.getInt(options)).isEqualTo(2 | 4 << 16); // epb_flags, 4 bytes
                packets.add(new Packet(
                        file.getInt(at + 8),
                        (long) file.getInt(at + 12) << 32 | file.getInt(at + 16) & 0xFFFF_FFFFL,
                        bytes,
                        file.getInt(at + 24),
                        file.getInt(options + 4)));
                assertThat(file.getInt(at + 8)).isLessThan(interfaces);
            }
        }
        return packets;
    }
}
