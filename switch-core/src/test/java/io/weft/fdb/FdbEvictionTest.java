package io.weft.fdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.TestSeed;
import io.weft.fdb.FdbObserver.Change;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What happens when the table is full. */
class FdbEvictionTest {
    private static final int NOW = 50;
    private static final int FLOODING = 1;
    private static final int QUIET = 2;

    private static long randomStation(SplittableRandom random) {
        return FdbKey.of(random.nextInt(4095), 0x0200_0000_0000L | random.nextLong() & 0xff_ffff_ffffL);
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 500, 2_000})
    void shouldKeepTheStationsOfAQuietPortWhenAnotherFloods(int stations) {
        SplittableRandom random = TestSeed.random("FdbEvictionTest quiet " + stations);
        ChangeCount told = new ChangeCount();
        Fdb fdb = new Fdb(8_192, 300, random.nextLong(), told);
        for (int i = 0; i < stations; i++) {
            fdb.learn(FdbKey.of(7, 0x0200_1111_0000L + i), QUIET, i, NOW);
        }
        for (int i = 0; i < 100_000; i++) {
            fdb.learn(randomStation(random), FLOODING, 0, NOW + 1 + i / 1_000);
            assertThat(fdb.statistics().entries()).isLessThanOrEqualTo(8_192);
        }
        int now = NOW + 101;
        int kept = 0;
        for (int i = 0; i < stations; i++) {
            long value = fdb.lookup(FdbKey.of(7, 0x0200_1111_0000L + i), now);
            if (value != Fdb.MISS) {
                assertThat(FdbValue.port(value)).isEqualTo(QUIET);
                assertThat(FdbValue.endpoint(value)).isEqualTo(i);
                kept++;
            }
        }
        // While it holds more than the flood, the quiet port is the one that may lose a station where buckets are full.
        assertThat(kept).isGreaterThanOrEqualTo(stations - stations / 200).isEqualTo(fdb.entriesOfPort(QUIET));
        assertThat(fdb.entriesOfPort(FLOODING)).as("the flood has the rest").isGreaterThan(8_180 - stations);
        assertThat(told.entries()).isEqualTo(fdb.statistics().entries());
        assertThat(told.of(Change.EVICTED)).isEqualTo(fdb.statistics().evicted());
    }

    /** A port that comes to a full table must get room from the one that has it all, and keep it for as long as that floods. */
    @Test
    void shouldLearnAndKeepTheStationsOfAPortThatComesAfterTheFlood() {
        SplittableRandom random = TestSeed.random("FdbEvictionTest late");
        Fdb fdb = new Fdb(1_024, 300, random.nextLong(), FdbObserver.NONE);
        for (int i = 0; i < 20_000; i++) {
            fdb.learn(randomStation(random), FLOODING, 0, NOW);
        }
        for (int i = 0; i < 300; i++) {
            fdb.learn(FdbKey.of(0, 0x0200_2222_0000L + i), QUIET, 0, NOW);
        }
        assertThat(fdb.entriesOfPort(QUIET)).isGreaterThanOrEqualTo(298);
        for (int i = 0; i < 500_000; i++) {
            fdb.learn(randomStation(random), FLOODING, 0, NOW + 1);
        }
        assertThat(fdb.entriesOfPort(QUIET)).isGreaterThanOrEqualTo(298);
        assertThat(fdb.entriesOfPort(FLOODING)).isGreaterThan(700);
    }

    @Test
    void shouldShareTheTableEvenlyBetweenPortsThatFlood() {
        SplittableRandom random = TestSeed.random("FdbEvictionTest shares");
        int ports = 4;
        Fdb fdb = new Fdb(4_096, 300, random.nextLong(), FdbObserver.NONE);
        for (int i = 0; i < 200_000; i++) {
            // Port 0 floods eight times as fast as port 3.
            int port = 31 - Integer.numberOfLeadingZeros(1 + random.nextInt(15));
            fdb.learn(randomStation(random), port, 0, NOW);
        }
        for (int port = 0; port < ports; port++) {
            assertThat(fdb.entriesOfPort(port)).as("entries of port " + port).isBetween(824, 1_224);
        }
    }

    @Test
    void shouldGiveUpExpiredEntriesFirst() {
        SplittableRandom random = TestSeed.random("FdbEvictionTest expired");
        ChangeCount told = new ChangeCount();
        Fdb fdb = new Fdb(256, 300, random.nextLong(), told);
        for (int i = 0; i < 100; i++) {
            fdb.learn(FdbKey.of(1, i + 1), QUIET, 0, NOW);
        }
        for (int i = 0; i < 156; i++) {
            fdb.learn(FdbKey.of(2, i + 1), FLOODING, 0, NOW + 200);
        }
        long before = told.of(Change.EVICTED);
        // 100 expired entries and 156 fresh ones. A fresh one may go where a station's two buckets are full of them.
        for (int i = 0; i < 60; i++) {
            fdb.learn(FdbKey.of(3, i + 1), FLOODING, 0, NOW + 301);
        }
        assertThat(told.of(Change.AGED)).isGreaterThanOrEqualTo(48);
        assertThat(told.of(Change.EVICTED) - before).isLessThanOrEqualTo(10);
        assertThat(fdb.statistics().expired()).isEqualTo(told.of(Change.AGED));
        assertThat(told.entries()).isEqualTo(fdb.statistics().entries());
    }

    @Test
    void shouldGiveUpTheStationUnseenForLongestAmongThoseOfAPort() {
        Fdb fdb = new Fdb(8, 300, 99, FdbObserver.NONE); // 32 slots: one sample sees all
        for (int i = 0; i < 8; i++) {
            fdb.learn(FdbKey.of(0, i + 1), FLOODING, 0, NOW + i);
        }
        fdb.learn(FdbKey.of(0, 1), FLOODING, 0, NOW + 9); // the first is the youngest now
        for (int i = 0; i < 7; i++) {
            fdb.learn(FdbKey.of(0, 100 + i), FLOODING, 0, NOW + 10);
            assertThat(fdb.lookup(FdbKey.of(0, i + 2), NOW + 10))
                    .as("the oldest but " + i)
                    .isEqualTo(Fdb.MISS);
            assertThat(fdb.statistics().entries()).isEqualTo(8);
        }
        assertThat(fdb.lookup(FdbKey.of(0, 1), NOW + 10)).isNotEqualTo(Fdb.MISS);
    }

    /** "Nearly every entry is in its first bucket": a table must fill up before it evicts anybody. */
    @ParameterizedTest
    @ValueSource(ints = {64, 1_000, 8_192, 60_000})
    void shouldFillUpBeforeItEvicts(int capacity) {
        SplittableRandom random = TestSeed.random("FdbEvictionTest fill " + capacity);
        Fdb fdb = new Fdb(capacity, 300, random.nextLong(), FdbObserver.NONE);
        for (int i = 0; i < capacity; i++) {
            fdb.learn(randomStation(random), i & 7, 0, NOW);
        }
        // Both buckets of a station may be full before the table is: for one in two hundred or so on the way.
        FdbStatistics statistics = fdb.statistics();
        assertThat(statistics.evicted() + statistics.refused()).isLessThanOrEqualTo(12 + capacity / 100);
    }

    @Test
    void shouldNeverBreakItsInvariantsUnderRandomLoad() {
        SplittableRandom random = TestSeed.random("FdbEvictionTest invariants");
        for (int round = 0; round < 12 * TestSeed.effort(); round++) {
            int capacity = 1 + random.nextInt(random.nextBoolean() ? 16 : 3_000);
            int stations = 1 + random.nextInt(3 * capacity);
            int ports = 1 + random.nextInt(6);
            ChangeCount told = new ChangeCount();
            Fdb fdb = new Fdb(capacity, 60, random.nextLong(), told);
            int now = random.nextInt();
            for (int i = 0; i < 60_000; i++) {
                int dice = random.nextInt(1_000);
                if (dice == 0) {
                    now += random.nextInt(40);
                } else if (dice == 1) {
                    fdb.flushPort(random.nextInt(ports));
                } else if (dice == 2) {
                    fdb.flushVlan(random.nextInt(3));
                } else if (dice < 6) {
                    fdb.sweep(random.nextInt(fdb.slots()), random.nextInt(fdb.slots()), now);
                } else {
                    long key = FdbKey.of(random.nextInt(3), 1 + random.nextInt(stations));
                    int port = random.nextInt(ports);
                    long refused = fdb.statistics().refused();
                    fdb.learn(key, port, dice, now);
                    long value = fdb.lookup(key, now);
                    if (fdb.statistics().refused() == refused) {
                        assertThat(value).as("just learned").isNotEqualTo(Fdb.MISS);
                        assertThat(FdbValue.port(value)).isEqualTo(port);
                        assertThat(FdbValue.endpoint(value)).isEqualTo(dice);
                    }
                }
                if (fdb.statistics().entries() > capacity) {
                    throw new AssertionError(fdb.statistics() + " holds more than it may");
                }
            }
            fdb.sweep(0, fdb.slots(), now);
            FdbStatistics statistics = fdb.statistics();
            int ofPorts = 0;
            for (int port = 0; port < ports; port++) {
                int expected = port;
                assertThat(fdb.entriesOfPort(port)).isEqualTo((int) fdb.list(now).stream()
                        .filter(entry -> entry.port() == expected)
                        .count());
                ofPorts += fdb.entriesOfPort(port);
            }
            assertThat(fdb.list(now)).hasSize(statistics.entries()).doesNotHaveDuplicates();
            assertThat(ofPorts).isEqualTo(statistics.entries());
            assertThat(told.entries()).isEqualTo(statistics.entries());
            assertThat(told.of(Change.LEARNED)).isEqualTo(statistics.learned());
            assertThat(told.of(Change.MOVED)).isEqualTo(statistics.moved());
            assertThat(told.of(Change.AGED)).isEqualTo(statistics.expired());
            assertThat(told.of(Change.EVICTED)).isEqualTo(statistics.evicted());
            assertThat(told.of(Change.FLUSHED)).isEqualTo(statistics.flushed());
        }
    }
}
