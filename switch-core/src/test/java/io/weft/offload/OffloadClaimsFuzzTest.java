package io.weft.offload;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.weft.frame.Frame;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Any virtio_net_hdr in front of any frame: it is refused and left alone, or cut or completed as it says.
 *
 * <p>The input: the 10 bytes of the header, numbers big-endian, then the frame.
 */
class OffloadClaimsFuzzTest {
    private static final int HEADER = 10;
    private static final OffloadClaims CLAIMS = new OffloadClaims();

    @FuzzTest
    void shouldRefuseOrKeepThePayload(byte[] input) {
        if (input.length < HEADER || input.length > HEADER + Frame.MAX_LENGTH) {
            return;
        }
        ByteBuffer header = ByteBuffer.wrap(input);
        CLAIMS.own()
                .check(new VirtioFrame(
                        Arrays.copyOfRange(input, HEADER, input.length),
                        header.get(0) & 3,
                        header.get(1) & 0xff,
                        header.getShort(4) & 0xffff,
                        header.getShort(2) & 0xffff,
                        header.getShort(6) & 0xffff,
                        header.getShort(8) & 0xffff));
    }
}
