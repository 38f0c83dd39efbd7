package io.weft.offload;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Any frame inside a tunnel: it is left as it is, or the metadata that it gets are sound and it can be cut or completed.
 *
 * <p>The input: two bytes of MTU, two of segment size, one that says where the transport header is, then the frame. With the
 * highest bit of the segment size, the pseudo header's sum is put into the checksum field of that header, which a fuzzer would
 * never find by itself.
 */
class EncapsulatedOffloadFuzzTest {
    private static final int HEADER = 5;
    private static final OffloadClaims CLAIMS = new OffloadClaims();
    private static final FramePool POOL = new FramePool(8, 2);

    @FuzzTest
    void shouldSayWhatIsSoundOrNothing(byte[] input) {
        if (input.length < HEADER || input.length > HEADER + Frame.MAX_LENGTH) {
            return;
        }
        POOL.own();
        ByteBuffer header = ByteBuffer.wrap(input);
        byte[] bytes = Arrays.copyOfRange(input, HEADER, input.length);
        int segmentSize = header.getShort(2) & 0x7fff;
        if (header.getShort(2) < 0) {
            putPartialChecksum(bytes, header.get(4) & 0x7f);
        }
        Frame frame = VirtioFrame.plain(bytes).in(POOL);
        boolean recognised = EncapsulatedOffload.recognise(frame, header.getShort(0), segmentSize);
        VirtioFrame after = VirtioFrame.of(frame);
        frame.release();
        assertThat(after.bytes()).isEqualTo(bytes);
        assertThat(after.flags()).isEqualTo(recognised ? Frame.OFFLOAD_CHECKSUM_PARTIAL : 0);
        assertThat(CLAIMS.own().check(after)).isTrue();
        assertThat(POOL.inUse()).isZero();
    }

    /** For a transport header at {@code transport}, with the addresses and the length of the IP header right before it. */
    private static void putPartialChecksum(byte[] bytes, int transport) {
        for (int headerLength : new int[] {20, 40}) {
            int ip = transport - headerLength;
            if (ip < 14 || bytes.length < transport + 20) {
                return;
            }
            int version = (bytes[ip] & 0xf0) >>> 4;
            if (version != (headerLength == 20 ? 4 : 6)) {
                continue;
            }
            ByteBuffer at = ByteBuffer.wrap(bytes);
            int protocol = bytes[ip + (version == 4 ? 9 : 6)];
            int length = version == 4 ? (at.getShort(ip + 2) & 0xffff) - 20 : at.getShort(ip + 4) & 0xffff;
            int sum = WireFrame.sum(bytes, ip + (version == 4 ? 12 : 8), transport, 0);
            sum = WireReference.fold(sum + protocol + Math.max(0, length));
            at.putShort(transport + (protocol == 17 ? 6 : 16), (short) sum);
            return;
        }
    }
}
