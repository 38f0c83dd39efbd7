package io.weft.gre;

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
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Packets that scapy ({@code hostile.py}) puts on the wire of a raw GRE socket: each is counted where it belongs, none does harm or
 * gets into another segment, and good ones in between arrive.
 */
@Timeout(300)
class GreHostilePacketsIT {
    /** Which account a kind of packet goes to: a segment that gets the frame, a reason of a port's, or one of the socket's. */
    private static final Map<String, List<Object>> ACCOUNTS = Map.ofEntries(
            Map.entry("good", List.of("a")),
            Map.entry("routing", List.of(GreCounter.ROUTING)),
            Map.entry("reserved", List.of(GreCounter.RESERVED)),
            Map.entry("version", List.of(GreCounter.VERSION)),
            Map.entry("keepalive", List.of(GreCounter.KEEPALIVE)),
            Map.entry("protocol", List.of(GreCounter.UNKNOWN_PROTOCOL)),
            Map.entry("no-such-key", List.of(GreCounter.UNKNOWN_KEY)),
            Map.entry("checksum-or-key", List.of(GreCounter.UNKNOWN_KEY)), // the key comes first
            Map.entry("short", List.of(GreCounter.TOO_SHORT)),
            Map.entry("fragments", List.of(GreCounter.FRAGMENT)),
            Map.entry("own-learning", List.of(GreCounter.OWN_ADDRESS)),
            Map.entry("wrong-sum", List.of("ga", DropReason.TUNNEL_CHECKSUM)),
            Map.entry("cut-sum", List.of("gd", DropReason.TUNNEL_CHECKSUM)),
            Map.entry("summed", List.of("d")),
            Map.entry("strict", List.of("gb", DropReason.MALFORMED)),
            Map.entry("strict-good", List.of("b")),
            Map.entry("runt", List.of("ga", DropReason.RUNT)),
            Map.entry("numbered", List.of("c")),
            Map.entry("late", List.of("gc", DropReason.TUNNEL_SEQUENCE)),
            Map.entry("reserved-multicast", List.of("ga", DropReason.RESERVED_MULTICAST)),
            Map.entry("congested", List.of("ga", DropReason.ECN_NOT_CAPABLE)),
            Map.entry("stranger", List.of("ga", DropReason.UNKNOWN_REMOTE)),
            Map.entry("stranger-keyed", List.of("gb", DropReason.UNKNOWN_REMOTE)),
            Map.entry("stranger-nothing", List.of(GreCounter.ROUTING)),
            Map.entry("own", List.of("ga", DropReason.UNKNOWN_REMOTE)),
            Map.entry("learned", List.of("e")),
            Map.entry("fragments-accepted", List.of("f")),
            Map.entry("kernel", List.of()));

    @TempDir
    Path folder;

    @BeforeAll
    static void probe() throws Exception {
        NetworkNamespace.assumeAvailable();
        NetworkNamespace.assumeProgram("ethtool");
        Scapy.assumeAvailable();
    }

    /** Has the script run; returns a label and a frame for each line that it prints. */
    private List<String[]> script(NetworkNamespace where, String... arguments) throws Exception {
        Path program = folder.resolve("hostile.py");
        try (InputStream source = GreHostilePacketsIT.class.getResourceAsStream("hostile.py")) {
            Files.write(program, source.readAllBytes());
        }
        List<String> command = new ArrayList<>(List.of("/usr/bin/python3", program.toString()));
        command.addAll(List.of(arguments));
        return where.run(command.toArray(String[]::new))
                .lines()
                .map(line -> line.split(" ", 2))
                .toList();
    }

    /** Without a port that learns, the socket does not see who is no remote end at all. */
    private static boolean isFiltered(String label) {
        return label.startsWith("stranger") || label.startsWith("own") || label.equals("learned");
    }

    @ParameterizedTest(name = "IPv{0}, all senders seen: {1}")
    @CsvSource({"4, true", "4, false", "6, true", "6, false"})
    void shouldCountWhatIsBad(int ipVersion, boolean learning) throws Exception {
        try (ExposedGre tunnels = new ExposedGre(ipVersion, learning)) {
            String seed = Long.toString(TestSeed.next("GreHostilePacketsIT") & Long.MAX_VALUE);
            List<String[]> sent =
                    script(tunnels.world, Integer.toString(ipVersion), seed, "eth0", Boolean.toString(learning));

            Map<String, List<String>> frames = new TreeMap<>();
            Map<String, Map<DropReason, Long>> drops = new TreeMap<>();
            Map<GreCounter, Long> refused = new EnumMap<>(GreCounter.class);
            for (String[] line : sent) {
                List<Object> account = ACCOUNTS.get(line[0]);
                assertThat(account).as(line[0]).isNotNull();
                if (account.isEmpty() || !learning && isFiltered(line[0])) {
                    continue;
                }
                if (account.size() == 2) {
                    drops.computeIfAbsent((String) account.get(0), port -> new EnumMap<>(DropReason.class))
                            .merge((DropReason) account.get(1), 1L, Long::sum);
                } else if (account.get(0) instanceof GreCounter counter) {
                    refused.merge(counter, 1L, Long::sum);
                } else {
                    frames.computeIfAbsent((String) account.get(0), segment -> new ArrayList<>())
                            .add(line[1]);
                }
            }
            assertThat(sent.stream().map(line -> line[0]).distinct()).hasSize(ACCOUNTS.size());
            long expected = frames.values().stream().mapToLong(List::size).sum();
            try {
                NetworkNamespace.await(
                        "all is taken in",
                        () -> tunnels.frames() >= expected
                                && tunnels.drops().equals(drops)
                                && tunnels.refused().equals(refused));
            } finally { // which says what is missing
                assertThat(tunnels.refused()).isEqualTo(refused);
                assertThat(tunnels.drops()).isEqualTo(drops);
                for (String segment : new String[] {"a", "b", "c", "d", "e", "f"}) {
                    assertThat(tunnels.frames(segment))
                            .as("segment " + segment)
                            .containsExactlyInAnyOrderElementsOf(frames.getOrDefault(segment, List.of()));
                }
            }
            tunnels.settled();
        }
    }
}
