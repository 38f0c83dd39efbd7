package io.weft.layer3;

import static io.weft.layer3.AdaptedLan.A;
import static io.weft.layer3.AdaptedLan.ALL;
import static io.weft.layer3.AdaptedLan.B;
import static io.weft.layer3.AdaptedLan.MAC;
import static io.weft.layer3.AdaptedLan.ZERO;
import static io.weft.layer3.AdaptedLan.arp;
import static io.weft.layer3.AdaptedLan.ipv4;
import static io.weft.layer3.AdaptedLan.ipv6;
import static io.weft.layer3.AdaptedLan.take;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.impairment.ImpairedDriver;
import io.weft.impairment.Impairment;
import io.weft.port.DropReason;
import io.weft.port.MemoryPort;
import io.weft.port.PortException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A layer-3 port as a station on a switch, with every byte of what it says; 10.0.0.1 (fd00::1) is behind it, .10 is a's. */
class L3AdapterTest {
    static final String IP_1 = "0a000001";
    static final String IP_A = "0a00000a";
    static final String IP6_1 = "fd000000000000000000000000000001";
    static final String IP6_A = "fd00000000000000000000000000000a";
    private static final String NOBODY = "000000000000";
    private static final Duration A_TRY = Duration.ofMillis(334);

    // ---- answers ----

    @Test
    void shouldAnswerArpForItsAddress() throws Exception {
        try (AdaptedLan lan = new AdaptedLan()) {
            lan.send(lan.a, arp(ALL, 1, A, IP_A, NOBODY, IP_1));
            assertThat(take(lan.a)).containsExactly(arp(A, 2, MAC, IP_1, A, IP_A));
            assertThat(take(lan.b)).containsExactly(arp(ALL, 1, A, IP_A, NOBODY, IP_1));
            assertThat(take(lan.behind)).isEmpty();
            lan.send(lan.a, arp(MAC, 1, A, IP_A, NOBODY, IP_1)); // whether it still lives
            assertThat(take(lan.a)).containsExactly(arp(A, 2, MAC, IP_1, A, IP_A));
            assertThat(lan.reading("answers")).isEqualTo(2);
            assertThat(lan.statistics().txFrames()).isEqualTo(2);
        }
    }

    @Test
    void shouldAnswerSolicitationsForItsAddress() throws Exception {
        try (AdaptedLan lan = new AdaptedLan()) {
            String request = "3333ff000001" + A + "86dd 60000000 0020 3aff" + IP6_A + "ff0200000000000000000001ff000001"
                    + "8700 8123 00000000" + IP6_1 + "0101" + A;
            lan.send(lan.a, withChecksum(request));
            assertThat(take(lan.a))
                    .containsExactly(withChecksum(A + MAC + "86dd 60000000 0020 3aff" + IP6_1 + IP6_A
                            + "8800 0000 60000000" + IP6_1 + "0201" + MAC));
            assertThat(take(lan.behind)).isEmpty();
        }
    }

    /** A question that is flooded says from which split-horizon group it is, whose ports the answer is for. */
    @Test
    void shouldAnswerTheGroupThatAsks() throws Exception {
        try (AdaptedLan lan = new AdaptedLan()) {
            lan.lan.port("a").change(settings -> settings.splitHorizonGroup(5).learning(false));
            lan.send(lan.a, arp(ALL, 1, A, IP_A, NOBODY, IP_1));
            assertThat(take(lan.a)).containsExactly(arp(A, 2, MAC, IP_1, A, IP_A));
            String probe = "3333ff000001" + A + "86dd 60000000 0018 3aff" + "0".repeat(32)
                    + "ff0200000000000000000001ff000001" + "8700 8123 00000000" + IP6_1;
            lan.send(lan.a, withChecksum(probe));
            assertThat(take(lan.a)).singleElement().matches(frame -> frame.startsWith("333300000001" + MAC));
        }
    }

