package io.weft.gre;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.tap.FileTransfer;
import io.weft.tap.NetworkNamespace;
import io.weft.tunnel.HostTraffic;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What nobody else here speaks, GRE in UDP (RFC 8086) and NVGRE (RFC 7637), between two switches, as Wireshark reads it. */
@Timeout(180)
class GreDissectionIT {
    @TempDir
    Path folder;

    @BeforeAll
    static void probe() {
        NetworkNamespace.assumeAvailable();
        for (String program : new String[] {"ethtool", "ping", "iperf3", "python3", "tcpdump", "tshark"}) {
            NetworkNamespace.assumeProgram(program);
        }
    }

    private static void converse(TwoSites network) throws Exception {
        network.awaitAnswer();
        for (String to : new String[] {"10.9.0.2", "fd09::2"}) {
            int longest = TwoSites.MTU - (to.contains(":") ? 48 : 28);
            HostTraffic.ping(network.host1, 5, to);
            HostTraffic.ping(network.host1, 1, to, "-M", "do", "-s", "" + longest);
            HostTraffic.datagrams(network.host1, network.host2, to, 1, 700, longest);
            HostTraffic.tcp(network.host1, network.host2, to, "-n", "200K");
        }
    }

    private static void files(TwoSites network) throws Exception {
        FileTransfer.check(network.host1, network.host2, "10.9.0.2");
        FileTransfer.check(network.host2, network.host1, "fd09::1");
        network.settled();
    }

    @ParameterizedTest(name = "IPv{0}: {1}")
    @CsvSource({
        "4, ''",
        "4, key=5 seq=true src_ports=1",
        "4, udp_csum=false csum=true",
        "6, ''",
        "6, key=5 seq=true csum=true src_ports=1",
    })
    void shouldWriteGreInUdp(int ipVersion, String options) throws Exception {
        try (TwoSites network = TwoSites.bridged(ipVersion)) {
            String udp =
                    ("encap=udp src_port_range=60000-65535 " + options).strip(); // those that tshark knows nothing of
            network.near(udp);
            network.far(udp);
            network.awaitAnswer();
            GreCapture capture = new GreCapture(network.core, "site1", folder.resolve("pcap"), "udp port 4754");
            converse(network);
            List<String> sent = capture.read(
                    (ipVersion == 4 ? "ip.src == 10.0.0.1" : "ipv6.src == fd00::1") + " && udp.dstport == 4754",
                    "gre.flags_and_version",
                    "gre.proto",
                    "udp.srcport",
                    "udp.checksum",
                    "frame.protocols");
            capture.stop();
            assertThat(sent).hasSizeGreaterThan(20).allSatisfy(line -> {
                String[] values = line.split(";", -1);
                int flags = (options.contains("csum=true") && !options.contains("udp_csum=true") ? 0x8000 : 0)
                        | (options.contains("key") ? 0x2000 : 0)
                        | (options.contains("seq") ? 0x1000 : 0);
                assertThat(Integer.decode(values[0])).isEqualTo(flags);
                assertThat(values[1]).isEqualTo("0x6558");
                assertThat(Integer.parseInt(values[2])).isGreaterThanOrEqualTo(60_000);
                assertThat(values[3].equals("0x0000")).isEqualTo(options.contains("udp_csum=false"));
                assertThat(values[4]).contains(":udp:gre:eth");
            });
            assertThat(capture.bad()).isEmpty();
            files(network);
        }
    }

    @ParameterizedTest(name = "IPv{0}")
    @ValueSource(ints = {4, 6})
    void shouldWriteVirtualSubnets(int ipVersion) throws Exception {
        try (TwoSites network = TwoSites.bridged(ipVersion)) {
            String options = "nvgre=true key=0xabcdef inner_tags=discard";
            network.near(options);
            network.far(options);
            network.awaitAnswer();
            GreCapture capture =
                    new GreCapture(network.core, "site1", folder.resolve("pcap"), "proto 47 or ip6 proto 47");
            converse(network);
            List<String> all = capture.read("gre", "gre.flags_and_version", "gre.proto", "gre.key");
            assertThat(all).hasSizeGreaterThan(40).allMatch(line -> line.matches("0x2000;0x6558;0xabcdef\\w\\w"));
            // Packets of one connection have one flow identifier, and not all flows have the same.
            List<String> flows = capture.read("tcp.dstport == 5201", "tcp.srcport", "gre.key").stream()
                    .distinct()
                    .toList();
            assertThat(flows.stream().map(line -> line.split(";")[0]))
                    .doesNotHaveDuplicates()
                    .hasSizeGreaterThan(3);
            assertThat(flows.stream().map(line -> line.split(";")[1]).distinct())
                    .hasSizeGreaterThan(1);
            capture.stop();
            assertThat(capture.bad()).isEmpty();
            files(network);
        }
    }
}
