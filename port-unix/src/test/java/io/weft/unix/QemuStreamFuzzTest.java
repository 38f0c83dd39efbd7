package io.weft.unix;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import io.weft.port.DropReason;
import io.weft.port.PortCounters;
import io.weft.port.PortStatistics;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import jnr.unixsocket.UnixSocketChannel;

/**
 * Any bytes in any pieces as QEMU's stream, over a real socket: the frames and the account are those of a reader that is
 * given the whole stream at once.
 *
 * <p>The input: a byte that chooses the port's limit, then pieces. A piece's first byte is how many of the next bytes it
 * is; from 192 on it is so many thousands of zeros more than 191.
 */
class QemuStreamFuzzTest {
    private static final int[] LIMITS = {64, 1_514, 9_018, 65_535};
    private static final int ZEROS = 192;
    private static final int MOST_ZEROS = 140_000; // twice the longest frame; four zeros are a runt, and cost time
    private static final int BATCH = 64;

    // Made once: direct memory is slow to come and go.
    private static final FramePool POOL = new FramePool(2 * BATCH, BATCH);
    private static final ReceiveBuffer[] BUFFERS =
            Arrays.stream(LIMITS).mapToObj(ReceiveBuffer::new).toArray(ReceiveBuffer[]::new);

    /** What came of a stream. */
    private record Outcome(List<ByteBuffer> frames, long announced, Map<DropReason, Long> drops) {}

    @FuzzTest
    void shouldCutTheSameFramesHoweverTheStreamArrives(byte[] input) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(input);
        int choice = in.hasRemaining() ? in.get() & 3 : 0;
        POOL.own();
        List<byte[]> pieces = new ArrayList<>();
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        int zeros = 0;
        while (in.hasRemaining() && zeros <= MOST_ZEROS) {
            int length = in.get() & 0xff;
            byte[] piece = new byte[length < ZEROS ? Math.min(length, in.remaining()) : (length - ZEROS + 1) * 1_000];
            if (length < ZEROS) {
                in.get(piece);
            } else {
                zeros += piece.length;
            }
            pieces.add(piece);
            stream.writeBytes(piece);
        }
        PortCounters counters = new PortCounters();
        Outcome actual = receive(pieces, BUFFERS[choice], counters);
        assertThat(actual).isEqualTo(cut(ByteBuffer.wrap(stream.toByteArray()), LIMITS[choice]));
        assertThat(POOL.inUse()).isZero();
    }

    private static Outcome receive(List<byte[]> pieces, ReceiveBuffer buffer, PortCounters counters)
            throws IOException {
        List<ByteBuffer> frames = new ArrayList<>();
        long announced = -1;
        UnixSocketChannel[] pair = UnixSocketChannel.pair();
        try {
            pair[0].configureBlocking(false);
            for (byte[] piece : pieces) {
                if (announced >= 0) {
                    break; // nobody reads what comes behind it
                }
                assertThat(pair[1].write(ByteBuffer.wrap(piece))).isEqualTo(piece.length);
                while (announced < 0 && buffer.fill(pair[0].getFD()) > 0) {
                    announced = take(buffer, frames, counters);
                }
            }
            buffer.clear(counters);
            assertThat(buffer.hasNext()).isFalse();
        } finally {
            pair[0].close();
            pair[1].close();
        }
        PortStatistics sum = PortStatistics.sum(List.of(counters));
        assertThat(sum.rxFrames()).as("each is either dropped or a frame").isEqualTo(sum.dropped());
        return new Outcome(frames, announced, sum.drops());
    }

    /** Takes all whole frames; returns the length that ended the stream, or -1. */
    private static long take(ReceiveBuffer buffer, List<ByteBuffer> frames, PortCounters counters) {
        FrameBatch batch = new FrameBatch();
        long announced = -1;
        while (announced < 0 && buffer.hasNext()) {
            if (!buffer.take(batch, POOL, 7, counters) && buffer.isMalformed()) {
                announced = buffer.announcedLength();
            }
            for (int i = 0; i < batch.size(); i++) {
                assertThat(batch.get(i).ingress()).isEqualTo(7);
                frames.add(ByteBuffer.wrap(batch.get(i).toByteArray()));
            }
            batch.release();
        }
        return announced;
    }

    /** The obvious way. */
    private static Outcome cut(ByteBuffer stream, int limit) {
        List<ByteBuffer> frames = new ArrayList<>();
        Map<DropReason, Long> drops = new EnumMap<>(DropReason.class);
        while (stream.remaining() >= 4) {
            long length = stream.getInt() & 0xffff_ffffL;
            if (length > 4_096 + 65_536) {
                drops.merge(DropReason.MALFORMED, 1L, Long::sum);
                return new Outcome(frames, length, drops);
            } else if (length > stream.remaining()) {
                drops.merge(DropReason.MALFORMED, 1L, Long::sum); // cut short by the end
                return new Outcome(frames, -1, drops);
            } else if (length < 14) {
                drops.merge(DropReason.RUNT, 1L, Long::sum);
            } else if (length > limit) {
                drops.merge(DropReason.RX_TOO_LONG, 1L, Long::sum);
            } else {
                frames.add(stream.slice(stream.position(), (int) length));
            }
            stream.position(stream.position() + (int) length);
        }
        if (stream.hasRemaining()) {
            drops.merge(DropReason.MALFORMED, 1L, Long::sum);
        }
        return new Outcome(frames, -1, drops);
    }
}
