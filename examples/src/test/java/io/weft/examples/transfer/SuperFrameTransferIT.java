package io.weft.examples.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.weft.TestSeed;
import io.weft.port.PortProviders;
import io.weft.port.PortStatistics;
import io.weft.tap.NetworkNamespace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Files arrive as they were sent, between hosts of the kernel's own, whatever their ports leave to each other and
 * whatever lies between. The kernel makes the super-frames, and takes those that the switch makes.
 *
 * <p>Every pairing runs with every MTU, IPv4 and IPv6 taking turns so that each of them meets each pairing and each
 * MTU; {@code -Dweft.transfer.all=true} runs both with each.
 */
@Timeout(300)
class SuperFrameTransferIT {
    private static final int FILE_LENGTH = 1_000_003; // of each; each is sent twice, at the same time
    private static final int PORT = 41_099; // of no protocol that tshark knows

    /** Downwards: below 1,280 bytes a device loses its IPv6 addresses. */
    private static final int[] MTUS = {65_000, 9_000, 1_500, 1_280, 576};

    private static SplittableRandom seeds;

    @TempDir
    Path folder;

    @BeforeAll
    static void probe() {
        NetworkNamespace.assumeAvailable();
        for (String program : new String[] {"python3", "tcpdump", "tshark", "sysctl"}) {
            NetworkNamespace.assumeProgram(program);
        }
        seeds = TestSeed.random("SuperFrameTransferIT");
    }

    // ---- TCP ----

    static Stream<Arguments> pairings() {
        String[] pairings = {
            "tap-on ONE_SWITCH tap-on",
            "tap-on ONE_SWITCH tap-csum",
            "tap-on ONE_SWITCH tap-off",
            "tap-csum ONE_SWITCH tap-csum",
            "tap-csum ONE_SWITCH tap-off",
            "tap-off ONE_SWITCH tap-off",
            "tap-on WEBSOCKET tap-on",
            "tap-off WEBSOCKET tap-on",
            "tap-off WEBSOCKET tap-off",
            "tap-on QEMU tap-on",
            "tap-on QEMU tap-off",
            "tap-on PATCH tap-on",
            "tap-on PATCH tap-off",
            "tap-on PATCH_TRUNK tap-on",
            "tap-on PATCH_TRUNK tap-off",
            "tap-on WEBSOCKET_TRUNK tap-on",
            "packet-on ONE_SWITCH tap-on",
            "packet-on ONE_SWITCH tap-off",
            "packet-off ONE_SWITCH tap-on",
            "packet-off ONE_SWITCH tap-off",
            "packet-on ONE_SWITCH packet-on",
            "packet-on ONE_SWITCH packet-off",
            "packet-on PATCH_TRUNK tap-on",
        };
        return Stream.iterate(0, i -> i < pairings.length, i -> i + 1).map(i -> {
            String[] parts = pairings[i].split(" ");
            return arguments(parts[0], Between.valueOf(parts[1]), parts[2], i);
        });
    }

    @ParameterizedTest(name = "{0} {1} {2}")
    @MethodSource("pairings")
    void shouldCarryFilesUnharmedInBothDirectionsAtOnce(String kind1, Between between, String kind2, int pairing)
            throws Exception {
        try (TransferNetwork network = network(kind1, between, kind2)) {
            String digest1 = newFile("file1");
            String digest2 = newFile("file2");
            network.start(folder, folder.resolve("file1"), folder.resolve("file2"));
            for (int i = 0; i < MTUS.length; i++) {
                network.mtu(MTUS[i]);
                for (int ipVersion : new int[] {4, 6}) {
                    if (isChosen(pairing + i, ipVersion, MTUS[i])) {
                        transfer(network, ipVersion, MTUS[i], digest1, digest2);
                    }
                }
            }
            network.assertBooksBalance();
            network.host1.assertNoBadChecksum(100);
            network.host2.assertNoBadChecksum(100);
            assertSuperFrames(network.host1, network.statistics("host1"));
            assertSuperFrames(network.host2, network.statistics("host2"));
        }
    }

