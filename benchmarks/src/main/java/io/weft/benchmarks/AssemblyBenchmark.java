package io.weft.benchmarks;

import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import io.weft.offload.EncapsulatedOffload;
import io.weft.offload.InternetChecksum;
import io.weft.offload.RunAssembler;
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
 * A burst of 43 datagrams in one buffer, as UDP_GRO gives it to a tunnel, through a {@link RunAssembler}; an operation is one
 * datagram's frame, which is copied or merged, and its share of the release of what came out.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
public class AssemblyBenchmark {
    private static final int BURST = 43;
    private static final int TUNNEL_HEADER = 8;
    private static final int IP = 14;
    private static final int UDP = 34;
    private static final int PAYLOAD = 42;

    /**
     * TCP over IPv4 with timestamps, 1,448 bytes of payload each; UDP in frames of 64 bytes; the same of as many flows as there
     * are frames; and TCP acknowledgements without payload.
     */
    @Param({"tcp", "udp", "flows", "acknowledgements"})
    String traffic;

    private final FramePool pool = new FramePool(64, 16);
    private final RunAssembler assembler = new RunAssembler(pool, Frame.MAX_LENGTH);
    private final FrameBatch batch = new FrameBatch();
    private Frame buffer;
    private int length; // of each frame

    /** Writes the burst. */
    @Setup
    public void write() {
        pool.own();
        buffer = pool.allocate(Frame.MAX_LENGTH);
        int at = 0;
        for (int i = 0; i < BURST; i++) {
            Frame frame =
                    switch (traffic) {
                        case "tcp" -> CoalescingBenchmark.segment(pool, 1, i, 1_448, false);
                        case "acknowledgements" -> CoalescingBenchmark.segment(pool, 1, i, 0, false);
                        default -> datagram(traffic.equals("flows") ? i : 0, i);
                    };
            length = frame.length();
            at += TUNNEL_HEADER;
            buffer.putBytes(at, frame.arena().memory(), frame.arenaOffset(), length);
            at += length;
            frame.release();
        }
        int expected = traffic.equals("tcp") || traffic.equals("udp") ? 1 : BURST;
        if (assemble() != expected) {
            throw new IllegalStateException("not " + expected + " frames");
        }
    }

    private Frame datagram(int flow, int number) {
        Frame frame = pool.allocate(64);
        frame.putLong(0, 0x0200_0000_0002_0200L);
        frame.putInt(8, 1);
        frame.putShort(12, 0x0800);
        frame.putInt(IP, 0x4500_0000 | 64 - IP);
        frame.putInt(IP + 4, number << 16 | 0x4000);
        frame.putInt(IP + 8, 64 << 24 | 17 << 16);
        frame.putInt(IP + 12, 0x0a00_0001);
        frame.putInt(IP + 16, 0x0a00_0002);
        frame.putShort(IP + 10, InternetChecksum.checksum(InternetChecksum.sum(frame, IP, 20)));
        frame.putInt(UDP, 5_000 + flow << 16 | 5_000);
        frame.putInt(UDP + 4, 64 - UDP << 16);
        for (int i = PAYLOAD; i < 64; i++) {
            frame.putByte(i, number + i);
        }
        long sum =
                InternetChecksum.ipv4PseudoHeader(frame, IP, 17, 64 - UDP) + InternetChecksum.sum(frame, UDP, 64 - UDP);
        frame.putShort(UDP + 6, InternetChecksum.udpChecksum(sum));
        return frame;
    }

    /** The burst becomes frames, which are released. */
    @Benchmark
    @OperationsPerInvocation(BURST)
    public int assemble() {
        for (int i = 0; i < BURST; i++) {
            buffer.length(TUNNEL_HEADER + length);
            buffer.consume(TUNNEL_HEADER);
            assembler.add(buffer, i + 1 < BURST, batch);
            buffer.consume(length);
        }
        assembler.finish(batch);
        buffer.prepend(BURST * (TUNNEL_HEADER + length));
        int frames = batch.size();
        batch.release();
        return frames;
    }

    /** The burst is only copied, as it would be without an assembler. */
    @Benchmark
    @OperationsPerInvocation(BURST)
    public int copy() {
        for (int i = 0; i < BURST; i++) {
            buffer.length(TUNNEL_HEADER + length);
            buffer.consume(TUNNEL_HEADER);
            batch.add(pool.copy(buffer));
            buffer.consume(length);
        }
        buffer.prepend(BURST * (TUNNEL_HEADER + length));
        int frames = batch.size();
        batch.release();
        return frames;
    }

    /** Finished frames are looked at in place for what an encapsulating kernel may have left undone. */
    @Benchmark
    @OperationsPerInvocation(BURST)
    public int recognise() {
        int recognised = 0;
        for (int i = 0; i < BURST; i++) {
            buffer.length(TUNNEL_HEADER + length);
            buffer.consume(TUNNEL_HEADER);
            recognised += EncapsulatedOffload.recognise(buffer, 1_500) ? 1 : 0;
            buffer.consume(length);
        }
        buffer.prepend(BURST * (TUNNEL_HEADER + length));
        return recognised;
    }
}
