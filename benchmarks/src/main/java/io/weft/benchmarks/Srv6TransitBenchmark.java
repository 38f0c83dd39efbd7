package io.weft.benchmarks;

import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.frame.IpPrefix;
import io.weft.frame.Ipv6;
import io.weft.srv6.Encapsulation;
import io.weft.srv6.Ipv6Header;
import io.weft.srv6.LocalSid;
import io.weft.srv6.LocalSidTable;
import io.weft.srv6.SegmentList;
import io.weft.srv6.SidProcessor;
import io.weft.srv6.SidProcessor.Verdict;
import io.weft.srv6.SidSpec;
import io.weft.srv6.SrSource;
import io.weft.underlay.UnderlayPeer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a node costs a packet that goes on to its next segment: all checks, the look-up of the SID and of the next destination, the
 * change in place and the counters; without ports and system calls. The packet is in the caches, and has three segments.
 *
 * <p>With it is counted what it takes to make the packet as it came: three writes.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Thread)
public class Srv6TransitBenchmark {
    private static final int LENGTH = 64;
    private static final int LEFT_OFFSET = 3;
    private static final int HOP_LIMIT = 64;

    /** What is done: End, End.X, and End with a compressed SID. */
    @Param({"End", "End.X nh6 fe80::1%2", "uN"})
    public String behaviour;

    /** SIDs of the node. */
    @Param({"1", "1000"})
    public int sids;

    private Frame packet;
    private SidProcessor processor;
    private long high;
    private long low;
    private boolean isCompressed;

    /** Makes the node and the packet. */
    @Setup
    public void fill() {
        isCompressed = behaviour.equals("uN");
        LocalSidTable<LocalSid> table = new LocalSidTable<>();
        SrSource source = new SrSource(0xfdL << 56, 1, HOP_LIMIT);
        for (int i = 0; i < sids; i++) {
            String prefix = isCompressed ? "fc00:1:%x::/48" : "fc00:1:%x::1";
            SidSpec spec = SidSpec.parse(prefix.formatted(i + 1) + " " + behaviour);
            table.put(
                    spec.prefix(),
                    new LocalSid(spec, (sourceHigh, sourceLow) -> sourceHigh >>> 56 == 0xfd, source, target(spec)));
        }
        processor = new SidProcessor(table, null, false);
        String first = isCompressed ? "fc00:1:1:2222:3333::" : "fc00:1:1::1";
        IpPrefix destination = IpPrefix.parseOrHost(first);
        high = destination.high();
        low = destination.low();
        packet = new FramePool(1, 0).allocate(LENGTH);
        SegmentList.parse(first + ",fc00:9::1,fc00:2::d2")
                .prepend(packet, Encapsulation.L2ENCAPS, Ipv6Header.ETHERNET, 0xfdL << 56, 1, 0, 0, HOP_LIMIT);
    }

    private static Object target(SidSpec spec) {
        return spec.target().nextHop() == null
                ? null
                : UnderlayPeer.of(spec.target().nextHop(), 0);
    }

    /** One segment further. */
    @Benchmark
    public long transit() {
        Ipv6Header.putDestination(packet, 0, high, low);
        Ipv6Header.putHopLimit(packet, 0, HOP_LIMIT);
        packet.putByte(Ipv6Header.LENGTH + LEFT_OFFSET, 2);
        if (processor.process(packet) != Verdict.FORWARD) {
            throw new IllegalStateException("dropped: " + processor.counter());
        }
        return Ipv6.destinationLow(packet, 0);
    }
}
