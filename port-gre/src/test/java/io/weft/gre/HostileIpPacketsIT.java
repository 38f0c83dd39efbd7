package io.weft.gre;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.Scapy;
import io.weft.Wire;
import io.weft.port.DropReason;
import io.weft.port.MemoryPort;
import io.weft.port.PortProviders;
import io.weft.port.PortStatistics;
import io.weft.tap.NetworkNamespace;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a peer may put into a tunnel of IP packets in their place. */
@Timeout(120)
class HostileIpPacketsIT {
    /** Prints "good PACKET" or "bad" for each that it sends, by the kernel's own raw socket. */
    private static final String SEND = """
            import socket, struct, sys
            from scapy.all import GRE, IP, UDP, TCP, IPv6, Raw
            to = sys.argv[1]
            family = socket.AF_INET6 if ':' in to else socket.AF_INET
            wire = socket.socket(family, socket.SOCK_RAW, 47)
            def send(label, proto, packet, key=5):
                wire.sendto(struct.pack('!HHI', 0x2000, proto, key) + packet, (to, 0))
                print(label, '%04x' % proto + packet.hex())
            four = bytes(IP(src='10.9.0.2', dst='10.9.0.1') / UDP(sport=7, dport=9) / bytes(60))
            six = bytes(IPv6(src='fd09::2', dst='fd09::1') / TCP(sport=7, dport=9) / bytes(60))
            for round in range(3):
                send('good', 0x0800, four)
                send('good', 0x86dd, six)
                send('bad', 0x0800, six)
                send('bad', 0x86dd, four)
                send('bad', 0x0800, b'')
                send('bad', 0x86dd, b'')
                for version in (0, 1, 5, 7, 15):
                    send('bad', 0x0800, bytes([version << 4 | 5]) + four[1:])
                    send('bad', 0x86dd, bytes([version << 4]) + six[1:])
                for length in (0, 19, 21, 87, 89, 65535):
                    send('good', 0x0800, four[:2] + struct.pack('!H', length) + four[4:])
                    send('good', 0x86dd, six[:4] + struct.pack('!H', length) + six[6:])
                nested = four
                for depth in range(8):
                    nested = bytes(IP(src='10.0.0.2', dst='10.0.0.1', proto=47) / GRE(key_present=1, key=5) / Raw(nested))
                    send('good', 0x0800, nested)
                send('key', 0x0800, four, 6)
                send('key', 0x6558, bytes(12) + b'\\x08\\x00' + four)
                send('protocol', 0x0806, bytes(28))
                send('keepalive', 0, b'')
            """;

    @BeforeAll
    static void probe() throws Exception {
        NetworkNamespace.assumeAvailable();
        NetworkNamespace.assumeProgram("ethtool");
        Scapy.assumeAvailable();
    }

    @ParameterizedTest(name = "IPv{0}")
    @ValueSource(ints = {4, 6})
    void shouldTakeNothingElseForIpPackets(int ipVersion) throws Exception {
        Queue<String> frames = new ConcurrentLinkedQueue<>();
        MemoryPort station = new MemoryPort("h").onFrame(bytes -> {
            byte[] frame = new byte[bytes.remaining()];
            bytes.get(frame);
            frames.add(HexFormat.of().formatHex(frame));
        });
        try (TwoSites network = TwoSites.bridged(ipVersion);
                Wire wire = Wire.between(station, PortProviders.create(network.uri("gre", "gre0", 1, "key=5")))) {
            List<String> good = new ArrayList<>();
            int bad = 0;
            for (String line : network.site2
                    .run("/usr/bin/python3", "-c", SEND, network.address(1))
                    .split("\n")) {
                String[] words = line.split(" ");
                if (words[0].equals("good")) {
                    good.add("00".repeat(12) + words[1]);
                } else if (words[0].equals("bad")) {
                    bad++;
                }
            }
            assertThat(bad).isEqualTo(3 * 14);
            NetworkNamespace.await("all is taken in", () -> frames.size() >= good.size());
            assertThat(frames).containsExactlyElementsOf(good);
            PortStatistics port = wire.ports().stream()
                    .filter(each -> each.name().equals("gre0"))
                    .findFirst()
                    .orElseThrow()
                    .statistics();
            assertThat(port.dropped(DropReason.MALFORMED)).isEqualTo(bad);
            assertThat(port.dropped()).isEqualTo(bad);
            assertThat(port.rxFrames()).isEqualTo(good.size() + bad);
            NetworkNamespace.await(
                    "no packet unaccounted for", () -> wire.statistics().unaccounted() == 0);
        }
    }
}
