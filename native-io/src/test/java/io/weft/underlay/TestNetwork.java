package io.weft.underlay;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * Two hosts with a router between them, each a network namespace: the way to the second host is narrower than that from the
 * first. Removed when closed.
 *
 * <pre>
 *   near 10.77.1.1 fd77:1::1  -- uplink, MTU 1500 --  .254 ::254  router  -- MTU 1300 --  10.77.2.1 fd77:2::1 far
 * </pre>
 *
 * <p>Threads: any.
 */
final class TestNetwork implements AutoCloseable {
    static final int WIDE_MTU = 1500;
    static final int NARROW_MTU = 1300;

    private static final long DEADLINE_S = 30; // only ever reached by a failure
    private static final AtomicInteger COUNT = new AtomicInteger();

    private final String prefix = "weft-udp-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet() + "-";

    TestNetwork() {
        boolean complete = false;
        try {
            make();
            complete = true;
        } finally {
            if (!complete) {
                close();
            }
        }
    }

    private void make() {
        for (String host : List.of("near", "router", "far")) {
            exec("ip netns add " + name(host));
            in(host, "ip link set lo up");
            // Whoever still asks whether his link-local address is another one's, asks for no neighbour's address.
            in(host, "sysctl -q -w net.ipv6.conf.default.accept_dad=0");
        }
        in("router", "sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1");
        connect("near", WIDE_MTU, "10.77.1.", "fd77:1::");
        connect("far", NARROW_MTU, "10.77.2.", "fd77:2::");
        // Links need a moment, and what is sent before is lost.
        in("near", "ping -q -c 1 -w 10 -i 0.1 10.77.2.1");
        in("near", "ping -q -c 1 -w 10 -i 0.1 fd77:2::1");
    }

    private void connect(String host, int mtu, String ipv4, String ipv6) {
        exec("ip link add uplink netns " + name(host) + " mtu " + mtu + " type veth peer name " + host + " netns "
                + name("router") + " mtu " + mtu);
        in(host, "ip addr add " + ipv4 + "1/24 dev uplink");
        in(host, "ip addr add " + ipv6 + "1/64 dev uplink nodad");
        in("router", "ip addr add " + ipv4 + "254/24 dev " + host);
        in("router", "ip addr add " + ipv6 + "254/64 dev " + host + " nodad");
        in("router", "ip link set " + host + " up");
        in(host, "ip link set uplink up");
        in(host, "ip route add default via " + ipv4 + "254");
        in(host, "ip -6 route add default via " + ipv6 + "254");
    }

    /** Skips the calling test where namespaces cannot be made, saying why. */
    static void assumeAvailable() {
        try {
            String probe = "weft-udp-" + ProcessHandle.current().pid() + "-probe";
            exec("ip netns add " + probe);
            exec("ip netns delete " + probe);
        } catch (IllegalStateException | UncheckedIOException e) {
            Assumptions.abort("network namespaces cannot be made: " + e.getMessage());
        }
    }

    /** The namespace of a host: near, router or far. */
    String name(String host) {
        return prefix + host;
    }

    /** Runs a command, whose words have no blanks, in a host. */
    String in(String host, String command) {
        return exec("ip netns exec " + name(host) + " " + command);
    }

    /** Runs a command, whose words have no blanks, and returns what it printed. */
    static String exec(String command) {
        try {
            Process process = new ProcessBuilder(command.split(" "))
                    .redirectErrorStream(true)
                    .start();
            process.getOutputStream().close();
            process.onExit().orTimeout(DEADLINE_S, TimeUnit.SECONDS).exceptionally(late -> {
                process.destroyForcibly();
                return process;
            });
            try (InputStream printed = process.getInputStream()) {
                String output = new String(printed.readAllBytes(), StandardCharsets.UTF_8);
                if (process.waitFor() != 0) {
                    throw new IllegalStateException(command + ": " + output);
                }
                return output;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(command + ": interrupted", e);
        }
    }

    @Override
    public void close() {
        Stream.of("near", "far", "router").map(this::name).forEach(name -> {
            try {
                exec("ip netns delete " + name);
            } catch (IllegalStateException notMade) {
                // the others are to go nevertheless
            }
        });
    }
}
