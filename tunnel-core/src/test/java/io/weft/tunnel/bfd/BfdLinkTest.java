package io.weft.tunnel.bfd;

import static io.weft.tunnel.bfd.BfdLink.MS;
import static io.weft.tunnel.bfd.BfdLink.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.TestSeed;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Two sessions that talk with each other, hours of it. */
class BfdLinkTest {
    private static final long HOUR = 3_600 * SECOND;

    /** Jitter of a line on which no packet overtakes another: an old Down that comes late takes a session down again. */
    private static final long KEEPS_ORDER = 10 * MS - 1;

    private final SplittableRandom random = TestSeed.random("BfdLinkTest");

    private static BfdSettings settings(int transmitMs, int receiveMs, int multiplier) {
        return new BfdSettings(Duration.ofMillis(transmitMs), Duration.ofMillis(receiveMs), multiplier);
    }

    private BfdSettings anySettings() {
        return settings(random.nextInt(50, 3_000), random.nextInt(50, 3_000), random.nextInt(2, 10));
    }

    private static void assertNeverDown(BfdLink link) {
        assertThat(link.a.session.status().downs()).as(link.a.changes::toString).isZero();
        assertThat(link.b.session.status().downs()).as(link.b.changes::toString).isZero();
    }

    @Test
    void shouldComeUpInAMomentAndStayUp() {
        for (int i = 0; i < 20 * TestSeed.effort(); i++) {
            BfdLink link = new BfdLink(random, BfdSettings.DEFAULT, BfdSettings.DEFAULT, 20 * MS, KEEPS_ORDER);
            link.runUntil(link::isUp, SECOND / 4 + 4 * 30 * MS);
            link.a.sentNs.clear();
            link.run(HOUR / 10);
            assertNeverDown(link);
            assertThat(link.a.sentNs.size()).as("about one a second").isBetween(360, 500);
            assertThat(link.a.session.status().refused().values()).containsOnly(0L);
        }
    }

    @Test
    void shouldComeUpOnABadLineAndStayUpWhileEnoughGetsThrough() {
        for (int i = 0; i < 20 * TestSeed.effort(); i++) {
            BfdLink link = new BfdLink(random, settings(100, 100, 30), settings(100, 100, 30), 150 * MS, KEEPS_ORDER);
            link.a.loss = 0.3;
            link.b.loss = 0.3;
            link.runUntil(link::isUp, 60 * SECOND);
            link.run(HOUR / 10); // 29 lost in a row: once in 10^15
            assertNeverDown(link);
        }
    }

    @Test
    void shouldNoticeThatOneDirectionIsGone() {
        for (int i = 0; i < 20 * TestSeed.effort(); i++) {
            BfdLink link = new BfdLink(random, settings(100, 300, 3), settings(200, 100, 4), 20 * MS, 5 * MS);
            link.runUntil(link::isUp, SECOND);
            link.run(10 * SECOND);
            link.a.loss = 1;
            long last = link.a.sentNs.get(link.a.sentNs.size() - 1);
            link.runUntil(() -> link.b.state() == BfdState.DOWN, 2 * SECOND);
            assertThat(link.now - last)
                    .as("a's multiplier, a's 100 ms, and the way")
                    .isBetween(320 * MS, 325 * MS);
            assertThat(link.b.session.diagnostic()).isEqualTo(BfdDiagnostic.DETECTION_TIME_EXPIRED);
            link.runUntil(() -> link.a.state() == BfdState.DOWN, 36 * MS);
            assertThat(link.a.session.diagnostic()).isEqualTo(BfdDiagnostic.NEIGHBOR_SIGNALED_DOWN);
            assertThat(link.a.session.status().remoteDiagnostic()).isEqualTo(BfdDiagnostic.DETECTION_TIME_EXPIRED);
            link.run(60 * SECOND);
            assertThat(link.a.state())
                    .as("hears the other, which does not hear it")
                    .isEqualTo(BfdState.INIT);
            assertThat(link.b.state()).isEqualTo(BfdState.DOWN);
            link.a.loss = 0;
            link.runUntil(link::isUp, 2 * SECOND);
        }
    }

    @Test
    void shouldNoticeThatBothDirectionsAreGone() {
        BfdLink link = new BfdLink(random, settings(100, 100, 3), settings(100, 100, 3), MS, 0);
        link.runUntil(link::isUp, SECOND);
        link.run(SECOND);
        link.a.loss = 1;
        link.b.loss = 1;
        link.runUntil(() -> link.a.state() == BfdState.DOWN && link.b.state() == BfdState.DOWN, 301 * MS);
        link.a.sentNs.clear();
        link.run(100 * SECOND);
        assertThat(link.a.sentNs.size()).as("slow while it is down").isBetween(99, 136);
        link.a.loss = 0;
        link.b.loss = 0;
        link.runUntil(link::isUp, 2 * SECOND);
    }

