package io.weft.srv6;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;

/** Any bytes as a packet to a SID of any behaviour: nothing throws, and what becomes of it is as {@link EveryBehaviour} says. */
class SidProcessorFuzzTest {
    private static final EveryBehaviour NODE = new EveryBehaviour();

    @FuzzTest
    void shouldDoSomethingReasonableWithEverything(byte[] input) {
        NODE.process(Arrays.copyOf(input, Math.min(input.length, 1_500)));
        if (input.length < 41) {
            return;
        }
        // With an honest beginning: the first byte chooses the SID.
        byte[] packet = Arrays.copyOfRange(input, 1, Math.min(input.length, 1_500));
        byte[] head = SidNode.bytes("60000000 %04x %02x%02x [fd00::1] [%s]"
                .formatted(
                        packet.length - 40,
                        packet[6],
                        packet[7],
                        EveryBehaviour.address((input[0] & 0xff) % EveryBehaviour.COUNT)));
        System.arraycopy(head, 0, packet, 0, 40);
        NODE.process(packet);
    }
}
