package io.weft.vxlan;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.Scapy;
import io.weft.TestSeed;
import io.weft.port.DropReason;
import io.weft.tap.NetworkNamespace;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Datagrams that scapy ({@code hostile.py}) puts on the wire of a VTEP with real sockets: each is counted where it belongs, none
 * does harm or gets into another segment, and good ones in between arrive.
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

    @TempDir
    Path folder;

    @BeforeAll
    static void probe() throws Exception {
        NetworkNamespace.assumeAvailable();
        for (String program : new String[] {"ethtool"}) {
            NetworkNamespace.assumeProgram(program);
        }
        Scapy.assumeAvailable();
    }

    /** Has the script run in a namespace; returns a label and a frame for each line that it prints. */
    private List<String[]> script(NetworkNamespace where, String... arguments) throws Exception {
        Path program = folder.resolve("hostile.py");
        try (InputStream source = VxlanHostilePacketsIT.class.getResourceAsStream("hostile.py")) {
            Files.write(program, source.readAllBytes());
        }
        List<String> command = new ArrayList<>(List.of("/usr/bin/python3", program.toString()));
        command.addAll(List.of(arguments));
        return where.run(command.toArray(String[]::new))
                .lines()
                .map(line -> line.split(" ", 2))
                .toList();
    }

    @ParameterizedTest(name = "IPv{0}, coalesced by the kernel: {1}")
    @CsvSource({"4, false", "4, true", "6, true"})
    void shouldCountWhatIsBad(int ipVersion, boolean coalesced) throws Exception {
        try (ExposedVtep vtep = new ExposedVtep(ipVersion, coalesced)) {
            String seed = Long.toString(TestSeed.next("VxlanHostilePacketsIT") & Long.MAX_VALUE);
            List<String[]> sent = script(vtep.world, Integer.toString(ipVersion), seed, "eth0");

            Map<String, List<String>> frames = new TreeMap<>();
            Map<String, Map<DropReason, Long>> drops = new TreeMap<>();
            Map<VtepCounter, Long> refused = new EnumMap<>(VtepCounter.class);
            for (String[] line : sent) {
                boolean lost = line[0].equals("no-checksum") && ipVersion == 6;
                List<Object> account = lost ? List.of() : ACCOUNTS.get(line[0]);
                assertThat(account).as(line[0]).isNotNull();
                if (account.size() == 2) {
                    drops.computeIfAbsent((String) account.get(0), port -> new EnumMap<>(DropReason.class))
                            .merge((DropReason) account.get(1), 1L, Long::sum);
                } else if (!account.isEmpty() && account.get(0) instanceof VtepCounter counter) {
                    refused.merge(counter, 1L, Long::sum);
                } else if (!account.isEmpty()) {
                    frames.computeIfAbsent((String) account.get(0), segment -> new ArrayList<>())
                            .add(line[1]);
                }
            }
            assertThat(sent.stream().map(line -> line[0]).distinct()).hasSize(ACCOUNTS.size());
            long expected = frames.values().stream().mapToLong(List::size).sum();
            try {
                NetworkNamespace.await(
                        "all is taken in",
                        () -> vtep.frames() >= expected
                                && vtep.drops().equals(drops)
                                && vtep.refused().equals(refused));
            } finally { // which says what is missing
                assertThat(vtep.refused()).isEqualTo(refused);
                assertThat(vtep.drops()).isEqualTo(drops);
                for (String segment : Set.of("a", "b", "c", "d")) {
                    assertThat(vtep.frames(segment))
                            .as("segment " + segment)
                            .containsExactlyInAnyOrderElementsOf(frames.get(segment));
                }
            }
            vtep.settled();
        }
    }
}