    @Test
    void shouldComeUpAgainWithAnEndThatWasRestarted() {
        for (int i = 0; i < 50 * TestSeed.effort(); i++) {
            BfdLink link = new BfdLink(random, anySettings(), anySettings(), 45 * MS, KEEPS_ORDER);
            link.runUntil(link::isUp, 20 * SECOND);
            link.run(random.nextLong(10 * SECOND));
            link.a.restart(anySettings());
            link.runUntil(() -> link.b.session.status().downs() == 1, 2 * SECOND);
            link.runUntil(link::isUp, 2 * SECOND);
            assertThat(link.b.session.diagnostic())
                    .as("the second when it is fast to notice")
                    .isIn(BfdDiagnostic.NEIGHBOR_SIGNALED_DOWN, BfdDiagnostic.DETECTION_TIME_EXPIRED);
            link.run(60 * SECOND);
            assertThat(link.b.session.status().ups()).isEqualTo(2);
            assertThat(link.isUp()).isTrue();
        }
    }

    @Test
    void shouldStayUpWhateverIntervalsAreChangedTo() {
        for (int i = 0; i < 10 * TestSeed.effort(); i++) {
            // Slower than the shortest interval, so that Polls cross; multipliers that leave room for the jitter of the
            // line.
            BfdLink link = new BfdLink(random, anySettings(), anySettings(), 60 * MS, KEEPS_ORDER);
            link.runUntil(link::isUp, 20 * SECOND);
            for (int change = 0; change < 200; change++) {
                (random.nextBoolean() ? link.a : link.b).session.change(anySettings());
                link.run(random.nextLong(random.nextBoolean() ? 200 * MS : 20 * SECOND));
            }
            assertNeverDown(link);
        }
    }

    @Test
    void shouldSendAsTheLastSettingsSay() {
        BfdLink link = new BfdLink(random, BfdSettings.DEFAULT, BfdSettings.DEFAULT, 20 * MS, 0);
        link.runUntil(link::isUp, SECOND);
        link.b.session.change(settings(100, 50, 3));
        link.a.session.change(settings(60, 1_000, 5));
        link.a.session.change(settings(200, 1_000, 5));
        link.run(10 * SECOND);
        link.a.sentNs.clear();
        link.run(100 * SECOND);
        for (int i = 1; i < link.a.sentNs.size(); i++) {
            assertThat(link.a.sentNs.get(i) - link.a.sentNs.get(i - 1)).isBetween(150 * MS, 200 * MS);
        }
        assertThat(link.a.session.status().transmitIntervalNs()).isEqualTo(200 * MS);
        assertThat(link.b.session.status().detectionTimeNs()).isEqualTo(1_000 * MS);
        assertNeverDown(link);
    }

    @Test
    void shouldGoDownAndComeUpAsTheOtherEndIsTold() {
        BfdLink link = new BfdLink(random, BfdSettings.DEFAULT, BfdSettings.DEFAULT, 20 * MS, 0);
        link.runUntil(link::isUp, SECOND);
        link.a.session.disable();
        link.runUntil(() -> link.b.state() == BfdState.DOWN, 31 * MS);
        link.run(60 * SECOND);
        assertThat(link.b.state()).isEqualTo(BfdState.DOWN);
        assertThat(link.b.session.remoteState()).isEqualTo(BfdState.ADMIN_DOWN);
        assertThat(link.b.session.status().remoteDiagnostic()).isEqualTo(BfdDiagnostic.ADMINISTRATIVELY_DOWN);
        link.a.session.enable();
        link.runUntil(link::isUp, 150 * MS);
        assertThat(link.b.changes).endsWith("UP>DOWN", "DOWN>INIT", "INIT>UP");
    }

    /** Nobody, not even one who is wrong all the time, makes them send more than the spacing allows. */
    @Test
    void shouldNotStormOnAnyLine() {
        for (int i = 0; i < 20 * TestSeed.effort(); i++) {
            BfdLink link = new BfdLink(random, anySettings(), anySettings(), MS, 2_000 * MS);
            link.a.loss = random.nextDouble();
            link.b.loss = random.nextDouble();
            for (int j = 0; j < 20; j++) {
                link.run(10 * SECOND);
                link.a.restart(anySettings());
            }
            for (int j = 1; j < link.b.sentNs.size(); j++) {
                assertThat(link.b.sentNs.get(j) - link.b.sentNs.get(j - 1)).isGreaterThanOrEqualTo(10 * MS);
            }
        }
    }
}
