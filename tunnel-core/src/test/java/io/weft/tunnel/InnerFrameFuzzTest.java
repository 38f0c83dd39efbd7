package io.weft.tunnel;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.weft.frame.Frame;
import io.weft.offload.VirtioFrame;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Any frame in a tunnel, with any virtio_net_hdr: marked, clamped and answered, or left alone.
 *
 * <p>The input: two bytes MTU, the 10 bytes of the header, numbers big-endian, then the frame.
 */
class InnerFrameFuzzTest {
    private static final int HEADER = 12;
    private static final InnerFrameChecks CHECKS = new InnerFrameChecks();

    @FuzzTest
    void shouldMarkClampAndAnswerOrLeaveAlone(byte[] input) {
        if (input.length < HEADER || input.length > HEADER + Frame.MAX_LENGTH) {
            return;
        }
        ByteBuffer header = ByteBuffer.wrap(input);
        CHECKS.own()
                .check(
                        new VirtioFrame(
                                Arrays.copyOfRange(input, HEADER, input.length),
                                header.get(2) & 3,
                                header.get(3) & 0xff,
                                header.getShort(6) & 0xffff,
                                header.getShort(4) & 0xffff,
                                header.getShort(8) & 0xffff,
                                header.getShort(10) & 0xffff),
                        header.getShort(0) & 0xffff);
    }
}
