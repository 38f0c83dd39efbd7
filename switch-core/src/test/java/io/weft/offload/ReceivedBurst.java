package io.weft.offload;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import java.util.HexFormat;
import java.util.List;

/** Feeds frames to a {@link RunAssembler} as a tunnel does: as windows over buffers with many datagrams each. */
final class ReceivedBurst {
    /** Bytes in front of each inner frame. */
    private static final int TUNNEL_HEADER = 8;

    private ReceivedBurst() {}

    /**
     * Adds all frames, and does not finish. The last one of a buffer ends where the slot does, so that reading behind it throws.
     *
     * @param buffers of another pool than the assembler's
     * @return how many frames there was no memory for
     */
    static int add(List<byte[]> frames, RunAssembler assembler, FramePool buffers, FrameBatch into) {
        int lost = 0;
        int from = 0;
        while (from < frames.size()) {
            Frame buffer = buffers.allocate(Frame.MAX_LENGTH);
            int bytes = 0;
            int to = from;
            for (; to < frames.size(); to++) {
                int datagram = TUNNEL_HEADER + frames.get(to).length;
                if (bytes + datagram > buffer.capacity()) {
                    break;
                }
                bytes += datagram;
            }
            buffer.length(buffer.capacity());
            buffer.consume(buffer.length() - bytes);
            int at = 0;
            for (byte[] frame : frames.subList(from, to)) {
                buffer.putBytes(at + TUNNEL_HEADER, frame, 0, frame.length);
                at += TUNNEL_HEADER + frame.length;
            }
            for (int i = from; i < to; i++) {
                byte[] frame = frames.get(i);
                buffer.length(TUNNEL_HEADER + frame.length);
                buffer.consume(TUNNEL_HEADER);
                buffer.ingress(3);
                buffer.endpoint(77);
                if (!assembler.add(buffer, i + 1 < to, into)) {
                    lost++;
                }
                buffer.consume(frame.length);
            }
            buffer.release();
            from = to;
        }
        return lost;
    }

    /** Without all their bytes in the message. */
    static void assertSame(List<byte[]> actual, List<byte[]> expected) {
        for (int i = 0; i < Math.min(actual.size(), expected.size()); i++) {
            assertThat(HexFormat.of().formatHex(actual.get(i)))
                    .as("frame %d of %d", i, expected.size())
                    .isEqualTo(HexFormat.of().formatHex(expected.get(i)));
        }
        assertThat(actual.size()).isEqualTo(expected.size());
    }
}
