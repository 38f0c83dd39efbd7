package io.weft.benchmarks;

import io.weft.frame.IpPrefix;
import io.weft.route.PrefixTable;
import io.weft.srv6.LocalSidTable;
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
 * One look-up in an endpoint's local SIDs: those of 64 bits, of 128, or half of each with 16 locators of 48 bits besides, whose
 * packets are for any of them, in random order, so that a table that outgrows the cache misses it. {@code random} are SIDs of 128
 * bits whose last 80 are random, as no plan of addresses has them: they have nothing in common that a table could leave out. The
 * rival {@code prefixTable*} is switch-core's table for routes.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Benchmark)
public class LocalSidBenchmark {
    private static final int ORDER = 1 << 18;
    private static final int LOCATORS = 16;
    private static final long BLOCK = 0xfc00_0000_0000_0000L;

    /** SIDs in the table. */
    @Param({"1000", "100000"})
    public int sids;

    /** Their prefixes. */
    @Param({"64", "128", "mixed", "random"})
    public String lengths;

    private LocalSidTable<Object> table;
    private PrefixTable<Object> rival;
    private long[] known; // high and low half
    private long[] unknown;

    /** Where a thread is in the random order. */
    @State(Scope.Thread)
    public static class Cursor {
        private int at;

        int next() {
            at = at + 2 & 2 * ORDER - 1;
            return at;
        }
    }

    /** Fills the tables; the seed is fixed, so that all runs see the same addresses. */
    @Setup(Level.Trial)
    public void fill() {
        SplittableRandom random = new SplittableRandom(1);
        table = new LocalSidTable<>();
        rival = new PrefixTable<>();
        long[] addresses = new long[2 * sids];
        for (int i = 0; i < sids; i++) {
            boolean isHost = lengths.equals("mixed") ? i % 2 == 0 : !lengths.equals("64");
            int function = i / LOCATORS; // below 0x8000
            long locator = BLOCK | (long) (1 + i % LOCATORS) << 32;
            if (lengths.equals("random")) {
                addresses[2 * i] = locator | random.nextInt(0x1_0000);
                addresses[2 * i + 1] = random.nextLong();
            } else {
                addresses[2 * i] = locator | (isHost ? 0xffff : function);
                addresses[2 * i + 1] = isHost ? (long) function << 48 : 0;
            }
            put(new IpPrefix(addresses[2 * i], addresses[2 * i + 1], isHost ? 128 : 64));
        }
        if (lengths.equals("mixed")) {
            for (long i = 1; i <= LOCATORS; i++) {
                put(new IpPrefix(BLOCK | i << 32, 0, 48));
            }
        }
        known = new long[2 * ORDER];
        unknown = new long[2 * ORDER];
        for (int i = 0; i < 2 * ORDER; i += 2) {
            int sid = random.nextInt(sids);
            known[i] = addresses[2 * sid];
            known[i + 1] = addresses[2 * sid + 1];
            if (lengths.equals("mixed") && random.nextInt(16) == 0) { // nothing but its locator is known
                known[i] |= 0x8000;
                known[i + 1] = random.nextLong();
            }
            unknown[i] = random.nextLong();
            unknown[i + 1] = random.nextLong();
        }
    }

    private void put(IpPrefix sid) {
        Object value = new Object();
        table.put(sid, value);
        rival.put(sid, value);
    }

    /** The address of a packet that is for here. */
    @Benchmark
    public Object lookupHit(Cursor cursor) {
        int i = cursor.next();
        return table.lookup(known[i], known[i + 1]);
    }

    /** Of one that is not: a random one. */
    @Benchmark
    public Object lookupMiss(Cursor cursor) {
        int i = cursor.next();
        return table.lookup(unknown[i], unknown[i + 1]);
    }

    /** The rival's look-up. */
    @Benchmark
    public Object prefixTableHit(Cursor cursor) {
        int i = cursor.next();
        return rival.lookup(known[i], known[i + 1]);
    }

    /** The rival's look-up. */
    @Benchmark
    public Object prefixTableMiss(Cursor cursor) {
        int i = cursor.next();
        return rival.lookup(unknown[i], unknown[i + 1]);
    }
}
