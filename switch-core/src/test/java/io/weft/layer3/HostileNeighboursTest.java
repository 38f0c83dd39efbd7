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

import io.weft.TestSeed;
import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What stations and what is behind may send to harm an adapter. It answers as ever when it is over, and all is accounted for. */
class HostileNeighboursTest {
    private static void assertWorks(AdaptedLan lan) {
        take(lan.a);
        take(lan.b);
        take(lan.behind);
        lan.send(lan.a, L3AdapterTest.REQUESTS.get(0));
        assertThat(take(lan.a)).contains(arp(A, 2, MAC, "0a000001", A, "0a00000a"));
        lan.send(lan.behind, ipv4(ZERO, "0a000001", "0a00000a", "07"));
        assertThat(take(lan.a)).contains(ipv4(A + MAC, "0a000001", "0a00000a", "07"));
    }

    @Test
    void shouldNeitherAnswerNorLearnWhatIsCutOff() throws Exception {
        for (String request : L3AdapterTest.REQUESTS) {
            byte[] whole = AdaptedLan.bytes(request);
            for (int length = 14; length < whole.length; length++) {
                try (AdaptedLan lan = new AdaptedLan()) {
                    lan.send(lan.a, Arrays.copyOf(whole, length));
                    assertThat(take(lan.a))
                            .as("%d bytes of %s", length, request)
                            .isEmpty();
                    assertThat(lan.reading("stations"))
                            .as("%d bytes of %s", length, request)
                            .isZero();
                    if (length == whole.length - 1) {
                        assertWorks(lan);
                    }
                }
            }
            try (AdaptedLan lan = new AdaptedLan()) {
                lan.send(lan.a, whole);
                assertThat(lan.reading("stations")).as(request).isEqualTo(1);
            }
        }
    }

    @Test
    void shouldNotBelieveLengthsThatLie() throws Exception {
        List<String> lies = new ArrayList<>();
        String solicitation = L3AdapterTest.REQUESTS.get(2);
        for (String payloadLength : List.of("0000", "0017", "0021", "ffff")) {
            lies.add(solicitation.substring(0, 36) + payloadLength + solicitation.substring(40));
        }
        for (String option : List.of("0100", "0102", "01ff")) {
            lies.add(L3AdapterTest.withChecksum(solicitation.replace("0101" + A, option + A)));
        }
        lies.add(solicitation.replace("3aff", "3afe")); // hop limit: it came over a router
        String request = L3AdapterTest.REQUESTS.get(0);
        for (String lengths : List.of("0704", "0605", "0000", "ffff")) {
            lies.add(request.replace("08060001" + "0800" + "0604", "08060001" + "0800" + lengths));
        }
        try (AdaptedLan lan = new AdaptedLan()) {
            for (String lie : lies) {
                lan.send(lan.a, lie);
                assertThat(take(lan.a)).as(lie).isEmpty();
                assertThat(lan.reading("stations")).as(lie).isZero();
            }
            assertWorks(lan);
        }
    }

    @Test
    void shouldNotLearnMacAddressesThatAreNoStations() throws Exception {
        try (AdaptedLan lan = new AdaptedLan()) {
            for (String mac : List.of("000000000000", ALL, "01005e000001", MAC)) {
                lan.send(
                        lan.a,
                        arp(ALL, 1, A, "0a00000a", "000000000000", "0a000002").replace("0001" + A, "0001" + mac));
            }
            assertThat(lan.reading("stations")).isZero();
            assertWorks(lan);
        }
    }

    @Test
    void shouldBearFloodsOfAnnouncements() throws Exception {
        try (AdaptedLan lan =
                new AdaptedLan(options -> options.address("10.0.0.1").stations(64))) {
            for (int i = 0; i < 2_000; i++) {
                String ip = String.format("0a02%04x", i);
                lan.send(lan.b, arp(ALL, 1, String.format("0200000a%04x", i), ip, "000000000000", ip));
                lan.send(
                        lan.b,
                        ipv4(MAC + String.format("0200000b%04x", i), String.format("0a03%04x", i), "0a000001", ""));
                take(lan.a);
                take(lan.behind);
            }
            assertThat(lan.reading("stations")).isLessThanOrEqualTo(64);
            assertWorks(lan);
        }
    }

