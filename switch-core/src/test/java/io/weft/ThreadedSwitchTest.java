package io.weft;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.event.SwitchListener;
import io.weft.port.MemoryPort;
import io.weft.port.PortException;
import io.weft.port.PortStatistics;
import io.weft.worker.AttachedDriver;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A switch with threads of its own under threads that send, add, remove, break and mend ports.
 *
 * <p>Seen to catch, each broken on a copy of the code: frames offered to an inbox that was closed before; a driver attached
 * behind its own removal; {@code add} waiting for a worker under a lock that a callback on that worker wants; an exception
 * from a port's receiver ending the worker.
 */
@ExtendWith(ExpectedFailures.class)
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ThreadedSwitchTest {
    private final TestThreads running = new TestThreads();

    private static VirtualSwitch lan(String name, int workers) {
        return VirtualSwitch.builder().name(name).workers(workers).build();
    }

    private static void awaitSettled(VirtualSwitch lan) {
        Eventually.await("every frame accounted for", () -> lan.statistics().unaccounted() == 0);
    }

    /** Sends, and says whether the switch was still there to take or to count the frame. */
    private static int send(MemoryPort port, byte[] frame) {
        try {
            port.send(frame);
            return 1;
        } catch (IllegalStateException notInASwitch) {
            return 0;
        }
    }

    // ---- traffic while ports change ----

    @Test
    void shouldAccountForEveryFrameWhilePortsComeAndGo() throws Exception {
        SplittableRandom random = TestSeed.random("ThreadedSwitchTest churn");
        for (int round = 0; round < 6 * TestSeed.effort(); round++) {
            String name = "churn" + round;
            VirtualSwitch lan = lan(name, 1 + random.nextInt(4));
            AtomicLong sent = new AtomicLong();
            List<MemoryPort> staying = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                MemoryPort port = new MemoryPort("stays" + i);
                staying.add(port.onFrame(bytes -> {}));
                lan.add(port);
            }
            List<Thread> threads = new ArrayList<>();
            long seed = random.nextLong();
            for (int i = 0; i < 3; i++) {
                int self = i;
                threads.add(running.start(() -> traffic(staying.get(self), new SplittableRandom(seed + self), sent)));
            }
            for (int i = 0; i < 2; i++) {
                int self = i;
                threads.add(
                        running.start(() -> churn(lan, "passes" + self, new SplittableRandom(seed - 1 - self), sent)));
            }
            threads.add(running.start(() -> breaks(staying, new SplittableRandom(seed + 99))));
            running.join(threads);
            awaitSettled(lan);
            assertThat(lan.statistics().rxFrames()).isEqualTo(sent.get());
            lan.close();
            assertThat(lan.statistics().unaccounted()).isZero();
            assertThat(lan.statistics().rxFrames()).isEqualTo(sent.get());
            Eventually.assertNoThreads(name + "-");
        }
    }

    private static Void traffic(MemoryPort port, SplittableRandom random, AtomicLong sent) {
        RandomFrames frames = new RandomFrames(random);
        for (int i = 0; i < 3_000; i++) {
            sent.addAndGet(send(port, frames.next()));
        }
        return null;
    }

    private static Void churn(VirtualSwitch lan, String name, SplittableRandom random, AtomicLong sent)
            throws Exception {
        RandomFrames frames = new RandomFrames(random);
        for (int life = 0; life < 60; life++) {
            MemoryPort port = new MemoryPort(name);
            AttachedDriver attached = lan.add(port);
            for (int i = random.nextInt(30); i > 0; i--) {
                sent.addAndGet(send(port, frames.next()));
            }
            if (random.nextBoolean()) {
                port.down("passing");
            }
            attached.close();
            assertThat(attached.ports()).isEmpty();
        }
        return null;
    }

    private static Void breaks(List<MemoryPort> ports, SplittableRandom random) {
        for (int i = 0; i < 300; i++) {
            MemoryPort port = ports.get(random.nextInt(ports.size()));
            port.down("broken");
            port.up();
        }
        ports.forEach(MemoryPort::up);
        return null;
    }

    @Test
    void shouldCountWhatIsSentWhileThePortLeaves() throws Exception {
        VirtualSwitch lan = lan("leaving", 2);
        lan.add(new MemoryPort("stays").onFrame(bytes -> {}));
        byte[] frame = new byte[60];
        for (int round = 0; round < 200 * TestSeed.effort(); round++) {
            MemoryPort port = new MemoryPort("leaves");
            AttachedDriver attached = lan.add(port);
            AtomicLong sent = new AtomicLong();
            CountDownLatch sending = new CountDownLatch(1);
            long before = lan.statistics().rxFrames();
            Thread sender = running.start(() -> {
                long taken;
                do {
                    taken = send(port, frame);
                    sent.addAndGet(taken);
                    sending.countDown();
                } while (taken > 0);
                return null;
            });
            sending.await();
            attached.close();
            running.join(List.of(sender));
            awaitSettled(lan);
            assertThat(lan.statistics().rxFrames() - before).isEqualTo(sent.get());
        }
        lan.close();
    }

    @Test
    void shouldKnowNoStationBehindAPortThatWentDownDuringTraffic() throws Exception {
        SplittableRandom random = TestSeed.random("ThreadedSwitchTest down");
        VirtualSwitch lan = lan("down", 2);
        MemoryPort port = new MemoryPort("breaks");
        lan.add(new MemoryPort("stays").onFrame(bytes -> {}));
        lan.add(port);
        for (int round = 0; round < 300 * TestSeed.effort(); round++) {
            RandomFrames frames = new RandomFrames(random.split());
            AtomicInteger sent = new AtomicInteger();
            Thread sender = running.start(() -> {
                for (int i = 0; i < 200; i++) {
                    port.send(frames.next());
                    sent.incrementAndGet();
                }
                return null;
            });
            int after = random.nextInt(150);
            while (sent.get() < after) {
                Thread.onSpinWait();
            }
            port.down("broken");
            running.join(List.of(sender));
            awaitSettled(lan);
            Eventually.await("an empty FDB", () -> lan.fdb().stations().isEmpty());
            port.up();
        }
        lan.close();
    }

    // ---- callbacks ----

    @Test
    void shouldCloseFromAPortsCallback() throws Exception {
        for (int round = 0; round < 30; round++) {
            String name = "callback" + round;
            VirtualSwitch lan = lan(name, 2);
            MemoryPort from = new MemoryPort("from");
            lan.add(from);
            CountDownLatch returned = new CountDownLatch(1);
            lan.add(new MemoryPort("to").onFrame(bytes -> {
                lan.close();
                returned.countDown();
            }));
            from.send(new byte[60]);
            assertThat(returned.await(60, TimeUnit.SECONDS)).isTrue();
            Eventually.awaitNoThreads(name + "-");
            assertThat(lan.ports()).isEmpty();
            assertThat(lan.statistics().unaccounted()).isZero();
        }
    }

    @Test
    void shouldTakeAPortOutFromItsOwnCallback() throws Exception {
        try (VirtualSwitch lan = lan("own", 2)) {
            MemoryPort from = new MemoryPort("from");
            lan.add(from);
            AtomicReference<AttachedDriver> own = new AtomicReference<>();
            AtomicInteger received = new AtomicInteger();
            own.set(lan.add(new MemoryPort("to").onFrame(bytes -> {
                received.incrementAndGet();
                own.get().close();
            })));
            from.send(new byte[60]);
            Eventually.await("the port to leave", () -> lan.ports().size() == 1);
            from.send(new byte[60]);
            awaitSettled(lan);
            assertThat(received).hasValue(1);
        }
    }

    /** Workers in callbacks add and remove ports while other threads do, and one of them closes the switch. */
    @Test
    void shouldNotDeadlockWhenEverybodyChangesEverything() throws Exception {
        SplittableRandom random = TestSeed.random("ThreadedSwitchTest deadlock");
        for (int round = 0; round < 40 * TestSeed.effort(); round++) {
            String name = "everybody" + round;
            VirtualSwitch lan = lan(name, 2);
            AtomicInteger names = new AtomicInteger();
            MemoryPort from = new MemoryPort("from");
            lan.add(from);
            boolean closeInCallback = random.nextBoolean();
            lan.add(new MemoryPort("to").onFrame(bytes -> {
                int count = names.incrementAndGet();
                if (count == 40 && closeInCallback) {
                    lan.close();
                } else if (count < 100) {
                    addAndRemove(lan, "inner" + count, 1);
                }
            }));
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                int self = i;
                threads.add(running.start(() -> addAndRemove(lan, "outer" + self + "-", 20)));
            }
            threads.add(running.start(() -> {
                for (int i = 0; i < 200; i++) {
                    send(from, new byte[60]);
                }
                return null;
            }));
            running.join(threads);
            lan.close();
            Eventually.awaitNoThreads(name + "-");
            assertThat(lan.ports()).isEmpty();
            assertThat(lan.statistics().unaccounted()).isZero();
        }
    }

    private static Void addAndRemove(VirtualSwitch lan, String prefix, int count) {
        for (int i = 0; i < count; i++) {
            try {
                lan.add(new MemoryPort(prefix + i)).close();
            } catch (IllegalStateException closed) {
                return null;
            } catch (PortException e) {
                throw new IllegalStateException(e);
            }
        }
        return null;
    }

    // ---- closing ----

    @Test
    void shouldCloseEveryDriverOnceWhoeverWinsTheRace() throws Exception {
        SplittableRandom random = TestSeed.random("ThreadedSwitchTest close");
        for (int round = 0; round < 60 * TestSeed.effort(); round++) {
            String name = "closing" + round;
            VirtualSwitch lan = lan(name, 1 + random.nextInt(3));
            List<ScriptedDriver> drivers = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                drivers.add(new ScriptedDriver("d" + i));
            }
            CyclicBarrier together = new CyclicBarrier(4);
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < 3; t++) {
                int self = t;
                threads.add(running.start(() -> {
                    together.await();
                    for (int i = self; i < drivers.size(); i += 3) {
                        try {
                            AttachedDriver attached = lan.add(drivers.get(i));
                            if (i % 2 == 0) {
                                attached.close();
                            }
                        } catch (IllegalStateException closed) {
                            break;
                        }
                    }
                    return null;
                }));
            }
            threads.add(running.start(() -> {
                together.await();
                lan.close();
                Eventually.assertNoThreads(name + "-");
                return null;
            }));
            running.join(threads);
            assertThat(lan.ports()).isEmpty();
            assertThat(drivers).allSatisfy(driver -> {
                assertThat(driver.closed.get()).isEqualTo(driver.opened.get()).isLessThanOrEqualTo(1);
                assertThat(driver.detached.get()).isEqualTo(driver.opened.get());
            });
        }
    }

    @Test
    void shouldLetOneOfTwoThreadsHaveAName() throws Exception {
        try (VirtualSwitch lan = lan("names", 2)) {
            for (int round = 0; round < 100; round++) {
                List<ScriptedDriver> rivals = List.of(new ScriptedDriver("same"), new ScriptedDriver("same"));
                AtomicReference<AttachedDriver> winner = new AtomicReference<>();
                AtomicInteger refused = new AtomicInteger();
                CyclicBarrier together = new CyclicBarrier(2);
                List<Thread> threads = new ArrayList<>();
                for (ScriptedDriver rival : rivals) {
                    threads.add(running.start(() -> {
                        together.await();
                        try {
                            winner.set(lan.add(rival));
                        } catch (PortException e) {
                            refused.incrementAndGet();
                        }
                        return null;
                    }));
                }
                running.join(threads);
                assertThat(refused).hasValue(1);
                assertThat(lan.ports()).hasSize(1);
                assertThat(rivals.get(0).closed.get() + rivals.get(1).closed.get())
                        .isEqualTo(1);
                winner.get().close();
                assertThat(rivals.get(0).closed.get() + rivals.get(1).closed.get())
                        .isEqualTo(2);
            }
        }
    }

    @Test
    void shouldAddOtherDriversWhileOneTakesItsTimeToOpen() throws Exception {
        VirtualSwitch lan = lan("slow", 2);
        CountDownLatch opening = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        ScriptedDriver slow = new ScriptedDriver("slow").onOpen(driver -> {
            opening.countDown();
            try {
                assertThat(go.await(60, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        Thread adder = running.start(() -> lan.add(slow));
        opening.await();
        lan.add(new MemoryPort("quick")).close();
        AtomicInteger closed = new AtomicInteger();
        Thread closer = running.start(() -> {
            lan.close();
            closed.incrementAndGet();
            return null;
        });
        go.countDown();
        running.join(List.of(adder, closer));
        assertThat(slow.closed).hasValue(1);
        assertThat(closed).hasValue(1);
        Eventually.awaitNoThreads("slow-");
    }

    @Test
    void shouldNotPollADriverThatFailedBeforeItWasOpen() throws Exception {
        try (VirtualSwitch lan = lan("early", 1)) {
            ScriptedDriver early = new ScriptedDriver("early");
            lan.add(early.onOpen(driver -> {
                driver.context().execute(() -> {
                    throw new IllegalStateException("too early");
                });
                Eventually.await("the driver to be closed", () -> early.closed.get() == 1);
            }));
            lan.add(new MemoryPort("next")).close(); // by the same worker, after whatever it was to do for the first
            assertThat(early.polled).hasValue(0);
            assertThat(lan.ports()).isEmpty();
        }
    }

    @Test
    void shouldCloseFromAListener() throws Exception {
        VirtualSwitch lan = lan("listener", 2);
        lan.addListener(new SwitchListener() {
            @Override
            public void portAdded(String port) {
                lan.close();
            }
        });
        lan.add(new MemoryPort("a"));
        Eventually.awaitNoThreads("listener-");
        assertThat(lan.ports()).isEmpty();
    }

    // ---- failures ----

    @Test
    void shouldGoOnWithoutADriverThatThrows() throws Exception {
        VirtualSwitch lan = lan("failing", 2);
        MemoryPort from = new MemoryPort("from");
        AtomicInteger received = new AtomicInteger();
        lan.add(from);
        lan.add(new MemoryPort("to").onFrame(bytes -> received.incrementAndGet()));
        for (int round = 0; round < 20; round++) {
            int before = received.get();
            int kind = round % 4;
            ScriptedDriver bad = new ScriptedDriver("bad").onTransmit((frames, counters) -> {
                throw new IllegalStateException("transmit");
            });
            if (kind == 1) {
                lan.add(bad.withConcurrentTransmit());
            } else if (kind == 2) {
                lan.add(bad.onPoll((driver, into, limit) -> {
                    throw new AssertionError("poll");
                }));
            } else if (kind == 3) {
                lan.add(new MemoryPort("bad").onFrame(bytes -> {
                    throw new AssertionError("receiver");
                }));
            } else {
                lan.add(bad);
            }
            from.send(new byte[60]);
            Eventually.await("the bad port to leave", () -> lan.ports().size() == 2);
            Eventually.await("the other to get the frame", () -> received.get() == before + 1);
        }
        awaitSettled(lan);
        lan.close();
        Eventually.assertNoThreads("failing-");
        PortStatistics all = lan.statistics();
        assertThat(all.unaccounted()).isZero();
        assertThat(all.rxFrames()).isEqualTo(20);
    }
}
