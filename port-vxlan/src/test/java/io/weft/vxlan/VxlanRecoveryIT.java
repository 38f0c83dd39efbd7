package io.weft.vxlan;

import static io.weft.vxlan.KernelNetwork.sh;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.port.DropReason;
import io.weft.port.PortStatistics;
import io.weft.tap.NetworkNamespace;
import io.weft.tunnel.RemoteEnd;
import java.util.Locale;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the underlay and the other side do to a port while it runs: it is counted, told, and over when they are well again. */
@Timeout(180)
class VxlanRecoveryIT {
    @BeforeAll
    static void probe() {
        Conversation.assumePrograms();
    }

    /** Hosts 1 and 2, and the port bound to its address. */
    private static Conversation connect(KernelNetwork network, String options) throws Exception {
        network.kernel(2, "dstport 4789 remote " + network.address(1));
        network.weft("local_ip=" + network.address(1) + "&remote_ip=" + network.address(2) + options);
        Conversation conversation = new Conversation(network, 1, 2);
        conversation.awaitAnswer();
        network.awaitIpv6();
        return conversation;
    }

    private static void assertTold(KernelNetwork network, String what) throws Exception {
        NetworkNamespace.await(
                "a message: " + what, () -> network.events.stream().anyMatch(event -> event.contains(what)));
    }

    private static long dropped(KernelNetwork network, DropReason reason) {
        return network.status("vx0").statistics().dropped(reason);
    }

    // ---- the other side ----

    @ParameterizedTest(name = "IPv{0}")
    @ValueSource(ints = {4, 6})
    void shouldFindARemoteThatWasRestarted(int ipVersion) throws Exception {
        try (KernelNetwork network = KernelNetwork.bridged(ipVersion)) {
            Conversation conversation = connect(network, "");
            sh(network.site(2), "ip link delete vx0");
            NetworkNamespace.await("that it is not reached is known", () -> {
                conversation.answers();
                return network.remote().state() == RemoteEnd.State.UNREACHABLE;
            });
            assertThat(network.remote().errors()).isPositive();
            assertTold(network, "refuses datagrams");

            network.kernelDevice(2, KernelNetwork.VNI, "dstport 4789 remote " + network.address(1));
            conversation.awaitAnswer();
            assertThat(network.remote().state()).isEqualTo(RemoteEnd.State.UP);
            assertTold(network, "is reached again");
            conversation.tcp(4);
            network.settled();
        }
    }

    @Test
    void shouldCountWhatARemoteThatIsGoneIsSent() throws Exception {
        try (KernelNetwork network = KernelNetwork.bridged(4)) {
            Conversation conversation = connect(network, "");
            sh(network.core, "ip link set site2 down");
            sh(network.site(1), "ip neighbour flush dev eth0"); // or it is believed for a minute
            NetworkNamespace.await("nobody answers for the address", () -> {
                conversation.answers();
                return network.remote().state() == RemoteEnd.State.UNREACHABLE;
            });
            assertTold(network, "no way to it");
            sh(network.core, "ip link set site2 up");
            conversation.awaitAnswer();
            assertThat(network.remote().state()).isEqualTo(RemoteEnd.State.UP);
            network.settled();
        }
    }

    // ---- the underlay ----

    @ParameterizedTest(name = "IPv{0}")
    @ValueSource(ints = {4, 6})
    void shouldGoOnWhenTheUnderlayReturns(int ipVersion) throws Exception {
        try (KernelNetwork network = KernelNetwork.bridged(ipVersion)) {
            // Otherwise Linux forgets an interface's IPv6 addresses with the link.
            sh(network.site(1), "sysctl -qw net.ipv6.conf.eth0.keep_addr_on_down=1");
            Conversation conversation = connect(network, "");
            sh(network.site(1), "ip link set eth0 down");
            NetworkNamespace.await("what has no way is counted", () -> {
                conversation.answers();
                return dropped(network, DropReason.REMOTE_DOWN) > 0;
            });
            assertThat(network.remote().txDropped()).isPositive();
            sh(network.site(1), "ip link set eth0 up");
            conversation.awaitAnswer();
            conversation.tcp(4);
            network.settled();
        }
    }

