package io.weft.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.TestSeed;
import io.weft.tunnel.RemoteEnd.Origin;
import io.weft.underlay.UnderlayPeer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Remote ends by their number and by their address. */
class RemoteTableTest {
    private final RemoteTable table = new RemoteTable();

    private RemoteEnd add(int address) throws Exception {
        return table.add(
                number -> new RemoteEnd(number, UnderlayPeer.ofIpv4(address, 0), -1, Origin.LEARNED, true, null));
    }

    /** Numbers rest for a while, and their table does not grow with each remote end that there ever was. */
    @Test
    void shouldGiveNumbersOutAgainAfterManyOthers() throws Exception {
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < 50_000; i++) {
            RemoteEnd remote = add(i);
            numbers.add(remote.endpoint());
            assertThat(table.remove(remote)).isTrue();
        }
        assertThat(numbers.subList(0, 4_096)).doesNotHaveDuplicates();
        assertThat(numbers.subList(40_000, 44_096)).doesNotHaveDuplicates();
        assertThat(numbers).allMatch(number -> number <= 4_096);
        assertThat(table.size()).isZero();
    }

    @Test
    void shouldFindOneOfEachAddressWhateverComesAndGoes() throws Exception {
        SplittableRandom random = TestSeed.random("RemoteTableTest");
        List<RemoteEnd> there = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            if (there.size() < 5 || there.size() < 60 && random.nextBoolean()) {
                there.add(add(random.nextInt(40))); // often a second one of its address
            } else if (random.nextInt(4) == 0) {
                RemoteEnd old = there.remove(random.nextInt(there.size()));
                RemoteEnd moved = new RemoteEnd(
                        old.endpoint(), UnderlayPeer.ofIpv4(random.nextInt(40), 0), -1, Origin.LEARNED, true, null);
                table.replace(old, moved);
                there.add(moved);
            } else {
                assertThat(table.remove(there.remove(random.nextInt(there.size()))))
                        .isTrue();
            }
            if (i % 16 == 0) {
                assertHas(there);
            }
        }
    }

    private void assertHas(List<RemoteEnd> there) {
        assertThat(table.size()).isEqualTo(there.size());
        assertThat(table.all()).containsExactlyInAnyOrderElementsOf(there);
        Set<RemoteEnd> ofAddresses = new HashSet<>();
        for (int address = 0; address < 40; address++) {
            UnderlayPeer peer = UnderlayPeer.ofIpv4(address, 0);
            RemoteEnd found = table.find(peer.high(), peer.low());
            List<RemoteEnd> all = table.all(peer.high(), peer.low());
            if (found == null) {
                assertThat(all).isEmpty();
            } else {
                assertThat(all).contains(found).allMatch(remote -> remote.peer().equals(peer));
            }
            ofAddresses.addAll(all);
        }
        assertThat(ofAddresses).hasSize(there.size());
    }
}
