package io.weft.srv6;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import org.junit.jupiter.api.Test;

/** Where the limits of a headend are: each is still taken, and one more is not. */
class HeadendTest {
    private static final SegmentList LIST = SegmentList.parse("fc00:7::1,fc00:7::2");
    private static final int HEADERS = 40 + 8 + 2 * 16;

    private final FramePool pool = new FramePool(1, 1);
    private final Headend headend = new Headend(null);

    @Test
    void shouldTakeHopLimitsThatThereAre() {
        new SrSource(1, 1, 1);
        for (int hopLimit : new int[] {-1, 0, 256}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new SrSource(1, 1, hopLimit))
                    .withMessage("hop limit is " + hopLimit + "; accepted: 1..255");
        }
    }

    @Test
    void shouldUseAllTheHeadroom() {
        Frame frame = pool.allocate(100);
        frame.prepend(frame.headroom() - HEADERS);
        assertThat(headend.check(frame, LIST, Encapsulation.ENCAPS)).isNull();
        headend.push(frame, new SrSource(0xfdL << 56, 1, 255), LIST, Encapsulation.ENCAPS, Ipv6Header.IPV6, 0, 0);
        assertThat(frame.headroom()).isZero();
        frame.release();
        frame = pool.allocate(100);
        frame.prepend(frame.headroom() - HEADERS + 1);
        assertThat(headend.check(frame, LIST, Encapsulation.ENCAPS)).isEqualTo(Srv6Counter.ENCAPSULATION_TOO_LONG);
        frame.release();
    }

    @Test
    void shouldMakeTheLongestFrame() {
        Frame frame = pool.allocate(Frame.MAX_LENGTH - HEADERS);
        assertThat(headend.check(frame, LIST, Encapsulation.ENCAPS)).isNull();
        frame.length(Frame.MAX_LENGTH - HEADERS + 1);
        assertThat(headend.check(frame, LIST, Encapsulation.ENCAPS)).isEqualTo(Srv6Counter.ENCAPSULATION_TOO_LONG);
        frame.release();
    }

    @Test
    void shouldHaveAtMostSixteenSegments() {
        long[] halves = new long[2 * (SegmentList.MAX_SEGMENTS + 1)];
        for (int i = 0; i < halves.length; i++) {
            halves[i] = 0xfc00L << 48 | i;
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SegmentList.of(halves))
                .withMessageStartingWith("a list of 17 segments; accepted: 1 to 16");
    }
}
