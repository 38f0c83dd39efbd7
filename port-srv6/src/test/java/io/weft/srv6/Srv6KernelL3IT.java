package io.weft.srv6;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.Wire;
import io.weft.port.DropReason;
import io.weft.tap.FileTransfer;
import io.weft.tunnel.HostTraffic;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A host at a TUN, joined to a port, and a host at the kernel, whose packets travel both ways by segments: H.Encaps and End.D*. */
@Timeout(180)
class Srv6KernelL3IT {
    private static final String[] HOST_2 = {"10.9.0.2", "fd09::2"};
    private static final String[] HOST_1 = {"10.9.0.1", "fd09::1"};

    @BeforeAll
    static void probe() {
        KernelSites.assumeAvailable();
    }

    /** The behaviours are those of SIDs for IPv4 and for IPv6. */
    @ParameterizedTest(name = "encap={0} to the kernel''s {1} and {2}; its {3} to {4} and {5}; {6} waypoints, MTU {7}")
    @CsvSource({
        "full, End.DX4 nh4 10.9.0.2, End.DX6 nh6 fd09::2, encap, End.DX4 nh4 10.9.0.1, End.DX6 nh6 fd09::1, 0, 1500",
        "red, End.DX4 nh4 10.9.0.2, End.DX6 nh6 fd09::2, encap.red, End.DT4 table s1, End.DT6 table s1, 0, 9000",
        "full, End.DX4 nh4 10.9.0.2, End.DT6 table 254, encap.red, End.DT46 table s1, '', 2, 1500",
        "red, End.DX4 nh4 10.9.0.2, End.DT6 table 254, encap, End.DT46 table s1, '', 1, 9000",
        "full, End.DT4 vrftable 100, End.DT6 vrftable 100, encap, End.DT46 table s1, '', 0, 1500",
        "full, End.DT46 vrftable 100, '', encap, End.DT46 table s1, '', 0, 1500",
    })
    void shouldCarryPackets(
            String encap,
            String theirs4,
            String theirs6,
            String kernelMode,
            String ours4,
            String ours6,
            int waypoints,
            int mtu)
            throws Exception {
        try (KernelSites network = new KernelSites(mtu)) {
            network.kernelHost(2);
            if (theirs4.contains("vrftable")) {
                network.vrf(2);
            }
            network.kernelTakes(2, "fc00:2:0:4::", theirs4);
            if (!theirs6.isEmpty()) {
                network.kernelTakes(2, "fc00:2:0:6::", theirs6);
            }
            String way = "";
            for (int i = 1; i <= waypoints; i++) {
                network.kernelPasses("fc00:9::" + i, "End");
                way += "fc00:9::" + i + ",";
            }
            // The second remote end is there to have other segments; whatever comes from the kernel comes from the
            // first.
            Wire wire = network.packets(
                    1,
                    "encap=" + encap + "&sid=fc00:1:0:4:: " + ours4
                            + (ours6.isEmpty() ? "" : "&sid=fc00:1:0:6:: " + ours6) + "&remote=fc00:2::1 segs " + way
                            + "fc00:2:0:4::&remote=fc00:2::2 segs " + way
                            + (theirs6.isEmpty() ? "fc00:2:0:4::" : "fc00:2:0:6::")
                            + "&route=10.9.0.0/24 via fc00:2::1&route=fd09::/64 via fc00:2::2");
            network.kernelSends(
                    2, kernelMode, way + "fc00:1:0:4::", way + (ours6.isEmpty() ? "fc00:1:0:4::" : "fc00:1:0:6::"));
            for (String to : HOST_2) {
                HostTraffic.awaitAnswer(network.host1, to);
                int longest = network.mtu - (to.contains(":") ? 48 : 28);
                HostTraffic.ping(network.host1, 5, to);
                HostTraffic.ping(network.host1, 3, to, "-M", "do", "-s", "" + longest);
                HostTraffic.datagrams(network.host1, network.host2, to, 1, 700, longest);
                FileTransfer.check(network.host1, network.host2, to);
            }
            HostTraffic.udp(network.host1, network.host2, "10.9.0.2", 1_000);
            for (String to : HOST_1) {
                HostTraffic.ping(network.host2, 3, to);
                FileTransfer.check(network.host2, network.host1, to);
            }
            network.allSettled();
            for (DropReason reason : new DropReason[] {DropReason.MALFORMED, DropReason.NOT_IP, DropReason.TOO_LONG}) {
                assertThat(wire.statistics().dropped(reason)).as("%s", reason).isZero();
            }
        }
    }
}
