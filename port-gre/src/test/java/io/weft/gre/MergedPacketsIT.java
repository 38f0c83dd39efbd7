package io.weft.gre;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.port.DropReason;
import io.weft.tap.FileTransfer;
import io.weft.tap.NetworkNamespace;
import io.weft.tunnel.HostTraffic;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The receiving interface merges GRE packets with segments of one TCP stream (GRO) before a raw socket has them: one packet of up
 * to 64 KiB, with the GRE checksum of its first part and an unfinished one inside.
 */
@Timeout(180)
class MergedPacketsIT {
    @TempDir
    Path folder;

    @BeforeAll
    static void probe() {
        NetworkNamespace.assumeAvailable();
        for (String program : new String[] {"ethtool", "ping", "iperf3", "python3", "tcpdump", "tshark"}) {
            NetworkNamespace.assumeProgram(program);
        }
    }

    @ParameterizedTest(name = "IPv{0}: {1}")
    @CsvSource({
        "4, ''",
        "4, key=5",
        "4, csum=true csum_required=true",
        "4, key=5 csum=true csum_required=true",
        "6, ''",
        "6, key=5 csum=true csum_required=true",
    })
    void shouldTakeThemAsTheyAre(int ipVersion, String options) throws Exception {
        try (TwoSites network = TwoSites.bridged(ipVersion)) {
            for (NetworkNamespace site : new NetworkNamespace[] {network.site1, network.site2}) {
                // What comes within a millisecond comes together.
                TwoSites.sh(
                        site,
                        "ethtool -K eth0 gro on",
                        "echo 1000000 > /sys/class/net/eth0/gro_flush_timeout",
                        "echo 2 > /sys/class/net/eth0/napi_defer_hard_irqs");
            }
            network.near(options);
            network.far(options);
            network.awaitAnswer();
            GreCapture merged = new GreCapture(
                    network.site2, "eth0", folder.resolve("pcap"), "(proto 47 or ip6 proto 47) and greater 2000");
            FileTransfer.check(network.host1, network.host2, "10.9.0.2");
            assertThat(merged.read("gre", "frame.len")).as("merged packets").hasSizeGreaterThan(10);
            FileTransfer.check(network.host2, network.host1, "fd09::1");
            HostTraffic.tcp(network.host1, network.host2, "fd09::2");
            HostTraffic.datagrams(network.host1, network.host2, "10.9.0.2", 1, 700, TwoSites.MTU - 28);
            for (DropReason reason :
                    new DropReason[] {DropReason.TUNNEL_CHECKSUM, DropReason.RX_TOO_LONG, DropReason.MALFORMED}) {
                assertThat(network.lan.statistics().dropped(reason))
                        .as("%s", reason)
                        .isZero();
                assertThat(network.farLan.statistics().dropped(reason))
                        .as("%s", reason)
                        .isZero();
            }
            network.settled();
        }
    }
}
