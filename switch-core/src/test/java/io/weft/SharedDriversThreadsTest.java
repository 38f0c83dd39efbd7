package io.weft;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.SharedSocket.Host;
import io.weft.SharedSocket.Tunnel;
import io.weft.port.MemoryPort;
import io.weft.port.PortException;
import io.weft.worker.AttachedDriver;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Drivers that share a driver in a switch with threads: who waits for whom, and that nothing is left behind. */
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@ExtendWith(ExpectedFailures.class)
class SharedDriversThreadsTest {
    private static final byte[] BROADCAST = SteppedLan.frame(SteppedLan.BROADCAST, SteppedLan.A);

    private final Host host = new Host();
    /** What a socket waits for that the test holds up while it is opened or closed. */
    private final CountDownLatch go = new CountDownLatch(1);

    private final TestThreads threads = new TestThreads();
    private VirtualSwitch lan;

    @BeforeEach
    void open() {
        lan = VirtualSwitch.builder().name("sharing").workers(2).build();
    }

    @AfterEach
    void assertNothingIsLeft() {
        go.countDown(); // else a test that failed before would hang here
        lan.close();
        assertThat(host.bound).isEmpty();
        assertThat(lan.statistics().unaccounted()).isZero();
        Eventually.assertNoThreads("sharing-");
    }

    private Tunnel tunnel(String name) {
        return new Tunnel(host, name, "1");
    }

    private static void awaitWaiting(Thread thread) {
        Eventually.await("the thread to wait", () -> thread.getState() == Thread.State.WAITING);
    }

    private static void await(CountDownLatch latch) {
        boolean interrupted = true;
        while (interrupted) {
            try {
                latch.await();
                interrupted = false;
            } catch (InterruptedException e) {
                // not before it is time
            }
        }
    }

    @Test
    void shouldPollAndCloseItOnOneWorkerThatIsNotItsFirstSharers() throws Exception {
        Tunnel a = tunnel("a");
        AttachedDriver attached = lan.add(a);
        lan.add(new MemoryPort("plain").onFrame(bytes -> {}));
        a.receive(BROADCAST);
        Eventually.await("the frame", () -> lan.statistics().txFrames() == 1);
        assertThat(a.socket.polledBy).isEqualTo("sharing-worker-1");
        attached.close();
        assertThat(a.socket.closedBy).isEqualTo("sharing-worker-1");
        assertThat(host.events).containsExactly("open 1", "close a", "close 1");
    }

    @Test
    void shouldHaveTheSecondWaitUntilTheFirstHasOpenedIt() throws Exception {
        CountDownLatch opening = new CountDownLatch(1);
        Tunnel a = tunnel("a").onSocketOpen(socket -> {
            opening.countDown();
            await(go);
        });
        Tunnel b = tunnel("b");
        Thread first = threads.start(() -> lan.add(a));
        opening.await();
        Thread second = threads.start(() -> lan.add(b));
        awaitWaiting(second);
        assertThat(b.socket).isNull();
        assertThat(lan.metrics().samples()).as("nobody holds the lock").isNotEmpty();
        lan.add(new MemoryPort("plain"));
        go.countDown();
        threads.join(List.of(first, second));
        assertThat(b.socket).isNotNull().isSameAs(a.socket);
        assertThat(host.made).hasValue(1);
    }

    @Test
    void shouldTellTheSecondThatTheFirstCouldNotOpenIt() throws Exception {
        CountDownLatch opening = new CountDownLatch(1);
        Tunnel a = tunnel("a").onSocketOpen(socket -> {
            opening.countDown();
            await(go);
            throw new PortException("no such address");
        });
        Queue<String> refused = new ConcurrentLinkedQueue<>();
        List<Thread> adding = new ArrayList<>();
        for (Tunnel each : List.of(a, tunnel("b"))) {
            Thread thread = threads.start(() -> {
                try {
                    return lan.add(each);
                } catch (PortException e) {
                    refused.add(e.getMessage() + ", bound: " + host.bound);
                    return null;
                }
            });
            adding.add(thread);
            opening.await();
            awaitWaiting(thread);
        }
        go.countDown();
        threads.join(adding);
        assertThat(refused).containsExactly("no such address, bound: []", "no such address, bound: []");
        assertThat(lan.ports()).isEmpty();
        lan.add(tunnel("c"));
        assertThat(host.made).hasValue(2);
    }

    @Test
    void shouldWaitUntilTheOneBeforeIsClosed() throws Exception {
        CountDownLatch closing = new CountDownLatch(1);
        Tunnel a = tunnel("a");
        AttachedDriver attached = lan.add(a);
        a.socket.onClose = () -> {
            closing.countDown();
            await(go);
        };
        Tunnel b = tunnel("b");
        Thread remover = threads.start(() -> {
            attached.close();
            return null;
        });
        closing.await();
        Thread adder = threads.start(() -> lan.add(b));
        awaitWaiting(adder);
        awaitWaiting(remover);
        assertThat(host.bound).containsExactly("1");
        go.countDown();
        threads.join(List.of(remover, adder));
        assertThat(b.socket).isNotNull().isNotSameAs(a.socket);
        assertThat(host.events).containsExactly("open 1", "close a", "close 1", "open 1");
    }

