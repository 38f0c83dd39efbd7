package io.weft.examples.hosts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With shell scripts in QEMU's place. */
class QemuHostTest {
    private static final HostAddress VM1 = new HostAddress("VM 1", "52:54:00:00:00:01", "10.0.0.1/24", "fd00::1/64");
    private static final HostAddress VM2 = new HostAddress("VM 2", "52:54:00:00:00:02", "10.0.0.2/24", "fd00::2/64");

    @TempDir
    Path folder;

    private final BlockingQueue<HostEvent> events = new LinkedBlockingQueue<>();

    private QemuProgram script(String... lines) throws IOException {
        Path file = folder.resolve("qemu");
        Files.writeString(file, "#!/bin/sh\n" + String.join("\n", lines) + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
        return new QemuProgram(file, "7.2.0");
    }

    private QemuHost host(QemuProgram qemu) {
        QemuHost.Config config = QemuHost.Config.connectingTo(folder, VM1)
                .withLink(Optional.empty())
                .withPlan(PingPlan.of(VM2));
        return new QemuHost(qemu, new GuestImage(folder), config);
    }

    private HostEvent nextEvent() throws InterruptedException {
        return events.poll(30, TimeUnit.SECONDS);
    }

    @Test
    void shouldTellWhatTheConsoleTells() throws Exception {
        QemuProgram qemu = script(
                "echo firmware",
                "echo WEFT-GUEST booted kernel=6.1",
                "echo WEFT-GUEST up",
                "echo WEFT-GUEST ping4 ok sent=1 received=1 rtt_ms=1/1/1",
                "exec sleep 60");
        try (QemuHost host = host(qemu)) {
            host.start((self, event) -> events.add(event));

            assertThat(nextEvent()).isEqualTo(new HostEvent.Starting("QEMU 7.2.0, TCG"));
            assertThat(nextEvent()).isEqualTo(new HostEvent.Booted("6.1"));
            assertThat(nextEvent()).isEqualTo(new HostEvent.Up(VM1));
            host.up().get(30, TimeUnit.SECONDS);
            assertThat(host.pingResult(IpVersion.IPV4).get(30, TimeUnit.SECONDS).ok())
                    .isTrue();
            assertThat(host.pingResult(IpVersion.IPV6)).isNotDone();
        }
    }

    @Test
    void shouldSayWithWhichWordsQemuEnded() throws Exception {
        try (QemuHost host = host(script("echo no such machine >&2", "exit 3"))) {
            host.start((self, event) -> events.add(event));

            assertThatThrownBy(() -> host.up().get(30, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(HostException.class)
                    .hasMessageContaining("VM 1: QEMU ended with exit code 3; its last words: no such machine");
            assertThat(events).last().isInstanceOf(HostEvent.Failed.class);
        }
    }

    @Test
    void shouldSayWhyTheGuestPanickedAndNotHow() throws Exception {
        QemuProgram qemu = script(
                "echo '[    0.080000] Kernel panic - not syncing: out of luck'",
                "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14; do echo \"[    0.080000]  call_$i+0x803/0x83b\"; done");
        try (QemuHost host = host(qemu)) {
            host.start((self, event) -> events.add(event));

            assertThatThrownBy(() -> host.up().get(30, TimeUnit.SECONDS))
                    .hasMessageEndingWith("its last words: [    0.080000] Kernel panic - not syncing: out of luck");
        }
    }

    @Test
    void shouldEndAProcessThatDoesNotWantToEnd() throws Exception {
        QemuProgram qemu =
                script("trap '' TERM", "echo $$", "echo WEFT-GUEST booted kernel=6.1", "while :; do sleep 0.1; done");
        QemuHost host = host(qemu);
        host.start((self, event) -> events.add(event));
        assertThat(nextEvent()).isInstanceOf(HostEvent.Starting.class);
        assertThat(nextEvent()).isInstanceOf(HostEvent.Booted.class);
        String processId = host.lastWords().substring(0, host.lastWords().indexOf(' '));
        ProcessHandle process = ProcessHandle.of(Long.parseLong(processId)).orElseThrow();

        host.close();
        host.close();

        assertThat(process.isAlive()).isFalse();
        assertThatThrownBy(() -> host.up().get(30, TimeUnit.SECONDS)).hasMessageContaining("closed");
    }

    @Test
    void shouldSayThatNothingListens() throws Exception {
        Path socket = folder.resolve("none.sock");
        QemuHost host = new QemuHost(script(), new GuestImage(folder), QemuHost.Config.connectingTo(socket, VM1));

        assertThatThrownBy(() -> host.start((self, event) -> {}))
                .isInstanceOf(HostException.class)
                .hasMessageContaining("nothing listens on " + socket);
    }

    @Test
    void shouldSayThatTheProgramCannotBeRun() {
        QemuHost host = host(new QemuProgram(folder.resolve("missing"), "7.2.0"));

        assertThatThrownBy(() -> {
                    host.start((self, event) -> {});
                    host.up().get(30, TimeUnit.SECONDS);
                })
                .hasMessageContaining(folder.resolve("missing").toString());
        host.close();
    }

    @Test
    void shouldConfigureTheGuestOnItsKernelCommandLine() throws Exception {
        Path socket = folder.resolve("a,b.sock");
        QemuHost.Config config = QemuHost.Config.connectingTo(socket, VM1)
                .withPlan(PingPlan.of(VM2).withCount(3).withPeerWait(Duration.ofSeconds(9)))
                .withAccelerator(Accelerator.KVM);

        List<String> words = new QemuHost(script(), new GuestImage(folder), config).commandLine();

        assertThat(words)
                .containsSubsequence("-accel", "kvm", "-cpu", "host")
                .contains(
                        "stream,id=n0,server=off,addr.type=unix,addr.path="
                                + socket.toString().replace(",", ",,"),
                        "virtio-net-pci,netdev=n0,romfile=,status=off,mac=52:54:00:00:00:01");
        assertThat(words.get(words.size() - 1))
                .isEqualTo("console=ttyS0 quiet panic=-1 no_timer_check weft.keep=1"
                        + " weft.ip4=10.0.0.1/24 weft.ip6=fd00::1/64"
                        + " weft.role=ping weft.ping4=10.0.0.2 weft.ping6=fd00::2 weft.count=3 weft.wait=9");
    }

    @Test
    void shouldRefuseASocketPathThatTheKernelCannotTake() {
        assertThatThrownBy(() -> new QemuHost.Link(Path.of("/tmp/" + "x".repeat(103)), false))
                .hasMessageContaining("too long")
                .hasMessageContaining("107");
    }

    @Test
    void shouldRefuseAQemuWithoutStreamNetdev() throws HostException {
        Path file = Path.of("/usr/bin/qemu-system-x86_64");

        assertThat(QemuProgram.requireStreamNetdev(file, "QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7)"))
                .isEqualTo("7.2.22");
        assertThat(QemuProgram.requireStreamNetdev(file, "QEMU emulator version 10.0.2"))
                .isEqualTo("10.0.2");
        assertThatThrownBy(() -> QemuProgram.requireStreamNetdev(file, "QEMU emulator version 5.2.0 (Debian)"))
                .hasMessageContaining("is version 5.2.0")
                .hasMessageContaining("apt-get install");
        assertThatThrownBy(() -> QemuProgram.requireStreamNetdev(file, "hello")).hasMessageContaining("hello");
    }

    @Test
    void shouldNotBelieveInKvmWhenTheProbeHangs() throws Exception {
        QemuProgram qemu = script("echo Booting from ROM...", "exec sleep 60");

        String verdict = new KvmProbe(qemu, new GuestImage(folder)).probe(Duration.ofSeconds(1));

        assertThat(verdict).isEqualTo("a guest did not boot with KVM within 1 s");
    }

    @Test
    void shouldBelieveInKvmWhenTheProbeBoots() throws Exception {
        QemuProgram qemu = script("echo WEFT-GUEST booted kernel=6.1", "exec sleep 60");

        assertThat(new KvmProbe(qemu, new GuestImage(folder)).probe(Duration.ofSeconds(30)))
                .isEqualTo("a probe boot worked");
    }

    @Test
    void shouldTakeTheAcceleratorThatWasAskedForWithoutAProbe() throws Exception {
        KvmProbe probe = new KvmProbe(script("exit 1"), new GuestImage(folder));

        assertThat(probe.choose(Optional.of(Accelerator.KVM), line -> {}).accelerator())
                .isEqualTo(Accelerator.KVM);
    }
}
