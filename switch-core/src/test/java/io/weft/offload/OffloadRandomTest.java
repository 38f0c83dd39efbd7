package io.weft.offload;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.TestSeed;
import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Whatever a frame and its metadata are, the check does not fail; and what it accepts can be segmented. */
class OffloadRandomTest {
    private static final int ROUNDS = 200_000;

    private final FramePool pool = new FramePool(8, 2);
    private final Segmenter segmenter = new Segmenter(pool);
    private int sound;
    private int segments;

    @Test
    void shouldSurviveEveryLie() {
        SplittableRandom random = TestSeed.random("OffloadRandomTest");
        for (int i = 0; i < ROUNDS * TestSeed.effort(); i++) {
            Frame frame = mutated(random);
            FlowHash.of(frame);
            if (OffloadCheck.isSound(frame)) {
                sound++;
                use(frame);
            }
            frame.release();
        }
        assertThat(pool.inUse()).isZero();
        assertThat(sound).isBetween(ROUNDS / 20, ROUNDS * TestSeed.effort() - ROUNDS / 20);
        assertThat(segments).isGreaterThan(sound);
    }

    private void use(Frame frame) {
        int count = WireFrames.count(frame);
        long bytes = WireFrames.bytes(frame);
        if (frame.gsoType() == 0) {
            ChecksumCompletion.complete(frame);
            assertThat(frame.hasPendingOffload()).isFalse();
            return;
        }
        assertThat(frame.headerLength()).isBetween(42, frame.length() - 1);
        segmenter.begin(frame);
        for (Frame segment = segmenter.next(); segment != null; segment = segmenter.next()) {
            count--;
            bytes -= segment.length();
            segments++;
            segment.release();
        }
        assertThat(segmenter.remaining()).isZero();
        assertThat(count).isZero();
        assertThat(bytes).isZero();
    }

    /** A frame that ends where its slot ends, so that a read behind it throws. */
    private Frame mutated(SplittableRandom random) {
        Frame whole = randomShape(random).allocate(pool);
        byte[] bytes = whole.toByteArray();
        int length = random.nextInt(8) == 0 ? random.nextInt(bytes.length + 1) : bytes.length;
        Frame frame = pool.allocate(FramePool.SMALL_LENGTH);
        frame.consume(FramePool.SMALL_LENGTH - length);
        frame.putBytes(0, bytes, 0, length);
        int start = lie(random, whole.checksumStart());
        int offset = lie(random, whole.checksumOffset());
        int flags = random.nextInt(16) == 0 ? random.nextInt(4) : whole.offloadFlags();
        int gsoType = random.nextInt(8) == 0 ? random.nextInt(256) * random.nextInt(2) : whole.gsoType();
        frame.offload(flags, gsoType, lie(random, whole.gsoSize()), lie(random, 54), start, offset);
        for (int changes = random.nextInt(4); changes > 1 && length > 0; changes--) {
            int index = random.nextInt(Math.min(length, whole.checksumStart() + 20));
            frame.putByte(index, random.nextInt(2) == 0 ? random.nextInt(256) : frame.getByte(index) ^ 1);
        }
        whole.release();
        return frame;
    }

    private static int lie(SplittableRandom random, int truth) {
        return switch (random.nextInt(24)) {
            case 0 -> random.nextInt(65_536);
            case 1 -> random.nextInt(4);
            case 2 -> Math.max(0, truth + random.nextInt(9) - 4);
            default -> truth;
        };
    }

    private static SuperFrames randomShape(SplittableRandom random) {
        SuperFrames shape = new SuperFrames();
        shape.tags = random.ints(random.nextInt(4), 0, 3)
                .map(i -> new int[] {0x8100, 0x88a8, 0x9100}[i])
                .toArray();
        shape.ipv6 = random.nextBoolean();
        shape.udp = random.nextBoolean();
        shape.ecn = random.nextInt(4) == 0;
        shape.ipv4OptionLength = random.nextInt(11) * 4;
        shape.extensionHeaders = random.ints(random.nextInt(3), 0, 4)
                .map(i -> new int[] {0, 43, 60, 44}[i])
                .toArray();
        shape.tcpOptionLength = random.nextInt(11) * 4;
        shape.tcpFlags = random.nextInt(256);
        shape.payloadLength = random.nextInt(1_400);
        shape.gsoSize = 1 + random.nextInt(1_400);
        return shape;
    }
}
