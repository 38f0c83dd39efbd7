package io.weft.benchmarks;

import io.weft.frame.EtherType;
import io.weft.frame.Ethernet;
import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.frame.Ipv4;
import io.weft.frame.Ipv6;
import io.weft.offload.ChecksumCompletion;
import io.weft.offload.InternetChecksum;
import io.weft.offload.OffloadCheck;
import io.weft.offload.Segmenter;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * What is done to a super-frame of TCP, timestamps included, in front of a port without offloads: nanoseconds for one segment
 * of 1,448 bytes with its checksum.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
public class SegmentationBenchmark {
    private static final int SEGMENTS = 45; // as many as fit in 64 KiB
    private static final int SEGMENT = 1_448;
    private static final int TCP_HEADER_LENGTH = 32;
    private static final int TCP_CHECKSUM = 16;

    /** 4 or 6. */
    @Param({"4", "6"})
    public int ip;

    private final FramePool pool = new FramePool();
    private final Segmenter segmenter = new Segmenter(pool);
    private Frame superFrame;
    private Frame partial;

    /** Makes a super-frame and an ordinary one with a partial checksum. */
    @Setup
    public void allocate() {
        pool.own();
        superFrame = tcp(SEGMENTS * SEGMENT, ip == 4 ? 1 : 4);
        partial = tcp(SEGMENT, 0);
        if (!OffloadCheck.isSound(superFrame) || !OffloadCheck.isSound(partial)) {
            throw new IllegalStateException("the frames are not sound");
        }
    }

    private Frame tcp(int payload, int gsoType) {
        int network = Ethernet.HEADER_LENGTH;
        int transport = network + (ip == 4 ? Ipv4.HEADER_LENGTH : Ipv6.HEADER_LENGTH);
        Frame frame = pool.allocate(transport + TCP_HEADER_LENGTH + payload);
        for (int i = 0; i < frame.length(); i++) {
            frame.putByte(i, i * 31);
        }
        frame.putShort(network - 2, ip == 4 ? EtherType.IPV4 : EtherType.IPV6);
        int length = frame.length() - transport;
        if (ip == 4) {
            frame.putShort(network, 0x4500);
            frame.putShort(network + 2, frame.length() - network);
            frame.putShort(network + 6, 0x4000);
            frame.putByte(network + 9, Ipv4.TCP);
        } else {
            Ipv6.put(frame, network, 0, length, Ipv4.TCP, 64, 1, 2, 3, 4);
        }
        frame.putShort(transport + 12, TCP_HEADER_LENGTH / 4 << 12 | 0x18);
        frame.putShort(
                transport + TCP_CHECKSUM,
                InternetChecksum.fold(
                        ip == 4
                                ? InternetChecksum.ipv4PseudoHeader(frame, network, Ipv4.TCP, length)
                                : InternetChecksum.ipv6PseudoHeader(frame, network, Ipv4.TCP, length)));
        frame.offload(Frame.OFFLOAD_CHECKSUM_PARTIAL, gsoType, SEGMENT, 0, transport, TCP_CHECKSUM);
        return frame;
    }

    /** A segment, taken and given back. */
    @Benchmark
    @OperationsPerInvocation(SEGMENTS)
    public int segment() {
        int bytes = 0;
        segmenter.begin(superFrame);
        for (Frame segment = segmenter.next(); segment != null; segment = segmenter.next()) {
            bytes += segment.length();
            segment.release();
        }
        return bytes;
    }

    /** The same with segments that are kept until the super-frame is done, as those of a batch are. */
    @Benchmark
    @OperationsPerInvocation(SEGMENTS)
    public int segmentBatch(Kept kept) {
        Frame[] frames = kept.frames;
        int count = 0;
        segmenter.begin(superFrame);
        for (Frame segment = segmenter.next(); segment != null; segment = segmenter.next()) {
            frames[count++] = segment;
        }
        for (int i = 0; i < count; i++) {
            frames[i].release();
        }
        return count;
    }

    /** The segments of one super-frame. */
    @State(Scope.Thread)
    public static class Kept {
        final Frame[] frames = new Frame[SEGMENTS];
    }

    /** A frame of one segment that needs its checksum only; the field, once complete, is part of the next sum. */
    @Benchmark
    public int complete() {
        int start = partial.checksumStart();
        ChecksumCompletion.complete(partial);
        partial.offload(Frame.OFFLOAD_CHECKSUM_PARTIAL, 0, 0, 0, start, TCP_CHECKSUM);
        return start;
    }

    /** Whether a super-frame is what it says. */
    @Benchmark
    public boolean check() {
        return OffloadCheck.isSound(superFrame);
    }
}
