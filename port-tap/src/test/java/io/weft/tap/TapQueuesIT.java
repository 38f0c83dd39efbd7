package io.weft.tap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.VirtualSwitch;
import io.weft.port.PortException;
import io.weft.port.PortStatistics;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** TAP devices with several queues, with the kernel at both ends. */
@Timeout(120)
class TapQueuesIT {
    @BeforeAll
    static void probe() {
        NetworkNamespace.assumeAvailable();
        NetworkNamespace.assumeProgram("ping");
        NetworkNamespace.assumeProgram("iperf3");
    }

    @Test
    void shouldCarryParallelStreamsEachInItsOrder() throws Exception {
        try (TwoHosts hosts = new TwoHosts().plugIn("&queues=2&offload=off")) {
            assertThat(hosts.host1.run("ping", "-c", "20", "-i", "0.01", "-W", "5", "10.9.0.2"))
                    .contains("20 received");
            assertThat(hosts.host1.run("ip", "-d", "link", "show", "eth1")).contains("multi_queue", "numtxqueues");
            hosts.host2.start("iperf3", "-s", "-1");
            NetworkNamespace.await("iperf3 listens", () -> hosts.host2
                    .run("cat", "/proc/net/tcp", "/proc/net/tcp6")
                    .contains(":1451 ")); // port 5201
            // UDP, slow enough that nothing is lost: what comes out of order, iperf3 counts.
            String report = hosts.host1.run(
                    "iperf3", "-c", "10.9.0.2", "-u", "-b", "4M", "-l", "200", "-P", "4", "-t", "2", "-J");
            Matcher outOfOrder = Pattern.compile("\"out_of_order\":\\s*(\\d+)").matcher(report);
            int flows = 0;
            while (outOfOrder.find()) {
                assertThat(outOfOrder.group(1)).as(report).isEqualTo("0");
                flows++;
            }
            assertThat(flows).as(report).isGreaterThanOrEqualTo(4);
            PortStatistics sums = hosts.settled();
            assertThat(sums.txFrames()).isGreaterThan(1_000);
        }
    }

    @Test
    void shouldSayHowToHaveADeviceWithSeveralQueues() {
        try (NetworkNamespace host = NetworkNamespace.create("one");
                VirtualSwitch lan = VirtualSwitch.builder().workers(2).build()) {
            host.run("ip", "tuntap", "add", "dev", "single0", "mode", "tap");
            host.run("ip", "tuntap", "add", "dev", "many0", "mode", "tap", "multi_queue");
            assertThatThrownBy(() -> lan.add("tap:single0?queues=2&netns=" + host.name()))
                    .isInstanceOf(PortException.class)
                    .hasMessageContaining("without multi_queue")
                    .hasMessageContaining("ip tuntap add dev single0 mode tap multi_queue");
            assertThatThrownBy(() -> lan.add("tap:many0?netns=" + host.name()))
                    .isInstanceOf(PortException.class)
                    .hasMessageContaining("with multi_queue");
            assertThat(lan.ports()).isEmpty();
        }
    }

    @Test
    void shouldAttachToAnExistingDeviceAndLeaveNothingBehind() throws Exception {
        try (NetworkNamespace host = NetworkNamespace.create("kept");
                VirtualSwitch lan = VirtualSwitch.builder().workers(2).build()) {
            host.run("ip", "tuntap", "add", "dev", "many0", "mode", "tap", "multi_queue");
            comeAndGo(lan, host); // so that the workers have what they open once
            int before = OpenDescriptors.count();
            int watched = OpenDescriptors.watched();
            for (int i = 0; i < 3; i++) {
                comeAndGo(lan, host);
            }
            assertThat(OpenDescriptors.count()).isEqualTo(before);
            assertThat(OpenDescriptors.watched()).isEqualTo(watched);
            assertThat(host.run("ip", "link", "show")).contains("many0").doesNotContain("new0");
        }
    }

    private static void comeAndGo(VirtualSwitch lan, NetworkNamespace host) throws PortException {
        lan.add("tap:many0?queues=3&offload=off&netns=" + host.name()).close();
        lan.add("tap:new0?queues=4&offload=off&netns=" + host.name()).close();
    }

    @Test
    void shouldGoDownOnceWhenTheDeviceIsDeleted() throws Exception {
        try (TwoHosts hosts = new TwoHosts().plugIn("&queues=3&offload=off")) {
            hosts.host1.run("ip", "link", "delete", "eth1");
            NetworkNamespace.await(
                    "the port to be down", () -> !hosts.status("eth1").up());
            assertThat(hosts.events.stream().filter(event -> event.startsWith("eth1 down")))
                    .hasSize(1);
        }
    }
}
