package io.weft.unix;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.VirtualSwitch;
import io.weft.port.MemoryPort;
import io.weft.port.PortStatistics;
import io.weft.worker.PortStatus;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/** A switch with threads of its own, real time, and one in-memory port "host"; for tests against other programs. */
final class ThreadedLan implements AutoCloseable {
    /** Only a failure takes that long. */
    static final int DEADLINE_SECONDS = 60;

    final VirtualSwitch lan = VirtualSwitch.builder().workers(2).build();
    private final BlockingQueue<byte[]> received = new LinkedBlockingQueue<>();
    private final MemoryPort host = new MemoryPort("host").onFrame(bytes -> {
        byte[] frame = new byte[bytes.remaining()];
        bytes.get(frame);
        received.add(frame);
    });

    ThreadedLan() throws IOException {
        lan.add(host);
    }

    void send(byte[] frame) {
        await("room for a frame", () -> host.send(frame));
    }

    /** The next frame at the host that is wanted; others are dropped. */
    byte[] next(String what, Predicate<byte[]> wanted) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
        while (true) {
            byte[] frame = received.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            assertThat(frame).as("waited too long for %s", what).isNotNull();
            if (wanted.test(frame)) {
                return frame;
            }
        }
    }

    byte[] next() throws InterruptedException {
        return next("a frame", frame -> true);
    }

    Optional<PortStatus> port(String name) {
        return lan.ports().stream().filter(port -> port.name().equals(name)).findFirst();
    }

    PortStatistics statistics(String name) {
        return port(name).orElseThrow().statistics();
    }

    List<String> vmPorts() {
        return lan.ports().stream()
                .map(PortStatus::name)
                .filter(name -> !name.equals("host"))
                .toList();
    }

    static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited too long for %s", what).isLessThan(deadline);
            LockSupport.parkNanos(200_000);
        }
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
