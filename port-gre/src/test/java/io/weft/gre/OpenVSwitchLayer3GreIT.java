package io.weft.gre;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.Wire;
import io.weft.gre.GreCapture.Header;
import io.weft.port.DropReason;
import io.weft.tap.FileTransfer;
import io.weft.tap.NetworkNamespace;
import io.weft.tunnel.HostTraffic;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A host behind a TUN and a wire, and a host at Open vSwitch, by a tunnel of IP packets. */
@Timeout(180)
class OpenVSwitchLayer3GreIT {
    @TempDir
    Path folder;

    @BeforeAll
    static void probe() {
        OpenVSwitchGre.assumeAvailable();
        NetworkNamespace.assumeProgram("iperf3");
        NetworkNamespace.assumeProgram("python3");
    }

    @ParameterizedTest(name = "IPv{0}: {1}; theirs: {2}")
    @CsvSource({
        "4, '', ''",
        "6, &key=9&csum=true, key=9 csum=true",
        "4, &key=4294967295&seq=true, key=4294967295 seq=true",
        "6, &in_key=1&out_key=0, in_key=0 out_key=1",
    })
    void shouldCarryIpPackets(int ipVersion, String options, String theirs) throws Exception {
        try (OpenVSwitchGre network = new OpenVSwitchGre(ipVersion)) {
            network.addressHere();
            network.openVSwitchThere()
                    .layer3Tunnel(
                            "gre1",
                            OpenVSwitchGre.MAC_2,
                            OpenVSwitchGre.hostAddresses(1),
                            Stream.of(theirs.split(" "))
                                    .filter(option -> !option.isEmpty())
                                    .map(option -> "options:" + option)
                                    .toArray(String[]::new));
            GreCapture capture = network.capture(folder.resolve("pcap"));
            String tun = "tun:tun1?address=10.9.0.1/24&address=fd09::1/64&mtu=" + OpenVSwitchGre.MTU + "&netns="
                    + network.host1.name();
            try (Wire wire = Wire.between(tun, "gre:gre0?" + network.ends() + options)) {
                network.awaitIpv6();
                HostTraffic.awaitAnswer(network.host1, "10.9.0.2");
                for (int version : new int[] {4, 6}) {
                    network.ping(1, version);
                    network.ping(2, version);
                }
                HostTraffic.datagrams(network.host1, network.host2, "fd09::2", 1, 700, OpenVSwitchGre.MTU - 48);
                HostTraffic.tcp(network.host1, network.host2, "10.9.0.2", "-n", "200K");
                assertThat(capture.from(network.weftAddress(), 24))
                        .extracting(Header::protocol)
                        .containsOnly(0x800, 0x86dd);
                capture.stop();
                assertThat(capture.bad()).isEmpty();
                HostTraffic.tcp(network.host1, network.host2, "fd09::2");
                HostTraffic.udp(network.host1, network.host2, "10.9.0.2", 1_000);
                FileTransfer.check(network.host1, network.host2, "10.9.0.2");
                FileTransfer.check(network.host2, network.host1, "fd09::1");
                NetworkNamespace.await(
                        "no packet unaccounted for", () -> wire.statistics().unaccounted() == 0);
                for (DropReason reason : new DropReason[] {
                    DropReason.TUNNEL_CHECKSUM, DropReason.TUNNEL_SEQUENCE, DropReason.MALFORMED, DropReason.NOT_IP
                }) {
                    assertThat(wire.statistics().dropped(reason))
                            .as("%s", reason)
                            .isZero();
                }
            }
        }
    }
}
