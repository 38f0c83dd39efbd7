package io.weft.tap;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.TestSeed;
import io.weft.layer3.L3Adapter;
import io.weft.port.DropReason;
import io.weft.port.PortException;
import io.weft.port.PortProviders;
import io.weft.port.PortStatistics;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two hosts of the kernel's own: the first on the switch by a TAP, the second behind an adapter by a TUN device. */
@Timeout(120)
class L3AdapterIT {
    private static final String MAC = "02:00:00:00:09:99";

    @TempDir
    Path folder;

    @BeforeAll
    static void probe() {
        NetworkNamespace.assumeAvailable();
        NetworkNamespace.assumeProgram("ping");
    }

    private static final class AdaptedHosts extends HostPair {
        AdaptedHosts(String options) throws PortException {
            orClose(() -> {
                lan.add("tap:eth1?address=10.9.0.1/24&address=fd09::1/64&hwaddr=" + MAC_1 + "&netns=" + host1.name()
                        + options);
                lan.add(L3Adapter.builder(PortProviders.create(
                                "tun:tun2?address=10.9.0.2/24&address=fd09::2/64&netns=" + host2.name() + options))
                        .mac(MAC)
                        .address("10.9.0.2")
                        .address("fd09::2")
                        .build());
            });
        }
    }

    @Test
    void shouldCarryPingsBothWays() throws Exception {
        try (AdaptedHosts hosts = new AdaptedHosts("")) {
            hosts.awaitIpv6();
            assertThat(hosts.host1.run("ping", "-c", "20", "-i", "0.01", "-W", "5", "10.9.0.2"))
                    .contains("20 received");
            assertThat(hosts.host1.run("ip", "neigh", "show", "10.9.0.2")).contains(MAC);
            hosts.host1.run("ip", "neigh", "flush", "all");
            assertThat(hosts.host2.run("ping", "-c", "20", "-i", "0.01", "-W", "5", "10.9.0.1"))
                    .contains("20 received");
            assertThat(hosts.host1.run("ping", "-6", "-c", "20", "-i", "0.01", "-W", "5", "fd09::2"))
                    .contains("20 received");
            assertThat(hosts.host1.run("ip", "-6", "neigh", "show", "fd09::2")).contains(MAC);
            assertThat(hosts.host2.run("ping", "-6", "-c", "20", "-i", "0.01", "-W", "5", "fd09::1"))
                    .contains("20 received");
            PortStatistics sums = hosts.settled();
            assertThat(sums.dropped(DropReason.NO_NEIGHBOUR)).isZero();
            assertThat(sums.dropped(DropReason.MALFORMED)).isZero();
        }
    }

    @Test
    void shouldFindAStationByAsking() throws Exception {
        try (AdaptedHosts hosts = new AdaptedHosts("")) { // the host behind begins
            hosts.awaitIpv6();
            // One each: of several packets the last one waits for the answer, however long that takes.
            assertThat(hosts.host2.run("ping", "-c", "1", "-W", "5", "10.9.0.1"))
                    .contains("1 received");
            assertThat(hosts.host2.run("ping", "-6", "-c", "1", "-W", "5", "fd09::1"))
                    .contains("1 received");
            assertThat(hosts.host2.succeeds("ping", "-c", "1", "-W", "2", "10.9.0.77"))
                    .isFalse();
            NetworkNamespace.await(
                    "the packet to be given up", () -> hosts.lan.statistics().dropped(DropReason.NO_NEIGHBOUR) > 0);
            hosts.settled();
        }
    }

    @ParameterizedTest
    @CsvSource({"on, tcp, 4", "on, tcp, 6", "on, udp, 4", "off, tcp, 4"})
    void shouldCarryAFileUnchanged(String offload, String protocol, int family) throws Exception {
        NetworkNamespace.assumeProgram("python3");
        byte[] payload = new byte[4_000_003];
        TestSeed.random("L3AdapterIT").nextBytes(payload);
        Path file = Files.write(folder.resolve("payload"), payload);
        try (AdaptedHosts hosts = new AdaptedHosts("&offload=" + offload)) {
            hosts.awaitIpv6();
            String address = family == 4 ? "10.9.0.2" : "fd09::2";
            String script = KernelSegments.script("transfer.py", folder).toString();
            Process sink = new ProcessBuilder(
                            "ip", "netns", "exec", hosts.host2.name(), "python3", script, "sink", protocol, address)
                    .redirectErrorStream(true)
                    .start();
            try (BufferedReader said =
                    new BufferedReader(new InputStreamReader(sink.getInputStream(), StandardCharsets.UTF_8))) {
                assertThat(said.readLine()).isEqualTo("ready");
                hosts.host1.run("python3", script, "source", protocol, address, file.toString());
                assertThat(said.readLine())
                        .isEqualTo(HexFormat.of()
                                .formatHex(MessageDigest.getInstance("SHA-256").digest(payload)));
            } finally {
                sink.destroyForcibly().waitFor();
            }
            hosts.settled();
        }
    }
}
