package io.weft.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.tap.NetworkNamespace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Traffic from one host to another that must arrive, by programs that nobody here wrote. Threads: stateless. */
public final class HostTraffic {
    private static final int PORT = 51_998; // Tshark.read takes it for data, whatever it looks like
    private static final Pattern RECEIVED =
            Pattern.compile("\"sum_received\":\\s*\\{.*?\"bytes\":\\s*(\\d+)", Pattern.DOTALL);
    private static final Pattern LOST =
            Pattern.compile("\"sum_received\":\\s*\\{[^{}]*\"lost_packets\":\\s*(\\d+),\\s*\"packets\":\\s*(\\d+)");

    private static final String ECHO = """
            import socket
            s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
            s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            s.bind(('::', %d))
            while True:
                b, a = s.recvfrom(65535)
                s.sendto(b, a)
            """;

    /** Repeats what was not answered: datagrams may be lost, on a loaded machine, but never changed. */
    private static final String ASK = """
            import os, socket
            i = socket.getaddrinfo('%s', %d, type=socket.SOCK_DGRAM)[0]
            s = socket.socket(i[0], socket.SOCK_DGRAM)
            s.connect(i[4])
            s.settimeout(1)
            for n in %s:
                b = os.urandom(n)
                for attempt in range(20):
                    s.send(b)
                    try:
                        while s.recv(65535) != b: pass
                        break
                    except TimeoutError: pass
                else: raise SystemExit('no echo of %%d bytes' %% n)
            print('all')
            """;

    private HostTraffic() {}

    /** Pings until so many were answered, each once; -W would wait for the last answer no longer than for two such as before. */
    public static void ping(NetworkNamespace from, int count, String to, String... options) {
        List<String> command = new ArrayList<>(List.of("ping", "-c", "" + count, "-i", "0.05", "-w", "10"));
        command.addAll(List.of(options));
        command.add(to);
        assertThat(from.run(command.toArray(String[]::new)))
                .contains(" " + count + " received")
                .doesNotContain("DUP!");
    }

    /** Waits for the answer to a first ping. */
    public static void awaitAnswer(NetworkNamespace from, String to) throws InterruptedException {
        NetworkNamespace.await(to + " answers", () -> from.succeeds("ping", "-c", "1", "-W", "1", to));
    }

    /** A second of TCP each way, which arrives. */
    public static void tcp(NetworkNamespace client, NetworkNamespace server, String address) throws Exception {
        tcp(client, server, address, "-t", "1");
    }

    /** TCP each way, for a time ({@code -t 1}) or of a length ({@code -n 300K}). */
    public static void tcp(NetworkNamespace client, NetworkNamespace server, String address, String kind, String amount)
            throws Exception {
        for (String[] direction : new String[][] {{}, {"-R"}}) {
            Process listening = server.start("iperf3", "-s", "-1");
            try {
                awaitListening(server, "tcp6", 5_201);
                List<String> command = new ArrayList<>(List.of("iperf3", "-J", kind, amount, "-c", address));
                command.addAll(List.of(direction));
                String report = client.run(command.toArray(String[]::new));
                Matcher received = RECEIVED.matcher(report);
                assertThat(received.find()).as(report).isTrue();
                assertThat(Long.parseLong(received.group(1))).as(report).isPositive();
            } finally {
                listening.destroyForcibly().waitFor();
            }
        }
    }

    /** A second of UDP each way with datagrams of this length, of which most arrive: on a loaded machine some are late. */
    public static void udp(NetworkNamespace client, NetworkNamespace server, String address, int length)
            throws Exception {
        for (String direction : new String[] {"", "-R"}) {
            Process listening = server.start("iperf3", "-s", "-1");
            try {
                awaitListening(server, "tcp6", 5_201);
                List<String> command = new ArrayList<>(
                        List.of("iperf3", "-J", "-u", "-b", "5M", "-l", "" + length, "-t", "1", "-c", address));
                if (!direction.isEmpty()) {
                    command.add(direction);
                }
                String report = client.run(command.toArray(String[]::new));
                Matcher lost = LOST.matcher(report);
                assertThat(lost.find()).as(report).isTrue();
                assertThat(Long.parseLong(lost.group(1))).as(report).isLessThan(Long.parseLong(lost.group(2)) / 2);
            } finally {
                listening.destroyForcibly().waitFor();
            }
        }
    }

    /** Datagrams of these lengths to the other host and back again, unchanged. */
    public static void datagrams(NetworkNamespace client, NetworkNamespace server, String address, int... lengths)
            throws Exception {
        Process echo = server.start("python3", "-c", ECHO.formatted(PORT));
        try {
            awaitListening(server, "udp6", PORT);
            assertThat(client.run("python3", "-c", ASK.formatted(address, PORT, Arrays.toString(lengths))))
                    .isEqualToIgnoringNewLines("all");
        } finally {
            echo.destroyForcibly().waitFor();
        }
    }

    private static void awaitListening(NetworkNamespace host, String protocol, int port) throws InterruptedException {
        // Whole: the addresses of connections that have just ended begin with as many zeros.
        String anybody = ":%04X 00000000000000000000000000000000:0000 ".formatted(port);
        NetworkNamespace.await("port " + port + " listens", () -> host.run("cat", "/proc/net/" + protocol)
                .contains(anybody));
    }
}
