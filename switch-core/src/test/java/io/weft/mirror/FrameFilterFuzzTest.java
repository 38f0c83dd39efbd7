package io.weft.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Any text as a filter, asked about any bytes as a frame. The input is the expression, a zero byte, and the frame. What is
 * read prints itself so that it is read again as the same, and answers for every frame; what is not is refused in words.
 */
class FrameFilterFuzzTest {
    private static final FramePool POOL = new FramePool(1, 1);

    @FuzzTest
    void shouldReadOrRefuseAndAnswer(byte[] input) {
        POOL.own();
        int end = 0;
        while (end < input.length && input[end] != 0) {
            end++;
        }
        String expression = new String(input, 0, end, StandardCharsets.UTF_8);
        FrameFilter filter;
        try {
            filter = FrameFilter.parse(expression);
        } catch (IllegalArgumentException e) {
            assertThat(e).hasMessageContaining("filter");
            return;
        }
        FrameFilter again = FrameFilter.parse(filter.toString());
        assertThat(again).isEqualTo(filter);
        byte[] bytes = end < input.length ? Arrays.copyOfRange(input, end + 1, input.length) : new byte[0];
        if (bytes.length > FramePool.SMALL_LENGTH) {
            return;
        }
        Frame frame = POOL.allocate(FramePool.SMALL_LENGTH);
        frame.consume(FramePool.SMALL_LENGTH - bytes.length); // it ends where its slot does: reading on would throw
        frame.putBytes(0, bytes, 0, bytes.length);
        boolean matches = filter.matches(frame, 7);
        assertThat(again.matches(frame, 7)).isEqualTo(matches);
        assertThat(frame.toByteArray()).isEqualTo(bytes);
        frame.release();
    }
}