    @Test
    void shouldAnswerForItsLinkLocalAddress() throws Exception {
        try (AdaptedLan lan = new AdaptedLan()) {
            String own = "fe80000000000000000000fffe000099"; // 02 flips to 00
            String request = "3333ff000099" + A + "86dd 60000000 0020 3aff" + IP6_A + "ff0200000000000000000001ff000099"
                    + "8700 8123 00000000" + own + "0101" + A;
            lan.send(lan.a, withChecksum(request));
            assertThat(take(lan.a)).singleElement().matches(frame -> frame.startsWith(A + MAC));
        }
    }

    @Test
    void shouldAnswerForWholePrefixesBehindIt() throws Exception {
        try (AdaptedLan lan = new AdaptedLan(options -> options.behind("10.8.0.0/16"))) {
            lan.send(lan.a, arp(ALL, 1, A, IP_A, NOBODY, "0a08ffff"));
            assertThat(take(lan.a)).containsExactly(arp(A, 2, MAC, "0a08ffff", A, IP_A));
            lan.send(lan.a, arp(ALL, 1, A, IP_A, NOBODY, "0a090000"));
            assertThat(take(lan.a)).isEmpty();
            lan.send(lan.behind, ipv4(ZERO, "0a080001", "0a00000b", "01")); // asks as a probe: it has no address itself
            assertThat(take(lan.a)).containsExactly(arp(ALL, 1, MAC, "00000000", NOBODY, "0a00000b"));
        }
    }

    @Test
    void shouldIgnoreAndCountArpForOthers() throws Exception {
        try (AdaptedLan lan = new AdaptedLan()) {
            lan.send(lan.a, arp(ALL, 1, A, IP_A, NOBODY, "0a000002"));
            assertThat(take(lan.a)).isEmpty();
            assertThat(take(lan.behind)).isEmpty();
            assertThat(lan.dropped(DropReason.OTHER_STATION)).isEqualTo(1);
            assertThat(lan.statistics().txFrames()).isZero();
        }
    }

    // ---- from stations to what is behind ----

    @Test
    void shouldSendPacketsToItsMacByTheLayer3PortUnchanged() throws Exception {
        try (AdaptedLan lan = new AdaptedLan()) {
            lan.send(lan.a, ipv4(MAC + A, IP_A, IP_1, "0102030405"));
            lan.send(lan.a, ipv6(MAC + A, IP6_A, IP6_1, "0102"));
            assertThat(take(lan.behind))
                    .containsExactly(ipv4(ZERO, IP_A, IP_1, "0102030405"), ipv6(ZERO, IP6_A, IP6_1, "0102"));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "02000000000c, 0800, OTHER_STATION", // an unknown station, so flooded
        "ffffffffffff, 0800, OTHER_STATION",
        "01005e000001, 0800, OTHER_STATION",
        "020000000099, 88b5, NOT_IP",
        "020000000099, 81000007 0800, NOT_IP",
        "020000000099, 8035, NOT_IP"
    })
    void shouldDropAndCountWhatIsNoPacketForIt(String destination, String type, DropReason reason) throws Exception {
        try (AdaptedLan lan = new AdaptedLan()) {
            lan.send(lan.a, ipv4(destination + A, IP_A, IP_1, "01").replaceFirst("0800", type.replace(" ", "")));
            assertThat(take(lan.behind)).isEmpty();
            assertThat(lan.dropped(reason)).isEqualTo(1);
        }
    }

    @Test
    void shouldTakeGroupsWhenAskedTo() throws Exception {
        try (AdaptedLan lan =
                new AdaptedLan(options -> options.address("10.0.0.1").groups(true))) {
            lan.send(lan.a, ipv4("01005e000001" + A, IP_A, "e0000001", "01"));
            lan.send(lan.a, ipv4(ALL + A, IP_A, "ffffffff", "01"));
            assertThat(take(lan.behind))
                    .containsExactly(ipv4(ZERO, IP_A, "e0000001", "01"), ipv4(ZERO, IP_A, "ffffffff", "01"));
        }
    }

    // ---- from behind to stations ----

