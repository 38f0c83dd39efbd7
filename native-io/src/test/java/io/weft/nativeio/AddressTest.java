package io.weft.nativeio;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The kernel is the judge of whether an address is right: what it is given there comes back from an eventfd. */
class AddressTest {
    private static final LibC LIBC = Linux.libc();
    private final FramePool pool = new FramePool(4, 2);
    private int event;

    @BeforeEach
    void open() throws IOException {
        event = Descriptors.open();
    }

    @AfterEach
    void close() {
        LIBC.close(event);
    }

    @Test
    void shouldFindTheFirstByteOfEveryFrame() {
        for (int length : new int[] {60, 1_514, 9_014}) {
            Frame first = pool.allocate(length);
            Frame second = pool.allocate(length);
            for (Frame frame : new Frame[] {first, second}) {
                shouldPassThrough(frame, 0x1122_3344_5566_7788L);
                frame.consume(20);
                shouldPassThrough(frame, 0x0102_0304_0506_0708L);
                frame.prepend(70);
                shouldPassThrough(frame, 0x7FFF_FFFF_FFFF_FFFFL);
            }
            assertThat(FrameAddress.of(first)).isNotEqualTo(FrameAddress.of(second));
            first.release();
            second.release();
        }
    }

    private void shouldPassThrough(Frame frame, long value) {
        frame.putLong(0, Long.reverseBytes(value)); // the kernel reads little-endian
        assertThat(LIBC.write(event, FrameAddress.of(frame), 8)).isEqualTo(8);
        frame.putLong(0, -1);
        assertThat(LIBC.read(event, FrameAddress.of(frame), 8)).isEqualTo(8);
        assertThat(frame.getLong(0)).isEqualTo(Long.reverseBytes(value));
    }

    @Test
    void shouldFindTheStartOfABlockWhateverItsPosition() {
        NativeMemory block = new NativeMemory(16);
        assertThat(block.bytes().getLong(0)).isZero();
        block.bytes().putLong(8, 42).position(8);
        assertThat(NativeMemory.addressOf(block.bytes())).isEqualTo(block.address());
        assertThat(LIBC.write(event, block.address() + 8, 8)).isEqualTo(8);
        assertThat(Descriptors.drain(event)).isEqualTo(42);
    }
}
