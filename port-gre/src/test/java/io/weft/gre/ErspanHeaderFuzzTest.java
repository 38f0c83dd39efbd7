package io.weft.gre;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.gre.ErspanHeader.Granularity;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Any bytes as a mirrored frame, and any time: nothing throws, nothing is read behind the frame's end, the frame is the same
 * behind its header, and every field of the header has what it was given.
 */
class ErspanHeaderFuzzTest {
    private static final FramePool POOL = new FramePool(1, 0);

    @FuzzTest
    void shouldChangeNothingBehindTheHeader(byte[] input) {
        POOL.own();
        ByteBuffer in = ByteBuffer.wrap(Arrays.copyOf(input, Math.max(12, input.length)));
        long timeNs = in.getLong();
        int numbers = in.getInt();
        byte[] mirrored = new byte[Math.min(in.remaining(), 1_500)];
        in.get(mirrored);
        Frame frame = POOL.allocate(FramePool.SMALL_LENGTH);
        frame.consume(FramePool.SMALL_LENGTH - mirrored.length); // to the end of its slot, behind which reading throws
        frame.putBytes(0, mirrored, 0, mirrored.length);
        int session = numbers & 0x3ff;
        boolean cut = numbers < 0;
        int tci = mirrored.length >= 18 && isTag(frame.getShort(12)) ? frame.getShort(14) : 0;

        int index = numbers >>> 10 & 0xf_ffff;
        ErspanHeader.prepend2(frame, session, index, cut);
        assertFirst(frame, 1, session, cut, tci);
        assertThat(frame.getInt(4)).isEqualTo(index);
        frame.consume(8);
        assertThat(frame.toByteArray()).isEqualTo(mirrored);

        int hardwareId = numbers >>> 10 & 0x3f;
        boolean egress = (numbers & 1 << 16) != 0;
        Granularity granularity = Granularity.values()[(numbers >>> 17 & 0xff) % 3];
        ErspanHeader.prepend3(frame, session, hardwareId, egress, cut, granularity, timeNs);
        assertFirst(frame, 2, session, cut, tci);
        assertThat(frame.getInt(8) >>> 15).isEqualTo(1);
        assertThat(frame.getInt(8) >>> 4 & 0x7ff).isEqualTo(hardwareId);
        assertThat(frame.getInt(8) >>> 3 & 1).isEqualTo(egress ? 1 : 0);
        assertThat(frame.getInt(8) & 7).isEqualTo(new int[] {0, 2, 5}[granularity.ordinal()]);
        if (granularity == Granularity.NANOSECONDS) {
            long seconds = Math.floorDiv(timeNs, 1_000_000_000L);
            assertThat(frame.getInt(4)).isBetween(0, 999_999_999).isEqualTo((int) (timeNs - seconds * 1_000_000_000L));
            assertThat(frame.getInt(16)).isEqualTo((int) seconds);
        }
        frame.consume(granularity.headerLength());
        assertThat(frame.toByteArray()).isEqualTo(mirrored);
        frame.release();
    }

    private static boolean isTag(int type) {
        return type == 0x8100 || type == 0x88a8;
    }

    private static void assertFirst(Frame frame, int version, int session, boolean cut, int tci) {
        assertThat(frame.getByte(0) >>> 4).isEqualTo(version);
        assertThat(frame.getShort(0) & 0xfff).isEqualTo(tci & 0xfff);
        assertThat(frame.getByte(2) >>> 5).isEqualTo(tci >>> 13);
        assertThat(frame.getShort(2) & 0x3ff).isEqualTo(session);
        if (cut) {
            assertThat(frame.getShort(2) & 0x400).isEqualTo(0x400);
        }
    }
}
