package io.weft.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.VirtualSwitch;
import io.weft.event.SwitchListener;
import io.weft.port.DropReason;
import io.weft.port.MemoryPort;
import io.weft.port.PortDriver;
import io.weft.worker.AttachedDriver;
import io.weft.worker.PortStatus;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * A switch that the test steps, with virtual time and one in-memory port "host" beside the ports under test. The network is
 * real: what it does is awaited.
 */
final class TestLan implements AutoCloseable, SwitchListener {
    /** Only a failure takes that long. */
    private static final int DEADLINE_SECONDS = 60;

    final MemoryPort host = new MemoryPort("host");
    final List<String> messages = new ArrayList<>();
    final VirtualSwitch lan;
    private volatile long nowNs;

    TestLan() throws IOException {
        lan = VirtualSwitch.builder().invoker(() -> nowNs).listener(this).build();
        lan.add(host);
    }

    /** A frame from station {@code from} to station {@code to}, 0 for broadcast, filled with {@code seed}. */
    static byte[] frame(int to, int from, int length, int seed) {
        ByteBuffer frame = ByteBuffer.allocate(length);
        frame.putShort((short) (to == 0 ? 0xffff : 0x0200)).putInt(to == 0 ? -1 : to);
        frame.putShort((short) 0x0200).putInt(from).putShort((short) 0x88b5);
        for (int i = 14; i < length; i++) {
            frame.put((byte) (seed + i));
        }
        return frame.array();
    }

    @Override
    public void message(String driver, String text) {
        messages.add(text);
    }

    @Override
    public void portDown(String port, String reason) {
        messages.add(port + " down: " + reason);
    }

    WebSocketListener listen(WebSocketListenerBuilder builder) throws IOException {
        WebSocketListener listener = builder.build();
        lan.add(listener);
        return listener;
    }

    AttachedDriver add(PortDriver driver) throws IOException {
        return lan.add(driver);
    }

    void step() {
        while (lan.step()) {
            // until nothing is left to do for now
        }
    }

    void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
        step();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime())
                    .as("waited too long for %s; messages %s; ports %s", what, messages, lan.ports())
                    .isLessThan(deadline);
            LockSupport.parkNanos(50_000);
            step();
        }
    }

    void awaitMessage(String part) {
        await("a message with '" + part + "'", () -> messages.stream().anyMatch(text -> text.contains(part)));
    }

    /** Waits for a listener's client: its port is there, and no worker's round is without it any more. */
    void awaitJoined(String port) {
        await(port + " to join", () -> messages.stream()
                .anyMatch(text -> text.startsWith(port + ": ") && text.endsWith(" joined")));
    }

    void pass(Duration time) {
        nowNs += time.toNanos();
        step();
    }

    /** Lets virtual time pass in steps until something has happened. */
    void passUntil(String what, Duration step, BooleanSupplier condition) {
        await(what, () -> {
            pass(step);
            return condition.getAsBoolean();
        });
    }

    void send(byte[] frame) {
        assertThat(host.send(frame)).isTrue();
        step();
    }

    /** The next frame at the host. */
    byte[] receive() {
        byte[][] frame = new byte[1][];
        await("a frame", () -> (frame[0] = host.receive()) != null);
        return frame[0];
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

    void awaitConservation() {
        await("all frames to be accounted for", () -> lan.statistics().unaccounted() == 0);
    }

    @Override
    public void close() {
        lan.close();
        assertThat(lan.statistics().unaccounted())
                .as("unaccounted frames after close of %s", lan.statistics())
                .isZero();
    }
}
