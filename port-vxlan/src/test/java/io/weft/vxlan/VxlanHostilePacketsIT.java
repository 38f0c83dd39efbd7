package io.weft.vxlan;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.Scapy;
import io.weft.TestSeed;
import io.weft.bridge.VlanSet;
import io.weft.bridge.VlanSettings;
import io.weft.capture.Tshark;
import io.weft.port.DropReason;
import io.weft.tap.NetworkNamespace;
import io.weft.tunnel.ExposedSite;
import io.weft.tunnel.HostilePackets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Datagrams that scapy ({@code hostile.py}) puts on the wire of a VTEP with real sockets: each is counted where it belongs, none
 * does harm or gets into another segment, and good ones in between arrive. And what the VTEP itself puts there, tshark reads.
 */
@Timeout(300)
class VxlanHostilePacketsIT {
    /** Which account a kind of datagram goes to: a segment that gets the frame, a reason of a port's, or one of the VTEP's. */
    private static final Map<String, List<Object>> ACCOUNTS = Map.ofEntries(
            Map.entry("good", List.of("a")),
            Map.entry("no-vni", List.of(VtepCounter.NO_VNI)),
            Map.entry("policy", List.of(VtepCounter.GROUP_BASED_POLICY)),
            Map.entry("extension", List.of(VtepCounter.PROTOCOL_EXTENSION)),
            Map.entry("vni", List.of(VtepCounter.UNKNOWN_VNI)),
            Map.entry("reserved", List.of("a")),
            Map.entry("plain-strict", List.of("b")),
            Map.entry("reserved-strict", List.of("vx200", DropReason.MALFORMED)),
            Map.entry("short", List.of(VtepCounter.TOO_SHORT)),
            Map.entry("runt", List.of("vx100", DropReason.RUNT)),
            Map.entry("cut", List.of("a")),
            Map.entry("tag", List.of("vx100", DropReason.INNER_TAG)),
            Map.entry("tag-carried", List.of("c")),
            Map.entry("tag-runt", List.of("vx300", DropReason.RUNT)),
            Map.entry("tag-reserved", List.of("vx300", DropReason.INVALID_VLAN)),
            Map.entry("tag-foreign", List.of("vx300", DropReason.VLAN_NOT_ALLOWED)),
            Map.entry("lie", List.of("a")),
            Map.entry("reserved-multicast", List.of("vx100", DropReason.RESERVED_MULTICAST)),
            Map.entry("nested", List.of("a")),
            Map.entry("stranger", List.of("vx100", DropReason.UNKNOWN_REMOTE)),
            Map.entry("crossed", List.of("vx100", DropReason.UNKNOWN_REMOTE)),
            Map.entry("crossed-strict", List.of("vx200", DropReason.UNKNOWN_REMOTE)),
            Map.entry("own", List.of("vx100", DropReason.UNKNOWN_REMOTE)),
            Map.entry("own-learning", List.of(VtepCounter.OWN_ADDRESS)),
            Map.entry("learned", List.of("d")),
            Map.entry("too-many", List.of("vx400", DropReason.UNKNOWN_REMOTE)),
            Map.entry("congested", List.of("vx100", DropReason.ECN_NOT_CAPABLE)),
            Map.entry("kernel", List.of()),
            Map.entry("checksum", List.of(VtepCounter.QUEUE_FULL)),
            Map.entry("no-checksum", List.of("a")), // IPv6: nowhere
            Map.entry("fragments", List.of("a")));

    private static final int PCAP_HEADER_LENGTH = 24;

    @TempDir
    Path folder;

    @BeforeAll
    static void probe() throws Exception {
        NetworkNamespace.assumeAvailable();
        for (String program : new String[] {"ethtool", "tcpdump", "tshark"}) {
            NetworkNamespace.assumeProgram(program);
        }
        Scapy.assumeAvailable();
    }

    /**
     * Segment a is VNI 100 with remote end .2, b is VNI 200 with .3 and {@code strict}, c is VNI 300 with .2 and carries VLANs 31 to
     * 33 tagged, d is VNI 400 and learns up to four remote ends.
     */
    private static ExposedSite<VtepCounter> site(int ipVersion, boolean coalesced) throws Exception {
        ExposedSite<VtepCounter> site =
                new ExposedSite<>(ipVersion, coalesced, VtepCounter.class, "weft_vtep_refused_datagrams_total");
        boolean complete = false;
        try {
            segment(site, "a", 100, VlanSettings.access(10), "remote_ip=" + site.address(2));
            segment(site, "b", 200, VlanSettings.access(20), "strict=true&remote_ip=" + site.address(3));
            segment(
                    site,
                    "c",
                    300,
                    VlanSettings.trunk(VlanSet.parse("31-33")),
                    "inner_tags=carry&remote_ip=" + site.address(2));
            segment(site, "d", 400, VlanSettings.access(50), "learn_remotes=true&max_remotes=4");
            complete = true;
            return site;
        } finally {
            if (!complete) {
                site.close();
            }
        }
    }

