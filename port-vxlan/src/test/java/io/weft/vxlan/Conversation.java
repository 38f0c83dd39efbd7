package io.weft.vxlan;

import static io.weft.vxlan.KernelNetwork.hostAddress;
import static io.weft.vxlan.KernelNetwork.mac;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.tap.NetworkNamespace;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What two hosts of a network do with each other, and whether it arrives.
 *
 * <p>Threads: confined.
 */
final class Conversation {
    private static final int PORT = 41_099; // of no protocol that tshark knows
    private static final int FILE_LENGTH = 20_000_000;
    private static final Pattern RECEIVED =
            Pattern.compile("\"sum_received\":\\s*\\{.*?\"bytes\":\\s*(\\d+)", Pattern.DOTALL);

    private final KernelNetwork network;
    private final int near;
    private final int far;

    /** Between two hosts, of which the first begins. */
    Conversation(KernelNetwork network, int near, int far) {
        this.network = network;
        this.near = near;
        this.far = far;
    }

    static void assumePrograms() {
        NetworkNamespace.assumeAvailable();
        for (String program : new String[] {"ping", "iperf3", "python3", "sysctl"}) {
            NetworkNamespace.assumeProgram(program);
        }
    }

    private NetworkNamespace host(int number) {
        return network.host(number);
    }

    /** Pings of both families, to configured and link-local addresses, short ones and as long as fits. */
    void pings() {
        for (int version : new int[] {4, 6}) {
            String to = hostAddress(far, version);
            ping(10, to);
            // As long as fits, without fragments: 28 and 48 bytes of headers.
            int longest = network.innerMtu() - (version == 4 ? 28 : 48);
            ping(3, to, "-M", "do", "-s", "" + longest);
            assertThat(host(near).run("ip", "neighbour", "show", to)).contains(mac(far));
        }
        ping(3, "fe80::ff:fe00:90" + far + "%eth" + near);
    }

    /**
     * Pings from the host that begins, until so many were answered. The deadline is one that counts ({@code -w}): otherwise ping
     * waits for the last answer no longer than for two such as it has seen.
     */
    void ping(int count, String to, String... options) {
        List<String> command = new ArrayList<>(List.of("ping", "-c", "" + count, "-i", "0.02", "-w", "10"));
        command.addAll(List.of(options));
        command.add(to);
        assertThat(host(near).run(command.toArray(String[]::new)))
                .contains(" " + count + " received")
                .doesNotContain("DUP!");
    }

    /** Whether a ping comes back. */
    boolean answers() {
        return host(near).succeeds("ping", "-c", "1", "-W", "1", hostAddress(far, 4));
    }

    /** Waits until pings come back. */
    void awaitAnswer() throws InterruptedException {
        NetworkNamespace.await("host " + far + " answers host " + near, this::answers);
    }

    // ---- TCP ----

    /** One second of TCP each way. */
    void tcp(int version) throws InterruptedException {
        assertThat(tcpBytes(version, "-t", "1")).isPositive();
        assertThat(tcpBytes(version, "-t", "1", "-R")).isPositive();
    }

    /** Has iperf3 transfer as the options say, and returns how many bytes arrived. */
    long tcpBytes(int version, String... options) throws InterruptedException {
        Process server = host(far).start("iperf3", "-s", "-1");
        NetworkNamespace.await("iperf3 listens", () -> isListening(5_201));
        List<String> command = new ArrayList<>(List.of("iperf3", "-J", "-c", hostAddress(far, version)));
        command.addAll(List.of(options));
        String report = host(near).run(command.toArray(String[]::new));
        server.waitFor();
        Matcher received = RECEIVED.matcher(report);
        assertThat(received.find()).as(report).isTrue();
        return Long.parseLong(received.group(1));
    }

    private boolean isListening(int port) {
        return host(far)
                .run("cat", "/proc/net/tcp", "/proc/net/tcp6")
                .matches("(?s).*:%04X [0:]+ 0A .*".formatted(port));
    }

    // ---- files and datagrams ----

    /** Starts what {@link #files} and {@link #datagrams} talk to, with files of random bytes in a folder. */
    void serve(Path folder, SplittableRandom random) throws Exception {
        Path program = folder.resolve("host.py");
        try (InputStream source = Conversation.class.getResourceAsStream("host.py")) {
            Files.write(program, source.readAllBytes());
        }
        for (int number : new int[] {near, far}) {
            byte[] content = new byte[FILE_LENGTH];
            random.nextBytes(content);
            Files.write(folder.resolve("file" + number), content);
        }
        host(far).start("python3", program.toString(), "serve", "" + PORT, file(folder, far));
        NetworkNamespace.await("the server listens", () -> isListening(PORT));
    }

    private static String file(Path folder, int number) {
        return folder.resolve("file" + number).toString();
    }

    /** Sends a file each way at once. */
    void files(Path folder, int version) throws Exception {
        assertThat(client(folder, "files", version))
                .isEqualTo(digest(folder.resolve("file" + near)) + " " + digest(folder.resolve("file" + far)));
    }

    /** Datagrams of all lengths up to what fits, alone and many in one call, which the kernel or the switch cuts. */
    void datagrams(Path folder) {
        for (int version : new int[] {4, 6}) {
            int longest = network.innerMtu() - (version == 4 ? 28 : 48);
            List<String> shapes = new ArrayList<>();
            for (int length : new int[] {1, 17, 18, 19, 500, longest - 1, longest}) {
                shapes.add("0:" + length);
            }
            for (int segment : new int[] {1, 100, 1_200, longest}) {
                int most = Math.min(40 * segment, 60_000);
                shapes.add(segment + ":" + most);
                shapes.add(segment + ":" + (most - segment / 2)); // the last one is shorter
                shapes.add(segment + ":" + (segment + 1));
            }
            assertThat(client(folder, "segments", version, shapes.toArray(String[]::new)))
                    .as("datagrams over IPv%d", version)
                    .isEqualTo("all");
        }
    }

    private String client(Path folder, String what, int version, String... more) {
        List<String> command = new ArrayList<>(List.of(
                "python3",
                folder.resolve("host.py").toString(),
                what,
                hostAddress(far, version),
                "" + PORT,
                file(folder, near)));
        command.addAll(List.of(more));
        return host(near).run(command.toArray(String[]::new));
    }

    private static String digest(Path file) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    }

    // ---- what the kernels have counted ----

    /** Checks that nobody has met a bad checksum: neither the hosts nor, of the underlay, the sites. */
    static void assertNoBadChecksum(NetworkNamespace... everybody) {
        for (NetworkNamespace one : everybody) {
            String[] lines = one.run("cat", "/proc/net/snmp", "/proc/net/snmp6").split("\n");
            for (int i = 0; i < lines.length; i++) {
                String[] words = lines[i].trim().split("\\s+");
                if (words[0].endsWith("InCsumErrors")) {
                    assertThat(words[1]).as("%s of %s", words[0], one).isEqualTo("0");
                }
                for (int column = 1; column < words.length && i + 1 < lines.length; column++) {
                    if (words[column].equals("InCsumErrors")) {
                        assertThat(lines[i + 1].trim().split("\\s+")[column])
                                .as("%s %s of %s", words[0], words[column], one)
                                .isEqualTo("0");
                    }
                }
            }
        }
    }
}
