package io.weft.tap;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.port.DropReason;
import io.weft.port.PortStatistics;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two hosts of the kernel's own talk through a switch. */
@Timeout(120)
class TapTrafficIT {
    @BeforeAll
    static void probe() {
        NetworkNamespace.assumeAvailable();
        NetworkNamespace.assumeProgram("ping");
    }

    @Test
    void shouldCarryIpv4AndIpv6() throws Exception {
        try (TwoHosts hosts = new TwoHosts().plugIn("")) {
            assertThat(hosts.host1.run("ping", "-c", "20", "-i", "0.01", "-W", "5", "10.9.0.2"))
                    .contains("20 received");
            hosts.awaitIpv6();
            assertThat(hosts.host1.run("ping", "-6", "-c", "20", "-i", "0.01", "-W", "5", "fd09::2"))
                    .contains("20 received");
            // Neighbour discovery went through the switch: host 1 knows host 2 by the address we gave it.
            assertThat(hosts.host1.run("ip", "-6", "neighbour", "show", "fd09::2"))
                    .contains(TwoHosts.MAC_2);
            assertThat(hosts.host1.run("ip", "-4", "neighbour", "show", "10.9.0.2"))
                    .contains(TwoHosts.MAC_2);
            assertThat(hosts.lan.fdb().stations())
                    .extracting(Object::toString)
                    .contains(TwoHosts.MAC_1 + " at eth1", TwoHosts.MAC_2 + " at eth2");

            PortStatistics sums = hosts.settled();
            assertThat(sums.txFrames()).isGreaterThanOrEqualTo(80);
            assertThat(sums.dropped(DropReason.TX_ERROR)).isZero();
        }
    }

    @Test
    void shouldCarryTcpInBothDirections() throws Exception {
        NetworkNamespace.assumeProgram("iperf3");
        try (TwoHosts hosts = new TwoHosts().plugIn("")) {
            assertThat(tcpBytes(hosts)).isPositive();
            assertThat(tcpBytes(hosts, "-R")).isPositive();
            PortStatistics sums = hosts.settled();
            assertThat(sums.rxBytes()).isPositive();
            assertThat(sums.dropped(DropReason.TX_ERROR)).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"on", "csum", "off"})
    void shouldCarryTcpOverADeviceThatAnEarlierUserLeft(String offload) throws Exception {
        NetworkNamespace.assumeProgram("iperf3");
        try (TwoHosts hosts = new TwoHosts()) {
            EarlierUser.leave(hosts.host1, "eth1", 12, 0x6f);
            hosts.plugIn("&offload=" + offload);
            assertThat(hosts.host1.run("ping", "-c", "3", "-i", "0.1", "-W", "5", "10.9.0.2"))
                    .contains("3 received");
            assertThat(tcpBytes(hosts)).isPositive();
            assertThat(tcpBytes(hosts, "-R")).isPositive();
            PortStatistics sums = hosts.settled();
            assertThat(sums.dropped(DropReason.MALFORMED)).isZero();
            assertThat(sums.dropped(DropReason.TX_ERROR)).isZero();
            if (offload.equals("on")) {
                assertThat(sums.rxSegments()).as("super-frames").isGreaterThan(sums.rxFrames());
            } else {
                assertThat(sums.rxSegments()).as("no super-frame").isEqualTo(sums.rxFrames());
            }
        }
    }

    private static long tcpBytes(TwoHosts hosts, String... options) throws Exception {
        hosts.host2.start("iperf3", "-s", "-1");
        NetworkNamespace.await(
                "iperf3 listens",
                () -> hosts.host2.run("cat", "/proc/net/tcp", "/proc/net/tcp6").contains(":1451 ")); // port 5201
        String[] command = {"iperf3", "-c", "10.9.0.2", "-n", "20M", "-J"};
        String[] all = java.util.Arrays.copyOf(command, command.length + options.length);
        System.arraycopy(options, 0, all, command.length, options.length);
        String report = hosts.host1.run(all);
        Matcher received = Pattern.compile("\"sum_received\":\\s*\\{.*?\"bytes\":\\s*(\\d+)", Pattern.DOTALL)
                .matcher(report);
        assertThat(received.find()).as(report).isTrue();
        return Long.parseLong(received.group(1));
    }

    @Test
    void shouldCarryJumboFrames() throws Exception {
        try (TwoHosts hosts = new TwoHosts().plugIn("&mtu=9000")) {
            assertThat(hosts.host1.run("ping", "-c", "10", "-i", "0.01", "-M", "do", "-s", "8972", "10.9.0.2"))
                    .contains("10 received");
            assertThat(hosts.host1.succeeds("ping", "-c", "1", "-M", "do", "-s", "8973", "10.9.0.2"))
                    .isFalse();
            hosts.settled();
        }
    }

    @Test
    void shouldCutNoFrameWhenTheMtuIsRaisedWhileRunning() throws Exception {
        try (TwoHosts hosts = new TwoHosts().plugIn("")) {
            assertThat(hosts.host1.run("ping", "-c", "1", "10.9.0.2")).contains("1 received");
            hosts.host1.run("ip", "link", "set", "eth1", "mtu", "65521");
            hosts.host2.run("ip", "link", "set", "eth2", "mtu", "65521");
            // The very first frame of the new length must come through.
            for (int payload : new int[] {65_000, 1_764, 1_765, 1_766, 1_750, 65_493}) {
                assertThat(hosts.host1.run("ping", "-c", "1", "-W", "5", "-M", "do", "-s", "" + payload, "10.9.0.2"))
                        .contains("1 received");
            }
            assertThat(hosts.settled().dropped(DropReason.RX_TOO_LONG)).isZero();
        }
    }

