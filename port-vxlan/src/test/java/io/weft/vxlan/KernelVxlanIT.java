package io.weft.vxlan;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.TestSeed;
import io.weft.port.DropReason;
import io.weft.port.PortStatistics;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A host on a switch and a host on a kernel's bridge are on one segment, over the kernel's own VXLAN device. */
@Timeout(300)
class KernelVxlanIT {
    private static SplittableRandom seeds;

    @TempDir
    Path folder;

    @BeforeAll
    static void probe() {
        Conversation.assumePrograms();
        seeds = TestSeed.random("KernelVxlanIT");
    }

    private static void connect(KernelNetwork network, int ipVersion, boolean checksums, int udpPort, String remotes)
            throws Exception {
        String weft = "dst_port=" + udpPort + "&csum=" + checksums + (ipVersion == 6 ? "&udp6zerocsumrx=true" : "");
        String zero = ipVersion == 4 ? "noudpcsum" : "udp6zerocsumtx udp6zerocsumrx";
        String kernel = "dstport " + udpPort + " " + (checksums ? ipVersion == 4 ? "udpcsum" : "" : zero);
        if (remotes.equals("group")) {
            String group = ipVersion == 4 ? "239.1.1.1" : "ff05::100";
            network.kernel(2, kernel + " dev eth0 group " + group);
            network.weft(weft + "&dev=eth0&group=" + group);
        } else {
            network.kernel(2, kernel + " remote " + network.address(1));
            network.weft(weft + "&local_ip=" + network.address(1) + "&remote_ip=" + network.address(2));
        }
    }

    @ParameterizedTest(name = "IPv{0}, checksums {1}, port {2}, {3}")
    @CsvSource({"4, true, 4789, unicast", "6, true, 8472, group", "4, false, 8472, group", "6, false, 4789, unicast"})
    void shouldBeOneSegmentWithTheKernel(int ipVersion, boolean checksums, int udpPort, String remotes)
            throws Exception {
        try (KernelNetwork network = KernelNetwork.bridged(ipVersion)) {
            connect(network, ipVersion, checksums, udpPort, remotes);
            network.awaitIpv6();
            Conversation forth = new Conversation(network, 1, 2);
            Conversation back = new Conversation(network, 2, 1);
            forth.pings();
            back.pings();
            forth.tcp(4);
            back.tcp(6);
            forth.serve(folder, seeds.split());
            forth.files(folder, 10 - ipVersion); // the family that the underlay is not of
            forth.datagrams(folder);
            back.serve(folder, seeds.split());
            back.datagrams(folder);
            Conversation.assertNoBadChecksum(network.host1, network.host2, network.site(1), network.site(2));
            PortStatistics sums = network.settled();
            assertThat(sums.drops().keySet().stream().filter(reason -> sums.dropped(reason) > 0))
                    .as("%s %s", sums, network.events)
                    .isSubsetOf(DropReason.NO_EGRESS);
            assertThat(network.vxlan().effectiveMtu()).isEqualTo(network.innerMtu());
        }
    }
}
