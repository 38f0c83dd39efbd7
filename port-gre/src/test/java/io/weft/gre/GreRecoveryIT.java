package io.weft.gre;

import static io.weft.gre.TwoSites.sh;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.port.DropReason;
import io.weft.tap.FileTransfer;
import io.weft.tap.NetworkNamespace;
import io.weft.tunnel.HostTraffic;
import io.weft.tunnel.RemoteEnd;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the underlay and the other side do to a port while it runs: it is counted, told, and over when they are well again. */
@Timeout(180)
class GreRecoveryIT {
    @BeforeAll
    static void probe() {
        NetworkNamespace.assumeAvailable();
        for (String program : new String[] {"ethtool", "ping", "iperf3", "python3", "sysctl"}) {
            NetworkNamespace.assumeProgram(program);
        }
    }

    private static void assertTold(TwoSites network, String what) throws Exception {
        NetworkNamespace.await(
                "a message: " + what, () -> network.events.stream().anyMatch(event -> event.contains(what)));
    }

    private static long dropped(TwoSites network, DropReason reason) {
        return network.status("gre0").statistics().dropped(reason);
    }

    private static void awaitState(TwoSites network, RemoteEnd.State state) throws Exception {
        NetworkNamespace.await("remote end " + state, () -> {
            network.answers();
            return network.remote().state() == state;
        });
    }

    // ---- the other side ----

    /** Where nobody takes GRE, the kernel says so: protocol unreachable, or next header unrecognized. */
    @ParameterizedTest(name = "IPv{0}")
    @ValueSource(ints = {4, 6})
    void shouldFindARemoteThatWasRestarted(int ipVersion) throws Exception {
        try (TwoSites network = TwoSites.bridged(ipVersion)) {
            network.near("");
            awaitState(network, RemoteEnd.State.UNREACHABLE); // nobody was there yet
            assertThat(network.remote().errors()).isPositive();
            for (int i = 0; i < 2; i++) {
                network.far("");
                network.awaitAnswer();
                awaitState(network, RemoteEnd.State.UP);
                assertTold(network, "is reached again");
                FileTransfer.check(network.host1, network.host2, "10.9.0.2");
                network.removeFar();
                awaitState(network, RemoteEnd.State.UNREACHABLE);
            }
            network.settled();
        }
    }

    @Test
    void shouldFindAnOpenVSwitchThatWasRestarted() throws Exception {
        OpenVSwitchGre.assumeAvailable();
        try (OpenVSwitchGre network = new OpenVSwitchGre(4)) {
            network.switchHere();
            network.lan.add("gretap:gre0?" + network.ends());
            for (int i = 0; i < 2; i++) {
                OpenVSwitchSite there = i == 0 ? network.openVSwitchThere() : network.openVSwitchAgain();
                there.tunnel("gre1");
                network.awaitAnswer(1, 4);
                network.ping(2, 6);
                there.close();
                assertThat(network.answers(1, 4)).isFalse();
            }
            network.settled();
        }
    }

    /** A peer that begins again counts from 0: believed at once, or after a second. */
    @ParameterizedTest(name = "IPv{0}")
    @ValueSource(ints = {4, 6})
    void shouldGoOnWithNumbersThatBeginAgain(int ipVersion) throws Exception {
        try (TwoSites network = TwoSites.bridged(ipVersion)) {
            network.near("seq=true key=5");
            network.far("seq=true key=5");
            network.awaitAnswer();
            FileTransfer.check(network.host2, network.host1, "10.9.0.1"); // numbers are high now
            for (int i = 0; i < 2; i++) {
                network.removeFar();
                network.far("seq=true key=5");
                network.awaitAnswer();
                HostTraffic.ping(network.host1, 5, "fd09::2");
                FileTransfer.check(network.host2, network.host1, "10.9.0.1");
            }
            network.settled();
        }
    }

    // ---- the underlay ----

