package io.weft.vxlan;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.tap.NetworkNamespace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What goes over the underlay, as tshark reads it. It is recorded where the core's bridge sends it on by an interface without
 * offloads: there each datagram of a run is by itself, and has its checksums.
 */
@Timeout(300)
class KernelWireIT {
    private static final long DEADLINE_S = 30; // only ever reached by a failure

    @TempDir
    Path folder;

    @BeforeAll
    static void probe() {
        Conversation.assumePrograms();
        for (String program : new String[] {"tcpdump", "tshark", "ethtool"}) {
            NetworkNamespace.assumeProgram(program);
        }
    }

    /** What is sent to a site. */
    private record Recording(NetworkNamespace core, int udpPort, Path file, Process tcpdump) {
        static Recording of(KernelNetwork network, int site, int udpPort, Path folder) throws Exception {
            String joint = "site" + site;
            NetworkNamespace core = network.core;
            core.run("ethtool", "-K", joint, "tx", "off", "tso", "off", "gso", "off", "tx-udp-segmentation", "off");
            Path file = folder.resolve(joint + ".pcap");
            Process tcpdump =
                    core.start(("tcpdump -i " + joint + " -Q out -B 65536 -U -Z root -w " + file + " udp").split(" "));
            NetworkNamespace.await(
                    "tcpdump to record",
                    () -> Files.exists(file) && file.toFile().length() > 0);
            return new Recording(core, udpPort, file, tcpdump);
        }

        void end() throws InterruptedException {
            tcpdump.destroy();
            assertThat(tcpdump.waitFor(DEADLINE_S, TimeUnit.SECONDS)).isTrue();
        }

        /** The packets of a filter: of each, its fields, each field with what all layers have. */
        List<String[]> packets(String filter, String... fields) {
            List<String> command = new ArrayList<>(List.of("tshark", "-n", "-r", file.toString(), "-Y", filter));
            for (String check : new String[] {"ip", "tcp", "udp"}) {
                command.addAll(List.of("-o", check + ".check_checksum:TRUE"));
            }
            command.addAll(List.of("-d", "tcp.port==5201,data")); // not what iperf3's bytes or ports look like
            command.addAll(List.of("-d", "udp.port==" + udpPort + ",vxlan", "-T", "fields", "-E", "separator=|"));
            for (String field : fields) {
                command.addAll(List.of("-e", field));
            }
            return core.run(command.toArray(String[]::new))
                    .lines()
                    .filter(line -> line.contains("|"))
                    .map(line -> line.split("\\|", -1))
                    .toList();
        }
    }

    @ParameterizedTest(name = "IPv{0}, checksums {1}, DF {2}, TTL {3}, TOS {4}")
    @CsvSource({
        "4, true, true, 64, inherit, 4789",
        "4, false, false, 9, 0x20, 8472",
        "6, true, true, 255, inherit, 4789",
        "6, false, true, 33, 0x48, 4789"
    })
    void shouldBeVxlanOnTheWire(
            int ipVersion, boolean checksums, boolean dontFragment, int ttl, String tos, int udpPort) throws Exception {
        try (KernelNetwork network = KernelNetwork.bridged(ipVersion)) {
            String zero = ipVersion == 4 ? "noudpcsum" : "udp6zerocsumtx udp6zerocsumrx";
            network.kernel(
                    2,
                    "dstport " + udpPort + " remote " + network.address(1) + " tos inherit "
                            + (checksums ? ipVersion == 4 ? "udpcsum" : "" : zero));
            network.weft("dst_port=" + udpPort + "&csum=" + checksums + "&df_default=" + dontFragment + "&ttl=" + ttl
                    + "&tos=" + tos + "&remote_ip=" + network.address(2) + "&src_port_range=50000-50999"
                    + (ipVersion == 6 ? "&udp6zerocsumrx=true" : ""));
            network.awaitIpv6();
            Conversation forth = new Conversation(network, 1, 2);
            forth.ping(1, KernelNetwork.hostAddress(2, 4));
            Recording toKernel = Recording.of(network, 2, udpPort, folder);
            Recording toWeft = Recording.of(network, 1, udpPort, folder);
            forth.ping(3, KernelNetwork.hostAddress(2, 4), "-Q", "0xb8");
            forth.pings();
            forth.tcpBytes(4, "-n", "2M", "-P", "8");
            forth.tcpBytes(6, "-n", "1M", "-R");
            toKernel.end();
            toWeft.end();
            for (Recording recording : List.of(toKernel, toWeft)) {
                assertSound(recording, checksums);
            }
            String ip = ipVersion == 4 ? "ip.dst == " : "ipv6.dst == ";
            List<String[]> outer = toKernel.packets(
                    ip + network.address(2),
                    "udp.srcport",
                    "vxlan.vni",
                    ipVersion == 4 ? "ip.ttl" : "ipv6.hlim",
                    "ip.flags.df");
            assertHeaders(outer, ipVersion, dontFragment, ttl);
            assertTrafficClass(toKernel, ipVersion, tos);
        }
    }

