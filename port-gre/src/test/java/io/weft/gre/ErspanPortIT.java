package io.weft.gre;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.capture.Tshark;
import io.weft.mirror.Mirror;
import io.weft.port.PortException;
import io.weft.port.PortStatistics;
import io.weft.tap.HostPair;
import io.weft.tap.NetworkNamespace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What two hosts say to each other, mirrored over an underlay of 1,500 bytes to a machine where Wireshark reads it. */
@Timeout(180)
class ErspanPortIT {
    private static final long DEADLINE_S = 30; // only ever reached by a failure

    @TempDir
    Path folder;

    @BeforeAll
    static void probe() {
        NetworkNamespace.assumeAvailable();
        for (String program : new String[] {"tcpdump", "tshark", "iperf3", "ping"}) {
            NetworkNamespace.assumeProgram(program);
        }
    }

    /** Two hosts on a switch, whose ERSPAN port has its socket at a site that a cable joins to a reader. */
    private static final class Network extends HostPair {
        final NetworkNamespace site = namespace("site");
        final NetworkNamespace reader = namespace("reader");

        Network() throws PortException {
            orClose(() -> {
                for (NetworkNamespace where : List.of(site, reader)) {
                    where.run("sysctl", "-qw", "net.ipv6.conf.default.accept_dad=0");
                }
                site.run(("ip link add eth0 type veth peer name eth0 netns " + reader.name()).split(" "));
                address(site, 1);
                address(reader, 9);
                awaitWay();
                for (int host = 1; host <= 2; host++) {
                    lan.add("tap:eth" + host + "?netns=" + (host == 1 ? host1 : host2).name() + "&address=10.9.0."
                            + host + "/24&hwaddr=" + (host == 1 ? MAC_1 : MAC_2));
                }
            });
        }

