package io.weft.tap;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.VirtualSwitch;
import io.weft.event.SwitchListener;
import io.weft.port.PortException;
import io.weft.port.PortStatistics;
import io.weft.worker.AttachedDriver;
import io.weft.worker.PortStatus;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Two namespaces, each with a TAP called eth0 or eth1, on one switch: 10.9.0.1, fd09::1 and 10.9.0.2, fd09::2. */
final class TwoHosts implements AutoCloseable {
    static final String MAC_1 = "02:00:00:00:09:01";
    static final String MAC_2 = "02:00:00:00:09:02";

    final NetworkNamespace host1 = NetworkNamespace.create("h1");
    final NetworkNamespace host2 = NetworkNamespace.create("h2");
    final Queue<String> events = new ConcurrentLinkedQueue<>();
    final VirtualSwitch lan = VirtualSwitch.builder()
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
    AttachedDriver port1;
    AttachedDriver port2;

    /** Adds the two devices, with more options if there are any ({@code "&mtu=9000"}); closes all if that fails. */
    TwoHosts plugIn(String options) throws PortException {
        boolean complete = false;
        try {
            port1 = lan.add("tap:eth1?address=10.9.0.1/24&address=fd09::1/64&hwaddr=" + MAC_1 + "&netns=" + host1.name()
                    + options);
            port2 = lan.add("tap:eth2?address=10.9.0.2/24&address=fd09::2/64&hwaddr=" + MAC_2 + "&netns=" + host2.name()
                    + options);
            complete = true;
        } finally {
            if (!complete) {
                close();
            }
        }
        return this;
    }

    PortStatus status(String port) {
        return lan.ports().stream()
                .filter(status -> status.name().equals(port))
                .findFirst()
                .orElseThrow();
    }

    /** Waits until both hosts know that their IPv6 addresses are nobody else's (RFC 4862, 5.4). */
    void awaitIpv6() throws InterruptedException {
        for (NetworkNamespace host : List.of(host1, host2)) {
            NetworkNamespace.await("IPv6 addresses", () -> host.run("ip", "-6", "address", "show", "tentative")
                    .isBlank());
        }
    }

    /** Checks the law of conservation once the switch is at rest, and returns the sums. */
    PortStatistics settled() throws InterruptedException {
        NetworkNamespace.await(
                "no frame unaccounted for", () -> lan.statistics().unaccounted() == 0);
        return lan.statistics();
    }

    @Override
    public void close() {
        lan.close();
        host1.close();
        host2.close();
        assertThat(lan.statistics().unaccounted()).isZero();
    }
}
