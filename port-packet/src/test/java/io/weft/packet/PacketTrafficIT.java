package io.weft.packet;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.bridge.PortSettings;
import io.weft.bridge.VlanSettings;
import io.weft.port.DropReason;
import io.weft.port.PortStatistics;
import io.weft.tap.FileTransfer;
import io.weft.tap.NetworkNamespace;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Two hosts of the kernel's own talk through a switch whose ports are interfaces. */
@Timeout(180)
class PacketTrafficIT {
    @BeforeAll
    static void probe() {
        NetworkNamespace.assumeAvailable();
        NetworkNamespace.assumeProgram("ping");
        NetworkNamespace.assumeProgram("python3");
    }

    @Test
    void shouldCarryIpv4AndIpv6() throws Exception {
        try (VethHosts hosts = new VethHosts().plugIn("", "")) {
            assertThat(hosts.host1.run("ping", "-c", "20", "-i", "0.01", "-W", "5", "10.9.0.2"))
                    .contains("20 received");
            hosts.awaitIpv6();
            assertThat(hosts.host1.run("ping", "-6", "-c", "20", "-i", "0.01", "-W", "5", "fd09::2"))
                    .contains("20 received");
            assertThat(hosts.host1.run("ip", "-6", "neighbour", "show", "fd09::2"))
                    .contains(VethHosts.MAC_2);
            assertThat(hosts.lan.fdb().stations())
                    .extracting(Object::toString)
                    .contains(VethHosts.MAC_1 + " at p1", VethHosts.MAC_2 + " at p2");
            assertThat(hosts.settled().dropped(DropReason.TX_ERROR)).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource({"on, on", "csum, csum", "off, off", "on, off", "csum, on"})
    void shouldCarryFilesUnharmed(String offload1, String offload2) throws Exception {
        try (VethHosts hosts = new VethHosts().plugIn("&offload=" + offload1, "&offload=" + offload2)) {
            hosts.awaitIpv6();
            for (String address : List.of("10.9.0.2", "fd09::2")) {
                FileTransfer.check(hosts.host1, hosts.host2, address);
            }
            for (String address : List.of("10.9.0.1", "fd09::1")) {
                FileTransfer.check(hosts.host2, hosts.host1, address);
            }
            PortStatistics sums = hosts.settled();
            assertThat(sums.dropped(DropReason.MALFORMED)).isZero();
            assertThat(sums.dropped(DropReason.TOO_LONG)).isZero();
            if (offload1.equals("on") && offload2.equals("on")) {
                assertThat(sums.txSegments()).as("super-frames").isGreaterThan(2 * sums.txFrames());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"on", "off"})
    void shouldCarryFilesToATap(String offload) throws Exception {
        try (VethHosts hosts = new VethHosts().plugIn("&offload=" + offload, "");
                NetworkNamespace host3 = NetworkNamespace.create("h3")) {
            hosts.lan.add("tap:eth3?address=10.9.0.3/24&address=fd09::3/64&netns=" + host3.name());
            hosts.awaitIpv6();
            NetworkNamespace.await("IPv6 addresses", () -> host3.run("ip", "-6", "address", "show", "tentative")
                    .isBlank());
            FileTransfer.check(hosts.host1, host3, "10.9.0.3");
            FileTransfer.check(hosts.host1, host3, "fd09::3");
            FileTransfer.check(host3, hosts.host1, "10.9.0.1");
            FileTransfer.check(host3, hosts.host1, "fd09::1");
            hosts.settled();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"on", "off"})
    void shouldCarryFilesOverATrunk(String offload) throws Exception {
        PortSettings access =
                PortSettings.builder().vlans(VlanSettings.access(100)).build();
        String option = "&offload=" + offload;
        // p1 in VLAN 100 - t1 tagged - wire - t2 tagged - p2 in VLAN 100: one switch would do the same without tags
        try (VethHosts hosts = new VethHosts();
                VethHosts others = new VethHosts()) {
            String trunks = hosts.site.name();
            hosts.site.run("ip", "link", "add", "t1", "type", "veth", "peer", "name", "t2");
            hosts.site.run("ip", "link", "set", "t1", "up");
            hosts.site.run("ip", "link", "set", "t2", "up");
            hosts.lan.add("packet:p1?netns=" + hosts.site.name() + option, access);
            hosts.lan.add("packet:t1?netns=" + trunks + option);
            others.lan.add("packet:t2?netns=" + trunks + option);
            others.lan.add("packet:p2?netns=" + others.site.name() + option, access);
            assertThat(hosts.host1.run("ping", "-c", "3", "-i", "0.1", "-W", "5", "10.9.0.2"))
                    .contains("3 received");
            FileTransfer.check(hosts.host1, others.host2, "10.9.0.2");
            FileTransfer.check(others.host2, hosts.host1, "10.9.0.1");
            assertThat(hosts.lan.fdb().stations())
                    .extracting(Object::toString)
                    .contains(VethHosts.MAC_1 + " vlan 100 at p1", VethHosts.MAC_2 + " vlan 100 at t1");
            PortStatistics sums = hosts.settled();
            if (offload.equals("on")) {
                assertThat(sums.txSegments()).as("super-frames").isGreaterThan(2 * sums.txFrames());
            }
            others.settled();
        }
    }

    @Test
    void shouldCarryTcpAtFullTilt() throws Exception {
        NetworkNamespace.assumeProgram("iperf3");
        try (VethHosts hosts = new VethHosts().plugIn("", "")) {
            hosts.host2.start("iperf3", "-s", "-1");
            NetworkNamespace.await("iperf3 listens", () -> hosts.host2
                    .run("cat", "/proc/net/tcp", "/proc/net/tcp6")
                    .contains(":1451 ")); // port 5201
            String report = hosts.host1.run("iperf3", "-c", "10.9.0.2", "-t", "2", "-P", "4", "--bidir");
            assertThat(report).contains("receiver");
            PortStatistics sums = hosts.settled();
            assertThat(sums.rxBytes()).isGreaterThan(1_000_000);
            assertThat(sums.dropped(DropReason.MALFORMED)).isZero();
            assertThat(sums.dropped(DropReason.TX_ERROR)).isZero();
        }
    }

    @Test
    void shouldCarryJumboFrames() throws Exception {
        try (VethHosts hosts = new VethHosts(9_000).plugIn("", "")) {
            assertThat(hosts.host1.run("ping", "-c", "10", "-i", "0.01", "-M", "do", "-s", "8972", "10.9.0.2"))
                    .contains("10 received");
            FileTransfer.check(hosts.host1, hosts.host2, "10.9.0.2");
            hosts.settled();
        }
    }

    @Test
    void shouldGoOnWhenTheInterfaceIsUpAgain() throws Exception {
        try (VethHosts hosts = new VethHosts().plugIn("", "")) {
            assertThat(hosts.host1.run("ping", "-c", "1", "10.9.0.2")).contains("1 received");
            hosts.site.run("ip", "link", "set", "p2", "down");
            NetworkNamespace.await(
                    "the port goes down", () -> !hosts.status("p2").up());
            assertThat(hosts.status("p2").downReason()).isEqualTo("interface p2 is down: ip link set p2 up");
            hosts.site.run("ip", "link", "set", "p2", "up");
            NetworkNamespace.await("the port comes up", () -> hosts.status("p2").up());
            assertThat(hosts.host1.run("ping", "-c", "3", "-i", "0.1", "-W", "5", "10.9.0.2"))
                    .contains(" 0% packet loss");
            hosts.settled();
        }
    }

    @Test
    void shouldTakeThePortDownWhenTheInterfaceIsDeletedDuringTraffic() throws Exception {
        try (VethHosts hosts = new VethHosts().plugIn("", "");
                NetworkNamespace host3 = NetworkNamespace.create("h3")) {
            hosts.lan.add("tap:eth3?address=10.9.0.3/24&netns=" + host3.name());
            Process flood = hosts.host1.start("ping", "-f", "10.9.0.2");
            NetworkNamespace.await(
                    "traffic", () -> hosts.status("p2").statistics().rxFrames() > 100);
            hosts.site.run("ip", "link", "delete", "p2");
            NetworkNamespace.await("the port goes down", () -> "interface p2 is gone"
                    .equals(hosts.status("p2").downReason()));
            flood.destroyForcibly().waitFor();
            assertThat(hosts.host1.run("ping", "-c", "3", "-i", "0.1", "-W", "5", "10.9.0.3"))
                    .contains("3 received");
            hosts.settled();
        }
    }
}
