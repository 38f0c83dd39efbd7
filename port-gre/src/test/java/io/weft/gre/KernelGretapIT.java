package io.weft.gre;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.port.DropReason;
import io.weft.tap.FileTransfer;
import io.weft.tap.HostPair;
import io.weft.tap.NetworkNamespace;
import io.weft.tunnel.HostTraffic;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A host at a switch, and a host at a bridge of the kernel's with its own gretap or ip6gretap device. */
@Timeout(180)
class KernelGretapIT {
    @BeforeAll
    static void probe() {
        NetworkNamespace.assumeAvailable();
        for (String program : new String[] {"ethtool", "ping", "iperf3", "python3"}) {
            NetworkNamespace.assumeProgram(program);
        }
    }

    private static void assumeDevice(String command) {
        try (NetworkNamespace probe = NetworkNamespace.create("probe")) {
            Assumptions.assumeTrue(
                    probe.succeeds(command.split(" ")),
                    "skipped: this kernel cannot `" + command + "` (modprobe ip_gre)");
        }
    }

    @ParameterizedTest(name = "IPv{0}: {1}; the kernel''s: {2}")
    @CsvSource({
        "4, '', ''",
        "4, key=5 csum=true, key 5 csum",
        "4, in_key=6 out_key=7 seq=true, ikey 7 okey 6 oseq",
        "4, key=0 csum=true csum_required=true, key 0 icsum ocsum",
        "6, '', ''",
        "6, key=4294967295 csum=true, key 4294967295 csum",
        "6, key=9 seq=true, key 9 oseq",
    })
    void shouldBeOneSegment(int ipVersion, String options, String kernel) throws Exception {
        String type = ipVersion == 4 ? "gretap" : "ip6gretap";
        assumeDevice("ip link add weft0 type " + type + " local "
                + (ipVersion == 4 ? "10.0.0.2 remote 10.0.0.1" : "fd00::2 remote fd00::1"));
        try (TwoSites network = TwoSites.bridged(ipVersion)) {
            network.near(options);
            network.removeFarHost();
            TwoSites.sh(
                    network.site2,
                    "ip link add gt0 type " + type + " local " + network.address(2) + " remote " + network.address(1)
                            + " " + kernel + (ipVersion == 6 ? " encaplimit none" : ""),
                    "ip link add br0 type bridge mcast_snooping 0",
                    "ip link add port type veth peer name eth2 address " + HostPair.MAC_2 + " mtu " + TwoSites.MTU
                            + " netns " + network.host2.name(),
                    "ip link set port master br0 up",
                    "ip link set gt0 master br0 up",
                    "ip link set br0 up");
            TwoSites.sh(
                    network.host2,
                    "ip address add 10.9.0.2/24 dev eth2",
                    "ip address add fd09::2/64 dev eth2",
                    "ip link set eth2 up");
            network.awaitAnswer();
            for (String to : new String[] {"10.9.0.2", "fd09::2"}) {
                int longest = TwoSites.MTU - (to.contains(":") ? 48 : 28);
                HostTraffic.ping(network.host1, 5, to);
                HostTraffic.ping(network.host1, 3, to, "-M", "do", "-s", "" + longest);
                HostTraffic.tcp(network.host1, network.host2, to);
            }
            HostTraffic.udp(network.host1, network.host2, "10.9.0.2", 1_000);
            FileTransfer.check(network.host1, network.host2, "fd09::2");
            FileTransfer.check(network.host2, network.host1, "10.9.0.1");
            assertThat(network.lan.statistics().dropped(DropReason.TUNNEL_CHECKSUM))
                    .isZero();
            assertThat(network.lan.statistics().dropped(DropReason.TUNNEL_SEQUENCE))
                    .isZero();
            network.settled();
        }
    }
}
