package io.weft.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.bridge.VlanSettings;
import io.weft.tap.NetworkNamespace;
import io.weft.tap.TwoHosts;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Linux hosts at both ends of a tunnel that is narrower than their links: they believe what they are told of it. */
@Timeout(120)
class PathMtuIT {
    private static final int MTU = 1_400;

    @BeforeAll
    static void probe() {
        NetworkNamespace.assumeAvailable();
    }

    private static TwoHosts hosts(NarrowTunnel tunnel) throws Exception {
        TwoHosts hosts = new TwoHosts().plugIn("");
        hosts.orClose(() -> {
            hosts.lan.add(tunnel);
            for (String port : new String[] {"eth1", "near"}) {
                hosts.lan.port(port).change(settings -> settings.vlans(VlanSettings.access(10)));
            }
            for (String port : new String[] {"eth2", "far"}) {
                hosts.lan.port(port).change(settings -> settings.vlans(VlanSettings.access(20)));
            }
        });
        hosts.awaitIpv6();
        return hosts;
    }

    private static String route(NetworkNamespace host, String to) {
        return host.run("ip", "route", "get", to);
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.9.0.2", "fd09::2"})
    void shouldHaveAPingingHostLowerItsPathMtu(String to) throws Exception {
        NarrowTunnel tunnel = new NarrowTunnel(MTU, false);
        try (TwoHosts hosts = hosts(tunnel)) {
            int headers = to.contains(":") ? 48 : 28;
            String[] fitting = {"ping", "-c", "1", "-W", "5", "-M", "do", "-s", "" + (MTU - headers), to};
            assertThat(hosts.host1.run(fitting)).contains("1 received");
            assertThat(route(hosts.host1, to)).doesNotContain("mtu");
            String[] tooLong = {"ping", "-c", "1", "-W", "1", "-M", "do", "-s", "" + (MTU - headers + 1), to};
            assertThat(hosts.host1.succeeds(tooLong)).isFalse();
            assertThat(route(hosts.host1, to)).contains("mtu " + MTU);
            assertThat(tunnel.answered).hasValue(1);
            assertThat(hosts.host1.run(fitting)).contains("1 received");
            hosts.settled();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.9.0.2", "fd09::2"})
    void shouldHaveTcpGoOnWithShorterSegments(String to) throws Exception {
        NarrowTunnel tunnel = new NarrowTunnel(MTU, false);
        try (TwoHosts hosts = hosts(tunnel)) {
            transfer(hosts, to);
            assertThat(tunnel.answered).hasPositiveValue();
            assertThat(route(hosts.host1, to)).contains("mtu " + MTU);
            hosts.settled();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.9.0.2", "fd09::2"})
    void shouldHaveTcpAgreeOnSegmentsThatFit(String to) throws Exception {
        NarrowTunnel tunnel = new NarrowTunnel(MTU, true);
        try (TwoHosts hosts = hosts(tunnel)) {
            transfer(hosts, to);
            transfer(hosts, to, "-R");
            assertThat(tunnel.clamped).hasValue(8); // two connections each time, SYN and SYN-ACK
            assertThat(tunnel.answered).hasValue(0);
            assertThat(route(hosts.host1, to)).doesNotContain("mtu");
            hosts.settled();
        }
    }

    private static void transfer(TwoHosts hosts, String to, String... options) throws Exception {
        NetworkNamespace.assumeProgram("iperf3");
        hosts.host2.start("iperf3", "-s", "-1");
        NetworkNamespace.await(
                "iperf3 listens",
                () -> hosts.host2.run("cat", "/proc/net/tcp", "/proc/net/tcp6").contains(":1451 ")); // port 5201
        List<String> command = new ArrayList<>(List.of("iperf3", "-c", to, "-n", "5M"));
        command.addAll(Arrays.asList(options));
        hosts.host1.run(command.toArray(String[]::new));
    }
}
