package io.weft.benchmarks;

import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.frame.Ipv6;
import io.weft.srv6.Encapsulation;
import io.weft.srv6.ExtensionHeaders;
import io.weft.srv6.Ipv6Header;
import io.weft.srv6.SegmentList;
import io.weft.srv6.SrHeader;
import io.weft.srv6.SrHmac;
import io.weft.srv6.SrHmacKey;
import io.weft.srv6.SrHmacKey.Algorithm;
import io.weft.srv6.SrRefusal;
import java.util.List;
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
 * What the headers of segment routing cost a frame that is in the caches, without tables, ports and system calls.
 *
 * <ul>
 *   <li>{@link #encapsulateAndDecapsulate}: puts the headers in front, then checks them, walks past them and takes them off.
 *   <li>{@link #transit}: checks the headers and goes on to the next segment, as End does, with the hop limit.
 *   <li>{@link #sign}, {@link #verify}: an HMAC of SHA-256 over the list.
 * </ul>
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Thread)
public class Srv6CodecBenchmark {
    private static final int LENGTH = 64;
    private static final int LEFT_OFFSET = 3;
    private static final int KEY_ID = 5;

    /** What is put in front. */
    @Param({"L2ENCAPS", "L2ENCAPS_RED"})
    public Encapsulation encapsulation;

    /** Segments of the list. */
    @Param({"1", "3", "16"})
    public int segments;

    private Frame frame;
    private Frame travelling;
    private Frame signed;
    private SegmentList list;
    private SrHmac hmac;
    private int label;

    /** Makes the frames. */
    @Setup
    public void fill() {
        FramePool pool = new FramePool(3, 0);
        list = SegmentList.parse("fc00:9::1" + ",fc00:2::d2".repeat(segments - 1));
        hmac = new SrHmac(List.of(new SrHmacKey(KEY_ID, Algorithm.SHA256, new byte[] {1, 2, 3, 4})));
        frame = pool.allocate(LENGTH);
        travelling = pool.allocate(LENGTH);
        prepend(list, travelling, Encapsulation.L2ENCAPS);
        signed = pool.allocate(LENGTH);
        prepend(list.signed(KEY_ID, false), signed, encapsulation);
        hmac.sign(signed);
    }

    private void prepend(SegmentList segmentList, Frame to, Encapsulation how) {
        segmentList.prepend(to, how, Ipv6Header.ETHERNET, 0xfd00L << 48, 1, 0, label++ & 0xf_ffff, 64);
    }

    /** The headers on and off. */
    @Benchmark
    public int encapsulateAndDecapsulate() {
        prepend(list, frame, encapsulation);
        int srh = Ipv6Header.LENGTH;
        if (Ipv6.nextHeader(frame, 0) == Ipv6.ROUTING) {
            frame.putByte(srh + LEFT_OFFSET, 0); // it has arrived
        }
        int end = Ipv6Header.check(frame, 0, frame.length());
        long found = ExtensionHeaders.find(frame, 0, end);
        if (end < 0 || found < 0 || ExtensionHeaders.upperLayerProtocol(found) != Ipv6Header.ETHERNET) {
            throw new IllegalStateException("refused");
        }
        frame.consume(ExtensionHeaders.upperLayer(found));
        return frame.length();
    }

    /** One segment further. */
    @Benchmark
    public long transit() {
        int srh = Ipv6Header.LENGTH;
        travelling.putByte(srh + LEFT_OFFSET, segments); // as if the list were reduced, so that there always is one
        int end = Ipv6Header.check(travelling, 0, travelling.length());
        long found = ExtensionHeaders.find(travelling, 0, end);
        int hopLimit = Ipv6.hopLimit(travelling, 0);
        if (end < 0 || found < 0 || ExtensionHeaders.srHeader(found) != srh || hopLimit <= 1) {
            throw new IllegalStateException("refused");
        }
        Ipv6Header.putHopLimit(travelling, 0, hopLimit - 1 | 64);
        SrHeader.advance(travelling, 0, ExtensionHeaders.srHeader(found));
        return Ipv6.destinationLow(travelling, 0);
    }

    /** One digest. */
    @Benchmark
    public void sign() {
        hmac.sign(signed);
    }

    /** One digest, compared. */
    @Benchmark
    public SrRefusal verify() {
        SrRefusal refusal = hmac.verify(signed, 0, Ipv6Header.LENGTH, true);
        if (refusal != null) {
            throw new IllegalStateException(refusal.label());
        }
        return refusal;
    }
}
