package io.weft.vxlan;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.TestSeed;
import io.weft.bridge.PortSettings;
import io.weft.bridge.VlanSettings;
import io.weft.port.DropReason;
import io.weft.port.PortStatistics;
import io.weft.tap.NetworkNamespace;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two kernels and a switch, each of which sends to both others; and a switch with a VLAN in the segment of each kernel. */
@Timeout(300)
class KernelMeshIT {
    @TempDir
    Path folder;

    @BeforeAll
    static void probe() {
        Conversation.assumePrograms();
        NetworkNamespace.assumeProgram("bridge");
    }

    /** Kernels that flood to the other two by entries of their own. */
    private static void kernels(KernelNetwork network) {
        for (int site : new int[] {2, 3}) {
            network.kernel(site, "dstport 4789");
            KernelNetwork.sh(
                    network.site(site),
                    "bridge fdb append 00:00:00:00:00:00 dev vx0 dst " + network.address(1),
                    "bridge fdb append 00:00:00:00:00:00 dev vx0 dst " + network.address(5 - site));
        }
    }

    private static String remotes(KernelNetwork network) {
        return "remote_ip=" + network.address(2) + "," + network.address(3);
    }

    @ParameterizedTest(name = "IPv{0}")
    @ValueSource(ints = {4, 6})
    void shouldBeOneSegmentWithTwoKernels(int ipVersion) throws Exception {
        try (KernelNetwork network = KernelNetwork.bridged(ipVersion)) {
            kernels(network);
            network.weft(remotes(network));
            network.awaitIpv6();
            for (int near = 1; near <= 3; near++) {
                for (int far = 1; far <= 3; far++) {
                    if (near != far) {
                        new Conversation(network, near, far).pings();
                    }
                }
            }
            assertThat(network.lan.fdb().stations())
                    .extracting(Object::toString)
                    .anyMatch(station -> station.contains(KernelNetwork.mac(2)))
                    .anyMatch(station -> station.contains(KernelNetwork.mac(3)));
            Conversation forth = new Conversation(network, 1, 3);
            forth.tcp(4);
            forth.serve(folder, TestSeed.random("KernelMeshIT"));
            forth.files(folder, 6);
            Conversation.assertNoBadChecksum(network.host1, network.host2, network.host(3), network.site(1));
            PortStatistics sums = network.settled();
            assertThat(sums.drops().keySet().stream().filter(reason -> sums.dropped(reason) > 0))
                    .as("%s", sums)
                    .isSubsetOf(DropReason.NO_EGRESS);
        }
    }

    /** A frame that comes from one kernel has been sent to the other by itself (RFC 7348 has no relay). */
    @Test
    void shouldHaveEachBroadcastArriveOnce() throws Exception {
        try (KernelNetwork network = KernelNetwork.bridged(4)) {
            kernels(network);
            network.weft(remotes(network));
            for (int number = 1; number <= 3; number++) {
                network.host(number).run("sysctl", "-qw", "net.ipv4.icmp_echo_ignore_broadcasts=0");
            }
            for (int sender = 1; sender <= 3; sender++) {
                long[] before = echoRequests(network);
                network.host(sender).run("ping", "-b", "-c", "20", "-i", "0.02", "-W", "10", "10.9.0.255");
                long[] expected = before.clone();
                expected[sender - 1] += 20; // a host hears its own broadcasts, within itself
                for (int number = 1; number <= 3; number++) {
                    if (number != sender) {
                        new Conversation(network, sender, number).ping(1, KernelNetwork.hostAddress(number, 4));
                        expected[number - 1] += 20 + 1;
                    }
                }
                network.settled();
                assertThat(echoRequests(network)).as("from host %d", sender).isEqualTo(expected);
            }
        }
    }

    /** Pings that each host was sent so far. */
    private static long[] echoRequests(KernelNetwork network) {
        long[] counts = new long[3];
        for (int number = 1; number <= 3; number++) {
            counts[number - 1] = network.host(number)
                    .run("cat", "/proc/net/snmp")
                    .lines()
                    .filter(line -> line.startsWith("Icmp: "))
                    .map(line -> line.split(" "))
                    .mapToLong(words -> words[9].equals("InEchos") ? 0 : Long.parseLong(words[9]))
                    .sum();
        }
        return counts;
    }

    /** Static entries of both sides, and nothing is flooded: as where a control plane knows all stations. */
    @Test
    void shouldSendToAStationThatWasGiven() throws Exception {
        try (KernelNetwork network = KernelNetwork.bridged(4)) {
            kernels(network);
            network.weft("fdb=" + KernelNetwork.mac(2) + " dst " + network.address(2) + "&fdb=" + KernelNetwork.mac(3)
                    + " dst " + network.address(3));
            for (int number = 2; number <= 3; number++) {
                int host = number;
                String to = KernelNetwork.hostAddress(host, 4);
                network.host1.run("ip", "neighbour", "add", to, "lladdr", KernelNetwork.mac(host), "dev", "eth1");
                new Conversation(network, 1, host).ping(3, to);
                assertThat(network.vxlan().remotes().get(host - 2).txFrames()).isGreaterThanOrEqualTo(3);
            }
            network.host1.succeeds("ping", "-c", "1", "-W", "1", "10.9.0.99"); // asks everybody for its MAC
            assertThat(network.settled().dropped(DropReason.NO_REMOTE))
                    .as("floods")
                    .isPositive();
        }
    }

    /** VLAN 10 of the switch is one kernel's segment, and VLAN 20 the other's. */
    @Test
    void shouldCarryEachVlanInItsVni() throws Exception {
        try (KernelNetwork network = KernelNetwork.bridged(4)) {
            for (int site : new int[] {2, 3}) {
                network.kernel(site, 1_000 + site, "dstport 4789 remote " + network.address(1));
            }
            network.weft(
                    "vlan_vni_map=10:1002,20:1003",
                    remotes(network),
                    PortSettings.builder().vlans(VlanSettings.access(10)).build());
            network.awaitIpv6();
            Conversation with2 = new Conversation(network, 1, 2);
            Conversation with3 = new Conversation(network, 1, 3);
            with2.pings();
            with2.tcp(4);
            assertThat(with3.answers()).as("another VLAN").isFalse();
            network.lan.port("eth1").change(settings -> settings.vlans(VlanSettings.access(20)));
            with3.pings();
            with3.tcp(6);
            assertThat(with2.answers()).as("another VLAN").isFalse();
            network.settled();
        }
    }
}
