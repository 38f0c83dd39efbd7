package io.weft.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** When a worker spins before it sleeps, on a clock that the test turns. */
class SpinBudgetTest {
    private static final long SPIN_NS = 30_000;

    private long nowNs = Long.MAX_VALUE - 100_000; // monotonic clocks may wrap around

    private static SpinBudget adaptive() {
        return new SpinBudget(IdleStrategy.adaptive(Duration.ofNanos(SPIN_NS)));
    }

    /** The worker finds nothing, then work after {@code waitNs}; returns whether it would have spun. */
    private boolean wait(SpinBudget budget, long waitNs) {
        boolean spun = budget.spins(nowNs);
        nowNs += waitNs;
        budget.worked(nowNs);
        return spun;
    }

    private void learnToSpin(SpinBudget budget, int shortWaits) {
        for (int i = 0; i < shortWaits; i++) {
            wait(budget, SPIN_NS - 1);
        }
    }

    @Test
    void shouldNeverSpinWhenItIsToSleep() {
        SpinBudget budget = new SpinBudget(IdleStrategy.SLEEP);
        for (int i = 0; i < 20; i++) {
            assertThat(wait(budget, 0)).isFalse();
        }
    }

    @Test
    void shouldAlwaysSpinForAFixedTime() {
        SpinBudget budget = new SpinBudget(IdleStrategy.spin(Duration.ofNanos(SPIN_NS)));
        for (int i = 0; i < 20; i++) {
            assertThat(wait(budget, 1_000 * SPIN_NS)).isTrue();
        }
    }

    @Test
    void shouldSpinNoLongerThanItsTime() {
        SpinBudget budget = adaptive();
        learnToSpin(budget, SpinBudget.ENOUGH);
        assertThat(budget.spins(nowNs)).isTrue();
        assertThat(budget.spins(nowNs + SPIN_NS - 1)).isTrue();
        assertThat(budget.spins(nowNs + SPIN_NS)).isFalse();
        assertThat(budget.spins(nowNs + 2 * SPIN_NS)).as("woken for nothing").isFalse();
    }

    @Test
    void shouldBeginWhenEnoughWaitsWereShort() {
        SpinBudget budget = adaptive();
        for (int i = 0; i < SpinBudget.ENOUGH; i++) {
            assertThat(wait(budget, SPIN_NS - 1)).as("wait " + i).isFalse();
        }
        assertThat(wait(budget, SPIN_NS - 1)).isTrue();
    }

    @Test
    void shouldNotBeginWhenWaitsAreJustTooLong() {
        SpinBudget budget = adaptive();
        for (int i = 0; i < 100; i++) {
            assertThat(wait(budget, SPIN_NS)).isFalse();
        }
    }

    @Test
    void shouldGiveUpAfterThreeUselessSpinsAtMost() {
        SpinBudget budget = adaptive();
        learnToSpin(budget, 1_000);
        assertThat(wait(budget, SPIN_NS)).isTrue();
        assertThat(wait(budget, SPIN_NS)).isTrue();
        assertThat(wait(budget, SPIN_NS)).isTrue();
        assertThat(wait(budget, SPIN_NS)).isFalse();
    }

    @Test
    void shouldGoOnWhenALongWaitIsTheException() {
        SpinBudget budget = adaptive();
        learnToSpin(budget, SpinBudget.MOST);
        for (int i = 0; i < 100; i++) {
            assertThat(wait(budget, i % 4 == 0 ? 50 * SPIN_NS : 1))
                    .as("wait " + i)
                    .isTrue();
        }
    }

    @Test
    void shouldCountAWaitOnceHoweverOftenItLooks() {
        SpinBudget budget = adaptive();
        learnToSpin(budget, SpinBudget.ENOUGH);
        for (int i = 0; i < 100; i++) {
            budget.spins(nowNs);
            nowNs += SPIN_NS;
        }
        budget.worked(nowNs);
        learnToSpin(budget, SpinBudget.LONG_WAIT);
        assertThat(budget.spins(nowNs)).as("one long wait was made good").isTrue();
    }

    @Test
    void shouldNotCountRoundsWithoutAWait() {
        SpinBudget budget = adaptive();
        for (int i = 0; i < 100; i++) {
            budget.worked(nowNs++);
        }
        assertThat(budget.spins(nowNs)).isFalse();
    }

    @Test
    void shouldRefuseANegativeTime() {
        assertThatThrownBy(() -> IdleStrategy.adaptive(Duration.ofNanos(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("-1 ns")
                .hasMessageContaining("0 or more");
    }
}
