package io.weft.srv6;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.Scapy;
import io.weft.TestSeed;
import io.weft.bridge.VlanSettings;
import io.weft.port.DropReason;
import io.weft.tap.NetworkNamespace;
import io.weft.tunnel.ExposedSite;
import io.weft.tunnel.HostilePackets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Packets that scapy ({@code hostile.py}, {@code hostile_ip.py}) puts on the wire of an endpoint: each is counted where it belongs,
 * none does harm or gets into another segment, and good ones in between arrive.
 */
@Timeout(300)
class Srv6HostilePacketsIT {
    /** Which account a kind of packet goes to, whatever is inside: a segment that gets it, a reason of a port's, or one of the socket's. */
    private static final Map<String, List<Object>> ACCOUNTS = Map.ofEntries(
            Map.entry("good", List.of("a")),
            Map.entry("cut", List.of(Srv6Counter.TOO_SHORT)),
            Map.entry("version", List.of(Srv6Counter.VERSION)),
            Map.entry("last-entry", List.of(Srv6Counter.LAST_ENTRY)),
            Map.entry("segments-left", List.of(Srv6Counter.SEGMENTS_LEFT)),
            Map.entry("more-segments", List.of(Srv6Counter.MORE_SEGMENTS)),
            Map.entry("routing-type", List.of(Srv6Counter.ROUTING_TYPE)),
            Map.entry("tlv", List.of(Srv6Counter.TLV)),
            Map.entry("second", List.of(Srv6Counter.SECOND_ROUTING_HEADER)),
            Map.entry("many-headers", List.of(Srv6Counter.TOO_MANY_HEADERS)),
            Map.entry("upper-layer", List.of(Srv6Counter.UPPER_LAYER)),
            Map.entry("fragment", List.of(Srv6Counter.FRAGMENT)),
            Map.entry("outside", List.of(Srv6Counter.OUTSIDE_DOMAIN)),
            Map.entry("hop-limit", List.of(Srv6Counter.HOP_LIMIT)),
            Map.entry("segment", List.of(Srv6Counter.SEGMENT_ADDRESS)),
            Map.entry("hmac-missing", List.of(Srv6Counter.HMAC_MISSING)),
            Map.entry("hmac-key", List.of(Srv6Counter.HMAC_KEY)),
            Map.entry("hmac-wrong", List.of(Srv6Counter.HMAC_WRONG)));

    private static final Map<String, List<Object>> ACCOUNTS_OF_ETHERNET = Map.ofEntries(
            Map.entry("payload-length", List.of(Srv6Counter.PAYLOAD_LENGTH)),
            Map.entry("no-vlan", List.of(Srv6Counter.NO_VLAN)),
            Map.entry("reserved-multicast", List.of("ga", DropReason.RESERVED_MULTICAST)),
            Map.entry("tagged", List.of("ga", DropReason.VLAN_NOT_ALLOWED)),
            Map.entry("kernel", List.of()));

    private static final Map<String, List<Object>> ACCOUNTS_OF_IP = Map.ofEntries(
            Map.entry("outer-length", List.of(Srv6Counter.PAYLOAD_LENGTH)),
            Map.entry("inner-length", List.of(Srv6Counter.PAYLOAD_LENGTH)),
            Map.entry("end-fragment", List.of(Srv6Counter.FRAGMENT)),
            Map.entry("no-route", List.of(Srv6Counter.NO_ROUTE)),
            Map.entry("marked", List.of("ga", DropReason.ECN_NOT_CAPABLE)));

    @TempDir
    Path folder;

    @BeforeAll
    static void probe() throws Exception {
        NetworkNamespace.assumeAvailable();
        NetworkNamespace.assumeProgram("ethtool");
        Scapy.assumeAvailable();
    }

    private static Map<String, List<Object>> accounts(Map<String, List<Object>> others) {
        Map<String, List<Object>> all = new HashMap<>(ACCOUNTS);
        all.putAll(others);
        return all;
    }

    /** Segments, in turn their names and the SIDs of their ports; the first one has VLAN 10, and each another one. */
    private static ExposedSite<Srv6Counter> site(String mode, String... segments) throws Exception {
        ExposedSite<Srv6Counter> site =
                new ExposedSite<>(6, false, Srv6Counter.class, "weft_srv6_refused_datagrams_total");
        boolean complete = false;
        try {
            for (int i = 0; i < segments.length; i += 2) {
                site.segment(
                        segments[i],
                        VlanSettings.access(10 + 5 * i),
                        "srv6:g" + segments[i] + "?mode=" + mode + "&sid_route=auto&remote_ip=" + site.address(2)
                                + segments[i + 1]);
            }
            complete = true;
            return site;
        } finally {
            if (!complete) {
                site.close();
            }
        }
    }

    private static ExposedSite<Srv6Counter> siteOfEthernet() throws Exception {
        return site(
                "bridge",
                "a",
                "&sid=fc00:1:0:a2:: End.DT2U&sid=fc00:1:0:e:: End flavors psp,usd",
                "b",
                "&sid=fc00:1:0:b2:: End.DT2U",
                "v",
                "&sid=fc00:1:0:2b:: End.DX2V vlan 10",
                "h",
                "&sid=fc00:1:0:82:: End.DT2U&hmac_required=true&hmac_key=7 sha256 secret");
    }

    private static ExposedSite<Srv6Counter> siteOfIp() throws Exception {
        String ofAll = "&sid=fc00:1:0:46:: End.DT46 table ga&sid=fc00:1:0:d4:: End.DX4 oif ga"
                + "&sid=fc00:1:0:d6:: End.DX6 oif ga&sid=fc00:1:0:e:: End flavors psp,usd";
        String ofSigned = "&sid=fc00:1:0:82:: End.DT46 table gh&hmac_required=true&hmac_key=7 sha256 secret";
        return site("l3", "a", ofAll, "h", ofSigned);
    }

    /** Frames of layer-3 ports have no addresses, so that the switch floods them to the station of their segment. */
    @Test
    void shouldCountWhatIsBadOfIpPackets() throws Exception {
        try (ExposedSite<Srv6Counter> site = siteOfIp()) {
            String seed = Long.toString(TestSeed.next("Srv6HostilePacketsIT.ip") & Long.MAX_VALUE);
            List<String[]> sent = HostilePackets.script(
                    Srv6HostilePacketsIT.class, "hostile_ip.py", folder, site.world, seed, "eth0");
            assertThat(sent).hasSizeGreaterThan(1_500);
            new HostilePackets<>(accounts(ACCOUNTS_OF_IP), Srv6Counter.class, sent).awaitIn(site, label -> false);
        }
    }

    @Test
    void shouldCountWhatIsBad() throws Exception {
        try (ExposedSite<Srv6Counter> site = siteOfEthernet()) {
            String seed = Long.toString(TestSeed.next("Srv6HostilePacketsIT") & Long.MAX_VALUE);
            List<String[]> sent =
                    HostilePackets.script(Srv6HostilePacketsIT.class, "hostile.py", folder, site.world, seed, "eth0");
            assertThat(sent).hasSizeGreaterThan(400);
            new HostilePackets<>(accounts(ACCOUNTS_OF_ETHERNET), Srv6Counter.class, sent).awaitIn(site, label -> false);
        }
    }
}