    @Test
    void shouldBearManyRequestsBetweenTwoRounds() throws Exception {
        try (AdaptedLan lan = new AdaptedLan()) {
            for (int i = 0; i < 1_000; i++) {
                lan.a.send(AdaptedLan.bytes(L3AdapterTest.REQUESTS.get(0)));
                lan.behind.send(AdaptedLan.bytes(ipv4(ZERO, "0a000001", String.format("0a04%04x", i), "01")));
            }
            lan.settle();
            assertWorks(lan);
        }
    }

    /** A flood that never lets its queue run dry, from one round of the workers to the next. */
    @Test
    void shouldGoOnWithPacketsWhileRequestsPourIn() throws Exception {
        try (AdaptedLan lan = new AdaptedLan()) {
            lan.send(lan.b, arp(MAC, 2, B, "0a00000b", MAC, "0a000001"));
            byte[] request = AdaptedLan.bytes(L3AdapterTest.REQUESTS.get(0));
            List<String> atB = new ArrayList<>();
            for (int round = 0; round < 40; round++) {
                for (int i = 0; i < 2 * FrameBatch.DEFAULT_CAPACITY; i++) {
                    lan.a.send(request);
                }
                if (round == 10) {
                    lan.behind.send(AdaptedLan.bytes(ipv4(ZERO, "0a000001", "0a00000b", "01")));
                    lan.behind.send(AdaptedLan.bytes(ipv4(ZERO, "0a000001", "0a00000c", "02")));
                }
                lan.lan.step();
                take(lan.a);
                atB.addAll(take(lan.b));
            }
            assertThat(atB)
                    .contains(ipv4(B + MAC, "0a000001", "0a00000b", "01"))
                    .contains(arp(ALL, 1, MAC, "0a000001", "000000000000", "0a00000c"));
            lan.settle();
            assertWorks(lan);
        }
    }

    @Test
    void shouldSurviveAnyBytes() throws Exception {
        SplittableRandom random = TestSeed.random("HostileNeighboursTest");
        List<String> seeds = new ArrayList<>(L3AdapterTest.REQUESTS);
        seeds.add(ipv4(MAC + A, "0a00000a", "0a000001", "01"));
        seeds.add(ipv6(MAC + A, "fd00000000000000000000000000000a", "fd000000000000000000000000000001", "01"));
        List<String> packets = List.of(
                ipv4(ZERO, "0a000001", "0a00000a", "01"),
                ipv6(ZERO, "fd000000000000000000000000000001", "fd00000000000000000000000000000a", "01"));
        try (AdaptedLan lan = new AdaptedLan()) {
            for (int i = 0; i < 20_000 * TestSeed.effort(); i++) {
                boolean fromBehind = random.nextInt(3) == 0;
                List<String> choice = fromBehind ? packets : seeds;
                byte[] frame = AdaptedLan.bytes(choice.get(random.nextInt(choice.size())));
                for (int flips = random.nextInt(4); flips > 0; flips--) {
                    // Not in the addresses of what comes from behind: that they are zero is the port's to see to.
                    int first = fromBehind ? 12 : 0;
                    frame[first + random.nextInt(frame.length - first)] = (byte) random.nextInt();
                }
                if (random.nextInt(8) == 0) {
                    frame = Arrays.copyOf(frame, 1 + random.nextInt(frame.length + 20));
                }
                assertThat(frame.length).isLessThan(Frame.MAX_LENGTH);
                lan.send(fromBehind ? lan.behind : lan.a, frame);
                take(lan.a);
                take(lan.b);
                take(lan.behind);
                if (random.nextInt(50) == 0) {
                    lan.pass(Duration.ofMillis(random.nextInt(500)));
                }
            }
            lan.pass(Duration.ofSeconds(2));
            assertThat(lan.lan.statistics().unaccounted()).isZero();
            assertWorks(lan);
        }
    }
}
