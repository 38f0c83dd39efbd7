package io.weft.unix;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.port.DropReason;
import java.io.File;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against peers that share no code with us: Python's sockets. */
class PythonPeerIT {
    @TempDir
    Path directory;

    private static byte[] toVm(int vm, int number, int length) {
        byte[] frame = Frames.of(String.format("0200000001%02x", vm), "0200000000aa", length);
        ByteBuffer.wrap(frame).putInt(14, number);
        return frame;
    }

    /** What vm.py makes of a frame. */
    private static byte[] echoed(byte[] frame, int vm) {
        byte[] answer = frame.clone();
        System.arraycopy(frame, 6, answer, 0, 6);
        System.arraycopy(Frames.fromVm(vm, 0, 60), 6, answer, 6, 6);
        return answer;
    }

    private static void exchange(ThreadedLan lan, int rounds) throws InterruptedException {
        for (int i = 0; i < rounds; i++) {
            byte[][] burst = new byte[10][];
            for (int j = 0; j < burst.length; j++) {
                burst[j] = toVm(1, i, 60 + (i * 10 + j) % 1_455);
                lan.send(burst[j]);
            }
            for (byte[] sent : burst) {
                assertThat(lan.next()).isEqualTo(echoed(sent, 1));
            }
        }
    }

    @Test
    void shouldExchangeFramesWithAStreamClient() throws Exception {
        Path path = directory.resolve("lan.sock");
        try (ThreadedLan lan = new ThreadedLan()) {
            lan.lan.add("qemu:" + path);
            try (PeerProcess vm = PeerProcess.python(directory, "stream_echo", path.toString())) {
                ThreadedLan.await("the VM's port", () -> lan.port("lan-1").isPresent());
                exchange(lan, 150);
                byte[] jumbo = toVm(1, 1, 65_535);
                lan.send(jumbo);
                assertThat(lan.next()).isEqualTo(echoed(jumbo, 1));
                assertThat(lan.statistics("lan-1").txFrames()).isEqualTo(1_501);
                assertThat(lan.statistics("lan-1").rxFrames()).isEqualTo(1_501);
            }
            ThreadedLan.await("the port to leave", () -> lan.vmPorts().isEmpty());
            lan.awaitConservation();
        }
    }

    @Test
    void shouldReconnectToAStreamServerThatIsKilledAndComesBack() throws Exception {
        Path path = directory.resolve("vm.sock");
        try (ThreadedLan lan = new ThreadedLan()) {
            lan.lan.add("qemu:" + path + "?role=connect&name=guest&reconnect_min=10ms&reconnect_max=50ms");
            for (int life = 0; life < 3; life++) {
                assertThat(lan.port("guest").orElseThrow().up()).isFalse();
                try (PeerProcess vm = PeerProcess.python(directory, "stream_server", path.toString())) {
                    ThreadedLan.await(
                            "the connection",
                            () -> lan.port("guest").orElseThrow().up());
                    exchange(lan, 5);
                }
                ThreadedLan.await(
                        "the port to be down",
                        () -> !lan.port("guest").orElseThrow().up());
            }
            assertThat(lan.statistics("guest").rxFrames()).isEqualTo(150);
            lan.awaitConservation();
        }
    }

    @Test
    void shouldExchangeDatagramsWithAPeerThatComesAndGoes() throws Exception {
        Path path = directory.resolve("switch.sock");
        Path peer = directory.resolve("vm.sock");
        try (ThreadedLan lan = new ThreadedLan()) {
            lan.lan.add("qemu:" + path + "?mode=dgram&peer=" + peer + "&name=guest&reconnect_min=10ms");
            for (int life = 0; life < 3; life++) {
                assertThat(lan.port("guest").orElseThrow().up()).isFalse();
                try (PeerProcess vm = PeerProcess.python(directory, "dgram_echo", peer.toString(), path.toString())) {
                    ThreadedLan.await(
                            "the peer", () -> lan.port("guest").orElseThrow().up());
                    exchange(lan, 50);
                }
                ThreadedLan.await(
                        "the port to be down",
                        () -> !lan.port("guest").orElseThrow().up());
            }
            assertThat(lan.statistics("guest").rxFrames()).isEqualTo(1_500);
            lan.awaitConservation();
        }
    }

