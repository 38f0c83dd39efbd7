package io.weft;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.bridge.FloodTarget;
import io.weft.bridge.PortSettings;
import io.weft.bridge.VlanSet;
import io.weft.fdb.FdbEntry.Kind;
import io.weft.frame.MacAddress;
import io.weft.mirror.Mirror;
import io.weft.port.MemoryPort;
import io.weft.port.PortException;
import io.weft.port.PortStatistics;
import io.weft.worker.AttachedDriver;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Everything that can be changed is changed by several threads while traffic flows through two or three workers: afterwards
 * every frame is accounted for, nothing was logged as a failure, and no thread is left.
 */
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ReconfigurationStressTest {
    private static final int SENDERS = 3;
    private static final int FRAMES = 4_000; // of each sender
    private static final int CHANGES = 400; // of each changer
    private static final Kind[] KINDS = {Kind.DYNAMIC, Kind.STATIC, Kind.STICKY, Kind.CONTROL};

    @TempDir
    private Path files;

    private final TestThreads running = new TestThreads();
    private final AtomicInteger fileNames = new AtomicInteger();
    private final AtomicLong sent = new AtomicLong();
    private final Queue<String> logged = new ConcurrentLinkedQueue<>();
    private VirtualSwitch lan;

    /** Keeps what the switch logs as failed; the warnings that ports are shut down for are expected. */
    private final class Log extends Handler {
        @Override
        public void publish(LogRecord line) {
            if (line.getLevel().intValue() > Level.WARNING.intValue() || line.getThrown() != null) {
                StringWriter trace = new StringWriter();
                if (line.getThrown() != null) {
                    line.getThrown().printStackTrace(new PrintWriter(trace));
                }
                logged.add(line.getMessage() + " " + trace);
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    @Test
    void shouldAccountForEveryFrameWhileEverythingChanges() throws Exception {
        SplittableRandom seed = TestSeed.random("ReconfigurationStressTest");
        Logger logger = Logger.getLogger("io.weft");
        Log log = new Log();
        logger.addHandler(log);
        logger.setUseParentHandlers(false);
        try {
            for (int round = 0; round < 4 * TestSeed.effort(); round++) {
                storm("storm" + round, seed.split());
            }
        } finally {
            logger.setUseParentHandlers(true);
            logger.removeHandler(log);
        }
        assertThat(logged).isEmpty();
    }

    private void storm(String name, SplittableRandom random) throws Exception {
        sent.set(0);
        lan = VirtualSwitch.builder()
                .name(name)
                .workers(2 + random.nextInt(2))
                .fdbCapacity(512)
                .build();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < SENDERS; i++) {
            MemoryPort port = new MemoryPort("p" + i).onFrame(bytes -> {});
            lan.add(port);
            RandomFrames frames = new RandomFrames(random.split());
            threads.add(running.start(() -> send(port, frames, FRAMES)));
        }
        SplittableRandom comingAndGoing = random.split();
        SplittableRandom settings = random.split();
        SplittableRandom entries = random.split();
        SplittableRandom records = random.split();
        threads.add(running.start(() -> comeAndGo("x", comingAndGoing)));
        threads.add(running.start(() -> comeAndGo("y", comingAndGoing.split())));
        threads.add(running.start(() -> changeSettings(settings)));
        threads.add(running.start(() -> changeEntries(entries)));
        threads.add(running.start(() -> record(records)));
        running.join(threads);
        assertThat(logged).isEmpty();

        Eventually.await("every frame accounted for", () -> lan.statistics().unaccounted() == 0);
        assertThat(lan.statistics().rxFrames()).isEqualTo(sent.get());
        assertWorksAgain();
        lan.close();
        PortStatistics all = lan.statistics();
        assertThat(all.unaccounted()).isZero();
        assertThat(all.rxFrames()).isEqualTo(sent.get());
        Eventually.assertNoThreads(name + "-");
    }

    /** With all settings back to their defaults a frame finds its way. */
    private void assertWorksAgain() {
        lan.fdb().learningOff(VlanSet.NONE);
        for (int vlan : RandomSettings.VLANS) {
            lan.fdb().clearFloodList(vlan);
        }
        lan.ports().forEach(status -> {
            lan.port(status.name()).settings(PortSettings.DEFAULT);
            lan.port(status.name()).enable();
        });
        AtomicInteger arrived = new AtomicInteger();
        MemoryPort from = new MemoryPort("from");
        MemoryPort to = new MemoryPort("to").onFrame(bytes -> arrived.incrementAndGet());
        try {
            lan.add(from);
            lan.add(to);
        } catch (PortException e) {
            throw new IllegalStateException(e);
        }
        from.send(SteppedLan.frame(SteppedLan.BROADCAST, SteppedLan.A));
        sent.incrementAndGet();
        Eventually.await("the frame", () -> arrived.get() == 1);
        Eventually.await("every frame accounted for", () -> lan.statistics().unaccounted() == 0);
    }

    // ---- what the threads do ----

    private Void send(MemoryPort port, RandomFrames frames, int count) {
        for (int i = 0; i < count; i++) {
            port.send(frames.next());
            sent.incrementAndGet();
        }
        return null;
    }

    private Void comeAndGo(String name, SplittableRandom random) throws Exception {
        RandomFrames frames = new RandomFrames(random.split());
        RandomSettings settings = new RandomSettings(random.split());
        for (int life = 0; life < CHANGES / 4; life++) {
            MemoryPort port = new MemoryPort(name).onFrame(bytes -> {});
            AttachedDriver attached = lan.add(port, settings.next());
            send(port, frames, random.nextInt(30));
            if (random.nextInt(3) == 0) {
                port.down("passing");
            }
            attached.close();
        }
        return null;
    }

    private Void changeSettings(SplittableRandom random) {
        RandomSettings settings = new RandomSettings(random.split());
        for (int i = 0; i < CHANGES; i++) {
            try {
                var port = lan.port(anyPort(random));
                if (random.nextInt(3) == 0) {
                    port.settings(PortSettings.DEFAULT);
                } else {
                    port.change(settings::change);
                }
                port.change(changed ->
                        changed.loopProbeInterval(random.nextInt(4) == 0 ? Duration.ofMillis(100) : Duration.ZERO));
                port.enable();
            } catch (IllegalArgumentException | IllegalStateException left) {
                assertLeft(left);
            }
        }
        return null;
    }

    private Void changeEntries(SplittableRandom random) {
        RandomSettings settings = new RandomSettings(random.split());
        for (int i = 0; i < CHANGES; i++) {
            int vlan = settings.vlan();
            String mac = MacAddress.format(0x0200_0000_0000L | random.nextInt(64));
            try {
                switch (random.nextInt(10)) {
                    case 0 -> lan.fdb().flush();
                    case 1 -> lan.fdb().flushVlan(vlan);
                    case 2 -> lan.fdb().flushPort(anyPort(random));
                    case 3 -> lan.fdb().flushKind(KINDS[random.nextInt(KINDS.length)]);
                    case 4 -> lan.fdb().resize(256 + random.nextInt(2_000));
                    case 5 -> lan.fdb().ageingTime(Duration.ofSeconds(1 + random.nextInt(300)));
                    case 6 -> lan.fdb().learningOff(settings.set());
                    case 7 -> lan.fdb().floodList(vlan, List.of(FloodTarget.of("p0"), FloodTarget.of(anyPort(random))));
                    case 8 -> lan.fdb().delete(vlan, mac);
                    default -> lan.fdb().set(KINDS[random.nextInt(KINDS.length)], vlan, mac, anyPort(random), 0);
                }
            } catch (IllegalArgumentException | IllegalStateException left) {
                assertLeft(left);
            }
        }
        return null;
    }

    private Void record(SplittableRandom random) throws Exception {
        for (int i = 0; i < CHANGES / 8; i++) {
            try (TrafficRecord mirror = lan.mirror(Mirror.of("to port")
                            .allPorts()
                            .snapLength(14 + random.nextInt(2_000))
                            .toPort(anyPort(random)));
                    TrafficRecord file =
                            lan.mirror(Mirror.of("to file").port("p0").toFile(file()));
                    TrafficRecord capture = lan.capture(anyPort(random), file())) {
                lan.statistics();
                lan.ports();
                lan.fdb().stations();
            } catch (IllegalArgumentException left) {
                assertLeft(left);
            }
        }
        return null;
    }

    private Path file() {
        return files.resolve("record" + fileNames.incrementAndGet() + ".pcapng");
    }

    private static String anyPort(SplittableRandom random) {
        return random.nextInt(3) == 0 ? random.nextBoolean() ? "x" : "y" : "p" + random.nextInt(SENDERS);
    }

    /** Ports "x" and "y" may be away; nothing else may be refused. */
    private static void assertLeft(RuntimeException refusal) {
        assertThat(refusal.getMessage()).matches("port (is )?'[xy]'.*");
    }
}
