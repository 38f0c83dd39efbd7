package io.weft.fdb;

/** A table of the smallest size, and the questions that tests ask of it. Threads: as {@link Fdb}. */
class StressedFdb {
    static final int NOW = 100;
    static final long STATION = FdbKey.of(7, 0x0200_0000_00AAL);

    /** A station whose search begins in {@link #STATION}'s bucket, so that both want the same slot. */
    static final long NEIGHBOUR = neighbour();

    private static final long SEED = 42;
    private static final int CAPACITY = 8;

    final Fdb fdb = new Fdb(CAPACITY, Fdb.DEFAULT_AGEING_SECONDS, SEED, FdbObserver.NONE);

    private static long neighbour() {
        FdbSlots slots = new FdbSlots(CAPACITY, SEED);
        long key = STATION + 1;
        while (slots.bucketOf(key) != slots.bucketOf(STATION)) {
            key++;
        }
        return key;
    }

    /** The station's port, or 0. */
    final int portOf(long key) {
        return FdbValue.port(fdb.lookup(key, NOW));
    }

    /** A thousand times the station's port, and its endpoint; or 0. */
    final int placeOf(long key) {
        long value = fdb.lookup(key, NOW);
        return 1_000 * FdbValue.port(value) + FdbValue.endpoint(value);
    }

    /** How often the station is in the table. */
    final int copies(long key) {
        return (int) fdb.list(NOW).stream()
                .filter(entry -> FdbKey.of(entry.vlan(), entry.mac()) == key)
                .count();
    }

    /** 1 when all the counts agree with what is in the table, else 0. */
    final int countedAlike() {
        FdbStatistics statistics = fdb.statistics();
        int listed = fdb.list(NOW).size();
        int ofPorts = 0;
        for (int port : new int[] {10, 20}) {
            ofPorts += fdb.entriesOfPort(port);
        }
        boolean alike = listed == statistics.entries()
                && listed == ofPorts
                && listed == statistics.learned() - statistics.flushed();
        return alike ? 1 : 0;
    }
}