    @ParameterizedTest
    @CsvSource({"e0000001, 01005e000001", "efffffff, 01005e7fffff", "ffffffff, ffffffffffff"})
    void shouldSendIpv4GroupsToTheirMac(String group, String mac) throws Exception {
        try (AdaptedLan lan = new AdaptedLan()) {
            lan.send(lan.behind, ipv4(ZERO, IP_1, group, "01"));
            assertThat(take(lan.a)).containsExactly(ipv4(mac + MAC, IP_1, group, "01"));
        }
    }

    @Test
    void shouldSendIpv6GroupsToTheirMac() throws Exception {
        try (AdaptedLan lan = new AdaptedLan()) {
            String group = "ff0200000000000000000000dead0042";
            lan.send(lan.behind, ipv6(ZERO, IP6_1, group, "01"));
            assertThat(take(lan.b)).containsExactly(ipv6("3333dead0042" + MAC, IP6_1, group, "01"));
        }
    }

    @Test
    void shouldAnswerPacketsToWhereTheyCameFrom() throws Exception {
        try (AdaptedLan lan = new AdaptedLan()) {
            lan.send(lan.a, ipv4(MAC + A, IP_A, IP_1, "01"));
            lan.send(lan.a, ipv6(MAC + A, IP6_A, IP6_1, "01"));
            take(lan.b); // flooded: the switch has not heard the adapter yet
            lan.send(lan.behind, ipv4(ZERO, IP_1, IP_A, "02"));
            lan.send(lan.behind, ipv6(ZERO, IP6_1, IP6_A, "02"));
            assertThat(take(lan.a)).containsExactly(ipv4(A + MAC, IP_1, IP_A, "02"), ipv6(A + MAC, IP6_1, IP6_A, "02"));
            assertThat(take(lan.b)).isEmpty();
            assertThat(lan.reading("requests")).isZero();
            assertThat(lan.statistics().rxFrames()).isEqualTo(2);
        }
    }

