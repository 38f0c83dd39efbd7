package io.weft.tunnel.bfd;

import static io.weft.tunnel.bfd.BfdState.ADMIN_DOWN;
import static io.weft.tunnel.bfd.BfdState.DOWN;
import static io.weft.tunnel.bfd.BfdState.INIT;
import static io.weft.tunnel.bfd.BfdState.UP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.TestSeed;
import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A session at the hands of a remote end of which every packet is made by hand. */
class BfdSessionTest {
    private static final long MS = 1_000_000;
    private static final long SECOND = 1_000 * MS;

    private final FramePool pool = new FramePool(1, 0);
    private final Frame frame = pool.allocate(100);
    private final SplittableRandom random = TestSeed.random("BfdSessionTest");
    private final List<String> changes = new ArrayList<>();
    private long now = Long.MAX_VALUE - SECOND; // so that it wraps around while we look
    private BfdSession session = session(BfdSettings.DEFAULT);

    private BfdSession session(BfdSettings settings) {
        return new BfdSession(
                settings,
                BfdSession.drawDiscriminator(random),
                random,
                now,
                (changed, before) -> changes.add(before + ">" + changed.state() + (changed.isForwarding() ? "*" : "")));
    }

    private static BfdSettings settings(int transmitMs, int receiveMs, int multiplier) {
        return new BfdSettings(Duration.ofMillis(transmitMs), Duration.ofMillis(receiveMs), multiplier);
    }

    private BfdRefusal give(RemotePacket packet) {
        return packet.giveTo(session, frame, now);
    }

    private BfdRefusal give(BfdState state) {
        return give(RemotePacket.to(session, state));
    }

    /** Lets time pass to when the session has a packet to send, and reads that; its age is what passed. */
    private long nextPacket() {
        long from = now;
        while (!session.poll(now)) {
            assertThat(session.nextDueNs() - now).as("no busy waiting").isPositive();
            now = session.nextDueNs();
        }
        session.write(frame, 0);
        assertThat(BfdPacket.check(frame, 0, 24)).isNull();
        return now - from;
    }

    private int flags() {
        return BfdPacket.flags(frame, 0);
    }

    private void bring(BfdState state) {
        switch (state) {
            case ADMIN_DOWN -> session.disable();
            case DOWN -> {}
            case INIT -> give(DOWN);
            case UP -> give(INIT);
        }
        assertThat(session.state()).isEqualTo(state);
        changes.clear();
    }

    // ---- RFC 5880, 6.8.6 ----

