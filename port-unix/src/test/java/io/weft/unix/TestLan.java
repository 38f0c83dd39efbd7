package io.weft.unix;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.VirtualSwitch;
import io.weft.event.SwitchListener;
import io.weft.port.DropReason;
import io.weft.port.MemoryPort;
import io.weft.port.PortDriver;
import io.weft.worker.AttachedDriver;
import io.weft.worker.PortStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A switch that the test steps, with virtual time and one in-memory port "host" beside the ports under test. */
final class TestLan implements AutoCloseable, SwitchListener {
    static final byte[] BROADCAST = Frames.of("ffffffffffff", "0200000000aa", 60);

    final MemoryPort host = new MemoryPort("host");
    final List<String> messages = new ArrayList<>();
    final VirtualSwitch lan;
    private long nowNs;

    TestLan() throws IOException {
        lan = VirtualSwitch.builder().invoker(() -> nowNs).listener(this).build();
        lan.add(host);
    }

    @Override
    public void message(String driver, String text) {
        messages.add(text);
    }

    AttachedDriver add(String uri) throws IOException {
        AttachedDriver driver = lan.add(uri);
        settle();
        return driver;
    }

    AttachedDriver add(PortDriver driver) throws IOException {
        AttachedDriver attached = lan.add(driver);
        settle();
        return attached;
    }

    /** Steps until nothing is left to do; what the kernel holds for us is there at once with unix sockets. */
    void settle() {
        int idle = 0;
        while (idle < 3) {
            idle = lan.step() ? 0 : idle + 1;
        }
    }

    void pass(Duration time) {
        nowNs += time.toNanos();
        settle();
    }

    /** What the in-memory port received. */
    List<byte[]> received() {
        settle();
        List<byte[]> frames = new ArrayList<>();
        for (byte[] frame = host.receive(); frame != null; frame = host.receive()) {
            frames.add(frame);
        }
        return frames;
    }

    void send(byte[] frame) {
        assertThat(host.send(frame)).isTrue();
        settle();
    }

    PortStatus port(String name) {
        return lan.ports().stream()
                .filter(port -> port.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no port " + name + " among " + portNames()));
    }

    List<String> portNames() {
        return lan.ports().stream()
                .map(PortStatus::name)
                .filter(name -> !name.equals("host"))
                .toList();
    }

    long dropped(DropReason reason) {
        return lan.statistics().dropped(reason);
    }

    void assertConserved() {
        settle();
        assertThat(lan.statistics().unaccounted())
                .as("unaccounted frames of %s", lan.statistics())
                .isZero();
    }

    @Override
    public void close() {
        lan.close();
        assertThat(lan.statistics().unaccounted())
                .as("unaccounted frames after close of %s", lan.statistics())
                .isZero();
    }
}
