package io.weft;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.patch.PatchPort;
import io.weft.port.MemoryPort;
import io.weft.worker.AttachedDriver;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Two switches with several workers each, joined by a link that stays and by one whose ends come and go: then the switches
 * are a loop and broadcasts circulate as fast as the workers can.
 *
 * <p>Seen to catch, broken on a copy of the code: an end that leaves without emptying its queue.
 */
@ExtendWith(ExpectedFailures.class)
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PatchPortStressTest {
    private final TestThreads running = new TestThreads();

    /** A switch with hosts, and what its hosts sent and got. */
    private static final class Side {
        final VirtualSwitch lan;
        final List<MemoryPort> hosts = new ArrayList<>();
        final AtomicLong sent = new AtomicLong();
        final AtomicLong got = new AtomicLong();

        Side(String name, int workers) throws Exception {
            lan = VirtualSwitch.builder().name(name).workers(workers).build();
            for (int i = 0; i < 3; i++) {
                MemoryPort host = new MemoryPort("host" + i).onFrame(bytes -> got.incrementAndGet());
                hosts.add(host);
                lan.add(host);
            }
        }

        long crossedIn() {
            return lan.statistics().rxFrames() - sent.get();
        }

        long crossedOut() {
            return lan.statistics().txFrames() - got.get();
        }
    }

    @Test
    void shouldAccountForEveryFrameInBothSwitchesWhileLinksComeAndGo() throws Exception {
        SplittableRandom random = TestSeed.random("PatchPortStressTest");
        for (int round = 0; round < 6 * TestSeed.effort(); round++) {
            Side a = new Side("patch-a" + round, 1 + random.nextInt(3));
            Side b = new Side("patch-b" + round, 1 + random.nextInt(3));
            PatchPort.Pair staying = PatchPort.pair("staying", "staying");
            a.lan.add(staying.first());
            b.lan.add(staying.second());
            AtomicInteger busy = new AtomicInteger(6);
            List<Thread> threads = new ArrayList<>();
            for (Side side : List.of(a, b)) {
                for (MemoryPort host : side.hosts) {
                    RandomFrames frames = new RandomFrames(random.split());
                    threads.add(running.start(() -> {
                        for (int i = 0; i < 2_000; i++) {
                            host.send(frames.next());
                            side.sent.incrementAndGet();
                        }
                        return busy.decrementAndGet();
                    }));
                }
            }
            SplittableRandom churn = random.split();
            threads.add(running.start(() -> churn(a.lan, b.lan, churn, busy)));
            running.join(threads);
            Eventually.await("both switches to rest", () -> rests(a) && rests(b) && joined(a, b));
            assertThat(b.crossedIn()).isPositive();
            assertThat(a.crossedIn()).isPositive();
            closeBoth(a, b, random.nextBoolean());
            assertThat(a.lan.statistics().unaccounted()).isZero();
            assertThat(b.lan.statistics().unaccounted()).isZero();
            assertThat(a.crossedOut() + b.crossedOut()).isEqualTo(a.crossedIn() + b.crossedIn());
            Eventually.assertNoThreads("patch-");
        }
    }

    private static boolean rests(Side side) {
        return side.lan.statistics().unaccounted() == 0;
    }

    /** What left one of them arrived: in the other, or in itself while both ends of the second link were there. */
    private static boolean joined(Side a, Side b) {
        return a.crossedOut() + b.crossedOut() == a.crossedIn() + b.crossedIn();
    }

    private static void closeBoth(Side a, Side b, boolean firstA) {
        (firstA ? a : b).lan.close();
        (firstA ? b : a).lan.close();
    }

    /** Adds and removes the ends of a second link, in any order, for as long as there is traffic. */
    private static Void churn(VirtualSwitch a, VirtualSwitch b, SplittableRandom random, AtomicInteger busy)
            throws Exception {
        PatchPort.Pair passing = PatchPort.pair("passing", "passing too");
        AttachedDriver first = null;
        AttachedDriver second = null;
        while (busy.get() > 0) {
            if (random.nextBoolean()) {
                first = toggle(first, random.nextInt(8) == 0 ? b : a, passing.first());
            } else {
                second = toggle(second, random.nextInt(8) == 0 ? a : b, passing.second());
            }
            if (random.nextInt(4) == 0) {
                passing.first().down("broken");
                passing.first().up();
            }
        }
        for (AttachedDriver left : new AttachedDriver[] {first, second}) {
            if (left != null) {
                left.close();
            }
        }
        return null;
    }

    private static AttachedDriver toggle(AttachedDriver attached, VirtualSwitch lan, PatchPort end) throws Exception {
        if (attached == null) {
            return lan.add(end);
        }
        attached.close();
        return null;
    }

    @Test
    void shouldNotLoseWhatIsSentWhileTheOtherEndLeaves() throws Exception {
        SplittableRandom random = TestSeed.random("PatchPortStressTest leaving");
        Side a = new Side("patch-stays", 3);
        VirtualSwitch b =
                VirtualSwitch.builder().name("patch-leaves").workers(1).build();
        PatchPort.Pair pair = PatchPort.pair("p", "p");
        a.lan.add(pair.first());
        AtomicInteger busy = new AtomicInteger(a.hosts.size());
        List<Thread> threads = new ArrayList<>();
        for (MemoryPort host : a.hosts) {
            threads.add(running.start(() -> {
                for (int i = 0; i < 20_000; i++) {
                    host.send(new byte[60]);
                    a.sent.incrementAndGet();
                }
                return busy.decrementAndGet();
            }));
        }
        int lives = 0;
        while (busy.get() > 0) {
            AttachedDriver second = b.add(pair.second());
            for (int i = random.nextInt(2_000); i > 0; i--) {
                Thread.onSpinWait();
            }
            second.close();
            lives++;
        }
        running.join(threads);
        Eventually.await("every frame accounted for", () -> rests(a));
        a.lan.close();
        b.close();
        assertThat(lives).isPositive();
        assertThat(b.statistics().unaccounted()).isZero();
        assertThat(b.statistics().rxFrames()).as("%d lives", lives).isEqualTo(a.crossedOut());
    }
}