    @Test
    void shouldCloseTheSwitchWhileADriverWaitsForOneToBeClosed() throws Exception {
        CountDownLatch closing = new CountDownLatch(1);
        Tunnel a = tunnel("a");
        AttachedDriver attached = lan.add(a);
        a.socket.onClose = () -> {
            closing.countDown();
            await(go);
        };
        Thread remover = threads.start(() -> {
            attached.close();
            return null;
        });
        closing.await();
        Thread adder = threads.start(() -> lan.add(tunnel("b")));
        awaitWaiting(adder);
        Thread closer = threads.start(() -> {
            lan.close();
            return null;
        });
        awaitWaiting(closer);
        go.countDown();
        threads.join(List.of(remover, adder, closer));
        assertThat(host.bound).isEmpty();
        assertThat(host.events).endsWith("close 1");
    }

    @Test
    void shouldGiveOneToManyThatComeAtOnce() throws Exception {
        for (int round = 0; round < 200; round++) {
            host.made.set(0);
            Queue<AttachedDriver> attached = new ConcurrentLinkedQueue<>();
            CountDownLatch start = new CountDownLatch(1);
            List<Thread> adding = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                Tunnel each = tunnel("t" + i);
                adding.add(threads.start(() -> {
                    await(start);
                    return attached.add(lan.add(each));
                }));
            }
            start.countDown();
            threads.join(adding);
            assertThat(host.made).hasValue(1);
            List<Thread> leaving = new ArrayList<>();
            attached.forEach(each -> leaving.add(threads.start(() -> {
                each.close();
                return null;
            })));
            threads.join(leaving);
            assertThat(host.bound).isEmpty();
        }
    }

    /** Each thread adds and removes a tunnel of one address, which fails if the socket before is still bound. */
    @Test
    void shouldBeBoundAgainAtOnceWhileFramesFlow() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        AtomicInteger delivered = new AtomicInteger();
        MemoryPort plain = new MemoryPort("plain").onFrame(bytes -> delivered.incrementAndGet());
        lan.add(plain);
        lan.add(new Tunnel(host, "other", "2"));
        Thread sender = threads.start(() -> {
            while (!done.get()) {
                if (!plain.send(BROADCAST)) {
                    Thread.onSpinWait();
                }
            }
            return null;
        });
        List<Thread> churning = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            String name = "t" + i;
            churning.add(threads.start(() -> {
                for (int life = 0; life < 500; life++) {
                    Tunnel each = tunnel(name);
                    try (AttachedDriver attached = lan.add(each)) {
                        each.receive(BROADCAST);
                        assertThat(attached.ports()).hasSize(1);
                    }
                    each.socket.context.wakeup(); // too late, and harmless
                }
                return null;
            }));
        }
        threads.join(churning);
        assertThat(host.bound).containsExactly("2");
        done.set(true);
        threads.join(List.of(sender));
        assertThat(lan.ports()).extracting("name").containsExactly("plain", "other");
        assertThat(delivered).as("some came through").hasPositiveValue();
    }

    /** Sockets that throw at any moment: their tunnels go, and everybody else goes on. */
    @Test
    void shouldLeaveNothingBehindWhenSharedDriversFail() throws Exception {
        long seed = TestSeed.next("SharedDriversThreadsTest");
        AtomicInteger refused = new AtomicInteger();
        AtomicInteger failures = new AtomicInteger();
        List<Thread> churning = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            String name = "t" + i;
            SplittableRandom random = new SplittableRandom(seed + i);
            churning.add(threads.start(() -> {
                for (int life = 0; life < 300; life++) {
                    int fate = random.nextInt(6);
                    Runnable failure = () -> {
                        failures.incrementAndGet();
                        throw new IllegalStateException("unexpected");
                    };
                    Tunnel each = tunnel(name).onSocketOpen(socket -> {
                        if (fate == 0) {
                            throw new PortException("no such address");
                        } else if (fate == 1) {
                            socket.context.execute(failure);
                        }
                    });
                    try (AttachedDriver attached = lan.add(each)) {
                        if (fate == 2) {
                            each.socket.onPoll = failure;
                            each.socket.context.wakeup();
                        } else if (fate == 3) {
                            each.socket.context.execute(failure);
                        }
                        assertThat(attached.toString()).contains(name);
                    } catch (PortException e) {
                        assertThat(e).hasMessageNotContaining("in use");
                        refused.incrementAndGet();
                    }
                }
                return null;
            }));
        }
        threads.join(churning);
        assertThat(host.bound).isEmpty();
        assertThat(lan.ports()).isEmpty();
        assertThat(refused).hasPositiveValue();
        assertThat(failures).hasPositiveValue();
    }

    @Test
    void shouldCloseTheSwitchWhileTunnelsComeAndGo() throws Exception {
        for (int round = 0; round < 30; round++) {
            VirtualSwitch closing =
                    VirtualSwitch.builder().name("sharing-closing").workers(2).build();
            CountDownLatch flowing = new CountDownLatch(20);
            List<Thread> churning = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                String name = "t" + i;
                churning.add(threads.start(() -> {
                    while (true) {
                        try {
                            closing.add(tunnel(name)).close();
                        } catch (IllegalStateException e) {
                            assertThat(e).hasMessage("the switch is closed");
                            return null;
                        }
                        flowing.countDown();
                    }
                }));
            }
            flowing.await();
            closing.close();
            assertThat(host.bound).isEmpty();
            threads.join(churning);
            Eventually.assertNoThreads("sharing-closing-");
        }
    }
}
