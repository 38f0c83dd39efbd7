package io.weft.srv6;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Any bytes as a packet with any metadata: nothing throws, nothing is read or written behind the end or in the headers of the way but
 * payload lengths, no frame is lost, and the payload that is sent is that which came.
 */
class TransitSegmenterFuzzTest {
    private static final int METADATA = 8;
    private static final FramePool POOL = new FramePool(4, 0);
    private static final TransitSegmenter SEGMENTER = new TransitSegmenter(POOL);

    @FuzzTest
    void shouldSendWhatCameOrRefuseIt(byte[] input) {
        POOL.own();
        if (input.length < METADATA) {
            return;
        }
        ByteBuffer metadata = ByteBuffer.wrap(input);
        byte[] packet = Arrays.copyOfRange(input, METADATA, Math.min(input.length, 1_500));
        Frame frame = POOL.allocate(FramePool.SMALL_LENGTH);
        frame.consume(FramePool.SMALL_LENGTH - packet.length); // to the end of its slot, behind which reading throws
        frame.putBytes(0, packet, 0, packet.length);
        frame.offload(
                metadata.get(),
                metadata.get() & 0xff,
                metadata.getShort(),
                0,
                metadata.getShort(),
                metadata.getShort());
        int count = SEGMENTER.begin(frame);
        if (count == TransitSegmenter.UNSOUND) {
            assertThat(frame.toByteArray()).isEqualTo(packet);
        } else if (count == 0) {
            assertThat(frame.hasPendingOffload()).isFalse();
        } else {
            assertThat(frame.toByteArray()).isEqualTo(packet);
            send(frame, count);
        }
        frame.release();
        assertThat(POOL.inUse()).isZero();
    }

    private static void send(Frame frame, int count) {
        byte[] packet = frame.toByteArray();
        int headers = frame.headerLength();
        int at = headers;
        for (int i = 0; i < count; i++) {
            Frame segment = SEGMENTER.next();
            byte[] sent = segment.toByteArray();
            byte[] payload = Arrays.copyOfRange(packet, at, Math.min(packet.length, at + frame.gsoSize()));
            assertThat(Arrays.copyOfRange(sent, headers, sent.length)).isEqualTo(payload);
            assertThat(Arrays.copyOfRange(sent, 6, 40)).isEqualTo(Arrays.copyOfRange(packet, 6, 40));
            assertThat(Ipv6Header.check(segment, 0, sent.length)).isEqualTo(sent.length);
            at += payload.length;
            segment.release();
        }
        assertThat(SEGMENTER.next()).isNull();
        assertThat(at).isEqualTo(packet.length);
    }
}
