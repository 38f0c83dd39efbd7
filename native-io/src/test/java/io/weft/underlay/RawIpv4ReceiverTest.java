package io.weft.underlay;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Where a packet's payload is found, whatever its header says. */
class RawIpv4ReceiverTest {
    private final FramePool pool = new FramePool();

    /** What is found behind a header that says these lengths, in a packet of 100 bytes; {@code null} for nothing. */
    private byte[] uncover(int headerLength, int totalLength, int received) {
        pool.own();
        Frame packet = pool.allocate(0);
        packet.prepend(20);
        byte[] bytes = UdpHost.bytes(1, 200); // more than was received
        bytes[0] = (byte) (0x40 | headerLength / 4);
        bytes[2] = (byte) (totalLength >>> 8);
        bytes[3] = (byte) totalLength;
        packet.putBytes(0, bytes, 0, bytes.length);
        int length = RawIpv4Receiver.uncover(packet, received);
        assertThat(packet.headroom()).isEqualTo(Frame.HEADROOM);
        assertThat(packet.length()).isZero();
        packet.length(length);
        byte[] payload = packet.toByteArray();
        packet.release();
        if (length > 0) {
            assertThat(payload).isEqualTo(Arrays.copyOfRange(bytes, headerLength, headerLength + length));
        }
        return payload;
    }

    @Test
    void shouldFindThePayloadBehindOptions() {
        assertThat(uncover(20, 100, 100)).hasSize(80);
        assertThat(uncover(24, 100, 100)).hasSize(76);
        assertThat(uncover(60, 100, 100)).hasSize(40);
        assertThat(uncover(60, 60, 60)).isEmpty();
        assertThat(uncover(20, 20, 20)).isEmpty();
    }

    @Test
    void shouldNotReadPastWhatWasReceived() {
        assertThat(uncover(20, 150, 100)).hasSize(80);
        assertThat(uncover(60, 65_535, 100)).hasSize(40);
        assertThat(uncover(20, 50, 100)).hasSize(30); // the rest is padding
    }

    @Test
    void shouldFindNothingBehindAHeaderThatContradictsItself() {
        assertThat(uncover(16, 100, 100)).isEmpty();
        assertThat(uncover(0, 100, 100)).isEmpty();
        assertThat(uncover(40, 30, 100)).isEmpty();
        assertThat(uncover(40, 100, 30)).isEmpty();
        assertThat(uncover(20, 0, 100)).isEmpty();
        assertThat(uncover(20, 100, 0)).isEmpty();
    }
}
