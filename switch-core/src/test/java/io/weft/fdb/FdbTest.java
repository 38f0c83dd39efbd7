package io.weft.fdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.fdb.FdbObserver.Change;
import io.weft.frame.MacAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FdbTest {
    private static final long ALICE = FdbKey.of(0, MacAddress.parse("02:00:00:00:00:0a"));
    private static final long BOB = FdbKey.of(0, MacAddress.parse("02:00:00:00:00:0b"));
    private static final long ALICE_IN_VLAN_5 = FdbKey.of(5, MacAddress.parse("02:00:00:00:00:0a"));
    private static final int NOW = 1_000;

    private record Told(Change change, long key, int port, int endpoint) {}

    private final List<Told> told = new ArrayList<>();
    private final Fdb fdb = new Fdb(
            64,
            300,
            42,
            (change, key, value) -> told.add(new Told(change, key, FdbValue.port(value), FdbValue.endpoint(value))));

    private void assertAt(long key, int now, int port, int endpoint) {
        long value = fdb.lookup(key, now);
        assertThat(value).isNotEqualTo(Fdb.MISS);
        assertThat(FdbValue.port(value)).isEqualTo(port);
        assertThat(FdbValue.endpoint(value)).isEqualTo(endpoint);
    }

    @Test
    void shouldKnowNobodyAtFirst() {
        assertThat(fdb.lookup(ALICE, NOW)).isEqualTo(Fdb.MISS);
        assertThat(fdb.lookup(0, NOW))
                .as("MAC 0 in VLAN 0 is what empty slots look like")
                .isEqualTo(Fdb.MISS);
        assertThat(fdb.list(NOW)).isEmpty();
        assertThat(fdb.flushAll()).isZero();
        assertThat(told).isEmpty();
    }

    @Test
    void shouldLearnAStationWithItsEndpoint() {
        fdb.learn(ALICE, 3, 77, NOW);
        assertAt(ALICE, NOW, 3, 77);
        assertThat(fdb.list(NOW + 2))
                .containsExactly(new FdbEntry(0, 0x0200_0000_000aL, 3, 77, FdbEntry.Kind.DYNAMIC, 2));
        assertThat(fdb.list(NOW).get(0)).hasToString("02:00:00:00:00:0a vlan 0 port 3 endpoint 77 dynamic age 0 s");
        assertThat(fdb.entriesOfPort(3)).isEqualTo(1);
        assertThat(told).containsExactly(new Told(Change.LEARNED, ALICE, 3, 77));
    }

    @Test
    void shouldHoldOneMacInTwoVlansAsTwoStations() {
        fdb.learn(ALICE, 1, 0, NOW);
        fdb.learn(ALICE_IN_VLAN_5, 2, 0, NOW);
        assertAt(ALICE, NOW, 1, 0);
        assertAt(ALICE_IN_VLAN_5, NOW, 2, 0);
        assertThat(fdb.lookup(FdbKey.of(6, FdbKey.mac(ALICE)), NOW)).isEqualTo(Fdb.MISS);
        assertThat(fdb.statistics().entries()).isEqualTo(2);
    }

    @Test
    void shouldFollowAStationThatMoves() {
        fdb.learn(ALICE, 1, 0, NOW);
        fdb.learn(ALICE, 2, 0, NOW);
        fdb.learn(ALICE, 2, 9, NOW + 1);
        assertAt(ALICE, NOW + 1, 2, 9);
        assertThat(fdb.entriesOfPort(1)).isZero();
        assertThat(fdb.entriesOfPort(2)).isEqualTo(1);
        assertThat(fdb.statistics().moved()).isEqualTo(2);
        assertThat(told)
                .containsExactly(
                        new Told(Change.LEARNED, ALICE, 1, 0),
                        new Told(Change.MOVED, ALICE, 2, 0),
                        new Told(Change.MOVED, ALICE, 2, 9));
    }

    @Test
    void shouldTellNobodyOfARefresh() {
        fdb.learn(ALICE, 1, 0, NOW);
        fdb.learn(ALICE, 1, 0, NOW);
        fdb.learn(ALICE, 1, 0, NOW + 200);
        assertThat(told).hasSize(1);
        assertThat(fdb.list(NOW + 200).get(0).ageSeconds()).isZero();
        assertAt(ALICE, NOW + 500, 1, 0);
        assertThat(fdb.lookup(ALICE, NOW + 501)).isEqualTo(Fdb.MISS);
    }

    // ---- ageing ----

    @Test
    void shouldForgetAStationOneSecondAfterTheAgeingTime() {
        fdb.learn(ALICE, 1, 0, NOW);
        assertAt(ALICE, NOW + 300, 1, 0);
        assertThat(fdb.lookup(ALICE, NOW + 301)).isEqualTo(Fdb.MISS);
        assertThat(fdb.list(NOW + 301)).isEmpty();
        assertThat(fdb.statistics().entries()).as("until it is swept").isEqualTo(1);
    }

    @Test
    void shouldSweepWhatHasExpiredAndOnlyThat() {
        fdb.learn(ALICE, 1, 4, NOW);
        fdb.learn(BOB, 1, 0, NOW + 1);
        assertThat(fdb.sweep(0, fdb.slots(), NOW + 300)).isZero();
        assertThat(fdb.statistics().entries()).isEqualTo(2);
        fdb.sweep(0, fdb.slots(), NOW + 301);
        assertThat(fdb.statistics().entries()).isEqualTo(1);
        assertThat(fdb.statistics().expired()).isEqualTo(1);
        assertThat(fdb.entriesOfPort(1)).isEqualTo(1);
        assertThat(told).endsWith(new Told(Change.AGED, ALICE, 1, 4));
        assertAt(BOB, NOW + 301, 1, 0);
    }

    @Test
    void shouldSweepTheWholeTableInPieces() {
        for (int i = 0; i < 60; i++) {
            fdb.learn(FdbKey.of(1, i + 1), 1, 0, NOW);
        }
        int from = 0;
        int pieces = 0;
        do {
            from = fdb.sweep(from, 7, NOW + 400);
            pieces++;
        } while (from != 0);
        assertThat(pieces).isEqualTo((fdb.slots() + 6) / 7);
        assertThat(fdb.statistics().entries()).isZero();
        assertThat(fdb.statistics().expired()).isEqualTo(60);
    }

    /** Another worker's round may have begun in the second before: its clock reads are older than what it looks at. */
    @Test
    void shouldNotTakeAStationSeenInTheNextSecondForExpired() {
        fdb.learn(ALICE, 1, 0, NOW);
        assertAt(ALICE, NOW - 1, 1, 0);
        assertThat(fdb.list(NOW - 1)).singleElement().satisfies(entry -> assertThat(entry.ageSeconds())
                .isZero());
        fdb.sweep(0, fdb.slots(), NOW - 1);
        assertThat(fdb.statistics().entries()).isEqualTo(1);
        fdb.learn(ALICE, 2, 0, NOW - 1);
        assertThat(told).endsWith(new Told(Change.MOVED, ALICE, 2, 0));
    }

    @Test
    void shouldTellThatAStationAgedWhenItComesBackElsewhereBeforeTheSweep() {
        fdb.learn(ALICE, 1, 0, NOW);
        fdb.learn(ALICE, 2, 0, NOW + 301);
        assertAt(ALICE, NOW + 301, 2, 0);
        assertThat(told)
                .containsExactly(
                        new Told(Change.LEARNED, ALICE, 1, 0),
                        new Told(Change.AGED, ALICE, 1, 0),
                        new Told(Change.LEARNED, ALICE, 2, 0));
        FdbStatistics statistics = fdb.statistics();
        assertThat(statistics.learned() - statistics.expired())
                .isEqualTo(statistics.entries())
                .isEqualTo(1);
    }

    @Test
    void shouldAgeAcrossTheWrapOfItsClock() {
        int before = (1 << 22) - 100;
        fdb.learn(ALICE, 1, 0, before);
        assertAt(ALICE, before + 300, 1, 0);
        assertThat(fdb.lookup(ALICE, before + 301)).isEqualTo(Fdb.MISS);
        fdb.learn(ALICE, 1, 0, Integer.MAX_VALUE);
        assertAt(ALICE, Integer.MAX_VALUE + 300, 1, 0);
        assertThat(fdb.lookup(ALICE, Integer.MAX_VALUE + 301)).isEqualTo(Fdb.MISS);
    }

    // ---- flushing ----

    @Test
    void shouldFlushByPortByVlanAndAll() {
        fdb.learn(ALICE, 1, 5, NOW);
        fdb.learn(BOB, 2, 0, NOW);
        fdb.learn(ALICE_IN_VLAN_5, 2, 0, NOW);
        assertThat(fdb.flushPort(3)).isZero();
        assertThat(fdb.flushPort(1)).isEqualTo(1);
        assertThat(fdb.lookup(ALICE, NOW)).isEqualTo(Fdb.MISS);
        assertThat(told).endsWith(new Told(Change.FLUSHED, ALICE, 1, 5));
        assertThat(fdb.flushVlan(4)).isZero();
        assertThat(fdb.flushVlan(5)).isEqualTo(1);
        assertAt(BOB, NOW, 2, 0);
        fdb.learn(ALICE, 1, 0, NOW);
        assertThat(fdb.flushVlan(0)).isEqualTo(2);
        fdb.learn(ALICE, 1, 0, NOW);
        fdb.learn(ALICE_IN_VLAN_5, 1, 0, NOW);
        assertThat(fdb.flushAll()).isEqualTo(2);
        assertThat(fdb.statistics().entries()).isZero();
        assertThat(fdb.statistics().flushed()).isEqualTo(6);
        assertThat(fdb.entriesOfPort(1) + fdb.entriesOfPort(2)).isZero();
    }

    @Test
    void shouldReuseASlotManyMoreTimesThanItHasGenerations() {
        for (int i = 0; i < 100; i++) {
            fdb.learn(ALICE, i, i, NOW);
            assertAt(ALICE, NOW, i, i);
            assertThat(fdb.flushPort(i)).isEqualTo(1);
            assertThat(fdb.lookup(ALICE, NOW)).isEqualTo(Fdb.MISS);
        }
        assertThat(fdb.statistics().learned()).isEqualTo(100);
    }

    // ---- settings ----

    @Test
    void shouldSayWhatItsSettingsMayBe() {
        assertThatThrownBy(() -> new Fdb(0, 300, 0, FdbObserver.NONE))
                .hasMessageContaining("capacity is 0; accepted: 1..");
        assertThatThrownBy(() -> new Fdb(Fdb.MAX_CAPACITY + 1, 300, 0, FdbObserver.NONE))
                .hasMessageContaining("1.." + Fdb.MAX_CAPACITY);
        assertThatThrownBy(() -> new Fdb(1, 0, 0, FdbObserver.NONE))
                .hasMessageContaining("ageing time is 0 s; accepted: 1..");
        assertThatThrownBy(() -> new Fdb(1, Fdb.MAX_AGEING_SECONDS + 1, 0, FdbObserver.NONE))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldHoldTheLargestTable() {
        Fdb large = new Fdb(Fdb.MAX_CAPACITY, Fdb.MAX_AGEING_SECONDS, 1, FdbObserver.NONE);
        assertThat(large.slots()).isGreaterThanOrEqualTo(2 * Fdb.MAX_CAPACITY);
        large.learn(ALICE, FdbValue.MAX_PORT, FdbValue.MAX_ENDPOINT, NOW);
        assertThat(FdbValue.port(large.lookup(ALICE, NOW + Fdb.MAX_AGEING_SECONDS)))
                .isEqualTo(FdbValue.MAX_PORT);
        assertThat(large.lookup(ALICE, NOW + Fdb.MAX_AGEING_SECONDS + 1)).isEqualTo(Fdb.MISS);
    }
}
