package io.weft.srv6;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.Scapy;
import io.weft.capture.Tshark;
import io.weft.tap.NetworkNamespace;
import io.weft.tunnel.HostTraffic;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a port sends, as Wireshark reads it, and as scapy writes it. */
@Timeout(180)
class Srv6DissectionIT {
    /** Takes each packet apart, forgets what can be computed, and puts it together again. */
    private static final String REBUILD = """
            import sys
            from scapy.all import Ether, IPv6, PcapReader, Raw
            from scapy.layers.inet6 import IPv6ExtHdrSegmentRouting
            count = headers = 0
            for packet in PcapReader(sys.argv[1]):
                octets = bytes(packet)
                again = Ether(octets)
                again[IPv6].plen = None
                if IPv6ExtHdrSegmentRouting in again:
                    headers += 1
                    srh = again[IPv6ExtHdrSegmentRouting]
                    assert srh.lastentry == len(srh.addresses) - 1, srh
                    srh.len = srh.lastentry = None
                assert bytes(again) == octets, again.show(dump=True)
                count += 1
            print(count, headers)
            """;

    @TempDir
    Path folder;

    @BeforeAll
    static void probe() throws Exception {
        KernelSites.assumeAvailable();
        NetworkNamespace.assumeProgram("tcpdump");
        NetworkNamespace.assumeProgram("tshark");
        Scapy.assumeAvailable();
    }

    /** {@code segments} are those of the SRH, as tshark tells them: the last one first. */
    @ParameterizedTest(name = "mode={0} {1} by {2}")
    @CsvSource(
            delimiter = '|',
            value = {
                "l2 | encap=full | fc00:2:0:d2:: | 143 | fc00:2:0:d2::",
                "l2 | encap=red&srv6_flowlabel=compute | fc00:2:0:d2:: | 143 | ''",
                "l2 | encap=full&tos=inherit&ttl=9 | fc00:9::1,fc00:9::2,fc00:2:0:d2:: | 143 |"
                        + " fc00:2:0:d2::,fc00:9::2,fc00:9::1",
                "bridge | encap=red | fc00:9::1,fc00:9::2,fc00:2:0:d2:: | 143 | fc00:2:0:d2::,fc00:9::2",
                "bridge | hmac=7&hmac_key=7 sha256 secret | fc00:9::1,fc00:2:0:d2:: | 143 | fc00:2:0:d2::,fc00:9::1",
                "l3 | encap=full | fc00:9::1,fc00:2:0:4:: | 4 | fc00:2:0:4::,fc00:9::1",
                "l3 | encap=red | fc00:2:0:4:: | 4 | ''",
            })
    void shouldWriteWhatOthersRead(String mode, String options, String list, int nextHeader, String segments)
            throws Exception {
        try (KernelSites network = new KernelSites(1_500)) {
            network.kernelHost(2);
            network.kernelTakes(2, "fc00:2:0:d2::", "End.DX2 oif p0");
            network.kernelTakes(2, "fc00:2:0:4::", "End.DX4 nh4 10.9.0.2");
            network.kernelPasses("fc00:9::1", "End");
            network.kernelPasses("fc00:9::2", "End");
            String ours = options + "&remote=fc00:2::1 segs " + list + "&sid=fc00:1:0:d2:: ";
            if (mode.equals("l3")) {
                network.packets(1, ours + "End.DT46 table s1");
                network.kernelSends(2, "encap", "fc00:1:0:d2::");
            } else {
                network.ethernet(1, "mode=" + mode + "&" + ours + (mode.equals("l2") ? "End.DX2" : "End.DT2U"));
                network.kernelSends(2, "l2encap", "fc00:1:0:d2::");
            }
            HostTraffic.awaitAnswer(network.host1, "10.9.0.2");
            Path file = folder.resolve("pcap");
            Process tcpdump = capture(network, file);
            HostTraffic.ping(network.host1, 5, "10.9.0.2");
            HostTraffic.datagrams(network.host1, network.host2, "10.9.0.2", 1, 700, network.mtu - 28);
            HostTraffic.tcp(network.host1, network.host2, "10.9.0.2", "-n", "200K");
            tcpdump.destroy();
            tcpdump.waitFor();

            assertThat(Tshark.read(file, "-Y", Tshark.BAD)).isEmpty();
            List<String> lines = Tshark.read(
                    file,
                    "-Y",
                    "icmp || udp || tcp",
                    "-T",
                    "fields",
                    "-E",
                    "separator=;",
                    "-e",
                    "ipv6.routing.srh.addr",
                    "-e",
                    "frame.protocols");
            assertThat(lines).hasSizeGreaterThan(50);
            int headers = list.split(",").length + (options.contains("encap=red") ? -1 : 0);
            assertThat(segments.isEmpty() ? 0 : segments.split(",").length).isEqualTo(headers);
            assertThat(lines).allSatisfy(line -> {
                String[] values = line.split(";", -1);
                assertThat(values[0]).isEqualTo(segments);
                assertThat(values[1])
                        .startsWith("eth:ethertype:ipv6:" + (segments.isEmpty() ? "" : "ipv6.routing:")
                                + (nextHeader == 143 ? "eth:ethertype:ip:" : "ip:"));
            });
            String[] rebuilt = network.core
                    .run("/usr/bin/python3", "-c", REBUILD, file.toString())
                    .strip()
                    .split(" ");
            assertThat(Integer.parseInt(rebuilt[0])).isGreaterThanOrEqualTo(lines.size());
            assertThat(rebuilt[1]).isEqualTo(segments.isEmpty() ? "0" : rebuilt[0]);
            network.allSettled();
        }
    }

    /** What comes from site 1. */
    private static Process capture(KernelSites network, Path file) throws InterruptedException {
        Process tcpdump = network.core.start(
                "tcpdump",
                "--immediate-mode",
                "-Z",
                "root",
                "-n",
                "-U",
                "-i",
                "site1",
                "-w",
                file.toString(),
                "ip6 src fc00:1::1 and not icmp6");
        // Written when it has begun to capture.
        NetworkNamespace.await(
                "tcpdump captures", () -> Files.exists(file) && file.toFile().length() >= 24);
        return tcpdump;
    }
}
