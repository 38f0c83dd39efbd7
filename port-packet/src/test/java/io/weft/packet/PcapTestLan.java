package io.weft.packet;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.VirtualSwitch;
import io.weft.event.SwitchListener;
import io.weft.port.DropReason;
import io.weft.port.MemoryPort;
import io.weft.port.PortDriver;
import io.weft.worker.AttachedDriver;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A switch that the test steps, with virtual time and one in-memory port "host" beside the ports under test. */
final class PcapTestLan implements AutoCloseable, SwitchListener {
    final MemoryPort host = new MemoryPort("host");
    final List<String> heard = new ArrayList<>();
    final VirtualSwitch lan;
    private long nowNs = 5_000_000_000_000L;

    PcapTestLan() throws IOException {
        lan = VirtualSwitch.builder().invoker(() -> nowNs).listener(this).build();
        lan.add(host);
    }

    @Override
    public void message(String driver, String text) {
        heard.add(text);
    }

    @Override
    public void portDown(String port, String reason) {
        heard.add(port + " down: " + reason);
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

    void settle() {
        while (lan.step()) {
            // until nothing is left to do
        }
    }

    void pass(Duration time) {
        nowNs += time.toNanos();
        settle();
    }

    /** What the in-memory port received since the last look. */
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

    long dropped(DropReason reason) {
        return lan.statistics().dropped(reason);
    }

    @Override
    public void close() {
        lan.close();
        assertThat(lan.statistics().unaccounted())
                .as("unaccounted frames after close of %s", lan.statistics())
                .isZero();
    }
}
