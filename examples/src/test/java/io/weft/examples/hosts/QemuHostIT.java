package io.weft.examples.hosts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real virtual machines, without a switch: one's network card listens, the other's connects to it. */
class QemuHostIT {
    private static final HostAddress VM1 = new HostAddress("VM 1", "52:54:00:00:00:01", "10.0.0.1/24", "fd00::1/64");
    private static final HostAddress VM2 = new HostAddress("VM 2", "52:54:00:00:00:02", "10.0.0.2/24", "fd00::2/64");
    private static final int LIMIT_S = 120;

    private static QemuProgram qemu;
    private static GuestImage image;

    @TempDir
    Path folder;

    @BeforeAll
    static void findQemu() {
        try {
            qemu = QemuProgram.find();
            image = GuestImage.make(line -> {});
        } catch (HostException e) {
            abort("skipped: " + e.getMessage());
        }
    }

    @Test
    void shouldPingFromOneVirtualMachineToTheOther() throws Exception {
        Path socket = folder.resolve("wire.sock");
        QemuHost.Config listening =
                QemuHost.Config.connectingTo(socket, VM2).withLink(Optional.of(new QemuHost.Link(socket, true)));
        QemuHost.Config connecting = QemuHost.Config.connectingTo(socket, VM1)
                .withPlan(PingPlan.of(VM2).withCount(3));
        CompletableFuture<Void> firmwareRuns = new CompletableFuture<>();
        List<ProcessHandle> before = ProcessHandle.current().children().toList();
        try (QemuHost vm2 = new QemuHost(qemu, image, listening);
                QemuHost vm1 = new QemuHost(qemu, image, connecting)) {
            vm2.start((host, event) -> {
                System.out.println(host.address().name() + ": " + event.describe());
                firmwareRuns.complete(null); // by now QEMU listens
            });
            firmwareRuns.get(LIMIT_S, TimeUnit.SECONDS);
            vm1.start((host, event) -> System.out.println(host.address().name() + ": " + event.describe()));

            for (IpVersion version : IpVersion.values()) {
                PingResult result = vm1.pingResult(version).get(LIMIT_S, TimeUnit.SECONDS);
                assertThat(result.received()).as("%s", result).isEqualTo(3);
                assertThat(result.minRttNs()).isPositive();
            }
        }
        assertThat(ProcessHandle.current().children().toList())
                .as("processes left behind")
                .isSubsetOf(before);
    }

    @Test
    void shouldCopeWithWhateverKvmDoesHere() {
        KvmProbe probe = new KvmProbe(qemu, image);

        KvmProbe.Choice first = probe.choose(Optional.empty(), System.out::println);
        KvmProbe.Choice second = probe.choose(Optional.empty(), line -> {
            throw new AssertionError("the verdict was kept, yet: " + line);
        });

        System.out.println(first);
        assertThat(second).isEqualTo(first);
        assertThat(first.reason()).isNotBlank();
    }
}
