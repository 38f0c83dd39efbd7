package io.weft.gre;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.TestSeed;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GreSequenceTest {
    private final GreSequence sequence = new GreSequence();
    private long now = Long.MAX_VALUE - 3; // a clock may be anywhere

    private boolean accept(long number) {
        return sequence.accept((int) number, now);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 1000, 0x7fff_ffffL, 0x8000_0000L, 0xffff_ffffL})
    void shouldTakeTheFirstWhateverItsNumber(long number) {
        assertThat(accept(number)).isTrue();
        assertThat(accept(number)).isFalse(); // repeated
        assertThat(accept(number + 1)).isTrue();
        assertThat(accept(number)).isFalse(); // late
    }

    /** Against 1000, which was accepted before. */
    @ParameterizedTest
    @CsvSource({
        "1000, false",
        "1001, true",
        "999, false",
        "1002, true", // a gap
        "2147484647, true", // 2^31-1 ahead
        "2147484648, true", // 2^31 away: not among the 2^31-1 before it
        "2147484649, false", // 2^31-1 behind
        "4294967295, false",
        "64, false",
    })
    void shouldTellNewerFromOlder(long number, boolean accepted) {
        accept(1000);
        assertThat(accept(number)).isEqualTo(accepted);
    }

    @Test
    void shouldWrapAround() {
        for (long number = 0xffff_fff0L; number < 0x1_0000_0010L; number++) {
            assertThat(accept(number)).isTrue();
            assertThat(accept(number - 1)).isFalse();
        }
    }

    @Test
    void shouldAcceptLikeUnboundedNumbersWouldBe() {
        SplittableRandom random = TestSeed.random("GreSequenceTest");
        long last = random.nextLong(1L << 40) | 1L << 33;
        accept(last);
        for (int i = 0; i < 200_000; i++) {
            long number = last + random.nextInt(-1_000, 1_000);
            assertThat(accept(number)).as("%d after %d", number, last).isEqualTo(number > last);
            last = Math.max(last, number);
            if ((int) last >= 0 && (int) last < 2_000) {
                last += 2_000; // near 0 late ones look like a new beginning
                accept(last);
            }
        }
    }

    @Test
    void shouldFollowAPeerThatBeganAgain() {
        accept(100_000);
        for (int number = 0; number < GreSequence.RESTART_RUN - 1; number++) {
            assertThat(accept(number)).isFalse();
        }
        assertThat(accept(GreSequence.RESTART_RUN - 1)).isTrue();
        assertThat(accept(GreSequence.RESTART_RUN)).isTrue();
        assertThat(accept(GreSequence.RESTART_RUN)).isFalse();
    }

    @Test
    void shouldSeeABeginningWithLossesInIt() {
        accept(100_000);
        assertThat(accept(5)).isFalse();
        assertThat(accept(20)).isFalse();
        assertThat(accept(21)).isFalse();
        assertThat(accept(GreSequence.RESTART_BELOW - 1)).isTrue();
    }

    @Test
    void shouldNotTakeStrayLateOnesForABeginning() {
        accept(100_000);
        for (int i = 0; i < 100; i++) {
            assertThat(accept(3)).isFalse(); // repeated, not in order
        }
        for (int number = 50; number > 0; number--) {
            assertThat(accept(number)).isFalse(); // backwards
        }
        for (int i = 0; i < 50; i++) {
            assertThat(accept(i)).isFalse();
            assertThat(accept(100_001 + i)).isTrue(); // the stream goes on
        }
        for (int number = GreSequence.RESTART_BELOW; number < 1_000; number++) {
            assertThat(accept(number)).isFalse(); // not near 0
        }
        for (int i = 0; i < 50; i++) {
            assertThat(accept(i)).isFalse();
            assertThat(accept(90_000)).isFalse(); // between them something that is none
        }
    }

    @Test
    void shouldTakeAnythingAfterSilence() {
        accept(100_000);
        now += GreSequence.SILENCE_NS - 1;
        assertThat(accept(70_000)).isFalse();
        now++;
        assertThat(accept(70_001)).isTrue(); // the late one was none that counts
        assertThat(accept(70_001)).isFalse();
    }

    @Test
    void shouldGiveEachNumberOnce() throws Exception {
        GreSequenceCounter counter = new GreSequenceCounter(-5_000);
        long[][] taken = new long[3][20_000];
        Thread[] threads = new Thread[taken.length];
        for (int i = 0; i < threads.length; i++) {
            long[] mine = taken[i];
            threads[i] = new Thread(() -> Arrays.setAll(mine, j -> counter.take()));
            threads[i].start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        long[] all = Arrays.stream(taken)
                .flatMapToLong(Arrays::stream)
                .map(number -> (int) number)
                .sorted()
                .toArray();
        for (int i = 0; i < all.length; i++) {
            if (all[i] != i - 5_000) {
                assertThat(all[i]).isEqualTo(i - 5_000);
            }
        }
        assertThat(new GreSequenceCounter().take()).isZero();
        assertThat(new GreSequenceCounter(-1).take()).isEqualTo(0xffff_ffffL);
    }
}