    private static boolean isChosen(int turn, int ipVersion, int mtu) {
        if (mtu < 1_280) {
            return ipVersion == 4;
        }
        return Boolean.getBoolean("weft.transfer.all") || ipVersion == (turn % 2 == 0 ? 4 : 6);
    }

    private static void transfer(TransferNetwork network, int ipVersion, int mtu, String digest1, String digest2)
            throws Exception {
        String end = " " + network.host2.address(ipVersion) + " " + PORT;
        network.host2.peer().tell("listen" + end);
        CompletableFuture<String> at2 = network.host2.peer().ask("accept");
        CompletableFuture<String> at1 = network.host1.peer().ask("connect" + end);
        assertThat(at1.get()).as("to host 1, IPv%d, MTU %d", ipVersion, mtu).isEqualTo(digest2 + " " + digest2);
        assertThat(at2.get()).as("to host 2, IPv%d, MTU %d", ipVersion, mtu).isEqualTo(digest1 + " " + digest1);
    }

    /** That what was to be tested has happened: a host that may send super-frames has. */
    private static void assertSuperFrames(TransferHost host, PortStatistics sums) {
        if (host.kind().offload().equals("on")) {
            assertThat(sums.rxSegments())
                    .as("super-frames from the host: %s", sums)
                    .isGreaterThan(2 * sums.rxFrames());
        }
    }

    // ---- UDP ----

    @ParameterizedTest
    @CsvSource({"on, on", "on, off", "off, on", "off, off", "csum, on", "on, csum"})
    void shouldDeliverEachDatagramOfASuperFrameWhole(String offload1, String offload2) throws Exception {
        try (TransferNetwork network = network("tap-" + offload1, Between.ONE_SWITCH, "tap-" + offload2)) {
            newFile("file");
            network.start(folder, folder.resolve("file"), folder.resolve("file"));
            network.mtu(1_500);
            for (int ipVersion : new int[] {4, 6}) {
                int longest = ipVersion == 4 ? 1_472 : 1_452;
                for (int segment : new int[] {1, 2, 99, 1_200, longest}) {
                    int most = Math.min(64 * segment, 65_000);
                    datagrams(network, ipVersion, segment, most);
                    datagrams(network, ipVersion, segment, most - segment / 2); // the last one is shorter
                    datagrams(network, ipVersion, segment, segment + 1);
                }
            }
            network.assertBooksBalance();
            network.host1.assertNoBadChecksum(10);
            network.host2.assertNoBadChecksum(100);
            PortStatistics sent = network.statistics("host1");
            if (offload1.equals("on")) {
                assertThat(sent.rxSegments()).as("super-frames: %s", sent).isGreaterThan(2 * sent.rxFrames());
            }
        }
    }

    private static void datagrams(TransferNetwork network, int ipVersion, int segment, int length) throws Exception {
        String end = " " + network.host2.address(ipVersion) + " " + PORT;
        String what = " " + segment + " " + length + " 5";
        network.host2.peer().tell("bind" + end);
        CompletableFuture<String> received = network.host2.peer().ask("datagrams" + what);
        CompletableFuture<String> sent = network.host1.peer().ask("segments" + end + what);
        assertThat(received.get())
                .as("IPv%d, %d bytes in datagrams of %d", ipVersion, length, segment)
                .isEqualTo("all");
        sent.get();
    }

    // ---- what all have ----

    private TransferNetwork network(String kind1, Between between, String kind2) throws Exception {
        for (String kind : new String[] {kind1, kind2}) {
            String scheme = TransferHost.PortKind.parse(kind).scheme();
            Assumptions.assumeTrue(
                    PortProviders.all().stream()
                            .anyMatch(provider -> provider.schemes().contains(scheme)),
                    "no port type '" + scheme + "'");
        }
        return new TransferNetwork(
                TransferHost.PortKind.parse(kind1), between, TransferHost.PortKind.parse(kind2), folder);
    }

    /** Makes a file of random bytes and returns its digest. */
    private String newFile(String name) throws Exception {
        byte[] content = new byte[FILE_LENGTH];
        seeds.split().nextBytes(content);
        Files.write(folder.resolve(name), content);
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    }
}
