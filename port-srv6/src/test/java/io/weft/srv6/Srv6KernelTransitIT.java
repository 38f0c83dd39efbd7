package io.weft.srv6;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.VirtualSwitch;
import io.weft.metrics.Metric;
import io.weft.port.DropReason;
import io.weft.tap.FileTransfer;
import io.weft.tap.NetworkNamespace;
import io.weft.tunnel.HostTraffic;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Waypoints: our lists by the kernel's, and the kernel's by ours; super-frames, signatures and complaints, too. */
@Timeout(180)
class Srv6KernelTransitIT {
    private static final String DX2 = "fc00:2:0:d2::";
    private static final String SECRET = "known to both";

    /** A step of a traceroute: what comes back of a datagram, whose receiver the kernel finds in the SRH (ping would not look). */
    private static final String PROBE = """
            import socket
            RECVERR, ERRQUEUE = 25, 0x2000
            s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
            s.settimeout(10)
            s.setsockopt(socket.IPPROTO_IPV6, RECVERR, 1)
            s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, 1)
            s.connect(('fc00:2::1', 33434))
            s.send(b'x' * 100)
            try: s.recv(1)
            except OSError as e: number = e.errno
            error = s.recvmsg(2000, 2000, ERRQUEUE)[1][0][2]
            offender = socket.inet_ntop(socket.AF_INET6, error[16 + 8:16 + 24])
            print(number, 'type', error[5], 'code', error[6], 'from', offender)
            """;

    @BeforeAll
    static void probe() {
        KernelSites.assumeAvailable();
    }

    private static void converse(KernelSites network) throws Exception {
        sendThere(network);
        FileTransfer.check(network.host2, network.host1, "10.9.0.1");
        FileTransfer.check(network.host2, network.host1, "fd09::1");
        network.allSettled();
    }

    private static void sendThere(KernelSites network) throws Exception {
        for (String to : new String[] {"10.9.0.2", "fd09::2"}) {
            HostTraffic.awaitAnswer(network.host1, to);
            int longest = network.mtu - (to.contains(":") ? 48 : 28);
            HostTraffic.ping(network.host1, 5, to);
            HostTraffic.ping(network.host1, 3, to, "-M", "do", "-s", "" + longest);
            FileTransfer.check(network.host1, network.host2, to);
        }
    }

    private static long metric(VirtualSwitch lan, String name, String label, String value) {
        return lan.metrics().samples().stream()
                .filter(sample -> sample.name().equals(name))
                .filter(sample -> value.equals(sample.labels().get(label)))
                .mapToLong(Metric::value)
                .sum();
    }

    // ---- our lists ----

