package io.weft.tap;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.Wire;
import io.weft.event.SwitchListener;
import io.weft.port.PortException;
import io.weft.port.PortProviders;
import io.weft.port.PortStatistics;
import io.weft.worker.PortStatus;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Two namespaces as hosts, each with a TUN device, tun1 with 10.9.0.1 and fd09::1, tun2 with 10.9.0.2 and fd09::2, joined by a
 * wire. Nothing of it stays.
 */
final class TunHosts implements AutoCloseable {
    final NetworkNamespace host1 = NetworkNamespace.create("t1");
    final NetworkNamespace host2 = NetworkNamespace.create("t2");
    final Queue<String> events = new ConcurrentLinkedQueue<>();
    final Wire wire;

    /** Makes them, with more options for each device ({@code "&mtu=9000"}). */
    TunHosts(String options1, String options2) throws PortException {
        Wire made = null;
        try {
            made = Wire.between(
                    PortProviders.create(
                            "tun:tun1?address=10.9.0.1/24&address=fd09::1/64&netns=" + host1.name() + options1),
                    PortProviders.create(
                            "tun:tun2?address=10.9.0.2/24&address=fd09::2/64&netns=" + host2.name() + options2));
        } finally {
            wire = made;
            if (made == null) {
                close();
            }
        }
        wire.addListener(new SwitchListener() {
            @Override
            public void portDown(String port, String reason) {
                events.add(port + " down: " + reason);
            }
        });
    }

    PortStatus status(String port) {
        return wire.ports().stream()
                .filter(status -> status.name().equals(port))
                .findFirst()
                .orElseThrow();
    }

    /** The sums, once every frame is accounted for. */
    PortStatistics settled() throws InterruptedException {
        NetworkNamespace.await(
                "no frame unaccounted for", () -> wire.statistics().unaccounted() == 0);
        return wire.statistics();
    }

    @Override
    public void close() {
        if (wire != null) {
            wire.close();
        }
        host1.close();
        host2.close();
        if (wire != null) {
            assertThat(wire.statistics().unaccounted()).isZero();
        }
    }
}
