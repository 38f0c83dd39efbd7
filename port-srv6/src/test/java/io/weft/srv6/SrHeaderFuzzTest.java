package io.weft.srv6;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.frame.Ipv6;
import io.weft.srv6.SrHmacKey.Algorithm;
import java.util.Arrays;
import java.util.List;

/**
 * Any bytes as an IPv6 packet with extension headers: nothing throws, nothing is read behind the end, what is read is what {@link
 * ReferenceHeaders} reads, and a packet whose headers are accepted can be advanced, verified, and lose its SRH.
 */
class SrHeaderFuzzTest {
    private static final FramePool POOL = new FramePool(1, 0);
    private static final SrHmac HMAC = new SrHmac(List.of(new SrHmacKey(5, Algorithm.SHA256, new byte[] {1, 2, 3})));

    @FuzzTest
    void shouldReadLikeTheReferenceAndGoOn(byte[] input) {
        POOL.own();
        byte[] packet = Arrays.copyOf(input, Math.min(input.length, 1_500));
        Frame frame = POOL.allocate(FramePool.SMALL_LENGTH);
        frame.consume(FramePool.SMALL_LENGTH - packet.length); // to the end of its slot, behind which reading throws
        frame.putBytes(0, packet, 0, packet.length);
        ReferenceHeaders expected = ReferenceHeaders.read(packet);
        assertThat(ExtensionHeadersTest.read(frame, 0, packet.length)).isEqualTo(expected);
        if (expected.refusal() == null && expected.srHeader() != 0) {
            goOn(frame, expected);
        }
        frame.release();
    }

    private static void goOn(Frame frame, ReferenceHeaders headers) {
        int end = Ipv6Header.check(frame, 0, frame.length());
        int srh = headers.srHeader();
        HMAC.verify(frame, 0, srh, true);
        int left = SrHeader.segmentsLeft(frame, srh);
        if (left > 0) {
            SrHeader.advance(frame, 0, srh);
            assertThat(SrHeader.segmentsLeft(frame, srh)).isEqualTo(left - 1);
            assertThat(Ipv6.destinationHigh(frame, 0)).isEqualTo(SrHeader.segmentHigh(frame, srh, left - 1));
            assertThat(Ipv6.destinationLow(frame, 0)).isEqualTo(SrHeader.segmentLow(frame, srh, left - 1));
        }
        // Behind an SRH that is used up now there may be headers that are refused, as they have not been looked at
        // before.
        long found = ExtensionHeaders.find(frame, 0, end);
        if (found < 0) {
            return;
        }
        byte[] before = frame.toByteArray();
        int length = SrHeader.length(frame, srh);
        ExtensionHeaders.removeSrHeader(frame, 0, found);
        byte[] after = frame.toByteArray();
        assertThat(Arrays.copyOfRange(after, srh, after.length))
                .isEqualTo(Arrays.copyOfRange(before, srh + length, before.length));
        assertThat(Ipv6Header.check(frame, 0, after.length)).isEqualTo(end - length);
    }
}