    @ParameterizedTest(name = "IPv{0}")
    @ValueSource(ints = {4, 6})
    void shouldGoOnWhenItsAddressReturns(int ipVersion) throws Exception {
        try (KernelNetwork network = KernelNetwork.bridged(ipVersion)) {
            Conversation conversation = connect(network, "");
            String address = network.address(1) + (ipVersion == 4 ? "/24" : "/64") + " dev eth0";
            sh(network.site(1), "ip address delete " + address);
            NetworkNamespace.await("what cannot be sent is counted", () -> {
                conversation.answers();
                return network.remote().txDropped() > 0;
            });
            assertThat(dropped(network, DropReason.REMOTE_DOWN)).isPositive();
            sh(network.site(1), "ip address add " + address);
            conversation.awaitAnswer();
            conversation.tcp(4);
            network.settled();
        }
    }

    /** With the link its membership goes too, as far as switches that snoop are concerned. */
    @ParameterizedTest(name = "IPv{0}")
    @ValueSource(ints = {4, 6})
    void shouldHearItsGroupAgainWhenTheUnderlayReturns(int ipVersion) throws Exception {
        try (KernelNetwork network = KernelNetwork.bridged(ipVersion)) {
            String group = ipVersion == 4 ? "239.1.1.1" : "ff05::100";
            sh(network.site(1), "sysctl -qw net.ipv6.conf.eth0.keep_addr_on_down=1");
            network.kernel(2, "dstport 4789 dev eth0 group " + group);
            network.weft("dev=eth0&group=" + group);
            Conversation forth = new Conversation(network, 1, 2);
            Conversation back = new Conversation(network, 2, 1);
            forth.awaitAnswer();
            sh(network.site(1), "ip link set eth0 down");
            NetworkNamespace.await("nothing arrives", () -> !forth.answers());
            sh(network.site(1), "ip link set eth0 up");
            sh(network.site(2), "bridge fdb flush dev vx0 dynamic || true");
            network.host2.run("ip", "neighbour", "flush", "all"); // so that it asks the group
            back.awaitAnswer();
            network.settled();
        }
    }

    @ParameterizedTest
    @CsvSource({"unreachable, REMOTE_DOWN", "prohibit, REMOTE_DOWN", "blackhole, TX_ERROR"})
    void shouldCountWhatHasNoRoute(String kind, DropReason reason) throws Exception {
        try (KernelNetwork network = KernelNetwork.bridged(4)) {
            Conversation conversation = connect(network, "");
            String route = kind + " " + network.address(2);
            sh(network.site(1), "ip route add " + route);
            assertThat(conversation.answers()).isFalse();
            NetworkNamespace.await("it is counted", () -> network.remote().txDropped() > 0);
            assertThat(dropped(network, reason)).isPositive();
            sh(network.site(1), "ip route delete " + route);
            conversation.awaitAnswer();
            network.settled();
        }
    }

    @Test
    void shouldCountWhatTheReceiveBufferHasNoRoomFor() throws Exception {
        try (KernelNetwork network = KernelNetwork.bridged(4)) {
            Conversation conversation = connect(network, "&rcvbuf=4096&gro=false");
            NetworkNamespace.await("datagrams are lost", () -> {
                sh(
                        network.host2,
                        "python3 -c \"import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);"
                                + " [s.sendto(b'x' * 1400, ('10.9.0.1', 9)) for i in range(2000)]\"");
                return refused(network, VtepCounter.QUEUE_FULL) > 0;
            });
            conversation.awaitAnswer();
            // Lost segments of TCP are more than lost datagrams: their buffers once had the kernel end our worker.
            network.host2.start("iperf3", "-s", "-1");
            network.host1.succeeds("timeout", "3", "iperf3", "-c", "10.9.0.2", "-t", "1", "-R");
            conversation.awaitAnswer();
            network.settled();
        }
    }

    private static long refused(KernelNetwork network, VtepCounter reason) {
        return network.lan.metrics().samples().stream()
                .filter(sample -> sample.name().contains("vtep_refused_datagrams")
                        && sample.labels().get("reason").equals(reason.name().toLowerCase(Locale.ROOT)))
                .mapToLong(sample -> sample.value())
                .sum();
    }

    // ---- narrow ways ----

