package io.weft.tap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.TestSeed;
import io.weft.Wire;
import io.weft.port.DropReason;
import io.weft.port.PortException;
import io.weft.port.PortStatistics;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Two hosts of the kernel's own talk through two TUN devices and a wire. */
@Timeout(120)
class TunTrafficIT {
    @TempDir
    Path folder;

    @BeforeAll
    static void probe() {
        NetworkNamespace.assumeAvailable();
        NetworkNamespace.assumeProgram("ping");
    }

    @ParameterizedTest
    @ValueSource(strings = {"on", "csum", "off"})
    void shouldCarryIpv4AndIpv6(String offload) throws Exception {
        try (TunHosts hosts = new TunHosts("&offload=" + offload, "&offload=" + offload)) {
            assertThat(hosts.host1.run("ping", "-c", "20", "-i", "0.01", "-W", "5", "10.9.0.2"))
                    .contains("20 received");
            assertThat(hosts.host1.run("ping", "-6", "-c", "20", "-i", "0.01", "-W", "5", "fd09::2"))
                    .contains("20 received");
            PortStatistics sums = hosts.settled();
            assertThat(sums.txFrames()).isGreaterThanOrEqualTo(80);
            assertNothingRefused(sums);
        }
    }

    private static void assertNothingRefused(PortStatistics sums) {
        for (DropReason reason : new DropReason[] {
            DropReason.MALFORMED, DropReason.NOT_IP, DropReason.TX_ERROR, DropReason.TOO_LONG, DropReason.RX_TOO_LONG
        }) {
            assertThat(sums.dropped(reason)).as(reason.toString()).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "on, on, 1500, tcp, 4",
        "on, on, 1500, tcp, 6",
        "on, off, 1500, tcp, 4",
        "on, off, 1500, tcp, 6",
        "off, on, 1500, tcp, 4",
        "off, on, 1500, tcp, 6",
        "csum, on, 1500, tcp, 4",
        "on, csum, 1500, tcp, 6",
        "off, off, 1500, tcp, 4",
        "on, on, 9000, tcp, 4",
        "on, off, 9000, tcp, 6",
        "off, on, 9000, tcp, 4",
        "on, on, 1500, udp, 4",
        "on, off, 1500, udp, 6",
        "on, off, 9000, udp, 4",
        "off, off, 1500, udp, 4",
    })
    void shouldCarryAFileUnchanged(String offload1, String offload2, int mtu, String protocol, int family)
            throws Exception {
        NetworkNamespace.assumeProgram("python3");
        byte[] payload = new byte[4_000_003];
        TestSeed.random("TunTrafficIT").nextBytes(payload);
        Path file = Files.write(folder.resolve("payload"), payload);
        try (TunHosts hosts =
                new TunHosts("&mtu=" + mtu + "&offload=" + offload1, "&mtu=" + mtu + "&offload=" + offload2)) {
            String hash = transfer(hosts, protocol, family == 4 ? "10.9.0.2" : "fd09::2", file);
            assertThat(hash)
                    .isEqualTo(HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(payload)));
            PortStatistics sums = hosts.settled();
            assertNothingRefused(sums);
            PortStatistics sender = hosts.status("tun1").statistics();
            if (offload1.equals("on")) {
                assertThat(sender.rxSegments()).as("super-frames came in").isGreaterThan(sender.rxFrames());
            } else {
                assertThat(sender.rxSegments()).as("no super-frame came in").isEqualTo(sender.rxFrames());
            }
            assertThat(hosts.host2.run("cat", "/proc/net/snmp"))
                    .as("the kernel found no wrong checksum")
                    .containsPattern("Tcp: .*InCsumErrors\\nTcp: .* 0\\n")
                    .containsPattern("Udp: .*InCsumErrors.*\\nUdp: (\\d+ ){6}0 ");
            assertThat(hosts.host2.run("cat", "/proc/net/snmp6")).containsPattern("Udp6InCsumErrors\\s+0\\n");
        }
    }

    /** The SHA-256 of what arrived. */
    private String transfer(TunHosts hosts, String protocol, String address, Path file) throws Exception {
        String script = KernelSegments.script("transfer.py", folder).toString();
        Process sink = new ProcessBuilder(
                        "ip", "netns", "exec", hosts.host2.name(), "python3", script, "sink", protocol, address)
                .redirectErrorStream(true)
                .start();
        try (BufferedReader said =
                new BufferedReader(new InputStreamReader(sink.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(said.readLine()).isEqualTo("ready");
            hosts.host1.run("python3", script, "source", protocol, address, file.toString());
            return said.readLine();
        } finally {
            sink.destroyForcibly().waitFor();
        }
    }

    @Test
    void shouldCarryJumboPackets() throws Exception {
        try (TunHosts hosts = new TunHosts("&mtu=9000", "&mtu=9000")) {
            assertThat(hosts.host1.run("ping", "-c", "10", "-i", "0.01", "-M", "do", "-s", "8972", "10.9.0.2"))
                    .contains("10 received");
            assertThat(hosts.host1.succeeds("ping", "-c", "1", "-M", "do", "-s", "8973", "10.9.0.2"))
                    .isFalse();
            assertNothingRefused(hosts.settled());
        }
    }

    @Test
    void shouldTakeTheLongestPacketAndCountALongerOne() throws Exception {
        try (TunHosts hosts = new TunHosts("&mtu=65521", "&mtu=65521")) {
            assertThat(hosts.host1.run("ping", "-c", "1", "-W", "5", "-M", "do", "-s", "65493", "10.9.0.2"))
                    .contains("1 received");
            hosts.host1.run("ip", "link", "set", "tun1", "mtu", "65535");
            assertThat(hosts.host1.succeeds("ping", "-c", "1", "-W", "1", "-M", "do", "-s", "65494", "10.9.0.2"))
                    .isFalse();
            assertThat(hosts.status("tun1").statistics().dropped(DropReason.RX_TOO_LONG))
                    .isOne();
            hosts.settled();
        }
    }

    @Test
    void shouldCarryParallelStreamsEachInItsOrder() throws Exception {
        NetworkNamespace.assumeProgram("iperf3");
        try (TunHosts hosts = new TunHosts("&queues=2", "&queues=2&offload=off")) {
            assertThat(hosts.host1.run("ip", "-d", "link", "show", "tun1")).contains("multi_queue");
            hosts.host2.start("iperf3", "-s", "-1");
            NetworkNamespace.await("iperf3 listens", () -> hosts.host2
                    .run("cat", "/proc/net/tcp", "/proc/net/tcp6")
                    .contains(":1451 ")); // port 5201
            String report = hosts.host1.run(
                    "iperf3", "-c", "10.9.0.2", "-u", "-b", "4M", "-l", "200", "-P", "4", "-t", "2", "-J");
            Matcher outOfOrder = Pattern.compile("\"out_of_order\":\\s*(\\d+)").matcher(report);
            int flows = 0;
            while (outOfOrder.find()) {
                assertThat(outOfOrder.group(1)).as(report).isEqualTo("0");
                flows++;
            }
            assertThat(flows).as(report).isGreaterThanOrEqualTo(4);
            assertNothingRefused(hosts.settled());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"on", "off"})
    void shouldCountWhatTheHostSendsThatIsNoPacket(String offload) throws Exception {
        try (TunHosts hosts = new TunHosts("&offload=" + offload, "&offload=" + offload);
                PacketSocket raw = PacketSocket.open(hosts.host1, "tun1")) {
            int sent = 0;
            for (int version : new int[] {0, 1, 5, 7, 15}) {
                for (int length : new int[] {1, 20, 64, 1_500}) {
                    byte[] packet = new byte[length];
                    packet[0] = (byte) (version << 4 | 5);
                    raw.send(packet);
                    sent++;
                }
            }
            int expected = sent;
            NetworkNamespace.await(
                    "all are counted",
                    () -> hosts.status("tun1").statistics().dropped(DropReason.MALFORMED) == expected);
            assertThat(hosts.host1.run("ping", "-c", "3", "-i", "0.01", "-W", "5", "10.9.0.2"))
                    .contains("3 received");
            assertThat(hosts.settled().dropped(DropReason.MALFORMED)).isEqualTo(sent);
        }
    }

    @Test
    void shouldGoDownWhenTheDeviceIsDeleted() throws Exception {
        try (TunHosts hosts = new TunHosts("", "&queues=2")) {
            hosts.host2.run("ip", "link", "delete", "tun2");
            NetworkNamespace.await(
                    "the port to be down", () -> !hosts.status("tun2").up());
            assertThat(hosts.status("tun2").downReason()).contains("TUN device tun2 is gone");
            hosts.settled();
        }
    }

    @Test
    void shouldLeaveNothingBehind() throws Exception {
        new TunHosts("", "&queues=2&offload=off").close(); // so that what is opened once in a process's life is open
        int before = OpenDescriptors.count();
        try (TunHosts hosts = new TunHosts("", "&queues=2&offload=off")) {
            assertThat(hosts.host1.run("ping", "-c", "1", "10.9.0.2")).contains("1 received");
            hosts.wire.close();
            assertThat(OpenDescriptors.count()).isEqualTo(before);
            assertThat(hosts.host1.run("ip", "link")).doesNotContain("tun1");
            assertThatThrownBy(() -> Wire.between(
                            "tun:tun1?netns=" + hosts.host1.name(), "tun:tun2?mtu=9000&netns=no-such-netns"))
                    .isInstanceOf(PortException.class)
                    .hasMessageStartingWith("tun port 'tun2': option netns is 'no-such-netns'");
            assertThat(OpenDescriptors.count()).isEqualTo(before);
            assertThat(hosts.host1.run("ip", "link")).doesNotContain("tun1");
        }
    }
}