    @ParameterizedTest(name = "{0}, encap={1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "End | full",
                "End | red",
                "End.X nh6 fc00:2::1 | full",
                "End flavors psp | full",
                "End flavors psp | red",
                "End.T table 254 | red",
            })
    void shouldTravelByWaypointsOfTheKernel(String waypoint, String encap) throws Exception {
        try (KernelSites network = new KernelSites(1_500)) {
            network.kernelHost(2);
            network.kernelTakes(2, DX2, "End.DX2 oif p0");
            network.kernelPasses("fc00:9::1", waypoint);
            network.ethernet(
                    1, "mode=l2&encap=" + encap + "&sid=fc00:1:0:d2:: End.DX2&remote=fc00:2::1 segs fc00:9::1," + DX2);
            network.kernelSends(2, "l2encap", "fc00:1:0:d2::");
            converse(network);
        }
    }

    @ParameterizedTest(name = "encap={0}")
    @ValueSource(strings = {"full", "red"})
    void shouldTravelByCompressedSegmentsOfTheKernel(String encap) throws Exception {
        try (KernelSites network = new KernelSites(1_500)) {
            network.kernelHost(2);
            network.kernelPasses("fc00:9:1::/48", "End flavors next-csid lblen 32 nflen 16");
            NetworkNamespace core = network.core;
            core.run("ip", "-6", "route", "add", "fc00:9:d2::/48", "via", "fc00:2::1");
            network.kernelTakes(2, "fc00:9:d2::/48", "End.DX2 oif p0");
            network.ethernet(
                    1, "mode=l2&encap=" + encap + "&sid=fc00:1:0:d2:: End.DX2&remote=fc00:2::1 segs fc00:9:1:d2::");
            network.kernelSends(2, "l2encap.red", "fc00:1:0:d2::");
            converse(network);
        }
    }

    // ---- the kernel's lists ----

    /** {@code list4} and {@code list6} are what the kernel of site 1 has for IPv4 and IPv6 packets. */
    @ParameterizedTest(name = "{0}: {1} {2}, MTU {3}")
    @CsvSource(
            delimiter = '|',
            value = {
                "fc00:8:0:e:: End | l2encap | fc00:8:0:e::,fc00:2:0:d2:: | 1500",
                "fc00:8:0:e:: End | l2encap.red | fc00:8:0:e::,fc00:2:0:d2:: | 9000",
                "fc00:8:0:e:: End | encap | fc00:8:0:e::,fc00:2:0:46:: | 1500",
                "fc00:8:0:e:: End | encap.red | fc00:8:0:e::,fc00:2:0:46:: | 9000",
                "fc00:8:0:e:: End flavors psp | encap | fc00:8:0:e::,fc00:2:0:46:: | 1500",
                "fc00:8:0:e:: End flavors psp | l2encap.red | fc00:8:0:e::,fc00:2:0:d2:: | 1500",
                "fc00:8:0:e:: End.X nh6 fc00:2::1 | encap.red | fc00:8:0:e::,fc00:2:0:46:: | 1500",
                "fc00:8:0:e:: End.X nh6 fc00:2::1 flavors psp | l2encap | fc00:8:0:e::,fc00:2:0:d2:: | 1500",
                "fc00:8:1::/48 uN | encap | fc00:8:1:d4::,fc00:2:0:46:: | 1500",
                "fc00:8:1::/48 uN | l2encap | fc00:8:1:d2:: | 9000",
                "fc00:8:1::/48 uA nh6 fc00:2::1 | l2encap.red | fc00:8:1:d2:: | 1500",
                "fc00:8:0:e:: End.B6.Encaps segs fc00:2:0:e::,fc00:2:0:6:: | encap | fc00:8:0:e::,fc00:2:0:46:: | 1500",
                "fc00:8:0:e:: End.B6.Encaps.Red segs fc00:2:0:6:: | l2encap | fc00:8:0:e::,fc00:2:0:d2:: | 9000",
            })
    void shouldPassOnWhatTheKernelEncapsulates(String sid, String mode, String list, int mtu) throws Exception {
        try (KernelSites network = new KernelSites(mtu)) {
            network.kernelHost(1);
            network.kernelHost(2);
            network.kernelTakes(1, "fc00:1:0:4::", "End.DX4 nh4 10.9.0.1");
            network.kernelTakes(1, "fc00:1:0:6::", "End.DX6 nh6 fd09::1");
            network.kernelTakes(2, DX2, "End.DX2 oif p0");
            network.kernelTakes(2, "fc00:8:d2::/48", "End.DX2 oif p0");
            network.kernelTakes(2, "fc00:8:d4::/48", "End");
            network.kernelTakes(2, "fc00:2:0:e::", "End");
            network.kernelTakes(2, "fc00:2:0:4::", "End.DX4 nh4 10.9.0.2");
            network.kernelTakes(2, "fc00:2:0:6::", "End.DT6 table 254");
            KernelSites.sh(
                    network.core,
                    "ip -6 route add fc00:8:d2::/48 via fc00:2::1",
                    "ip -6 route add fc00:8:d4::/48 via fc00:2::1");
            VirtualSwitch node = network.node(sid);
            network.kernelSends(
                    1,
                    mode,
                    list.replace("fc00:2:0:46::", "fc00:2:0:4::"),
                    list.replace("fc00:2:0:46::", "fc00:2:0:6::"));
            network.kernelSends(2, "encap", "fc00:1:0:4::", "fc00:1:0:6::");
            sendThere(network);
            network.allSettled();
            assertThat(metric(node, "weft_srv6_sent_on_packets_total", "srv6", "srv6 in " + network.core))
                    .isGreaterThan(1_000);
            assertThat(refusals(node)).isEmpty();
        }
    }

    private static List<String> refusals(VirtualSwitch node) {
        return node.metrics().samples().stream()
                .filter(sample -> sample.name().contains("refused") && sample.value() > 0)
                .map(Metric::toString)
                .toList();
    }

    /** What End with USP or USD lays bare goes where its own destination leads. */
    @ParameterizedTest(name = "{0}, {1}")
    @CsvSource({
        "fc00:8:0:e:: End flavors usd, encap, 1500",
        "fc00:8:0:e:: End flavors usd, encap.red, 9000",
        "fc00:8:0:e:: End flavors psp, inline, 1500",
    })
    void shouldPassOnWhatIsInside(String sid, String mode, int mtu) throws Exception {
        try (KernelSites network = new KernelSites(mtu)) {
            network.kernelHost(1);
            network.kernelHost(2);
            network.kernelTakes(1, "fc00:1:0:6::", "End.DX6 nh6 fd09::1");
            VirtualSwitch node = network.node(sid + "&sr_domain=fd09::/64"); // mode=inline has no other source
            network.core.run("ip", "-6", "route", "add", "fd09::2", "via", "fc00:2::1");
            network.site1.run(("ip -6 route add fd09::2/128 encap seg6 mode " + mode
                            + " segs fc00:8:0:e:: via fc00:1::fe dev eth0")
                    .split(" "));
            network.site2.run(
                    "ip -6 route add fd09::1/128 encap seg6 mode encap segs fc00:1:0:6:: via fc00:2::fe dev eth0"
                            .split(" "));
            HostTraffic.awaitAnswer(network.host1, "fd09::2");
            HostTraffic.ping(network.host1, 5, "fd09::2");
            HostTraffic.ping(network.host1, 3, "fd09::2", "-M", "do", "-s", "" + (network.mtu - 48));
            FileTransfer.check(network.host1, network.host2, "fd09::2");
            network.allSettled();
            assertThat(refusals(node)).isEmpty();
        }
    }

    // ---- signatures ----

    @ParameterizedTest(name = "{0}, {1}")
    @CsvSource({"sha256, l2encap", "sha1, l2encap.red"})
    void shouldSignForTheKernelAndVerifyWhatItSigns(String algorithm, String mode) throws Exception {
        try (KernelSites network = new KernelSites(1_500)) {
            network.kernelHost(2);
            network.kernelTakes(2, DX2, "End.DX2 oif p0");
            network.kernelPasses("fc00:9::1", "End");
            for (NetworkNamespace each : List.of(network.core, network.site2)) {
                String key = "printf '" + SECRET + "\\n' | ip sr hmac set 77 " + algorithm;
                Assumptions.assumeTrue(
                        each.succeeds("setsid", "-w", "sh", "-c", key),
                        "skipped: this kernel has no HMAC for segment routing");
            }
            KernelSites.sh(
                    network.core,
                    "sysctl -qw net.ipv6.conf.all.seg6_require_hmac=1",
                    "for each in /proc/sys/net/ipv6/conf/*/seg6_require_hmac; do echo 1 > $each; done");
            String ours = "mode=l2&sid=fc00:1:0:d2:: End.DX2&remote=fc00:2::1 segs fc00:9::1," + DX2
                    + "&hmac_flag=true&hmac_required=true&hmac=77&hmac_key=77 " + algorithm + " ";
            network.ethernet(1, ours + SECRET);
            String theirs = "fc00:9::1,fc00:1:0:d2:: hmac 77";
            network.kernelSends(2, mode, theirs);
            HostTraffic.awaitAnswer(network.host1, "10.9.0.2");
            HostTraffic.ping(network.host1, 5, "10.9.0.2", "-s", "1000");
            FileTransfer.check(network.host1, network.host2, "10.9.0.2");
            FileTransfer.check(network.host2, network.host1, "10.9.0.1");
            // What is not signed is refused here, which is counted.
            KernelSites.sh(
                    network.core, "for each in /proc/sys/net/ipv6/conf/*/seg6_require_hmac; do echo 0 > $each; done");
            network.kernelSends(2, mode, "fc00:9::1,fc00:1:0:d2::");
            assertThat(network.host2.succeeds("ping", "-c", "3", "-i", "0.1", "-w", "1", "10.9.0.1"))
                    .isFalse();
            assertThat(metric(network.lan, "weft_srv6_refused_datagrams_total", "reason", "hmac_missing"))
                    .isPositive();
            network.allSettled();
        }
    }

    // ---- complaints ----

    @Test
    void shouldTellThatTheHopLimitIsUsedUp() throws Exception {
        try (KernelSites network = new KernelSites(1_500)) {
            VirtualSwitch node = network.node("fc00:8:0:e:: End");
            network.site1.run(
                    "ip -6 route add fc00:2::1/128 encap seg6 mode inline segs fc00:8:0:e:: dev eth0 via fc00:1::fe"
                            .split(" "));
            HostTraffic.awaitAnswer(network.site1, "fc00:2::1");
            assertThat(network.site1.run("python3", "-c", PROBE))
                    .isEqualToIgnoringNewLines("113 type 3 code 0 from fc00:8::1");
            assertThat(metric(node, "weft_srv6_refused_datagrams_total", "reason", "hop_limit"))
                    .isEqualTo(1);
        }
    }

    @Test
    void shouldTellThatNothingIsToBeDoneWithAPacket() throws Exception {
        try (KernelSites network = new KernelSites(1_500)) {
            VirtualSwitch node = network.node("fc00:8:0:e:: End");
            assertThat(answer(network.site1, "ping -c 1 -W 5 fc00:8:0:e::"))
                    .contains("From fc00:8::1")
                    .contains("Parameter problem")
                    .contains("0 received");
            assertThat(metric(node, "weft_srv6_refused_datagrams_total", "reason", "no_segment"))
                    .isEqualTo(1);
            assertThat(answer(network.site1, "ping -c 1 -W 5 fc00:8:0:d2::"))
                    .contains("From fc00:8::1")
                    .contains("Parameter problem");
            assertThat(metric(node, "weft_srv6_refused_datagrams_total", "reason", "upper_layer"))
                    .isEqualTo(1);
        }
    }

    /** The kernel of site 1 learns the MTU behind our waypoint, and its host what then is left. */
    @Test
    void shouldTellThatAPacketIsTooLongForTheWayToTheNextSegment() throws Exception {
        try (KernelSites network = new KernelSites(9_000)) {
            VirtualSwitch node = network.node("fc00:8:0:e:: End");
            network.site1.run(
                    "ip -6 route add fc00:2::1/128 encap seg6 mode inline segs fc00:8:0:e:: dev eth0 via fc00:1::fe"
                            .split(" "));
            HostTraffic.awaitAnswer(network.site1, "fc00:2::1");
            HostTraffic.ping(network.site1, 3, "fc00:2::1", "-M", "do", "-s", "8000");
            network.core.run("ip", "link", "set", "site2", "mtu", "1500");
            assertThat(answer(network.site1, "ping -c 1 -W 5 -M do -s 8000 fc00:2::1"))
                    .contains("From fc00:8::1")
                    .contains("Packet too big: mtu=1500");
            assertThat(metric(node, "weft_srv6_refused_datagrams_total", "reason", "next_too_long"))
                    .isEqualTo(1);
            assertThat(node.statistics().dropped(DropReason.MALFORMED)).isZero();
        }
    }

    /** What a ping that gets no answer prints. */
    private static String answer(NetworkNamespace where, String ping) {
        return where.run("sh", "-c", ping + " || true");
    }
}