    private static void assertSound(Recording recording, boolean checksums) {
        List<String[]> all = recording.packets(
                "vxlan",
                "udp.checksum",
                "udp.checksum.status",
                "tcp.checksum.status",
                "ip.checksum.status",
                "vxlan.flags");
        assertThat(all).as("VXLAN in %s", recording.file).hasSizeGreaterThan(100);
        for (String[] packet : all) {
            // 0 is bad, 1 good, 3 not there, 4 not there where IPv6 at first had to have it; that outside is the first
            assertThat(packet[0].split(",")[0].equals("0x0000"))
                    .as("no checksum")
                    .isEqualTo(!checksums);
            assertThat(packet[1].split(",")[0]).isIn(checksums ? List.of("1") : List.of("3", "4"));
            assertThat(packet[1] + packet[2] + packet[3]).doesNotContain("0");
            assertThat(packet[4]).as("flags, 16 bits of them").isEqualTo("0x0800");
        }
        assertThat(all).extracting(packet -> packet[2]).contains("1");
        assertThat(recording.packets("_ws.malformed", "frame.number", "frame.protocols"))
                .isEmpty();
    }

    private static void assertHeaders(List<String[]> packets, int ipVersion, boolean dontFragment, int ttl) {
        TreeSet<Integer> sourcePorts = new TreeSet<>();
        assertThat(packets).hasSizeGreaterThan(100);
        for (String[] packet : packets) {
            sourcePorts.add(Integer.parseInt(packet[0].split(",")[0]));
            assertThat(packet[1]).isEqualTo("" + KernelNetwork.VNI);
            assertThat(packet[2].split(",")[0]).isEqualTo("" + ttl);
            if (ipVersion == 4) {
                assertThat(packet[3].split(",")[0]).isIn(dontFragment ? List.of("1", "True") : List.of("0", "False"));
            }
        }
        assertThat(sourcePorts).hasSizeBetween(3, 8); // a dozen flows over eight ports
        assertThat(sourcePorts.first()).isGreaterThanOrEqualTo(50_000);
        assertThat(sourcePorts.last()).isLessThanOrEqualTo(50_999);
    }

    /** Of the pings that had a TOS of their own, and of those that had none. */
    private static void assertTrafficClass(Recording recording, int ipVersion, String tos) {
        for (String inner : new String[] {"0xb8", "0x00"}) {
            int expected = Integer.decode(tos.equals("inherit") ? inner : tos);
            List<String[]> pings = recording
                    .packets("icmp.type == 8 && ip.dsfield == " + inner, "ip.dsfield", "ipv6.tclass", "udp.srcport")
                    .stream()
                    .filter(packet -> packet[0].endsWith(inner)) // the header inside is the last
                    .toList();
            assertThat(pings).hasSizeGreaterThanOrEqualTo(3);
            assertThat(pings)
                    .extracting(packet ->
                            Integer.decode(packet[ipVersion == 4 ? 0 : 1].split(",")[0]))
                    .containsOnly(expected);
            assertThat(pings)
                    .extracting(packet -> packet[2])
                    .as("one flow, one port")
                    .containsOnly(pings.get(0)[2]);
        }
    }
}
