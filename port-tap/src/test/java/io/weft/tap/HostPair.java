package io.weft.tap;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.VirtualSwitch;
import io.weft.event.SwitchListener;
import io.weft.port.PortException;
import io.weft.port.PortStatistics;
import io.weft.worker.PortStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Two namespaces as hosts on one switch, with 10.9.0.1, fd09::1 and 10.9.0.2, fd09::2; what joins them to it, the subclass
 * says. Nothing of it stays, also when it could not be set up.
 */
public abstract class HostPair implements AutoCloseable {
    /** The first host's address. */
    public static final String MAC_1 = "02:00:00:00:09:01";

    /** The second host's address. */
    public static final String MAC_2 = "02:00:00:00:09:02";

    private final List<NetworkNamespace> namespaces = new ArrayList<>();

    /** The first host. */
    public final NetworkNamespace host1 = namespace("h1");

    /** The second host. */
    public final NetworkNamespace host2 = namespace("h2");

    /** Ports that went down, and what drivers said. */
    public final Queue<String> events = new ConcurrentLinkedQueue<>();

    /** The switch. */
    public final VirtualSwitch lan = VirtualSwitch.builder()
            .name("lan-" + host1.name())
            .listener(new SwitchListener() {
                @Override
                public void portDown(String port, String reason) {
                    events.add(port + " down: " + reason);
                }

                @Override
                public void message(String driver, String text) {
                    events.add(driver + " says: " + text);
                }
            })
            .build();

    /** A step of setting it up. */
    @FunctionalInterface
    public interface Step {
        /** Takes the step. */
        void take() throws PortException;
    }

    /** Takes a step, and closes everything when that fails. */
    public void orClose(Step step) throws PortException {
        boolean taken = false;
        try {
            step.take();
            taken = true;
        } finally {
            if (!taken) {
                close();
            }
        }
    }

    /** A namespace that goes with the hosts'. */
    protected final NetworkNamespace namespace(String role) {
        NetworkNamespace namespace = NetworkNamespace.create(role);
        namespaces.add(namespace);
        return namespace;
    }

    /** The port with this name. */
    public PortStatus status(String port) {
        return lan.ports().stream()
                .filter(status -> status.name().equals(port))
                .findFirst()
                .orElseThrow();
    }

    /** Waits until both hosts know that their IPv6 addresses are nobody else's (RFC 4862, 5.4). */
    public void awaitIpv6() throws InterruptedException {
        for (NetworkNamespace host : List.of(host1, host2)) {
            NetworkNamespace.await("IPv6 addresses", () -> host.run("ip", "-6", "address", "show", "tentative")
                    .isBlank());
        }
    }

    /** Checks the law of conservation once the switch is at rest, and returns the sums. */
    public PortStatistics settled() throws InterruptedException {
        NetworkNamespace.await(
                "no frame unaccounted for", () -> lan.statistics().unaccounted() == 0);
        return lan.statistics();
    }

    @Override
    public void close() {
        lan.close();
        namespaces.forEach(NetworkNamespace::close);
        assertThat(lan.statistics().unaccounted()).isZero();
    }
}