    @ParameterizedTest
    @CsvSource({
        // ours, received, then, diagnostic
        "ADMIN_DOWN, ADMIN_DOWN, ADMIN_DOWN, ADMINISTRATIVELY_DOWN",
        "ADMIN_DOWN, DOWN,       ADMIN_DOWN, ADMINISTRATIVELY_DOWN",
        "ADMIN_DOWN, INIT,       ADMIN_DOWN, ADMINISTRATIVELY_DOWN",
        "ADMIN_DOWN, UP,         ADMIN_DOWN, ADMINISTRATIVELY_DOWN",
        "DOWN,       ADMIN_DOWN, DOWN,       NONE",
        "DOWN,       DOWN,       INIT,       NONE",
        "DOWN,       INIT,       UP,         NONE",
        "DOWN,       UP,         DOWN,       NONE",
        "INIT,       ADMIN_DOWN, DOWN,       NEIGHBOR_SIGNALED_DOWN",
        "INIT,       DOWN,       INIT,       NONE",
        "INIT,       INIT,       UP,         NONE",
        "INIT,       UP,         UP,         NONE",
        "UP,         ADMIN_DOWN, DOWN,       NEIGHBOR_SIGNALED_DOWN",
        "UP,         DOWN,       DOWN,       NEIGHBOR_SIGNALED_DOWN",
        "UP,         INIT,       UP,         NONE",
        "UP,         UP,         UP,         NONE",
    })
    void shouldMoveAsRfc5880Says(BfdState ours, BfdState received, BfdState then, BfdDiagnostic diagnostic) {
        bring(ours);
        BfdRefusal refusal = give(received);
        assertThat(session.state()).isEqualTo(then);
        assertThat(session.diagnostic()).isEqualTo(diagnostic);
        assertThat(session.remoteState()).isEqualTo(received);
        assertThat(refusal).isEqualTo(ours == ADMIN_DOWN ? BfdRefusal.ADMINISTRATIVELY_DOWN : null);
        assertThat(changes).isEqualTo(ours == then ? List.of() : List.of(ours + ">" + then + (then == UP ? "*" : "")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"INIT", "UP"})
    void shouldGoDownInSilence(BfdState ours) {
        bring(ours);
        long heardNs = now;
        while (session.state() == ours) {
            now = session.nextDueNs();
            session.poll(now);
        }
        assertThat(now - heardNs).as("our min_rx, the remote's multiplier").isEqualTo(3 * SECOND);
        assertThat(session.state()).isEqualTo(DOWN);
        assertThat(session.diagnostic()).isEqualTo(BfdDiagnostic.DETECTION_TIME_EXPIRED);
        assertThat(session.remoteState()).isEqualTo(DOWN);
        nextPacket();
        assertThat(BfdPacket.yourDiscriminator(frame, 0)).as("forgotten").isZero();
        assertThat(BfdPacket.diagnostic(frame, 0)).isEqualTo(BfdDiagnostic.DETECTION_TIME_EXPIRED);
    }

    @Test
    void shouldReckonWithTheSlowerOfWhatWeTakeAndTheRemoteSends() {
        bring(UP);
        give(RemotePacket.to(session, UP).transmitUs(2_000_000).multiplier(5));
        assertThat(session.status().detectionTimeNs()).isEqualTo(10 * SECOND);
        give(RemotePacket.to(session, UP).transmitUs(100_000).multiplier(2));
        assertThat(session.status().detectionTimeNs()).isEqualTo(2 * SECOND);
    }

    @Test
    void shouldStayUpWhilePacketsCome() {
        bring(UP);
        for (int i = 0; i < 100; i++) {
            now += 3 * SECOND - 1;
            session.poll(now);
            give(UP);
        }
        assertThat(session.status().downs()).isZero();
    }

    // ---- what is refused ----

    @Test
    void shouldRefuseAndCountAndOtherwiseIgnore() {
        bring(UP);
        long due = session.nextDueNs();
        assertThat(give(RemotePacket.to(session, DOWN).set(0, 0))).isEqualTo(BfdRefusal.VERSION);
        assertThat(give(RemotePacket.to(session, DOWN).multiplier(0))).isEqualTo(BfdRefusal.DETECT_MULTIPLIER);
        assertThat(give(RemotePacket.to(session, DOWN).flags(BfdPacket.MULTIPOINT)))
                .isEqualTo(BfdRefusal.MULTIPOINT);
        assertThat(give(RemotePacket.to(session, DOWN).yours(session.discriminator() + 1)))
                .isEqualTo(BfdRefusal.YOUR_DISCRIMINATOR_UNKNOWN);
        session.refuse(BfdRefusal.TTL);
        session.refuse(BfdRefusal.TTL);
        assertThat(session.state()).isEqualTo(UP);
        assertThat(session.nextDueNs()).isEqualTo(due);
        assertThat(session.status().received()).isEqualTo(1);
        assertThat(session.status().refused())
                .hasSize(BfdRefusal.values().length)
                .containsEntry(BfdRefusal.VERSION, 1L)
                .containsEntry(BfdRefusal.YOUR_DISCRIMINATOR_UNKNOWN, 1L)
                .containsEntry(BfdRefusal.TTL, 2L)
                .containsEntry(BfdRefusal.LENGTH, 0L);
    }

    // ---- when packets are sent ----

    @Test
    void shouldProbeOnceASecondUntilItIsUp() {
        assertThat(nextPacket()).isBetween(0L, SECOND / 4);
        long least = Long.MAX_VALUE;
        long most = 0;
        for (int i = 0; i < 1_000; i++) {
            now++;
            long gap = nextPacket() + 1;
            least = Math.min(least, gap);
            most = Math.max(most, gap);
            assertThat(BfdPacket.desiredMinTransmitUs(frame, 0)).isEqualTo(1_000_000);
            assertThat(BfdPacket.state(frame, 0)).isEqualTo(DOWN);
        }
        assertThat(least).isBetween(750 * MS, 760 * MS);
        assertThat(most).isBetween(990 * MS, SECOND);
        assertThat(session.status().sent()).isEqualTo(1_001);
    }

    @Test
    void shouldNeverUseUpTheDetectionTimeWithMultiplierOne() {
        session = session(settings(1_000, 1_000, 1));
        nextPacket();
        for (int i = 0; i < 1_000; i++) {
            now++;
            assertThat(nextPacket() + 1).isBetween(750 * MS, 900 * MS);
        }
    }

    @Test
    void shouldTellChangesAtOnceButNotInAFlood() {
        nextPacket();
        give(DOWN);
        assertThat(nextPacket()).isEqualTo(10 * MS);
        assertThat(BfdPacket.state(frame, 0)).isEqualTo(INIT);
        assertThat(BfdPacket.yourDiscriminator(frame, 0)).isEqualTo(RemotePacket.DISCRIMINATOR);
        now += 100 * MS;
        give(UP);
        assertThat(nextPacket()).isZero();
        assertThat(BfdPacket.state(frame, 0)).isEqualTo(UP);
        long before = session.status().sent();
        for (int i = 0; i < 2_000; i++, now += MS) { // up and down again with every millisecond
            give(i % 2 == 0 ? DOWN : INIT);
            if (session.poll(now)) {
                session.write(frame, 0);
            }
        }
        assertThat(session.status().sent() - before).isBetween(190L, 200L);
        assertThat(session.status().ups()).isGreaterThan(400);
    }

    @Test
    void shouldSendNothingToWhoWantsNothing() {
        bring(UP);
        nextPacket();
        give(RemotePacket.to(session, UP).receiveUs(0));
        long last = session.status().sent();
        for (int i = 0; i < 20; i++) {
            now += SECOND;
            give(RemotePacket.to(session, UP).receiveUs(0));
            assertThat(session.poll(now)).isFalse();
        }
        give(RemotePacket.to(session, UP).receiveUs(0).flags(BfdPacket.POLL));
        assertThat(nextPacket()).as("but an answer it gets").isZero();
        assertThat(flags()).isEqualTo(BfdPacket.FINAL);
        give(RemotePacket.to(session, UP));
        assertThat(nextPacket()).isLessThanOrEqualTo(SECOND);
        assertThat(session.status().sent()).isEqualTo(last + 2);
    }

    @Test
    void shouldProbeAgainWhoWantedNothingAndWasLost() {
        bring(UP);
        give(RemotePacket.to(session, UP).receiveUs(0));
        assertThat(nextPacket()).isEqualTo(3 * SECOND);
        assertThat(BfdPacket.state(frame, 0)).isEqualTo(DOWN);
    }

    @Test
    void shouldBeSilentForARemoteInDemandMode() {
        session = session(settings(1_000, 1_000, 3)); // no Poll when it comes up
        bring(UP);
        nextPacket();
        for (int i = 0; i < 20; i++) {
            now += SECOND;
            give(RemotePacket.to(session, UP).flags(BfdPacket.DEMAND));
            assertThat(session.poll(now)).isFalse();
        }
        session.change(settings(1_000, 500, 3));
        assertThat(nextPacket()).as("a Poll it is asked").isZero();
        assertThat(flags()).isEqualTo(BfdPacket.POLL);
    }

    @Test
    void shouldSendAsSeldomAsTheRemoteWants() {
        session = session(settings(100, 1_000, 3));
        bring(UP);
        give(RemotePacket.to(session, UP).receiveUs(5_000_000).transmitUs(100_000_000));
        nextPacket();
        assertThat(nextPacketAfterPoll()).isBetween(3_750 * MS, 5_000 * MS);
    }

    private long nextPacketAfterPoll() {
        give(RemotePacket.to(session, UP)
                .receiveUs(5_000_000)
                .transmitUs(100_000_000)
                .flags(BfdPacket.FINAL));
        return nextPacket();
    }

    @Test
    void shouldFollowAtOnceWhenTheRemoteWantsMore() {
        session = session(settings(100, 1_000, 3));
        bring(UP);
        give(RemotePacket.to(session, UP).flags(BfdPacket.FINAL));
        nextPacket();
        now += 200 * MS;
        give(RemotePacket.to(session, UP).receiveUs(100_000));
        assertThat(nextPacket()).as("100 ms since the last have passed").isZero();
        now++;
        assertThat(nextPacket()).isBetween(74 * MS, 100 * MS);
    }

    // ---- Poll sequences (6.5, 6.8.3) ----

    @Test
    void shouldAnswerAPollOnceAndAtOnce() {
        session = session(settings(1_000, 1_000, 3));
        bring(UP);
        nextPacket();
        now += 20 * MS;
        give(RemotePacket.to(session, UP).flags(BfdPacket.POLL));
        assertThat(nextPacket()).isZero();
        assertThat(flags()).isEqualTo(BfdPacket.FINAL);
        now++;
        assertThat(nextPacket()).isGreaterThan(700 * MS);
        assertThat(flags()).isZero();
    }

    @Test
    void shouldPollForTheIntervalOfTheUpState() {
        bring(UP); // 1 s before, 100 ms now
        nextPacket();
        assertThat(flags()).isEqualTo(BfdPacket.POLL);
        assertThat(BfdPacket.desiredMinTransmitUs(frame, 0)).isEqualTo(100_000);
        now++;
        nextPacket();
        assertThat(flags()).as("until there is an answer").isEqualTo(BfdPacket.POLL);
        give(RemotePacket.to(session, UP).flags(BfdPacket.FINAL));
        now++;
        nextPacket();
        assertThat(flags()).isZero();
    }

    @Test
    void shouldNeverPollAndAnswerInOnePacket() {
        bring(UP);
        give(RemotePacket.to(session, UP).flags(BfdPacket.POLL));
        nextPacket();
        assertThat(flags()).isEqualTo(BfdPacket.FINAL);
        assertThat(nextPacket()).isEqualTo(10 * MS);
        assertThat(flags()).isEqualTo(BfdPacket.POLL);
    }

    @Test
    void shouldSlowDownOnlyWhenTheRemoteKnows() {
        session = session(settings(100, 1_000, 3));
        bring(UP);
        give(RemotePacket.to(session, UP).receiveUs(100_000).flags(BfdPacket.FINAL));
        nextPacket();
        session.change(settings(2_000, 1_000, 3));
        nextPacket();
        assertThat(flags()).isEqualTo(BfdPacket.POLL);
        assertThat(BfdPacket.desiredMinTransmitUs(frame, 0)).isEqualTo(2_000_000);
        now++;
        assertThat(nextPacket()).as("as fast as before").isLessThanOrEqualTo(100 * MS);
        give(RemotePacket.to(session, UP).receiveUs(100_000).flags(BfdPacket.FINAL));
        assertThat(nextPacket()).isBetween(1_500 * MS, 2_000 * MS);
    }

    @Test
    void shouldExpectMoreOnlyWhenTheRemoteKnows() {
        session = session(settings(1_000, 1_000, 3));
        bring(UP);
        session.change(settings(1_000, 100, 3));
        give(RemotePacket.to(session, UP).transmitUs(50_000));
        assertThat(session.status().detectionTimeNs()).isEqualTo(3 * SECOND);
        give(RemotePacket.to(session, UP).transmitUs(50_000).flags(BfdPacket.FINAL));
        assertThat(session.status().detectionTimeNs()).isEqualTo(300 * MS);
    }

    @Test
    void shouldKeepAChangeForTheNextPollWhileOneIsOnItsWay() {
        session = session(settings(1_000, 1_000, 3));
        bring(UP);
        session.change(settings(1_000, 500, 3));
        session.change(settings(1_000, 200, 3));
        nextPacket();
        assertThat(BfdPacket.requiredMinReceiveUs(frame, 0)).isEqualTo(500_000);
        give(RemotePacket.to(session, UP).transmitUs(50_000).flags(BfdPacket.FINAL));
        assertThat(session.status().detectionTimeNs()).isEqualTo(1_500 * MS);
        nextPacket();
        assertThat(flags()).isEqualTo(BfdPacket.POLL);
        assertThat(BfdPacket.requiredMinReceiveUs(frame, 0)).isEqualTo(200_000);
        give(RemotePacket.to(session, UP).transmitUs(50_000).flags(BfdPacket.FINAL));
        assertThat(session.status().detectionTimeNs()).isEqualTo(600 * MS);
    }

    @Test
    void shouldForgetAPollThatTheRemoteDidNotSurvive() {
        session = session(settings(1_000, 1_000, 3));
        bring(UP);
        session.change(settings(1_000, 100, 3));
        give(DOWN);
        give(DOWN);
        assertThat(session.state()).isEqualTo(INIT);
        give(RemotePacket.to(session, UP).transmitUs(50_000));
        assertThat(session.status().detectionTimeNs())
                .as("in force: it had been told")
                .isEqualTo(300 * MS);
        nextPacket();
        assertThat(flags()).isZero();
    }

    // ---- administratively down, and what is behind the remote ----

    @Test
    void shouldSayThatItIsAdministrativelyDownUntilEnabled() {
        bring(UP);
        nextPacket();
        session.disable();
        session.disable();
        assertThat(changes).containsExactly("UP>ADMIN_DOWN");
        assertThat(nextPacket()).isEqualTo(10 * MS);
        for (int i = 0; i < 5; i++) {
            assertThat(BfdPacket.state(frame, 0)).isEqualTo(ADMIN_DOWN);
            assertThat(BfdPacket.diagnostic(frame, 0)).isEqualTo(BfdDiagnostic.ADMINISTRATIVELY_DOWN);
            assertThat(BfdPacket.desiredMinTransmitUs(frame, 0)).isEqualTo(1_000_000);
            give(RemotePacket.to(session, DOWN).flags(BfdPacket.POLL));
            now++;
            assertThat(nextPacket()).isGreaterThan(700 * MS);
        }
        session.enable();
        session.enable();
        assertThat(session.state()).isEqualTo(DOWN);
        give(DOWN);
        give(UP);
        assertThat(changes).containsExactly("UP>ADMIN_DOWN", "ADMIN_DOWN>DOWN", "DOWN>INIT", "INIT>UP*");
        assertThat(session.status().ups()).isEqualTo(2);
        assertThat(session.status().downs()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 6, 8})
    void shouldNotForwardToWhoCannot(int diagnostic) {
        bring(UP);
        give(RemotePacket.to(session, UP).diagnostic(diagnostic));
        give(RemotePacket.to(session, UP).diagnostic(diagnostic));
        assertThat(session.state()).isEqualTo(UP);
        assertThat(session.isForwarding()).isFalse();
        give(RemotePacket.to(session, UP).diagnostic(1));
        assertThat(session.isForwarding()).isTrue();
        assertThat(changes).containsExactly("UP>UP", "UP>UP*");
    }

    @Test
    void shouldRefuseADiscriminatorOfNothing() {
        assertThatThrownBy(() -> new BfdSession(BfdSettings.DEFAULT, 0, random, 0, (changed, before) -> {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the discriminator is 0; accepted: any other number");
    }
}
