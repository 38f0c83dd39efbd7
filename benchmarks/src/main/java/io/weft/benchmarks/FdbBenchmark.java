package io.weft.benchmarks;

import io.weft.fdb.Fdb;
import io.weft.fdb.FdbKey;
import io.weft.fdb.FdbObserver;
import it.unimi.dsi.fastutil.longs.Long2LongOpenHashMap;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * One operation on an FDB whose capacity is the number of stations, with random addresses taken in random order, so that a
 * table that outgrows the cache misses it. {@code -t 2} shows what two workers do to each other.
 *
 * <p>The rivals are for one thread only, unbounded, and forget nothing: {@code fastutilHit} keeps its keys as primitives,
 * {@code hashMapHit} boxed.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Benchmark)
public class FdbBenchmark {
    private static final int ORDER = 1 << 20;
    private static final int PORTS = 8;

    /** Stations in the table. */
    @Param({"1024", "65536", "1048576"})
    public int stations;

    private Fdb fdb;
    private Map<Long, Integer> map;
    private Long2LongOpenHashMap primitives;
    private long[] known; // in random order, as long as ORDER: each station many times if there are fewer
    private long[] unknown;

    /** Where a thread is in the random order. */
    @State(Scope.Thread)
    public static class Cursor {
        private int at;
        private int nowSeconds = 1;

        int next() {
            at = (at + 1) & (ORDER - 1);
            return at;
        }
    }

    /** Fills the tables; the seed is fixed, so that all runs see the same addresses. */
    @Setup(Level.Trial)
    public void fill() {
        SplittableRandom random = new SplittableRandom(1);
        fdb = new Fdb(stations, Fdb.DEFAULT_AGEING_SECONDS, 42, FdbObserver.NONE);
        map = new HashMap<>(2 * stations);
        primitives = new Long2LongOpenHashMap(stations);
        long[] keys = new long[stations];
        for (int i = 0; i < stations; i++) {
            keys[i] = unicast(random);
            fdb.learn(keys[i], i % PORTS, 0, 1);
            map.put(keys[i], i % PORTS);
            primitives.put(keys[i], i % PORTS);
        }
        known = new long[ORDER];
        unknown = new long[ORDER];
        for (int i = 0; i < ORDER; i++) {
            known[i] = keys[random.nextInt(stations)];
            unknown[i] = unicast(random);
        }
    }

    private static long unicast(SplittableRandom random) {
        return FdbKey.of(0, random.nextLong() & 0xFEFF_FFFF_FFFFL | 1);
    }

    /** A known destination. */
    @Benchmark
    public long lookupHit(Cursor cursor) {
        return fdb.lookup(known[cursor.next()], 1);
    }

    /** An unknown destination. */
    @Benchmark
    public long lookupMiss(Cursor cursor) {
        return fdb.lookup(unknown[cursor.next()], 1);
    }

    /** A known source at its place, in the same second: what nearly every frame does. */
    @Benchmark
    public void learnKnown(Cursor cursor) {
        fdb.learn(known[cursor.next()], 0, 0, 1);
    }

    /** A known source in a new second, once around the table. */
    @Benchmark
    public void learnRefresh(Cursor cursor) {
        int at = cursor.next();
        if (at == 0) {
            cursor.nowSeconds++;
        }
        fdb.learn(known[at], 0, 0, cursor.nowSeconds);
    }

    /** A known source behind another port every time. */
    @Benchmark
    public void learnMove(Cursor cursor) {
        int at = cursor.next();
        fdb.learn(known[at], at % PORTS, 0, 1);
    }

    /** A new source in a full table: what a MAC flood costs. */
    @Benchmark
    public void learnEvict(Cursor cursor) {
        fdb.learn(unknown[cursor.next()], 0, 0, 1);
    }

    /** A rival's look-up. */
    @Benchmark
    public long fastutilHit(Cursor cursor) {
        return primitives.get(known[cursor.next()]);
    }

    /** A rival's look-up. */
    @Benchmark
    public Integer hashMapHit(Cursor cursor) {
        return map.get(known[cursor.next()]);
    }
}
