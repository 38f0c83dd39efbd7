package io.weft;

import static io.weft.OffloadLan.CHECKSUM;
import static io.weft.OffloadLan.EVERYTHING;
import static io.weft.OffloadLan.NOTHING;
import static io.weft.OffloadLan.TSO4;
import static io.weft.OffloadLan.owned;
import static io.weft.SteppedLan.A;
import static io.weft.SteppedLan.B;
import static io.weft.SteppedLan.BROADCAST;
import static io.weft.SteppedLan.C;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.Conversation.Kind;
import io.weft.bridge.PortSettings;
import io.weft.bridge.RateLimit;
import io.weft.capture.Capture;
import io.weft.mirror.Mirror;
import io.weft.port.PortCapabilities;
import io.weft.port.PortStatistics;
import io.weft.worker.AttachedDriver;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Super-frames flow through two workers while ports come and go, mirrors and captures begin and end, and limits change:
 * afterwards the books balance, no pool lacks a frame, and no frame that was sent had a wrong checksum.
 */
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SuperFrameStressTest {
    private static final int FRAMES = 4_000; // of each sender
    private static final int CHANGES = 150;
    private static final int WINDOW = 200; // frames that a sender is ahead of its port's polls
    private static final PortCapabilities[] ABLE = {
        NOTHING,
        EVERYTHING,
        owned(NOTHING),
        owned(EVERYTHING),
        TSO4.withCoalescing(),
        owned(EVERYTHING).withCoalescing(),
        OffloadLan.narrow(CHECKSUM)
    };

    @TempDir
    Path folder;

    private final TestThreads running = new TestThreads();
    private final AtomicLong wrong = new AtomicLong();
    private final AtomicLong cut = new AtomicLong();

    private void look(OffloadedFrame frame) {
        if (!frame.isPartial()) { // nobody looks at an ordinary frame's checksums but its receiver
            wrong.addAndGet(OffloadedFrame.isRight(frame.bytes()) ? 0 : 1);
            cut.incrementAndGet();
        }
    }

    private OffloadPort port(String name, PortCapabilities capabilities) {
        return new OffloadPort(name, capabilities).onFrame(this::look);
    }

    @Test
    void shouldBalanceWhilePortsComeAndGo() throws Exception {
        SplittableRandom random = TestSeed.random("SuperFrameStressTest");
        for (int round = 0; round < 2 * TestSeed.effort(); round++) {
            storm(random.split(), folder.resolve("storm" + round + ".pcapng"));
        }
        assertThat(wrong.get()).as("frames with a wrong checksum").isZero();
        assertThat(cut.get()).isPositive();
    }

    private void storm(SplittableRandom random, Path file) throws Exception {
        VirtualSwitch lan = VirtualSwitch.builder().name("super").workers(2).build();
        List<OffloadPort> ports = new ArrayList<>();
        try {
            for (PortCapabilities capabilities : new PortCapabilities[] {
                EVERYTHING, owned(NOTHING), owned(EVERYTHING).withCoalescing(), NOTHING
            }) {
                OffloadPort port = port("p" + ports.size(), capabilities);
                lan.add(port);
                ports.add(port);
            }
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                OffloadPort port = ports.get(i);
                SplittableRandom own = random.split();
                String station = i == 0 ? A : B;
                threads.add(running.start(() -> send(port, station, own)));
            }
            SplittableRandom coming = random.split();
            threads.add(running.start(() -> comeAndGo(lan, coming)));
            SplittableRandom changing = random.split();
            threads.add(running.start(() -> change(lan, file, changing)));
            running.join(threads);
            Eventually.await("everything is polled", () -> ports.stream().allMatch(OffloadPort::isIdle));
            Eventually.await("everything is sent", () -> lan.statistics().unaccounted() == 0);
        } finally {
            lan.close();
        }
        PortStatistics all = lan.statistics();
        assertThat(all.unaccounted()).isZero();
        assertThat(all.rxFrames()).isEqualTo(2L * FRAMES);
        assertThat(all.rxSegments()).isGreaterThan(3 * all.rxFrames());
        assertThat(all.segmented()).isPositive();
        ports.forEach(port -> assertThat(port.framesInUse()).as("" + port).isZero());
    }

    private Void send(OffloadPort port, String station, SplittableRandom random) {
        List<Conversation> talks = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            for (String to : new String[] {A, B, C, BROADCAST}) {
                talks.add(new Conversation(kind, station, to, talks.size()));
            }
        }
        for (int i = 0; i < FRAMES; i++) {
            Conversation talk = talks.get(random.nextInt(talks.size()));
            port.send(
                    switch (random.nextInt(3)) {
                        case 0 -> talk.plain(1_000);
                        case 1 -> talk.partial(1 + random.nextInt(1_400));
                        default -> talk.superFrame(1 + random.nextInt(20_000), 500 + random.nextInt(1_000));
                    });
            if (i % WINDOW == 0) {
                Eventually.await("the port keeps up", port::isIdle);
            }
        }
        return null;
    }

    private Void comeAndGo(VirtualSwitch lan, SplittableRandom random) throws Exception {
        List<AttachedDriver> attached = new ArrayList<>();
        for (int i = 0; i < CHANGES; i++) {
            if (attached.size() < 3 && random.nextInt(3) > 0) {
                attached.add(lan.add(port("x" + i, ABLE[random.nextInt(ABLE.length)])));
            } else if (!attached.isEmpty()) {
                attached.remove(random.nextInt(attached.size())).close();
            }
        }
        attached.forEach(AttachedDriver::close);
        return null;
    }

    private Void change(VirtualSwitch lan, Path file, SplittableRandom random) throws Exception {
        for (int i = 0; i < CHANGES / 3; i++) {
            switch (random.nextInt(3)) {
                case 0 -> {
                    Mirror.Builder mirror = Mirror.of("m").port("p0").source("p1");
                    try (TrafficRecord record =
                            lan.mirror((random.nextBoolean() ? mirror : mirror.segmented()).toPort("p3"))) {
                        Thread.yield();
                    }
                }
                case 1 -> {
                    Capture all = Capture.allPorts().snapLength(200);
                    try (TrafficRecord record = lan.capture(random.nextBoolean() ? all : all.segmented(), file)) {
                        Thread.yield();
                    }
                }
                default -> {
                    RateLimit limit = RateLimit.frames(10_000 + random.nextInt(1_000_000), 1 + random.nextInt(50));
                    lan.port("p2")
                            .settings(
                                    PortSettings.builder().egressPolicing(limit).build());
                }
            }
        }
        return null;
    }
}
