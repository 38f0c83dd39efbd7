package io.weft.vxlan;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.bridge.PortSettings;
import io.weft.port.DropReason;
import io.weft.port.PortStatistics;
import io.weft.tap.FileTransfer;
import io.weft.tap.HostPair;
import io.weft.tap.NetworkNamespace;
import io.weft.tunnel.HostTraffic;
import io.weft.tunnel.RemoteEnd;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Hosts at a switch and hosts at Open vSwitch are on one segment, over its userspace VXLAN. */
@Timeout(300)
class OpenVSwitchVxlanIT {
    @BeforeAll
    static void probe() {
        OpenVSwitchNetwork.assumeAvailable();
    }

    @ParameterizedTest(name = "IPv{0}, our checksums {1}, theirs {2}")
    @CsvSource({"4, true, false", "4, false, true", "6, true, true", "6, false, false"})
    void shouldBeOneSegment(int ipVersion, boolean ourChecksums, boolean theirChecksums) throws Exception {
        try (OpenVSwitchNetwork network = new OpenVSwitchNetwork(ipVersion)) {
            network.startOther();
            network.otherTunnel("tunnel", 0, "options:key=5000", "options:csum=" + theirChecksums);
            String receive = ipVersion == 6 ? "&udp6zerocsumrx=" + !theirChecksums : "";
            VxlanPort port = network.tunnel("vx0", "key=5000&csum=" + ourChecksums + receive, PortSettings.DEFAULT);
            NetworkNamespace host1 = network.host1;
            NetworkNamespace host2 = network.host2;
            HostTraffic.awaitAnswer(host1, "10.9.0.2");
            // Until Open vSwitch listens, its kernel says that nobody does.
            long errors = port.remotes().get(0).errors();

            for (String[] way :
                    new String[][] {{"1", "10.9.0.2"}, {"2", "10.9.0.1"}, {"1", "fd09::2"}, {"2", "fd09::1"}}) {
                NetworkNamespace from = way[0].equals("1") ? host1 : host2;
                int headers = way[1].contains(":") ? 48 : 28;
                HostTraffic.ping(from, 10, way[1]);
                HostTraffic.ping(from, 3, way[1], "-M", "do", "-s", "" + (OpenVSwitchNetwork.MTU - headers));
                assertThat(from.run("ip", "neighbour", "show", way[1]))
                        .contains(way[0].equals("1") ? HostPair.MAC_2 : HostPair.MAC_1);
            }
            HostTraffic.tcp(host1, host2, ipVersion == 4 ? "fd09::2" : "10.9.0.2");
            int longest = OpenVSwitchNetwork.MTU - 28;
            HostTraffic.datagrams(host1, host2, "10.9.0.2", 1, 17, 18, 19, 700, longest - 1, longest);
            HostTraffic.datagrams(host2, host1, "fd09::1", 1, 700, longest - 20);
            FileTransfer.check(host1, host2, "10.9.0.2");
            FileTransfer.check(host2, host1, "fd09::1");

            assertThat(port.remotes()).singleElement().satisfies(remote -> {
                assertThat(remote.state()).isEqualTo(RemoteEnd.State.UP);
                assertThat(remote.errors()).isEqualTo(errors);
            });
            assertThat(port.effectiveMtu()).isEqualTo(ipVersion == 4 ? 1_450 : 1_430);
            assertNothingDropped(network);
        }
    }

    /** But for what hosts send before the tunnel is there, and for what only they know. */
    private static void assertNothingDropped(OpenVSwitchNetwork network) throws InterruptedException {
        PortStatistics sums = network.settled();
        assertThat(sums.drops().keySet().stream().filter(reason -> sums.dropped(reason) > 0))
                .as("%s %s", sums.drops(), network.events)
                .isSubsetOf(DropReason.NO_EGRESS, DropReason.RESERVED_MULTICAST);
    }

