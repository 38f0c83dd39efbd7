package io.weft.gre;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import java.util.Arrays;

/**
 * Any bytes as a GRE packet: nothing throws, nothing is read behind the end, what is read is what the {@link ReferenceGre}
 * reads, and a header written from it is the same but for what is ignored.
 */
class GreHeaderFuzzTest {
    private static final FramePool POOL = new FramePool(1, 0);

    @FuzzTest
    void shouldReadLikeTheReferenceAndWriteItAgain(byte[] input) {
        POOL.own();
        byte[] packet = Arrays.copyOf(input, Math.min(input.length, 1_500));
        Frame frame = POOL.allocate(FramePool.SMALL_LENGTH);
        frame.consume(FramePool.SMALL_LENGTH - packet.length); // to the end of its slot, behind which reading throws
        frame.putBytes(0, packet, 0, packet.length);
        assertThat(refusal(frame, true))
                .isEqualTo(ReferenceGre.read(packet, true).refusal());
        ReferenceGre expected = ReferenceGre.read(packet, false);
        assertThat(refusal(frame, false)).isEqualTo(expected.refusal());
        if (expected.refusal() == null) {
            compare(frame, expected);
        }
        frame.release();
    }

    private static String refusal(Frame frame, boolean strict) {
        GreRefusal refusal = GreHeader.check(frame, strict);
        return refusal == null ? null : refusal.name();
    }

    private static void compare(Frame frame, ReferenceGre expected) {
        int first = GreHeader.first(frame);
        long key = GreHeader.key(frame, first);
        long sequence = GreHeader.sequence(frame, first);
        boolean checksum = GreHeader.hasChecksum(first);
        int length = GreHeader.length(first);
        assertThat(new ReferenceGre(null, length, GreHeader.protocolType(first), key, sequence, checksum))
                .isEqualTo(expected);

        byte[] payload = Arrays.copyOfRange(frame.toByteArray(), length, frame.length());
        byte[] header = Arrays.copyOf(frame.toByteArray(), length);
        if (checksum) {
            int right = ReferenceGre.checksum(frame.toByteArray());
            int field = frame.getShort(4);
            assertThat(GreHeader.hasValidChecksum(frame)).isEqualTo(field == right || field - right == 0xffff);
        }
        frame.consume(length);
        GreHeader.prepend(frame, GreHeader.protocolType(first), checksum ? GreHeader.CHECKSUM : 0, key, sequence);
        assertThat(GreHeader.check(frame, true)).isNull();
        byte[] written = frame.toByteArray();
        assertThat(Arrays.copyOfRange(written, length, written.length)).isEqualTo(payload);
        header[0] &= (byte) 0xfc; // bits 6 to 12 are ignored
        header[1] &= 0x07;
        if (checksum) {
            assertThat(GreHeader.hasValidChecksum(frame)).isTrue();
            assertThat(frame.getShort(4)).isEqualTo(ReferenceGre.checksum(written));
            assertThat(frame.getShort(6)).isZero();
            System.arraycopy(written, 4, header, 4, 4);
        }
        assertThat(Arrays.copyOf(written, length)).isEqualTo(header);
    }
}
