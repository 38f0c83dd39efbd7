package io.weft.fdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.TestSeed;
import io.weft.fdb.FdbObserver.Change;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * The table against a {@code HashMap} that says the same in a slow and obvious way. There is room for all stations, so that
 * nobody is evicted.
 */
class FdbModelTest {
    private static final int AGEING_SECONDS = 300;

    private static final class Entry {
        int port;
        int endpoint;
        long seen;
    }

    private final Map<Long, Entry> model = new HashMap<>();
    private final Set<Long> known = new HashSet<>(); // what an observer who counts on every event believes
    private long now;
    private Fdb fdb;

    private void changed(Change change, long key, long value) {
        boolean expected =
                switch (change) {
                    case LEARNED -> known.add(key);
                    case MOVED, FLAPPING -> known.contains(key);
                    case AGED, EVICTED, FLUSHED -> known.remove(key);
                };
        if (!expected) {
            throw new AssertionError(Long.toHexString(key) + " cannot be " + change + ": told twice, or not before");
        }
    }

    private boolean hasExpired(Entry entry) {
        return now - entry.seen > AGEING_SECONDS;
    }

    @Test
    void shouldDoWhatAHashMapDoes() {
        SplittableRandom random = TestSeed.random("FdbModelTest");
        for (int round = 0; round < 4; round++) {
            run(random.split(), 1_000_000 * TestSeed.effort());
        }
    }

    private void run(SplittableRandom random, int operations) {
        model.clear();
        known.clear();
        now = random.nextLong(1L << 33); // seconds; also across the wraps of 22 and of 32 bits
        fdb = new Fdb(16_384, AGEING_SECONDS, random.nextLong(), this::changed);
        long[] keys = new long[1_500];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = FdbKey.of(random.nextInt(3) * 2047, 0x0200_0000_0000L | random.nextInt(1 << 20));
        }
        int sweepFrom = 0;
        for (int i = 0; i < operations; i++) {
            long key = keys[random.nextInt(keys.length)];
            int dice = random.nextInt(20_000);
            if (dice < 10_000) {
                learn(key, random.nextInt(5), random.nextInt(20) == 0 ? random.nextInt(1 << 20) : 0);
            } else if (dice < 19_900) {
                assertLookup(key);
            } else if (dice < 19_960) {
                now += random.nextInt(10) == 0 ? random.nextInt(2 * AGEING_SECONDS) : random.nextInt(2);
            } else if (dice < 19_990) {
                sweepFrom = fdb.sweep(sweepFrom, random.nextInt(20_000), (int) now);
            } else if (dice < 19_995) {
                int port = random.nextInt(5);
                sweepAll();
                assertThat(fdb.flushPort(port)).isEqualTo(flush(port, -1));
            } else if (dice < 19_998) {
                int vlan = random.nextInt(3) * 2047;
                sweepAll();
                assertThat(fdb.flushVlan(vlan)).isEqualTo(flush(-1, vlan));
            } else {
                assertAllTheSame();
            }
        }
        assertAllTheSame();
        assertThat(fdb.flushAll()).isEqualTo(model.size());
        assertThat(known).isEmpty();
    }

    private void learn(long key, int port, int endpoint) {
        fdb.learn(key, port, endpoint, (int) now);
        Entry entry = model.computeIfAbsent(key, absent -> new Entry());
        entry.port = port;
        entry.endpoint = endpoint;
        entry.seen = now;
    }

    private void assertLookup(long key) {
        long value = fdb.lookup(key, (int) now);
        Entry entry = model.get(key);
        boolean expected = entry != null && !hasExpired(entry);
        if (expected != (value != Fdb.MISS)
                || expected && (FdbValue.port(value) != entry.port || FdbValue.endpoint(value) != entry.endpoint)) {
            throw new AssertionError(Long.toHexString(key) + " is " + Long.toHexString(value) + " instead of "
                    + (expected ? "port " + entry.port + " endpoint " + entry.endpoint : "unknown"));
        }
    }

    private int flush(int port, int vlan) {
        int count = 0;
        Iterator<Map.Entry<Long, Entry>> entries = model.entrySet().iterator();
        while (entries.hasNext()) {
            Map.Entry<Long, Entry> next = entries.next();
            if (next.getValue().port == port || FdbKey.vlan(next.getKey()) == vlan) {
                entries.remove();
                count++;
            }
        }
        return count;
    }

    private void sweepAll() {
        fdb.sweep(0, fdb.slots(), (int) now);
        model.values().removeIf(this::hasExpired);
    }

    private void assertAllTheSame() {
        sweepAll();
        List<FdbEntry> entries = fdb.list((int) now);
        assertThat(entries).hasSize(model.size());
        for (FdbEntry listed : entries) {
            Entry entry = model.get(FdbKey.of(listed.vlan(), listed.mac()));
            if (entry == null
                    || listed.port() != entry.port
                    || listed.endpoint() != entry.endpoint
                    || listed.ageSeconds() != now - entry.seen) {
                throw new AssertionError("listed wrongly: " + listed);
            }
        }
        int ofPorts = 0;
        for (int port = 0; port < 5; port++) {
            ofPorts += fdb.entriesOfPort(port);
        }
        assertThat(fdb.statistics().entries()).isEqualTo(model.size()).isEqualTo(ofPorts);
        assertThat(known).isEqualTo(model.keySet());
        assertThat(fdb.statistics().evicted()).isZero();
        assertThat(fdb.statistics().refused()).isZero();
    }
}