    @Test
    void shouldServeManyVmsOnOneSocket() throws Exception {
        Path path = directory.resolve("lan.sock");
        int vms = 20;
        int each = 50;
        try (ThreadedLan lan = new ThreadedLan()) {
            lan.lan.add("qemu:" + path + "?name=vm");
            try (PeerProcess peers = PeerProcess.python(directory, "many", path.toString(), "" + vms, "" + each)) {
                int[] nextOfVm = new int[vms + 1];
                for (int i = 0; i < vms * each; i++) {
                    ByteBuffer frame = ByteBuffer.wrap(lan.next());
                    int vm = frame.get(11);
                    assertThat(frame.getInt(14)).as("order of VM %d", vm).isEqualTo(nextOfVm[vm]++);
                }
                assertThat(lan.vmPorts()).hasSize(vms);
                Set<Integer> answered = new TreeSet<>();
                for (int vm = 1; vm <= vms; vm++) {
                    lan.send(toVm(vm, 0, 100));
                }
                for (int i = 0; i < vms; i++) {
                    answered.add((int) lan.next()[11]);
                }
                assertThat(answered).hasSize(vms);
            }
            ThreadedLan.await("all ports to leave", () -> lan.vmPorts().isEmpty());
            lan.awaitConservation();
        }
    }

    @Test
    void shouldBoundWhatADeafVmHoldsUpAndCountTheFrameItDiedIn() throws Exception {
        Path path = directory.resolve("lan.sock");
        try (ThreadedLan lan = new ThreadedLan()) {
            lan.lan.add("qemu:" + path + "?queue=131072");
            try (PeerProcess deaf = PeerProcess.python(directory, "deaf", path.toString())) {
                assertThat(lan.next()).hasSize(60);
                String deafPort = lan.vmPorts().get(0);
                try (PeerProcess vm = PeerProcess.python(directory, "stream_echo", path.toString())) {
                    ThreadedLan.await("the second VM", () -> lan.vmPorts().size() == 2);
                    for (int i = 0; i < 1_000; i++) {
                        byte[] broadcast = Frames.of("ffffffffffff", "0200000000aa", 1_400);
                        ByteBuffer.wrap(broadcast).putInt(14, i);
                        lan.send(broadcast);
                        assertThat(ByteBuffer.wrap(lan.next()).getInt(14)).isEqualTo(i);
                    }
                    assertThat(lan.statistics(deafPort).dropped(DropReason.TX_QUEUE_FULL))
                            .isPositive();
                    assertThat(lan.lan.statistics().unaccounted())
                            .as("queued for the deaf VM")
                            .isPositive();
                    deaf.kill();
                    ThreadedLan.await("its port to leave", () -> lan.vmPorts().size() == 1);
                    exchange(lan, 5);
                }
            }
            ThreadedLan.await("all ports to leave", () -> lan.vmPorts().isEmpty());
            lan.awaitConservation();
            assertThat(lan.lan.statistics().dropped(DropReason.MALFORMED)).isEqualTo(1);
            assertThat(lan.lan.statistics().dropped(DropReason.PORT_DOWN)).isPositive();
        }
    }

    @Test
    void shouldLeaveNoDescriptorFileOrThreadBehind() throws Exception {
        shouldExchangeFramesWithAStreamClient(); // loads libraries, and whatever else is made once in a process
        int descriptors = descriptors();
        Set<String> threads = threads();
        for (int life = 0; life < 5; life++) {
            Path path = directory.resolve("lan.sock");
            try (ThreadedLan lan = new ThreadedLan();
                    PeerProcess server = PeerProcess.python(
                            directory,
                            "stream_server",
                            directory.resolve("vm.sock").toString())) {
                lan.lan.add("qemu:" + path);
                lan.lan.add("qemu:" + directory.resolve("vm.sock") + "?role=connect");
                lan.lan.add("qemu:" + directory.resolve("d.sock") + "?mode=dgram&peer=" + directory.resolve("p.sock"));
                try (PeerProcess vms = PeerProcess.python(directory, "many", path.toString(), "5", "10")) {
                    for (int i = 0; i < 50; i++) {
                        lan.next();
                    }
                    lan.lan.close();
                }
            }
        }
        ThreadedLan.await("the descriptors to be closed", () -> descriptors() <= descriptors);
        ThreadedLan.await("the threads to end", () -> threads.containsAll(threads()));
        assertThat(directory.toFile().list((folder, name) -> name.endsWith(".sock")))
                .containsExactly("vm.sock"); // the server's own
    }

    private static int descriptors() {
        return new File("/proc/self/fd").list().length;
    }

    private static Set<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> !name.startsWith("process reaper"))
                .collect(Collectors.toSet());
    }
}
