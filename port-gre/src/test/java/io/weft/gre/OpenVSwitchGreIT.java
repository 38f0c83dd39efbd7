package io.weft.gre;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.gre.GreCapture.Header;
import io.weft.tap.NetworkNamespace;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What two Open vSwitches say to each other by GRE: what {@link OpenVSwitchGre} promises, without any GRE of Weft. */
@Timeout(300)
class OpenVSwitchGreIT {
    private static final int CHECKSUM = 0x8000;
    private static final int KEY = 0x2000;
    private static final int SEQUENCE = 0x1000;
    private static final int ETHERNET = 0x6558;
    private static final int IPV4 = 0x0800;
    private static final int IPV6 = 0x86dd;

    /** Requests and answers that a conversation has at least, in each direction. */
    private static final int PINGS = 24;

    @TempDir
    Path folder;

    @BeforeAll
    static void probe() {
        OpenVSwitchGre.assumeAvailable();
    }

    @ParameterizedTest(name = "IPv{0}, {1} here, {2} there")
    @CsvSource({
        "4, '', ''",
        "4, key=5, key=5",
        "4, in_key=6 out_key=7 csum=true, in_key=7 out_key=6 seq=true",
        "4, key=0, ''",
        "6, in_key=4294967295 csum=true, out_key=4294967295",
        "6, key=4294967295 seq=true, key=4294967295 csum=true",
    })
    void shouldWriteWhatItIsTold(int ipVersion, String optionsHere, String optionsThere) throws Exception {
        try (OpenVSwitchGre network = new OpenVSwitchGre(ipVersion)) {
            GreCapture capture = network.capture(folder.resolve("pcap"));
            network.openVSwitchHere().tunnel("gre1", settings(optionsHere));
            network.openVSwitchThere().tunnel("gre2", settings(optionsThere));
            converse(network);
            assertHeaders(capture.from(network.weftAddress(), PINGS), optionsHere, ETHERNET);
            assertHeaders(capture.from(network.otherAddress(), PINGS), optionsThere, ETHERNET);
            assertThat(capture.bad()).isEmpty();
        }
    }

    /** Has each host find the other, by ARP and by neighbour discovery, and speak with it. */
    private static void converse(OpenVSwitchGre network) throws InterruptedException {
        network.awaitAnswer(1, 4);
        for (int version : new int[] {4, 6}) {
            network.ping(1, version);
            network.ping(2, version);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 6})
    void shouldCarryIpPackets(int ipVersion) throws Exception {
        try (OpenVSwitchGre network = new OpenVSwitchGre(ipVersion)) {
            String optionsHere = "key=9 csum=true";
            String optionsThere = "key=9 seq=true";
            GreCapture capture = network.capture(folder.resolve("pcap"));
            network.openVSwitchHere()
                    .layer3Tunnel("gre1", OpenVSwitchGre.MAC_1, OpenVSwitchGre.hostAddresses(2), settings(optionsHere));
            network.openVSwitchThere()
                    .layer3Tunnel(
                            "gre2", OpenVSwitchGre.MAC_2, OpenVSwitchGre.hostAddresses(1), settings(optionsThere));
            converse(network);
            assertHeaders(capture.from(network.weftAddress(), PINGS), optionsHere, IPV4, IPV6);
            assertHeaders(capture.from(network.otherAddress(), PINGS), optionsThere, IPV4, IPV6);
            assertThat(capture.bad()).isEmpty();
        }
    }

    @Test
    void shouldTakeNoOtherKeyButNoneForZero() throws Exception {
        try (OpenVSwitchGre network = new OpenVSwitchGre(4)) {
            OpenVSwitchSite here = network.openVSwitchHere();
            OpenVSwitchSite there = network.openVSwitchThere();
            here.tunnel("gre1", "options:out_key=5");
            there.tunnel("gre2", "options:in_key=5");
            network.awaitAnswer(1, 4);
            for (String other : List.of("6", "0", "4294967295")) {
                there.set("gre2", "options:in_key=" + other);
                NetworkNamespace.await("no key but " + other + " is taken", () -> !network.answers(1, 4));
                here.set("gre1", "options:out_key=" + other);
                network.awaitAnswer(1, 4);
                here.set("gre1", "options:out_key=5");
            }
            there.set("gre2", "options:in_key=0");
            here.removeTunnel("gre1");
            here.tunnel("gre1"); // no key
            network.awaitAnswer(1, 4);
        }
    }

    @Test
    void shouldTakeAndGiveKeysByFlows() throws Exception {
        try (OpenVSwitchGre network = new OpenVSwitchGre(4)) {
            GreCapture capture = network.capture(folder.resolve("pcap"));
            network.openVSwitchHere().tunnel("gre1", "options:in_key=8", "options:out_key=7");
            OpenVSwitchSite there = network.openVSwitchThere();
            there.tunnel("gre2", "options:key=flow");
            there.flow("priority=9,in_port=gre2,tun_id=7,actions=output:to-eth2");
            there.flow("priority=9,in_port=to-eth2,actions=set_field:8->tun_id,output:gre2");
            network.awaitAnswer(1, 4);
            network.ping(2, 6);
            assertThat(capture.from(network.otherAddress(), 12))
                    .extracting(Header::key)
                    .contains(8L);
        }
    }

    // ---- headers ----

    private static String[] settings(String options) {
        return options.isEmpty()
                ? new String[0]
                : Stream.of(options.split(" "))
                        .map(option -> "options:" + option)
                        .toArray(String[]::new);
    }

    /** Every packet has what the options say, and nothing else; numbers count from 0. */
    private static void assertHeaders(List<Header> headers, String options, Integer... protocols) {
        Map<String, String> values = Stream.of(options.split(" "))
                .map(option -> option.split("="))
                .filter(option -> option.length == 2)
                .collect(Collectors.toMap(option -> option[0], option -> option[1]));
        String key = values.getOrDefault("out_key", values.get("key"));
        boolean checksum = values.containsKey("csum");
        boolean sequence = values.containsKey("seq");
        int flags = (checksum ? CHECKSUM : 0) | (key != null ? KEY : 0) | (sequence ? SEQUENCE : 0);
        assertThat(headers).allSatisfy(header -> {
            assertThat(header.flags()).isEqualTo(flags);
            assertThat(header.key()).isEqualTo(key == null ? null : Long.valueOf(key));
            assertThat(header.checksum()).isEqualTo(checksum ? "1" : "");
        });
        assertThat(headers).extracting(Header::protocol).containsOnly(protocols);
        List<Long> numbers = headers.stream().map(Header::sequence).toList();
        if (sequence) {
            assertThat(numbers)
                    .isEqualTo(LongStream.range(0, headers.size()).boxed().toList());
        } else {
            assertThat(numbers).containsOnlyNulls();
        }
    }
}
