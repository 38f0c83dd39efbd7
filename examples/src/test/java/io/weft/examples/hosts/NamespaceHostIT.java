package io.weft.examples.hosts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two namespaces joined by the kernel's own wire (veth), without a switch. */
class NamespaceHostIT {
    private static final HostAddress LEFT = new HostAddress("left", "52:54:00:00:00:01", "10.0.0.1/24", "fd00::1/64");
    private static final HostAddress RIGHT = new HostAddress("right", "52:54:00:00:00:02", "10.0.0.2/24", "fd00::2/64");
    private static final Duration COMMAND_LIMIT = Duration.ofSeconds(10);
    private static final int LIMIT_S = 60;

    private final String leftDevice = "wl" + ProcessHandle.current().pid();
    private final String rightDevice = "wr" + ProcessHandle.current().pid();

    @BeforeEach
    void makeWire() throws HostException {
        try {
            NamespaceHost.check("bin/test");
        } catch (HostException e) {
            abort("skipped: " + e.getMessage());
        }
        ip("link", "add", leftDevice, "type", "veth", "peer", "name", rightDevice);
    }

    @AfterEach
    void deleteWire() throws HostException {
        if (ip("-brief", "link").stream().anyMatch(line -> line.startsWith(leftDevice))) {
            ip("link", "delete", leftDevice);
        }
    }

    private static List<String> ip(String... arguments) throws HostException {
        return Command.run(
                COMMAND_LIMIT,
                java.util.stream.Stream.concat(java.util.stream.Stream.of("ip"), java.util.stream.Stream.of(arguments))
                        .toList());
    }

    @Test
    void shouldPingFromOneNamespaceToTheOtherAndLeaveNothing() throws Exception {
        NamespaceHost right = new NamespaceHost(RIGHT, Optional.empty(), rightDevice);
        NamespaceHost left =
                new NamespaceHost(LEFT, Optional.of(PingPlan.of(RIGHT).withCount(3)), leftDevice);
        try (right;
                left) {
            right.start((host, event) -> {});
            left.start((host, event) -> System.out.println(host.address().name() + ": " + event.describe()));

            assertThat(left.pingResult(IpVersion.IPV4)
                            .get(LIMIT_S, TimeUnit.SECONDS)
                            .received())
                    .isEqualTo(3);
            assertThat(left.pingResult(IpVersion.IPV6)
                            .get(LIMIT_S, TimeUnit.SECONDS)
                            .received())
                    .isEqualTo(3);
            assertThat(right.pingResult(IpVersion.IPV4)).isCompletedExceptionally();
            assertThat(ip("netns", "list")).anyMatch(line -> line.startsWith(left.namespace()));
        }
        assertThat(ip("netns", "list"))
                .noneMatch(line -> line.startsWith(left.namespace()) || line.startsWith(right.namespace()));
        assertThat(ip("-brief", "link"))
                .as("the devices are back")
                .anyMatch(line -> line.startsWith(leftDevice))
                .anyMatch(line -> line.startsWith(rightDevice));
    }

    @Test
    void shouldStopPingingWhenItIsClosed() throws Exception {
        NamespaceHost left =
                new NamespaceHost(LEFT, Optional.of(PingPlan.of(RIGHT).withCount(1_000)), leftDevice);
        left.start((host, event) -> {});

        left.close();

        assertThatThrownBy(() -> left.pingResult(IpVersion.IPV4).get(LIMIT_S, TimeUnit.SECONDS))
                .hasMessageContaining("closed");
        assertThat(ip("netns", "list")).noneMatch(line -> line.startsWith(left.namespace()));
    }

    @Test
    void shouldCleanUpWhenTheDeviceIsNotThere() throws Exception {
        NamespaceHost host = new NamespaceHost(LEFT, Optional.empty(), "weft-none");

        assertThatThrownBy(() -> host.start((self, event) -> {}))
                .isInstanceOf(HostException.class)
                .hasMessageContaining("weft-none");
        assertThat(ip("netns", "list")).noneMatch(line -> line.startsWith(host.namespace()));
    }
}
