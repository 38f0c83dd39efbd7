package io.weft.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class FrameBatchTest {
    private final FramePool pool = new FramePool(8, 0);

    @Test
    void shouldKeepFramesInTheOrderTheyCame() {
        FrameBatch batch = new FrameBatch(3);
        Frame first = pool.allocate(14);
        Frame second = pool.allocate(14);
        assertThat(batch.isEmpty()).isTrue();
        batch.add(first);
        batch.add(second);
        assertThat(batch.size()).isEqualTo(2);
        assertThat(batch.remaining()).isEqualTo(1);
        assertThat(batch.get(0)).isSameAs(first);
        assertThat(batch.get(1)).isSameAs(second);
    }

    @Test
    void shouldForgetFramesWithoutReleasingThem() {
        FrameBatch batch = new FrameBatch(1);
        batch.add(pool.allocate(14));
        batch.clear();
        assertThat(batch.isEmpty()).isTrue();
        assertThat(batch.remaining()).isEqualTo(1);
        assertThat(pool.inUse()).isEqualTo(1);
    }

    @Test
    void shouldReleaseItsFrames() {
        FrameBatch batch = new FrameBatch();
        assertThat(batch.remaining()).isEqualTo(FrameBatch.DEFAULT_CAPACITY);
        batch.add(pool.allocate(14));
        batch.add(pool.allocate(14));
        batch.release();
        assertThat(batch.isEmpty()).isTrue();
        assertThat(pool.inUse()).isZero();
        batch.release();
        assertThat(pool.inUse()).isZero();
    }

    @Test
    void shouldNotTakeMoreThanItsCapacity() {
        FrameBatch batch = new FrameBatch(1);
        batch.add(pool.allocate(14));
        Frame another = pool.allocate(14);
        assertThatThrownBy(() -> batch.add(another)).isInstanceOf(IndexOutOfBoundsException.class);
    }
}