    @Test
    void shouldCarryTagsInsideWhenTold() throws Exception {
        try (OpenVSwitchNetwork network = new OpenVSwitchNetwork(4)) {
            network.startOther();
            network.otherTunnel("tunnel", 0, "options:key=16777215");
            network.tunnel("vx0", "key=0xffffff&inner_tags=carry", PortSettings.DEFAULT);
            network.vlan(10, 10, 10);
            network.vlan(4094, 4094, 94);
            for (String subnet : List.of("10", "94")) {
                HostTraffic.awaitAnswer(network.host1, "10." + subnet + ".0.2");
                HostTraffic.ping(network.host2, 5, "fd10:" + subnet + "::1");
            }
            HostTraffic.ping(network.host1, 5, "10.9.0.2"); // untagged
            HostTraffic.tcp(network.host1, network.host2, "10.10.0.2");
            FileTransfer.check(network.host1, network.host2, "fd10:94::2");
            FileTransfer.check(network.host2, network.host1, "10.10.0.1");
            assertStations(
                    network,
                    OpenVSwitchNetwork.vlanMac(10, 2) + " vlan 10 at vx0 endpoint 1",
                    OpenVSwitchNetwork.vlanMac(94, 2) + " vlan 4094 at vx0 endpoint 1",
                    HostPair.MAC_2 + " at vx0 endpoint 1");
            assertNothingDropped(network);
        }
    }

    @Test
    void shouldKeepTwoKeysApart() throws Exception {
        try (OpenVSwitchNetwork network = new OpenVSwitchNetwork(4)) {
            network.startOther();
            network.otherTunnel("tunnel1", 110, "options:key=100");
            network.otherTunnel("tunnel2", 120, "options:in_key=200", "options:out_key=201");
            network.tunnel("vx1", "key=100", OpenVSwitchNetwork.access(10));
            network.tunnel("vx2", "in_key=201&out_key=200", OpenVSwitchNetwork.access(20));
            network.vlan(10, 110, 10);
            network.vlan(20, 120, 20);
            converse(network, "10", "20");
            assertStations(
                    network,
                    OpenVSwitchNetwork.vlanMac(10, 2) + " vlan 10 at vx1 endpoint 1",
                    OpenVSwitchNetwork.vlanMac(20, 2) + " vlan 20 at vx2 endpoint 1");
        }
    }

    @Test
    void shouldCarryVlansAsVnis() throws Exception {
        try (OpenVSwitchNetwork network = new OpenVSwitchNetwork(4)) {
            network.startOther();
            network.otherTunnel("tunnel1", 110, "options:key=1010");
            network.otherTunnel("tunnel2", 120, "options:key=2020");
            network.tunnel("vx0", "vlan_vni_map=10:1010,20-21:2020", PortSettings.DEFAULT);
            network.vlan(10, 110, 10);
            network.vlan(20, 120, 20);
            converse(network, "10", "20");
            assertStations(
                    network,
                    OpenVSwitchNetwork.vlanMac(10, 2) + " vlan 10 at vx0 endpoint 1",
                    OpenVSwitchNetwork.vlanMac(20, 2) + " vlan 20 at vx0 endpoint 1");
            // What has no tag has no VNI.
            assertThat(network.host1.succeeds("ping", "-c", "1", "-W", "1", "10.9.0.2"))
                    .isFalse();
            assertThat(network.status("vx0").statistics().dropped(DropReason.NO_VNI))
                    .isPositive();
        }
    }

    private static void converse(OpenVSwitchNetwork network, String... subnets) throws Exception {
        for (String subnet : subnets) {
            HostTraffic.awaitAnswer(network.host1, "10." + subnet + ".0.2");
            HostTraffic.ping(network.host1, 5, "fd10:" + subnet + "::2");
            HostTraffic.ping(network.host2, 5, "10." + subnet + ".0.1");
            FileTransfer.check(network.host1, network.host2, "10." + subnet + ".0.2");
            FileTransfer.check(network.host2, network.host1, "fd10:" + subnet + "::1");
        }
    }

    /** Checks where host 2's stations are, each at one place only. */
    private static void assertStations(OpenVSwitchNetwork network, String... places) {
        assertThat(network.lan.fdb().stations().stream().map(Object::toString).filter(place -> place.contains("vx")))
                .containsExactlyInAnyOrder(places);
    }
}