    private static void segment(ExposedSite<VtepCounter> site, String name, int vni, VlanSettings vlans, String options)
            throws Exception {
        site.segment(name, vlans, "vxlan:vx" + vni + "?key=" + vni + "&src_port_range=60000-65535&" + options);
    }

    private List<String[]> script(NetworkNamespace where, String... arguments) throws Exception {
        return HostilePackets.script(VxlanHostilePacketsIT.class, "hostile.py", folder, where, arguments);
    }

    @ParameterizedTest(name = "IPv{0}, coalesced by the kernel: {1}")
    @CsvSource({"4, false", "4, true", "6, true"})
    void shouldCountWhatIsBad(int ipVersion, boolean coalesced) throws Exception {
        try (ExposedSite<VtepCounter> site = site(ipVersion, coalesced)) {
            String seed = Long.toString(TestSeed.next("VxlanHostilePacketsIT") & Long.MAX_VALUE);
            List<String[]> sent = script(site.world, Integer.toString(ipVersion), seed, "eth0");
            new HostilePackets<>(ACCOUNTS, VtepCounter.class, sent)
                    .awaitIn(site, label -> ipVersion == 6 && label.equals("no-checksum"));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 6})
    void shouldSendWhatOthersCanRead(int ipVersion) throws Exception {
        try (ExposedSite<VtepCounter> site = site(ipVersion, false)) {
            Path capture = folder.resolve("sent.pcap");
            Process tcpdump = site.world.start(
                    "tcpdump",
                    "--immediate-mode",
                    "-s",
                    "2000",
                    "-B",
                    "8192",
                    "-i",
                    "eth0",
                    "-U",
                    "-w",
                    capture.toString(),
                    "udp",
                    "dst",
                    "port",
                    "4789");
            NetworkNamespace.await("tcpdump listens", () -> capture.toFile().length() >= PCAP_HEADER_LENGTH);
            String seed = Long.toString(TestSeed.next("VxlanHostilePacketsIT") & Long.MAX_VALUE);
            List<String> sent = new ArrayList<>();
            for (String[] line : script(site.world, "frames", seed)) {
                // Over IPv6 20 bytes fewer fit inside.
                if (ipVersion == 4 || line[1].length() / 2 <= 14 + 1_430) {
                    site.send(line[0].equals("tagged") ? "c" : "a", line[1]);
                    sent.add(line[1]);
                }
            }
            int headers =
                    16 + 14 + (ipVersion == 4 ? 20 : 40) + VxlanHeader.OVERHEAD; // the file's own before each, too
            long expected = PCAP_HEADER_LENGTH
                    + sent.stream()
                            .mapToLong(frame -> headers + frame.length() / 2)
                            .sum();
            try {
                NetworkNamespace.await(
                        "all is on the wire", () -> capture.toFile().length() >= expected);
            } finally {
                assertThat(site.drops()).isEmpty();
            }
            tcpdump.destroy();
            tcpdump.waitFor();
            List<String> read = inner(capture);
            assertThat(read).containsExactlyInAnyOrderElementsOf(sent);
            assertThat(Tshark.read(capture, "-Y", Tshark.BAD)).isEmpty();
            String outer = ipVersion == 4
                    ? "ip.src == 10.0.0.1 && ip.dst == 10.0.0.2 && ip.ttl == 64 && ip.flags.df == 1"
                    : "ipv6.src == fd00::1 && ipv6.dst == fd00::2 && ipv6.hlim == 64";
            assertThat(Tshark.read(
                            capture,
                            "-Y",
                            outer + " && udp.dstport == 4789 && udp.srcport >= 60000 && udp.checksum#1 != 0"
                                    + " && vxlan.vni in {100, 300}"))
                    .hasSize(sent.size());
            site.settled();
        }
    }

    /** The frames inside of captured datagrams. */
    private static List<String> inner(Path capture) throws Exception {
        return Tshark.read(capture, "-d", "udp.port==4789,data", "-T", "fields", "-e", "data.data").stream()
                .peek(datagram -> assertThat(datagram)
                        .as("the flag I, VNI 100 or 300, and nothing else")
                        .matches("08000000(000064|00012c)00.*"))
                .map(datagram -> datagram.substring(2 * VxlanHeader.LENGTH))
                .toList();
    }
}
