package io.weft.gre;

import io.weft.Scapy;
import io.weft.TestSeed;
import io.weft.bridge.VlanSettings;
import io.weft.port.DropReason;
import io.weft.tap.NetworkNamespace;
import io.weft.tunnel.ExposedSite;
import io.weft.tunnel.HostilePackets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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

    /**
     * Remote end .2 has five segments: a without a key, b with key 7, {@code strict}, c with key 9, {@code seq}, d with key 11,
     * {@code csum_required}, and f with key 13, {@code accept_fragments}. Segment e, of key 15, learns remote ends, so that the
     * socket sees all senders; it is there only when asked for.
     */
    private static ExposedSite<GreCounter> site(int ipVersion, boolean learning) throws Exception {
        ExposedSite<GreCounter> site =
                new ExposedSite<>(ipVersion, false, GreCounter.class, "weft_gre_refused_datagrams_total");
        boolean complete = false;
        try {
            String remote = "?remote_ip=" + site.address(2);
            site.segment("a", VlanSettings.access(10), "gretap:ga" + remote);
            site.segment("b", VlanSettings.access(20), "gretap:gb" + remote + "&key=7&strict=true");
            site.segment("c", VlanSettings.access(30), "gretap:gc" + remote + "&key=9&seq=true");
            site.segment("d", VlanSettings.access(40), "gretap:gd" + remote + "&key=11&csum_required=true");
            site.segment("f", VlanSettings.access(60), "gretap:gf" + remote + "&key=13&accept_fragments=true");
            if (learning) {
                site.segment("e", VlanSettings.access(50), "mgretap:ge?key=15&learn_remotes=true");
            }
            complete = true;
            return site;
        } finally {
            if (!complete) {
                site.close();
            }
        }
    }

    /** Without a port that learns, the socket does not see who is no remote end at all. */
    private static boolean isFiltered(String label) {
        return label.startsWith("stranger") || label.startsWith("own") || label.equals("learned");
    }

    @ParameterizedTest(name = "IPv{0}, all senders seen: {1}")
    @CsvSource({"4, true", "4, false", "6, true", "6, false"})
    void shouldCountWhatIsBad(int ipVersion, boolean learning) throws Exception {
        try (ExposedSite<GreCounter> site = site(ipVersion, learning)) {
            String seed = Long.toString(TestSeed.next("GreHostilePacketsIT") & Long.MAX_VALUE);
            List<String[]> sent = HostilePackets.script(
                    GreHostilePacketsIT.class,
                    "hostile.py",
                    folder,
                    site.world,
                    Integer.toString(ipVersion),
                    seed,
                    "eth0",
                    Boolean.toString(learning));
            new HostilePackets<>(ACCOUNTS, GreCounter.class, sent)
                    .awaitIn(site, label -> !learning && isFiltered(label));
        }
    }
}
