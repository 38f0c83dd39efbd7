package io.weft.benchmarks;

import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.offload.InternetChecksum;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * The Internet checksum over a frame's bytes, which are in the caches; {@code summed} is the result, bytes in a nanosecond
 * or 10<sup>9</sup> in a second.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
public class ChecksumBenchmark {
    /** Ethernet and IPv4 headers: the sum begins where a TCP header does, not at a multiple of 4. */
    private static final int START = 34;

    /** Bytes summed. */
    @Param({"64", "1480", "9000", "65000"})
    public int bytes;

    private Frame frame;

    /** Bytes summed. */
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    @State(Scope.Thread)
    public static class Summed {
        /** Of all calls; per nanosecond it is 10<sup>9</sup> a second. */
        public long summed;
    }

    /** Fills a frame. */
    @Setup
    public void fill() {
        frame = new FramePool(1, 1).allocate(START + bytes);
        for (int i = 0; i < frame.length(); i++) {
            frame.putByte(i, i * 31);
        }
    }

    /** One sum. */
    @Benchmark
    public int sum(Summed summed) {
        summed.summed += bytes;
        return InternetChecksum.sum(frame, START, bytes);
    }
}
