package io.weft.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Any bytes as what a WebSocket peer sends: they mean the same however they are split, nothing stays out of the pool, and
 * what the encoder writes comes back.
 *
 * <p>The input: a byte whose lowest bit says that the peer is a client, the next two the port's limit; then the stream.
 */
class MessageDecoderFuzzTest {
    private static final int[] LIMITS = {64, 1_514, 9_018, 65_535};
    private static final FramePool POOL = new FramePool(16, 4); // made once: direct memory is slow to come and go

    @FuzzTest
    void shouldReadTheSameHoweverTheStreamIsSplit(byte[] input) {
        if (input.length == 0) {
            return;
        }
        POOL.own();
        boolean fromClient = (input[0] & 1) != 0;
        int limit = LIMITS[input[0] >> 1 & 3];
        byte[] stream = Arrays.copyOfRange(input, 1, input.length);
        String whole = read(stream, stream.length, fromClient, limit);
        assertThat(read(stream, 1, fromClient, limit)).isEqualTo(whole);
        assertThat(read(stream, 7, fromClient, limit)).isEqualTo(whole);
        writeAndRead(stream, fromClient);
    }

    private static String read(byte[] stream, int piece, boolean fromClient, int limit) {
        RecordingSink sink = new RecordingSink(POOL);
        MessageDecoder decoder = new MessageDecoder(fromClient, limit, sink);
        int violation = 0;
        for (int from = 0; from < stream.length && violation == 0; from += piece) {
            ByteBuffer in = ByteBuffer.wrap(stream, from, Math.min(piece, stream.length - from));
            violation = decoder.decode(in);
        }
        decoder.release();
        assertThat(POOL.inUse()).isZero();
        assertThat(violation == 0 || CloseCode.mayBeSent(violation)).isTrue();
        assertThat(decoder.violationReason().isEmpty()).isEqualTo(violation == 0);
        for (byte[] frame : sink.frames) {
            assertThat(frame.length).isBetween(14, limit);
        }
        // Each thing found takes a header of two bytes at least; a frame that is cut off or too long takes one more
        // line.
        assertThat(sink.found.size()).isLessThanOrEqualTo(stream.length / 2 + 1);
        return sink.found + " " + Arrays.deepToString(sink.frames.toArray()) + " " + violation
                + decoder.violationReason();
    }

    private static void writeAndRead(byte[] bytes, boolean fromClient) {
        MessageEncoder encoder = fromClient ? MessageEncoder.forClient() : MessageEncoder.forServer();
        byte[] padded = Arrays.copyOf(bytes, Math.max(14, bytes.length));
        padded[0] |= 2; // else it could be go-websockproxy's authentication
        Frame frame = POOL.allocate(padded.length);
        frame.putBytes(0, padded, 0, padded.length);
        ByteBuffer out = ByteBuffer.allocate(encoder.encodedLength(padded.length));
        encoder.binary(frame, out);
        frame.release();
        assertThat(out.hasRemaining()).isFalse();
        RecordingSink sink = new RecordingSink(POOL);
        assertThat(new MessageDecoder(fromClient, 65_535, sink).decode(out.flip()))
                .isZero();
        assertThat(sink.frames).containsExactly(padded);
    }
}
