package io.weft.benchmarks;

import io.weft.frame.Ethernet;
import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import io.weft.frame.Ipv4;
import io.weft.offload.Coalescer;
import io.weft.offload.InternetChecksum;
import io.weft.port.Offload;
import java.util.EnumSet;
import java.util.SplittableRandom;
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
 * A batch of 45 frames through a {@link Coalescer}; an operation is one of them. TCP segments over IPv4 have 1,448 bytes of
 * payload and timestamps; 45 of them make the longest super-frame. The frames are in the second-level cache, as they are when
 * they have just been read.
 *
 * <p>Merged frames have to be taken from the pool again and put in order, which {@link #refill} measures alone.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
public class CoalescingBenchmark {
    private static final int BATCH = 45;
    private static final int PAYLOAD = 1_448;
    private static final int IP = Ethernet.HEADER_LENGTH;
    private static final int TCP = IP + Ipv4.HEADER_LENGTH;
    private static final int TCP_HEADER = 32;

    /** One flow whose frames can all be merged, and who vouches for the checksums. */
    @State(Scope.Thread)
    public static class OneFlow {
        /** Nobody, the host that received them, or a host that left them to be completed. */
        @Param({"verified", "valid", "partial"})
        String checksums;

        private final FramePool pool = new FramePool(BATCH, 8);
        private final FrameBatch batch = new FrameBatch(BATCH);
        private final Frame[] inOrder = new Frame[BATCH];
        private final Coalescer coalescer = new Coalescer(pool, EnumSet.allOf(Offload.class));

        /** Writes the segments into the slots, where they stay: nothing else is ever put there. */
        @Setup
        public void write() {
            pool.own();
            for (int i = 0; i < BATCH; i++) {
                batch.add(segment(pool, 1, i, PAYLOAD, checksums.equals("partial")));
            }
            batch.release();
            refill();
            if (coalescer.coalesce(batch) != BATCH - 1) {
                throw new IllegalStateException("merged into " + batch.size() + " frames");
            }
            batch.release();
        }

        FrameBatch refill() {
            for (int i = 0; i < BATCH; i++) {
                Frame frame = pool.allocate(TCP + TCP_HEADER + PAYLOAD);
                inOrder[frame.getShort(IP + 4)] = frame; // the IPv4 id says which it is
            }
            for (int i = 0; i < BATCH; i++) {
                Frame frame = inOrder[i];
                switch (checksums) {
                    case "valid" -> frame.offload(Frame.OFFLOAD_CHECKSUM_VALID, 0, 0, 0, 0, 0);
                    case "partial" -> frame.offload(Frame.OFFLOAD_CHECKSUM_PARTIAL, 0, 0, 0, TCP, 16);
                    default -> {}
                }
                batch.add(frame);
            }
            return batch;
        }
    }

    /** Frames that stay as they are. */
    @State(Scope.Thread)
    public static class Unmerged {
        /**
         * Frames without IP; acknowledgements without payload; segments of as many flows as there are frames, which all might
         * have been merged with another; and acknowledgements of one flow in turn with segments of that.
         */
        @Param({"noIp", "acknowledgements", "flows", "mixed"})
        String traffic;

        private final FramePool pool = new FramePool(BATCH, 8);
        private final FrameBatch batch = new FrameBatch(BATCH);
        private final Coalescer coalescer = new Coalescer(pool, EnumSet.allOf(Offload.class));

        /** Makes the batch. */
        @Setup
        public void write() {
            pool.own();
            for (int i = 0; i < BATCH; i++) {
                boolean one = traffic.equals("acknowledgements") || traffic.equals("mixed");
                boolean empty = traffic.equals("acknowledgements") || traffic.equals("mixed") && i % 2 == 0;
                Frame frame = segment(pool, one ? 1 : i + 1, i, empty ? 0 : PAYLOAD, false);
                if (traffic.equals("noIp")) {
                    frame.putShort(12, 0x88B5);
                }
                batch.add(frame);
            }
        }
    }

    /** Segment {@code number} of a flow, at the sequence number where it belongs. */
    static Frame segment(FramePool pool, int flow, int number, int payload, boolean partial) {
        Frame frame = pool.allocate(TCP + TCP_HEADER + payload);
        SplittableRandom random = new SplittableRandom(flow * 1_000L + number);
        for (int i = TCP + TCP_HEADER; i < frame.length(); i++) {
            frame.putByte(i, random.nextInt());
        }
        Ethernet.putMac(frame, 0, 0x0200_0000_0002L);
        Ethernet.putMac(frame, 6, 0x0200_0000_0001L);
        frame.putShort(12, 0x0800);
        frame.putInt(IP, 0x4500_0000 | frame.length() - IP);
        frame.putInt(IP + 4, number << 16 | 0x4000);
        frame.putInt(IP + 8, 64 << 24 | Ipv4.TCP << 16);
        frame.putInt(IP + 12, 0x0a00_0001);
        frame.putInt(IP + 16, 0x0a00_0002);
        frame.putShort(IP + 10, InternetChecksum.checksum(InternetChecksum.sum(frame, IP, Ipv4.HEADER_LENGTH)));
        frame.putInt(TCP, flow << 16 | 80);
        frame.putInt(TCP + 4, 1_000 + number * PAYLOAD);
        frame.putInt(TCP + 8, 7);
        frame.putInt(TCP + 12, 0x8010_01f4);
        frame.putInt(TCP + 16, 0);
        frame.putInt(TCP + 20, 0x0101_080a);
        frame.putLong(TCP + 24, 0x0000_0001_0000_0002L);
        long pseudo = InternetChecksum.ipv4PseudoHeader(frame, IP, Ipv4.TCP, frame.length() - TCP);
        frame.putShort(
                TCP + 16,
                partial
                        ? InternetChecksum.fold(pseudo)
                        : InternetChecksum.checksum(pseudo + InternetChecksum.sum(frame, TCP, frame.length() - TCP)));
        return frame;
    }

    /** 45 segments become one frame, which is released. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int merge(OneFlow flow) {
        int lost = flow.coalescer.coalesce(flow.refill());
        flow.batch.release();
        return lost;
    }

    /** The same frames are released as they are. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int refill(OneFlow flow) {
        int size = flow.refill().size();
        flow.batch.release();
        return size;
    }

    /** Nothing is merged. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int pass(Unmerged frames) {
        return frames.coalescer.coalesce(frames.batch);
    }
}