    @Test
    void shouldCountAFrameLongerThanAnyMayBe() throws Exception {
        NetworkNamespace.assumeProgram("python3");
        try (TwoHosts hosts = new TwoHosts().plugIn("&mtu=65521")) {
            // A raw socket may send 4 bytes more than MTU and header when they are a VLAN tag.
            hosts.host1.run(
                    "python3",
                    "-c",
                    "import socket; s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW); s.bind(('eth1', 0));"
                            + "h = b'\\xff' * 6 + bytes.fromhex('020000000901') + b'\\x81\\x00\\x00\\x07\\x88\\xb5';"
                            + "[s.send(h.ljust(n, b'x')) for n in (65535, 65536, 65539)]");
            NetworkNamespace.await(
                    "all three arrive", () -> hosts.status("eth1").statistics().dropped(DropReason.RX_TOO_LONG) == 2);
            NetworkNamespace.await(
                    "the longest that may be is sent",
                    () -> hosts.status("eth2").statistics().txBytes() >= 65_535);
            hosts.settled();
        }
    }

    @Test
    void shouldWorkAgainAfterTheDeviceWasDown() throws Exception {
        try (TwoHosts hosts = new TwoHosts().plugIn("")) {
            assertThat(hosts.host2.run("ping", "-c", "1", "10.9.0.1")).contains("1 received");
            hosts.host1.run("ip", "link", "set", "eth1", "down");
            hosts.host2.succeeds("ping", "-c", "2", "-i", "0.2", "-W", "1", "10.9.0.1");
            NetworkNamespace.await(
                    "frames to the device are counted",
                    () -> hosts.status("eth1").statistics().dropped(DropReason.PORT_DOWN) > 0);
            assertThat(hosts.status("eth1").up()).isTrue();

            hosts.host1.run("ip", "link", "set", "eth1", "up");
            assertThat(hosts.host2.run("ping", "-c", "3", "-i", "0.1", "-W", "5", "10.9.0.1"))
                    .contains(" 0% packet loss");
            hosts.settled();
        }
    }

    @Test
    void shouldTakeThePortDownWhenTheDeviceIsDeleted() throws Exception {
        try (TwoHosts hosts = new TwoHosts().plugIn("");
                NetworkNamespace host3 = NetworkNamespace.create("h3")) {
            hosts.lan.add("tap:eth3?address=10.9.0.3/24&netns=" + host3.name());
            assertThat(hosts.host2.run("ping", "-c", "1", "10.9.0.1")).contains("1 received");
            int watchedBefore = OpenDescriptors.watched();

            hosts.host1.run("ip", "link", "delete", "eth1");
            NetworkNamespace.await(
                    "the port goes down", () -> !hosts.status("eth1").up());
            assertThat(hosts.status("eth1").downReason())
                    .contains("eth1 is gone")
                    .contains("EBADFD");
            NetworkNamespace.await("the listener hears of it", () -> !hosts.events.isEmpty());
            assertThat(hosts.events).singleElement().asString().startsWith("eth1 down: ");
            // No spinning: nobody waits for the descriptor any more, which is readable for ever.
            NetworkNamespace.await("the watch ends", () -> OpenDescriptors.watched() == watchedBefore - 1);

            assertThat(host3.run("ping", "-c", "10", "-i", "0.01", "10.9.0.2")).contains("10 received");
            hosts.settled();
            hosts.port1.close();
            assertThat(host3.run("ping", "-c", "1", "10.9.0.2")).contains("1 received");
        }
    }

    @Test
    void shouldTakeThePortDownWhenTheNamespaceIsDeletedDuringTraffic() throws Exception {
        try (TwoHosts hosts = new TwoHosts().plugIn("")) {
            NetworkNamespace host3 = NetworkNamespace.create("h3");
            hosts.lan.add("tap:eth3?address=10.9.0.3/24&netns=" + host3.name());
            Process flood = hosts.host2.start("ping", "-f", "10.9.0.3");
            NetworkNamespace.await(
                    "traffic", () -> hosts.status("eth3").statistics().rxFrames() > 100);
            host3.close(); // the switch's descriptor must not keep the namespace and its device alive
            NetworkNamespace.await(
                    "the port goes down", () -> !hosts.status("eth3").up());
            assertThat(hosts.host2.run("ping", "-c", "1", "10.9.0.1")).contains("1 received");
            flood.destroyForcibly().waitFor();
            hosts.settled();
        }
    }

    @Test
    void shouldLeaveNothingBehind() throws Exception {
        TwoHosts warm = new TwoHosts().plugIn(""); // so that what is opened once in a process's life is open
        warm.close();
        int before = OpenDescriptors.count();
        TwoHosts hosts = new TwoHosts().plugIn("");
        assertThat(hosts.host1.run("ping", "-c", "1", "10.9.0.2")).contains("1 received");
        assertThat(OpenDescriptors.count()).isGreaterThan(before);

        hosts.lan.close();
        assertThat(OpenDescriptors.count()).isEqualTo(before);
        assertThat(hosts.host1.run("ip", "link")).doesNotContain("eth1");
        assertThat(hosts.host2.run("ip", "link")).doesNotContain("eth2");
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .noneMatch(name -> name.startsWith(hosts.lan.name()) || name.startsWith("weft-netns"));
        hosts.close();
        assertThat(Files.exists(Path.of("/run/netns", hosts.host1.name()))).isFalse();
    }
}