    @ParameterizedTest(name = "IPv{0}")
    @ValueSource(ints = {4, 6})
    void shouldGoOnWhenTheUnderlayReturns(int ipVersion) throws Exception {
        try (TwoSites network = TwoSites.bridged(ipVersion)) {
            // Otherwise Linux forgets an interface's IPv6 addresses with the link.
            sh(network.site1, "sysctl -qw net.ipv6.conf.eth0.keep_addr_on_down=1");
            connect(network, "");
            sh(network.site1, "ip link set eth0 down");
            NetworkNamespace.await("what has no way is counted", () -> {
                network.answers();
                return dropped(network, DropReason.REMOTE_DOWN) > 0;
            });
            assertThat(network.remote().txDropped()).isPositive();
            sh(network.site1, "ip link set eth0 up");
            network.awaitAnswer();
            FileTransfer.check(network.host1, network.host2, "10.9.0.2");
            network.settled();
        }
    }

    @ParameterizedTest(name = "IPv{0}")
    @ValueSource(ints = {4, 6})
    void shouldGoOnWhenItsAddressReturns(int ipVersion) throws Exception {
        try (TwoSites network = TwoSites.bridged(ipVersion)) {
            connect(network, "");
            String address = network.address(1) + (ipVersion == 4 ? "/24" : "/64") + " dev eth0";
            sh(network.site1, "ip address delete " + address);
            NetworkNamespace.await("what cannot be sent is counted", () -> {
                network.answers();
                return network.remote().txDropped() > 0;
            });
            sh(network.site1, "ip address add " + address);
            network.awaitAnswer();
            FileTransfer.check(network.host1, network.host2, "10.9.0.2");
            network.settled();
        }
    }

    private static void connect(TwoSites network, String options) throws Exception {
        network.far("");
        network.near(options);
        network.awaitAnswer();
    }

    // ---- narrow ways ----

    @ParameterizedTest(name = "IPv{0}")
    @ValueSource(ints = {4, 6})
    void shouldNoticeThatAWayHasBecomeNarrow(int ipVersion) throws Exception {
        try (TwoSites network = TwoSites.routed(ipVersion)) {
            connect(network, "icmp_too_big=true");
            int wide = 1_500 - (ipVersion == 4 ? 20 : 40) - 4 - 18; // with room for a tag inside
            assertThat(network.near().effectiveMtu()).isEqualTo(wide);
            HostTraffic.ping(network.host1, 3, "10.9.0.2", "-M", "do", "-s", "" + (TwoSites.MTU - 28));
            narrow(network, 1_350);
            FileTransfer.check(network.host1, network.host2, "10.9.0.2");
            int narrow = wide - 150;
            assertThat(network.near().effectiveMtu()).isEqualTo(narrow);
            assertThat(network.remote().tooBig()).isPositive();
            assertTold(network, "has an MTU of 1350 bytes");
            // TCP has been told, and so is a ping that is too long.
            assertThat(network.host1.run("ip", "route", "get", "10.9.0.2")).contains("mtu " + narrow);
            assertThat(network.host1.succeeds(
                            "ping", "-6", "-c", "1", "-W", "1", "-M", "do", "-s", "" + (TwoSites.MTU - 48), "fd09::2"))
                    .isFalse();
            assertThat(network.host1.run("ip", "route", "get", "fd09::2")).contains("mtu " + narrow);
            assertThat(dropped(network, DropReason.TOO_LONG)).isPositive();
            HostTraffic.ping(network.host1, 3, "10.9.0.2", "-M", "do", "-s", "" + (narrow - 28));

            narrow(network, 1_500);
            sh(network.site1, "ip route flush cache; ip -6 route flush cache");
            NetworkNamespace.await("the way is wide again", () -> network.near().effectiveMtu() == wide);
            sh(network.host1, "ip route flush cache; ip -6 route flush cache");
            HostTraffic.ping(network.host1, 3, "10.9.0.2", "-M", "do", "-s", "" + (TwoSites.MTU - 28));
            network.settled();
        }
    }

    /** The core's link to site 2, at both its ends. */
    private static void narrow(TwoSites network, int mtu) {
        sh(network.core, "ip link set site2 mtu " + mtu);
        sh(network.site2, "ip link set eth0 mtu " + mtu);
    }
}