    @Test
    void shouldBelieveWhatAStationSaysRatherThanWherePacketsComeFrom() throws Exception {
        try (AdaptedLan lan = new AdaptedLan()) {
            lan.send(lan.a, arp(ALL, 1, A, IP_A, NOBODY, IP_1));
            lan.send(lan.b, ipv4(MAC + B, IP_A, IP_1, "01"));
            take(lan.a);
            lan.send(lan.behind, ipv4(ZERO, IP_1, IP_A, "02"));
            assertThat(take(lan.a)).containsExactly(ipv4(A + MAC, IP_1, IP_A, "02"));
            lan.send(lan.b, arp(ALL, 1, B, IP_A, NOBODY, IP_A)); // it has moved, and announces that
            take(lan.a);
            lan.send(lan.behind, ipv4(ZERO, IP_1, IP_A, "03"));
            assertThat(take(lan.b)).contains(ipv4(B + MAC, IP_1, IP_A, "03"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {IP_1, "7f000001", "00000000", "f0000001"})
    void shouldNotAskForAddressesThatAreOnNoLink(String destination) throws Exception {
        try (AdaptedLan lan = new AdaptedLan()) {
            lan.send(lan.behind, ipv4(ZERO, IP_1, destination, "01"));
            assertThat(take(lan.a)).isEmpty();
            DropReason reason = destination.equals(IP_1) ? DropReason.SAME_PORT : DropReason.NO_NEIGHBOUR;
            assertThat(lan.dropped(reason)).isEqualTo(1);
        }
    }

    @Test
    void shouldNotLearnAddressesThatAreBehindIt() throws Exception {
        try (AdaptedLan lan = new AdaptedLan()) {
            lan.send(lan.a, arp(MAC, 2, A, IP_1, MAC, IP_1));
            lan.send(lan.a, ipv4(MAC + A, "7f000001", IP_1, "01"));
            assertThat(lan.reading("stations")).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ZERO + "0800",
                ZERO + "0800 4500001400004000401100000a0000010a0000",
                ZERO + "0806 0001",
                ZERO + "86dd 60",
                ZERO + "86dd 60000000 0000 1140" + IP6_1 + "00000000000000000000ffff0a00000a"
            })
    void shouldDropWhatIsNoPacketFromBehind(String frame) throws Exception {
        try (AdaptedLan lan = new AdaptedLan()) {
            lan.send(lan.behind, frame);
            assertThat(take(lan.a)).isEmpty();
            assertThat(lan.dropped(DropReason.MALFORMED)).isEqualTo(1);
        }
    }

    // ---- asking ----

    @Test
    void shouldAskForAStationAndHaveThePacketWait() throws Exception {
        try (AdaptedLan lan = new AdaptedLan()) {
            String request = arp(ALL, 1, MAC, IP_1, NOBODY, IP_A);
            lan.send(lan.behind, ipv4(ZERO, IP_1, IP_A, "01"));
            assertThat(take(lan.a)).containsExactly(request);
            assertThat(take(lan.b)).containsExactly(request);
            assertThat(lan.reading("waiting_packets")).isEqualTo(1);
            lan.send(lan.a, arp(MAC, 2, A, IP_A, MAC, IP_1));
            assertThat(take(lan.a)).containsExactly(ipv4(A + MAC, IP_1, IP_A, "01"));
            assertThat(take(lan.behind)).isEmpty();
            lan.pass(Duration.ofSeconds(2));
            assertThat(take(lan.a)).isEmpty();
            assertThat(lan.statistics().dropped()).isZero();
        }
    }

    @Test
    void shouldAskByNeighbourDiscovery() throws Exception {
        try (AdaptedLan lan = new AdaptedLan()) {
            lan.send(lan.behind, ipv6(ZERO, IP6_1, IP6_A, "01"));
            assertThat(take(lan.a))
                    .containsExactly(withChecksum("3333ff00000a" + MAC + "86dd 60000000 0020 3aff" + IP6_1
                            + "ff0200000000000000000001ff00000a" + "8700 0000 00000000" + IP6_A + "0101" + MAC));
            lan.send(
                    lan.a,
                    withChecksum(MAC + A + "86dd 60000000 0020 3aff" + IP6_A + IP6_1 + "8800 0000 60000000" + IP6_A
                            + "0201" + A));
            assertThat(take(lan.a)).containsExactly(ipv6(A + MAC, IP6_1, IP6_A, "01"));
        }
    }

    @Test
    void shouldGiveUpAfterThreeTries() throws Exception {
        try (AdaptedLan lan = new AdaptedLan()) {
            lan.send(lan.behind, ipv4(ZERO, IP_1, IP_A, "01"));
            for (int tries = 1; tries <= 3; tries++) {
                assertThat(take(lan.a)).containsExactly(arp(ALL, 1, MAC, IP_1, NOBODY, IP_A));
                assertThat(lan.dropped(DropReason.NO_NEIGHBOUR)).isZero();
                lan.pass(A_TRY);
            }
            assertThat(take(lan.a)).isEmpty();
            assertThat(lan.dropped(DropReason.NO_NEIGHBOUR)).isEqualTo(1);
            assertThat(lan.reading("waiting_packets")).isZero();
            lan.send(lan.a, arp(MAC, 2, A, IP_A, MAC, IP_1)); // too late for it
            assertThat(take(lan.a)).isEmpty();
        }
    }

    @Test
    void shouldKeepTheLastPacketOfAnAddress() throws Exception {
        try (AdaptedLan lan = new AdaptedLan()) {
            for (int i = 1; i <= 5; i++) {
                lan.send(lan.behind, ipv4(ZERO, IP_1, IP_A, "0" + i));
            }
            assertThat(take(lan.a)).hasSize(1); // asked once
            lan.send(lan.a, arp(MAC, 2, A, IP_A, MAC, IP_1));
            assertThat(take(lan.a)).containsExactly(ipv4(A + MAC, IP_1, IP_A, "05"));
            assertThat(lan.dropped(DropReason.NO_NEIGHBOUR)).isEqualTo(4);
        }
    }

    @Test
    void shouldHaveABoundedNumberOfPacketsWaitAndAskWithMeasure() throws Exception {
        try (AdaptedLan lan = new AdaptedLan()) {
            for (int i = 0; i < 500; i++) {
                lan.send(lan.behind, ipv4(ZERO, IP_1, String.format("0a01%04x", i), "01"));
            }
            assertThat(lan.reading("waiting_packets")).isEqualTo(64);
            assertThat(lan.dropped(DropReason.NO_NEIGHBOUR)).isEqualTo(500 - 64);
            assertThat(lan.reading("requests")).isEqualTo(Resolver.REQUEST_BURST); // the clock stands still
            take(lan.a);
            lan.send(lan.a, arp(MAC, 2, A, "0a0101f3", MAC, IP_1)); // the last one, though it was not asked for
            assertThat(take(lan.a)).containsExactly(ipv4(A + MAC, IP_1, "0a0101f3", "01"));
        }
    }

    @Test
    void shouldSendWhatWaitsForAStationThatIsHeardByAPacketOnly() throws Exception {
        try (AdaptedLan lan = new AdaptedLan()) {
            lan.send(lan.behind, ipv4(ZERO, IP_1, IP_A, "01"));
            take(lan.a);
            take(lan.b);
            lan.send(lan.a, ipv4(MAC + A, IP_A, IP_1, "02"));
            lan.pass(Duration.ofSeconds(1));
            assertThat(take(lan.a)).containsExactly(ipv4(A + MAC, IP_1, IP_A, "01")); // and no request more
            assertThat(lan.dropped(DropReason.NO_NEIGHBOUR)).isZero();
            assertThat(lan.reading("waiting_packets")).isZero();
            assertThat(lan.reading("requests")).isEqualTo(1);
        }
    }

    /** There is room for 64; the one that waited longest goes first, and its station is known by then. */
    @Test
    void shouldSendWhatIsPushedOutToAStationThatIsHeard() throws Exception {
        try (AdaptedLan lan = new AdaptedLan()) {
            lan.send(lan.behind, ipv4(ZERO, IP_1, IP_A, "01"));
            lan.send(lan.a, ipv4(MAC + A, IP_A, IP_1, "02"));
            take(lan.a);
            for (int i = 0; i < WaitingPackets.CAPACITY; i++) {
                lan.send(lan.behind, ipv4(ZERO, IP_1, String.format("0a0a%04x", i), "03"));
            }
            assertThat(take(lan.a)).contains(ipv4(A + MAC, IP_1, IP_A, "01"));
            assertThat(lan.dropped(DropReason.NO_NEIGHBOUR)).isZero();
        }
    }

    @Test
    void shouldDropWhatWaitsWhenItLeaves() throws Exception {
        try (AdaptedLan lan = new AdaptedLan()) {
            lan.send(lan.behind, ipv4(ZERO, IP_1, IP_A, "01"));
            lan.remove();
            assertThat(lan.lan.statistics().dropped(DropReason.RX_PORT_DOWN)).isEqualTo(1);
        }
    }

    @Test
    void shouldForgetStationsAndAskThoseItNeeds() throws Exception {
        try (AdaptedLan lan =
                new AdaptedLan(options -> options.address("10.0.0.1").ageing(Duration.ofSeconds(8)))) {
            lan.send(lan.a, arp(MAC, 2, A, IP_A, MAC, IP_1));
            lan.send(lan.b, arp(MAC, 2, B, "0a00000b", MAC, IP_1));
            lan.send(lan.behind, ipv4(ZERO, IP_1, IP_A, "01"));
            take(lan.a);
            take(lan.b);
            for (int second = 0; second < 7; second++) {
                lan.pass(Duration.ofSeconds(1));
            }
            assertThat(take(lan.a)).containsExactly(arp(A, 1, MAC, IP_1, NOBODY, IP_A)); // and not b, whom nobody wants
            assertThat(take(lan.b)).isEmpty();
            lan.send(lan.a, arp(MAC, 2, A, IP_A, MAC, IP_1));
            lan.pass(Duration.ofSeconds(1));
            lan.pass(Duration.ofSeconds(1));
            assertThat(lan.reading("stations")).isEqualTo(1);
            for (int second = 0; second < 9; second++) {
                lan.pass(Duration.ofSeconds(1));
            }
            assertThat(lan.reading("stations")).isZero();
        }
    }

    // ---- what it is made of ----

    @Test
    void shouldRefuseWrongOptions() {
        MemoryPort port = new MemoryPort("m");
        assertThatThrownBy(() -> L3Adapter.builder(port).build()).hasMessageContaining("accepted: address or behind");
        assertThatThrownBy(() -> L3Adapter.builder(port).address("10.0.0.1/24"))
                .hasMessageContaining("address is '10.0.0.1/24'; accepted: an IPv4 or IPv6 address");
        assertThatThrownBy(() -> L3Adapter.builder(port).address("224.0.0.1")).hasMessageContaining("unicast");
        assertThatThrownBy(() -> L3Adapter.builder(port).behind("0.0.0.0/0")).hasMessageContaining("at least 1");
        assertThatThrownBy(() -> L3Adapter.builder(port).behind("10.0.0.0")).hasMessageContaining("prefix length");
        assertThatThrownBy(() -> L3Adapter.builder(port).mac("01:00:5e:00:00:01"))
                .hasMessageContaining("mac is");
        assertThatThrownBy(() -> L3Adapter.builder(port).stations(1)).hasMessageContaining("16..");
        assertThatThrownBy(() -> L3Adapter.builder(port).ageing(Duration.ZERO)).hasMessageContaining("PT1S");
        long random = L3Adapter.builder(port).address("10.0.0.1").build().mac();
        assertThat(random & 0x0300_0000_0000L).isEqualTo(0x0200_0000_0000L);
    }

    @Test
    void shouldBeImpairedInsideOnly() throws Exception {
        Impairment none = Impairment.NONE;
        try (AdaptedLan lan = new AdaptedLan(
                options -> options.address("10.0.0.1"), driver -> new ImpairedDriver(driver, none, none))) {
            lan.send(lan.a, ipv4(MAC + A, IP_A, IP_1, "01"));
            lan.send(lan.behind, ipv4(ZERO, IP_1, IP_A, "02"));
            assertThat(take(lan.behind)).containsExactly(ipv4(ZERO, IP_A, IP_1, "01"));
            assertThat(take(lan.a)).containsExactly(ipv4(A + MAC, IP_1, IP_A, "02"));
            L3Adapter outer = L3Adapter.builder(new MemoryPort("outer"))
                    .address("10.0.0.2")
                    .build();
            assertThatThrownBy(() -> lan.lan.add(new ImpairedDriver(outer, none, none)))
                    .isInstanceOf(PortException.class)
                    .hasMessageContaining("impair the driver inside");
        }
    }

    /** The frame with the checksum of its ICMPv6 message, which begins behind the two headers. */
    static String withChecksum(String frame) {
        byte[] bytes = AdaptedLan.bytes(frame);
        bytes[56] = 0;
        bytes[57] = 0;
        int sum = bytes.length - 54 + 58;
        for (int i = 22; i < bytes.length; i += 2) {
            sum += (bytes[i] & 0xff) << 8 | (i + 1 < bytes.length ? bytes[i + 1] & 0xff : 0);
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        sum = ~((sum & 0xffff) + (sum >>> 16));
        bytes[56] = (byte) (sum >> 8);
        bytes[57] = (byte) sum;
        return AdaptedLan.hex(bytes);
    }

    static final List<String> REQUESTS = List.of(
            arp(ALL, 1, A, IP_A, NOBODY, IP_1),
            arp(MAC, 2, A, IP_A, MAC, IP_1),
            withChecksum("3333ff000001" + A + "86dd 60000000 0020 3aff" + IP6_A + "ff0200000000000000000001ff000001"
                    + "8700 0000 00000000" + IP6_1 + "0101" + A),
            withChecksum(
                    MAC + A + "86dd 60000000 0020 3aff" + IP6_A + IP6_1 + "8800 0000 60000000" + IP6_A + "0201" + A));
}
