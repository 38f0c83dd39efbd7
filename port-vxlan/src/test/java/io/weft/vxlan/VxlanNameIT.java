package io.weft.vxlan;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.tap.NetworkNamespace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A remote that was given as a name moves to another address. */
@Timeout(180)
class VxlanNameIT {
    private static final long DEADLINE_S = 30; // only ever reached by a failure

    @TempDir
    Path folder;

    @BeforeAll
    static void probe() {
        Conversation.assumePrograms();
    }

    @Test
    void shouldFollowANameToItsNewAddress() throws Exception {
        Path hosts = Files.writeString(folder.resolve("hosts"), "10.0.0.2 vtep2.example.net\n");
        Path told = folder.resolve("told");
        try (KernelNetwork network = KernelNetwork.bridged(4)) {
            network.kernel(2, "dstport 4789 remote " + network.address(1));
            Process program = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Djdk.net.hosts.file=" + hosts,
                            "-Dsun.net.inetaddr.ttl=0",
                            "-cp",
                            System.getProperty("java.class.path"),
                            NamedRemote.class.getName(),
                            "tap:eth1?address=10.9.0.1/24&mtu=1450&netns=" + network.host1.name(),
                            "vxlan:vx0?key=100&remote_ip=vtep2.example.net&netns="
                                    + network.site(1).name())
                    .redirectErrorStream(true)
                    .redirectOutput(told.toFile())
                    .start();
            try {
                NetworkNamespace.await("the ports are open", () -> read(told).contains("opened"));
                Conversation conversation = new Conversation(network, 1, 2);
                conversation.awaitAnswer();
                KernelNetwork.sh(
                        network.site(2),
                        "ip link delete vx0",
                        "ip address delete 10.0.0.2/24 dev eth0",
                        "ip address add 10.0.0.22/24 dev eth0",
                        "ip link add vx0 type vxlan id 100 dstport 4789 local 10.0.0.22 remote " + network.address(1),
                        "ip link set vx0 master br0 up");
                Files.writeString(hosts, "10.0.0.22 vtep2.example.net\n");
                // Or the kernel goes on believing the old address reachable, for up to 45 s as it is drawn.
                KernelNetwork.sh(network.site(1), "ip neighbour flush all");
                NetworkNamespace.await("the name is looked up again", () -> {
                    conversation.answers();
                    return read(told).contains("remote_ip vtep2.example.net is 10.0.0.22 now");
                });
                conversation.awaitAnswer();
                program.getOutputStream().close();
                assertThat(program.waitFor(DEADLINE_S, TimeUnit.SECONDS)).isTrue();
                assertThat(program.exitValue()).as(read(told)).isZero();
            } finally {
                program.destroyForcibly();
            }
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
