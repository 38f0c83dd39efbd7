package io.weft.tunnel.bfd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.weft.TestSeed;
import io.weft.capture.Tshark;
import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Has Wireshark and scapy read what a session sends, and a session what scapy sends. */
@Timeout(120)
class BfdDissectionIT {
    private static final String PYTHON = "/usr/bin/python3";
    private static final long MAC = 0x0200_0000_0001L;

    private final SplittableRandom random = TestSeed.random("BfdDissectionIT");
    private final Frame frame = new FramePool(1, 0).allocate(200);
    private final BfdSession session =
            new BfdSession(BfdSettings.DEFAULT, 0x01020304, random, 0, (changed, before) -> {});
    private final List<byte[]> frames = new ArrayList<>();
    private long now;

    @TempDir
    Path folder;

    /** From the first packet to the end of a session, each in one of three encapsulations. */
    @BeforeEach
    void converse() throws Exception {
        List<BfdEncapsulation> encapsulations = List.of(
                BfdEncapsulation.openVSwitch(MAC, 49_152),
                BfdEncapsulation.vxlan(MAC, InetAddress.getByName("192.0.2.1"), 60_000),
                BfdEncapsulation.vxlan(MAC, InetAddress.getByName("2001:db8::1"), 65_535));
        for (BfdEncapsulation encapsulation : encapsulations) {
            send(encapsulation);
            RemotePacket.to(session, BfdState.DOWN).giveTo(session, frame, now);
            send(encapsulation);
            RemotePacket.to(session, BfdState.UP).flags(BfdPacket.POLL).giveTo(session, frame, now);
            send(encapsulation); // Final
            send(encapsulation); // Poll
            session.disable();
            send(encapsulation);
            session.enable();
        }
    }

    private void send(BfdEncapsulation encapsulation) {
        while (!session.poll(now)) {
            now = session.nextDueNs();
        }
        session.write(frame, encapsulation.packetOffset());
        encapsulation.put(frame);
        frames.add(frame.toByteArray());
    }

    @Test
    void shouldBeReadByTshark() throws Exception {
        Path file = folder.resolve("bfd.pcapng");
        Tshark.write(file, frames);
        assertThat(Tshark.read(file, "-Y", Tshark.BAD + " || _ws.expert.severity >= warning"))
                .isEmpty();
        List<String> options = new ArrayList<>(List.of("-T", "fields", "-E", "separator=|"));
        for (String field : List.of(
                "eth.dst",
                "bfd.version",
                "bfd.diag",
                "bfd.sta",
                "bfd.flags",
                "bfd.detect_time_multiplier",
                "bfd.my_discriminator",
                "bfd.your_discriminator",
                "bfd.desired_min_tx_interval",
                "bfd.required_min_rx_interval",
                "udp.checksum.status")) {
            options.addAll(List.of("-e", field));
        }
        String ours = "|3|0x01020304|0x0badcafe|";
        String slow = "1000000|1000000|1";
        String fast = "100000|1000000|1";
        List<String> expected = new ArrayList<>();
        for (String to : List.of("00:23:20:00:00:01", "00:00:5e:00:52:02", "00:00:5e:00:52:02")) {
            boolean first = expected.isEmpty();
            String diagnostic = first ? "0x00" : "0x07"; // why it went down before
            expected.add(to + "|1|" + diagnostic + "|0x01|0x40" + (first ? ours.replace("badcafe", "0000000") : ours)
                    + slow);
            expected.add(to + "|1|" + diagnostic + "|0x02|0x80" + ours + slow);
            expected.add(to + "|1|" + diagnostic + "|0x03|0xd0" + ours + fast);
            expected.add(to + "|1|" + diagnostic + "|0x03|0xe0" + ours + fast);
            expected.add(to + "|1|0x07|0x00|0x00" + ours + slow);
        }
        assertThat(Tshark.read(file, options.toArray(String[]::new))).isEqualTo(expected);
    }

    @Test
    void shouldBeMadeAgainByScapyByteForByte() throws Exception {
        assertThat(scapy(String.join(
                        "\n",
                        "from scapy.layers.l2 import Ether",
                        "from scapy.layers.inet import IP, UDP",
                        "from scapy.layers.inet6 import IPv6",
                        "from scapy.contrib.bfd import BFD",
                        "import sys",
                        "for line in sys.stdin:",
                        "    frame = Ether(bytes.fromhex(line))",
                        "    bfd = frame[BFD]",
                        "    del bfd.len, frame[UDP].len, frame[UDP].chksum",
                        "    ip = frame[IP] if IP in frame else frame[IPv6]",
                        "    if IP in frame: del ip.len, ip.chksum",
                        "    else: del ip.plen",
                        "    assert bfd.version == 1 and (ip.ttl if IP in frame else ip.hlim) == 255",
                        "    print(bytes(frame).hex())")))
                .isEqualTo(frames.stream().map(HexFormat.of()::formatHex).toList());
    }

    @Test
    void shouldReadWhatScapyMakes() throws Exception {
        List<String> made = scapy(
                String.join(
                        "\n",
                        "from scapy.all import *",
                        "from scapy.contrib.bfd import BFD",
                        "for ip in IP(src='169.254.1.1', dst='169.254.1.0', ttl=255), IPv6(src='fe80::1', dst='fe80::2', hlim=255):",
                        "    for state in range(4):",
                        "        bfd = BFD(sta=state, my_discriminator=5, your_discriminator=0x01020304, min_tx_interval=70000,",
                        "                  min_rx_interval=80000, detect_mult=9, diag=8)",
                        "        print(bytes(Ether(dst='00:23:20:00:00:01') / ip / UDP(sport=50000, dport=3784) / bfd).hex())"));
        assertThat(made).hasSize(8);
        for (int i = 0; i < made.size(); i++) {
            byte[] bytes = HexFormat.of().parseHex(made.get(i));
            frame.length(bytes.length);
            frame.putBytes(0, bytes, 0, bytes.length);
            assertThat(BfdEncapsulation.isBfd(frame, BfdEncapsulation.NO_MAC)).isTrue();
            assertThat(session.onFrame(frame, now)).isNull();
            assertThat(session.remoteState().code()).isEqualTo(i % 4);
            assertThat(session.status().remoteDiagnostic()).isEqualTo(BfdDiagnostic.REVERSE_CONCATENATED_PATH_DOWN);
            assertThat(session.status().detectionTimeNs()).isEqualTo(9_000_000_000L);
        }
    }

    /** What scapy prints when given our frames, one a line. */
    private List<String> scapy(String script) throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(Path.of(PYTHON)), "skipped: no " + PYTHON);
        Path input = folder.resolve("frames");
        Files.write(input, frames.stream().map(HexFormat.of()::formatHex).toList());
        Process python = new ProcessBuilder(PYTHON, "-W", "ignore", "-c", script)
                .redirectInput(input.toFile())
                .redirectError(folder.resolve("errors").toFile())
                .start();
        try {
            String printed = new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            String errors;
            int status = python.waitFor();
            errors = Files.readString(folder.resolve("errors"));
            assumeTrue(!errors.contains("No module named 'scapy'"), "skipped: no python3-scapy");
            assertThat(status).as(errors).isZero();
            return printed.lines().toList();
        } finally {
            python.destroyForcibly();
        }
    }
}