        /** What an address is not found for in time the kernel throws away without a word. */
        private void awaitWay() {
            try {
                for (String address : List.of("192.0.2.9", "fd00::9")) {
                    NetworkNamespace.await(
                            "way to " + address, () -> site.succeeds("ping", "-c", "1", "-W", "1", address));
                }
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        private static void address(NetworkNamespace where, int number) {
            where.run("ip", "address", "add", "192.0.2." + number + "/24", "dev", "eth0");
            where.run("ip", "address", "add", "fd00::" + number + "/64", "dev", "eth0");
            where.run("ip", "link", "set", "eth0", "up");
        }

        /** Pings of two lengths, and a TCP connection whose segments come as super-frames. */
        void talk() throws InterruptedException {
            host1.run("ping", "-c", "3", "-i", "0.2", "10.9.0.2");
            host1.run("ping", "-c", "3", "-i", "0.2", "-s", "1472", "10.9.0.2");
            Process server = host2.start("iperf3", "-s", "-1");
            NetworkNamespace.await(
                    "iperf3", () -> host2.run("ss", "-Hltn", "sport = :5201").contains("5201"));
            host1.run("iperf3", "-c", "10.9.0.2", "-n", "400K");
            assertThat(server.waitFor(DEADLINE_S, TimeUnit.SECONDS)).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "remote_ip=192.0.2.9&erspan_ver=1&key=77&erspan_idx=0xabcde",
        "remote_ip=fd00::9&local_ip=fd00::1&erspan_ver=1&key=1&ttl=9&tos=0x20",
        "remote_ip=192.0.2.9&erspan_ver=2&key=1023&erspan_hwid=3",
        "remote_ip=fd00::9&erspan_ver=2&erspan_timestamp=ns",
        "remote_ip=192.0.2.9&erspan_ver=2&erspan_dir=egress&df_default=false&erspan_timestamp=100ns",
    })
    void shouldBeReadByWiresharkOnAnotherMachine(String options) throws Exception {
        Path file = folder.resolve("erspan.pcap");
        PortStatistics sent;
        try (Network network = new Network()) {
            Process tcpdump = network.reader.start(
                    ("tcpdump -i eth0 -p -B 16384 -U -Z root -w " + file + " proto 47 or ip6 proto 47").split(" "));
            NetworkNamespace.await(
                    "tcpdump to record",
                    () -> Files.exists(file) && file.toFile().length() > 0);
            // The mirror first: else the port takes part in forwarding for a moment, which is no mirroring.
            network.lan.mirror(Mirror.of("m").port("eth1").toPort("watch"));
            network.lan.add("erspan:watch?netns=" + network.site.name() + "&" + options);
            network.talk();
            network.settled();
            sent = network.status("watch").statistics();
            NetworkNamespace.await("all to be recorded", () -> recorded(file) >= sent.txFrames());
            tcpdump.destroy();
            assertThat(tcpdump.waitFor(DEADLINE_S, TimeUnit.SECONDS)).isTrue();
            assertThat(network.events).isEmpty(); // nobody takes GRE there, which ICMP says now and then
        }
        assertThat(sent.dropped()).isZero();
        // Inner packets that were cut have no checksum to be right, and end before their headers say.
        assertThat(Tshark.read(file, "-Y", "erspan.truncated == 0 && (" + Tshark.BAD + ")"))
                .isEmpty();
        assertHeaders(read(file), options, sent.txFrames());
    }

    private static long recorded(Path file) {
        try {
            return Tshark.read(file, "-Y", "erspan").size();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        } catch (AssertionError e) {
            return 0; // a packet is just being written
        }
    }

    private static List<String[]> read(Path file) throws Exception {
        List<String> command =
                new ArrayList<>(List.of("-Y", "erspan", "-T", "fields", "-E", "separator=|", "-E", "occurrence=l"));
        for (String field : List.of(
                "gre.sequence_number",
                "erspan.version",
                "erspan.spanid",
                "erspan.direction",
                "erspan.truncated",
                "eth.src",
                "frame.len",
                "tcp.len",
                "erspan.timestamp",
                "erspan.pid5.timestamp",
                "frame.time_epoch",
                "icmp.type")) {
            command.addAll(List.of("-e", field));
        }
        return Tshark.read(file, command.toArray(String[]::new)).stream()
                .map(line -> line.split("\\|", -1))
                .toList();
    }

    private static void assertHeaders(List<String[]> packets, String options, long count) {
        assertThat(packets.size()).isGreaterThanOrEqualTo((int) count).isGreaterThan(6 + 6 + 20);
        boolean type3 = options.contains("erspan_ver=2");
        int whole = 0;
        int cut = 0;
        int pings = 0;
        for (int i = 0; i < packets.size(); i++) {
            String[] packet = packets.get(i);
            assertThat(packet[0]).as("sequence number").isEqualTo(Integer.toString(i));
            assertThat(packet[1]).isEqualTo(type3 ? "2" : "1");
            assertThat(packet[2])
                    .isEqualTo(options.replaceFirst(".*key=", "")
                            .replaceFirst("&.*", "")
                            .replaceFirst("^remote.*", "0"));
            if (type3) {
                String expected = options.contains("egress") || packet[5].equals(HostPair.MAC_2) ? "1" : "0";
                assertThat(packet[3])
                        .as("direction of %s", String.join("|", packet))
                        .isEqualTo(expected);
            }
            if (packet[4].equals("1")) {
                cut++;
                assertThat(packet[6]).as("length on the wire").isEqualTo("1514");
            } else {
                whole++;
            }
            pings += packet[11].isEmpty() ? 0 : 1;
            if (!packet[9].isEmpty()) {
                double written = Double.parseDouble(packet[9]) + Double.parseDouble(packet[8]) / 1e9;
                assertThat(written).isBetween(Double.parseDouble(packet[10]) - 30, Double.parseDouble(packet[10]) + 30);
            }
        }
        assertThat(packets.stream().map(packet -> packet[5]).distinct())
                .containsExactlyInAnyOrder(HostPair.MAC_1, HostPair.MAC_2);
        assertThat(whole).isGreaterThan(6);
        if (!options.contains("df_default=false")) {
            assertThat(pings).isEqualTo(12);
            assertThat(cut).as("what filled its MTU").isGreaterThan(6 + 40); // iperf3 does not wait for its last bytes
        }
    }
}
