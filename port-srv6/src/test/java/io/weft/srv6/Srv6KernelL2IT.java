package io.weft.srv6;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.port.DropReason;
import io.weft.tap.FileTransfer;
import io.weft.tunnel.HostTraffic;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A host at a switch, and a host at the kernel, whose frames travel both ways by segments: H.Encaps.L2 and End.DX2. */
@Timeout(180)
class Srv6KernelL2IT {
    private static final String DX2 = "fc00:2:0:d2::";

    @BeforeAll
    static void probe() {
        KernelSites.assumeAvailable();
    }

    @ParameterizedTest(name = "{0}, encap={1}, the kernel''s {2}, {3} waypoints, MTU {4}")
    @CsvSource({
        "l2, full, l2encap, 0, 1500",
        "l2, red, l2encap.red, 0, 1500",
        "l2, full, l2encap.red, 2, 9000",
        "l2, red, l2encap, 2, 1500",
        "bridge, full, l2encap, 0, 9000",
        "bridge, red, l2encap.red, 2, 1500",
        "bridge, full, l2encap.red, 1, 9000",
    })
    void shouldCarryFrames(String mode, String encap, String kernelMode, int waypoints, int mtu) throws Exception {
        try (KernelSites network = new KernelSites(mtu)) {
            network.kernelHost(2);
            network.kernelTakes(2, DX2, "End.DX2 oif p0");
            String way = "";
            for (int i = 1; i <= waypoints; i++) {
                network.kernelPasses("fc00:9::" + i, "End");
                way += "fc00:9::" + i + ",";
            }
            String sid = mode.equals("l2") ? "fc00:1:0:d2:: End.DX2" : "fc00:1:0:d2:: End.DT2U";
            network.ethernet(
                    1, "mode=" + mode + "&encap=" + encap + "&sid=" + sid + "&remote=fc00:2::1 segs " + way + DX2);
            network.kernelSends(2, kernelMode, way + "fc00:1:0:d2::");
            HostTraffic.awaitAnswer(network.host1, "10.9.0.2");
            for (String to : new String[] {"10.9.0.2", "fd09::2"}) {
                int longest = network.mtu - (to.contains(":") ? 48 : 28);
                HostTraffic.ping(network.host1, 5, to);
                HostTraffic.ping(network.host1, 3, to, "-M", "do", "-s", "" + longest);
                HostTraffic.datagrams(network.host1, network.host2, to, 1, 700, longest);
            }
            HostTraffic.udp(network.host1, network.host2, "10.9.0.2", 1_000);
            FileTransfer.check(network.host1, network.host2, "fd09::2");
            FileTransfer.check(network.host1, network.host2, "10.9.0.2");
            FileTransfer.check(network.host2, network.host1, "10.9.0.1");
            FileTransfer.check(network.host2, network.host1, "fd09::1");
            network.allSettled();
            assertThat(network.lan.statistics().dropped(DropReason.MALFORMED)).isZero();
            assertThat(network.lan.statistics().dropped(DropReason.TOO_LONG)).isZero();
        }
    }
}