    @ParameterizedTest(name = "IPv{0}")
    @ValueSource(ints = {4, 6})
    void shouldNoticeThatAWayHasBecomeNarrow(int ipVersion) throws Exception {
        try (KernelNetwork network = KernelNetwork.routed(ipVersion)) {
            Conversation conversation = connect(network, "&icmp_too_big=true");
            conversation.pings();
            int wide = network.innerMtu();
            assertThat(network.vxlan().effectiveMtu()).isEqualTo(wide);
            narrow(network, 1_400);
            assertThat(conversation.tcpBytes(4, "-n", "3M")).isPositive();
            int narrow = wide - 100;
            NetworkNamespace.await(
                    "the way's MTU is known", () -> network.vxlan().effectiveMtu() == narrow);
            assertThat(network.remote().tooBig()).isPositive();
            assertTold(network, "has an MTU of 1400 bytes");
            // TCP has been told, and so is a ping that is too long.
            assertThat(network.host1.run("ip", "route", "get", "10.9.0.2")).contains("mtu " + narrow);
            assertThat(network.host1.succeeds(
                            "ping", "-6", "-c", "1", "-W", "1", "-M", "do", "-s", "" + (wide - 48), "fd09::2"))
                    .isFalse();
            assertThat(network.host1.run("ip", "route", "get", "fd09::2")).contains("mtu " + narrow);
            assertThat(dropped(network, DropReason.TOO_LONG)).isPositive();
            conversation.ping(3, "10.9.0.2", "-M", "do", "-s", "" + (narrow - 28));

            narrow(network, 1_500);
            sh(network.site(1), "ip route flush cache; ip -6 route flush cache");
            NetworkNamespace.await(
                    "the way is wide again", () -> network.vxlan().effectiveMtu() == wide);
            sh(network.host1, "ip route flush cache; ip -6 route flush cache");
            conversation.ping(3, "10.9.0.2", "-M", "do", "-s", "" + (wide - 28));
            network.settled();
        }
    }

    /** With the MSS clamped, new connections need no answers of ICMP. */
    @ParameterizedTest(name = "IPv{0}")
    @ValueSource(ints = {4, 6})
    void shouldClampToANarrowWay(int ipVersion) throws Exception {
        try (KernelNetwork network = KernelNetwork.routed(ipVersion)) {
            Conversation conversation = connect(network, "&clamp_mss=true");
            narrow(network, 1_400);
            NetworkNamespace.await("the way's MTU is known", () -> {
                network.host1.succeeds("ping", "-c", "1", "-W", "1", "-s", "1400", "10.9.0.2");
                return network.vxlan().effectiveMtu() == network.innerMtu() - 100;
            });
            long before = dropped(network, DropReason.TOO_LONG);
            conversation.tcp(4);
            conversation.tcp(6);
            assertThat(dropped(network, DropReason.TOO_LONG)).isEqualTo(before);
            assertThat(network.host1.run("ip", "route", "get", "10.9.0.2")).doesNotContain("mtu");
            network.settled();
        }
    }

    @Test
    void shouldNoticeThatItsOwnLinkHasBecomeNarrow() throws Exception {
        try (KernelNetwork network = KernelNetwork.bridged(4)) {
            Conversation conversation = connect(network, "&icmp_too_big=true");
            sh(network.site(1), "ip link set eth0 mtu 1300");
            assertThat(conversation.tcpBytes(4, "-n", "3M")).isPositive();
            NetworkNamespace.await(
                    "the way's MTU is known", () -> network.vxlan().effectiveMtu() == 1_250);
            assertThat(dropped(network, DropReason.TOO_LONG)).isPositive();
            sh(network.site(1), "ip link set eth0 mtu 1500");
            NetworkNamespace.await(
                    "the way is wide again", () -> network.vxlan().effectiveMtu() == 1_450);
            PortStatistics sums = network.settled();
            assertThat(sums.dropped(DropReason.TX_ERROR)).as("%s", sums).isZero();
        }
    }

    /** The core's link to site 2, at both its ends. */
    private static void narrow(KernelNetwork network, int mtu) {
        sh(network.core, "ip link set site2 mtu " + mtu);
        sh(network.site(2), "ip link set eth0 mtu " + mtu);
    }
}
