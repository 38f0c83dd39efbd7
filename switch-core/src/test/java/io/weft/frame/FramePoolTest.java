package io.weft.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FramePoolTest {
    private static void onAnotherThread(Runnable task) throws InterruptedException {
        Thread thread = new Thread(task, "pool-test");
        thread.start();
        thread.join(TimeUnit.SECONDS.toMillis(30));
        assertThat(thread.isAlive()).isFalse();
    }

    @Test
    void shouldGiveTheFrameReleasedLastFirst() {
        FramePool pool = new FramePool(16, 4);
        Frame a = pool.allocate(60);
        Frame b = pool.allocate(60);
        a.release();
        b.release();
        assertThat(pool.allocate(60)).isSameAs(b);
        assertThat(pool.allocate(60)).isSameAs(a);
    }

    @ParameterizedTest
    @CsvSource({"0, 1664", "14, 1664", "1514, 1664", "1664, 1664", "1665, 65536", "9018, 65536", "65535, 65536"})
    void shouldChooseTheSlotThatHoldsTheFrame(int length, int capacity) {
        Frame frame = new FramePool(1, 1).allocate(length);
        assertThat(frame.length()).isEqualTo(length);
        assertThat(frame.capacity()).isEqualTo(capacity);
        assertThat(frame.headroom()).isEqualTo(Frame.HEADROOM);
    }

    @Test
    void shouldNotHaveFramesLongerThanTheLongest() {
        assertThat(new FramePool(1, 1).allocate(Frame.MAX_LENGTH + 1)).isNull();
        assertThat(new FramePool(1, 1).allocate(Integer.MAX_VALUE)).isNull();
    }

    @ParameterizedTest
    @CsvSource({"1, 0", "127, 7", "128, 8", "129, 9", "300, 20"})
    void shouldGrowInArenasUpToItsBoundsAndNoFurther(int small, int large) {
        FramePool pool = new FramePool(small, large);
        Set<Frame> frames = Collections.newSetFromMap(new IdentityHashMap<>());
        Set<FrameArena> arenas = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int i = 0; i < small; i++) {
            frames.add(pool.allocate(100));
        }
        for (int i = 0; i < large; i++) {
            frames.add(pool.allocate(10_000));
        }
        assertThat(frames).hasSize(small + large).doesNotContainNull();
        frames.forEach(frame -> arenas.add(frame.arena()));
        assertThat(arenas).as("arenas of 128 small or 8 large slots").hasSize((small + 127) / 128 + (large + 7) / 8);
        assertThat(pool.inUse()).isEqualTo(small + large);
        assertThat(pool.allocate(100)).as("dry").isNull();
        assertThat(pool.allocate(10_000)).as("dry of large frames").isNull();

        Frame any = frames.iterator().next();
        int length = any.length();
        any.release();
        assertThat(pool.allocate(length)).isSameAs(any);
        frames.forEach(Frame::release);
        assertThat(pool.inUse()).isZero();
    }

    @Test
    void shouldTakeNoMemoryThatNobodyNeeds() {
        FramePool pool = new FramePool(256, 16);
        Frame first = pool.allocate(60);
        for (int i = 0; i < 127; i++) {
            assertThat(pool.allocate(60).arena()).isSameAs(first.arena());
        }
        assertThat(pool.allocate(60).arena()).isNotSameAs(first.arena());
    }

    @Test
    void shouldNotMakeACopyWhenItIsDry() {
        FramePool pool = new FramePool(1, 0);
        Frame only = pool.allocate(60);
        assertThat(pool.copy(only)).isNull();
        assertThat(only.length()).isEqualTo(60);
        assertThat(pool.inUse()).isEqualTo(1);
    }

    @Test
    void shouldTakeBackWhatOtherThreadsRelease() throws InterruptedException {
        FramePool pool = new FramePool(4, 2);
        List<Frame> frames = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            frames.add(pool.allocate(60));
        }
        frames.add(pool.allocate(2_000));
        frames.add(pool.allocate(2_000));
        assertThat(pool.allocate(60)).isNull();
        onAnotherThread(() -> frames.forEach(Frame::release));
        assertThat(pool.allocate(2_000)).isNotNull();
        for (int i = 0; i < 4; i++) {
            assertThat(pool.allocate(60)).isNotNull();
        }
        assertThat(pool.allocate(60)).isNull();
        assertThat(pool.inUse()).isEqualTo(5);
    }

    @Test
    void shouldUseWhatItCollectedBeforeColderFrames() throws InterruptedException {
        FramePool pool = new FramePool(4, 0);
        Frame away = pool.allocate(60);
        onAnotherThread(away::release);
        Frame cold = pool.allocate(60);
        assertThat(cold).isNotSameAs(away);
        pool.collect();
        assertThat(pool.allocate(60)).isSameAs(away);
    }

    @Test
    void shouldChangeHands() throws InterruptedException {
        FramePool pool = new FramePool(2, 0);
        Frame mine = pool.allocate(60);
        onAnotherThread(() -> {
            pool.own();
            Frame theirs = pool.allocate(60);
            theirs.release();
            mine.release();
            assertThat(pool.inUse()).isZero();
        });
        pool.own();
        assertThat(pool.allocate(60)).isNotNull();
        assertThat(pool.allocate(60)).isNotNull();
        assertThat(pool.allocate(60)).isNull();
    }

    @Test
    void shouldTakeBackFramesWhileItHasNoOwner() {
        FramePool pool = new FramePool(1, 0);
        Frame frame = pool.allocate(60);
        pool.disown();
        frame.release();
        pool.own();
        assertThat(pool.allocate(60)).isSameAs(frame);
    }

    // ---- programming errors, loud with assertions on ----

    @Test
    void shouldFailLoudlyWhenAFrameIsReleasedTwice() {
        Frame frame = new FramePool(4, 0).allocate(60);
        frame.release();
        assertThatThrownBy(frame::release).isInstanceOf(AssertionError.class).hasMessageContaining("released twice");
    }

    @Test
    void shouldFailLoudlyWhenOtherThreadsReleaseAFrameTwice() throws InterruptedException {
        FramePool pool = new FramePool(2, 0);
        Frame frame = pool.allocate(60);
        onAnotherThread(() -> {
            frame.release();
            frame.release();
        });
        assertThatThrownBy(pool::inUse).isInstanceOf(AssertionError.class).hasMessageContaining("released twice");
    }

    @Test
    void shouldFailLoudlyWhenAnotherThreadAllocates() throws InterruptedException {
        FramePool pool = new FramePool(4, 0);
        List<Throwable> thrown = Collections.synchronizedList(new ArrayList<>());
        onAnotherThread(() -> {
            try {
                pool.allocate(60);
            } catch (AssertionError e) {
                thrown.add(e);
            }
        });
        assertThat(thrown).singleElement().satisfies(e -> assertThat(e).hasMessageContaining("pool-test"));
    }

    @Test
    void shouldRefusePoolsWithoutSmallFrames() {
        assertThatThrownBy(() -> new FramePool(0, 1)).hasMessageContaining("not 0 and 1");
        assertThatThrownBy(() -> new FramePool(1, -1)).hasMessageContaining("not 1 and -1");
    }

    // ---- a JVM without direct memory ----

    /** Run in a JVM of its own with hardly any direct memory. */
    static final class Starved {
        private Starved() {}

        public static void main(String[] arguments) {
            FramePool pool = new FramePool(4_096, 0);
            List<Frame> frames = new ArrayList<>(); // kept, or their arenas would be garbage
            for (Frame frame = pool.allocate(60); frame != null; frame = pool.allocate(60)) {
                frames.add(frame);
            }
            // Each of these would take the JVM half a second if the pool asked it every time.
            for (int i = 0; i < 10_000_000; i++) {
                if (pool.allocate(60) != null) {
                    throw new AssertionError("memory out of nowhere");
                }
            }
            System.out.println(frames.size());
        }
    }

    @Test
    void shouldStayDryAndFastWhenTheJvmHasNoDirectMemory() throws Exception {
        String launcher = System.getProperty("java.home") + File.separator + "bin" + File.separator + "java";
        Process starved = new ProcessBuilder(
                        launcher,
                        "-XX:MaxDirectMemorySize=600k",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Starved.class.getName())
                .redirectErrorStream(true)
                .start();
        try {
            assertThat(starved.waitFor(60, TimeUnit.SECONDS)).as("ended").isTrue();
            String output = new String(starved.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(output.strip()).as("two arenas of 128 fit").isEqualTo("256");
        } finally {
            starved.destroyForcibly();
        }
    }
}
