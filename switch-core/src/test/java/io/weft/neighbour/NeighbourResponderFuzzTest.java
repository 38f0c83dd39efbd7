package io.weft.neighbour;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.weft.frame.Ethernet;
import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * Any bytes as a frame for a responder that knows 10.0.0.2 and fe80::2. What it does not answer it leaves as it is; what it
 * answers goes to the asker from the owner, and is nothing that would be answered again.
 */
class NeighbourResponderFuzzTest {
    private static final long OWNER = 0x0200_0000_0002L;
    private static final int VLAN = 5;
    private static final FramePool POOL = new FramePool(1, 1);
    private static final NeighbourResponder RESPONDER = new NeighbourResponder(table(), true);

    private static NeighbourTable table() {
        NeighbourTable table = new NeighbourTable();
        try {
            table.bind(VLAN, InetAddress.getByName("10.0.0.2"), OWNER);
            table.bind(VLAN, InetAddress.getByName("fe80::2"), OWNER);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
        return table;
    }

    @FuzzTest
    void shouldAnswerOrLeaveAlone(byte[] input) {
        if (input.length > FramePool.SMALL_LENGTH) {
            return;
        }
        POOL.own();
        Frame frame = POOL.allocate(FramePool.SMALL_LENGTH);
        frame.consume(FramePool.SMALL_LENGTH - input.length); // it ends where its slot does: reading on would throw
        frame.putBytes(0, input, 0, input.length);
        if (RESPONDER.answer(frame, VLAN)) {
            assertThat(Ethernet.source(frame)).isEqualTo(OWNER);
            assertThat(Ethernet.destination(frame)).isNotEqualTo(OWNER);
            assertThat(RESPONDER.answer(frame, VLAN)).isFalse();
        } else {
            assertThat(frame.toByteArray()).isEqualTo(input);
        }
        frame.release();
    }
}
