package io.weft.packet;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.VirtualSwitch;
import io.weft.port.PortException;
import io.weft.port.PortStatistics;
import io.weft.tap.NetworkNamespace;
import io.weft.worker.PortStatus;
import java.util.List;

/**
 * Two namespaces as hosts, and a third with the switch's ends of their cables, {@code p1} and {@code p2}: 10.9.0.1, fd09::1
 * and 10.9.0.2, fd09::2.
 */
final class VethHosts implements AutoCloseable {
    static final String MAC_1 = "02:00:00:00:09:01";
    static final String MAC_2 = "02:00:00:00:09:02";

    final NetworkNamespace host1 = NetworkNamespace.create("h1");
    final NetworkNamespace host2 = NetworkNamespace.create("h2");
    final NetworkNamespace site = NetworkNamespace.create("site");
    final VirtualSwitch lan = VirtualSwitch.builder().name("lan-" + site.name()).build();

    VethHosts() {
        this(1_500);
    }

    VethHosts(int mtu) {
        site.run("sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1");
        connect(host1, "1", MAC_1, mtu);
        connect(host2, "2", MAC_2, mtu);
    }

    private void connect(NetworkNamespace host, String number, String mac, int mtu) {
        site.run(("ip link add p" + number + " mtu " + mtu + " type veth peer name eth0 mtu " + mtu + " address " + mac
                        + " netns " + host.name())
                .split(" "));
        host.run("ip", "address", "add", "10.9.0." + number + "/24", "dev", "eth0");
        host.run("ip", "address", "add", "fd09::" + number + "/64", "dev", "eth0");
        host.run("ip", "link", "set", "eth0", "up");
        site.run("ip", "link", "set", "p" + number, "up");
    }

    /** Adds both ports, each with more options if there are any ({@code "&offload=off"}). */
    VethHosts plugIn(String options1, String options2) throws PortException {
        lan.add("packet:p1?netns=" + site.name() + options1);
        lan.add("packet:p2?netns=" + site.name() + options2);
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
        assertThat(lan.statistics().unaccounted()).isZero();
        host1.close();
        host2.close();
        site.close();
    }
}
