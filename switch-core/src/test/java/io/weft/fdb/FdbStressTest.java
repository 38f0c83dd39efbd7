package io.weft.fdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.TestSeed;
import io.weft.fdb.FdbObserver.Change;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The table under several threads that learn, move, remove and look up the same few stations.
 *
 * <p>A station may be behind two ports only, and its endpoint number says which station and port it belongs to: whatever a
 * lookup returns that was never learned is seen.
 *
 * <p>Seen to catch, each broken on a copy of the code: a removal that frees the key first; any of the compare-and-sets
 * (claim, first value, move, removal, reservation) made a store; copies that are not removed, or stay counted; a lookup that
 * does not look at the key again. Not caught: a lookup that ignores the generation, since the slot would have to be reused
 * between two neighbouring loads.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FdbStressTest {
    private static final int THREADS = 4;
    private static final int NOW = 7_000;

    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    private static long key(int station) {
        return FdbKey.of(station % 3, 0x0200_0000_0100L + station);
    }

    private static int port(int station, boolean other) {
        return (station + (other ? 1 : 0)) % 5;
    }

    private static int endpoint(int station, int port) {
        return station << 4 | port;
    }

    private static void learn(Fdb fdb, int station, boolean other, int now) {
        int port = port(station, other);
        fdb.learn(key(station), port, endpoint(station, port), now);
    }

    private static void assertLearned(int station, long value) {
        int port = FdbValue.port(value);
        if (FdbValue.endpoint(value) != endpoint(station, port)
                || port != port(station, false) && port != port(station, true)) {
            throw new AssertionError("station " + station + " is said to be at port " + port + " endpoint "
                    + FdbValue.endpoint(value) + ", where it never was");
        }
    }

    private interface Actor {
        void act(SplittableRandom random, int step);
    }

    /** Runs an actor on every thread for {@code steps} steps, all starting together. */
    private void race(SplittableRandom random, int steps, Actor... actors) throws Exception {
        CyclicBarrier barrier = new CyclicBarrier(actors.length);
        List<Thread> threads = new ArrayList<>();
        for (Actor actor : actors) {
            SplittableRandom own = random.split();
            Thread thread = new Thread(() -> {
                try {
                    barrier.await();
                    for (int i = 0; i < steps && failure.get() == null; i++) {
                        actor.act(own, i);
                    }
                } catch (Throwable e) {
                    failure.compareAndSet(null, e);
                }
            });
            thread.setDaemon(true);
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join(TimeUnit.SECONDS.toMillis(60));
            assertThat(thread.isAlive()).isFalse();
        }
        assertThat(failure.get()).isNull();
    }

    private static void assertConsistent(Fdb fdb, ChangeCount told, int now) {
        fdb.sweep(0, fdb.slots(), now);
        FdbStatistics statistics = fdb.statistics();
        List<FdbEntry> entries = fdb.list(now);
        Set<Long> keys = new HashSet<>();
        int[] ofPort = new int[5];
        for (FdbEntry entry : entries) {
            assertThat(keys.add(FdbKey.of(entry.vlan(), entry.mac())))
                    .as("one of " + entry)
                    .isTrue();
            ofPort[entry.port()]++;
        }
        assertThat(statistics.entries()).as("entries").isEqualTo(entries.size());
        for (int port = 0; port < ofPort.length; port++) {
            assertThat(fdb.entriesOfPort(port)).as("entries of port " + port).isEqualTo(ofPort[port]);
        }
        assertThat(statistics.learned() - statistics.expired() - statistics.evicted() - statistics.flushed())
                .as("learned and not gone: " + statistics)
                .isEqualTo(statistics.entries());
        assertThat(told.of(Change.AGED)).isEqualTo(statistics.expired());
        assertThat(told.of(Change.EVICTED)).isEqualTo(statistics.evicted());
        assertThat(told.of(Change.FLUSHED)).isEqualTo(statistics.flushed());
        assertThat(told.of(Change.MOVED)).isEqualTo(statistics.moved());
        assertThat(told.of(Change.LEARNED))
                .as("twice for a station learned at once")
                .isGreaterThanOrEqualTo(statistics.learned());
    }

    /** So few slots that everything happens in the same ones: learning, moving, flushing, ageing, evicting. */
    @Test
    void shouldNeverSayWhatWasNeverLearned() throws Exception {
        SplittableRandom random = TestSeed.random("FdbStressTest crowd");
        for (int round = 0; round < 30 * TestSeed.effort(); round++) {
            int stations = 2 + random.nextInt(30);
            int capacity = 1 + random.nextInt(16);
            ChangeCount told = new ChangeCount();
            Fdb fdb = new Fdb(capacity, 10, random.nextLong(), told);
            Actor[] actors = new Actor[THREADS];
            for (int i = 0; i < THREADS; i++) {
                actors[i] = (dice, step) -> {
                    int station = dice.nextInt(stations);
                    int now = NOW + step / 500;
                    int what = dice.nextInt(1_000);
                    if (what < 500) {
                        learn(fdb, station, what < 50, now);
                    } else if (what < 990) {
                        long value = fdb.lookup(key(station), now);
                        if (value != Fdb.MISS) {
                            assertLearned(station, value);
                        }
                    } else if (what < 994) {
                        fdb.flushPort(dice.nextInt(5));
                    } else if (what < 996) {
                        fdb.flushVlan(dice.nextInt(3));
                    } else if (what < 998) {
                        fdb.sweep(dice.nextInt(16), 16, now);
                    } else {
                        fdb.list(now).forEach(entry -> assertThat(entry.endpoint() & 15)
                                .isEqualTo(entry.port()));
                        assertThat(fdb.statistics().entries()).isLessThanOrEqualTo(capacity);
                    }
                };
            }
            race(random, 6_000, actors);
            assertConsistent(fdb, told, NOW + 11);
        }
    }

    /** One entry for forty stations: a slot has another station's value between a reader's look at the key and at the value. */
    @Test
    void shouldNotTakeAnotherLifeOfTheSlotForTheStation() throws Exception {
        SplittableRandom random = TestSeed.random("FdbStressTest lives");
        ChangeCount told = new ChangeCount();
        Fdb fdb = new Fdb(1, 300, random.nextLong(), told);
        Actor churner = (dice, step) -> learn(fdb, dice.nextInt(40), dice.nextBoolean(), NOW);
        Actor reader = (dice, step) -> {
            for (int station = 0; station < 40; station++) {
                long value = fdb.lookup(key(station), NOW);
                if (value != Fdb.MISS) {
                    assertLearned(station, value);
                }
            }
        };
        race(random, 60_000 * TestSeed.effort(), churner, reader, reader);
        assertConsistent(fdb, told, NOW);
    }

    /** All threads learn the same new station in the same instant, over and over: one entry must be left of it. */
    @Test
    void shouldKeepOneEntryOfAStationThatAllLearnAtOnce() throws Exception {
        SplittableRandom random = TestSeed.random("FdbStressTest same");
        ChangeCount told = new ChangeCount();
        Fdb fdb = new Fdb(64, 300, random.nextLong(), told);
        int rounds = 3_000 * TestSeed.effort();
        CyclicBarrier start = new CyclicBarrier(3);
        CyclicBarrier end = new CyclicBarrier(3, () -> {
            assertThat(fdb.list(NOW)).hasSize(4);
            assertThat(fdb.statistics().entries()).isEqualTo(4);
            assertThat(fdb.flushAll()).isEqualTo(4);
        });
        Actor learner = (dice, step) -> {
            try {
                start.await(30, TimeUnit.SECONDS);
                for (int i = 0; i < 4; i++) {
                    int station = 4 * (step % 500) + i;
                    learn(fdb, station, dice.nextBoolean(), NOW);
                    long value = fdb.lookup(key(station), NOW);
                    if (value != Fdb.MISS) {
                        assertLearned(station, value);
                    }
                }
                end.await(30, TimeUnit.SECONDS);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        };
        race(random, rounds, learner, learner, learner);
        assertConsistent(fdb, told, NOW);
        assertThat(fdb.statistics().learned()).isEqualTo(4L * rounds);
    }

    /** Who is known stays known while it moves and others come and go around it. */
    @Test
    void shouldNeverMissAStationThatIsThere() throws Exception {
        SplittableRandom random = TestSeed.random("FdbStressTest stable");
        for (int round = 0; round < 10 * TestSeed.effort(); round++) {
            int stable = 16;
            int passing = 40;
            ChangeCount told = new ChangeCount();
            Fdb fdb = new Fdb(1_024, 300, random.nextLong(), told);
            for (int station = 0; station < stable; station++) {
                fdb.learn(FdbKey.of(9, station + 1), 0, endpoint(station, 0), NOW);
            }
            Actor mover = (dice, step) -> {
                int station = dice.nextInt(stable);
                int port = dice.nextInt(5);
                fdb.learn(FdbKey.of(9, station + 1), port, endpoint(station, port), NOW + step / 1_000);
            };
            Actor passer = (dice, step) -> {
                int station = dice.nextInt(passing);
                learn(fdb, station, dice.nextBoolean(), NOW);
                if (dice.nextInt(20) == 0) {
                    fdb.flushVlan(dice.nextInt(3));
                }
            };
            Actor reader = (dice, step) -> {
                int station = dice.nextInt(stable);
                long value = fdb.lookup(FdbKey.of(9, station + 1), NOW + step / 1_000);
                if (value == Fdb.MISS || FdbValue.endpoint(value) != endpoint(station, FdbValue.port(value))) {
                    throw new AssertionError("station " + station + " is " + Long.toHexString(value));
                }
            };
            race(random, 10_000, mover, mover, passer, reader);
            assertConsistent(fdb, told, NOW);
            assertThat(fdb.list(NOW).stream().filter(entry -> entry.vlan() == 9))
                    .hasSize(stable);
        }
    }
}
