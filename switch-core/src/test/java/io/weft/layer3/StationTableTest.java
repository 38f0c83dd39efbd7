package io.weft.layer3;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.TestSeed;
import io.weft.frame.IpAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class StationTableTest {
    private static final long AGEING_NS = 8_000;
    private static final long MAC = 0x0200_0000_0000L;

    private final StationTable table = new StationTable(1_024, AGEING_NS);

    private static long ip(int last) {
        return IpAddress.lowOfIpv4(0x0a00_0000 | last);
    }

    @Test
    void shouldFollowAStationThatMoves() {
        assertThat(table.lookup(0, ip(1))).isEqualTo(StationTable.MISS);
        table.learn(0, ip(1), MAC + 1, true, 0);
        table.learn(0, ip(1), MAC + 2, true, 1);
        assertThat(table.lookup(0, ip(1))).isEqualTo(MAC + 2);
        assertThat(table.lookup(1, ip(1))).isEqualTo(StationTable.MISS);
        assertThat(table.size()).isEqualTo(1);
    }

    @Test
    void shouldPreferWhatStationsSayOfThemselves() {
        table.learn(0, ip(1), MAC + 1, false, 0);
        table.learn(0, ip(1), MAC + 2, false, 1);
        assertThat(table.lookup(0, ip(1))).isEqualTo(MAC + 2);
        table.learn(0, ip(1), MAC + 3, true, 2);
        table.learn(0, ip(1), MAC + 4, false, 3);
        table.learn(0, ip(1), MAC + 4, false, AGEING_NS / 2);
        assertThat(table.lookup(0, ip(1))).isEqualTo(MAC + 3);
    }

    @Test
    void shouldGiveNoPlaceOfAStationToAPacketsSource() {
        StationTable small = new StationTable(4, AGEING_NS); // one set
        for (int i = 0; i < 3; i++) {
            small.learn(0, ip(i), MAC + i, true, i);
        }
        for (int i = 0; i < 100; i++) {
            small.learn(0, ip(1_000 + i), MAC + 9, false, 10 + i);
        }
        for (int i = 0; i < 3; i++) {
            assertThat(small.lookup(0, ip(i))).isEqualTo(MAC + i);
        }
        small.learn(0, ip(3), MAC + 3, true, 200); // pushes the packet's source out
        small.learn(0, ip(4), MAC + 4, true, 201); // and this the one that was silent for the longest
        assertThat(small.lookup(0, ip(0))).isEqualTo(StationTable.MISS);
        assertThat(small.lookup(0, ip(3))).isEqualTo(MAC + 3);
        small.learn(0, ip(7), MAC + 7, false, 202); // no place left for those
        assertThat(small.lookup(0, ip(7))).isEqualTo(StationTable.MISS);
        assertThat(small.size()).isEqualTo(4);
    }

    @Test
    void shouldForgetTheSilentAndAskTheWanted() {
        table.learn(0, ip(1), MAC + 1, true, 0);
        table.learn(0, ip(2), MAC + 2, true, 0);
        table.lookup(0, ip(2));
        List<Long> asked = new ArrayList<>();
        table.age(AGEING_NS * 3 / 4 - 1, (high, low, mac) -> asked.add(mac));
        assertThat(asked).isEmpty();
        table.age(AGEING_NS * 3 / 4, (high, low, mac) -> asked.add(mac));
        table.age(AGEING_NS * 3 / 4, (high, low, mac) -> asked.add(mac));
        assertThat(asked).containsExactly(MAC + 2);
        table.learn(0, ip(2), MAC + 2, false, AGEING_NS * 3 / 4 + 1); // heard by a packet
        table.age(AGEING_NS, (high, low, mac) -> asked.add(mac));
        assertThat(table.lookup(0, ip(1))).isEqualTo(StationTable.MISS);
        assertThat(table.lookup(0, ip(2))).isEqualTo(MAC + 2);
    }

    @Test
    void shouldKnowWhatAMapKnowsAsLongAsThereIsRoom() {
        SplittableRandom random = TestSeed.random("StationTableTest");
        StationTable large = new StationTable(1 << 16, Long.MAX_VALUE / 2);
        Map<Long, Long> model = new HashMap<>();
        for (int i = 0; i < 20_000; i++) {
            long low = ip(random.nextInt(2_000));
            long mac = MAC + random.nextInt(50);
            large.learn(7, low, mac, true, i);
            model.put(low, mac);
            long asked = ip(random.nextInt(2_000));
            assertThat(large.lookup(7, asked)).isEqualTo(model.getOrDefault(asked, StationTable.MISS));
        }
        assertThat(large.size()).isEqualTo(model.size());
    }

    @Test
    void shouldNeverMixTwoStationsUp() throws Exception {
        // One set, fought over by two writers: every MAC address says which IP address it belongs to.
        StationTable small = new StationTable(4, 1_000);
        AtomicBoolean done = new AtomicBoolean();
        AtomicReference<String> wrong = new AtomicReference<>();
        List<Thread> threads = new ArrayList<>();
        for (int writer = 0; writer < 2; writer++) {
            SplittableRandom random = TestSeed.random("StationTableTest writer");
            threads.add(new Thread(() -> {
                for (long now = 0; now < 400_000; now++) {
                    int station = random.nextInt(12);
                    small.learn(
                            station, ip(station), MAC + station * 16 + random.nextInt(16), random.nextBoolean(), now);
                }
            }));
        }
        Thread reader = new Thread(() -> {
            for (int i = 0; !done.get(); i++) {
                int station = i % 12;
                long mac = small.lookup(station, ip(station));
                if (mac != StationTable.MISS && (mac - MAC) / 16 != station) {
                    wrong.set(station + " has " + Long.toHexString(mac));
                }
            }
        });
        reader.start();
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        done.set(true);
        reader.join();
        assertThat(wrong.get()).isNull();
        assertThat(small.size()).isBetween(1, 4);
    }
}
